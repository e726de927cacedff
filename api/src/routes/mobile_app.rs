//! "Manage my mobile devices": adding a phone with the service's own app.

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use chancery_domain::account::FactorKind;
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::factors::enrolment::EnrolmentRefused;
use chancery_service::factors::mobile_app::{Pin, device_of};

use super::login::value_in;
use super::security::{added, adder, device_name, manager, not_added, proposed, row};
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, MobileAddPage, MobileDevicesPage, MobilePairPage, Problem, fields, paths};

/// The list, with a word on an enrolment that came to nothing.
pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let person = manager(&visit, paths::SECURITY_MOBILE).await?;
    let devices = person.account.state.factors.devices.iter();
    let page = MobileDevicesPage {
        chrome: visit.chrome_at(paths::SECURITY_MOBILE),
        devices: devices.filter(|factor| factor.kind == FactorKind::MobileApp).map(row).collect(),
        ended: query.as_deref().and_then(|query| value_in(query, "done")) == Some("ended"),
    };
    Ok(visit.page(StatusCode::OK, &page))
}

fn ended(visit: &Visit) -> axum::response::Response {
    visit.see_other(&format!("{}?done=ended", paths::SECURITY_MOBILE))
}

pub async fn name(visit: Visit) -> Reply {
    let person = manager(&visit, paths::SECURITY_MOBILE_ADD).await?;
    let name = proposed(&visit, &person, "device-mobile");
    Ok(name_page(&visit, StatusCode::OK, name, Errors::default()))
}

fn name_page(visit: &Visit, status: StatusCode, name: String, errors: Errors) -> axum::response::Response {
    let form = visit.keys(paths::SECURITY_MOBILE_ADD);
    visit.page(status, &MobileAddPage { chrome: visit.chrome_at(paths::SECURITY_MOBILE_ADD), form, name, errors })
}

pub async fn begin(visit: Visit, body: Body) -> Reply {
    let own = [Field::DeviceName.name(), Field::Pin.name(), Field::ConfirmPin.name()];
    let (posted, _) = visit.read_form(body, paths::SECURITY_MOBILE_ADD, &own).await?;
    let person = manager(&visit, paths::SECURITY_MOBILE_ADD).await?;
    let mut errors = Errors::default();
    let typed = posted.get(Field::DeviceName.name());
    let name = device_name(typed, &mut errors);
    let (pin, again) = (posted.get(Field::Pin.name()), posted.get(Field::ConfirmPin.name()));
    let chosen = match Pin::parse(pin) {
        Ok(chosen) => Some(chosen),
        Err(_) if pin.is_empty() => {
            errors.add(Field::Pin, Problem::Missing);
            None
        }
        Err(wrong) => {
            errors.add(Field::Pin, Problem::Pin(wrong));
            None
        }
    };
    if again.is_empty() {
        errors.add(Field::ConfirmPin, Problem::Missing);
    } else if again != pin {
        errors.add(Field::ConfirmPin, Problem::PinsDiffer);
    }
    let (Some(name), Some(pin), true) = (name, chosen, errors.is_empty()) else {
        return Ok(name_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, typed.to_owned(), errors));
    };
    let begun = visit.site.app.begin_pairing(&person, &name, &pin).await;
    Ok(match begun.map_err(|failure| visit.failed(&failure))? {
        Ok(()) => visit.see_other(paths::SECURITY_MOBILE_PAIR),
        Err(refusal) => not_added(&visit, refusal, paths::SECURITY_MOBILE_ADD),
    })
}

pub async fn pair(visit: Visit) -> Reply {
    let person = manager(&visit, paths::SECURITY_MOBILE_PAIR).await?;
    pair_page(&visit, &person).await
}

async fn pair_page(visit: &Visit, person: &SignedInPerson) -> Reply {
    let pairing = visit.site.app.view_pairing(person).await.map_err(|failure| visit.failed(&failure))?;
    let Ok(pairing) = pairing else { return Ok(ended(visit)) };
    let page = MobilePairPage {
        chrome: visit.chrome_at(paths::SECURITY_MOBILE_PAIR),
        form: visit.keys(paths::SECURITY_MOBILE_PAIR),
        cancel: visit.keys(paths::SECURITY_MOBILE_CANCEL),
        pairing,
    };
    Ok(visit.page(StatusCode::OK, &page))
}

/// How it stands, for the script that waits.
pub async fn state(visit: Visit) -> Reply {
    // Whoever has to prove more first is led there by the page.
    let pairing = match manager(&visit, paths::SECURITY_MOBILE_PAIR).await {
        Ok(person) => {
            let pairing = visit.site.app.view_pairing(&person).await;
            pairing.map_err(|failure| visit.failed(&failure))?.ok()
        }
        Err(_) => None,
    };
    let state = match pairing {
        Some(pairing) if pairing.phone.is_none() => "waiting",
        Some(_) => "phone",
        None => "ended",
    };
    Ok(visit.json(format!("\"{state}\"")))
}

pub async fn confirm(mut visit: Visit, body: Body) -> Reply {
    let own = [Field::DeviceName.name(), fields::DEVICE];
    let (posted, command) = visit.read_form(body, paths::SECURITY_MOBILE_PAIR, &own).await?;
    let person = adder(&visit, command).await?;
    // It was taken when the enrolment began; another one here is nobody's typing.
    let name = device_name(posted.get(Field::DeviceName.name()), &mut Errors::default());
    let (Some(name), Some(enrolment)) = (name, device_of(posted.get(fields::DEVICE))) else {
        return Ok(ended(&visit));
    };
    let app = visit.site.app.clone();
    match app.confirm_pairing(&visit.client, &person, command, enrolment, &name).await {
        Ok(Ok(lifted)) => Ok(added(&mut visit, &person, lifted)),
        Ok(Err(EnrolmentRefused::Gone | EnrolmentRefused::Wrong)) => Ok(ended(&visit)),
        Ok(Err(refusal)) => Ok(not_added(&visit, refusal, paths::SECURITY_MOBILE_PAIR)),
        Err(failure) => Err(visit.failed(&failure)),
    }
}

pub async fn cancel(visit: Visit, body: Body) -> Reply {
    visit.read_form(body, paths::SECURITY_MOBILE_CANCEL, &[]).await?;
    let person = manager(&visit, paths::SECURITY_MOBILE).await?;
    visit.site.app.end_pairing(&person).await.map_err(|failure| visit.failed(&failure))?;
    Ok(visit.see_other(paths::SECURITY_MOBILE))
}
