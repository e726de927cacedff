//! Second factors: what each kind of device can do, and the steps that all kinds share.
//!
//! A kind is a folder of its own with an implementation of [`FactorMethod`], and a line in [`METHODS`].

pub mod adaptive;
pub mod devices;
pub mod enrolment;
pub mod manage;
pub mod mobile_app;
pub mod objection;
pub mod passkey_first;
pub mod phone;
pub mod prove_more;
pub mod recovery;
pub mod recovery_codes;
pub mod step;
pub mod suspend;
#[cfg(test)]
mod testing;
pub mod totp;
pub mod verify;
pub mod webauthn;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

use chancery_domain::account::commands::FactorVerdict;
use chancery_domain::account::{Account, Device, Factor, FactorKind, Proof, SignInMethod, WebauthnKey};
use chancery_domain::policy::Policy;
use chancery_domain::values::PhoneNumber;
use chancery_domain::{ChallengeId, FactorId, StreamId, Timestamp};
use webauthn_rs::prelude::AttestationCaList;
use zeroize::Zeroizing;

use self::enrolment::EnrolmentRefused;
use crate::ports::Random;

/// Every kind of device that can be added and used.
pub const METHODS: [&dyn FactorMethod; 7] = [
    &webauthn::PASSKEY,
    &webauthn::SECURITY_KEY,
    &totp::Totp,
    &mobile_app::MobileApp,
    &mobile_app::PIN_CODE,
    &mobile_app::ON_MOBILE,
    &phone::Phone,
];

/// What a ceremony begins with.
#[derive(Debug, Default)]
pub struct Begun {
    /// What the page shows or gives to the browser.
    pub shown: Zeroizing<String>,
    /// What is kept, sealed, until the answer comes.
    pub kept: Zeroizing<Vec<u8>>,
}

/// Where devices are added and used.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The service's name.
    pub service: &'a str,
    /// The origin by which people reach it.
    pub public_url: &'a str,
    /// The id of the relying party that keys are made for; `None` where none can be.
    pub rp_id: Option<&'a str>,
    /// What must vouch for the make of a key that is added, if anything must.
    pub roots: Option<&'a AttestationCaList>,
}

/// For whom a device is added.
#[derive(Clone, Copy, Debug)]
pub struct Whose<'a> {
    /// Where.
    pub site: Site<'a>,
    /// The account.
    pub stream: StreamId,
    /// The name that the person knows the account by.
    pub account: &'a str,
    /// The devices that it has already and that the method checks.
    pub has: &'a [Held<'a>],
}

/// What the page posted back of a device that is being added.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// Where.
    pub site: Site<'a>,
    /// The id that the device gets.
    pub factor: FactorId,
    /// What was kept.
    pub kept: &'a [u8],
    /// What was posted.
    pub answer: &'a str,
    /// When.
    pub now: Timestamp,
}

/// What a device is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Where.
    pub site: Site<'a>,
    /// The account.
    pub stream: StreamId,
    /// What the answer answers.
    pub challenge: ChallengeId,
    /// The device that the page asked, where it asked a certain one.
    pub device: Option<FactorId>,
    /// The codes that were sent to the account's telephones at the wish of this browser, and are open.
    pub sent: &'a [phone::SentCode],
    /// When it is looked at.
    pub now: Timestamp,
}

/// A device that proved that it is there.
#[derive(Debug)]
pub struct Enrolled {
    /// What its proofs are checked with from then on.
    pub secret: Zeroizing<Vec<u8>>,
    /// What it told of itself.
    pub device: Device,
    /// What is known of a WebAuthn credential.
    pub webauthn: Option<WebauthnKey>,
    /// The number of a telephone.
    pub phone: Option<PhoneNumber>,
    /// The proof.
    pub proof: Proof,
}

/// A device of an account, with what its proofs are checked with.
#[derive(Debug)]
pub struct Held<'a> {
    /// How it stands.
    pub factor: &'a Factor,
    /// Its secret.
    pub secret: Zeroizing<Vec<u8>>,
}

/// What a kind of device can do. No method reads a clock or draws by itself.
pub trait FactorMethod: Debug + Send + Sync {
    /// The kind.
    fn kind(&self) -> FactorKind;

    /// The way of signing in that its answers are for.
    fn way(&self) -> SignInMethod {
        self.kind().method()
    }

    /// What the secrets of its devices are sealed as.
    fn label(&self) -> &'static [u8];

