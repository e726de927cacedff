//! The HTTP server: one task a connection, with bounds on how long a client may keep us waiting, and a graceful end.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use chancery_service::places::NetworkShares;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long a request's head may take to arrive, and an idle connection may stay open.
const HEAD: Duration = Duration::from_secs(30);

/// The longest head of a request, in bytes.
const HEAD_BYTES: usize = 32 * 1024;

/// Connections that are open at once; further ones wait in the system's own queue. An idle one holds some
/// ten kilobytes, and each is cut that says nothing for [`HEAD`].
const CONNECTIONS: usize = 16 * 1024;

/// The part of them that one network may have, so that no single machine has them all.
const OF_ONE_NETWORK: usize = CONNECTIONS / 4;

/// How long connections have to finish once the service stops.
const DRAIN: Duration = Duration::from_secs(5);

/// How many connections there may be.
#[derive(Debug)]
pub struct Bounds {
    most: usize,
    of_one_network: usize,
    /// Of these networks, as many as of all.
    trusted: Vec<IpNet>,
}

impl Bounds {
    /// The usual bounds; through these proxies, and from this machine, come the connections of many.
    pub fn beside(proxies: &[IpNet]) -> Self {
        let this_machine: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let trusted = proxies.iter().copied().chain(this_machine.map(IpNet::from)).collect();
        Self { most: CONNECTIONS, of_one_network: OF_ONE_NETWORK, trusted }
    }

    fn of(&self, peer: IpAddr) -> usize {
        let is_trusted = self.trusted.iter().any(|network| network.contains(&peer.to_canonical()));
        if is_trusted { self.most } else { self.of_one_network }
    }
}

/// Serves `router`, on so many connections at once, until `stop` is cancelled; then lets open requests finish.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(bounds.most));
    let networks = NetworkShares::default();
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, say: the next connection that closes makes room.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(share) = networks.take(peer.ip().into(), bounds.of(peer.ip())) else {
            tracing::debug!("a connection was closed: its network has its part of them");
            continue;
        };
        // Answers are written at once; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request| answer(router.clone(), peer, request));
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop((place, share));
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Result<axum::response::Response, Infallible> {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}

/// Lets the process open as many files and connections as the system allows it.
pub fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
    {
        tracing::warn!(%error, "the limit of open files stays as it was");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpSocket, TcpStream};

    use super::*;

    async fn ask(connection: &mut TcpStream) {
        connection.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    }

    async fn answered(connection: &mut TcpStream) -> bool {
        let mut head = [0; 12];
        connection.read_exact(&mut head).await.is_ok_and(|_| &head == b"HTTP/1.1 200")
    }

    #[tokio::test]
    async fn a_connection_waits_until_another_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let router = Router::new().route("/", get(async || "here"));
        let bounds = Bounds { most: 2, of_one_network: 2, trusted: Vec::new() };
        let server = tokio::spawn(serve(listener, router, bounds, stop.clone()));
        let mut open = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
        for connection in &mut open {
            ask(connection).await;
            assert!(answered(connection).await);
        }
        let mut third = TcpStream::connect(address).await.unwrap();
        ask(&mut third).await;
        // The first two are answered once more while the third, which asked before, is not.
        for connection in &mut open {
            let mut rest = vec![0; 4096];
            let _ = connection.try_read(&mut rest);
            ask(connection).await;
            let mut more = String::new();
            while !more.contains("200 OK") {
                let read = connection.read(&mut rest).await.unwrap();
                more.push_str(&String::from_utf8_lossy(&rest[..read]));
            }
        }
        assert_eq!(third.try_read(&mut [0; 1]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        drop(open);
        assert!(answered(&mut third).await, "there is room for it now");
        drop(third);
        stop.cancel();
        server.await.unwrap();
    }

    /// A connection of a machine that has this address.
    async fn connected(from: &str, to: SocketAddr) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
        socket.connect(to).await.unwrap()
    }

    #[tokio::test]
    async fn one_network_has_a_part_of_the_connections_unless_it_is_a_proxy() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let router = Router::new().route("/", get(async || "here"));
        let bounds = Bounds { most: 8, of_one_network: 2, trusted: vec!["127.0.0.9/32".parse().unwrap()] };
        let server = tokio::spawn(serve(listener, router, bounds, stop.clone()));
        let mut open = Vec::new();
        for from in ["127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.9", "127.0.0.9", "127.0.0.9"] {
            let mut connection = connected(from, address).await;
            ask(&mut connection).await;
            assert!(answered(&mut connection).await, "{from}");
            open.push(connection);
        }
        let mut one_more = connected("127.0.0.1", address).await;
        assert!(!matches!(one_more.read(&mut [0; 1]).await, Ok(1..)), "it is closed");
        drop(open.remove(0));
        // The server notices at its own time that the first has gone.
        loop {
            let mut again = connected("127.0.0.1", address).await;
            let request = again.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
            if request.is_ok() && answered(&mut again).await {
                break;
            }
        }
        drop(open);
        stop.cancel();
        server.await.unwrap();
    }

    #[test]
    fn of_proxies_and_of_this_machine_there_may_be_as_many_connections_as_of_all() {
        let bounds = Bounds::beside(&["192.0.2.0/24".parse().unwrap()]);
        for (peer, most) in [
            ("192.0.2.7", CONNECTIONS),
            ("::ffff:192.0.2.7", CONNECTIONS),
            ("127.0.0.1", CONNECTIONS),
            ("::1", CONNECTIONS),
            ("198.51.100.7", OF_ONE_NETWORK),
            ("2001:db8::7", OF_ONE_NETWORK),
        ] {
            assert_eq!(bounds.of(peer.parse().unwrap()), most, "{peer}");
        }
    }
}
