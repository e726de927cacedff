//! What a browser has proved so far, while it is asked for more: a volatile row, found by a cookie and sealed under a key
//! that cannot be made without it. An answer takes it away, so that of any number of answers one counts; losing it only asks
//! again.

use std::time::Duration;

use chancery_domain::account::SignInMethod;
use chancery_domain::account::commands::{PasswordVerdict, ProvedBrowser};
use chancery_domain::{ChallengeId, SessionId, StreamId, Timestamp};
use chancery_eventstore::Purpose;
use chancery_eventstore::volatile::VolatileKind;
use minicbor::{Decode, Encode};

use super::{FactorMethod, by_way};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::ports::random_array;
use crate::secrets::browsers::ProofSecret;

/// How long the first proof of a sign-in waits for the second.
pub(super) const FIRST_PROOF: Duration = Duration::from_secs(600);

/// How long a challenge can be answered where its way does not say less: shorter than the account remembers those that were.
pub(super) const CHALLENGE: Duration = Duration::from_secs(240);

/// For how long a challenge is as good as new.
const AS_NEW: Duration = Duration::from_secs(10);

/// What a browser has proved so far.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Step {
    /// The account.
    #[n(0)]
    pub(crate) stream: StreamId,
    /// The password that was right; `None` where more is proved in an open session, and where the browser stands for it.
    #[n(1)]
    pub(crate) password: Option<PasswordVerdict>,
    /// The name as it was typed.
    #[n(2)]
    pub(crate) name: String,
    /// On a computer that others use.
    #[n(3)]
    pub(crate) public_computer: bool,
    /// What the answer answers.
    #[n(4)]
    pub(crate) challenge: ChallengeId,
    /// Since when.
    #[n(5)]
    pub(crate) minted: Timestamp,
    /// When the first proof is too old.
    #[n(6)]
    pub(crate) expires: Timestamp,
    /// The browser that stands for the password.
    #[n(7)]
    pub(crate) browser: Option<ProvedBrowser>,
}

/// What comes before a second factor.
pub(crate) enum By {
    /// The right password.
    Password(PasswordVerdict),
    /// A browser in which several factors were proved lately.
    Browser(ProvedBrowser),
}

/// A first proof.
pub(crate) struct FirstProof<'a> {
    pub(crate) stream: StreamId,
    pub(crate) by: By,
    pub(crate) name: &'a str,
    pub(crate) public_computer: bool,
}

/// The secret of the cookie by which a browser finds what is asked of it; `None` where it has none.
///
/// In a sign-in it is that of the first proof: whoever knows the pre-session cookie, having sat there before the owner, say,
/// finds nothing by it. In a session, which nobody enters without the session's own cookie, it is the pre-session cookie.
pub(super) fn found_by(client: &Client, session: Option<SessionId>) -> Option<&[u8; 32]> {
    match session {
        Some(_) => Some(client.browser.expose()),
        None => client.proof.as_ref().map(ProofSecret::expose),
    }
}

impl App {
    /// Keeps the first proof of a sign-in until the second one comes, to be found by the secret that is returned and by no
    /// other. What came to nothing before it is noted first.
    pub(crate) async fn begin_step(&self, client: &Client, proof: FirstProof<'_>) -> Result<ProofSecret, Failure> {
        self.note_all_unanswered(proof.stream).await?;
        // A browser is asked for one thing at a time: what it finds no more is not left behind.
        self.take_step(client, None).await?;
        self.leave_request(client).await?;
        let now = self.now();
        let (password, browser) = match proof.by {
            By::Password(verdict) => (Some(verdict), None),
            By::Browser(browser) => (None, Some(browser)),
        };
        let step = Step {
            stream: proof.stream,
            password,
            browser,
            name: proof.name.to_owned(),
            public_computer: proof.public_computer,
            challenge: ChallengeId::from_bytes(random_array(&*self.random)),
            minted: now,
            expires: now.plus(FIRST_PROOF),
        };
        let secret = self.new_proof_secret();
        self.put_browser_row(secret.expose(), &label(None), &step, step.expires).await?;
        Ok(secret)
    }

    /// Asks for more in an open session; what was asked a moment ago stands.
    pub(crate) async fn begin_session_step(
        &self,
        client: &Client,
        stream: StreamId,
        session: SessionId,
    ) -> Result<(), Failure> {
        let now = self.now();
        if self.step(client, Some(session)).await?.is_some_and(|step| self.now().since(step.minted) < CHALLENGE) {
            return Ok(());
        }
        let step = Step {
            stream,
            password: None,
            browser: None,
            name: String::new(),
            public_computer: false,
            challenge: ChallengeId::from_bytes(random_array(&*self.random)),
            minted: now,
            expires: now.plus(FIRST_PROOF),
        };
        self.put_step(client, Some(session), &step).await
    }

