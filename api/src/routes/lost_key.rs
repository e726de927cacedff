//! A lost security key, of somebody who still has a weaker device.

use axum::body::Body;
use axum::http::StatusCode;
use chancery_domain::account::commands::RecoveryRefusal;
use chancery_domain::account::{Factor, RecoveryStanding};
use chancery_service::accounts::session::SignedInPerson;

use super::account::person_at;
use super::security::{factor_id, not_now, row, told};
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{LostKeyPage, LostKeyRow, LostKeyState, SecurityNotice, fields, paths};

pub async fn show(visit: Visit) -> Reply {
    let person = person_at(&visit, paths::SECURITY).await?;
    let may = visit.site.app.may_manage_weakly(&person).await.map_err(|failure| visit.failed(&failure))?;
    match may {
        Ok(()) => page(&visit, &person).await,
        Err(refusal) => Ok(not_now(&visit, refusal, paths::SECURITY_LOST)),
    }
}

async fn page(visit: &Visit, person: &SignedInPerson) -> Reply {
    let policy = visit.site.app.policy().await.map_err(|failure| visit.failed(&failure))?;
    let account = &person.account.state;
    let keys = account.factors.devices.iter().filter(|factor| factor.kind.is_phishing_resistant());
    let page = LostKeyPage {
        chrome: visit.chrome_at(paths::SECURITY_LOST),
        wait: policy.policy.recovery_wait.span(),
        keys: keys.map(|key| LostKeyRow { device: row(key), state: state(visit, person, key) }).collect(),
    };
    Ok(visit.page(StatusCode::OK, &page))
}

fn state(visit: &Visit, person: &SignedInPerson, key: &Factor) -> LostKeyState {
    let account = &person.account.state;
    let ask = || match account.may_recover_another(&person.session, visit.now()) {
        true => LostKeyState::Ask(visit.keys(paths::SECURITY_LOST)),
        false => LostKeyState::Young,
    };
    let Some(open) = account.recovery.at(visit.now()) else { return ask() };
    match (open.factor == Some(key.id), open.standing(visit.now())) {
        (true, RecoveryStanding::Waiting) => LostKeyState::Waits(open.ends),
        (true, RecoveryStanding::Ready) => {
            LostKeyState::Ready { form: visit.keys(paths::SECURITY_DEVICE_REMOVE), until: open.until() }
        }
        (false, RecoveryStanding::Waiting) => LostKeyState::Other,
        (_, RecoveryStanding::Lapsed) | (false, RecoveryStanding::Ready) => ask(),
    }
}

pub async fn ask(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::SECURITY_LOST, &[fields::DEVICE]).await?;
    let person = person_at(&visit, paths::SECURITY).await?;
    let Some(id) = factor_id(posted.get(fields::DEVICE)) else { return Ok(told(&visit, SecurityNotice::Gone)) };
    let asked = visit.site.app.recover_factor(&visit.client, &person, command, id).await;
    match asked.map_err(|failure| visit.failed(&failure))? {
        Err(RecoveryRefusal::Manage(refusal)) => Ok(not_now(&visit, refusal, paths::SECURITY_LOST)),
        Err(RecoveryRefusal::NoneThere) => Ok(told(&visit, SecurityNotice::Gone)),
        // The page says how it stands.
        Ok(_)
        | Err(
            RecoveryRefusal::Waiting(_)
            | RecoveryRefusal::Off
            | RecoveryRefusal::NotUsable
            | RecoveryRefusal::WrongPassword
            | RecoveryRefusal::StaleVerdict
            | RecoveryRefusal::Young
            | RecoveryRefusal::NoneAsked
            | RecoveryRefusal::Link(_),
        ) => Ok(visit.see_other(paths::SECURITY_LOST)),
    }
}
