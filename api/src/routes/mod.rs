//! The route table, and the layers around it.

mod account;
mod assets;
mod check_mail;
mod dev_mail;
mod forms;
mod health;
mod link;
mod login;
mod lost_password;
mod register;
mod sign_out;
mod statements;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};

use crate::http::trace::traced;
use crate::http::visit::Visit;
use crate::pages::{MessageKind, paths};
use crate::site::Site;

/// The whole site.
pub fn router(site: Site) -> Router {
    Router::new()
        .route("/", get(account::home))
        .route(paths::REGISTER, get(register::show).post(register::submit))
        .route(paths::CHECK_MAIL, get(check_mail::show).post(check_mail::enter_code))
        .route(paths::CHECK_MAIL_AGAIN, post(check_mail::again))
        .route("/l/{token}", get(link::show).post(link::submit))
        .route(paths::LINK_AGAIN, post(link::again))
        .route(paths::LOGIN, get(login::show).post(login::name))
        .route(paths::LOGIN_PASSWORD, get(login::restart).post(login::password))
        .route(paths::LOST_PASSWORD, get(lost_password::show).post(lost_password::submit))
        .route(paths::ACCOUNT, get(account::show))
        .route(paths::ACCOUNT_PASSWORD, get(account::back).post(account::password))
        .route(paths::ACCOUNT_LANGUAGE, get(account::back).post(account::language))
        .route(paths::ACCOUNT_SESSION_END, get(account::back).post(account::end_session))
        .route(paths::SIGN_OUT, get(account::back).post(sign_out::here))
        .route(paths::SIGN_OUT_EVERYWHERE, get(account::back).post(sign_out::everywhere))
        .route(paths::PRIVACY, get(statements::privacy))
        .route(paths::HELP, get(statements::help))
        .route("/assets/{file}", get(assets::serve))
        .route(paths::DEV_MAIL, get(dev_mail::list))
        .route("/dev/mail/{id}", get(dev_mail::show))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(site.clone(), headers))
        .layer(middleware::from_fn_with_state(site.clone(), traced))
        .with_state(site)
}

async fn not_found(visit: Visit) -> Response {
    visit.message(MessageKind::NotFound)
}

async fn method_not_allowed(visit: Visit) -> Response {
    visit.message(MessageKind::MethodNotAllowed)
}

/// What every answer carries, whatever it is.
async fn headers(site: axum::extract::State<Site>, request: Request, next: Next) -> Response {
    let is_link = request.uri().path().starts_with(paths::LINK_PREFIX);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    // With no-referrer a link page's own POST would carry `Origin: null`.
    set(header::REFERRER_POLICY, if is_link { "same-origin" } else { "strict-origin-when-cross-origin" });
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    );
    set(header::CACHE_CONTROL, "no-store");
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    if site.origin.is_secure() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000");
    }
    response
}
