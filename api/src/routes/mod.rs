//! The route table, and the layers around it.

mod account;
mod assets;
mod authenticator;
mod check_mail;
mod dev_mail;
mod dev_sms;
mod disown;
mod forms;
mod health;
mod link;
mod login;
mod lost;
mod lost_key;
mod lost_password;
mod mobile_app;
mod passkey;
mod phone;
mod prove_more;
mod recovery;
mod register;
mod security;
mod security_key;
mod sign_out;
mod statements;
mod verify;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};

use crate::http::in_work::{InWork, bounded};
use crate::http::trace::{RequestId, Traced};
use crate::http::visit::Visit;
use crate::pages::{Addable, MessageKind, paths};
use crate::site::Site;
use crate::v1;

/// The whole site; `in_work` bounds how much it works on at once.
pub fn router(site: Site, in_work: InWork) -> Router {
    Router::new()
        .route("/", get(account::home))
        .route(paths::REGISTER, get(register::show).post(register::submit))
        .route(paths::CHECK_MAIL, get(check_mail::show).post(check_mail::enter_code))
        .route(paths::CHECK_MAIL_AGAIN, post(check_mail::again))
        .route("/l/{token}", get(link::show).post(link::submit))
        .route("/n/{token}", get(disown::show).post(disown::submit))
        .route(paths::LINK_AGAIN, post(link::again))
        .route(paths::LOGIN, get(login::show).post(login::name))
        .route(paths::LOGIN_PASSWORD, get(login::restart).post(login::password))
        .route(paths::LOGIN_PASSKEY, get(login::restart).post(passkey::answer))
        .route(paths::LOGIN_PASSKEY_QUESTION, get(login::restart).post(passkey::question))
        .route(paths::LOGIN_VERIFY, get(verify::show).post(verify::answer))
        .route(paths::LOGIN_VERIFY_STATE, get(verify::state))
        .route(paths::LOGIN_SMS, get(login::restart).post(phone::send))
        .route(paths::LOGIN_LOST, get(lost::show).post(lost::ask))
        .route(paths::LOGIN_RECOVERY, get(recovery::show).post(recovery::ask))
        .route(paths::LOGIN_RECOVERY_CANCEL, get(recovery::back).post(recovery::object))
        .route(paths::LOGIN_RECOVERY_SMS, get(recovery::back).post(recovery::send))
        .route(paths::LOST_PASSWORD, get(lost_password::show).post(lost_password::submit))
        .route(paths::ACCOUNT, get(account::show))
        .route(paths::ACCOUNT_PASSWORD, get(account::back).post(account::password))
        .route(paths::ACCOUNT_LANGUAGE, get(account::back).post(account::language))
        .route(paths::ACCOUNT_SESSION_END, get(account::back).post(account::end_session))
        .route(paths::ACCOUNT_VERIFY, get(prove_more::show).post(prove_more::answer))
        .route(paths::ACCOUNT_VERIFY_STATE, get(prove_more::state))
        .route(paths::ACCOUNT_SMS, get(security::back).post(phone::send_more))
        .route(paths::SECURITY, get(security::show))
        .route(paths::SECURITY_TOTP, get(security::totp).post(security::add_totp))
        .route(paths::SECURITY_KEY, get(security_key::show).post(security_key::add))
        .route(paths::SECURITY_MOBILE, get(mobile_app::show))
        .route(paths::SECURITY_MOBILE_ADD, get(mobile_app::name).post(mobile_app::begin))
        .route(paths::SECURITY_MOBILE_PAIR, get(mobile_app::pair).post(mobile_app::confirm))
        .route(paths::SECURITY_MOBILE_STATE, get(mobile_app::state))
        .route(paths::SECURITY_MOBILE_CANCEL, get(security::back).post(mobile_app::cancel))
        .route(paths::SECURITY_PHONE, get(phone::number).post(phone::begin))
        .route(paths::SECURITY_PHONE_CODE, get(phone::code).post(phone::finalise))
        .route(paths::SECURITY_DEVICE, get(security::device))
        .route(paths::SECURITY_DEVICE_RENAME, get(security::back).post(security::rename))
        .route(paths::SECURITY_DEVICE_REMOVE, get(security::back).post(security::remove))
        .route(paths::SECURITY_DEVICE_RESUME, get(security::back).post(security::resume))
        .route(paths::SECURITY_LOST, get(lost_key::show).post(lost_key::ask))
        .route(paths::SECURITY_CODES, get(security::back).post(security::new_codes))
        .route(paths::SECURITY_CODES_CONFIRM, get(security::back).post(security::confirm_codes))
        .route(paths::SECURITY_CODES_FILE, get(security::back).post(security::codes_file))
        .route(paths::SECURITY_ALWAYS, get(security::back).post(security::always))
        .route(paths::SECURITY_PANIC, get(security::panic).post(security::remove_all))
        .route(paths::SIGN_OUT, get(account::back).post(sign_out::here))
        .route(paths::SIGN_OUT_EVERYWHERE, get(account::back).post(sign_out::everywhere))
        .route(paths::PRIVACY, get(statements::privacy))
        .route(paths::HELP, get(statements::help))
        .route(paths::HELP_KEY, get(|visit| statements::how_to_add(visit, Addable::SecurityKey)))
        .route(paths::HELP_TOTP, get(|visit| statements::how_to_add(visit, Addable::Totp)))
        .route(paths::HELP_MOBILE, get(|visit| statements::how_to_add(visit, Addable::MobileApp)))
        .route(paths::HELP_CODES, get(|visit| statements::how_to_add(visit, Addable::RecoveryCodes)))
        .route(paths::HELP_SMS, get(|visit| statements::how_to_add(visit, Addable::Phone)))
        .route("/assets/{file}", get(assets::serve))
        .route(paths::APP, get(authenticator::page))
        .route(paths::APP_WORKER, get(authenticator::worker))
        .route(paths::APP_MANIFEST, get(authenticator::manifest))
        .route(paths::DEV_MAIL, get(dev_mail::list))
        .route("/dev/mail/{id}", get(dev_mail::show))
        .route(paths::DEV_SMS, get(dev_sms::list))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .merge(v1::router())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state((site.clone(), in_work), in_front))
        .with_state(site)
}

