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

/// Whoever is signed out already is told the same: pressing the button twice is no error.
async fn sign_out(mut visit: Visit, body: Body, action: &str, everywhere: bool) -> Reply {
    let (_, command) = visit.read_form(body, action, &[]).await?;
    let app = visit.site.app.clone();
    if let Some(secret) = &visit.session
        && let Some(person) = app.signed_in(secret).await.map_err(|failure| visit.failed(&failure))?
    {
        let done = if everywhere {
            app.end_sessions(&visit.client, &person, command, Which::All).await
        } else {
            app.sign_out(&visit.client, &person, command).await
        };
        done.map_err(|failure| visit.failed(&failure))?;
    }
    let secure = visit.is_secure();
    visit.cookies.push(Cookie::Session.expire(secure));
    // Whoever sits here next has nothing to do with what this browser waited for.
    visit.cookies.push(Cookie::Browser.set(&app.new_browser_secret().to_cookie(), secure));
    let page = SignedOutPage { chrome: visit.chrome_at(paths::LOGIN), everywhere };
    Ok::<Response, Response>(Visit::clear_cache(visit.page(StatusCode::OK, &page)))
}
