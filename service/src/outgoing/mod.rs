//! Requests of our own to machines of others: one client for all of them, which is not to be led where it should not go.
//!
//! A name is resolved once for each request, its addresses are judged by the [`Guard`], and one that passed is connected to:
//! no second look-up can put another in its place. Redirects are answers like any other, a proxy of the environment is not
//! asked, and no connection is kept, so that each request is judged anew. Time and size of the answer are bounded.

mod guard;
mod tls;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tower::Service;

pub use guard::{Guard, Opened};
pub use tls::{TlsError, client_config};

/// How long one request may take, from the look-up of the name to the end of the answer.
pub const WITHIN: Duration = Duration::from_secs(20);

/// The largest answer that is read, in bytes.
const ANSWER: usize = 64 * 1024;

/// Looks names up.
#[async_trait]
pub trait Resolver: fmt::Debug + Send + Sync {
    /// The addresses of a host, by its name or an address without brackets.
    ///
    /// # Errors
    /// There is no such name, or nobody to ask.
    async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// The operating system's way to look names up.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}

/// What came back.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body. It may repeat what was sent.
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why nothing came back. None of it repeats what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// No address of the host may be reached.
    #[error(transparent)]
    Refused(#[from] AddressRefused),
    /// It took longer than it may.
    #[error("it took too long")]
    TooSlow,
    /// The answer is larger than any that is of use.
    #[error("the answer is larger than {ANSWER} bytes")]
    TooLarge,
    /// No connection, no encryption, or no answer.
    #[error("no answer: {0}")]
    Unavailable(String),
}

/// None of a host's addresses is public, and none was opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no address of {host} may be reached: set outgoing-allow if this is meant")]
pub struct AddressRefused {
    /// The host.
    pub host: String,
}

/// The client.
#[derive(Clone)]
pub struct Outgoing {
    client: Client<HttpsConnector<Guarded>, Full<Bytes>>,
    within: Duration,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("within", &self.within).finish_non_exhaustive()
    }
}

impl Outgoing {
    /// A client behind a guard, which trusts the system's certificates and these, in PEM.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn new(guard: Guard, authorities: Option<&[u8]>) -> Result<Self, TlsError> {
        Self::with(guard, authorities, Arc::new(SystemResolver), WITHIN)
    }

    /// The same, with another way to look names up and another time.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn with(
        guard: Guard,
        authorities: Option<&[u8]>,
        resolver: Arc<dyn Resolver>,
        within: Duration,
    ) -> Result<Self, TlsError> {
        let connector = Guarded { guard: Arc::new(guard), resolver };
        let https = HttpsConnectorBuilder::new().with_tls_config(client_config(authorities)?).https_or_http();
        let https = https.enable_http1().wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(https);
        Ok(Self { client, within })
    }

    /// Sends a request to an absolute URL and reads the answer, whatever its status.
    ///
    /// # Errors
    /// [`OutgoingError`].
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Answer, OutgoingError> {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let exchange = async {
            let (head, body) = self.client.request(request).await.map_err(failed)?.into_parts();
            let body = Limited::new(body, ANSWER).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    OutgoingError::TooLarge
                } else {
                    OutgoingError::Unavailable("the connection was lost".to_owned())
                }
            })?;
            Ok(Answer { status: head.status, body: body.to_bytes() })
        };
        tokio::time::timeout(self.within, exchange).await.map_err(|_| OutgoingError::TooSlow)?
    }
}

/// What the library says, with the guard's own refusal taken out of it.
fn failed(error: hyper_util::client::legacy::Error) -> OutgoingError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let mut last = String::new();
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(refused) = inner.and_then(|inner| inner.downcast_ref::<AddressRefused>()) {
            return OutgoingError::Refused(refused.clone());
        }
        last = error.to_string();
        cause = error.source();
    }
    OutgoingError::Unavailable(last)
}

/// Connects to addresses that the guard lets pass.
#[derive(Clone, Debug)]
struct Guarded {
    guard: Arc<Guard>,
    resolver: Arc<dyn Resolver>,
}

impl Guarded {
    async fn connect(self, url: Uri) -> io::Result<TokioIo<TcpStream>> {
        let encrypted = url.scheme() == Some(&hyper::http::uri::Scheme::HTTPS);
        let host = url.host().ok_or(io::ErrorKind::InvalidInput)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = url.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let mut addresses = self.resolver.addresses(host, port).await?;
        addresses.retain(|address| self.guard.admits(host, address.ip(), encrypted));
        if addresses.is_empty() {
            return Err(io::Error::other(AddressRefused { host: host.to_owned() }));
        }
        let stream = TcpStream::connect(&*addresses).await?;
        stream.set_nodelay(true)?;
        Ok(TokioIo::new(stream))
    }
}

impl Service<Uri> for Guarded {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        Box::pin(self.clone().connect(url))
    }
}

#[cfg(test)]
mod tests;
