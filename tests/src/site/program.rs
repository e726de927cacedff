//! A relying application: a program that asks by HTTP, with a secret and without cookies.

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};
use axum::response::Response;
use chancery_domain::StreamId;
use chancery_domain::application::{ApplicationName, Scope};
use serde_json::Value;
use tower::ServiceExt;

use super::TestSite;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; null where it is not JSON.
    pub json: Value,
    /// Its body.
    pub text: String,
}

impl Answer {
    /// A header's value; empty if it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A member that is a text.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn text_of(&self, member: &str) -> String {
        self.json[member].as_str().unwrap_or_else(|| panic!("no {member} in {}", self.text)).to_owned()
    }

    /// The name of the problem; empty for any other answer.
    #[must_use]
    pub fn problem(&self) -> &str {
        self.json["type"].as_str().and_then(|it| it.rsplit_once("#problem-")).map_or("", |(_, name)| name)
    }
}

/// A program, talking to one node.
#[derive(Clone)]
pub struct Program<'a> {
    site: &'a TestSite,
    /// Its stream, where it is registered.
    pub stream: StreamId,
    /// What it is called.
    pub name: ApplicationName,
    /// Its secret; `None` to send none.
    pub secret: Option<String>,
    /// Headers that it sends besides.
    pub headers: HeaderMap,
}

impl TestSite {
    /// A program that an operator registered.
    pub async fn program(&self, name: &str, scopes: &[Scope]) -> Program<'_> {
        let name: ApplicationName = name.parse().unwrap();
        let (stream, secret) = self.app.register_application("root", &name, scopes).await.unwrap().unwrap();
        let secret = Some(secret.expose().to_string());
        Program { site: self, stream, name, secret, headers: HeaderMap::new() }
    }
}

impl<'a> Program<'a> {
    /// The same program, talking to another node.
    #[must_use]
    pub fn on<'b>(&self, node: &'b TestSite) -> Program<'b> {
        let (stream, name, secret, headers) =
            (self.stream, self.name.clone(), self.secret.clone(), self.headers.clone());
        Program { site: node, stream, name, secret, headers }
    }

    /// The same program with this header besides.
    #[must_use]
    pub fn with(&self, name: &'static str, value: &str) -> Program<'a> {
        let mut other = self.clone();
        other.headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        other
    }

    /// One request; its answer's body is not read.
    pub async fn open(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(secret) = &self.secret {
            request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
        }
        if body.is_some() && !self.headers.contains_key(header::CONTENT_TYPE) {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([192, 0, 2, 9], 50_000))));
        self.site.router().oneshot(request).await.unwrap()
    }

    /// One request and its answer.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        read(self.open(method, path, body).await).await
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// Sends something.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Invites somebody at this address, under a key.
    pub async fn invite(&self, email: &str, key: &str) -> Answer {
        let body = serde_json::json!({ "email": email, "first_name": "Ada", "last_name": "Lovelace" });
        self.with("idempotency-key", key).post("/v1/invitations", body).await
    }
}

/// Reads an answer to its end.
pub async fn read(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 24).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        json: serde_json::from_slice(&bytes).unwrap_or_default(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}
