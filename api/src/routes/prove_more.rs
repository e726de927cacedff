//! What is asked for in a session before its account's security is changed.

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use chancery_service::accounts::session::SignedInPerson;

use super::account::person_at;
use super::forms::TARGET;
use super::link::keep_session;
use super::login::path_in;
use super::verify::{
    About, OWN, Shown, again, answer_in, asked_again, chosen_in, device_named, noticed, offered, page, refused,
    standing, too_many,
};
use crate::http::answer::Reply;
use crate::http::target::local_target;
use crate::http::visit::Visit;
use crate::pages::{Errors, SmsEnds, paths};

/// The page of a session.
async fn more(
    visit: &Visit,
    status: StatusCode,
    person: &SignedInPerson,
    shown: Shown,
    target: Option<String>,
) -> Reply {
    // Whoever has lost the key cannot prove it.
    let weakly = target.as_deref() == Some(paths::SECURITY_LOST);
    let proving = visit.site.app.begin_proving_more(&visit.client, person, weakly).await;
    let proving = proving.map_err(|failure| visit.failed(&failure))?;
    let about = About {
        action: paths::ACCOUNT_VERIFY,
        name: None,
        ways: offered(visit, proving.ways),
        by_browser: false,
        lost_key: proving.lost_key,
        asked_by: None,
        recovery: None,
        sms_ends: SmsEnds::of(&person.account.state.factors),
        target,
    };
    page(visit, status, Some(person), about, shown).await
}

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let person = person_at(&visit, paths::SECURITY).await?;
    let (chosen, device) = (chosen_in(query.as_deref()), device_named(query.as_deref()));
    let shown = Shown { chosen, device, notice: noticed(query.as_deref()), ..Shown::default() };
    more(&visit, StatusCode::OK, &person, shown, path_in(query.as_deref(), TARGET)).await
}

pub async fn answer(mut visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::ACCOUNT_VERIFY, &OWN).await?;
    let target = local_target(posted.get(TARGET));
    let app = visit.site.app.clone();
    // The same form again, its answer lost: the session that it was sent in goes on under another secret.
    let before = match &visit.session {
        Some(session) => app.proved_more_before(&visit.client, command, session).await,
        None => Ok(None),
    };
    if let Some(signed_in) = before.map_err(|failure| visit.failed(&failure))? {
        keep_session(&mut visit, &signed_in);
        return Ok(visit.see_other(target.as_deref().unwrap_or(paths::SECURITY)));
    }
    let person = person_at(&visit, paths::SECURITY).await?;
    if let Some(way) = asked_again(&posted) {
        return again(&visit, Some(&person), way, paths::ACCOUNT_VERIFY, target.as_deref()).await;
    }
    let mut errors = Errors::default();
    let Some((way, answer)) = answer_in(&posted, true, &mut errors) else {
        return more(&visit, StatusCode::OK, &person, Shown::default(), target).await;
    };
    if !errors.is_empty() {
        let shown = Shown { errors, ..Shown::of(way, answer) };
        return more(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, shown, target).await;
    }
    match app.prove_more(&visit.client, &person, command, answer).await {
        Ok(Ok(signed_in)) => {
            keep_session(&mut visit, &signed_in);
            Ok(visit.see_other(target.as_deref().unwrap_or(paths::SECURITY)))
        }
        Ok(Err(refusal)) => match refused(way, answer, refusal).map_err(|reached| too_many(&visit, reached))? {
            Some(shown) => more(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, shown, target).await,
            None => Ok(visit.see_other(&format!("{}?ended", paths::LOGIN))),
        },
        Err(failure) => Err(visit.failed(&failure)),
    }
}

/// How a request to telephones stands that this session waits for.
pub async fn state(visit: Visit) -> Reply {
    match person_at(&visit, paths::SECURITY).await {
        Ok(person) => standing(&visit, Some(&person)).await,
        // Whoever has to sign in first is led there by the page.
        Err(_) => Ok(visit.json("\"over\"".to_owned())),
    }
}
