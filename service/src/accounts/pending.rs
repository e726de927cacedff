//! What a browser waits for after it asked for a mail: which address it typed, for what, and where it wants to go.
//!
//! A volatile row, found by the browser's pre-session cookie and sealed under a key that is derived from that cookie's secret
//! and a service key. Nobody opens it without the browser, not even with the database and all of the service's keys: a
//! service key that is replaced daily would keep it from nobody who has that day's. It is the same whether the address has
//! an account or not; losing it only asks again.

use chancery_domain::account::LinkPurpose;
use chancery_domain::values::{Language, SignInName};
use chancery_domain::{StreamId, Timestamp};
use chancery_eventstore::seal::{Part, PartKey};
use chancery_eventstore::volatile::VolatileKind;
use chancery_eventstore::{Purpose, SecretKey, Version};
use minicbor::{Decode, Encode};

use super::LoadedAccount;
use super::statement::ShownStatement;
use super::unseen::unless_unreadable;
use crate::app::{App, Failure};
use crate::secrets::browsers::BrowserSecret;
use crate::secrets::forms::FormCommand;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Pending {
    /// The address or uid, exactly as typed.
    #[n(0)]
    pub typed: String,
    /// What the mail was asked for: the form, not the link that was mailed in the end.
    #[n(1)]
    pub purpose: LinkPurpose,
    /// The language of the page, and of a mail to an address without an account.
    #[n(2)]
    pub language: Language,
    /// Where the browser goes on to, validated.
    #[n(3)]
    pub target: Option<String>,
    /// When it was asked.
    #[n(4)]
    pub asked: Timestamp,
    /// First name typed on the registration form, to send again.
    #[n(5)]
    pub first_name: String,
    /// Last name typed on the registration form, to send again.
    #[n(6)]
    pub last_name: String,
    /// The key of the form by which it was asked.
    #[cbor(n(8), with = "minicbor::bytes")]
    pub form: [u8; 16],
    /// The account, where a link of its own already told which: then `typed` is its masked address.
    #[n(7)]
    pub account: Option<StreamId>,
    /// The privacy statement that was accepted on the registration form.
    #[n(9)]
    pub statement: Option<ShownStatement>,
}

impl App {
    /// Keeps what a browser waits for, as long as a link can live; the newest replaces the one before.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_pending(&self, browser: &BrowserSecret, pending: &Pending) -> Result<(), Failure> {
        let plain =
            zeroize::Zeroizing::new(minicbor::to_vec(pending).map_err(|error| Failure::Internal(Box::new(error)))?);
        let sealed = self.browser_key(browser.expose()).seal(b"pending", &plain);
        let policy = self.policy().await?.policy;
        let expires = self.now().plus(policy.mail_queue_limit()).plus(policy.link_validity());
        Ok(self.store.backend().put(VolatileKind::Pending, &self.pending_row(browser), &sealed, expires).await?)
    }

    /// Whether a browser's form is the one that it waits for already: sent again, the first answer lost.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_pending(&self, browser: &BrowserSecret, form: FormCommand, typed: &str) -> Result<bool, Failure> {
        let pending = self.pending(browser).await?;
        Ok(pending.is_some_and(|pending| pending.form == *form.key.as_bytes() && pending.typed == typed.trim()))
    }

    /// What a browser waits for.
    ///
    /// # Errors
    /// The database's.
    pub async fn pending(&self, browser: &BrowserSecret) -> Result<Option<Pending>, Failure> {
        let row = self.store.backend().peek(VolatileKind::Pending, &self.pending_row(browser), self.now()).await?;
        // A row that does not open or decode is one of another build or log: it is as good as lost.
        Ok(row
            .and_then(|sealed| self.browser_key(browser.expose()).open(b"pending", &sealed).ok())
            .and_then(|plain| minicbor::decode(&plain).ok()))
    }

    /// The account that a browser waits for, and the key that throttles count its address by.
    pub(crate) async fn pending_account(&self, pending: &Pending) -> Result<(Option<LoadedAccount>, String), Failure> {
        if let Some(stream) = pending.account {
            return Ok((self.account(stream).await?, stream.to_string()));
        }
        match SignInName::parse(&pending.typed) {
            Ok(name) => Ok((unless_unreadable(self.by_name(&name).await)?, name.throttle_key())),
            Err(_) => Ok((None, pending.typed.clone())),
        }
    }

    fn pending_row(&self, browser: &BrowserSecret) -> [u8; 32] {
        self.store.service_mac(Purpose::Throttle, &[b"pending", &self.log.bytes(), browser.expose()])
    }

    /// The key of what is kept about a browser: it cannot be made without the secret of its cookie.
    pub(crate) fn browser_key(&self, secret: &[u8; 32]) -> PartKey {
        let service = &self.store.keys().service(Purpose::Throttle).key;
        let secret = SecretKey::from_bytes(*secret);
        PartKey::derive(service, Some(&secret), StreamId::default(), Version(0), Part::Volatile)
    }
}
