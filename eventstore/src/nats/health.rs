//! What `chancery check` finds out about NATS.

use serde::Deserialize;

use super::look::{Look, LookError, Step, look};
use super::{Nats, NatsError};
use crate::backend::Backend;
use crate::db::Db;
use crate::record::MAX_RECORD;

/// The oldest version whose JetStream has what is used here.
const OLDEST: (u64, u64) = (2, 9);

/// What a message has besides its record, at most: subject, headers, and what the protocol adds.
const BESIDES: usize = 1024;

/// How NATS stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// All is well, in a few words.
    Well(String),
    /// What is wrong, and what to do, in one sentence.
    Wrong(String),
}

/// What is read of the account: servers of other versions say more or less besides.
#[derive(Deserialize)]
struct Account {
    limits: Limits,
}

#[derive(Deserialize)]
struct Limits {
    /// Bytes on disk; below zero for no limit.
    max_storage: i64,
}

/// What the server and the account say of themselves.
#[derive(Clone, Debug)]
struct Said {
    version: String,
    max_payload: usize,
    /// Bytes on disk that the account may have, where it is limited.
    limit: Option<u64>,
    /// Bytes on disk that the stream is to have.
    wanted: u64,
}

/// Looks at everything that the relay and the feeds need, and changes nothing.
pub async fn health(nats: &Nats, db: &Db, backend: &dyn Backend, jobs: &[&str]) -> Health {
    let server = nats.client.server_info();
    let account: Account = match nats.ask("INFO", &super::nothing()).await {
        Ok(account) => account,
        Err(error) => return wrong(&error, &server.version),
    };
    let limit = u64::try_from(account.limits.max_storage).ok();
    let said =
        Said { version: server.version.clone(), max_payload: server.max_payload, limit, wanted: nats.stream_bytes };
    if let Some(sentence) = judge(&said) {
        return Health::Wrong(sentence);
    }
    match look(nats, db, backend, jobs, None).await {
        Ok(look) => stands(&look, &server.version),
        Err(LookError::Nats(error)) => wrong(&error, &server.version),
        Err(LookError::Backend(error)) => {
            Health::Wrong(format!("the database does not say what NATS should hold: {error}"))
        }
    }
}

fn stands(look: &Look, version: &str) -> Health {
    let (generation, epoch, head) = (look.generation.number, look.head.epoch, look.head.position.0);
    match look.step {
        Step::Publish(after) if head.saturating_sub(after.0) > 1000 => Health::Wrong(format!(
            "the stream is {} events behind the log: is a 'chancery work' with the job relay running?",
            head - after.0
        )),
        Step::Publish(after) => Health::Well(format!(
            "nats-server {version}; epoch {epoch}, generation {generation} has events up to {} of {head}",
            after.0
        )),
        Step::Make | Step::Begin(..) => {
            Health::Well(format!("nats-server {version}; 'chancery work' begins the next copy of the log there"))
        }
        Step::Stop(divergence) => Health::Wrong(format!(
            "the relay has stopped: {divergence}; put the right database back, or state the loss by 'chancery log new-epoch --reason …'"
        )),
    }
}

fn wrong(error: &NatsError, version: &str) -> Health {
    // A server that is too old may not even know what it is asked.
    Health::Wrong(too_old(version).unwrap_or_else(|| match error {
        NatsError::Forbidden(_) => format!("{error}; docs/operate.md lists the rights that the account needs"),
        NatsError::Full(_) => format!("{error}; give JetStream more disk, or set nats-storage to less"),
        error => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }))
}

fn too_old(version: &str) -> Option<String> {
    let mut parts = version.split('.').map(|part| part.parse::<u64>().ok());
    let found = (parts.next().flatten()?, parts.next().flatten()?);
    (found < OLDEST).then(|| format!("nats-server {version} is too old: at least {}.{} is needed", OLDEST.0, OLDEST.1))
}

fn judge(said: &Said) -> Option<String> {
    if let Some(sentence) = too_old(&said.version) {
        return Some(sentence);
    }
    let payload = MAX_RECORD + BESIDES;
    if said.max_payload < payload {
        return Some(format!(
            "nats-server takes messages of {} bytes only: set its max_payload to at least {payload}",
            said.max_payload
        ));
    }
    let limit = said.limit.filter(|limit| *limit < said.wanted)?;
    Some(format!(
        "the account's disk limit is {limit} bytes, but the stream is to have {}: raise max_file of the account, or set nats-storage to less",
        said.wanted
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Said {
        Said { version: "2.9.10".to_owned(), max_payload: 1_048_576, limit: None, wanted: 1 << 28 }
    }

    #[test]
    fn a_server_that_will_do_is_not_complained_about() {
        assert_eq!(judge(&said()), None);
        for version in ["2.9.0", "2.10.1", "3.0.0-beta", "what?"] {
            assert_eq!(judge(&Said { version: version.to_owned(), ..said() }), None, "{version}");
        }
        assert_eq!(judge(&Said { limit: Some(1 << 28), ..said() }), None);
    }

    #[test]
    fn what_will_not_do_is_one_sentence() {
        for version in ["2.8.4", "1.4.1", "0.9.6"] {
            let sentence = judge(&Said { version: version.to_owned(), ..said() }).unwrap();
            assert_eq!(sentence, format!("nats-server {version} is too old: at least 2.9 is needed"));
        }
        let sentence = judge(&Said { max_payload: 65_536, ..said() }).unwrap();
        assert!(sentence.ends_with("set its max_payload to at least 66559"), "{sentence}");
        let sentence = judge(&Said { limit: Some(4096), ..said() }).unwrap();
        assert!(sentence.starts_with("the account's disk limit is 4096 bytes"), "{sentence}");
    }
}
