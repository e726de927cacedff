//! Mails by SMTP (RFC 5321), over connections that are kept for the next mail.
//!
//! lettre speaks the protocol. The connections are held here and not in lettre's pool, for two reasons: an answer to the
//! connection (greeting, STARTTLS, AUTH) must be told from an answer to the mail, or a wrong password would count as
//! every person's address being refused; and a connection whose mail ran out of time must never be used again, since
//! the answer that is still on its way would be read as the answer to the next mail.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::{Capacity, MailError, MailTransport, Rendered, Reply};

/// The code by which a server says that it wants encryption or credentials first (RFC 3207, section 4; RFC 4954,
/// section 6): about the connection, not about the mail.
const CONNECTION_NOT_READY: u16 = 530;
/// The code by which a server announces that it closes the connection.
const CLOSING: u16 = 421;
/// How long a server may take to forget a mail that it refused, before the connection is given up.
const RESET_WITHIN: Duration = Duration::from_secs(5);
/// How long a goodbye may take.
const QUIT_WITHIN: Duration = Duration::from_secs(1);

/// How a connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// By STARTTLS before anything else (RFC 3207); a server that does not offer it gets no mail.
    StartTls,
    /// By TLS from the first byte on (RFC 8314, section 3.3).
    Tls,
    /// By nothing.
    Cleartext,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpServer {
    /// Its name, which its certificate must bear, or its address without brackets.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
}

impl SmtpServer {
    /// Whether it is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

/// How to reach the mail server.
#[derive(Debug)]
pub struct SmtpSettings {
    /// Where it is and how the connection is protected.
    pub server: SmtpServer,
    /// The name and the password to sign in with, if it asks for them.
    pub credentials: Option<(String, SecretString)>,
    /// Certificates (PEM) of authorities to trust besides the system's.
    pub extra_authorities: Option<Vec<u8>>,
    /// What to call ourselves: the public URL's host.
    pub hello: String,
    /// The most that connecting may take, encryption and signing in included.
    pub connect_within: Duration,
    /// The most that handing over one mail may take. Servers that scan a mail before they answer take long: RFC 5321
    /// (section 4.5.3.2) lets them have minutes.
    pub send_within: Duration,
    /// The most connections at a time.
    pub connections: usize,
}

impl SmtpSettings {
    /// Settings for `server` with the usual limits and no credentials, from the host `hello`.
    #[must_use]
    pub fn new(server: SmtpServer, hello: impl Into<String>) -> Self {
        Self {
            server,
            credentials: None,
            extra_authorities: None,
            hello: hello.into(),
            connect_within: Duration::from_secs(20),
            send_within: Duration::from_mins(2),
            connections: 4,
        }
    }
}

/// Settings that no connection can be made by.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSetupError {
    /// The file of extra authorities.
    #[error("the file with the mail server's certificate authority holds no usable certificate (PEM)")]
    Authorities,
    /// The encryption could not be set up.
    #[error("encryption towards the mail server cannot be set up")]
    Tls(#[source] SmtpError),
    /// Credentials would travel in the clear.
    #[error(
        "a mail server that is not on this machine gets a password over an encrypted connection only: use STARTTLS or TLS"
    )]
    CredentialsInTheClear,
    /// No connection is allowed.
    #[error("at least one connection to the mail server is needed")]
    NoConnections,
}

/// Sends mails by SMTP.
pub struct SmtpTransport {
    settings: SmtpSettings,
    hello: ClientId,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
    permits: Semaphore,
}

impl SmtpTransport {
    /// A transport by these settings. Nothing is connected yet.
    ///
    /// # Errors
    /// One sentence about what is wrong with the settings.
    pub fn new(settings: SmtpSettings) -> Result<Self, SmtpSetupError> {
        if settings.connections == 0 {
            return Err(SmtpSetupError::NoConnections);
        }
        let encrypted = settings.server.security != SmtpSecurity::Cleartext;
        if settings.credentials.is_some() && !encrypted && !settings.server.is_loopback() {
            return Err(SmtpSetupError::CredentialsInTheClear);
        }
        let tls = encrypted.then(|| tls_parameters(&settings)).transpose()?;
        Ok(Self {
            hello: hello(&settings.hello),
            tls,
            idle: Mutex::default(),
            permits: Semaphore::new(settings.connections),
            settings,
        })
    }

