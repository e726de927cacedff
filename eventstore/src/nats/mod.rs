//! NATS: the log copied to one JetStream stream, from which jobs in any number of processes are fed.
//!
//! The database stays the truth. A stream may be lost at any moment, be full, old or purged: what a job lacks is read from
//! the log, and a new generation of the stream is made by whoever relays.

mod compare;
mod error;
mod feed;
mod generation;
mod health;
mod look;
mod names;
mod plan;
mod publisher;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::{DeleteStatus, Info};
use async_nats::jetstream::{Context, ContextBuilder};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerAddr, ServerError};
use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

pub use compare::{Divergence, LogEnd, StreamEnd, Verdict, Why, compare};
pub use error::NatsError;
pub use feed::NatsFeed;
pub use generation::Generation;
pub use health::{Health, health};
pub use look::{Look, LookError, Step, look, step_into};
pub use names::{StreamId, wake};
pub use publisher::{Publisher, WINDOW};

/// How long NATS may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// The longest pause before another try to reach it.
const RECONNECT: Duration = Duration::from_secs(1);

/// Who this process is to NATS, besides what the URL says.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// The content of a `.creds` file: a JWT and the seed of its key.
    Jwt(SecretString),
    /// The seed of an NKey.
    Nkey(SecretString),
}

/// How NATS is reached.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// URLs of servers of one cluster, with commas between them; they may hold a user and a password.
    pub urls: SecretString,
    /// Who we are, if the URLs do not say it.
    pub credentials: Option<Credentials>,
    /// A PEM file of certificates to trust beside the system's.
    pub authorities: Option<PathBuf>,
    /// How many bytes the stream may have on NATS's disk.
    pub stream_bytes: u64,
}

/// A connection to NATS, which is kept and mended in the background.
#[derive(Clone)]
pub struct Nats {
    client: Client,
    context: Context,
    stream_bytes: u64,
    changed: watch::Receiver<u64>,
    denied: Arc<Mutex<String>>,
}

impl std::fmt::Debug for Nats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nats").field("state", &self.client.connection_state()).finish_non_exhaustive()
    }
}

impl Nats {
    /// A connection that is made in the background, now and whenever it is lost.
    ///
    /// # Errors
    /// [`NatsError::Refused`] if the URL or the credentials cannot be read.
    pub async fn keep(options: &NatsOptions) -> Result<Self, NatsError> {
        Self::open(options, true).await
    }

