//! "Security of your account": its second factors.

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_domain::FactorId;
use chancery_domain::account::Factor;
use chancery_domain::account::commands::{FactorRefusal, ManageRefusal};
use chancery_domain::values::DeviceName;
use chancery_service::accounts::complete_link::SignedInBrowser;
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::factors::enrolment::{Called, EnrolmentRefused, free_name};
use chancery_service::factors::manage::RemovalRefused;
use chancery_service::factors::recovery_codes::is_code;
use chancery_service::factors::totp::{Totp, secret_in};
use chancery_service::secrets::forms::FormCommand;
use chancery_service::texts::Texts;
use uuid::Uuid;

use super::account::person_at;
use super::link::keep_session;
use super::login::value_in;
use super::recovery;
use super::verify::{too_many, verify_first};
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{
    DevicePage, DeviceRow, Errors, Field, MessageKind, PanicPage, Problem, QrCode, RecoveryCodesPage, RecoveryCodesRow,
    SecurityNotice, SecurityPage, TotpPage, fields, paths,
};

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let person = person_at(&visit, paths::SECURITY).await?;
    let done = query.as_deref().and_then(|query| value_in(query, "done"));
    let notice = NOTICES.into_iter().find(|(name, _)| Some(*name) == done).map(|(_, notice)| notice);
    let state = &person.account.state;
    let owed = state.recovery.factor_owed.then_some(SecurityNotice::Recovered);
    let sms_off = state.factors.only_sms_is_left().then_some(SecurityNotice::SmsOff);
    let notice = owed.or(sms_off).or(notice);
    let accepted = match notice {
        Some(SecurityNotice::Removed | SecurityNotice::AllRemoved | SecurityNotice::Recovered) => {
            visit.site.app.accepted_keys(&person).await.map_err(|failure| visit.failed(&failure))?
        }
        _ => None,
    };
    let page = SecurityPage {
        chrome: visit.chrome_at(paths::SECURITY),
        notice,
        recovery: recovery::notice_of(&visit, &person).await?,
        accepted,
        devices: rows(&visit, &person).await?,
        phones: takes_new_numbers(&visit).await?,
        codes: person.account.state.factors.recovery.as_ref().map(|codes| RecoveryCodesRow {
            left: codes.count(),
            issued: codes.issued,
            suspended: codes.suspended,
        }),
        new_codes: visit.keys(paths::SECURITY_CODES),
        always: person.account.state.factors.always,
        change_always: visit.keys(paths::SECURITY_ALWAYS),
    };
    Ok(visit.page(StatusCode::OK, &page))
}

/// Whether a telephone can be added.
async fn takes_new_numbers(visit: &Visit) -> Result<bool, Response> {
    let app = &visit.site.app;
    if !app.settings.sms.offered {
        return Ok(false);
    }
    Ok(app.campaign().await.map_err(|failure| visit.failed(&failure))?.takes_new_numbers())
}

/// A GET of what only a button posts to: the way back.
pub async fn back(visit: Visit) -> Reply {
    Ok(visit.see_other(paths::SECURITY))
}

/// What the query says was done.
const NOTICES: [(&str, SecurityNotice); 19] = [
    ("added", SecurityNotice::Added),
    ("added-without-codes", SecurityNotice::AddedWithoutCodes),
    ("codes-issued", SecurityNotice::CodesIssued),
    ("renamed", SecurityNotice::Renamed),
    ("removed", SecurityNotice::Removed),
    ("too-many", SecurityNotice::TooMany),
    ("not-here", SecurityNotice::NotHere),
    ("no-messages", SecurityNotice::NoMessages),
    ("gone", SecurityNotice::Gone),
    ("last-one", SecurityNotice::LastOne),
    ("others-suspended", SecurityNotice::OthersSuspended),
    ("always-on", SecurityNotice::AlwaysOn),
    ("always-off", SecurityNotice::AlwaysOff),
    ("all-removed", SecurityNotice::AllRemoved),
    ("resumed", SecurityNotice::Resumed),
    ("must-add", SecurityNotice::MustAdd),
    ("recovered", SecurityNotice::Recovered),
    ("sms-off", SecurityNotice::SmsOff),
    ("no-new-numbers", SecurityNotice::NoNewNumbers),
];

