//! Every request's id, and the span by which each line that is logged about the request carries it.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::site::Site;

/// The id of one request, as logs and error pages name it: ours, never one that a client sent.
#[derive(Clone, Copy, Debug)]
pub struct RequestId(pub Uuid);

/// Gives a request its id. Its span names the route as the route table has it: the path itself may hold a link's secret,
/// and a query whatever somebody typed.
pub async fn traced(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let id = site.app.new_id();
    request.extensions_mut().insert(RequestId(id));
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    // Of the highest level, or the warnings of a service that logs nothing finer would lose their request.
    let span = tracing::error_span!("request", %id, method = %request.method(), route);
    // Who asks for our health does so every second, and learns it from the answer.
    let is_probe = route.starts_with("/health/");
    async move {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        if is_probe {
            tracing::debug!(status, "answered");
        } else {
            tracing::info!(status, "answered");
        }
        response
    }
    .instrument(span)
    .await
}
