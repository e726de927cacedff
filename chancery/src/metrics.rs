//! The metrics that an operator asks for, in the text format of Prometheus, on a port of their own.

mod catalogue;

use std::time::Duration;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::error::CommandError;

pub use catalogue::{Kind, METRICS, Metric};

/// Bounds of the histograms that measure seconds: from one append to one slow mail.
const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Bounds of the histograms that count: batch sizes, queue depths.
const COUNTS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];
/// How often histograms are drained, whether anybody asks for them or not; else they would grow without bound.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to record what `metrics::counter!` and its kin report. Without this call they cost nothing.
///
/// A histogram is named `…_seconds` where it measures time, and counts otherwise.
///
/// # Errors
/// A recorder is installed already.
pub fn install() -> Result<PrometheusHandle, CommandError> {
    let recorder = builder().and_then(PrometheusBuilder::install_recorder);
    let recorder = recorder.map_err(|error| CommandError::failure("cannot record metrics").because(error))?;
    catalogue::describe();
    Ok(recorder)
}

fn builder() -> Result<PrometheusBuilder, metrics_exporter_prometheus::BuildError> {
    PrometheusBuilder::new()
        .set_buckets(COUNTS)?
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
}

/// Serves `GET /metrics` and what `more` serves, and nothing else, until `stop` is cancelled.
///
/// # Errors
/// The listener fails for good.
pub async fn serve(
    listener: TcpListener,
    recorded: PrometheusHandle,
    more: Router,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let upkeep = drain(recorded.clone());
    let server = axum::serve(listener, router(recorded).merge(more)).with_graceful_shutdown(stop.cancelled_owned());
    tokio::select! {
        outcome = server => outcome,
        never = upkeep => match never {},
    }
}

async fn drain(recorded: PrometheusHandle) -> std::convert::Infallible {
    let mut clock = tokio::time::interval(UPKEEP);
    loop {
        clock.tick().await;
        recorded.run_upkeep();
    }
}

fn router(recorded: PrometheusHandle) -> Router {
    let page = move || {
        let text = recorded.render();
        async { ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")], text) }
    };
    Router::new().route("/metrics", get(page))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    async fn request(address: std::net::SocketAddr, line: &str) -> String {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let request = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        answer
    }

    #[tokio::test]
    async fn only_metrics_are_served_and_the_server_stops_when_told() {
        let recorder = builder().expect("right buckets").build_recorder();
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("chancery_tests_total", "outcome" => "good").increment(3);
            metrics::histogram!("chancery_test_seconds").record(0.003);
            metrics::histogram!("chancery_test_batch").record(100.0);
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(listener, recorder.handle(), Router::new(), stop.clone()));

        let answer = request(address, "GET /metrics").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("content-type: text/plain; version=0.0.4"), "{answer}");
        assert!(answer.contains("chancery_tests_total{outcome=\"good\"} 3"), "{answer}");
        assert!(answer.contains("chancery_test_seconds_bucket{le=\"0.0025\"} 0"), "{answer}");
        assert!(answer.contains("chancery_test_seconds_bucket{le=\"0.005\"} 1"), "{answer}");
        assert!(answer.contains("chancery_test_batch_bucket{le=\"128\"} 1"), "{answer}");
        for (line, status) in
            [("GET /", "404"), ("GET /metrics/x", "404"), ("GET /login", "404"), ("POST /metrics", "405")]
        {
            assert!(request(address, line).await.starts_with(&format!("HTTP/1.1 {status} ")), "{line}");
        }

        stop.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(5), server).await.expect("ended in time");
        ended.expect("no panic").expect("ended well");
        assert!(TcpStream::connect(address).await.is_err());
    }
}
