//! What can happen to an account. Wire names and stored shapes are frozen: a change is a new version with its upgrade.

mod care;
mod factors;
mod phones;
mod recovery;
mod sessions;

use minicbor::{Decode, Encode};

pub use care::{
    ChangeDisowned, FactorResumed, FactorSuspended, FactorsSuspended, RecoveryCodesSuspended, SuspensionReason,
};
pub use factors::{
    AppRequestDenied, AppRequestOpened, Attachment, Attestation, CounterWentBack, Device, FactorAdded, FactorBlocked,
    FactorKind, FactorPinChanged, FactorPinFailed, FactorRemoved, FactorRenamed, FactorUnblocked, FactorsReset, Proof,
    RecoveryCodeUsed, RecoveryCodesIssued, RecoveryCodesRemoved, RemovalReason, SecondFactorFailed,
    SignInOptionsChanged, WebauthnKey,
};
pub use phones::{SmsCodeRequested, SmsDeprecated};
pub use recovery::{CancelledBy, RecoveryCancelled, RecoveryCompleted, RecoveryRequested};
pub use sessions::{
    EndReason, Level, SessionsEnded, SessionsEndedV1, SignInMethod, SignedIn, SignedInV1, SignedOut, Strength,
};

use crate::events::events;
use crate::ids::{BrowserTag, KeyId, LinkId};
use crate::time::Timestamp;
use crate::values::{EmailAddress, Language, NormalisedEmail, PasswordRule, PersonName, Uid};

/// What a mailed link is for. Numbers are stored and never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum LinkPurpose {
    /// It ends a registration: proves the address and sets the first password.
    #[n(0)]
    Registration,
    /// It sets a new password.
    #[n(1)]
    Reset,
    /// Together with the password it suspends all devices.
    #[n(2)]
    Suspension,
    /// Together with the password it asks for a recovery, or completes the one whose time is over.
    #[n(3)]
    Recovery,
}

/// Where a privacy statement was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum AcceptedOn {
    /// On the form, by somebody who had not proved the address yet.
    #[n(0)]
    Form,
    /// On the link's page, by the owner of the address. This acceptance counts.
    #[n(1)]
    Link,
}

/// Why a password was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum PasswordReason {
    /// The first one.
    #[n(0)]
    Registration,
    /// By a mailed link, the old one being lost.
    #[n(1)]
    Reset,
    /// By its owner, who knew the old one.
    #[n(2)]
    Change,
}

/// Which counter a lock is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum LockScope {
    /// Tries from one network.
    #[n(0)]
    Network,
    /// Tries from browsers that never signed in to the account before.
    #[n(1)]
    UnknownBrowsers,
    /// Tries from a browser that did. Not written any more: such a browser then counts as a stranger.
    #[n(2)]
    KnownBrowser,
}

/// A credential's own secret, sealed under a key of its own that is destroyed when the credential goes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Credential {
    /// The key, which also tells one version of the secret from the next.
    #[n(0)]
    pub key: KeyId,
    /// The sealed secret.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

