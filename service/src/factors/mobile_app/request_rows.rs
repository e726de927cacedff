//! What is kept of requests that the app shows: a volatile row in each of an account's places, sealed under its key, and a
//! row for each browser and network from which nothing is asked for a while.

use std::time::Duration;

use chancery_domain::account::SignInMethod;
use chancery_domain::{ChallengeId, SessionId, StreamId, Timestamp};
use chancery_eventstore::volatile::VolatileKind;
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::super::enrolment::row_key;
use super::super::step::found_by;
use super::signing::Approval;
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;

/// How long a phone can answer.
pub const ANSWERABLE: Duration = Duration::from_secs(120);

/// How much longer its place is held, in which the page goes on by what the phone said.
pub(super) const GOES_ON: Duration = Duration::from_secs(30);

/// How long what nobody answered is noted, until somebody looks.
pub(super) const UNANSWERED: Duration = Duration::from_secs(24 * 3600);

/// How long nothing is asked from where a request came that was denied.
pub(super) const PAUSE: Duration = Duration::from_secs(24 * 3600);

/// An account's places for requests; the last one is for browsers that it knows.
pub(super) const PLACES: u8 = 3;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum RequestOver {
    /// Nobody answered in time.
    #[n(0)]
    Unanswered,
    /// The number that was typed is not the one on the page.
    #[n(1)]
    WrongNumber,
    /// Whoever holds the phone said that it was not them.
    #[n(2)]
    Denied,
    /// So many PINs were wrong that the phone counts for nothing.
    #[n(3)]
    Blocked,
}

/// How a request stands.
#[derive(Clone, Debug, Encode, Decode)]
pub(super) enum Standing {
    #[n(0)]
    Waiting,
    #[n(1)]
    Approved(#[n(0)] Approval),
    #[n(2)]
    Over(#[n(0)] RequestOver),
}

/// A request, in its place.
#[derive(Clone, Encode, Decode)]
pub(super) struct AppRequest {
    /// Tells it from every other, and is what the phone proves something about.
    #[n(0)]
    pub(super) id: ChallengeId,
    /// The number on the page.
    #[n(1)]
    pub(super) number: String,
    /// The way that was chosen.
    #[n(2)]
    pub(super) way: SignInMethod,
    /// The pauses of the browser that asked and of its network.
    #[n(3)]
    pub(super) from: [[u8; 32]; 2],
    /// Whether that browser had signed in to this account before.
    #[n(4)]
    pub(super) known_browser: bool,
    /// What it called itself.
    #[n(5)]
    pub(super) user_agent: Option<String>,
    /// Its address.
    #[n(6)]
    pub(super) address: String,
    /// When it asked.
    #[n(7)]
    pub(super) asked: Timestamp,
    /// The open session in which it asked; `None` where there was none yet.
    #[n(8)]
    pub(super) session: Option<SessionId>,
    /// What became of it.
    #[n(9)]
    pub(super) standing: Standing,
    /// When that session ends at the latest, which stays as it is when it goes on under another id.
    #[n(10)]
    pub(super) session_ends: Option<Timestamp>,
    /// The browser that asked, by the cookie that finds the request there.
    #[n(11)]
    pub(super) asker: Option<[u8; 32]>,
}

impl std::fmt::Debug for AppRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppRequest(…)")
    }
}

impl AppRequest {
    pub(super) fn expires(&self) -> Timestamp {
        self.asked.plus(ANSWERABLE)
    }

    /// Whether a phone can still answer it.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.standing, Standing::Waiting) && now < self.expires()
    }

    /// Whether nobody answered, and nobody has noticed that yet.
    pub(super) fn is_unnoticed(&self, now: Timestamp) -> bool {
        matches!(self.standing, Standing::Waiting) && now >= self.expires()
    }
}

impl App {
    pub(super) async fn request_in(&self, account: &LoadedAccount, place: u8) -> Result<Option<AppRequest>, Failure> {
        let row = self.place_row(account.stream, place);
        let sealed = self.store.backend().peek(VolatileKind::AppRequest, &row, self.now()).await?;
        Ok(sealed.and_then(|sealed| open(account, &row, &sealed)))
    }

