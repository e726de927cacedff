//! What can be done with an account: one use case per file.

pub mod administer;
pub mod change_mail_language;
pub mod change_password;
pub mod complete_link;
pub mod disown;
pub mod end_sessions;
pub mod jobs;
pub mod link;
pub mod new_password;
pub mod pending;
pub mod register;
pub mod renew_link;
pub mod request_reset;
pub mod session;
pub mod sign_in;
pub mod sign_out;
pub mod statement;
pub mod told;
mod unseen;

use chancery_domain::account::Account;
use chancery_domain::values::{NormalisedEmail, Uid};
use chancery_domain::{Claim, ClaimKind, LinkId};
use chancery_eventstore::Loaded;

pub(crate) use unseen::unless_unreadable;

/// An account as it stood when it was read.
pub type LoadedAccount = Loaded<Account>;

/// The claim by which an address is reserved.
#[must_use]
pub fn email_claim(normalised: &NormalisedEmail) -> Claim {
    Claim { kind: ClaimKind::Email, value: normalised.as_bytes().to_vec() }
}

/// The claim by which a uid is reserved.
#[must_use]
pub fn uid_claim(uid: &Uid) -> Claim {
    Claim { kind: ClaimKind::Uid, value: uid.as_str().as_bytes().to_vec() }
}

/// The claim by which a link's account is found.
#[must_use]
pub fn link_claim(link: LinkId) -> Claim {
    Claim { kind: ClaimKind::Link, value: link.as_bytes().to_vec() }
}
