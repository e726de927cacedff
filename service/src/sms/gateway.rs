//! Messages by a gateway that speaks HTTP: how it is asked, and how it says that it took the message, is the operator's to
//! tell in a file.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::values::PhoneNumber;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use serde::Deserialize;
use url::Url;

use super::template::{Escape, Place, Template};
use super::{Message, SmsError, SmsTransport};
use crate::mail::Capacity;
use crate::outgoing::{Answer, Outgoing, WITHIN};

/// How many messages leave side by side.
const AT_ONCE: usize = 8;

/// What the file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    url: String,
    method: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    #[serde(default)]
    success: Success,
}

/// By what the gateway says that it took a message: all of it must hold.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Success {
    /// Its statuses; each of 200 to 299 where none is named.
    status: Vec<u16>,
    /// A text in the body.
    contains: Option<String>,
    /// Texts in a body of JSON, by pointers (RFC 6901).
    json: BTreeMap<String, String>,
}

/// What is wrong with the file. None of it repeats a value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// It is no TOML, or has other keys or kinds of values.
    #[error("line {0} is not TOML, or not a key and a value that it may have")]
    File(usize),
    /// A name in braces is no place.
    #[error("'{{{0}}}' is none of {{to}}, {{to-digits}}, {{text}} and {{id}}")]
    Place(String),
    /// The URL.
    #[error("url is not https:// (or http:// to a host in outgoing-allow) with a host in which nothing is filled in")]
    Url,
    /// The method.
    #[error("method is not GET, POST or PUT")]
    Method,
    /// A header.
    #[error("the header {0:?} has no right name, no right value, or a place for the text")]
    Header(String),
    /// What is filled in cannot be made to fit.
    #[error("body needs a Content-Type that is JSON, XML, text or an encoded form")]
    ContentType,
    /// It would not be JSON.
    #[error("body is not JSON once it is filled in")]
    Json,
    /// Nobody would get it.
    #[error("{{to}} or {{to-digits}}, and {{text}}, must stand in url or body")]
    NothingSaid,
}

/// How the gateway is asked.
pub struct Gateway {
    method: Method,
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    body: Option<Template>,
    success: Success,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway(…)")
    }
}