/// The list, but for the versions of one event, in which the next build differs that tests run beside this one.
macro_rules! account_events { ($($reset_requested:tt)*) => { events! {
    /// A fact about one account.
    #[expect(clippy::large_enum_variant, reason = "the largest says all of a new device, and few events are held at once")]
    AccountEvent of "account":

    /// Somebody asked for an account under an address that had none. An auditor learns the uid, and the words typed by
    /// somebody who had not proved anything yet.
    Created(AccountCreated) = "account.created" v 1;
    /// A link was promised to the account's address. An auditor learns for what, and until when it could be used at most.
    EmailLinkRequested(EmailLinkRequested) = "account.email_link_requested" v 1;
    /// So many links were open that the newest was mailed again instead of a new one. An auditor learns which, and for
    /// which browser.
    EmailLinkRepeated(EmailLinkRepeated) = "account.email_link_repeated" v 2 after v 1 LinkNamed;
    /// The mail server took a link's mail. An auditor learns from when to when the link was valid.
    EmailLinkSent(EmailLinkSent) = "account.email_link_sent" v 1;
    /// A link's time was over. An auditor learns that it was never used.
    EmailLinkExpired(LinkNamed) = "account.email_link_expired" v 1;
    /// The address was proved by a link. An auditor learns which link, and that the account is its owner's from here on.
    EmailConfirmed(LinkNamed) = "account.email_confirmed" v 1;
    /// The owner corrected the names that were typed on the form. An auditor learns the names that count.
    NamesCorrected(NamesCorrected) = "account.names_corrected" v 1;
    /// A privacy statement was accepted. An auditor learns its version, its language, and by whom it was accepted.
    PrivacyStatementAccepted(PrivacyStatementAccepted) = "account.privacy_statement_accepted" v 1;
    /// Somebody filled in the form for an address that has an account. An auditor learns that its owner was told by mail,
    /// and nobody else.
    RegistrationRepeated = "account.registration_repeated" v 1;
    /// A password was set. An auditor learns why, by which rule, and which credential it made and which it ended.
    PasswordSet(PasswordSet) = "account.password_set" v 1;
    /// The same password was hashed anew at a sign-in, with stronger parameters. An auditor learns when.
    PasswordRehashed(PasswordRehashed) = "account.password_rehashed" v 1;
    /// A new password was asked for. An auditor learns by which of the account's names.
    PasswordResetRequested(PasswordResetRequested) = "account.password_reset_requested" $($reset_requested)*;
    /// The owner chose another language for mails. An auditor learns which.
    MailLanguageChanged(MailLanguageChanged) = "account.mail_language_changed" v 1;
    /// A session began. An auditor learns by which proofs, and with which devices, the person was let in, the level that
    /// this reached, and how long the session could last.
    SignedIn(SignedIn) = "account.signed_in" v 2 since 2 else v 1 SignedInV1;
    /// Sign-ins failed: the first of a series, or a count. An auditor learns how many, since when, and from what kind of
    /// browser.
    SignInFailed(SignInFailed) = "account.sign_in_failed" v 1;
    /// So many sign-ins failed that more are refused for a while. An auditor learns which ones, until when, and whether
    /// the owner was told.
    SignInLocked(SignInLocked) = "account.sign_in_locked" v 1;
    /// The owner signed out, or signed in anew in the same browser. An auditor learns which session ended.
    SignedOut(SignedOut) = "account.signed_out" v 1;
    /// Sessions ended before their time. An auditor learns which, why, and whether known browsers were forgotten.
    SessionsEnded(SessionsEnded) = "account.sessions_ended" v 2 since 2 else v 1 SessionsEndedV1;
    /// A mail server refused a mail for good. An auditor learns which mail, and the server's code.
    MailRefused(MailRefused) = "account.mail_refused" v 1;
    /// Nobody ever proved the address: it is free again, and what was known of the person is gone with its key.
    RegistrationLapsed = "account.registration_lapsed" v 1;
    /// The account had been erased, and came back with a restored database: its key is destroyed again. An auditor learns
    /// that nobody else's decision stands behind it; the restore's own event says which backup it was.
    Erased = "account.erased" v 1;
    /// The password came back with a restored database after its secret's key had been destroyed: the key is destroyed
    /// again. An auditor learns which credential it was, and that its owner needs a new one.
    PasswordDestroyed(PasswordDestroyed) = "account.password_destroyed" v 1;
    /// An administrator stopped all use of the account. An auditor learns why.
    Suspended(ReasonGiven) = "account.suspended" v 1;
    /// An administrator gave the account back. An auditor learns why.
    Resumed(ReasonGiven) = "account.resumed" v 1;
    /// A second factor was added. An auditor learns what kind of device it is, all that it told of itself, and the proof
    /// that it was there.
    FactorAdded(FactorAdded) = "account.factor_added" v 1;
    /// The owner gave a second factor another name. An auditor learns which, and the name.
    FactorRenamed(FactorRenamed) = "account.factor_renamed" v 1;
    /// A second factor cannot be used any more. An auditor learns which, and at whose wish.
    FactorRemoved(FactorRemoved) = "account.factor_removed" v 1;
    /// A key signed with a counter that is not beyond its last one: there may be a copy of it. An auditor learns both
    /// numbers; nobody was let in.
    FactorCounterWentBack(CounterWentBack) = "account.factor_counter_went_back" v 1;
    /// Second factors failed after a right password: the first of a series, or a count. An auditor learns how many, since
    /// when, and which way was tried.
    SecondFactorFailed(SecondFactorFailed) = "account.second_factor_failed" v 1;
    /// The app signed with its own key, and the PIN was wrong. An auditor learns which device, and how many were wrong in a
    /// row.
    FactorPinFailed(FactorPinFailed) = "account.factor_pin_failed" v 1;
    /// So many PINs were wrong in a row that the device does not count until its owner lets it. An auditor learns which.
    FactorBlocked(FactorBlocked) = "account.factor_blocked" v 1;
    /// A blocked device counts again: its owner proved to be there by something else. An auditor learns which.
    FactorUnblocked(FactorUnblocked) = "account.factor_unblocked" v 1;
    /// The owner, who knew the old PIN, chose another one in the app. An auditor learns which device, and that nothing is
    /// left of the old one.
    FactorPinChanged(FactorPinChanged) = "account.factor_pin_changed" v 1;
    /// The account's phones are asked whether it is their owner who signs in, or who goes on in an open session. An auditor
    /// learns which request, by which way, and from what kind of browser.
    AppRequestOpened(AppRequestOpened) = "account.app_request_opened" v 1;
    /// Whoever holds the device said that a request to sign in was not theirs. An auditor learns which device and request,
    /// and that the password is worth nothing from here on.
    AppRequestDenied(AppRequestDenied) = "account.app_request_denied" v 1;
    /// A code was promised to a telephone. An auditor learns to which, and what the code answers; the code itself is stored
    /// nowhere.
    SmsCodeRequested(SmsCodeRequested) = "account.sms_code_requested" v 1;
    /// The campaign by which codes by SMS end reached the account. An auditor learns the stage, when SMS ends, and until when
    /// one last sign-in by it is possible.
    SmsDeprecated(SmsDeprecated) = "account.sms_deprecated" v 1;
    /// The account is listed among those with a telephone. An auditor learns that an earlier build, which kept no such list,
    /// had added the telephone, and that a campaign finds the account from here on.
    TelephoneListed = "account.telephone_listed" v 1;
    /// A set of recovery codes counts from here on, one of them having been typed back. An auditor learns how many, and that
    /// every earlier set is worth nothing.
    RecoveryCodesIssued(RecoveryCodesIssued) = "account.recovery_codes_issued" v 1;
    /// A recovery code let somebody in. An auditor learns which one, and how many are left.
    RecoveryCodeUsed(RecoveryCodeUsed) = "account.recovery_code_used" v 1;
    /// The recovery codes are worth nothing any more. An auditor learns at whose wish.
    RecoveryCodesRemoved(RecoveryCodesRemoved) = "account.recovery_codes_removed" v 1;
    /// An administrator takes every second factor away; the removals follow. An auditor learns why.
    FactorsReset(FactorsReset) = "account.factors_reset" v 1;
    /// The owner chose what a sign-in asks for. An auditor learns what was chosen.
    SignInOptionsChanged(SignInOptionsChanged) = "account.sign_in_options_changed" v 1;
    /// Whoever has the mailbox said that the owner had not made a change. An auditor learns which event that was; the
    /// password is worth nothing from here on, and what else this led to follows.
    ChangeDisowned(ChangeDisowned) = "account.change_disowned" v 1;
    /// A second factor does not count for a while, and is not gone. An auditor learns which, and why.
    FactorSuspended(FactorSuspended) = "account.factor_suspended" v 1;
    /// The recovery codes do not count until others take their place. An auditor learns why.
    RecoveryCodesSuspended(RecoveryCodesSuspended) = "account.recovery_codes_suspended" v 1;
    /// Somebody who had the password and a mailed link stopped every device for a while. An auditor learns by which link.
    FactorsSuspended(FactorsSuspended) = "account.factors_suspended" v 1;
    /// A suspended second factor counts again. An auditor learns which, and why where an administrator did it.
    FactorResumed(FactorResumed) = "account.factor_resumed" v 1;
    /// Somebody said that all devices are lost, or one, and begins to wait. An auditor learns which, by which link, and when
    /// the removal could be asked for at the earliest; a password that a mailed link sets meanwhile puts that off.
    RecoveryRequested(RecoveryRequested) = "account.recovery_requested" v 1;
    /// A recovery was cancelled. An auditor learns by what: the mail about it, a sign-in, or a suspended device.
    RecoveryCancelled(RecoveryCancelled) = "account.recovery_cancelled" v 1;
    /// The time of a recovery was over, and the person came back. An auditor learns by which link; the removals follow.
    RecoveryCompleted(RecoveryCompleted) = "account.recovery_completed" v 1;
} } }

