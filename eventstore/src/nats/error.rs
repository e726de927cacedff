//! What goes wrong with NATS.

use async_nats::jetstream::ErrorCode;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why NATS did not do what it was asked. Each is a state of the world, not of one message: it lasts until somebody or
/// something changes it.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// It cannot be reached, or does not answer in time.
    #[error("NATS cannot be reached")]
    Away(#[source] Option<Source>),
    /// It is connected, and JetStream does not answer in time: so does nats-server 2.9 for ever once its disk was full.
    #[error("JetStream does not answer: its disk may be full; make room, and start nats-server again")]
    Silent(#[source] Option<Source>),
    /// It refuses this user.
    #[error("NATS refuses this user: name the right one in the URL, by --nats-credentials-file or by --nats-nkey-file")]
    Unknown,
    /// It runs without JetStream, or the account has none.
    ///
    /// A server may turn it off by itself when its disk is full, and then answers no differently.
    #[error(
        "JetStream is off: start nats-server with --jetstream, and give the account 'jetstream: enabled'; where it was on \
         before, its disk may be full: make room, and start nats-server again"
    )]
    NoJetStream,
    /// The account may not do what is needed.
    #[error("the NATS account lacks a right: {0}")]
    Forbidden(String),
    /// There is no room for the stream or its next message.
    #[error("JetStream has no room: {0}")]
    Full(String),
    /// The stream or the message that is asked for is not there.
    #[error("{0} is not on NATS")]
    NotFound(&'static str),
    /// Another process wrote first.
    #[error("another relay writes to the stream")]
    Contended,
    /// Anything else that it answers.
    #[error("NATS refuses: {0}")]
    Refused(String),
}

impl NatsError {
    /// Its name in metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Away(_) => "away",
            Self::Silent(_) => "silent",
            Self::Unknown => "unknown-user",
            Self::NoJetStream => "no-jetstream",
            Self::Forbidden(_) => "forbidden",
            Self::Full(_) => "full",
            Self::NotFound(_) => "not-found",
            Self::Contended => "contended",
            Self::Refused(_) => "refused",
        }
    }

    /// What JetStream's own error means.
    pub(super) fn of(error: &async_nats::jetstream::Error) -> Self {
        let said = || error.to_string();
        match error.error_code() {
            ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => Self::NoJetStream,
            ErrorCode::STREAM_NOT_FOUND => Self::NotFound("the stream"),
            ErrorCode::CONSUMER_NOT_FOUND => Self::NotFound("the consumer"),
            ErrorCode::NO_MESSAGE_FOUND => Self::NotFound("the message"),
            ErrorCode::STREAM_WRONG_LAST_SEQUENCE => Self::Contended,
            ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
            | ErrorCode::INSUFFICIENT_RESOURCES
            | ErrorCode::STORAGE_RESOURCES_EXCEEDED
            | ErrorCode::MEMORY_RESOURCES_EXCEEDED
            | ErrorCode::STREAM_STORE_FAILED
            | ErrorCode::MAXIMUM_STREAMS_LIMIT
            | ErrorCode::MAXIMUM_CONSUMERS_LIMIT => Self::Full(said()),
            _ => Self::Refused(said()),
        }
    }
}
