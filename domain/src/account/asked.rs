//! What a session may be asked for, and what one lacks of it: the one rule by which more is proved in an open session.

use std::collections::BTreeSet;
use std::time::Duration;

use super::events::{Level, Proof, SignInMethod};
use super::levels::reached;
use crate::time::Timestamp;

/// The ways of the devices that cannot be phished.
pub(super) const KEYS: [SignInMethod; 2] = [SignInMethod::Passkey, SignInMethod::SecurityKey];

/// The ways of all second factors.
pub(super) const SECOND_FACTORS: [SignInMethod; 7] = [
    SignInMethod::Passkey,
    SignInMethod::SecurityKey,
    SignInMethod::Totp,
    SignInMethod::MobileAppQrCode,
    SignInMethod::MobileAppPinCode,
    SignInMethod::OnMobile,
    SignInMethod::Sms,
];

/// What is asked of a session. What is left out is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The level that was reached in it, or a higher one.
    pub level: Option<Level>,
    /// One of these ways among its last proofs; any, if there are none.
    pub methods: BTreeSet<SignInMethod>,
    /// That its last proofs are younger than this.
    pub max_age: Option<Duration>,
}

/// What a session has proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The level that was reached in it.
    pub level: Level,
    /// The ways of its last proofs.
    pub methods: BTreeSet<SignInMethod>,
    /// When they were given.
    pub at: Timestamp,
}

/// What a session lacks of what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// Nothing.
    Nothing,
    /// What was proved is too old: one of these ways, now.
    Again(BTreeSet<SignInMethod>),
    /// What was proved is not enough: one of these ways besides. Where nothing would be enough there is none.
    More(BTreeSet<SignInMethod>),
}

impl Proved {
    /// What these proofs prove that were given at a moment.
    #[must_use]
    pub fn by(proofs: &[Proof], at: Timestamp) -> Self {
        let (level, _) = reached(proofs.iter().copied());
        Self { level, methods: proofs.iter().map(|proof| proof.method).collect(), at }
    }

    /// The level that is reached with one more proof: none lowers it.
    fn level_with(&self, method: SignInMethod) -> Level {
        let methods = self.methods.iter().copied().chain([method]);
        self.level.max(reached(methods.map(Proof::by)).0)
    }
}

impl Asked {
    /// The ways of which one is to be proved. A recovery code and a mailed link are among them only if they are named: neither
    /// is a way to prove more for its own sake.
    #[must_use]
    pub fn ways(&self) -> BTreeSet<SignInMethod> {
        if self.methods.is_empty() {
            SECOND_FACTORS.into_iter().chain([SignInMethod::Password]).collect()
        } else {
            self.methods.clone()
        }
    }