    /// Takes it away: of any number of answers one gets it.
    pub(super) async fn take_request(&self, account: &LoadedAccount, place: u8) -> Result<Option<AppRequest>, Failure> {
        let row = self.place_row(account.stream, place);
        let sealed = self.store.backend().take(VolatileKind::AppRequest, &row, self.now()).await?;
        Ok(sealed.and_then(|sealed| open(account, &row, &sealed)))
    }

    pub(super) async fn put_request(
        &self,
        account: &LoadedAccount,
        place: u8,
        request: &AppRequest,
    ) -> Result<(), Failure> {
        let row = self.place_row(account.stream, place);
        let Some(key) = row_key(account) else { return Ok(()) };
        let plain = Zeroizing::new(minicbor::to_vec(request).map_err(|error| Failure::Internal(Box::new(error)))?);
        let expires = request.expires().plus(UNANSWERED);
        Ok(self.store.backend().put(VolatileKind::AppRequest, &row, &key.seal(&bound(&row), &plain), expires).await?)
    }

    /// It is over: what its page says of it stays for a while, its place is another's.
    pub(super) async fn end_request(
        &self,
        account: &LoadedAccount,
        place: u8,
        request: AppRequest,
        over: RequestOver,
    ) -> Result<(), Failure> {
        self.put_request(account, place, &AppRequest { standing: Standing::Over(over), ..request }).await?;
        self.free(account.stream, place).await
    }

    pub(super) async fn free(&self, stream: StreamId, place: u8) -> Result<(), Failure> {
        Ok(self.store.backend().reset(&self.place_counter(stream, place)).await?)
    }

    /// Nothing is asked for a day from the browser that a request came from, nor from unknown ones in its network.
    pub(super) async fn pause(&self, account: &LoadedAccount, request: &AppRequest) -> Result<(), Failure> {
        let until = self.now().plus(PAUSE);
        let Some(key) = row_key(account).filter(|_| !request.known_browser) else { return Ok(()) };
        for pause in &request.from {
            let sealed = key.seal(&bound(pause), &until.micros().to_be_bytes());
            self.store.backend().put(VolatileKind::AppRequest, pause, &sealed, until).await?;
        }
        Ok(())
    }

    pub(super) async fn paused_until(
        &self,
        account: &LoadedAccount,
        pause: &[u8; 32],
    ) -> Result<Option<Timestamp>, Failure> {
        let sealed = self.store.backend().peek(VolatileKind::AppRequest, pause, self.now()).await?;
        let plain = sealed.zip(row_key(account)).and_then(|(sealed, key)| key.open(&bound(pause), &sealed).ok());
        let until = plain.and_then(|plain| <[u8; 8]>::try_from(plain.as_slice()).ok());
        Ok(until.map(|until| Timestamp(i64::from_be_bytes(until))))
    }

    /// The rows that say that nothing is asked from a browser, and from its network.
    pub(super) fn pauses(&self, stream: StreamId, client: &Client) -> [[u8; 32]; 2] {
        let network = client.network();
        [(b"browser".as_slice(), client.browser.expose().as_slice()), (b"network", network.as_bytes())]
            .map(|(what, which)| self.counter(&[b"app pause", &self.log.bytes(), stream.as_bytes(), what, which]))
    }

    /// The browser in which phones are asked, or would be.
    pub(super) fn asker(&self, stream: StreamId, client: &Client, session: Option<SessionId>) -> Option<[u8; 32]> {
        let secret = found_by(client, session)?;
        Some(self.counter(&[b"app asker", &self.log.bytes(), stream.as_bytes(), secret]))
    }

    fn place_row(&self, stream: StreamId, place: u8) -> [u8; 32] {
        self.counter(&[b"app request", &self.log.bytes(), stream.as_bytes(), &[place]])
    }

    pub(super) fn place_counter(&self, stream: StreamId, place: u8) -> [u8; 32] {
        self.counter(&[b"app request place", stream.as_bytes(), &[place]])
    }
}

/// What a row is bound to: none opens in another's place.
fn bound(row: &[u8; 32]) -> Vec<u8> {
    [b"app request ".as_slice(), row].concat()
}

fn open(account: &LoadedAccount, row: &[u8; 32], sealed: &[u8]) -> Option<AppRequest> {
    let plain = row_key(account)?.open(&bound(row), sealed).ok()?;
    minicbor::decode(&plain).ok()
}
