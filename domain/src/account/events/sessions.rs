//! What is stored of sessions: how they begin, by which proofs, and how they end.

use minicbor::{Decode, Encode};

use super::factors::Proof;
use crate::ids::SessionId;
use crate::time::Timestamp;

/// A way to prove to be an account's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum SignInMethod {
    /// With the password.
    #[n(0)]
    Password,
    /// By setting a password through a mailed link.
    #[n(1)]
    MailedLink,
    /// With a passkey.
    #[n(2)]
    Passkey,
    /// With a security key.
    #[n(3)]
    SecurityKey,
    /// With a one-time code from an app (TOTP, RFC 6238).
    #[n(4)]
    Totp,
    /// With a recovery code.
    #[n(5)]
    RecoveryCode,
    /// With a code that the service's own app made of a challenge and the PIN.
    #[n(6)]
    MobileAppQrCode,
    /// By the service's own app, which showed the request and was given the number on the page and the PIN.
    #[n(7)]
    MobileAppPinCode,
    /// By the service's own app on the very device whose browser asked, which was given the PIN.
    #[n(8)]
    OnMobile,
    /// With a code that was sent to a telephone by SMS.
    #[n(9)]
    Sms,
}

/// Why sessions ended before their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum EndReason {
    /// Their owner ended them from the list.
    #[n(0)]
    Person,
    /// Their owner signed out everywhere.
    #[n(1)]
    Everywhere,
    /// The password was changed.
    #[n(2)]
    PasswordChanged,
    /// The password was reset by a mailed link.
    #[n(3)]
    PasswordReset,
    /// One too many was open: the least recently used made room.
    #[n(4)]
    TooMany,
    /// An administrator ended them.
    #[n(5)]
    Administrator,
    /// The account was suspended.
    #[n(6)]
    Suspended,
    /// They had been opened without a second factor, which their owner asks for from here on.
    #[n(7)]
    FactorRequired,
    /// All second factors were removed at once.
    #[n(8)]
    FactorsRemoved,
    /// Whoever has the mailbox said that the owner had not made a change: they were opened since. Or whoever holds the app
    /// said that a request was not theirs: it was asked in this one.
    #[n(9)]
    Disowned,
    /// All devices were suspended.
    #[n(10)]
    FactorsSuspended,
}

/// How sure a sign-in is, in EU Login's levels of authentication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Level {
    /// The password.
    #[default]
    #[n(0)]
    Basic,
    /// Two factors.
    #[n(1)]
    Medium,
    /// Two factors, one of them hardware that an institution handed out.
    #[n(2)]
    High,
}

/// How a level was reached, in EU Login's words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Strength {
    /// `PASSWORD`.
    #[n(0)]
    Password,
    /// `PASSWORD_SOFTWARE_TOKEN`.
    #[n(1)]
    PasswordSoftwareToken,
    /// `PASSWORD_WEBAUTHN`.
    #[n(2)]
    PasswordWebauthn,
    /// `PASSWORD_MOBILE_APP`.
    #[n(3)]
    PasswordMobileApp,
    /// `MOBILE_APP`: the app without the password.
    #[n(4)]
    MobileApp,
    /// `PASSWORD_SMS`.
    #[n(5)]
    PasswordSms,
}

/// See [`AccountEvent::SignedIn`](super::AccountEvent::SignedIn).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedIn {
    /// The session's id, as its owner sees it.
    #[n(0)]
    pub session: SessionId,
    /// The hash of the session's secret.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secret_hash: [u8; 32],
    /// How the person proved to be the owner, in the order in which it happened.
    #[n(2)]
    pub proofs: Vec<Proof>,
    /// From a browser that had signed in to this account before.
    #[n(3)]
    pub known_browser: bool,
    /// On a computer that others use: a short session, and the browser is not remembered.
    #[n(4)]
    pub public_computer: bool,
    /// How many seconds it may be idle.
    #[n(5)]
    pub idle: u32,
    /// When it ends at the latest.
    #[n(6)]
    pub expires: Timestamp,
    /// The level that the proofs reach, together with those of the session that this one continues.
    #[n(7)]
    pub level: Level,
    /// How they reach it.
    #[n(8)]
    pub strengths: Vec<Strength>,
    /// The session of the same browser whose place this one takes, after more was proved or the password changed in it.
    #[n(9)]
    pub continues: Option<SessionId>,
}