    /// Says goodbye on the connections that are kept.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for mut connection in idle {
            // Whether the server answers the goodbye does not matter.
            let _ = tokio::time::timeout(QUIT_WITHIN, connection.quit()).await;
        }
    }

    /// A connection that answers: a kept one or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, MailError> {
        let connected = async {
            while let Some(mut kept) = self.take_idle() {
                if kept.test_connected().await {
                    return Ok(kept);
                }
            }
            self.connect().await
        };
        let limit = self.settings.connect_within;
        tokio::time::timeout(limit, connected).await.unwrap_or_else(|_| Err(too_slow("connecting", limit)))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let SmtpServer { host, port, security } = &self.settings.server;
        let from_the_start = self.tls.clone().filter(|_| *security == SmtpSecurity::Tls);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), None, &self.hello, from_the_start, None)
                .await
                .map_err(|error| not_connected("connecting", &error))?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (security, &self.tls) {
            if !connection.can_starttls() {
                return Err(MailError::unavailable("it does not offer STARTTLS"));
            }
            connection.starttls(tls.clone(), &self.hello).await.map_err(|error| not_connected("STARTTLS", &error))?;
        }
        if let Some((name, password)) = &self.settings.credentials {
            let credentials = Credentials::new(name.clone(), password.expose_secret().to_owned());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await
                .map_err(|error| not_connected("signing in", &error))?;
        }
        Ok(connection)
    }

    fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps a connection on which no answer is outstanding.
    fn keep(&self, connection: AsyncSmtpConnection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// Keeps the connection of a mail if it can carry another one.
    async fn keep_after(&self, mut connection: AsyncSmtpConnection, sent: &Result<(), MailError>) {
        let clean = match sent {
            Ok(()) => true,
            Err(MailError::Retry { reply }) if reply.code == CLOSING => false,
            Err(MailError::Unavailable { .. }) => false,
            // The server may still hold the beginning of the mail that it refused.
            Err(MailError::Retry { .. } | MailError::Refused { .. }) => {
                tokio::time::timeout(RESET_WITHIN, connection.command(Rset)).await.is_ok_and(|answer| answer.is_ok())
            }
        };
        if clean {
            self.keep(connection);
        }
    }
}

#[async_trait]
impl MailTransport for SmtpTransport {
    async fn send(&self, mail: &Rendered) -> Result<(), MailError> {
        let _permit = self.permits.acquire().await.map_err(|_| MailError::unavailable("the program is stopping"))?;
        let mut connection = self.connection().await?;
        let limit = self.settings.send_within;
        // Out of time, or when the caller gives up, the connection is dropped: its answer may still be on the way.
        let sent = tokio::time::timeout(limit, hand_over(&mut connection, mail))
            .await
            .unwrap_or_else(|_| Err(too_slow("taking the mail", limit)));
        self.keep_after(connection, &sent).await;
        sent
    }

    fn capacity(&self) -> Capacity {
        let SmtpSettings { connect_within, send_within, connections, .. } = &self.settings;
        Capacity { at_once: *connections, within: *connect_within + *send_within + RESET_WITHIN }
    }

    async fn check(&self) -> Result<(), MailError> {
        let _permit = self.permits.acquire().await.map_err(|_| MailError::unavailable("the program is stopping"))?;
        let connection = self.connection().await?;
        self.keep(connection);
        Ok(())
    }
}

/// The transaction of one mail (RFC 5321, section 3.3).
async fn hand_over(connection: &mut AsyncSmtpConnection, mail: &Rendered) -> Result<(), MailError> {
    let envelope = mail.envelope();
    let mut parameters = Vec::new();
    if envelope.to().iter().any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        // SMTPUTF8 implies 8BITMIME (RFC 6531, section 3.1, item 8).
        let offered = |feature| connection.server_info().supports_feature(feature);
        if !offered(Extension::SmtpUtfEight) || !offered(Extension::EightBitMime) {
            return Err(MailError::Refused { reply: Reply::NEEDS_SMTPUTF8 });
        }
        parameters.extend([MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)]);
    }
    judged(connection.command(Mail::new(envelope.from().cloned(), parameters)).await)?;
    for recipient in envelope.to() {
        judged(connection.command(Rcpt::new(recipient.clone(), Vec::new())).await)?;
    }
    judged(connection.command(Data).await)?;
    judged(connection.message(mail.raw()).await)
}

/// The verdict in an answer to a command about the mail.
fn judged(answer: Result<Response, SmtpError>) -> Result<(), MailError> {
    let Err(error) = answer else { return Ok(()) };
    let Some(code) = error.status() else {
        return Err(MailError::unavailable("the connection was lost while it took the mail"));
    };
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let reply = Reply::new(code.into(), &text);
    Err(match reply.code {
        CONNECTION_NOT_READY => {
            MailError::unavailable(format!("it wants encryption or credentials first ({reply}); see the settings"))
        }
        400..=499 => MailError::Retry { reply },
        _ => MailError::Refused { reply },
    })
}

/// What stood in the way of a connection. No address was named yet, so the server's words may be repeated.
fn not_connected(step: &str, error: &SmtpError) -> MailError {
    MailError::unavailable(format!("{step}: {error}"))
}

fn too_slow(step: &str, limit: Duration) -> MailError {
    MailError::unavailable(format!("{step} took longer than {} s", limit.as_secs_f32()))
}

fn hello(host: &str) -> ClientId {
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(host.to_owned()),
    }
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, SmtpSetupError> {
    let mut builder = TlsParameters::builder(settings.server.host.clone());
    if let Some(pem) = &settings.extra_authorities {
        let certificates = Certificate::from_pem(pem).map_err(|_| SmtpSetupError::Authorities)?;
        // An empty list is accepted silently, so look for a certificate too.
        if !pem.windows(PEM_CERTIFICATE.len()).any(|part| part == PEM_CERTIFICATE) {
            return Err(SmtpSetupError::Authorities);
        }
        builder = builder.add_root_certificate(certificates);
    }
    builder.build_rustls().map_err(SmtpSetupError::Tls)
}

const PEM_CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
