//! A collector of traces for tests: it takes OTLP over HTTP, keeps every span, and can be told to be away or to keep
//! silent.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use axum::serve::Listener;
use data_encoding::HEXLOWER;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span as Sent;
use prost::Message;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;
use tokio_util::task::AbortOnDropHandle;

/// How long a test waits for a span before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A span, as it was sent.
#[derive(Clone, Debug)]
pub struct Span {
    /// Which service sent it.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Its trace, in hexadecimal.
    pub trace: String,
    /// Its id, in hexadecimal.
    pub id: String,
    /// Its parent's id; empty for a root.
    pub parent: String,
    /// 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    pub kind: i32,
    /// Whether it failed.
    pub failed: bool,
    /// Its attributes, values as text.
    pub attributes: BTreeMap<String, String>,
    /// The traces of its links, in hexadecimal.
    pub links: Vec<String>,
}

impl Span {
    /// An attribute; empty where there is none.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

#[derive(Default)]
struct Kept {
    spans: Vec<Span>,
    bodies: Vec<Bytes>,
}

/// The collector.
pub struct Collector {
    url: String,
    kept: Arc<Mutex<Kept>>,
    arrived: watch::Sender<usize>,
    _server: AbortOnDropHandle<()>,
}

impl Collector {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        Self::start_at(0).await
    }

    /// Starts one on this port.
    pub async fn start_at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(listener, url)
    }

    /// Starts one that speaks TLS only, by a certificate for `localhost` that is written to this file.
    pub async fn start_with_tls(certificate: &Path) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(certificate, cert.pem()).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let tls =
            ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        Self::serve(Tls(listener, TlsAcceptor::from(Arc::new(tls))), url)
    }

    fn serve<L: Listener<Addr: Debug>>(listener: L, url: String) -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let arrived = watch::Sender::new(0);
        let (into, tell) = (Arc::clone(&kept), arrived.clone());
        let take = async move |headers: HeaderMap, body: Bytes| {
            assert_eq!(headers[header::CONTENT_TYPE], "application/x-protobuf");
            let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
            let mut kept = lock(&into);
            kept.spans.extend(spans(request));
            kept.bodies.push(body);
            tell.send_modify(|count| *count += 1);
            (StatusCode::OK, ExportTraceServiceResponse::default().encode_to_vec())
        };
        let router = Router::new().route("/v1/traces", post(take));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, kept, arrived, _server: AbortOnDropHandle::new(server) }
    }

    /// Its URL, as the setting has it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it has.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        lock(&self.kept).spans.clone()
    }

    /// Every byte that it was sent, each request by itself.
    #[must_use]
    pub fn bodies(&self) -> Vec<Bytes> {
        lock(&self.kept).bodies.clone()
    }

    /// Waits until it has what the test looks for.
    ///
    /// # Panics
    /// With all that it has, if that does not come.
    pub async fn until<T>(&self, what: &str, find: impl Fn(&[Span]) -> Option<T>) -> T {
        let mut arrived = self.arrived.subscribe();
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(found) = find(&self.spans()) {
                    return found;
                }
                arrived.changed().await.unwrap();
            }
        });
        found.await.unwrap_or_else(|_| panic!("{what} did not come: {:#?}", self.spans()))
    }
}

/// Connections by TLS.
struct Tls(TcpListener, TlsAcceptor);

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            // Who does not trust the certificate goes away again.
            let Ok((stream, from)) = self.0.accept().await else { continue };
            if let Ok(stream) = self.1.accept(stream).await {
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn spans(request: ExportTraceServiceRequest) -> Vec<Span> {
    let mut spans = Vec::new();
    for resource in request.resource_spans {
        let about = attributes(&resource.resource.unwrap_or_default().attributes);
        let service = about.get("service.name").cloned().unwrap_or_default();
        for sent in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            spans.push(span(service.clone(), &sent));
        }
    }
    spans
}

fn span(service: String, sent: &Sent) -> Span {
    Span {
        service,
        name: sent.name.clone(),
        trace: HEXLOWER.encode(&sent.trace_id),
        id: HEXLOWER.encode(&sent.span_id),
        parent: HEXLOWER.encode(&sent.parent_span_id),
        kind: sent.kind,
        failed: sent.status.as_ref().is_some_and(|status| status.code == 2),
        attributes: attributes(&sent.attributes),
        links: sent.links.iter().map(|link| HEXLOWER.encode(&link.trace_id)).collect(),
    }
}

fn attributes(sent: &[KeyValue]) -> BTreeMap<String, String> {
    sent.iter().map(|pair| (pair.key.clone(), text(pair.value.as_ref()))).collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::BoolValue(yes)) => yes.to_string(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}