/// Back to the list, with a word on what was done.
pub fn told(visit: &Visit, notice: SecurityNotice) -> Response {
    let name = NOTICES.into_iter().find(|(_, known)| *known == notice).map_or("", |(name, _)| name);
    visit.see_other(&format!("{}?done={name}", paths::SECURITY))
}

pub fn row(factor: &Factor) -> DeviceRow {
    DeviceRow {
        id: Uuid::from(factor.id).to_string(),
        kind: factor.kind,
        name: factor.name.to_string(),
        added: factor.added,
        used: factor.used,
        suspended: factor.suspended.is_some() || factor.is_blocked(),
        blocked: factor.is_blocked(),
        off: factor.off,
        ending: None,
    }
}

/// The same with what tells telephones apart.
async fn rows(visit: &Visit, person: &SignedInPerson) -> Result<Vec<DeviceRow>, Response> {
    let endings = visit.site.app.phone_endings(&person.account).await.map_err(|failure| visit.failed(&failure))?;
    let devices = person.account.state.factors.devices.iter();
    Ok(devices.map(|factor| DeviceRow { ending: endings.get(&factor.id).cloned(), ..row(factor) }).collect())
}

/// A signed-in person whose session may change second factors now; anybody else proves more first, and comes back.
pub async fn manager(visit: &Visit, page: &str) -> Result<SignedInPerson, Response> {
    let person = person_at(visit, paths::SECURITY).await?;
    match visit.site.app.may_manage(&person).await.map_err(|failure| visit.failed(&failure))? {
        Ok(()) => Ok(person),
        Err(refusal) => Err(not_now(visit, refusal, page)),
    }
}

/// The way on from a session that may not change what was asked.
pub fn not_now(visit: &Visit, refusal: ManageRefusal, page: &str) -> Response {
    match refusal {
        ManageRefusal::NoSession => visit.see_other(&format!("{}?ended", paths::LOGIN)),
        ManageRefusal::FactorOwed => told(visit, SecurityNotice::Recovered),
        ManageRefusal::NotFresh | ManageRefusal::FactorNeeded | ManageRefusal::KeyNeeded => verify_first(visit, page),
    }
}

fn refused(visit: &Visit, refusal: FactorRefusal, page: &str) -> Response {
    match refusal {
        FactorRefusal::Manage(refusal) => not_now(visit, refusal, page),
        FactorRefusal::Gone | FactorRefusal::NoneThere => told(visit, SecurityNotice::Gone),
        FactorRefusal::LastOne => told(visit, SecurityNotice::LastOne),
        FactorRefusal::OthersSuspended => told(visit, SecurityNotice::OthersSuspended),
    }
}

pub fn device_name(typed: &str, errors: &mut Errors) -> Option<DeviceName> {
    DeviceName::parse(typed).map_err(|wrong| errors.add(Field::DeviceName, Problem::DeviceName(wrong))).ok()
}

/// A name for a device, with a number where that is taken.
pub fn proposed(visit: &Visit, person: &SignedInPerson, id: &str) -> String {
    free_name(&Texts::of(visit.language).text(id, &[]), &person.account.state.factors)
}

pub async fn totp(visit: Visit) -> Reply {
    let person = manager(&visit, paths::SECURITY_TOTP).await?;
    let name = proposed(&visit, &person, "device-totp");
    totp_page(&visit, StatusCode::OK, &person, name, false, Errors::default()).await
}

async fn totp_page(
    visit: &Visit,
    status: StatusCode,
    person: &SignedInPerson,
    name: String,
    begun_anew: bool,
    errors: Errors,
) -> Reply {
    let begun = visit.site.app.begin_enrolment(person, &Totp).await.map_err(|failure| visit.failed(&failure))?;
    let shown = match begun {
        Ok(shown) => shown,
        Err(refusal) => return Ok(not_added(visit, refusal, paths::SECURITY_TOTP)),
    };
    let secret = secret_in(&shown).unwrap_or_default().as_bytes();
    let groups: Vec<_> = secret.chunks(4).map(String::from_utf8_lossy).collect();
    let page = TotpPage {
        chrome: visit.chrome_at(paths::SECURITY_TOTP),
        form: visit.keys(paths::SECURITY_TOTP),
        qr: QrCode::of(&shown),
        secret: groups.join(" "),
        name,
        begun_anew,
        errors,
    };
    Ok(visit.page(status, &page))
}

