//! Signing out, here or everywhere.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_domain::account::commands::Which;

use crate::http::answer::Reply;
use crate::http::cookies::Cookie;
use crate::http::visit::Visit;
use crate::pages::{SignedOutPage, paths};

pub async fn here(visit: Visit, body: Body) -> Reply {
    sign_out(visit, body, paths::SIGN_OUT, false).await
}

pub async fn everywhere(visit: Visit, body: Body) -> Reply {
    sign_out(visit, body, paths::SIGN_OUT_EVERYWHERE, true).await
}

/// Whoever is signed out already is told the same: pressing the button twice is no error. "Everywhere" is only said where
/// it happened: a session that had ended by itself could not end the others.
async fn sign_out(mut visit: Visit, body: Body, action: &str, everywhere: bool) -> Reply {
    let (_, command) = visit.read_form(body, action, &[]).await?;
    let app = visit.site.app.clone();
    let failed = |failure| visit.failed(&failure);
    let person = match &visit.session {
        Some(secret) if everywhere => app.signed_in(secret).await.map_err(failed)?,
        Some(secret) => app.open_session(secret).await.map_err(failed)?,
        None => None,
    };
    let done = match (&person, everywhere) {
        (Some(person), true) => app.end_sessions(&visit.client, person, command, Which::All).await,
        (Some(person), false) => app.sign_out(&visit.client, person, command).await.map(|()| true),
        (None, true) => app.is_done(command).await,
        (None, false) => Ok(true),
    };
    if !done.map_err(failed)? {
        return Ok(visit.see_other(&format!("{}?ended", paths::LOGIN)));
    }
    let secure = visit.is_secure();
    visit.cookies.push(Cookie::Session.expire(secure));
    // Whoever sits here next has nothing to do with what this browser waited for.
    visit.cookies.push(Cookie::Browser.set(&app.new_browser_secret().to_cookie(), secure));
    visit.cookies.push(Cookie::Proof.expire(secure));
    let page = SignedOutPage { chrome: visit.chrome_at(paths::LOGIN), everywhere };
    Ok::<Response, Response>(Visit::clear_cache(visit.page(StatusCode::OK, &page)))
}
