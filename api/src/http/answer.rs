//! What is answered: pages with their headers, redirects, and one page for each thing that can go wrong.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_service::Failure;
use chancery_service::throttle::LimitReached;
use std::time::Duration;

use super::form::FormError;
use super::in_work::RETRY;
use super::visit::Visit;
use crate::pages::{MessageKind, MessagePage, render};

/// What handlers return; the error is an answer too.
pub type Reply = Result<Response, Response>;

/// Says that the browser shall wipe what it cached; never cookies or storage, since those hold the known-browser cookie
/// and the authenticator's devices.
const CLEAR_CACHE: &str = "\"cache\"";

/// Headers that an answer has at most, with what every layer adds on the way out.
const HEADERS: usize = 24;

/// An answer with room for its headers, so that their map does not grow three times.
pub fn roomy(body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.headers_mut() = HeaderMap::with_capacity(HEADERS);
    response
}

impl Visit {
    /// A page.
    pub fn page(&self, status: StatusCode, page: &impl askama::Template) -> Response {
        self.page_with_styles(status, page, &format!("'nonce-{}'", self.nonce))
    }

    /// A page that shows a document in a frame, which its policy binds as well: `styles` says which may stand in the two.
    pub fn page_with_styles(&self, status: StatusCode, page: &impl askama::Template, styles: &str) -> Response {
        match render(page) {
            Ok(html) => self.html(status, html, styles),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page cannot be rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    fn html(&self, status: StatusCode, html: String, styles: &str) -> Response {
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{}'; style-src {styles}; img-src 'self'; worker-src 'self'; \
             connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            self.nonce
        );
        let mut response = roomy(html);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.language.tag()));
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        self.with_cookies(response)
    }

    /// A file of text that the browser keeps under this name.
    pub fn text_file(&self, name: &'static str, text: String) -> Response {
        let mut response = Response::new(Body::from(text));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
            headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
        self.with_cookies(response)
    }

    /// Goes on to a path of our own by GET.
    pub fn see_other(&self, path: &str) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        if let Ok(location) = HeaderValue::from_str(path) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        self.with_cookies(response)
    }

    /// The answer to a sign-out.
    pub fn clear_cache(mut response: Response) -> Response {
        response.headers_mut().insert("clear-site-data", HeaderValue::from_static(CLEAR_CACHE));
        response
    }

    /// JSON for a script of ours.
    pub fn json(&self, text: String) -> Response {
        let mut response = Response::new(Body::from(text));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.with_cookies(response)
    }

    fn with_cookies(&self, mut response: Response) -> Response {
        for cookie in &self.cookies {
            if let Ok(value) = HeaderValue::from_str(cookie) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        response
    }

    /// A page that says one thing, with its status.
    pub fn message(&self, kind: MessageKind) -> Response {
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = kind.retry_after();
        let mut response = self.page(status, &MessagePage { chrome: self.chrome_at("/"), kind });
        if let Some(seconds) = retry.map(|retry| retry.as_secs().max(1)) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// The page for what is not the person's doing.
    pub fn failed(&self, failure: &Failure) -> Response {
        let retry = Duration::from_secs(5);
        match failure {
            Failure::Busy { retry_after } => self.message(MessageKind::Busy { retry: *retry_after }),
            Failure::OtherRequest => self.message(MessageKind::Repeated),
            Failure::Unavailable
            | Failure::Full
            | Failure::ClockSkew
            | Failure::OtherHistory(_)
            | Failure::Keys(_)
            | Failure::NoPolicy
            | Failure::Newer(_) => {
                tracing::warn!(error = failure as &dyn std::error::Error, "a request was refused");
                self.message(MessageKind::Unavailable { retry })
            }
            Failure::Internal(_) => {
                tracing::error!(error = failure as &dyn std::error::Error, "a request failed");
                self.message(MessageKind::Internal { request: self.client.request.to_string() })
            }
        }
    }

    /// The page for a request for which there is no room.
    pub fn turned_away(&self) -> Response {
        self.message(MessageKind::Busy { retry: RETRY })
    }

    /// The page for a body that is no form of ours.
    pub fn not_a_form(&self, error: FormError) -> Response {
        self.message(match error {
            FormError::ContentType => MessageKind::UnsupportedType,
            FormError::TooLarge => MessageKind::TooLarge,
            FormError::TooSlow => MessageKind::Timeout,
            FormError::Malformed => MessageKind::BadRequest,
        })
    }

    /// How long until a limit lets the next one through.
    pub fn wait(&self, reached: LimitReached) -> Duration {
        reached.until.since(self.site.app.now()).max(Duration::from_secs(1))
    }
}