async fn not_found(State(site): State<Site>, request: Request) -> Response {
    nowhere(site, request, MessageKind::NotFound).await
}

async fn method_not_allowed(State(site): State<Site>, request: Request) -> Response {
    nowhere(site, request, MessageKind::MethodNotAllowed).await
}

/// People are shown a page; programs, whose cookies nobody reads, are told a problem.
async fn nowhere(site: Site, request: Request, kind: MessageKind) -> Response {
    let (mut parts, _) = request.into_parts();
    if v1::is_ours(&parts.uri) {
        let id = parts.extensions.get().map_or_else(|| site.app.new_id(), |RequestId(id)| *id);
        return v1::no_such_path(&site, id, &parts.uri, matches!(kind, MessageKind::MethodNotAllowed));
    }
    let Ok(visit) = Visit::from_request_parts(&mut parts, &site).await;
    visit.message(kind)
}

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// What no page may use.
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()";

/// What stands before every route, in one layer.
async fn in_front(State((site, in_work)): State<(Site, InWork)>, mut request: Request, next: Next) -> Response {
    let traced = Traced::begin(&site, &mut request);
    let path = request.uri().path();
    let is_link = [paths::LINK_PREFIX, paths::DISOWN_PREFIX].iter().any(|prefix| path.starts_with(prefix));
    let asking = v1::Asking::begin(&site, &mut request);
    let answer = async {
        let mut response = bounded(&site, &in_work, request, next).await;
        if let Some(asking) = asking {
            response = asking.answered(&site, response);
        }
        set_headers(&mut response, &site, is_link);
        response
    };
    traced.until(&site, answer).await
}

/// What every answer carries, whatever it is.
fn set_headers(response: &mut Response, site: &Site, is_link: bool) {
    let headers = response.headers_mut();
    headers.reserve(9);
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    // With no-referrer a link page's own POST would carry `Origin: null`.
    set(header::REFERRER_POLICY, if is_link { "same-origin" } else { "strict-origin-when-cross-origin" });
    set(OPENER_POLICY, "same-origin");
    set(RESOURCE_POLICY, "same-origin");
    set(PERMISSIONS_POLICY, PERMISSIONS);
    set(header::CACHE_CONTROL, "no-store");
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    if site.origin.is_secure() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000");
    }
}
