//! Every request's id, and the span by which each line that is logged about the request carries it.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::response::Response;
use chancery_domain::Timestamp;
use chancery_service::trace;
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use crate::site::Site;

/// The id of one request, as logs, traces and error pages name it, and as the correlation of whatever it leads to: ours,
/// never one that a client sent.
#[derive(Clone, Copy, Debug)]
pub struct RequestId(pub Uuid);

/// A request that has its id, and what is told of it.
#[derive(Debug)]
pub struct Traced {
    /// Of each line that is logged.
    logged: Span,
    /// Of the whole, where it is traced.
    whole: Span,
    method: &'static str,
    route: String,
    arrived: Timestamp,
}

impl Traced {
    /// Gives a request its id. Its span names the route as the route table has it: the path itself may hold a link's secret,
    /// and a query whatever somebody typed.
    pub fn begin(site: &Site, request: &mut Request) -> Self {
        let id = site.app.new_id();
        request.extensions_mut().insert(RequestId(id));
        let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
        let method = known(request.method());
        let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        Self {
            // Of the highest level, or the warnings of a service that logs nothing finer would lose their request.
            logged: tracing::error_span!("request", %id, method, route),
            whole: if is_probe(route) { Span::none() } else { trace::request(id, method, route, traceparent) },
            method,
            route: route.to_owned(),
            arrived: site.app.now(),
        }
    }

    /// Waits for the answer and tells of it.
    pub async fn until(self, site: &Site, answer: impl Future<Output = Response>) -> Response {
        let Self { logged, whole, method, route, arrived } = self;
        let traced = whole.clone();
        async move {
            let response = answer.await;
            let status = response.status().as_u16();
            trace::answered(&whole, status);
            if is_probe(&route) {
                tracing::debug!(status, "answered");
            } else {
                tracing::info!(status, "answered");
                let took = site.app.now().since(arrived).as_secs_f64();
                metrics::histogram!("chancery_http_request_duration_seconds", "route" => route.clone()).record(took);
                metrics::counter!("chancery_http_requests_total", "method" => method, "route" => route, "status" => status.to_string())
                    .increment(1);
            }
            response
        }
        // The span of the log is the inner one: it is the one that goes along with tasks.
        .instrument(logged)
        .instrument(traced)
        .await
    }
}

/// Who asks for our health does so every second, and learns it from the answer.
fn is_probe(route: &str) -> bool {
    route.starts_with("/health/")
}

/// A method by its own name, if HTTP defines it: any other is a word of the client's own.
fn known(method: &Method) -> &'static str {
    let names = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    names.into_iter().find(|name| *name == method.as_str()).unwrap_or("_OTHER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_of_a_clients_own_is_not_repeated() {
        assert_eq!(known(&Method::POST), "POST");
        assert_eq!(known(&Method::from_bytes(b"Ada-Lovelace").expect("a token")), "_OTHER");
    }
}
