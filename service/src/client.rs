//! The browser that asks.

use std::net::IpAddr;

use chancery_domain::{Actor, ActorDetails};
use chancery_eventstore::{Fingerprint, Priority};
use uuid::Uuid;

use crate::app::App;
use crate::network::NetworkKey;
use crate::run::Origin;
use crate::secrets::browsers::{BrowserSecret, ProofSecret};
use crate::secrets::devices::KnownTo;
use crate::secrets::forms::FormCommand;

/// What a request says of its sender.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client's address, after trusted proxies.
    pub address: IpAddr,
    /// The `User-Agent`.
    pub user_agent: Option<String>,
    /// The pre-session cookie.
    pub browser: BrowserSecret,
    /// The cookie of the first proof of a sign-in, where one was given.
    pub proof: Option<ProofSecret>,
    /// The known-browser cookie.
    pub known: KnownTo,
    /// The request's id, ours: the correlation of whatever it leads to.
    pub request: Uuid,
}

impl Client {
    /// The network that throttles count by.
    #[must_use]
    pub fn network(&self) -> NetworkKey {
        NetworkKey::from(self.address)
    }

    /// What is sealed of the client beside an event.
    #[must_use]
    pub fn details(&self) -> ActorDetails {
        ActorDetails::of_request(self.address, self.user_agent.as_deref())
    }
}

impl App {
    /// The origin of a command that a browser's form asks for. A visitor's is worth the least, somebody's whose password or
    /// link was right more; what is worth something else says so.
    #[must_use]
    pub fn form_origin(&self, client: &Client, form: FormCommand, fingerprint: Fingerprint, actor: Actor) -> Origin {
        Origin {
            priority: if actor == Actor::Visitor { Priority::Registration } else { Priority::KnownBrowser },
            command: form.id,
            fingerprint,
            actor,
            details: Some(client.details()),
            correlation: client.request,
            causing: None,
        }
    }

    /// The origin of a command that a job gives because of an event. Giving the same one because of the same event again
    /// is the same command.
    #[must_use]
    pub fn job_origin(&self, job: &str, what: &str, row: &chancery_eventstore::EventRow) -> Origin {
        let key = uuid::Builder::from_unix_timestamp_millis(
            u64::try_from(row.recorded.micros() / 1000).unwrap_or(0),
            &position_bytes(row.position),
        )
        .into_uuid();
        Origin {
            command: self.store.command_id(&self.log.bytes(), what, key),
            fingerprint: self.store.fingerprint(&[what.as_bytes(), &row.position.0.to_be_bytes()]),
            actor: Actor::Worker(job.to_owned()),
            details: None,
            correlation: row.correlation,
            causing: Some(row.position),
            priority: Priority::Session,
        }
    }
}

fn position_bytes(position: chancery_eventstore::Position) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&position.0.to_be_bytes());
    bytes
}
