//! What the authenticator says and is told while it becomes a device (`docs/authenticator.md`): JSON and problems like those
//! of programs, but from the service's own origin, and without a secret: the code of the enrolment is one.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use chancery_domain::account::Device;
use chancery_service::factors::mobile_app::{
    PIN_KEY, PUBLIC_KEY, PairingRefused, PairingState, Phone, PhoneKeys, SIGNATURE, device_of, id_of,
};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::input;
use super::kinds::Kind;
use super::problem::{FieldProblem, Problem};
use crate::http::visit::Visit;
use crate::pages::Browser;
use crate::site::Site;

/// The version of what the authenticator says, which stands in the path of each message.
pub const VERSION: &str = "1";

/// The version that a path names, if it is one of the authenticator's messages.
pub fn version(path: &str) -> Option<&str> {
    let (version, _) = path.strip_prefix("/app/v")?.split_once('/')?;
    let is_number = !version.is_empty() && version.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then_some(version)
}

/// The routes.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/app/v1/enrolments/look", post(look))
        .route("/app/v1/enrolments/initialise", post(initialise))
        .route("/app/v1/enrolments/state", post(state))
}

/// What is this code for?
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    uid: String,
    code: Zeroizing<String>,
}

#[derive(Debug, Serialize)]
struct Looked {
    enrolment: String,
    service: String,
    account: String,
    name: String,
    tries: u32,
}

async fn look(visit: Visit, headers: HeaderMap, body: Body) -> Result<Json<Looked>, Problem> {
    let asked: Look = read(&visit, &headers, body).await?;
    let looked = visit.site.app.look_at_pairing(&visit.client.network(), &asked.uid, &asked.code).await?;
    match looked {
        Ok(looked) => Ok(Json(Looked {
            enrolment: id_of(looked.enrolment),
            service: visit.site.service_name.to_string(),
            account: looked.account,
            name: looked.name,
            tries: looked.tries,
        })),
        Err(refused) => Err(problem(&visit, refused).await),
    }
}

/// This is the device.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Initialise {
    uid: String,
    code: Zeroizing<String>,
    pin: Zeroizing<String>,
    public_key: String,
    pin_key: Zeroizing<String>,
    device: Told,
    signature: String,
}

/// What a phone tells of itself.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Told {
    os: String,
    manufacturer: String,
    model: String,
}

#[derive(Debug, Serialize)]
struct Standing {
    state: &'static str,
}

async fn initialise(visit: Visit, headers: HeaderMap, body: Body) -> Result<Json<Standing>, Problem> {
    let sent: Initialise = read(&visit, &headers, body).await?;
    let phone = phone(&visit, &sent)?;
    let (network, code) = (visit.client.network(), (sent.uid.as_str(), sent.code.as_str()));
    match visit.site.app.take_pairing(&network, code, &sent.pin, phone).await? {
        Ok(()) => Ok(Json(Standing { state: "waiting" })),
        Err(refused) => Err(problem(&visit, refused).await),
    }
}

/// What became of it?
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    uid: String,
    enrolment: String,
    public_key: String,
}

async fn state(visit: Visit, headers: HeaderMap, body: Body) -> Result<Json<Standing>, Problem> {
    let asked: State = read(&visit, &headers, body).await?;
    let mut errors = Vec::new();
    let enrolment = device_of(&asked.enrolment);
    if enrolment.is_none() {
        errors.push(wrong("enrolment", "is 32 hexadecimal digits in lower case"));
    }
    let public_key = bytes::<PUBLIC_KEY>("public_key", &asked.public_key, &mut errors);
    let (Some(enrolment), Some(public_key)) = (enrolment, public_key) else { return Err(Problem::fields(errors)) };
    let network = visit.client.network();
    let state = match visit.site.app.pairing_state(&network, &asked.uid, enrolment, &public_key).await? {
        Ok(PairingState::Waiting) => "waiting",
        Ok(PairingState::Confirmed) => "confirmed",
        Ok(PairingState::Ended) => {
            visit.site.app.until_answer_is_due(visit.arrived).await;
            "ended"
        }
        Err(reached) => return Err(problem(&visit, PairingRefused::Limit(reached)).await),
    };
    Ok(Json(Standing { state }))
}

/// A message, if it comes from a page of our own.
pub(super) async fn read<T: serde::de::DeserializeOwned>(
    visit: &Visit,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Problem> {
    if !visit.is_same_origin() {
        return Err(Problem::new(Kind::OtherOrigin, "the message comes from a page of another origin"));
    }
    input::json(headers, body).await
}

/// The phone that a message speaks of.
fn phone(visit: &Visit, sent: &Initialise) -> Result<Phone, Problem> {
    let mut errors = Vec::new();
    let public_key = bytes::<PUBLIC_KEY>("public_key", &sent.public_key, &mut errors);
    let pin_key = bytes::<PIN_KEY>("pin_key", &sent.pin_key, &mut errors);
    let signature = bytes::<SIGNATURE>("signature", &sent.signature, &mut errors);
    let Told { os, manufacturer, model } = &sent.device;
    if [os, manufacturer, model].into_iter().any(|told| !Device::can_tell(told)) {
        errors.push(wrong("device", "each member is at most 64 printable characters"));
    }
    match (public_key, pin_key, signature) {
        (Some(public_key), Some(pin_key), Some(signature)) if errors.is_empty() => {
            let mut device = Device { os: os.clone(), manufacturer: manufacturer.clone(), model: model.clone() };
            // Most browsers tell no model: its owner must know it again all the same.
            if device == Device::default() {
                let user_agent = visit.client.user_agent.as_deref().unwrap_or_default();
                device.os = Browser::from_user_agent(user_agent).named();
            }
            Ok(Phone { keys: PhoneKeys { public_key, pin_key }, device, signature })
        }
        _ => Err(Problem::fields(errors)),
    }
}

pub(super) fn bytes<const N: usize>(
    field: &'static str,
    text: &str,
    errors: &mut Vec<FieldProblem>,
) -> Option<[u8; N]> {
    let decoded = BASE64URL_NOPAD.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    if decoded.is_none() {
        errors.push(FieldProblem { field, detail: format!("is {N} bytes in base64url without padding") });
    }
    decoded
}

pub(super) fn wrong(field: &'static str, detail: &str) -> FieldProblem {
    FieldProblem { field, detail: detail.to_owned() }
}

async fn problem(visit: &Visit, refused: PairingRefused) -> Problem {
    match refused {
        PairingRefused::Gone => {
            visit.site.app.until_answer_is_due(visit.arrived).await;
            Problem::new(Kind::EnrolmentGone, "no enrolment waits behind this code")
        }
        PairingRefused::WrongPin(tries) => Problem::wrong_pin(tries),
        PairingRefused::WrongSignature => {
            Problem::new(Kind::WrongSignature, "the signature is not the key's over this enrolment")
        }
        PairingRefused::Limit(reached) => {
            let seconds = reached.until.since(visit.site.app.now()).as_secs();
            Problem::retry(Kind::RateLimited, "too many codes were tried", seconds)
        }
    }
}