#[cfg(not(feature = "next-build"))]
account_events! { v 1 }
#[cfg(feature = "next-build")]
account_events! { v 2 since 4 else v 1 PasswordResetRequestedV1 }

/// Whether nothing is left of an account but the fact once an event of this type has happened.
#[must_use]
pub fn is_last(event_type: &str) -> bool {
    matches!(event_type, "account.registration_lapsed" | "account.erased")
}

/// See [`AccountEvent::Created`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AccountCreated {
    /// The account's name for ever.
    #[n(0)]
    pub uid: Uid,
    /// First name, as typed.
    #[n(1)]
    pub first_name: PersonName,
    /// Last name, as typed.
    #[n(2)]
    pub last_name: PersonName,
    /// The address, as typed.
    #[n(3)]
    pub email: EmailAddress,
    /// The form by which the address is reserved, with the version of the rule that made it.
    #[n(4)]
    pub normalised: NormalisedEmail,
    /// The language of mails.
    #[n(5)]
    pub language: Language,
}

/// See [`AccountEvent::EmailLinkRequested`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EmailLinkRequested {
    /// The link's id; its secret is a MAC over it.
    #[n(0)]
    pub link: LinkId,
    /// What it is for.
    #[n(1)]
    pub purpose: LinkPurpose,
    /// The browser that asked, which may type the code and alone goes on to the target.
    #[n(2)]
    pub browser: Option<BrowserTag>,
    /// Where that browser wanted to go: validated at the beginning.
    #[n(3)]
    pub target: Option<String>,
    /// The language of the mail.
    #[n(4)]
    pub language: Language,
    /// Until when it is valid while its sending is not recorded.
    #[n(5)]
    pub valid_until: Timestamp,
}