impl Gateway {
    /// Reads the operator's file.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(toml: &str) -> Result<Self, GatewayError> {
        let file: File = toml::from_str(toml).map_err(|error| {
            let before = error.span().map_or(0, |span| span.start);
            GatewayError::File(toml.bytes().take(before).filter(|byte| *byte == b'\n').count() + 1)
        })?;
        let template = |text: &str, escape| Template::parse(text, escape).map_err(GatewayError::Place);
        let url = template(&file.url, Escape::Percent)?;
        let method = match file.method.as_deref() {
            None | Some("POST") => Method::POST,
            Some("GET") => Method::GET,
            Some("PUT") => Method::PUT,
            Some(_) => return Err(GatewayError::Method),
        };
        let mut headers = Vec::new();
        let mut escape = None;
        for (name, value) in &file.headers {
            let wrong = || GatewayError::Header(name.clone());
            let value = template(value, Escape::Plain)?;
            let read = HeaderName::try_from(name.as_str()).map_err(|_| wrong())?;
            // The text has lines; the first place would be as good as any other for a secret to end.
            if value.has(Place::Text) || HeaderValue::from_str(&value.fill(&sample())).is_err() {
                return Err(wrong());
            }
            if read == CONTENT_TYPE {
                escape = escape_of(value.beginning());
            }
            headers.push((read, value));
        }
        let body = match (&file.body, escape) {
            (Some(body), Some(escape)) => Some((template(body, escape)?, escape)),
            (Some(_), None) => return Err(GatewayError::ContentType),
            (None, _) => None,
        };
        if let Some((body, Escape::Json)) = &body
            && serde_json::from_str::<serde_json::Value>(&body.fill(&sample())).is_err()
        {
            return Err(GatewayError::Json);
        }
        let body = body.map(|(body, _)| body);
        let says = |place| url.has(place) || body.as_ref().is_some_and(|body| body.has(place));
        if !says(Place::Text) || !(says(Place::To) || says(Place::ToDigits)) {
            return Err(GatewayError::NothingSaid);
        }
        let gateway = Self { method, url, headers, body, success: file.success };
        if gateway.has_fixed_host() { Ok(gateway) } else { Err(GatewayError::Url) }
    }

    /// Whether nothing that is filled in can change where requests go.
    fn has_fixed_host(&self) -> bool {
        let host = |text: &str| {
            let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
            url.host_str().map(|host| (host.to_owned(), url.port_or_known_default()))
        };
        let beginning = self.url.beginning();
        let has_path = beginning.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?']));
        let fixed = host(beginning).filter(|_| has_path);
        fixed.is_some() && fixed == host(&self.url.fill(&sample()))
    }

    fn request(&self, message: &Message) -> Result<Request<Vec<u8>>, hyper::http::Error> {
        let mut request = Request::builder().method(self.method.clone()).uri(self.url.fill(message).as_str());
        for (name, value) in &self.headers {
            let mut value = HeaderValue::from_str(&value.fill(message))?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        request.body(self.body.as_ref().map_or_else(Vec::new, |body| body.fill(message).as_bytes().to_vec()))
    }

    /// What an answer says of the message.
    fn judge(&self, answer: &Answer) -> Result<(), SmsError> {
        let (status, success) = (answer.status, &self.success);
        let named =
            if success.status.is_empty() { status.is_success() } else { success.status.contains(&status.as_u16()) };
        let status_code = status.as_u16();
        if named {
            let taken = self.is_told(&answer.body);
            return if taken { Ok(()) } else { Err(SmsError::Refused { status: status_code }) };
        }
        match status {
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
                Err(SmsError::Retry { status: status_code })
            }
            // It speaks of us, not of the message.
            StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                Err(SmsError::Unavailable { reason: format!("status {status_code}") })
            }
            status if status.is_redirection() => Err(SmsError::Unavailable { reason: format!("status {status_code}") }),
            status if status.is_server_error() => Err(SmsError::Retry { status: status_code }),
            _ => Err(SmsError::Refused { status: status_code }),
        }
    }

    fn is_told(&self, body: &[u8]) -> bool {
        let Success { contains, json, .. } = &self.success;
        let text = String::from_utf8_lossy(body);
        if contains.as_ref().is_some_and(|told| !text.contains(told.as_str())) {
            return false;
        }
        if json.is_empty() {
            return true;
        }
        let Ok(read) = serde_json::from_str::<serde_json::Value>(&text) else { return false };
        json.iter().all(|(pointer, told)| match read.pointer(pointer) {
            Some(serde_json::Value::String(text)) => text == told,
            Some(other) => serde_json::from_str(told).is_ok_and(|told: serde_json::Value| told == *other),
            None => false,
        })
    }
}

/// How what is filled into a body of this kind is written.
fn escape_of(content_type: &str) -> Option<Escape> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/x-www-form-urlencoded" => Some(Escape::Percent),
        "application/json" => Some(Escape::Json),
        "application/xml" | "text/xml" => Some(Escape::Xml),
        "text/plain" => Some(Escape::Plain),
        kind if kind.ends_with("+json") => Some(Escape::Json),
        kind if kind.ends_with("+xml") => Some(Escape::Xml),
        _ => None,
    }
}

/// A message that shows whether a template makes what it should.
fn sample() -> Message {
    let to = PhoneNumber::parse("+32470123456").expect("a number");
    Message { id: "0".to_owned(), to, text: "\"<&>\"\n@/?#".into(), date: Timestamp::default() }
}

/// Sends messages by a gateway.
#[derive(Debug)]
pub struct HttpGateway {
    gateway: Gateway,
    outgoing: Outgoing,
}

impl HttpGateway {
    /// A transport by this gateway, through the guarded client.
    #[must_use]
    pub const fn new(gateway: Gateway, outgoing: Outgoing) -> Self {
        Self { gateway, outgoing }
    }
}

#[async_trait]
impl SmsTransport for HttpGateway {
    async fn send(&self, message: &Message) -> Result<(), SmsError> {
        let request = self.gateway.request(message);
        let request =
            request.map_err(|_| SmsError::Unavailable { reason: "no request can be made of it".to_owned() })?;
        match self.outgoing.send(request).await {
            Ok(answer) => self.gateway.judge(&answer),
            Err(error) => Err(SmsError::Unavailable { reason: error.to_string() }),
        }
    }

    fn capacity(&self) -> Capacity {
        Capacity { at_once: AT_ONCE, within: WITHIN + Duration::from_secs(5) }
    }
}

#[cfg(test)]
mod tests;
