//! An account as applications may see it: never its sessions, networks or sign-ins.

use std::sync::OnceLock;

use chancery_domain::account::{Account, Phase};
use chancery_domain::values::{EmailAddress, Language, Uid};
use chancery_domain::{StreamId, Timestamp};

use crate::accounts::{LoadedAccount, email_claim, uid_claim};
use crate::app::{App, Failure};

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Asked for; nobody has proved to own the address, and whoever asked typed the names.
    Unconfirmed,
    /// Its owner has proved the address.
    Active,
    /// An administrator stopped all use of it.
    Suspended,
}

/// What an application may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenAccount {
    /// A name that is no person's, by which changes tell of an account even when it is gone.
    pub id: StreamId,
    /// The account's name for ever.
    pub uid: Uid,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The address.
    pub email: String,
    /// The language of mails.
    pub mail_language: Language,
    /// How it stands.
    pub standing: Standing,
    /// When it was asked for.
    pub created: Timestamp,
    /// When its address was proved.
    pub confirmed: Option<Timestamp>,
}

/// An account as it was seen, and what whoever tells of it made of that: the same as long as the account's row is the same.
#[derive(Debug)]
pub struct Seen {
    /// The account.
    pub account: SeenAccount,
    /// The answer that tells of it; whoever is the first to need it makes it.
    pub answer: OnceLock<Answer>,
}

/// An answer that tells of an account.
#[derive(Debug)]
pub struct Answer {
    /// Its body.
    pub body: Vec<u8>,
    /// The body's entity tag.
    pub tag: String,
}

impl From<SeenAccount> for Seen {
    fn from(account: SeenAccount) -> Self {
        Self { account, answer: OnceLock::new() }
    }
}

impl App {
    /// The account with this uid; `None` if there is none, or it is gone.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn account_by_uid(&self, uid: &Uid) -> Result<Option<SeenAccount>, Failure> {
        Ok(self.store.find::<Account>(&uid_claim(uid)).await?.and_then(seen))
    }

    /// The account with this address.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<SeenAccount>, Failure> {
        Ok(self.store.find::<Account>(&email_claim(&email.normalised())).await?.and_then(seen))
    }

    /// The account of this stream.
    pub(super) async fn account_by_stream(&self, stream: StreamId) -> Result<Option<SeenAccount>, Failure> {
        Ok(self.store.load::<Account>(stream).await?.and_then(seen))
    }
}

/// What is told of an account; nothing where it is gone.
pub(crate) fn seen(account: LoadedAccount) -> Option<SeenAccount> {
    let state = account.state;
    let standing = match state.phase {
        Phase::Absent | Phase::Lapsed => return None,
        Phase::Unconfirmed | Phase::Active if state.suspended => Standing::Suspended,
        Phase::Unconfirmed => Standing::Unconfirmed,
        Phase::Active => Standing::Active,
    };
    let identity = state.identity?;
    Some(SeenAccount {
        id: account.stream,
        uid: identity.uid,
        first_name: identity.first_name.as_str().to_owned(),
        last_name: identity.last_name.as_str().to_owned(),
        email: identity.email.as_str().to_owned(),
        mail_language: identity.language,
        standing,
        created: identity.created,
        confirmed: identity.confirmed,
    })
}