/// An event about a link that says no more than which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LinkNamed {
    /// The link.
    #[n(0)]
    pub link: LinkId,
}

/// See [`AccountEvent::EmailLinkRepeated`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EmailLinkRepeated {
    /// The link.
    #[n(0)]
    pub link: LinkId,
    /// The browser that asked this time, which may type the code too.
    #[n(1)]
    pub browser: Option<BrowserTag>,
    /// The language of this mail; `None`, in what version 1 recorded, for that of the link's request.
    #[n(2)]
    pub language: Option<Language>,
}

impl From<LinkNamed> for EmailLinkRepeated {
    fn from(LinkNamed { link }: LinkNamed) -> Self {
        Self { link, browser: None, language: None }
    }
}

/// See [`AccountEvent::EmailLinkSent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EmailLinkSent {
    /// The link.
    #[n(0)]
    pub link: LinkId,
    /// Until when it is valid, counted from the sending.
    #[n(1)]
    pub valid_until: Timestamp,
}

/// See [`AccountEvent::NamesCorrected`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct NamesCorrected {
    /// First name.
    #[n(0)]
    pub first_name: PersonName,
    /// Last name.
    #[n(1)]
    pub last_name: PersonName,
}

/// See [`AccountEvent::PrivacyStatementAccepted`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PrivacyStatementAccepted {
    /// The statement's version.
    #[n(0)]
    pub version: String,
    /// The language in which it was shown.
    #[n(1)]
    pub language: Language,
    /// On which page.
    #[n(2)]
    pub accepted_on: AcceptedOn,
}