impl SignedIn {
    /// Whether it is news to the account's owner: a browser that the account does not know was let in. What a mailed link
    /// opened is none: there is the session that the first password opens, and of a reset another mail tells.
    #[must_use]
    pub fn is_news(&self) -> bool {
        !self.known_browser && !self.is_by_link() && self.continues.is_none()
    }

    /// Whether a mailed link opened the session, together with a password that was set there.
    #[must_use]
    pub fn is_by_link(&self) -> bool {
        self.proofs.iter().any(|proof| proof.method == SignInMethod::MailedLink)
    }
}

/// What version 1 of [`AccountEvent::SignedIn`](super::AccountEvent::SignedIn) recorded, when there were no second factors.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedInV1 {
    /// The session's id, as its owner sees it.
    #[n(0)]
    pub session: SessionId,
    /// The hash of the session's secret.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secret_hash: [u8; 32],
    /// How the person proved to be the owner.
    #[n(2)]
    pub methods: Vec<SignInMethod>,
    /// From a browser that had signed in to this account before.
    #[n(3)]
    pub known_browser: bool,
    /// On a computer that others use: a short session, and the browser is not remembered.
    #[n(4)]
    pub public_computer: bool,
    /// How many seconds it may be idle.
    #[n(5)]
    pub idle: u32,
    /// When it ends at the latest.
    #[n(6)]
    pub expires: Timestamp,
}

/// As long as a process lives that knows no second factors no account has one, so that nothing is lost but the session that a
/// password change continues.
impl From<&SignedIn> for SignedInV1 {
    fn from(signed_in: &SignedIn) -> Self {
        Self {
            session: signed_in.session,
            secret_hash: signed_in.secret_hash,
            methods: signed_in.proofs.iter().map(|proof| proof.method).collect(),
            known_browser: signed_in.known_browser,
            public_computer: signed_in.public_computer,
            idle: signed_in.idle,
            expires: signed_in.expires,
        }
    }
}

impl From<SignedInV1> for SignedIn {
    fn from(former: SignedInV1) -> Self {
        Self {
            session: former.session,
            secret_hash: former.secret_hash,
            proofs: former.methods.into_iter().map(Proof::by).collect(),
            known_browser: former.known_browser,
            public_computer: former.public_computer,
            idle: former.idle,
            expires: former.expires,
            level: Level::Basic,
            strengths: vec![Strength::Password],
            continues: None,
        }
    }
}

/// See [`AccountEvent::SignedOut`](super::AccountEvent::SignedOut).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedOut {
    /// The session.
    #[n(0)]
    pub session: SessionId,
}

/// See [`AccountEvent::SessionsEnded`](super::AccountEvent::SessionsEnded).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SessionsEnded {
    /// The sessions.
    #[n(0)]
    pub sessions: Vec<SessionId>,
    /// Why.
    #[n(1)]
    pub reason: EndReason,
    /// Whether every browser counts as unknown from here on.
    #[n(2)]
    pub browsers_forgotten: bool,
    /// The administrator's own words, of one who ended them.
    #[n(3)]
    pub note: Option<String>,
}

/// What version 1 of [`AccountEvent::SessionsEnded`](super::AccountEvent::SessionsEnded) recorded, without an
/// administrator's words.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SessionsEndedV1 {
    /// The sessions.
    #[n(0)]
    pub sessions: Vec<SessionId>,
    /// Why.
    #[n(1)]
    pub reason: EndReason,
    /// Whether every browser counts as unknown from here on.
    #[n(2)]
    pub browsers_forgotten: bool,
}

impl From<&SessionsEnded> for SessionsEndedV1 {
    fn from(ended: &SessionsEnded) -> Self {
        let SessionsEnded { sessions, reason, browsers_forgotten, .. } = ended;
        Self { sessions: sessions.clone(), reason: *reason, browsers_forgotten: *browsers_forgotten }
    }
}

impl From<SessionsEndedV1> for SessionsEnded {
    fn from(SessionsEndedV1 { sessions, reason, browsers_forgotten }: SessionsEndedV1) -> Self {
        Self { sessions, reason, browsers_forgotten, note: None }
    }
}
