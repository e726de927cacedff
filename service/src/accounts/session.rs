//! Who is signed in: judged anew at every request, from the log's own state.

use std::time::Duration;

use chancery_domain::account::commands::SignOut;
use chancery_domain::account::{Account, Level, Session};
use chancery_domain::{Actor, Claim, ClaimKind, SessionId, Timestamp};
use chancery_eventstore::seal::{Part, PartKey};
use chancery_eventstore::volatile::VolatileKind;
use chancery_eventstore::{BackendError, Priority, Purpose, StreamKey, Version};

use super::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::forms::FormCommand;
use crate::secrets::sessions::SessionSecret;

/// Last use is written at most this often.
const TOUCH: Duration = Duration::from_secs(60);

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct SignedInPerson {
    /// The account, as it stood at this request.
    pub account: LoadedAccount,
    /// The session.
    pub session: Session,
}

/// A session that is open.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// The session.
    pub session: Session,
    /// When it was last used, to the minute.
    pub last_used: Timestamp,
}

impl App {
    /// The person whose session a cookie holds; `None` if it ended, was idle too long, or never was, and where it began with
    /// less than the operator requires since.
    ///
    /// # Errors
    /// The database's.
    pub async fn signed_in(&self, secret: &SessionSecret) -> Result<Option<SignedInPerson>, Failure> {
        let Some(person) = self.open_session(secret).await? else { return Ok(None) };
        Ok(if self.began_with_too_little(&person).await? { None } else { Some(person) })
    }

    /// Whether a session began with the password alone where the operator requires more: before that was asked for, or before
    /// the account had anything to prove more with. What its owner asks for ends such sessions by an event; the operator asks
    /// all accounts at once.
    async fn began_with_too_little(&self, person: &SignedInPerson) -> Result<bool, Failure> {
        let (factors, session) = (&person.account.state.factors, &person.session);
        if factors.is_empty() || session.level > Level::Basic || session.by_recovery_code() {
            return Ok(false);
        }
        Ok(self.policy().await?.policy.second_factor_required)
    }

    /// The person of a session that is open, be it enough or not: whoever wants to end it may.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_session(&self, secret: &SessionSecret) -> Result<Option<SignedInPerson>, Failure> {
        let hash = self.session_hash(secret);
        let claim = Claim { kind: ClaimKind::Session, value: hash.to_vec() };
        let (now, row) = (self.now(), self.use_row(&hash));
        let found = self.store.find_with::<Account>(&claim, (VolatileKind::SessionUse, &row), now).await?;
        let Some((account, used)) = found else { return Ok(None) };
        let Some(session) = account.state.sessions.by_secret(&hash, self.moment()).cloned() else { return Ok(None) };
        if !account.state.is_usable() {
            return Ok(None);
        }
        let used = noted(&account, &session, &row, used);
        if now.since(used) >= Duration::from_secs(session.idle.into()) {
            return Ok(None);
        }
        if now.since(used) >= TOUCH || used == session.began {
            match Box::pin(self.touch(&account, &session, now)).await {
                // A session is checked however much is going on: what is not noted is only asked for again.
                Err(BackendError::Busy) => tracing::debug!("a session's use was not noted"),
                touched => touched?,
            }
        }
        Ok(Some(SignedInPerson { account, session }))
    }

    /// Ends the session that a browser had before it signed in anew: its cookie is gone, and so should be whoever copied
    /// it. The new one is not the same session even where the same person came back.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn end_replaced_session(
        &self,
        client: &Client,
        form: FormCommand,
        replaced: &SessionSecret,
    ) -> Result<(), Failure> {
        let Some(person) = self.open_session(replaced).await? else { return Ok(()) };
        let (stream, session) = (person.account.stream, person.session.id);
        if session == self.session_id(form.id) {
            return Ok(());
        }
        let fingerprint = self.store.fingerprint(&[b"replaced"]);
        let mut origin = self.form_origin(client, form, fingerprint, Actor::Person(stream)).worth(Priority::Session);
        // The form's own command is the sign-in.
        origin.command = self.store.command_id(session.as_bytes(), "replaced session", form.id.0);
        // A refusal means that the session has ended.
        self.on_account(stream, &SignOut { session }, &origin).await?;
        Ok(())
    }

    /// When a session was last used.
    async fn last_use(
        &self,
        account: &LoadedAccount,
        session: &Session,
        now: Timestamp,
    ) -> Result<Timestamp, BackendError> {
        let row = self.use_row(&session.secret_hash);
        let found = self.store.backend().peek(VolatileKind::SessionUse, &row, now).await?;
        Ok(noted(account, session, &row, found))
    }

    /// The sessions that are open, with the last use of each.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_sessions(&self, account: &LoadedAccount) -> Result<Vec<OpenSession>, Failure> {
        let now = self.now();
        let mut open = Vec::new();
        for session in account.state.sessions.live(self.moment()) {
            let last_used = self.last_use(account, session, now).await?;
            if now.since(last_used) < Duration::from_secs(session.idle.into()) {
                open.push(OpenSession { session: session.clone(), last_used });
            }
        }
        Ok(open)
    }

    /// The session that was used least recently.
    pub(crate) async fn least_recent(&self, account: &LoadedAccount) -> Result<Option<SessionId>, BackendError> {
        let now = self.now();
        let mut least: Option<(Timestamp, SessionId)> = None;
        for session in account.state.sessions.live(self.moment()) {
            let candidate = (self.last_use(account, session, now).await?, session.id);
            least = Some(least.map_or(candidate, |least| least.min(candidate)));
        }
        Ok(least.map(|(_, id)| id))
    }

    async fn touch(&self, account: &LoadedAccount, session: &Session, now: Timestamp) -> Result<(), BackendError> {
        let Some(key) = use_key(account) else { return Ok(()) };
        let row = self.use_row(&session.secret_hash);
        let sealed = key.seal(&row, &now.micros().to_be_bytes());
        self.store.backend().put(VolatileKind::SessionUse, &row, &sealed, session.expires).await
    }

    /// The key of a session's row, by the hash of its secret: whoever comes with the secret is looked up with it at once.
    fn use_row(&self, hash: &[u8; 32]) -> [u8; 32] {
        self.store.service_mac(Purpose::Throttle, &[b"session use", &self.log.bytes(), hash])
    }
}

/// What the record of use is sealed by: it says when a person was here. `None` if the account is gone.
fn use_key(account: &LoadedAccount) -> Option<PartKey> {
    match &account.key {
        StreamKey::Held(_, key) | StreamKey::New(key, _) => {
            Some(PartKey::derive(key, None, account.stream, Version(0), Part::Volatile))
        }
        StreamKey::Gone => None,
    }
}

/// What a row says of a session's last use. One that is lost, or does not open, counts from the session's beginning: it
/// only asks to sign in again.
fn noted(account: &LoadedAccount, session: &Session, row: &[u8; 32], found: Option<Vec<u8>>) -> Timestamp {
    let used = found.zip(use_key(account)).and_then(|(sealed, key)| {
        let plain = key.open(row, &sealed).ok()?;
        Some(Timestamp(i64::from_be_bytes(plain.as_slice().try_into().ok()?)))
    });
    used.unwrap_or(session.began).max(session.began)
}
