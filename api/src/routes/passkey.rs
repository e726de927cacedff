//! "Sign in with a passkey", before any name was typed: the script asks what to ask, and the browser posts the answer.

use axum::body::Body;
use axum::http::StatusCode;
use chancery_service::factors::passkey_first::PasskeyRefused;

use super::forms::TARGET;
use super::link::{end_replaced, keep_session};
use super::login::{NameShown, name_page};
use super::verify::too_many;
use crate::http::answer::Reply;
use crate::http::target::local_target;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, MessageKind, Problem, fields, paths};

pub async fn question(visit: Visit, body: Body) -> Reply {
    visit.read_form(body, paths::LOGIN_PASSKEY_QUESTION, &[]).await?;
    let asked = visit.site.app.ask_passkey_first(&visit.client).await;
    Ok(match asked.map_err(|failure| visit.failed(&failure))? {
        Ok(question) => visit.json(question),
        Err(PasskeyRefused::Limit(reached)) => too_many(&visit, reached),
        Err(PasskeyRefused::Gone | PasskeyRefused::Wrong) => visit.message(MessageKind::NotFound),
    })
}

pub async fn answer(mut visit: Visit, body: Body) -> Reply {
    let own = [Field::SecurityKey.name(), fields::PUBLIC_COMPUTER, TARGET];
    let (posted, command) = visit.read_form(body, paths::LOGIN_PASSKEY, &own).await?;
    let target = local_target(posted.get(TARGET));
    let app = visit.site.app.clone();
    // The same form again, its answer lost: what it answered is gone, and has led to a session.
    let before = app.signed_in_by_passkey_before(&visit.client, command, posted.get(Field::SecurityKey.name())).await;
    if let Some(signed_in) = before.map_err(|failure| visit.failed(&failure))? {
        keep_session(&mut visit, &signed_in);
        return Ok(visit.see_other(target.as_deref().unwrap_or(paths::ACCOUNT)));
    }
    let public_computer = posted.has(fields::PUBLIC_COMPUTER);
    let key = posted.get(Field::SecurityKey.name());
    let outcome = app.sign_in_by_passkey(&visit.client, command, key, public_computer).await;
    let problem = match outcome.map_err(|failure| visit.failed(&failure))? {
        Ok(signed_in) => {
            end_replaced(&visit, command).await?;
            keep_session(&mut visit, &signed_in);
            return Ok(visit.see_other(target.as_deref().unwrap_or(paths::ACCOUNT)));
        }
        Err(PasskeyRefused::Limit(reached)) => return Ok(too_many(&visit, reached)),
        Err(PasskeyRefused::Gone) => Problem::PasskeyTooLate,
        Err(PasskeyRefused::Wrong) => Problem::PasskeyWrong,
    };
    let mut errors = Errors::default();
    errors.add(Field::SecurityKey, problem);
    let shown = NameShown { errors, public_computer, ..NameShown::default() };
    name_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, shown, target).await
}