    /// What an enrolment is kept as.
    fn enrolment(&self) -> &'static [u8] {
        self.label()
    }

    /// Whether what an enrolment keeps can be answered only once, be the answer right or wrong.
    fn asks_once(&self) -> bool {
        false
    }

    /// Whether it judges the answers of this kind of device.
    fn checks(&self, kind: FactorKind) -> bool {
        kind == self.kind()
    }

    /// How long its challenge can be answered: shorter than the account remembers those that were.
    fn answer_within(&self) -> Duration {
        step::CHALLENGE
    }

    /// Begins to add a device; `None` where none can be added at this site, or in another way only.
    fn begin_enrolment(&self, whose: Whose<'_>, random: &dyn Random) -> Option<Begun>;

    /// Judges what the page posted back.
    ///
    /// # Errors
    /// Why the device is not added.
    fn finish_enrolment(&self, finished: Finished<'_>) -> Result<Enrolled, EnrolmentRefused>;

    /// What the page gives to the browser so that one of these devices answers; `None` where a person reads and types.
    fn ask(&self, _devices: &[Held<'_>], _asked: Asked<'_>) -> Option<String> {
        None
    }

    /// Judges an answer by which one of these devices proves to be there; `None` without a device. What is wrong is a
    /// verdict about the first of them, or about the one that it names.
    fn check(&self, devices: &[Held<'_>], answer: &str, asked: Asked<'_>) -> Option<FactorVerdict>;
}

/// What is done by devices of a kind, if they can be used.
#[must_use]
pub fn of_kind(kind: FactorKind) -> Option<&'static dyn FactorMethod> {
    METHODS.into_iter().find(|method| method.kind() == kind)
}

/// The ways that devices of a kind are offered as after the password: no person need know which kind of key they have.
#[must_use]
pub const fn ways_of(kind: FactorKind) -> &'static [SignInMethod] {
    match kind {
        FactorKind::Passkey | FactorKind::SecurityKey => &[SignInMethod::SecurityKey],
        FactorKind::Totp => &[SignInMethod::Totp],
        FactorKind::MobileApp => {
            &[SignInMethod::MobileAppPinCode, SignInMethod::MobileAppQrCode, SignInMethod::OnMobile]
        }
        FactorKind::Phone => &[SignInMethod::Sms],
    }
}

/// What is done by devices of the kind that a way of signing in takes.
#[must_use]
pub fn by_way(way: SignInMethod) -> Option<&'static dyn FactorMethod> {
    METHODS.into_iter().find(|method| method.way() == way)
}

/// Who asks for more than the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// The account's owner.
    Owner,
    /// The operator of the service.
    Operator,
}

/// Who asks for more than the password of an account that has a device.
#[must_use]
pub const fn asked_by(account: &Account, policy: &Policy) -> Option<AskedBy> {
    if account.factors.always {
        Some(AskedBy::Owner)
    } else if policy.second_factor_required {
        Some(AskedBy::Operator)
    } else {
        None
    }
}

/// The sign-in at which somebody is asked once more who would not add a second factor right after the first password.
const ASKED_AGAIN_AT: u8 = 3;

/// What somebody is asked to do who has just signed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskedNext {
    /// Nothing.
    #[default]
    Nothing,
    /// To add a second factor: once, and later will do.
    AddFactor,
    /// To add a second factor before they go on: one is always asked for, or was recovered from, and there is none.
    MustAddFactor,
}

/// What is asked of somebody whose sign-in to an account was this one in number.
#[must_use]
pub const fn asked_next(account: &Account, policy: &Policy, sign_in: u8) -> AskedNext {
    if !account.factors.is_empty() {
        AskedNext::Nothing
    } else if asked_by(account, policy).is_some() || account.recovery.factor_owed {
        AskedNext::MustAddFactor
    } else if sign_in == ASKED_AGAIN_AT {
        AskedNext::AddFactor
    } else {
        AskedNext::Nothing
    }
}

/// The ways by those devices of an account that fit, the one used last first.
fn ways_by_device(account: &Account, fits: impl Fn(&Factor) -> bool) -> Vec<SignInMethod> {
    let mut devices: Vec<&Factor> = account.factors.counting().filter(|factor| fits(factor)).collect();
    devices.sort_by_key(|factor| std::cmp::Reverse((factor.used, factor.added)));
    let mut ways = Vec::new();
    for way in devices.into_iter().flat_map(|factor| ways_of(factor.kind)) {
        if by_way(*way).is_some() && !ways.contains(way) {
            ways.push(*way);
        }
    }
    ways
}