    /// What a session lacks at a moment: of the ways that would do, those that supply all of it at once. Where no single
    /// one does, it is one of the ways that are asked for first, and the level is judged again after it.
    #[must_use]
    pub fn lacks(&self, proved: &Proved, now: Timestamp) -> Lacking {
        let is_old = self.max_age.is_some_and(|max_age| now.since(proved.at) >= max_age);
        let is_named = self.methods.is_empty() || !self.methods.is_disjoint(&proved.methods);
        let is_high = self.level.is_none_or(|level| proved.level >= level);
        if is_named && is_high && !is_old {
            return Lacking::Nothing;
        }
        let lifting = |ways: BTreeSet<SignInMethod>| -> BTreeSet<SignInMethod> {
            let lifts = |way: &SignInMethod| self.level.is_none_or(|level| proved.level_with(*way) >= level);
            ways.into_iter().filter(lifts).collect()
        };
        let ways = if is_named && !is_old {
            // Only the level is missing, whichever way it is reached.
            lifting(Self::default().ways())
        } else {
            let at_once = lifting(self.ways());
            if at_once.is_empty() { self.methods.clone() } else { at_once }
        };
        if is_old { Lacking::Again(ways) } else { Lacking::More(ways) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::events::FactorKind;
    use crate::account::is_second_factor;

    use Level::{High, Medium};
    use SignInMethod::{MailedLink, OnMobile, Passkey, Password, RecoveryCode, SecurityKey, Sms, Totp};

    fn asked(level: Option<Level>, methods: &[SignInMethod], max_age: Option<u64>) -> Asked {
        Asked { level, methods: methods.iter().copied().collect(), max_age: max_age.map(Duration::from_secs) }
    }

    fn again(ways: &[SignInMethod]) -> Lacking {
        Lacking::Again(ways.iter().copied().collect())
    }

    fn more(ways: &[SignInMethod]) -> Lacking {
        Lacking::More(ways.iter().copied().collect())
    }

    #[test]
    fn the_table_of_what_is_lacking() {
        let any: Vec<_> = SECOND_FACTORS.into_iter().chain([Password]).collect();
        let cases: [(Asked, &[SignInMethod], u64, Lacking); 22] = [
            // Nothing is asked.
            (asked(None, &[], None), &[Password], 86_400, Lacking::Nothing),
            // Freshness: the password again will do, and so will whatever else proves the owner.
            (asked(None, &[], Some(600)), &[Password], 599, Lacking::Nothing),
            (asked(None, &[], Some(600)), &[Password], 600, again(&any)),
            (asked(None, &[], Some(600)), &[Password, Totp], 600, again(&any)),
            (asked(None, &[], Some(0)), &[Passkey], 0, again(&any)),
            // A level: a second factor, whichever.
            (asked(Some(Level::Basic), &[], None), &[Password], 0, Lacking::Nothing),
            (asked(Some(Medium), &[], None), &[Password], 0, more(&SECOND_FACTORS)),
            (asked(Some(Medium), &[], None), &[Password, RecoveryCode], 0, more(&SECOND_FACTORS)),
            (asked(Some(Medium), &[], None), &[MailedLink], 0, more(&SECOND_FACTORS)),
            (asked(Some(Medium), &[], None), &[Password, Sms], 86_400, Lacking::Nothing),
            (asked(Some(Medium), &[], None), &[Passkey], 86_400, Lacking::Nothing),
            (asked(Some(High), &[], None), &[Password, Passkey], 0, more(&[])),
            // Ways: one of them.
            (asked(None, &KEYS, None), &[Password, SecurityKey], 0, Lacking::Nothing),
            (asked(None, &KEYS, None), &[Password, Totp], 0, more(&KEYS)),
            (asked(None, &[Password], None), &[Passkey], 0, more(&[Password])),
            (asked(None, &[Totp, RecoveryCode], None), &[Password, RecoveryCode], 0, Lacking::Nothing),
            // Several at once: what supplies all of it, if anything does.
            (asked(Some(Medium), &[], Some(600)), &[Password], 600, again(&SECOND_FACTORS)),
            (asked(Some(Medium), &[], Some(600)), &[Password, OnMobile], 600, again(&any)),
            (asked(Some(Medium), &[Password, Totp], None), &[MailedLink], 0, more(&[Totp])),
            (asked(Some(Medium), &[Password], None), &[MailedLink], 0, more(&[Password])),
            (asked(Some(Medium), &[Password], None), &[Password], 0, more(&SECOND_FACTORS)),
            (asked(None, &KEYS, Some(600)), &[Password, Passkey], 600, again(&KEYS)),
        ];
        for (asked, methods, age, lacking) in cases {
            let began = Timestamp::from_seconds(1_777_802_400);
            let proofs: Vec<_> = methods.iter().copied().map(Proof::by).collect();
            let now = began.plus(Duration::from_secs(age));
            assert_eq!(
                asked.lacks(&Proved::by(&proofs, began), now),
                lacking,
                "{asked:?} of {methods:?} after {age} s"
            );
        }
    }

    #[test]
    fn a_level_that_was_reached_before_outlives_a_weaker_proof() {
        let proved = Proved { level: Medium, ..Proved::by(&[Proof::by(Password)], Timestamp::default()) };
        assert_eq!(asked(Some(Medium), &[], Some(600)).lacks(&proved, Timestamp::default()), Lacking::Nothing);
    }

    #[test]
    fn every_second_factor_is_among_the_ways() {
        assert!(SECOND_FACTORS.into_iter().all(is_second_factor));
        let kinds =
            [FactorKind::Passkey, FactorKind::SecurityKey, FactorKind::Totp, FactorKind::MobileApp, FactorKind::Phone];
        for kind in kinds {
            assert!(SECOND_FACTORS.contains(&kind.method()), "{kind:?}");
            assert_eq!(KEYS.contains(&kind.method()), kind.is_phishing_resistant(), "{kind:?}");
        }
    }
}