/// The way on from an enrolment that is not to be shown again.
pub fn not_added(visit: &Visit, refusal: EnrolmentRefused, page: &str) -> Response {
    match refusal {
        EnrolmentRefused::NoSession => not_now(visit, ManageRefusal::NoSession, page),
        EnrolmentRefused::ProveMore => verify_first(visit, page),
        EnrolmentRefused::Gone | EnrolmentRefused::Wrong | EnrolmentRefused::NotTrusted => {
            told(visit, SecurityNotice::Gone)
        }
        EnrolmentRefused::TooMany => told(visit, SecurityNotice::TooMany),
        EnrolmentRefused::AlreadyThere => told(visit, SecurityNotice::Added),
        EnrolmentRefused::NotHere => told(visit, SecurityNotice::NotHere),
        EnrolmentRefused::NoNewNumbers => told(visit, SecurityNotice::NoNewNumbers),
        EnrolmentRefused::Limit(reached) => too_many(visit, reached),
    }
}

/// Whoever posts a form that adds a device.
pub async fn adder(visit: &Visit, form: FormCommand) -> Result<SignedInPerson, Response> {
    // The same form again, its answer lost: the session that it was sent in may go on under another secret.
    let by_form = visit.site.app.signed_in_by_form(&visit.client, form).await;
    match by_form.map_err(|failure| visit.failed(&failure))? {
        Some(person) => Ok(person),
        None => person_at(visit, paths::SECURITY).await,
    }
}

/// Back to the list with the device that was added; the account's first one goes on under another secret.
pub fn added(visit: &mut Visit, person: &SignedInPerson, lifted: Option<SignedInBrowser>) -> Response {
    if let Some(signed_in) = lifted {
        keep_session(visit, &signed_in);
    }
    let has_codes = person.account.state.factors.recovery.is_some();
    told(visit, if has_codes { SecurityNotice::Added } else { SecurityNotice::AddedWithoutCodes })
}

pub async fn add_totp(mut visit: Visit, body: Body) -> Reply {
    let own = [Field::DeviceName.name(), Field::OneTimeCode.name()];
    let (posted, command) = visit.read_form(body, paths::SECURITY_TOTP, &own).await?;
    let app = visit.site.app.clone();
    let person = adder(&visit, command).await?;
    let mut errors = Errors::default();
    let typed = posted.get(Field::DeviceName.name());
    let code = posted.get(Field::OneTimeCode.name());
    let name = device_name(typed, &mut errors);
    if code.is_empty() {
        errors.add(Field::OneTimeCode, Problem::Missing);
    }
    let mut begun_anew = false;
    if let Some(name) = name.filter(|_| errors.is_empty()) {
        match app.finish_enrolment(&visit.client, &person, command, &Totp, Called::Given(&name), code).await {
            Ok(Ok(lifted)) => return Ok(added(&mut visit, &person, lifted)),
            Ok(Err(EnrolmentRefused::Wrong)) => errors.add(Field::OneTimeCode, Problem::OneTimeCodeWrong),
            Ok(Err(EnrolmentRefused::Gone)) => begun_anew = true,
            Ok(Err(refusal)) => return Ok(not_added(&visit, refusal, paths::SECURITY_TOTP)),
            Err(failure) => return Err(visit.failed(&failure)),
        }
    }
    totp_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, typed.to_owned(), begun_anew, errors).await
}

pub fn factor_id(text: &str) -> Option<FactorId> {
    Uuid::try_parse(text).ok().map(FactorId::from)
}

/// The path of a device's page.
fn device_path(id: FactorId) -> String {
    format!("{}?{}={}", paths::SECURITY_DEVICE, fields::DEVICE, Uuid::from(id))
}

