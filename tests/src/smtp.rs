//! A mail server for tests: it takes mails and keeps them, and can be told to misbehave at any step.

mod mail;
mod session;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chancery_service::mail::{SmtpSecurity, SmtpServer};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

pub use mail::ReceivedMail;

/// How long a test waits for a mail before it fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server offers after EHLO, and how it speaks.
#[derive(Clone, Debug)]
pub struct Offer {
    /// 8BITMIME (RFC 6152).
    pub eight_bit: bool,
    /// SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
    /// STARTTLS (RFC 3207), with a certificate for `localhost`.
    pub starttls: bool,
    /// TLS from the first byte on.
    pub implicit_tls: bool,
    /// The only name and password that AUTH takes; without AUTH no mail is taken then.
    pub credentials: Option<(String, String)>,
}

impl Default for Offer {
    /// What most servers offer inside a house: 8BITMIME and SMTPUTF8, no encryption, no credentials.
    fn default() -> Self {
        Self { eight_bit: true, smtputf8: true, starttls: false, implicit_tls: false, credentials: None }
    }
}

/// A step of the conversation at which the server can misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The greeting.
    Greeting,
    /// EHLO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA.
    Data,
    /// The mail's content, after its final dot.
    Content,
    /// NOOP, by which a client tries whether a kept connection still answers.
    Noop,
    /// RSET.
    Reset,
}

/// How the server misbehaves.
#[derive(Clone, Debug)]
pub enum How {
    /// It answers this instead, and does not do what was asked. Without a line's end; may have several lines.
    Answer(String),
    /// It never answers, until the client goes away.
    Hang,
    /// It closes the connection without doing what was asked.
    Cut,
    /// It does what was asked (keeps the mail), and closes the connection before it answers.
    DoAndCut,
    /// It does what was asked, answers, and closes the connection.
    AnswerAndCut,
    /// It does what was asked (keeps the mail), and answers when the test says so.
    DoAndWait(Arc<Notify>),
}

/// A misbehaviour.
#[derive(Clone, Debug)]
pub struct Fault {
    stage: Stage,
    how: How,
    times: Option<usize>,
    recipient: Option<String>,
}

impl Fault {
    /// The next time at `stage`.
    #[must_use]
    pub fn once(stage: Stage, how: How) -> Self {
        Self { stage, how, times: Some(1), recipient: None }
    }

    /// Every time at `stage`, until [`SmtpSink::heal`].
    #[must_use]
    pub fn always(stage: Stage, how: How) -> Self {
        Self { stage, how, times: None, recipient: None }
    }

    /// The same, `times` times.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// The same, for mails to this address only; only from [`Stage::Rcpt`] on is the address known.
    #[must_use]
    pub fn to(mut self, recipient: impl Into<String>) -> Self {
        self.recipient = Some(recipient.into());
        self
    }
}

/// A mail server on a free loopback port, which ends when it is dropped.
pub struct SmtpSink {
    addr: SocketAddr,
    offer: Offer,
    certificate: String,
    shared: Arc<Shared>,
    // Dropping it ends the listener and every session.
    _tasks: JoinSet<()>,
}

/// What the sessions share with the test.
struct Shared {
    state: Mutex<State>,
    arrived: watch::Sender<usize>,
    misbehaved: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    mails: Vec<ReceivedMail>,
    faults: VecDeque<Fault>,
    connections: usize,
    commands: Vec<String>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that is due at `stage` of a mail to `recipients`.
    fn fault(&self, stage: Stage, recipients: &[String]) -> Option<How> {
        let faults = &mut self.state().faults;
        let due = |fault: &Fault| {
            fault.stage == stage && fault.recipient.as_ref().is_none_or(|address| recipients.contains(address))
        };
        let index = faults.iter().position(due)?;
        let how = faults[index].how.clone();
        if let Some(left) = &mut faults[index].times {
            *left -= 1;
            if *left == 0 {
                faults.remove(index);
            }
        }
        self.misbehaved.send_modify(|times| *times += 1);
        Some(how)
    }

    fn keep(&self, mail: ReceivedMail) {
        let mails = &mut self.state().mails;
        mails.push(mail);
        self.arrived.send_replace(mails.len());
    }
}

impl SmtpSink {
    /// A server with the usual offer.
    pub async fn start() -> Self {
        Self::start_with(Offer::default()).await
    }

