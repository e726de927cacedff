//! Traces, sent to a collector by OTLP over HTTP.
//!
//! What ends is put in a bounded queue and sent by a thread of its own: nobody ever waits for the collector, and what finds
//! the queue full is dropped and counted. That the collector cannot be reached is one line of the log, and one when it can
//! again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chancery_service::outgoing::{self, TlsError};
use chancery_service::trace;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::trace::{SpanId, TraceId, TracerProvider as _};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, IdGenerator, RandomIdGenerator, Sampler, SdkTracer, SdkTracerProvider,
    Span, SpanData, SpanProcessor,
};
use tokio::runtime::Handle;

use crate::error::CommandError;
use crate::settings::Settings;

/// Spans that wait to be sent, at most: a few megabytes.
const QUEUE: usize = 8192;
/// Spans of one request to the collector, at most.
const BATCH: usize = 512;
/// How long a span waits for others that go with it.
const DELAY: Duration = Duration::from_secs(1);
/// How long the collector may take for one request, its repeats included.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer of a collector that is read, in bytes.
const ANSWER: usize = 64 * 1024;
/// How long the end of the process waits for the last spans to be sent.
const FLUSH: Duration = Duration::from_millis(800);

/// Whoever makes and sends traces; nobody, where no collector is set.
#[derive(Debug)]
pub struct Traces(Option<(SdkTracerProvider, SdkTracer)>);

impl Traces {
    /// Begins to send traces to the collector that the settings name, if they name one. `process` tells processes of one
    /// installation apart: `serve` or `work`.
    ///
    /// # Errors
    /// The collector's certificates cannot be read.
    pub fn start(settings: &Settings, process: &str, instance: &str) -> Result<Self, CommandError> {
        let Some(url) = &settings.otlp_endpoint else { return Ok(Self(None)) };
        let client = Sender { client: client(settings.otlp_authorities()?)?, runtime: Handle::current() };
        let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary);
        let exporter = exporter.with_endpoint(url.traces()).with_timeout(TIMEOUT).with_http_client(client).build();
        let exporter = exporter.map_err(|error| CommandError::failure("traces cannot be sent").because(error))?;
        let resource = Resource::builder()
            .with_service_name(format!("chancery-{process}"))
            .with_attributes([
                KeyValue::new("service.namespace", "chancery"),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
                KeyValue::new("service.instance.id", instance.to_owned()),
            ])
            .build();
        let provider = provider(exporter, resource);
        global::set_text_map_propagator(TraceContextPropagator::new());
        let tracer = provider.tracer("chancery");
        Ok(Self(Some((provider, tracer))))
    }

    /// What makes the spans.
    #[must_use]
    pub fn tracer(&self) -> Option<SdkTracer> {
        self.0.as_ref().map(|(_, tracer)| tracer.clone())
    }

    /// Sends what is left, for less than a second.
    pub async fn flush(self) {
        let Some((provider, _)) = self.0 else { return };
        // The library waits on the thread that asks.
        let flushed = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH)).await;
        if let Ok(Err(error)) = flushed {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Makes spans and gives them to this exporter, as many as fit in the queue.
fn provider<E>(exporter: E, resource: Resource) -> SdkTracerProvider
where
    E: opentelemetry_sdk::trace::SpanExporter + 'static,
{
    let waiting = Arc::new(AtomicUsize::new(0));
    let exporter = Watched { exporter, waiting: Arc::clone(&waiting), failing: AtomicBool::new(false) };
    let batches = BatchConfigBuilder::default().with_max_queue_size(QUEUE).with_max_export_batch_size(BATCH);
    let batches = batches.with_scheduled_delay(DELAY).build();
    let batches = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
    SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(Sampler::AlwaysOn)
        .with_id_generator(Ids(RandomIdGenerator::default()))
        .with_span_processor(Bounded { batches, waiting })
        .build()
}

/// The ids of a correlation's trace where one is begun, and random ones otherwise.
#[derive(Debug)]
struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        trace::begun().map_or_else(|| self.0.new_trace_id(), |(trace, _)| trace)
    }

    fn new_span_id(&self) -> SpanId {
        trace::begun().map_or_else(|| self.0.new_span_id(), |(_, span)| span)
    }
}

/// Lets no more spans wait than [`QUEUE`], those included that are on their way.
#[derive(Debug)]
struct Bounded {
    batches: BatchSpanProcessor,
    waiting: Arc<AtomicUsize>,
}

impl SpanProcessor for Bounded {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        let one_more = |waiting| (waiting < QUEUE).then_some(waiting + 1);
        if self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok() {
            self.batches.on_end(span);
        } else {
            count("dropped", 1);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// Counts what is sent, and says once that it cannot be.
#[derive(Debug)]
struct Watched<E> {
    exporter: E,
    waiting: Arc<AtomicUsize>,
    failing: AtomicBool,
}

impl<E: opentelemetry_sdk::trace::SpanExporter> opentelemetry_sdk::trace::SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let sent = self.exporter.export(batch).await;
        self.waiting.fetch_sub(spans, Ordering::Relaxed);
        match &sent {
            Ok(()) => {
                count("sent", spans);
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("the collector takes traces again");
                }
            }
            Err(error) => {
                count("failed", spans);
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "the collector does not take traces; everything else goes on");
                }
            }
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

fn count(outcome: &'static str, spans: usize) {
    metrics::counter!("chancery_trace_spans_total", "outcome" => outcome)
        .increment(u64::try_from(spans).unwrap_or(u64::MAX));
}

type Https = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Sends requests on the process's own runtime, since the library calls it from a thread that has none.
#[derive(Debug)]
struct Sender {
    client: Https,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let answer = async move {
            let (head, body) = client.request(request.map(Full::new)).await?.into_parts();
            let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
            Ok(Response::from_parts(head, body))
        };
        // The timer is one of the runtime too: it must be made there.
        self.runtime.spawn(async move { tokio::time::timeout(TIMEOUT, answer).await }).await??
    }
}

/// A client that trusts the system's certificates and these.
fn client(authorities: Option<Vec<u8>>) -> Result<Https, CommandError> {
    let tls = outgoing::client_config(authorities.as_deref()).map_err(|error| match error {
        TlsError::Authorities => CommandError::failure(format!("otlp-ca: {error}")),
        TlsError::Library(_) => CommandError::of(&error),
    })?;
    let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
    Ok(Client::builder(TokioExecutor::new()).build(https))
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;
    use opentelemetry::trace::Tracer as _;

    use super::*;

    /// An exporter that never ends, as if the collector kept silent.
    #[derive(Debug)]
    struct Silent;

    impl opentelemetry_sdk::trace::SpanExporter for Silent {
        async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
            std::future::pending().await
        }
    }

    #[test]
    fn what_a_silent_collector_does_not_take_is_dropped_and_counted_and_nobody_waits() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let provider = provider(Silent, Resource::builder_empty().build());
        let tracer = provider.tracer("test");
        metrics::with_local_recorder(&recorder, || {
            for _ in 0..QUEUE + 100 {
                drop(tracer.start("a span"));
            }
        });
        let counted = recorder.handle().render();
        assert!(counted.contains("chancery_trace_spans_total{outcome=\"dropped\"} 100\n"), "{counted}");
        // It gives up by itself.
        assert!(provider.shutdown_with_timeout(Duration::from_millis(50)).is_err());
    }
}