pub async fn device(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let id = query.as_deref().and_then(|query| value_in(query, fields::DEVICE)).and_then(factor_id);
    let Some(id) = id else { return Ok(told(&visit, SecurityNotice::Gone)) };
    let person = manager(&visit, &device_path(id)).await?;
    Ok(device_page(&visit, StatusCode::OK, &person, id, None, Errors::default()))
}

fn device_page(
    visit: &Visit,
    status: StatusCode,
    person: &SignedInPerson,
    id: FactorId,
    typed: Option<&str>,
    errors: Errors,
) -> Response {
    let Some(factor) = person.account.state.factors.by_id(id) else { return told(visit, SecurityNotice::Gone) };
    let page = DevicePage {
        chrome: visit.chrome_at(&device_path(id)),
        device: row(factor),
        name: typed.map_or_else(|| factor.name.to_string(), str::to_owned),
        rename: visit.keys(paths::SECURITY_DEVICE_RENAME),
        remove: visit.keys(paths::SECURITY_DEVICE_REMOVE),
        resume: visit.keys(paths::SECURITY_DEVICE_RESUME),
        errors,
    };
    visit.page(status, &page)
}

pub async fn rename(visit: Visit, body: Body) -> Reply {
    let own = [fields::DEVICE, Field::DeviceName.name()];
    let (posted, command) = visit.read_form(body, paths::SECURITY_DEVICE_RENAME, &own).await?;
    let person = person_at(&visit, paths::SECURITY).await?;
    let Some(id) = factor_id(posted.get(fields::DEVICE)) else { return Ok(told(&visit, SecurityNotice::Gone)) };
    let mut errors = Errors::default();
    let typed = posted.get(Field::DeviceName.name());
    let Some(name) = device_name(typed, &mut errors) else {
        return Ok(device_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, id, Some(typed), errors));
    };
    match visit.site.app.rename_factor(&visit.client, &person, command, id, &name).await {
        Ok(Ok(())) => Ok(told(&visit, SecurityNotice::Renamed)),
        Ok(Err(refusal)) => Ok(refused(&visit, refusal, &device_path(id))),
        Err(failure) => Err(visit.failed(&failure)),
    }
}

pub async fn remove(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::SECURITY_DEVICE_REMOVE, &[fields::DEVICE]).await?;
    let person = person_at(&visit, paths::SECURITY).await?;
    let Some(id) = factor_id(posted.get(fields::DEVICE)) else { return Ok(told(&visit, SecurityNotice::Gone)) };
    // The device's own page is for those who prove enough to remove it at any time.
    let is_lost = person.account.state.is_recovered(Some(id), visit.now());
    let page = if is_lost { paths::SECURITY_LOST.to_owned() } else { device_path(id) };
    match visit.site.app.remove_factor(&visit.client, &person, command, id).await {
        Ok(Ok(())) => Ok(told(&visit, SecurityNotice::Removed)),
        Ok(Err(RemovalRefused::Factor(refusal))) => Ok(refused(&visit, refusal, &page)),
        Ok(Err(RemovalRefused::Limit(reached))) => Ok(too_many(&visit, reached)),
        Err(failure) => Err(visit.failed(&failure)),
    }
}

pub async fn resume(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::SECURITY_DEVICE_RESUME, &[fields::DEVICE]).await?;
    let person = person_at(&visit, paths::SECURITY).await?;
    let Some(id) = factor_id(posted.get(fields::DEVICE)) else { return Ok(told(&visit, SecurityNotice::Gone)) };
    match visit.site.app.resume_factor(&visit.client, &person, command, id).await {
        Ok(Ok(())) => Ok(told(&visit, SecurityNotice::Resumed)),
        Ok(Err(refusal)) => Ok(refused(&visit, refusal, &device_path(id))),
        Err(failure) => Err(visit.failed(&failure)),
    }
}

pub async fn new_codes(visit: Visit, body: Body) -> Reply {
    visit.read_form(body, paths::SECURITY_CODES, &[]).await?;
    let person = person_at(&visit, paths::SECURITY).await?;
    if person.account.state.recovery.factor_owed {
        return Ok(told(&visit, SecurityNotice::Recovered));
    }
    let begun = visit.site.app.begin_recovery_codes(&visit.client, &person).await;
    match begun.map_err(|failure| visit.failed(&failure))? {
        Ok(codes) => {
            let codes = codes.iter().map(|code| code.to_string()).collect();
            Ok(codes_page(&visit, StatusCode::OK, codes, Errors::default()))
        }
        Err(refusal) => Ok(not_added(&visit, refusal, paths::SECURITY)),
    }
}

