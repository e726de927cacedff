//! Messages that wake an app: Web Push (RFC 8030), encrypted for the browser (RFC 8291), in the name of this service
//! (RFC 8292).
//!
//! Such a message is a hint. The app asks the service for what waits whenever it is opened, so that nothing is lost where
//! one does not arrive, and a repeat is harmless: a push service keeps the last one of a topic, and so does the phone.

mod encrypt;
mod hosts;
mod vapid;

use std::fmt;
use std::time::Duration;

use chancery_domain::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use hyper::{Method, Request, StatusCode};
use minicbor::{Decode, Encode};
use url::Url;

pub use hosts::PushHost;
pub use vapid::{PUBLIC_KEY, VapidKey};

use crate::outgoing::Outgoing;
use crate::ports::Random;

/// The length of a browser's authentication secret in bytes (RFC 8291, section 3.2).
pub const AUTH: usize = 16;

/// The longest address of a subscription, in bytes.
pub const ENDPOINT: usize = 1024;

/// Where a browser is reached, and how what it is told is encrypted for it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Subscription {
    /// The address at the push service. It leads to one browser, whoever uses it.
    #[n(0)]
    pub endpoint: String,
    /// The browser's public key: an uncompressed point of P-256.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub public_key: [u8; PUBLIC_KEY],
    /// What it shares with whoever may write to it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub auth: [u8; AUTH],
    /// The service's own public key that it was made for: the push service takes nothing signed by another.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub made_for: [u8; PUBLIC_KEY],
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription(…)")
    }
}

/// The address of a subscription, if messages may go there: by TLS, or where the operator opened the host for requests
/// without it, as the outgoing client holds.
#[must_use]
pub fn endpoint_of(text: &str, allowed: &[PushHost]) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= ENDPOINT)?;
    let plain = url.username().is_empty() && url.password().is_none();
    let host = url.domain().filter(|_| plain && matches!(url.scheme(), "https" | "http"))?;
    allowed.iter().any(|allowed| allowed.names(host)).then_some(url)
}

/// What a browser is told, and how it is carried.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// What the app's worker reads. The push service sees its length only, and that is the same for all.
    pub content: &'a [u8],
    /// For how long it is worth anything.
    pub lives: Duration,
    /// A later one takes its place where it was not delivered yet (RFC 8030, section 5.4): at most 32 characters of base64url.
    pub topic: &'a str,
    /// The present moment.
    pub now: Timestamp,
    /// The origin by which people reach the service: whom a push service may turn to.
    pub contact: &'a str,
}

/// The request that has a browser told something; `None` where its keys are none, or nothing can be reached there.
#[must_use]
pub fn request(
    key: &VapidKey,
    random: &dyn Random,
    subscription: &Subscription,
    message: &Message<'_>,
) -> Option<Request<Vec<u8>>> {
    let url = Url::parse(&subscription.endpoint).ok()?;
    let body = encrypt::encrypt(random, &subscription.public_key, &subscription.auth, message.content)?;
    let token = key.token(&url.origin().ascii_serialization(), message.now, message.contact)?;
    let public_key = BASE64URL_NOPAD.encode(key.public());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(url.as_str())
        .header(AUTHORIZATION, format!("vapid t={token}, k={public_key}"))
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_ENCODING, "aes128gcm")
        .header("TTL", message.lives.as_secs())
        .header("Topic", message.topic)
        // Somebody waits in front of a page (RFC 8030, section 5.3).
        .header("Urgency", "high")
        .body(body)
        .ok()?;
    request.headers_mut().get_mut(AUTHORIZATION)?.set_sensitive(true);
    Some(request)
}

/// Why a message did not leave. None of it repeats an address, so all of it may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The browser does not want it any more, or is no more.
    #[error("the subscription is gone")]
    Gone,
    /// The push service said: later.
    #[error("the push service asks to try again later (status {status})")]
    Retry {
        /// Its answer's status.
        status: u16,
    },
    /// The push service said: never.
    #[error("the push service refuses the message (status {status})")]
    Refused {
        /// Its answer's status.
        status: u16,
    },
    /// Nobody has judged it. The reason is for the operator.
    #[error("the push service cannot be reached: {reason}")]
    Unavailable {
        /// What stands in the way.
        reason: String,
    },
}

impl PushError {
    /// The outcome's name in metrics.
    #[must_use]
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Retry { .. } => "retry",
            Self::Refused { .. } => "refused",
            Self::Unavailable { .. } => "unavailable",
        }
    }
}

/// Hands messages to push services through the guarded client, and counts them.
#[derive(Clone, Debug)]
pub struct PushSender(Outgoing);

impl PushSender {
    /// A sender through this client.
    #[must_use]
    pub const fn new(outgoing: Outgoing) -> Self {
        Self(outgoing)
    }

    /// Sends a message, and counts the outcome in the metric `chancery_pushes_total`.
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<(), PushError> {
        let sent = match self.0.send(request).await {
            Ok(answer) => judge(answer.status),
            Err(error) => Err(PushError::Unavailable { reason: error.to_string() }),
        };
        let outcome = sent.as_ref().map_or_else(PushError::outcome, |()| "sent");
        metrics::counter!("chancery_pushes_total", "outcome" => outcome).increment(1);
        sent
    }
}

/// What a push service's status says (RFC 8030, sections 5 and 8.4).
fn judge(status: StatusCode) -> Result<(), PushError> {
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(PushError::Gone),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Err(PushError::Retry { status: status.as_u16() })
        }
        status if status.is_server_error() => Err(PushError::Retry { status: status.as_u16() }),
        status => Err(PushError::Refused { status: status.as_u16() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_push_services_that_are_allowed_are_written_to() {
        let allowed = ["fcm.googleapis.com", "*.notify.windows.com"].map(|host| PushHost::parse(host).unwrap());
        let long = format!("https://fcm.googleapis.com/{}", "a".repeat(ENDPOINT));
        for (endpoint, may) in [
            ("https://fcm.googleapis.com/fcm/send/a:b", true),
            ("https://FCM.googleapis.com./x", false),
            ("https://wns2-par02p.notify.windows.com/w/?token=a", true),
            ("https://notify.windows.com/", false),
            ("https://evil-notify.windows.com.example.org/", false),
            ("https://example.org/?fcm.googleapis.com", false),
            ("https://fcm.googleapis.com@example.org/", false),
            ("https://me@fcm.googleapis.com/", false),
            ("https://10.0.0.1/", false),
            ("ftp://fcm.googleapis.com/", false),
            ("fcm.googleapis.com", false),
            ("", false),
            (long.as_str(), false),
        ] {
            assert_eq!(endpoint_of(endpoint, &allowed).is_some(), may, "{endpoint}");
        }
        assert!(endpoint_of("https://fcm.googleapis.com/", &[]).is_none(), "where none is allowed");
    }

    #[test]
    fn what_is_gone_is_told_from_what_may_come_again_and_from_what_never_works() {
        let outcome = |status: u16| judge(StatusCode::from_u16(status).unwrap()).map_err(|error| error.outcome());
        assert_eq!([200, 201, 202].map(outcome), [Ok(()); 3]);
        assert_eq!([404, 410].map(outcome), [Err("gone"); 2]);
        assert_eq!([408, 425, 429, 500, 503].map(outcome), [Err("retry"); 5]);
        assert_eq!([301, 400, 401, 403, 413].map(outcome), [Err("refused"); 5]);
    }
}
