//! Open sessions, and which browsers count as known.

use minicbor::{Decode, Encode};

use super::events::{AccountEvent, FactorKind, Level, Proof, SignInMethod, SignedIn, Strength};
use super::factors::{Factor, Factors};
use crate::ids::SessionId;
use crate::time::{Moment, Timestamp};

/// Sessions that may be open at once; one more ends the least recently used one.
pub const MAX_SESSIONS: usize = 50;

/// Devices that one sign-in may be proved with.
const MAX_PROOFS: usize = 2;

/// What a session began with that is not told by the devices that were used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Means {
    /// Nothing.
    #[default]
    #[n(0)]
    None,
    /// A recovery code.
    #[n(1)]
    RecoveryCode,
    /// The password and the app, which answered by itself.
    #[n(2)]
    PasswordAndApp,
    /// The app, which answered by itself, without the password.
    #[n(3)]
    App,
}

impl Means {
    fn of(signed_in: &SignedIn) -> Self {
        let has = |method| signed_in.proofs.iter().any(|proof| proof.method == method);
        if has(SignInMethod::RecoveryCode) {
            Self::RecoveryCode
        } else if !has(SignInMethod::MobileAppPinCode) && !has(SignInMethod::OnMobile) {
            Self::None
        } else if signed_in.strengths.contains(&Strength::PasswordMobileApp) {
            Self::PasswordAndApp
        } else {
            Self::App
        }
    }
}

/// One signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Session {
    /// Its id, as its owner sees it.
    #[n(0)]
    pub id: SessionId,
    /// The hash of its secret.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secret_hash: [u8; 32],
    /// When it began.
    #[n(2)]
    pub began: Timestamp,
    /// How many seconds it may be idle.
    #[n(3)]
    pub idle: u32,
    /// When it ends at the latest.
    #[n(4)]
    pub expires: Timestamp,
    /// On a computer that others use.
    #[n(5)]
    pub public_computer: bool,
    /// The level that was reached in it.
    #[n(6)]
    pub level: Level,
    /// The numbers of the devices that were used when it began.
    #[n(7)]
    pub factors: Vec<u16>,
    /// What it began with that its devices do not tell.
    #[n(8)]
    pub means: Means,
}

impl Session {
    /// Whether it is open at a moment: its time is not over, and it began in the log's present epoch. Whether it was idle
    /// too long, the caller knows.
    #[must_use]
    pub fn is_open(&self, at: impl Into<Moment>) -> bool {
        let at = at.into();
        at.epoch_began <= self.began && at.now < self.expires
    }

    /// Whether it began with a recovery code.
    #[must_use]
    pub const fn by_recovery_code(&self) -> bool {
        matches!(self.means, Means::RecoveryCode)
    }

    /// What was proved when it began, as far as that tells its level: by those of these devices that were used, and by the
    /// password.
    pub(super) fn proved<'a>(&self, devices: impl Iterator<Item = &'a Factor>) -> impl Iterator<Item = Proof> {
        let (means, used) = (self.means, self.factors.clone());
        let by_app = matches!(means, Means::PasswordAndApp | Means::App);
        let method = move |factor: &Factor| match factor.kind {
            FactorKind::MobileApp if by_app => SignInMethod::MobileAppPinCode,
            kind => kind.method(),
        };
        // With another device its name tells of the password, or the password changes nothing of the name.
        let password = used.is_empty() || matches!(means, Means::PasswordAndApp);
        let devices = devices.filter(move |factor| used.contains(&factor.number));
        let devices = devices.map(move |factor| Proof::by(method(factor)));
        devices.chain(password.then_some(Proof::by(SignInMethod::Password)))
    }
}

/// The account's sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Sessions {
    /// Those that have not been ended, oldest first. One whose time is over stays until the next sign-in, one of an earlier
    /// epoch until it makes room or its time is over.
    #[n(0)]
    pub open: Vec<Session>,
    /// Raised when all known browsers are forgotten: a browser's cookie of a lower generation no longer counts.
    #[n(1)]
    pub browser_generation: u32,
    /// How often somebody signed in, no more than 255. The session that the first password opened is one of them, and those
    /// are left out in which a lost password was replaced.
    #[n(2)]
    pub sign_ins: u8,
}

impl Sessions {
    /// Those that are open at a moment, oldest first.
    pub fn live(&self, at: impl Into<Moment>) -> impl Iterator<Item = &Session> {
        let at = at.into();
        self.open.iter().filter(move |session| session.is_open(at))
    }

    /// The session with this id, if it is open at a moment.
    #[must_use]
    pub fn by_id(&self, id: SessionId, at: impl Into<Moment>) -> Option<&Session> {
        self.live(at).find(|session| session.id == id)
    }

    /// The session with this secret's hash, if it is open at a moment.
    #[must_use]
    pub fn by_secret(&self, hash: &[u8; 32], at: impl Into<Moment>) -> Option<&Session> {
        self.live(at).find(|session| session.secret_hash == *hash)
    }

    pub(super) fn evolve(&mut self, decided: Timestamp, event: &AccountEvent, factors: &Factors) {
        match event {
            AccountEvent::SignedIn(signed_in) => {
                self.open.retain(|session| decided < session.expires && Some(session.id) != signed_in.continues);
                if signed_in.continues.is_none() && (self.sign_ins == 0 || !signed_in.is_by_link()) {
                    self.sign_ins = self.sign_ins.saturating_add(1);
                }
                let used = signed_in.proofs.iter().filter_map(|proof| factors.by_id(proof.factor?));
                self.open.push(Session {
                    id: signed_in.session,
                    secret_hash: signed_in.secret_hash,
                    began: decided,
                    idle: signed_in.idle,
                    expires: signed_in.expires,
                    public_computer: signed_in.public_computer,
                    level: signed_in.level,
                    factors: used.map(|factor| factor.number).take(MAX_PROOFS).collect(),
                    means: Means::of(signed_in),
                });
            }
            AccountEvent::SignedOut(signed_out) => self.open.retain(|session| session.id != signed_out.session),
            AccountEvent::SessionsEnded(ended) => {
                self.open.retain(|session| !ended.sessions.contains(&session.id));
                if ended.browsers_forgotten {
                    self.browser_generation += 1;
                }
            }
            _ => {}
        }
    }
}