    /// What a browser has proved so far.
    pub(crate) async fn step(&self, client: &Client, session: Option<SessionId>) -> Result<Option<Step>, Failure> {
        let Some(secret) = found_by(client, session) else { return Ok(None) };
        self.peek_browser_row(secret, &label(session)).await
    }

    /// Takes it away: one answer gets it.
    pub(crate) async fn take_step(&self, client: &Client, session: Option<SessionId>) -> Result<Option<Step>, Failure> {
        let Some(secret) = found_by(client, session) else { return Ok(None) };
        self.take_browser_row(secret, &label(session)).await
    }

    /// Puts it back after an answer that counted for nothing, under a fresh challenge.
    pub(crate) async fn ask_again(
        &self,
        client: &Client,
        session: Option<SessionId>,
        step: Step,
    ) -> Result<Step, Failure> {
        let challenge = ChallengeId::from_bytes(random_array(&*self.random));
        let step = Step { challenge, minted: self.now(), ..step };
        self.put_step(client, session, &step).await?;
        Ok(step)
    }

    /// Whether its challenge is too old to be answered in this way.
    pub(crate) fn is_over(&self, step: &Step, way: SignInMethod) -> bool {
        let within = by_way(way).map_or(CHALLENGE, FactorMethod::answer_within);
        self.now().since(step.minted) >= within
    }

    /// Whether a challenge whose time the page tells is not as new any more as the page says.
    pub(super) fn has_waited(&self, step: &Step, method: &dyn FactorMethod) -> bool {
        method.answer_within() < CHALLENGE && self.now().since(step.minted) >= AS_NEW
    }

    async fn put_step(&self, client: &Client, session: Option<SessionId>, step: &Step) -> Result<(), Failure> {
        let Some(secret) = found_by(client, session) else { return Ok(()) };
        self.put_browser_row(secret, &label(session), step, step.expires).await
    }

    /// Keeps something for a browser, which nobody opens without the secret of its cookie.
    pub(super) async fn put_browser_row<T: Encode<()>>(
        &self,
        secret: &[u8; 32],
        label: &[u8],
        value: &T,
        expires: Timestamp,
    ) -> Result<(), Failure> {
        let plain = minicbor::to_vec(value).map_err(|error| Failure::Internal(Box::new(error)))?;
        let plain = zeroize::Zeroizing::new(plain);
        let sealed = self.browser_key(secret).seal(label, &plain);
        let row = self.browser_row(secret, label);
        Ok(self.store.backend().put(VolatileKind::SignInStep, &row, &sealed, expires).await?)
    }

    /// What was kept so.
    pub(super) async fn peek_browser_row<T: for<'b> Decode<'b, ()>>(
        &self,
        secret: &[u8; 32],
        label: &[u8],
    ) -> Result<Option<T>, Failure> {
        let row = self.browser_row(secret, label);
        let sealed = self.store.backend().peek(VolatileKind::SignInStep, &row, self.now()).await?;
        Ok(sealed.and_then(|sealed| self.open_browser_row(secret, label, &sealed)))
    }

    /// Takes it away: one answer gets it.
    pub(super) async fn take_browser_row<T: for<'b> Decode<'b, ()>>(
        &self,
        secret: &[u8; 32],
        label: &[u8],
    ) -> Result<Option<T>, Failure> {
        let row = self.browser_row(secret, label);
        let sealed = self.store.backend().take(VolatileKind::SignInStep, &row, self.now()).await?;
        Ok(sealed.and_then(|sealed| self.open_browser_row(secret, label, &sealed)))
    }

    /// A row that does not open or decode is one of another build or log: it is as good as lost.
    fn open_browser_row<T: for<'b> Decode<'b, ()>>(&self, secret: &[u8; 32], label: &[u8], sealed: &[u8]) -> Option<T> {
        let plain = self.browser_key(secret).open(label, sealed).ok()?;
        minicbor::decode(&plain).ok()
    }

    fn browser_row(&self, secret: &[u8; 32], label: &[u8]) -> [u8; 32] {
        self.store.service_mac(Purpose::Throttle, &[b"step", &self.log.bytes(), secret, label])
    }
}

/// A step of a sign-in is not one of a session, nor one session's another's.
fn label(session: Option<SessionId>) -> Vec<u8> {
    session.map_or_else(|| b"sign-in step".to_vec(), |id| [b"session step ".as_slice(), id.as_bytes()].concat())
}
