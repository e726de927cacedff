//! "Mobile Phone + SMS": adding a telephone, and sending a code to one.

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::factors::enrolment::EnrolmentRefused;
use chancery_service::factors::phone::CodeNotSent;
use chancery_service::sms::read_number;

use super::account::person_at;
use super::forms::TARGET;
use super::login::value_in;
use super::security::{added, adder, device_name, factor_id, manager, not_added, proposed, told};
use super::verify::{sms_not_sent, too_many};
use crate::http::answer::Reply;
use crate::http::form::PostedForm;
use crate::http::target::local_target;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, PhoneCodePage, PhonePage, Problem, SecurityNotice, Way, fields, paths};

/// The number, with a word on a code that was not typed in time.
pub async fn number(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    if !visit.site.app.settings.sms.offered {
        return Ok(told(&visit, SecurityNotice::NoMessages));
    }
    if !visit.site.app.campaign().await.map_err(|failure| visit.failed(&failure))?.takes_new_numbers() {
        return Ok(told(&visit, SecurityNotice::NoNewNumbers));
    }
    manager(&visit, paths::SECURITY_PHONE).await?;
    let ended = query.as_deref().and_then(|query| value_in(query, "done")) == Some("ended");
    Ok(number_page(&visit, StatusCode::OK, String::new(), ended, Errors::default()))
}

fn number_page(visit: &Visit, status: StatusCode, number: String, ended: bool, errors: Errors) -> Response {
    let form = visit.keys(paths::SECURITY_PHONE);
    visit.page(status, &PhonePage { chrome: visit.chrome_at(paths::SECURITY_PHONE), form, number, ended, errors })
}

fn ended(visit: &Visit) -> Response {
    visit.see_other(&format!("{}?done=ended", paths::SECURITY_PHONE))
}

pub async fn begin(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::SECURITY_PHONE, &[Field::PhoneNumber.name()]).await?;
    let person = manager(&visit, paths::SECURITY_PHONE).await?;
    let app = &visit.site.app;
    let typed = posted.get(Field::PhoneNumber.name());
    let wrong = |problem| {
        let mut errors = Errors::default();
        errors.add(Field::PhoneNumber, problem);
        number_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, typed.to_owned(), false, errors)
    };
    if typed.is_empty() {
        return Ok(wrong(Problem::Missing));
    }
    let number = match read_number(typed, &app.settings.sms.countries) {
        Ok(number) => number,
        Err(problem) => return Ok(wrong(Problem::PhoneNumber(problem))),
    };
    let begun = app.begin_phone(&visit.client, &person, command, &number, visit.language).await;
    Ok(match begun.map_err(|failure| visit.failed(&failure))? {
        Ok(()) => visit.see_other(paths::SECURITY_PHONE_CODE),
        Err(EnrolmentRefused::NotHere) => told(&visit, SecurityNotice::NoMessages),
        Err(EnrolmentRefused::AlreadyThere) => wrong(Problem::PhoneThere),
        Err(refusal) => not_added(&visit, refusal, paths::SECURITY_PHONE),
    })
}

pub async fn code(visit: Visit) -> Reply {
    let person = manager(&visit, paths::SECURITY_PHONE_CODE).await?;
    let name = proposed(&visit, &person, "device-phone");
    code_page(&visit, StatusCode::OK, &person, name, Errors::default()).await
}

async fn code_page(visit: &Visit, status: StatusCode, person: &SignedInPerson, name: String, errors: Errors) -> Reply {
    let begun = visit.site.app.begun_phone(person).await.map_err(|failure| visit.failed(&failure))?;
    let Some(begun) = begun else { return Ok(ended(visit)) };
    let page = PhoneCodePage {
        chrome: visit.chrome_at(paths::SECURITY_PHONE_CODE),
        form: visit.keys(paths::SECURITY_PHONE_CODE),
        again: visit.keys(paths::SECURITY_PHONE),
        number: begun.number.as_str().to_owned(),
        name,
        errors,
    };
    Ok(visit.page(status, &page))
}

pub async fn finalise(mut visit: Visit, body: Body) -> Reply {
    let own = [Field::DeviceName.name(), Field::SmsCode.name()];
    let (posted, command) = visit.read_form(body, paths::SECURITY_PHONE_CODE, &own).await?;
    let app = visit.site.app.clone();
    let person = adder(&visit, command).await?;
    let mut errors = Errors::default();
    let (typed, code) = (posted.get(Field::DeviceName.name()), posted.get(Field::SmsCode.name()));
    let name = device_name(typed, &mut errors);
    if code.is_empty() {
        errors.add(Field::SmsCode, Problem::Missing);
    }
    if let Some(name) = name.filter(|_| errors.is_empty()) {
        match app.finish_phone(&visit.client, &person, command, &name, code).await {
            Ok(Ok(lifted)) => return Ok(added(&mut visit, &person, lifted)),
            Ok(Err(EnrolmentRefused::Wrong)) => errors.add(Field::SmsCode, Problem::SmsCodeWrong),
            Ok(Err(EnrolmentRefused::Gone)) => return Ok(ended(&visit)),
            Ok(Err(refusal)) => return Ok(not_added(&visit, refusal, paths::SECURITY_PHONE)),
            Err(failure) => return Err(visit.failed(&failure)),
        }
    }
    code_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, typed.to_owned(), errors).await
}

/// What the buttons post that ask for a code.
const OWN: [&str; 2] = [fields::DEVICE, TARGET];

/// Sends a code after the right password.
pub async fn send(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::LOGIN_SMS, &OWN).await?;
    let device = factor_id(posted.get(fields::DEVICE));
    let sent = visit.site.app.send_code(&visit.client, None, command, device, visit.language).await;
    let sent = sent.map_err(|failure| visit.failed(&failure))?;
    Ok(answered(&visit, sent, &posted, paths::LOGIN_VERIFY, paths::LOGIN))
}

/// Sends a code in a session that must prove more.
pub async fn send_more(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::ACCOUNT_SMS, &OWN).await?;
    let person = person_at(&visit, paths::SECURITY).await?;
    let device = factor_id(posted.get(fields::DEVICE));
    let sent = visit.site.app.send_code(&visit.client, Some(&person), command, device, visit.language).await;
    let sent = sent.map_err(|failure| visit.failed(&failure))?;
    Ok(answered(&visit, sent, &posted, paths::ACCOUNT_VERIFY, paths::SECURITY))
}

/// To the page on which the code is typed; `anew` is where whoever begins from whom nothing is asked any more.
fn answered(visit: &Visit, sent: Result<(), CodeNotSent>, posted: &PostedForm, page: &str, anew: &str) -> Response {
    let target = local_target(posted.get(TARGET));
    let page = target.map_or_else(|| page.to_owned(), |target| paths::with_query(page, TARGET, &target));
    match sent {
        Ok(()) => visit.see_other(&paths::with_query(&page, fields::METHOD, Way::Sms.name())),
        Err(CodeNotSent::Gone) => visit.see_other(anew),
        Err(CodeNotSent::NotThisWay) => visit.see_other(&sms_not_sent(&page)),
        Err(CodeNotSent::Limit(reached)) => too_many(visit, reached),
    }
}
