//! What the authenticator says and is told once it is a device (`docs/authenticator.md`): each message is signed by the
//! device's own key, so that it needs no session.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use chancery_domain::{ChallengeId, FactorId};
use chancery_service::factors::mobile_app::{
    Approving, PIN_KEY, PROOF, PUBLIC_KEY, PhoneRefused, PinChange, SIGNATURE, Shown, Speaker, Subscribing, device_of,
};
use chancery_service::push::{AUTH, Subscription, endpoint_of};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::authenticator::{bytes, read, wrong};
use super::kinds::Kind;
use super::problem::{FieldProblem, Problem};
use crate::http::visit::Visit;
use crate::pages::Browser;
use crate::site::Site;

/// The routes.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/app/v1/requests", post(requests))
        .route("/app/v1/requests/approve", post(approve))
        .route("/app/v1/requests/deny", post(deny))
        .route("/app/v1/pin", post(pin))
        .route("/app/v1/push", post(push))
}

/// Is there a request?
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    uid: String,
    device: String,
    time: i64,
    signature: String,
}

#[derive(Debug, Serialize)]
struct Asked {
    tries: u8,
    requests: Vec<Request>,
    #[serde(skip_serializing_if = "Option::is_none")]
    push: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery: Option<Recovery>,
}

/// A recovery of the account that waits or can be completed.
#[derive(Debug, Serialize)]
struct Recovery {
    everything: bool,
    from: i64,
    until: i64,
}

/// A request, as the phone shows it.
#[derive(Debug, Serialize)]
struct Request {
    request: String,
    number: bool,
    purpose: &'static str,
    application: String,
    browser: String,
    address: String,
    asked: i64,
    expires: i64,
}

async fn requests(visit: Visit, headers: HeaderMap, body: Body) -> Result<Json<Asked>, Problem> {
    let asked: Ask = read(&visit, &headers, body).await?;
    let mut errors = Vec::new();
    let signature = bytes::<SIGNATURE>("signature", &asked.signature, &mut errors);
    let device = hex("device", &asked.device, &mut errors);
    let (Some(device), Some(signature)) = (device, signature) else { return Err(Problem::fields(errors)) };
    let speaker = Speaker { uid: &asked.uid, device: FactorId::from_bytes(device) };
    let told = visit.site.app.shown_requests(&visit.client, speaker, asked.time, &signature).await?;
    let told = answered(&visit, told).await?;
    let requests = told.requests.into_iter().map(|shown| request(&visit, shown)).collect();
    let recovery = told.recovery.map(|open| Recovery {
        everything: open.factor.is_none(),
        from: open.ends.micros() / 1000,
        until: open.until().micros() / 1000,
    });
    Ok(Json(Asked { tries: told.pins_left, requests, push: visit.site.app.push_key(), recovery }))
}

fn request(visit: &Visit, shown: Shown) -> Request {
    let Shown { id, number_needed, in_session, user_agent, address, asked, expires } = shown;
    Request {
        request: id,
        number: number_needed,
        purpose: if in_session { "change" } else { "sign-in" },
        application: visit.site.service_name.to_string(),
        browser: Browser::from_user_agent(user_agent.as_deref().unwrap_or_default()).named(),
        address,
        asked: asked.micros() / 1000,
        expires: expires.micros() / 1000,
    }
}

/// "This was me."
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approve {
    uid: String,
    device: String,
    request: String,
    #[serde(default)]
    number: Zeroizing<String>,
    proof: Zeroizing<String>,
    signature: String,
}

#[derive(Debug, Serialize)]
struct Done {
    state: &'static str,
}

async fn approve(visit: Visit, headers: HeaderMap, body: Body) -> Result<Json<Done>, Problem> {
    let sent: Approve = read(&visit, &headers, body).await?;
    let mut errors = Vec::new();
    let proof = bytes::<PROOF>("proof", &sent.proof, &mut errors);
    let signature = bytes::<SIGNATURE>("signature", &sent.signature, &mut errors);
    let (device, request) = (hex("device", &sent.device, &mut errors), hex("request", &sent.request, &mut errors));
    if sent.number.len() > 2 || !sent.number.bytes().all(|digit| digit.is_ascii_digit()) {
        errors.push(wrong("number", "is at most two digits"));
    }
    let (Some(proof), Some(signature), Some(device), Some(request), true) =
        (proof, signature, device, request, errors.is_empty())
    else {
        return Err(Problem::fields(errors));
    };
    let speaker = Speaker { uid: &sent.uid, device: FactorId::from_bytes(device) };
    let (request, number) = (ChallengeId::from_bytes(request), sent.number.to_string());
    let approving = Approving { request, number, proof, signature };
    let told = visit.site.app.approve_request(&visit.client, speaker, approving).await?;
    answered(&visit, told).await?;
    Ok(Json(Done { state: "approved" }))
}

/// "This wasn't me."
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deny {
    uid: String,
    device: String,
    request: String,
    signature: String,
}

