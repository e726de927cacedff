//! A posted form: bounded, strict, and never guessed at.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use percent_encoding::percent_decode;
use zeroize::Zeroizing;

/// The longest body of a form, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// The time in which a form must have arrived.
pub const MAX_TIME: Duration = Duration::from_secs(15);

/// Why a body is no form of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// 415.
    #[error("the content type is not that of a form")]
    ContentType,
    /// 413.
    #[error("the body is longer than a form can be")]
    TooLarge,
    /// 408.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// 400: broken UTF-8, a NUL, a field twice, a field that the form does not have, a connection that broke off.
    #[error("the body is not a form")]
    Malformed,
}

/// The fields of a posted form. Wiped when dropped: there may be a password among them.
#[derive(Debug, Default)]
pub struct PostedForm(Vec<(String, Zeroizing<String>)>);

impl PostedForm {
    /// Reads a body of `application/x-www-form-urlencoded` whose fields are all among `allowed`.
    ///
    /// # Errors
    /// See [`FormError`].
    pub async fn read(headers: &HeaderMap, body: Body, allowed: &[&str]) -> Result<Self, FormError> {
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(FormError::ContentType);
        }
        let collected = tokio::time::timeout(MAX_TIME, Limited::new(body, MAX_BODY).collect()).await;
        let bytes = match collected {
            Err(_) => return Err(FormError::TooSlow),
            Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(FormError::TooLarge),
            Ok(Err(_)) => return Err(FormError::Malformed),
            Ok(Ok(collected)) => collected.to_bytes(),
        };
        Self::parse(&bytes, allowed)
    }

    /// Reads the bytes of a form.
    ///
    /// # Errors
    /// [`FormError::Malformed`].
    pub fn parse(bytes: &[u8], allowed: &[&str]) -> Result<Self, FormError> {
        let mut fields: Vec<(String, Zeroizing<String>)> = Vec::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if !allowed.contains(&name.as_str()) || fields.iter().any(|(known, _)| *known == *name) {
                return Err(FormError::Malformed);
            }
            fields.push((name.to_string(), value));
        }
        Ok(Self(fields))
    }

    /// The value of a field; empty if it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Whether a field was sent at all: how a check box says that it is ticked.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }
}

fn decode(bytes: &[u8]) -> Result<Zeroizing<String>, FormError> {
    let spaced = Zeroizing::new(bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect::<Vec<_>>());
    let decoded = Zeroizing::new(percent_decode(&spaced).collect::<Vec<u8>>());
    let text = std::str::from_utf8(&decoded).map_err(|_| FormError::Malformed)?;
    if text.contains('\0') { Err(FormError::Malformed) } else { Ok(Zeroizing::new(text.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[&str] = &["name", "box"];

    #[test]
    fn fields_are_decoded() {
        let form = PostedForm::parse(b"name=Zo%C3%AB+%26+co&box=on", ALLOWED).unwrap();
        assert_eq!(form.get("name"), "Zoë & co");
        assert!(form.has("box") && !form.has("other"));
        assert_eq!(form.get("other"), "");
    }

    #[test]
    fn what_is_no_form_of_ours_is_refused() {
        for bytes in [&b"name=%FF"[..], b"name=a%00", b"name=a&name=b", b"stranger=1", b"name=\xff", b"%00=1"] {
            assert_eq!(PostedForm::parse(bytes, ALLOWED).unwrap_err(), FormError::Malformed, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn bodies_are_bounded_and_typed() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
        let read = |headers: HeaderMap, length: usize| async move {
            PostedForm::read(&headers, Body::from(format!("name={}", "a".repeat(length))), ALLOWED).await
        };
        assert!(read(headers.clone(), 1000).await.is_ok());
        assert_eq!(read(headers, MAX_BODY).await.unwrap_err(), FormError::TooLarge);
        assert_eq!(read(HeaderMap::new(), 10).await.unwrap_err(), FormError::ContentType);
    }
}
