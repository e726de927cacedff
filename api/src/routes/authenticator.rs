//! The authenticator, as a browser loads it: the page, the worker that keeps it, and what makes it installable. What it
//! posts is answered by `v1`.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{PERMISSIONS, PERMISSIONS_POLICY};
use crate::assets::{AUTHENTICATOR_WORKER, icon_path};
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{AuthenticatorPage, paths};

/// By which a script below a path may serve the path itself (Service Workers, section 4.7).
const WORKER_ALLOWED: HeaderName = HeaderName::from_static("service-worker-allowed");

/// A worker's own policy holds for what it fetches.
const WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'";

/// The colours of the style sheet: ground and accent.
const COLOURS: [&str; 2] = ["#f2f4f7", "#1d4b7d"];

pub async fn page(visit: Visit) -> Reply {
    let mut response = visit.page(StatusCode::OK, &AuthenticatorPage { chrome: visit.chrome() });
    // The only page with a camera.
    let permissions = PERMISSIONS.replace("camera=()", "camera=(self)");
    if let Ok(permissions) = HeaderValue::from_str(&permissions) {
        response.headers_mut().insert(PERMISSIONS_POLICY, permissions);
    }
    Ok(response)
}

pub async fn worker() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (WORKER_ALLOWED, paths::APP),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, WORKER_POLICY),
    ];
    (headers, AUTHENTICATOR_WORKER).into_response()
}

/// Web Application Manifest, section 1.
pub async fn manifest(visit: Visit) -> Response {
    let name = &*visit.site.service_name;
    let [ground, accent] = COLOURS;
    let manifest = json!({
        "id": paths::APP,
        "name": name,
        "short_name": name,
        "lang": visit.language.tag(),
        "dir": "ltr",
        "start_url": paths::APP,
        "scope": paths::APP,
        "display": "standalone",
        "background_color": ground,
        "theme_color": accent,
        "icons": [{ "src": icon_path(), "type": "image/svg+xml", "sizes": "any" }],
    });
    let headers = [(header::CONTENT_TYPE, "application/manifest+json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, manifest.to_string()).into_response()
}