/// The ways that may follow the right password, in the order in which they are offered.
#[must_use]
pub fn ways_to_sign_in(account: &Account, policy: &Policy) -> Vec<SignInMethod> {
    let mut ways = ways_by_device(account, |_| true);
    ways.extend(recovery_code(account));
    let mut ways = sms_last(ways);
    if !account.needs_second_factor(policy) {
        ways.push(SignInMethod::Password);
    }
    ways
}

/// The ways by which an account can prove one of these in an open session, in the order in which they are offered. Empty where
/// nothing that would be enough is in force.
#[must_use]
pub fn ways_to_prove_more(account: &Account, methods: &BTreeSet<SignInMethod>) -> Vec<SignInMethod> {
    let mut ways = ways_by_device(account, |factor| methods.iter().any(|method| factor.kind.proves_by(*method)));
    ways.extend(recovery_code(account));
    let mut ways = sms_last(ways);
    // In an open session the password is taken only where there is no device.
    ways.extend(account.factors.is_empty().then_some(SignInMethod::Password));
    // A passkey is offered as a key: no person need know which kind of key they have.
    let has_key = methods.contains(&SignInMethod::Passkey);
    ways.retain(|way| methods.contains(way) || (has_key && *way == SignInMethod::SecurityKey));
    ways
}

/// The same with the one last sign-in by SMS, where that is possible: behind all but the password.
#[must_use]
pub fn with_last_sms(mut ways: Vec<SignInMethod>, account: &Account, now: Timestamp) -> Vec<SignInMethod> {
    if account.factors.asked(now).any(|factor| factor.off) && !ways.contains(&SignInMethod::Sms) {
        let before = ways.iter().position(|way| *way == SignInMethod::Password).unwrap_or(ways.len());
        ways.insert(before, SignInMethod::Sms);
    }
    ways
}

/// Messages to telephones are on their way out: they stand behind whatever else is possible.
fn sms_last(mut ways: Vec<SignInMethod>) -> Vec<SignInMethod> {
    ways.sort_by_key(|way| *way == SignInMethod::Sms);
    ways
}

/// A recovery code, where one is left.
fn recovery_code(account: &Account) -> Option<SignInMethod> {
    account
        .factors
        .recovery
        .as_ref()
        .filter(|codes| codes.count() > 0 && !codes.suspended)
        .map(|_| SignInMethod::RecoveryCode)
}

#[cfg(test)]
mod tests {
    use chancery_domain::KeyId;
    use chancery_domain::account::{Factors, RecoveryCodes};

    use super::testing::factor;
    use super::*;

    /// An account with such devices, and with recovery codes.
    fn account(kinds: &[FactorKind]) -> Account {
        let (key, issued) = (KeyId::from_bytes([9; 16]), Timestamp::default());
        let recovery = Some(RecoveryCodes { key, issued, left: 1, suspended: false, event: 9 });
        let devices = kinds.iter().zip(1..).map(|(kind, n)| factor(*kind, n)).collect();
        Account { factors: Factors { devices, recovery, ..Factors::default() }, ..Account::default() }
    }

    #[test]
    fn what_is_asked_for_is_offered_as_far_as_the_account_has_it() {
        use SignInMethod::{MobileAppQrCode, Passkey, Password, RecoveryCode, SecurityKey, Sms, Totp};
        let all = [FactorKind::Phone, FactorKind::Totp, FactorKind::Passkey, FactorKind::MobileApp];
        let cases: [(&[FactorKind], &[SignInMethod], &[SignInMethod]); 7] = [
            (&[], &[Password, Totp], &[Password]),
            (&[], &[Totp], &[]),
            (&[FactorKind::Totp], &[Passkey, SecurityKey], &[]),
            (&all, &[Passkey], &[SecurityKey]),
            (&all, &[MobileAppQrCode], &[MobileAppQrCode]),
            (&all, &[Password, Totp], &[Totp]),
            (&all, &[Sms, Totp, RecoveryCode], &[Totp, RecoveryCode, Sms]),
        ];
        for (kinds, asked, offered) in cases {
            let ways = ways_to_prove_more(&account(kinds), &asked.iter().copied().collect());
            assert_eq!(ways, offered, "{asked:?} of {kinds:?}");
        }
    }
}
