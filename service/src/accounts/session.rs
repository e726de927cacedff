//! Who is signed in: judged anew at every request, from the log's own state.

use std::time::Duration;

use chancery_domain::account::commands::SignOut;
use chancery_domain::account::{Account, Session};
use chancery_domain::{Actor, Claim, ClaimKind, SessionId, Timestamp};
use chancery_eventstore::volatile::VolatileKind;
use chancery_eventstore::{BackendError, Purpose};

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
    /// The person whose session a cookie holds; `None` if it ended, was idle too long, or never was.
    ///
    /// # Errors
    /// The database's.
    pub async fn signed_in(&self, secret: &SessionSecret) -> Result<Option<SignedInPerson>, Failure> {
        let hash = self.session_hash(secret);
        let claim = Claim { kind: ClaimKind::Session, value: hash.to_vec() };
        let Some(account) = self.store.find::<Account>(&claim).await? else { return Ok(None) };
        let now = self.now();
        let Some(session) = account.state.sessions.by_secret(&hash, now).cloned() else { return Ok(None) };
        if !account.state.is_usable() {
            return Ok(None);
        }
        let used = self.last_use(&session, now).await?;
        if now.since(used) >= Duration::from_secs(session.idle.into()) {
            return Ok(None);
        }
        if now.since(used) >= TOUCH || used == session.began {
            self.touch(&session, now).await?;
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
        let Some(person) = self.signed_in(replaced).await? else { return Ok(()) };
        let (stream, session) = (person.account.stream, person.session.id);
        if session == self.session_id(form.id) {
            return Ok(());
        }
        let mut origin = self.form_origin(client, form, self.store.fingerprint(&[b"replaced"]), Actor::Person(stream));
        // The form's own command is the sign-in.
        origin.command = self.store.command_id(session.as_bytes(), "replaced session", form.id.0);
        // A refusal means that the session has ended.
        self.on_account(stream, &SignOut { session }, &origin).await?;
        Ok(())
    }

    /// When a session was last used. A lost record counts from the session's beginning: it only asks to sign in again.
    pub(crate) async fn last_use(&self, session: &Session, now: Timestamp) -> Result<Timestamp, BackendError> {
        let row = self.store.backend().peek(VolatileKind::SessionUse, &self.use_row(session.id), now).await?;
        let used = row.and_then(|bytes| bytes.try_into().ok()).map(|bytes| Timestamp(i64::from_be_bytes(bytes)));
        Ok(used.unwrap_or(session.began).max(session.began))
    }

    /// The sessions that are open, with the last use of each.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_sessions(&self, account: &Account) -> Result<Vec<OpenSession>, Failure> {
        let now = self.now();
        let mut open = Vec::new();
        for session in account.sessions.open.iter().filter(|session| now < session.expires) {
            let last_used = self.last_use(session, now).await?;
            if now.since(last_used) < Duration::from_secs(session.idle.into()) {
                open.push(OpenSession { session: session.clone(), last_used });
            }
        }
        Ok(open)
    }

    /// The session that was used least recently.
    pub(crate) async fn least_recent(&self, account: &Account) -> Result<Option<SessionId>, BackendError> {
        let now = self.now();
        let mut least: Option<(Timestamp, SessionId)> = None;
        for session in account.sessions.open.iter().filter(|session| now < session.expires) {
            let candidate = (self.last_use(session, now).await?, session.id);
            least = Some(least.map_or(candidate, |least| least.min(candidate)));
        }
        Ok(least.map(|(_, id)| id))
    }

    async fn touch(&self, session: &Session, now: Timestamp) -> Result<(), BackendError> {
        let row = self.use_row(session.id);
        self.store.backend().put(VolatileKind::SessionUse, &row, &now.micros().to_be_bytes(), session.expires).await
    }

    fn use_row(&self, session: SessionId) -> [u8; 32] {
        self.store.service_mac(Purpose::Throttle, &[b"session use", &self.log.bytes(), session.as_bytes()])
    }
}
