//! Entity tags: `"<epoch>.<n>"`, where the number is made from what is told and from nothing else, so that a sign-in
//! changes no tag.

use std::convert::Infallible;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chancery_service::app::LogIdentity;
use chancery_service::position::LogPosition;

use super::kinds::Kind;
use super::problem::Problem;

/// Whether a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Send,
    /// It is known already.
    NotModified,
}

/// The conditions of a request: of its headers those that name tags, and no others.
#[derive(Debug, Default)]
pub struct Conditions(HeaderMap);

impl Conditions {
    fn of(headers: &HeaderMap) -> Self {
        let mut conditions = HeaderMap::new();
        for name in [header::IF_MATCH, header::IF_NONE_MATCH] {
            for value in headers.get_all(&name) {
                conditions.append(&name, value.clone());
            }
        }
        Self(conditions)
    }
}

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// The tag of a body.
#[must_use]
pub fn of(epoch: i64, body: &[u8]) -> String {
    let hash = digest(&SHA256, body);
    let number = hash.as_ref().iter().take(7).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("\"{epoch}.{number}\"")
}

/// Holds a request's conditions against a tag (RFC 9110, section 13).
///
/// # Errors
/// `If-Match` names no tag of this body; or what is named belongs to another epoch, of which nothing is known any more.
pub fn judge(Conditions(headers): &Conditions, tag: &str, log: LogIdentity) -> Result<Verdict, Problem> {
    if let Some(wanted) = listed(headers, header::IF_MATCH)
        && !wanted.iter().any(|one| *one == tag || *one == "*")
    {
        of_this_epoch(&wanted, log)?;
        return Err(Problem::new(Kind::PreconditionFailed, "the account has none of these entity tags"));
    }
    let known = listed(headers, header::IF_NONE_MATCH).unwrap_or_default();
    let is_known = known.iter().any(|one| *one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag);
    if is_known {
        return Ok(Verdict::NotModified);
    }
    of_this_epoch(&known, log)?;
    Ok(Verdict::Send)
}

/// Refuses tags of another epoch: whoever names one has to start over, and is told so.
fn of_this_epoch(tags: &[&str], log: LogIdentity) -> Result<(), Problem> {
    let numbers = tags.iter().map(|tag| tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"'));
    for given in numbers.filter_map(|number| number.parse::<LogPosition>().ok()) {
        log.accept(given)?;
    }
    Ok(())
}

/// The tags of a header; `None` if it is not there.
fn listed(headers: &HeaderMap, name: header::HeaderName) -> Option<Vec<&str>> {
    headers.contains_key(&name).then(|| {
        let values = headers.get_all(&name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(str::trim).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: LogIdentity = LogIdentity { log: uuid::Uuid::nil(), epoch: 2, began: chancery_domain::Timestamp(0) };

    fn judged(name: header::HeaderName, value: &str) -> Result<Verdict, Kind> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        judge(&Conditions::of(&headers), "\"2.7\"", LOG).map_err(|problem| problem.kind)
    }

    #[test]
    fn a_tag_is_made_of_the_body() {
        assert_eq!(of(1, b"a"), of(1, b"a"));
        assert_ne!(of(1, b"a"), of(1, b"b"));
        assert!(of(3, b"a").trim_matches('"').parse::<LogPosition>().is_ok());
    }

    #[test]
    fn conditions_are_held_against_it() {
        assert_eq!(judge(&Conditions::default(), "\"2.7\"", LOG).ok(), Some(Verdict::Send));
        for known in ["\"2.7\"", "\"2.6\", W/\"2.7\"", "*"] {
            assert_eq!(judged(header::IF_NONE_MATCH, known), Ok(Verdict::NotModified), "{known}");
        }
        for other in ["\"2.6\"", "2.7", "nonsense", ""] {
            assert_eq!(judged(header::IF_NONE_MATCH, other), Ok(Verdict::Send), "{other}");
        }
        for wanted in ["\"2.7\"", "\"2.6\", \"2.7\"", "*"] {
            assert_eq!(judged(header::IF_MATCH, wanted), Ok(Verdict::Send), "{wanted}");
        }
        for other in ["\"2.6\"", "W/\"2.7\"", "nonsense"] {
            assert_eq!(judged(header::IF_MATCH, other), Err(Kind::PreconditionFailed), "{other}");
        }
        for condition in [header::IF_MATCH, header::IF_NONE_MATCH] {
            for old in ["\"1.7\"", "\"2.6\", \"1.7\"", "W/\"1.7\"", "\"3.7\""] {
                assert_eq!(judged(condition.clone(), old), Err(Kind::EpochChanged), "{condition}: {old}");
            }
        }
        assert_eq!(judged(header::IF_NONE_MATCH, "\"1.7\", \"2.7\""), Ok(Verdict::NotModified), "one is known");
    }
}
