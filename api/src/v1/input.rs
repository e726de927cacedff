//! Reading requests: bounded, strict, and never guessed at.

use axum::body::Body;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chancery_service::position::LogPosition;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::kinds::Kind;
use super::problem::Problem;
use crate::http::form::MAX_TIME;
use crate::site::Site;

/// The longest body, in bytes.
pub const MAX_BODY: usize = 16 * 1024;

/// The longest key of a request.
const LONGEST_KEY: usize = 255;

/// The query, every parameter known and each at most once.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Site> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(query)| Self(query)).map_err(|_| Problem::invalid("a parameter of the query cannot be used"))
    }
}

/// A request's body as JSON.
pub async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(Kind::UnsupportedMediaType, "the content type is not application/json"));
    }
    let bytes = bounded(body).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        if error.is_data() {
            Problem::new(Kind::InvalidFields, error.to_string())
        } else {
            Problem::invalid(format!("the body is not JSON: {error}"))
        }
    })
}

/// Refuses a body where there is none to be.
pub async fn nothing(body: Body) -> Result<(), Problem> {
    let bytes = bounded(body).await?;
    if bytes.is_empty() { Ok(()) } else { Err(Problem::invalid("this takes no body")) }
}

async fn bounded(body: Body) -> Result<axum::body::Bytes, Problem> {
    match tokio::time::timeout(MAX_TIME, Limited::new(body, MAX_BODY).collect()).await {
        Err(_) => Err(Problem::new(Kind::TooSlow, "the body did not arrive in time")),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Problem::new(Kind::TooLarge, format!("the body is longer than {MAX_BODY} bytes")))
        }
        Ok(Err(_)) => Err(Problem::invalid("the body broke off")),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
    }
}

/// The `Idempotency-Key`.
pub fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let (first, second) = (values.next(), values.next());
    let Some(value) = first else {
        return Err(Problem::new(Kind::IdempotencyKeyMissing, "send a random key as the header Idempotency-Key"));
    };
    let key = value.to_str().unwrap_or_default();
    let right = (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if second.is_some() || !right {
        let detail = format!("an Idempotency-Key is 1 to {LONGEST_KEY} visible ASCII characters");
        return Err(Problem::invalid(detail));
    }
    Ok(key.to_owned())
}

/// A position that a parameter names.
pub fn position(parameter: &str, text: &str) -> Result<LogPosition, Problem> {
    text.parse().map_err(|error| Problem::invalid(format!("{parameter}: {error}")))
}