/// See [`AccountEvent::PasswordSet`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PasswordSet {
    /// The new hash, sealed.
    #[n(0)]
    pub credential: Credential,
    /// Why.
    #[n(1)]
    pub reason: PasswordReason,
    /// The rule that the password satisfied.
    #[n(2)]
    pub rule: PasswordRule,
    /// The link that was used, where one was.
    #[n(3)]
    pub link: Option<LinkId>,
}

/// See [`AccountEvent::PasswordRehashed`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PasswordRehashed {
    /// The new hash, sealed.
    #[n(0)]
    pub credential: Credential,
}

/// See [`AccountEvent::PasswordDestroyed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PasswordDestroyed {
    /// The key of the credential's secret.
    #[n(0)]
    pub credential: KeyId,
}

/// See [`AccountEvent::PasswordResetRequested`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PasswordResetRequested {
    /// By the uid rather than the address.
    #[n(0)]
    pub by_uid: bool,
    /// What the next build has to say besides.
    #[cfg(feature = "next-build")]
    #[n(1)]
    pub by_next_build: bool,
}

/// The event as this build writes it.
#[cfg(feature = "next-build")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PasswordResetRequestedV1 {
    /// By the uid rather than the address.
    #[n(0)]
    pub by_uid: bool,
}

#[cfg(feature = "next-build")]
impl From<PasswordResetRequestedV1> for PasswordResetRequested {
    fn from(PasswordResetRequestedV1 { by_uid }: PasswordResetRequestedV1) -> Self {
        Self { by_uid, by_next_build: false }
    }
}

#[cfg(feature = "next-build")]
impl From<&PasswordResetRequested> for PasswordResetRequestedV1 {
    fn from(requested: &PasswordResetRequested) -> Self {
        Self { by_uid: requested.by_uid }
    }
}

/// See [`AccountEvent::MailLanguageChanged`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct MailLanguageChanged {
    /// The language from here on.
    #[n(0)]
    pub language: Language,
}

/// See [`AccountEvent::SignInFailed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignInFailed {
    /// How many failed.
    #[n(0)]
    pub count: u32,
    /// Since when.
    #[n(1)]
    pub since: Timestamp,
    /// From a browser that had signed in to this account before.
    #[n(2)]
    pub known_browser: bool,
}

/// See [`AccountEvent::SignInLocked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignInLocked {
    /// Which tries are refused.
    #[n(0)]
    pub scope: LockScope,
    /// Until when.
    #[n(1)]
    pub until: Timestamp,
    /// Whether the owner is told by mail: of the first lock of a day.
    #[n(2)]
    pub owner_told: bool,
}

/// See [`AccountEvent::MailRefused`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct MailRefused {
    /// What the mail was, by the name of its template.
    #[n(0)]
    pub mail: String,
    /// The link in it, where there was one.
    #[n(1)]
    pub link: Option<LinkId>,
    /// The server's reply code; 0 where the address itself cannot be mailed to.
    #[n(2)]
    pub code: u16,
}

/// Why an administrator acted, in their own words.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ReasonGiven {
    /// The words.
    #[n(0)]
    pub reason: String,
}