async fn deny(visit: Visit, headers: HeaderMap, body: Body) -> Result<Json<Done>, Problem> {
    let sent: Deny = read(&visit, &headers, body).await?;
    let mut errors = Vec::new();
    let signature = bytes::<SIGNATURE>("signature", &sent.signature, &mut errors);
    let (device, request) = (hex("device", &sent.device, &mut errors), hex("request", &sent.request, &mut errors));
    let (Some(signature), Some(device), Some(request)) = (signature, device, request) else {
        return Err(Problem::fields(errors));
    };
    let speaker = Speaker { uid: &sent.uid, device: FactorId::from_bytes(device) };
    let told =
        visit.site.app.deny_request(&visit.client, speaker, ChallengeId::from_bytes(request), &signature).await?;
    answered(&visit, told).await?;
    Ok(Json(Done { state: "denied" }))
}

/// "Another PIN."
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangePin {
    uid: String,
    device: String,
    id: String,
    time: i64,
    proof: Zeroizing<String>,
    pin_key: Zeroizing<String>,
    signature: String,
}

async fn pin(visit: Visit, headers: HeaderMap, body: Body) -> Result<Json<Done>, Problem> {
    let sent: ChangePin = read(&visit, &headers, body).await?;
    let mut errors = Vec::new();
    let (device, id) = (hex("device", &sent.device, &mut errors), hex("id", &sent.id, &mut errors));
    let proof = bytes::<PROOF>("proof", &sent.proof, &mut errors);
    let pin_key = bytes::<PIN_KEY>("pin_key", &sent.pin_key, &mut errors).map(Zeroizing::new);
    let signature = bytes::<SIGNATURE>("signature", &sent.signature, &mut errors);
    let (Some(device), Some(id), Some(proof), Some(pin_key), Some(signature)) = (device, id, proof, pin_key, signature)
    else {
        return Err(Problem::fields(errors));
    };
    let speaker = Speaker { uid: &sent.uid, device: FactorId::from_bytes(device) };
    let change = PinChange { id, time: sent.time, proof, pin_key, signature };
    let told = visit.site.app.change_pin(&visit.client, speaker, change).await?;
    answered(&visit, told).await?;
    Ok(Json(Done { state: "changed" }))
}

/// "Tell me here."
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscribe {
    uid: String,
    device: String,
    time: i64,
    endpoint: String,
    public_key: String,
    auth: Zeroizing<String>,
    push: String,
    signature: String,
}

async fn push(visit: Visit, headers: HeaderMap, body: Body) -> Result<Json<Done>, Problem> {
    let sent: Subscribe = read(&visit, &headers, body).await?;
    let app = &visit.site.app;
    let mut errors = Vec::new();
    let device = hex("device", &sent.device, &mut errors);
    let public_key = bytes::<PUBLIC_KEY>("public_key", &sent.public_key, &mut errors);
    let auth = bytes::<AUTH>("auth", &sent.auth, &mut errors);
    let made_for = bytes::<PUBLIC_KEY>("push", &sent.push, &mut errors);
    let signature = bytes::<SIGNATURE>("signature", &sent.signature, &mut errors);
    if made_for.is_some() && app.push_key().as_ref() != Some(&sent.push) {
        errors.push(wrong("push", "is the key that the service has now"));
    }
    if endpoint_of(&sent.endpoint, &app.settings.push_services).is_none() {
        errors.push(wrong("endpoint", "is an address at a push service that the operator allows"));
    }
    let (Some(device), Some(public_key), Some(auth), Some(made_for), Some(signature), true) =
        (device, public_key, auth, made_for, signature, errors.is_empty())
    else {
        return Err(Problem::fields(errors));
    };
    let speaker = Speaker { uid: &sent.uid, device: FactorId::from_bytes(device) };
    let subscription = Subscription { endpoint: sent.endpoint, public_key, auth, made_for };
    let told = app.subscribe_phone(&visit.client, speaker, Subscribing { time: sent.time, subscription, signature });
    answered(&visit, told.await?).await?;
    Ok(Json(Done { state: "kept" }))
}

/// An id of 16 bytes.
fn hex(field: &'static str, text: &str, errors: &mut Vec<FieldProblem>) -> Option<[u8; 16]> {
    let id = device_of(text).map(|id| *id.as_bytes());
    if id.is_none() {
        errors.push(wrong(field, "is 32 hexadecimal digits in lower case"));
    }
    id
}

/// What a phone is told of a refusal. What nobody has signed is answered as late as any other.
async fn answered<T>(visit: &Visit, told: Result<T, PhoneRefused>) -> Result<T, Problem> {
    let refused = match told {
        Ok(told) => return Ok(told),
        Err(refused) => refused,
    };
    Err(match refused {
        PhoneRefused::Gone => {
            visit.site.app.until_answer_is_due(visit.arrived).await;
            Problem::new(Kind::DeviceGone, "no device of the account has signed this")
        }
        PhoneRefused::Blocked => Problem::new(Kind::DeviceBlocked, "the device is blocked"),
        PhoneRefused::Suspended => Problem::new(Kind::DeviceSuspended, "the device is suspended"),
        PhoneRefused::WrongClock(now) => Problem::wrong_clock(now),
        PhoneRefused::RequestGone => Problem::new(Kind::RequestGone, "no such request waits"),
        PhoneRefused::WrongNumber => Problem::new(Kind::WrongNumber, "the request has ended"),
        PhoneRefused::WrongPin(tries) => Problem::wrong_pin(tries.into()),
        PhoneRefused::Limit(reached) => {
            let seconds = reached.until.since(visit.site.app.now()).as_secs();
            Problem::retry(Kind::RateLimited, "too much was sent that no device has signed", seconds)
        }
    })
}
