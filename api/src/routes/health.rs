//! Whether the process lives, and whether it may be sent people.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::site::Site;

pub async fn live() -> Response {
    axum::Json(json!({ "status": "live" })).into_response()
}

/// Database, head of the log, clock, keys. Turns false before a process drains.
pub async fn ready(State(site): State<Site>) -> Response {
    if site.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, axum::Json(json!({ "status": "draining" }))).into_response();
    }
    match site.app.readiness().await {
        Ok(readiness) => axum::Json(json!({
            "status": "ready",
            // Not the position: whether it moves would tell what a request of somebody else led to.
            "epoch": readiness.head.epoch,
        }))
        .into_response(),
        Err(failure) => {
            tracing::warn!(error = &failure as &dyn std::error::Error, "not ready");
            let body = json!({ "status": "not ready", "reason": failure.to_string() });
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
        }
    }
}
