//! Publishes records to one stream, many at a time, each only where the one before it stands.

use std::time::Duration;

use async_nats::header::NATS_EXPECTED_LAST_SEQUENCE;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{HeaderMap, StatusCode, Subscriber};
use futures::{FutureExt, StreamExt};

use super::error::NatsError;
use super::names::{POSITION, StreamId};
use super::{ANSWER, Nats};
use crate::row::Position;

/// Messages under way that were not acknowledged yet.
pub const WINDOW: usize = 1024;

/// A writer to one stream. Each message names the sequence that must be the stream's last: of two writers that meet, one
/// goes on and the other is told [`NatsError::Contended`]; none is ever stored twice or out of order, so that no id has to
/// tell repeats apart. After any error the stream's end has to be looked at anew.
pub struct Publisher {
    nats: Nats,
    stream: String,
    subject: async_nats::Subject,
    /// Where acknowledgements arrive: in the order of the messages, since the stream has one leader.
    inbox: async_nats::Subject,
    acknowledgements: Subscriber,
    base: Position,
    sent: Position,
    stored: Position,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher").field("stored", &self.stored).finish_non_exhaustive()
    }
}

impl Publisher {
    /// A writer that goes on after `after`.
    ///
    /// # Errors
    /// [`NatsError::Away`].
    pub async fn new(nats: &Nats, stream: StreamId, base: Position, after: Position) -> Result<Self, NatsError> {
        let inbox = nats.client.new_inbox();
        let acknowledgements = nats.client.subscribe(inbox.clone()).await;
        let acknowledgements = acknowledgements.map_err(|error| NatsError::Away(Some(Box::new(error))))?;
        Ok(Self {
            nats: nats.clone(),
            stream: stream.stream(),
            subject: stream.subject().into(),
            inbox: inbox.into(),
            acknowledgements,
            base,
            sent: after,
            stored: after,
        })
    }

    /// Up to where the stream has the log for sure.
    #[must_use]
    pub const fn stored(&self) -> Position {
        self.stored
    }

    /// Sends the record of the next position. Waits while [`WINDOW`] messages are under way.
    ///
    /// # Errors
    /// [`NatsError`], of this message or an earlier one.
    pub async fn publish(&mut self, record: Vec<u8>) -> Result<(), NatsError> {
        while self.sent.0 - self.stored.0 >= i64::try_from(WINDOW).unwrap_or(i64::MAX) {
            self.acknowledged().await?;
        }
        let next = Position(self.sent.0 + 1);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SEQUENCE, self.sequence(self.sent).to_string());
        headers.insert(POSITION, next.to_string());
        let (subject, inbox) = (self.subject.clone(), self.inbox.clone());
        let sending = self.nats.client.publish_with_reply_and_headers(subject, inbox, headers, record.into());
        match tokio::time::timeout(ANSWER, sending).await {
            Ok(Ok(())) => self.sent = next,
            Ok(Err(error)) => return Err(NatsError::Refused(error.to_string())),
            Err(_) => return Err(NatsError::Away(None)),
        }
        // What has arrived is taken at once, so that nothing piles up.
        while self.stored < self.sent {
            let Some(arrived) = self.acknowledgements.next().now_or_never() else { break };
            self.take(arrived)?;
        }
        Ok(())
    }

    /// Waits until everything that was sent is stored.
    ///
    /// # Errors
    /// [`NatsError`].
    pub async fn settle(&mut self) -> Result<(), NatsError> {
        while self.stored < self.sent {
            self.acknowledged().await?;
        }
        Ok(())
    }

    async fn acknowledged(&mut self) -> Result<(), NatsError> {
        match self.arrived(ANSWER).await {
            Some(arrived) => self.take(arrived),
            None => Err(self.nats.silence(&self.subject, None)),
        }
    }

    async fn arrived(&mut self, within: Duration) -> Option<Option<async_nats::Message>> {
        tokio::time::timeout(within, self.acknowledgements.next()).await.ok()
    }

    fn take(&mut self, arrived: Option<async_nats::Message>) -> Result<(), NatsError> {
        let message = arrived.ok_or(NatsError::Away(None))?;
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return Err(NatsError::NotFound("the stream"));
        }
        let answer: Response<PublishAck> =
            serde_json::from_slice(&message.payload).map_err(|error| NatsError::Refused(error.to_string()))?;
        let next = Position(self.stored.0 + 1);
        match answer {
            Response::Err { error } => Err(NatsError::of(&error)),
            Response::Ok(stored) if stored.stream == self.stream && stored.sequence == self.sequence(next) => {
                self.stored = next;
                Ok(())
            }
            Response::Ok(_) => Err(NatsError::Contended),
        }
    }

    fn sequence(&self, position: Position) -> u64 {
        u64::try_from(position.0 - self.base.0).unwrap_or(0)
    }
}