fn codes_page(visit: &Visit, status: StatusCode, codes: Vec<String>, errors: Errors) -> Response {
    let page = RecoveryCodesPage {
        chrome: visit.chrome_at(paths::SECURITY),
        codes,
        confirm: visit.keys(paths::SECURITY_CODES_CONFIRM),
        file: visit.keys(paths::SECURITY_CODES_FILE),
        errors,
    };
    visit.page(status, &page)
}

pub async fn confirm_codes(visit: Visit, body: Body) -> Reply {
    let own = [Field::RecoveryCode.name()];
    let (posted, command) = visit.read_form(body, paths::SECURITY_CODES_CONFIRM, &own).await?;
    let person = person_at(&visit, paths::SECURITY).await?;
    let typed = posted.get(Field::RecoveryCode.name());
    let problem = if typed.is_empty() {
        Problem::Missing
    } else {
        match visit.site.app.finish_recovery_codes(&visit.client, &person, command, typed).await {
            Ok(Ok(())) => return Ok(told(&visit, SecurityNotice::CodesIssued)),
            Ok(Err(EnrolmentRefused::Wrong)) => Problem::RecoveryCodeWrong,
            Ok(Err(refusal)) => return Ok(not_added(&visit, refusal, paths::SECURITY)),
            Err(failure) => return Err(visit.failed(&failure)),
        }
    };
    let mut errors = Errors::default();
    errors.add(Field::RecoveryCode, problem);
    Ok(codes_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, Vec::new(), errors))
}

/// The codes of the page that asks, as a file: they come with the form, since nobody else has them any more.
pub async fn codes_file(visit: Visit, body: Body) -> Reply {
    let (posted, _) = visit.read_form(body, paths::SECURITY_CODES_FILE, &[fields::CODES]).await?;
    person_at(&visit, paths::SECURITY).await?;
    let codes: Vec<&str> = posted.get(fields::CODES).split(' ').collect();
    if !codes.iter().all(|code| is_code(code)) {
        return Ok(visit.message(MessageKind::BadRequest));
    }
    let text = RecoveryCodesPage::file_of(&visit.chrome_at(paths::SECURITY), &codes);
    Ok(visit.text_file("recovery-codes.txt", text))
}

pub async fn always(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::SECURITY_ALWAYS, &[fields::ALWAYS]).await?;
    let person = person_at(&visit, paths::SECURITY).await?;
    let (always, done) = match posted.get(fields::ALWAYS) {
        "on" => (true, SecurityNotice::AlwaysOn),
        "off" => (false, SecurityNotice::AlwaysOff),
        _ => return Ok(visit.message(MessageKind::BadRequest)),
    };
    match visit.site.app.change_sign_in_options(&visit.client, &person, command, always).await {
        Ok(Ok(())) => Ok(told(&visit, done)),
        Ok(Err(refusal)) => Ok(refused(&visit, refusal, paths::SECURITY)),
        Err(failure) => Err(visit.failed(&failure)),
    }
}

pub async fn panic(visit: Visit) -> Reply {
    manager(&visit, paths::SECURITY_PANIC).await?;
    let page = PanicPage { chrome: visit.chrome_at(paths::SECURITY_PANIC), form: visit.keys(paths::SECURITY_PANIC) };
    Ok(visit.page(StatusCode::OK, &page))
}

pub async fn remove_all(visit: Visit, body: Body) -> Reply {
    let (_, command) = visit.read_form(body, paths::SECURITY_PANIC, &[]).await?;
    let person = person_at(&visit, paths::SECURITY).await?;
    match visit.site.app.remove_all_factors(&visit.client, &person, command).await {
        Ok(Ok(())) => Ok(told(&visit, SecurityNotice::AllRemoved)),
        Ok(Err(refusal)) => Ok(refused(&visit, refusal, paths::SECURITY_PANIC)),
        Err(failure) => Err(visit.failed(&failure)),
    }
}
