use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::*;

/// Answers every name with these addresses, on the port asked for, and counts.
#[derive(Debug, Default)]
struct Scripted {
    addresses: Vec<&'static str>,
    asked: AtomicUsize,
}

#[async_trait]
impl Resolver for Scripted {
    async fn addresses(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(self.addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), port)).collect())
    }
}

fn opened(text: &str) -> Opened {
    text.parse().map_or_else(|_| Opened::Host(text.to_owned()), Opened::Network)
}

fn client(guard: Guard, addresses: &[&'static str]) -> (Outgoing, Arc<Scripted>) {
    let resolver = Arc::new(Scripted { addresses: addresses.to_vec(), asked: AtomicUsize::default() });
    let asked = Arc::clone(&resolver);
    (Outgoing::with(guard, None, asked, Duration::from_secs(10)).unwrap(), resolver)
}

fn here() -> Guard {
    Guard::new(vec![opened("127.0.0.0/8")], true)
}

fn get(url: &str) -> Request<Vec<u8>> {
    Request::get(url).body(Vec::new()).unwrap()
}

async fn answer_one<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, answer: &[u8]) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    stream.write_all(answer).await.unwrap();
    stream.shutdown().await.unwrap();
}

/// A server that gives each connection the same answer; its port, and how many connections it had.
async fn server(answer: &'static [u8]) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, came) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::default()));
    let counted = Arc::clone(&came);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(answer_one(stream, answer));
        }
    });
    (port, came)
}

#[tokio::test]
async fn an_address_that_is_not_public_is_never_connected_to() {
    let (port, came) = server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    for url in ["http://127.0.0.1", "http://[::ffff:127.0.0.1]", "http://localhost", "https://sms.example.org"] {
        let (client, _) = client(Guard::default(), &["127.0.0.1", "10.0.0.1", "::1"]);
        let refused = client.send(get(&format!("{url}:{port}/"))).await.unwrap_err();
        assert!(matches!(refused, OutgoingError::Refused(_)), "{url}: {refused:?}");
    }
    // The real way to look names up takes an address in a URL for what it is.
    let client = Outgoing::new(Guard::default(), None).unwrap();
    for url in ["http://127.0.0.1", "http://[::1]", "https://127.0.0.1", "http://localhost"] {
        let refused = client.send(get(&format!("{url}:{port}/"))).await.unwrap_err();
        assert!(matches!(refused, OutgoingError::Refused(_)), "{url}: {refused:?}");
    }
    assert_eq!(came.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_name_is_resolved_once_and_what_was_judged_is_connected_to() {
    let (port, came) = server(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok").await;
    // Of several addresses those that may not be reached are left out.
    let (client, resolver) = client(here(), &["10.255.255.1", "127.0.0.1"]);
    let answer = client.send(get(&format!("http://sms.example.org:{port}/"))).await.unwrap();
    assert_eq!((answer.status, &*answer.body), (StatusCode::ACCEPTED, &b"ok"[..]));
    assert_eq!((resolver.asked.load(Ordering::Relaxed), came.load(Ordering::Relaxed)), (1, 1));
    client.send(get(&format!("http://sms.example.org:{port}/"))).await.unwrap();
    assert_eq!(resolver.asked.load(Ordering::Relaxed), 2, "each request is judged anew");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let (port, came) = server(b"HTTP/1.1 307 Elsewhere\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n").await;
    let (client, _) = client(here(), &["127.0.0.1"]);
    let answer = client.send(get(&format!("http://sms.example.org:{port}/"))).await.unwrap();
    assert_eq!((answer.status, came.load(Ordering::Relaxed)), (StatusCode::TEMPORARY_REDIRECT, 1));
}

#[tokio::test]
async fn an_answer_is_bounded_in_size_and_time() {
    let large = Box::leak([b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &[b'x'; ANSWER + 1]].concat().into_boxed_slice());
    let (port, _) = server(large).await;
    let (client, _) = client(here(), &["127.0.0.1"]);
    let url = format!("http://sms.example.org:{port}/");
    assert_eq!(client.send(get(&url)).await.unwrap_err(), OutgoingError::TooLarge);

    // It takes the connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://sms.example.org:{}/", silent.local_addr().unwrap().port());
    let impatient = Outgoing { within: Duration::from_millis(50), ..client };
    assert_eq!(impatient.send(get(&url)).await.unwrap_err(), OutgoingError::TooSlow);
}

#[tokio::test]
async fn who_answers_is_vouched_for_by_the_system_or_by_the_operators_authority() {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (authority_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let own = CertificateParams::new(vec!["sms.example.org".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let settings = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let settings = settings.with_no_client_auth().with_single_cert(vec![own.der().clone()], private).unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(settings)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(stream) = acceptor.accept(stream).await {
                answer_one(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
            }
        }
    });

    let resolver = || Arc::new(Scripted { addresses: vec!["127.0.0.1"], asked: AtomicUsize::default() });
    let to = |name: &str| get(&format!("https://{name}:{port}/"));
    let within = Duration::from_secs(10);
    let trusting = Outgoing::with(here(), Some(pem.as_bytes()), resolver(), within).unwrap();
    assert_eq!(trusting.send(to("sms.example.org")).await.unwrap().status, StatusCode::OK);
    let other = trusting.send(to("other.example.org")).await.unwrap_err();
    assert!(matches!(other, OutgoingError::Unavailable(_)), "the certificate is another's: {other:?}");
    let stranger = Outgoing::with(here(), None, resolver(), within).unwrap();
    let unknown = stranger.send(to("sms.example.org")).await.unwrap_err();
    assert!(matches!(unknown, OutgoingError::Unavailable(_)), "{unknown:?}");
    for broken in ["", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"] {
        let refused = Outgoing::new(here(), Some(broken.as_bytes())).unwrap_err();
        assert!(matches!(refused, TlsError::Authorities), "{broken}");
    }
}