    /// A server with this offer.
    pub async fn start_with(offer: Offer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("the port");
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("the certificate and its key");
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            arrived: watch::Sender::new(0),
            misbehaved: watch::Sender::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(listen(listener, offer.clone(), acceptor, Arc::clone(&shared)));
        Self { addr, offer, certificate: cert.pem(), shared, _tasks: tasks }
    }

    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How the service reaches it. The name is `localhost`, as in its certificate.
    #[must_use]
    pub fn server(&self) -> SmtpServer {
        let security = match &self.offer {
            Offer { implicit_tls: true, .. } => SmtpSecurity::Tls,
            Offer { starttls: true, .. } => SmtpSecurity::StartTls,
            _ => SmtpSecurity::Cleartext,
        };
        SmtpServer { host: "localhost".to_owned(), port: self.addr.port(), security }
    }

    /// The same as the setting `smtp`.
    #[must_use]
    pub fn url(&self) -> String {
        let SmtpServer { host, port, security } = self.server();
        let scheme = match security {
            SmtpSecurity::StartTls => "smtp",
            SmtpSecurity::Tls => "smtps",
            SmtpSecurity::Cleartext => "smtp-cleartext",
        };
        format!("{scheme}://{host}:{port}")
    }

    /// Its certificate (PEM), which is its own authority.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// All mails so far, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.shared.state().mails.clone()
    }

    /// All mails, once there are at least `count` of them.
    ///
    /// # Panics
    /// If they do not come within 20 s.
    pub async fn wait_for(&self, count: usize) -> Vec<ReceivedMail> {
        let mut arrived = self.shared.arrived.subscribe();
        let waited = tokio::time::timeout(PATIENCE, arrived.wait_for(|arrived| *arrived >= count)).await;
        let there = self.mails();
        assert!(waited.is_ok(), "{} mails came, not {count}: {there:#?}", there.len());
        there
    }

    /// The newest mail for which `wanted` holds, once there is one.
    ///
    /// # Panics
    /// If it does not come within 20 s.
    pub async fn wait_until(&self, what: &str, wanted: impl Fn(&ReceivedMail) -> bool) -> ReceivedMail {
        let mut arrived = self.shared.arrived.subscribe();
        let find = async {
            loop {
                arrived.borrow_and_update();
                if let Some(mail) = self.mails().into_iter().rev().find(&wanted) {
                    return mail;
                }
                arrived.changed().await.expect("the server runs as long as this");
            }
        };
        match tokio::time::timeout(PATIENCE, find).await {
            Ok(mail) => mail,
            Err(_) => panic!("no such mail came ({what}): {:#?}", self.mails()),
        }
    }

    /// The newest mail to `address`, once there is one.
    ///
    /// # Panics
    /// If it does not come within 20 s.
    pub async fn mail_to(&self, address: &str) -> ReceivedMail {
        self.wait_until(address, |mail| mail.to.iter().any(|to| to == address)).await
    }

    /// Forgets the mails so far.
    pub fn clear(&self) {
        self.shared.state().mails.clear();
        self.shared.arrived.send_replace(0);
    }

    /// Makes it misbehave. Faults of one stage come in the order in which they were asked for.
    pub fn fail(&self, fault: Fault) {
        self.shared.state().faults.push_back(fault);
    }

    /// Ends every misbehaviour that has not happened yet.
    pub fn heal(&self) {
        self.shared.state().faults.clear();
    }

    /// Returns once it has misbehaved at least `times` times: it hangs now, say.
    ///
    /// # Panics
    /// If it does not within 20 s.
    pub async fn wait_for_faults(&self, times: usize) {
        let mut misbehaved = self.shared.misbehaved.subscribe();
        let waited = tokio::time::timeout(PATIENCE, misbehaved.wait_for(|happened| *happened >= times)).await;
        assert!(waited.is_ok(), "it misbehaved {} times, not {times}", *self.shared.misbehaved.borrow());
    }

    /// How many connections were made to it.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// The commands so far, the arguments of AUTH left out.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.shared.state().commands.clone()
    }
}

async fn listen(listener: TcpListener, offer: Offer, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    let mut sessions = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        shared.state().connections += 1;
        sessions.spawn(session::run(stream, offer.clone(), acceptor.clone(), Arc::clone(&shared)));
        while sessions.try_join_next().is_some() {}
    }
}
