//! What can go wrong, as problem details (RFC 9457). Each kind has a stable `type`, whose anchor on the page `/v1/` says
//! what it means and what to do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_domain::Timestamp;
use chancery_domain::application::Scope;
use chancery_service::Failure;
use chancery_service::app::LogIdentity;
use chancery_service::applications::at_least::NotAsNew;
use chancery_service::position::{EpochChanged, LogPosition};
use serde::Serialize;
use utoipa::ToSchema;

use super::kinds::Kind;
use crate::http::in_work::{NoPlace, RETRY};

/// The content type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A problem, as it is answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Problem")]
pub struct ProblemBody {
    /// Which kind of problem it is: a URI that never changes. Its anchor says what to do.
    #[serde(rename = "type")]
    #[schema(format = "uri")]
    pub kind: String,
    /// The kind in a few words.
    pub title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong this time.
    pub detail: String,
    /// The request, as the log of the service names it.
    #[schema(format = "uri")]
    pub instance: String,
    /// The log's epoch, where it is not the one that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<i64>,
    /// How far the log or what follows it has come, where that is not as far as was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// The service's time in milliseconds since 1970, where the asker's clock is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// How many PINs can still be tried, where one was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    /// The fields that cannot be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub detail: String,
}

/// A refusal on its way to being answered.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its kind.
    pub kind: Kind,
    detail: String,
    more: Box<More>,
}

/// What only some problems have.
#[derive(Clone, Debug, Default)]
struct More {
    epoch: Option<i64>,
    position: Option<LogPosition>,
    time: Option<i64>,
    tries: Option<u32>,
    errors: Vec<FieldProblem>,
    /// In how many seconds it is worth trying again.
    retry_after: Option<u64>,
    /// The challenge that goes with a refused secret or scope.
    challenge: Option<String>,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), more: Box::default() }
    }

    fn with(kind: Kind, detail: impl Into<String>, more: More) -> Self {
        Self { kind, detail: detail.into(), more: Box::new(more) }
    }

    /// The request cannot be read.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Kind::InvalidRequest, detail)
    }

    /// Fields that cannot be used.
    pub fn fields(errors: Vec<FieldProblem>) -> Self {
        let named: Vec<&str> = errors.iter().map(|error| error.field).collect();
        let detail = format!("cannot be used: {}", named.join(", "));
        Self::with(Kind::InvalidFields, detail, More { errors, ..More::default() })
    }

    /// A secret that is missing or worth nothing.
    pub fn unauthenticated(given: bool) -> Self {
        let (detail, challenge) = if given {
            let challenge = "Bearer realm=\"chancery\", error=\"invalid_token\"";
            ("the secret is not one of an application's, or not any more", challenge)
        } else {
            ("send the application's secret as 'Authorization: Bearer …'", "Bearer realm=\"chancery\"")
        };
        let more = More { challenge: Some(challenge.to_owned()), ..More::default() };
        Self::with(Kind::Unauthenticated, detail, more)
    }

    /// A scope that the application does not have.
    pub fn scope_missing(scope: Scope) -> Self {
        let challenge = format!("Bearer realm=\"chancery\", error=\"insufficient_scope\", scope=\"{scope}\"");
        let detail = format!("the application does not have the scope {scope}");
        Self::with(Kind::ScopeMissing, detail, More { challenge: Some(challenge), ..More::default() })
    }

    /// A clock that is too far from the service's.
    pub fn wrong_clock(now: Timestamp) -> Self {
        let more = More { time: Some(now.micros() / 1000), ..More::default() };
        Self::with(Kind::WrongClock, "the time in the message is too far from the service's", more)
    }

    /// A PIN that is not the one that was chosen; so many can still be tried.
    pub fn wrong_pin(tries: u32) -> Self {
        let detail = if tries == 0 { "no PIN can be tried any more" } else { "the PIN is not the one that was chosen" };
        Self::with(Kind::WrongPin, detail, More { tries: Some(tries), ..More::default() })
    }

    /// Nothing of this name.
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("there is no such {what}"))
    }

    /// Too much, for a while.
    pub fn retry(kind: Kind, detail: impl Into<String>, seconds: u64) -> Self {
        Self::with(kind, detail, More { retry_after: Some(seconds.max(1)), ..More::default() })
    }

    /// What is asked is newer than what can be told; `log` makes positions of this log.
    pub fn not_as_new(not: NotAsNew, log: LogIdentity) -> Self {
        let at = |position| More { position: Some(log.position(position)), ..More::default() };
        match not {
            NotAsNew::BeyondTheLog { head } => {
                Self::with(Kind::PositionUnknown, "the log has not come to this position", at(head))
            }
            NotAsNew::NotYet { come } => {
                let detail = "what is asked has not come to this position yet: ask again";
                Self::with(Kind::NotYet, detail, More { retry_after: Some(1), ..at(come) })
            }
        }
    }
}

impl From<NoPlace> for Problem {
    fn from(NoPlace: NoPlace) -> Self {
        Self::retry(Kind::Busy, "too much is going on", RETRY.as_secs())
    }
}

impl From<EpochChanged> for Problem {
    fn from(changed: EpochChanged) -> Self {
        let more = More { epoch: Some(changed.current), ..More::default() };
        Self::with(Kind::EpochChanged, changed.to_string(), more)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy { retry_after } => Self::retry(Kind::Busy, "too much is going on", retry_after.as_secs()),
            Failure::OtherRequest => {
                Self::new(Kind::IdempotencyKeyReused, "the key was sent before, with another request")
            }
            Failure::Unavailable
            | Failure::Full
            | Failure::ClockSkew
            | Failure::Keys(_)
            | Failure::NoPolicy
            | Failure::Newer(_)
            | Failure::OtherHistory(_) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "a request was refused");
                Self::retry(Kind::Unavailable, "the service cannot be used just now", 5)
            }
            Failure::Internal(_) => {
                tracing::error!(error = &failure as &dyn std::error::Error, "a request failed");
                Self::new(Kind::Internal, "an error that is not the request's: the instance finds it in the log")
            }
        }
    }
}

/// The status and headers; the body is written where the request's id and the public URL are known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if let Some(seconds) = self.more.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.more.challenge.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl Problem {
    /// The body, for a service at this URL and a request of this id.
    pub fn body(self, public_url: &str, request: uuid::Uuid) -> ProblemBody {
        ProblemBody {
            kind: format!("{public_url}{}#{}", super::PAGE, self.kind.anchor()),
            title: self.kind.title(),
            status: self.kind.status(),
            detail: self.detail,
            instance: format!("urn:uuid:{request}"),
            epoch: self.more.epoch,
            position: self.more.position.map(|position| position.to_string()),
            time: self.more.time,
            tries: self.more.tries,
            errors: self.more.errors,
        }
    }
}