    /// A connection that is there when this returns.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub async fn try_once(options: &NatsOptions) -> Result<Self, NatsError> {
        Self::open(options, false).await
    }

    async fn open(options: &NatsOptions, keep: bool) -> Result<Self, NatsError> {
        let (servers, user) = servers(options.urls.expose_secret())?;
        let (changes, changed) = watch::channel(0);
        let denied = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&denied);
        let mut connect = ConnectOptions::new()
            .name("chancery")
            .custom_inbox_prefix(names::INBOX)
            .connection_timeout(ANSWER)
            .request_timeout(Some(ANSWER))
            .reconnect_delay_callback(|tries| {
                let doubled = 20_u64 << tries.min(10);
                Duration::from_millis(doubled).min(RECONNECT)
            })
            .event_callback(move |event| {
                hear(&event, &heard);
                changes.send_modify(|count| *count += 1);
                async {}
            });
        if keep {
            connect = connect.retry_on_initial_connect();
        }
        if let Some(path) = &options.authorities {
            connect = connect.add_root_certificates(path.clone());
        }
        let unreadable = |_| NatsError::Refused("the credentials cannot be read".to_owned());
        match &options.credentials {
            Some(Credentials::Jwt(text)) => connect = connect.credentials(text.expose_secret()).map_err(unreadable)?,
            Some(Credentials::Nkey(seed)) => connect = connect.nkey(seed.expose_secret().to_owned()),
            None => match user {
                Some(User::Named(name, password)) => connect = connect.user_and_password(name, password),
                Some(User::Token(token)) => connect = connect.token(token),
                None => {}
            },
        }
        let client = connect.connect(servers).await.map_err(|error| match error.kind() {
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => NatsError::Unknown,
            _ => NatsError::Away(Some(Box::new(error))),
        })?;
        let context = ContextBuilder::new().timeout(ANSWER).build(client.clone());
        Ok(Self { client, context, stream_bytes: options.stream_bytes, changed, denied })
    }

    /// Whether the connection stands.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Waits until something happens to the connection, at most that long.
    pub async fn changed_within(&self, time: Duration) {
        let mut changed = self.changed.clone();
        changed.mark_unchanged();
        // Without a sender there is no connection, and nothing more will happen.
        if let Ok(Err(_)) = tokio::time::timeout(time, changed.changed()).await {
            tokio::time::sleep(time).await;
        }
    }

    /// Tells other processes that the log grew. Lost without harm.
    pub async fn wake(&self, log: Uuid) {
        if self.is_connected() {
            let _ = self.client.publish(wake(log), "".into()).await;
        }
    }

    /// What other processes tell of the log's growth.
    ///
    /// # Errors
    /// [`NatsError::Away`].
    pub async fn waking(&self, log: Uuid) -> Result<async_nats::Subscriber, NatsError> {
        self.client.subscribe(wake(log)).await.map_err(|error| NatsError::Away(Some(Box::new(error))))
    }

    /// The streams of a log that stand on NATS.
    ///
    /// # Errors
    /// [`NatsError`].
    pub async fn streams(&self, log: Uuid) -> Result<Vec<StreamId>, NatsError> {
        #[derive(Deserialize)]
        struct Page {
            total: usize,
            streams: Option<Vec<String>>,
        }
        let (mut found, mut seen) = (Vec::new(), 0);
        loop {
            let body = serde_json::json!({ "offset": seen, "subject": format!("chancery.log.{}.>", log.simple()) });
            let page: Page = self.ask("STREAM.NAMES", &body).await?;
            let names = page.streams.unwrap_or_default();
            let (count, total) = (names.len(), page.total);
            seen += count;
            found.extend(names.iter().filter_map(|name| StreamId::from_stream(name)).filter(|id| id.log == log));
            if count == 0 || seen >= total {
                return Ok(found);
            }
        }
    }

    /// What stands at a stream's end.
    ///
    /// # Errors
    /// [`NatsError`]; a stream or a message that is missing is none.
    pub async fn end(&self, stream: StreamId) -> Result<StreamEnd, NatsError> {
        let info: Info = match self.ask(&format!("STREAM.INFO.{}", stream.stream()), &nothing()).await {
            Ok(info) => info,
            Err(NatsError::NotFound(_)) => return Ok(StreamEnd::Missing),
            Err(error) => return Err(error),
        };
        let sequence = i64::try_from(info.state.last_sequence).unwrap_or(i64::MAX);
        if sequence == 0 {
            return Ok(StreamEnd::New);
        }
        let record = self.message(stream, sequence).await?;
        Ok(record.map_or(StreamEnd::Gone, |record| StreamEnd::Message { sequence, record }))
    }

    /// The body of one message; `None` if it is not there.
    ///
    /// # Errors
    /// [`NatsError`].
    pub async fn message(&self, stream: StreamId, sequence: i64) -> Result<Option<Vec<u8>>, NatsError> {
        #[derive(Deserialize)]
        struct Raw {
            message: Message,
        }
        #[derive(Deserialize)]
        struct Message {
            #[serde(default)]
            data: String,
        }
        let body = serde_json::json!({ "seq": sequence });
        match self.ask::<Raw>(&format!("STREAM.MSG.GET.{}", stream.stream()), &body).await {
            // What cannot be read is as good as any other body that no relay wrote.
            Ok(raw) => Ok(Some(BASE64.decode(raw.message.data.as_bytes()).unwrap_or_default())),
            Err(NatsError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a generation's stream, unless it stands.
    ///
    /// # Errors
    /// [`NatsError`].
    pub async fn make(&self, stream: StreamId) -> Result<(), NatsError> {
        let subject = format!("STREAM.CREATE.{}", stream.stream());
        self.ask::<Info>(&subject, &stream.config(self.stream_bytes)).await.map(|_| ())
    }

    /// Deletes a stream, if it stands.
    ///
    /// # Errors
    /// [`NatsError`].
    pub async fn delete(&self, stream: StreamId) -> Result<(), NatsError> {
        match self.ask::<DeleteStatus>(&format!("STREAM.DELETE.{}", stream.stream()), &nothing()).await {
            Ok(_) | Err(NatsError::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Asks JetStream.
    async fn ask<T: DeserializeOwned>(&self, subject: &str, body: &impl Serialize) -> Result<T, NatsError> {
        match self.context.request::<_, _, Response<T>>(subject.to_owned(), body).await {
            Ok(Response::Ok(answer)) => Ok(answer),
            Ok(Response::Err { error }) => Err(NatsError::of(&error)),
            Err(error) => Err(match error.kind() {
                RequestErrorKind::NoResponders => NatsError::NoJetStream,
                RequestErrorKind::Other => NatsError::Refused(format!("{subject}: {error}")),
                _ => self.silence(subject, Some(Box::new(error))),
            }),
        }
    }

    /// What a missing answer means: the server tells of a missing right beside the answer, not in it.
    fn silence(&self, subject: &str, source: Option<Box<dyn std::error::Error + Send + Sync>>) -> NatsError {
        let denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        if denied.contains(subject) || denied.contains(names::INBOX) {
            return NatsError::Forbidden(denied.clone());
        }
        drop(denied);
        if self.is_connected() { NatsError::Silent(source) } else { NatsError::Away(source) }
    }
}

/// Who a URL says that we are.
enum User {
    Named(String, String),
    Token(String),
}

/// The servers, and who the first URL that says it says that we are. The client is given URLs without that: it would
/// not use it, and might log it.
fn servers(urls: &str) -> Result<(Vec<ServerAddr>, Option<User>), NatsError> {
    // The parser's own words may repeat a password.
    let unreadable = || NatsError::Refused("the URL cannot be read".to_owned());
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| unreadable());
    let (mut servers, mut user) = (Vec::new(), None);
    for text in urls.split(',') {
        let server: ServerAddr = text.parse().map_err(|_| unreadable())?;
        user = match (user, server.username(), server.password()) {
            (None, Some(name), Some(password)) => Some(User::Named(decoded(name)?, decoded(password)?)),
            (None, Some(token), None) => Some(User::Token(decoded(token)?)),
            (user, ..) => user,
        };
        let mut url = server.into_inner();
        if url.set_username("").is_err() || url.set_password(None).is_err() {
            return Err(unreadable());
        }
        servers.push(ServerAddr::from_url(url).map_err(|_| unreadable())?);
    }
    Ok((servers, user))
}

/// The body of a request that asks for nothing in particular.
fn nothing() -> serde_json::Value {
    serde_json::json!({})
}

/// Remembers what the server says about rights, and tells the rest.
fn hear(event: &Event, denied: &Mutex<String>) {
    match event {
        Event::Connected => {
            tracing::info!("NATS is there");
            denied.lock().unwrap_or_else(PoisonError::into_inner).clear();
            metrics::gauge!("chancery_nats_connected").set(1.0);
        }
        Event::Disconnected => {
            tracing::warn!("NATS is away");
            metrics::gauge!("chancery_nats_connected").set(0.0);
        }
        Event::ServerError(ServerError::Other(said)) => {
            tracing::warn!(said, "NATS objects");
            if said.to_ascii_lowercase().contains("permissions violation") {
                said.clone_into(&mut denied.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
        Event::ServerError(ServerError::AuthorizationViolation) => tracing::error!("NATS refuses this user"),
        Event::SlowConsumer(_) => metrics::counter!("chancery_nats_slow_total").increment(1),
        other => tracing::debug!(%other, "NATS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_we_are_is_taken_out_of_the_urls() {
        let (addresses, user) = servers("nats://chancery:p%40ss@nats:4222,tls://other").unwrap();
        assert!(matches!(user, Some(User::Named(name, password)) if name == "chancery" && password == "p@ss"));
        let addresses: Vec<&str> = addresses.iter().map(ServerAddr::as_url_str).collect();
        assert_eq!(addresses, ["nats://nats:4222", "tls://other"]);
        assert!(matches!(servers("nats://t0ken@nats"), Ok((_, Some(User::Token(token)))) if token == "t0ken"));
        assert!(matches!(servers("nats://nats"), Ok((_, None))));
        assert!(servers("http://u:hunter2@nats").is_err_and(|error| !error.to_string().contains("hunter2")));
    }
}
