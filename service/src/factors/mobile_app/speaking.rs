//! A phone that is a device speaks: who it is, whether it has signed what it says, and what one is not heard for.

use std::time::Duration;

use chancery_domain::account::{Account, Factor};
use chancery_domain::values::Uid;
use chancery_domain::{Actor, ChallengeId, FactorId, StreamId, Timestamp};
use chancery_eventstore::Priority;
use chancery_eventstore::volatile::Tally;
use uuid::Uuid;

use super::super::Held;
use super::MobileApp;
use super::messages::{PhoneKeys, SIGNATURE};
use super::signing::Between;
use crate::accounts::{LoadedAccount, uid_claim};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::run::Origin;
use crate::throttle::LimitReached;

/// How far a phone's clock may be from the service's.
pub const CLOCK: Duration = Duration::from_secs(120);

/// For how long no other answer of the same phone is judged, where it is not known what became of one.
const TURN: Duration = Duration::from_secs(10);

/// How long one is judged at the longest: it is given up before the next one's turn can come.
const JUDGED: Duration = Duration::from_secs(7);

/// How soon the next turn may come.
const NEXT_TURN: Duration = Duration::from_secs(1);

/// Which phone speaks.
#[derive(Clone, Copy, Debug)]
pub struct Speaker<'a> {
    /// The account's uid.
    pub uid: &'a str,
    /// The device.
    pub device: FactorId,
}

/// Why a phone is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneRefused {
    /// It is no device of the account, or has not signed what it says: one is not told from the other.
    Gone,
    /// It does not count until its owner lets it: too many PINs were wrong.
    Blocked,
    /// It does not count until its owner lets it.
    Suspended,
    /// Its clock is wrong; this is the right time.
    WrongClock(Timestamp),
    /// No such request waits.
    RequestGone,
    /// The number is not the one on the page; the request is over.
    WrongNumber,
    /// The PIN is wrong; so many can be before the device is blocked, none where it is.
    WrongPin(u8),
    /// Too much that was signed by nobody came from this network.
    Limit(LimitReached),
}

/// A phone that has signed what it says.
pub(super) struct Signed {
    pub(super) account: LoadedAccount,
    pub(super) factor: Factor,
    pub(super) keys: PhoneKeys,
}

impl App {
    /// The phone that has signed these bytes, if it counts.
    pub(super) async fn signed_by(
        &self,
        client: &Client,
        speaker: Speaker<'_>,
        bytes: &[u8],
        signature: &[u8; SIGNATURE],
    ) -> Result<Result<Signed, PhoneRefused>, Failure> {
        let account = match Uid::parse(speaker.uid) {
            Ok(uid) => self.store.find::<Account>(&uid_claim(&uid)).await?,
            Err(_) => None,
        };
        let signed = match account.filter(|account| account.state.is_usable()) {
            Some(account) => self.device(account.stream, speaker.device).await?,
            None => None,
        };
        if let Some(signed) = signed.filter(|signed| signed.keys.have_signed(bytes, signature)) {
            return Ok(counts(&signed.factor).map(|()| signed));
        }
        let counter = self.counter(&[b"app messages", client.network().as_bytes()]);
        let taken = self.take(self.limits.app_messages, &counter).await?;
        Ok(Err(taken.map_or_else(PhoneRefused::Limit, |_| PhoneRefused::Gone)))
    }

    /// A phone of an account, with its keys, whether or not it counts.
    pub(super) async fn device(&self, stream: StreamId, device: FactorId) -> Result<Option<Signed>, Failure> {
        let Some(account) = self.store.load::<Account>(stream).await? else { return Ok(None) };
        let held = self.held_device(&account, &MobileApp, device).await?;
        let Some(Held { factor, secret }) = held else { return Ok(None) };
        let Ok(keys) = minicbor::decode::<PhoneKeys>(&secret) else { return Ok(None) };
        let factor = factor.clone();
        Ok(Some(Signed { account, factor, keys }))
    }

    /// One answer of a phone is judged at a time, on all nodes: no number of them at once tries more PINs than the phone has.
    pub(super) async fn in_turn<T>(
        &self,
        device: FactorId,
        judging: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let counter = self.counter(&[b"app turn", device.as_bytes()]);
        match self.store.backend().count(&counter, 1, TURN, self.now()).await? {
            Tally::Taken { .. } => {}
            Tally::Full { .. } => return Err(Failure::Busy { retry_after: NEXT_TURN }),
        }
        // What took too long may still be on its way to the database: its turn lapses by itself, and is not ended here, as it
        // may be another one's by then.
        let Ok(judged) = tokio::time::timeout(JUDGED, judging).await else {
            return Err(Failure::Busy { retry_after: TURN });
        };
        self.store.backend().reset(&counter).await?;
        judged
    }

    pub(super) fn between(&self, device: FactorId) -> Between<'_> {
        Between { origin: self.origin(), device }
    }

    /// Whether a phone's clock, in milliseconds, is near enough to the service's.
    pub(super) fn is_timely(&self, time: i64) -> Result<(), PhoneRefused> {
        let now = self.now();
        let off = (now.micros() / 1000).abs_diff(time);
        if u128::from(off) <= CLOCK.as_millis() { Ok(()) } else { Err(PhoneRefused::WrongClock(now)) }
    }

    /// The origin of what is said about a request, or by a phone that has signed it: whoever that is, until the PIN was right.
    pub(super) fn origin_of_phone(
        &self,
        client: &Client,
        stream: StreamId,
        about: &ChallengeId,
        what: &str,
        once: Uuid,
    ) -> Origin {
        Origin {
            command: self.store.command_id(stream.as_bytes(), what, once),
            fingerprint: self.store.fingerprint(&[what.as_bytes(), about.as_bytes()]),
            actor: Actor::Visitor,
            details: Some(client.details()),
            correlation: client.request,
            causing: None,
            priority: Priority::KnownBrowser,
        }
    }
}

/// Whether it counts.
pub(super) fn counts(factor: &Factor) -> Result<(), PhoneRefused> {
    if factor.is_blocked() {
        Err(PhoneRefused::Blocked)
    } else if factor.counts() {
        Ok(())
    } else {
        Err(PhoneRefused::Suspended)
    }
}
