//! A signed-in person adds a second factor.

use minicbor::{Decode, Encode};

use super::proofs::{ManageRefusal, ProofRefusal};
use super::{AccountDecision, NewSession, command_shape};
use crate::account::events::{
    AccountEvent, Credential, Device, FactorAdded, FactorKind, Proof, SignInMethod, WebauthnKey,
};
use crate::account::{Account, MAX_FACTORS};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::{FactorId, SessionId};
use crate::values::DeviceName;

/// A device that has proved that it is there.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct NewFactor {
    /// Its random id.
    #[n(0)]
    pub id: FactorId,
    /// What it is.
    #[n(1)]
    pub kind: FactorKind,
    /// What its owner calls it.
    #[n(2)]
    pub name: DeviceName,
    /// What its proofs are checked with, sealed.
    #[n(3)]
    pub credential: Credential,
    /// What it told of itself.
    #[n(4)]
    pub device: Device,
    /// What is known of a WebAuthn credential.
    #[n(5)]
    pub webauthn: Option<WebauthnKey>,
    /// The telephone number in E.164, of a telephone.
    #[n(6)]
    pub phone: Option<String>,
    /// The proof; whether it was right was told before: what is wrong adds nothing.
    #[n(7)]
    pub proof: Proof,
}

/// Adds a second factor. The account's first one lifts the session in which it is added, which then goes on under a new
/// secret; a later one lifts nothing, so that whoever adds one gains no more than they had.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AddFactor {
    /// The session in which this is asked.
    #[n(0)]
    pub session: SessionId,
    /// The device.
    #[n(1)]
    pub factor: NewFactor,
    /// The session that takes its place, if it is lifted.
    #[n(2)]
    pub next: NewSession,
}

/// What adding a factor led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorOutcome {
    /// The session goes on as it was.
    Added,
    /// The session was lifted: the new one goes on in its place.
    Lifted,
}

/// Why a factor is not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddFactorRefusal {
    /// The session may not change factors now.
    #[error(transparent)]
    Manage(#[from] ManageRefusal),
    /// The account has as many as it may.
    #[error("the account has as many second factors as it may")]
    TooMany,
    /// This device is there already.
    #[error("this device is there already")]
    AlreadyThere,
    /// Nothing that the operator trusts vouches for its make.
    #[error("no certificate that is trusted vouches for the make of this key")]
    NotTrusted,
    /// Its proof has counted before.
    #[error(transparent)]
    Proof(#[from] ProofRefusal),
}

impl Command for AddFactor {
    command_shape!("add-factor" v 1: FactorOutcome, AddFactorRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<FactorOutcome, AddFactorRefusal> {
        let session = match account.may_manage(self.session, context) {
            Ok(session) => session,
            Err(refusal) => return Decision::refuse(refusal.into()),
        };
        let factor = &self.factor;
        let credential = factor.webauthn.as_ref().map(|key| key.credential);
        if credential.is_some_and(|hash| account.factors.by_credential(&hash).is_some())
            || account.factors.by_id(factor.id).is_some()
        {
            return Decision::refuse(AddFactorRefusal::AlreadyThere);
        }
        if let (Some(required), Some(key)) = (&context.policy.attestation, &factor.webauthn)
            && !required.takes(key)
        {
            return Decision::refuse(AddFactorRefusal::NotTrusted);
        }
        if account.factors.devices.len() >= MAX_FACTORS || account.factors.next_number == u16::MAX {
            return Decision::refuse(AddFactorRefusal::TooMany);
        }
        if factor.proof.challenge.is_some_and(|challenge| account.factors.remembers(challenge)) {
            return Decision::refuse(ProofRefusal::Used.into());
        }
        if !account.factors.has_room_for_a_proof(context.now) {
            return Decision::refuse(ProofRefusal::TooMany.into());
        }
        let mut events = vec![AccountEvent::FactorAdded(FactorAdded {
            factor: factor.id,
            number: account.factors.next_number,
            kind: factor.kind,
            name: factor.name.clone(),
            credential: factor.credential.clone(),
            device: factor.device.clone(),
            webauthn: factor.webauthn.clone(),
            phone: factor.phone.clone(),
            proof: factor.proof,
        })];
        if !account.factors.is_empty() {
            return Decision::accept(events, FactorOutcome::Added);
        }
        let proofs = vec![Proof::by(SignInMethod::Password), factor.proof];
        events.extend(account.continue_session(session, &self.next, proofs, context));
        Decision::accept(events, FactorOutcome::Lifted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::{Attestation, EndReason, Level, Strength};
    use crate::policy::{Policy, RequiredAttestation};

    fn add(n: u8, kind: FactorKind) -> AddFactor {
        AddFactor { session: session_id(1), factor: new_factor(n, kind), next: new_session(100) }
    }

    fn signed() -> Story {
        active().then([signed_in(1, SignInMethod::Password, BEGINNING)])
    }

    #[test]
    fn the_first_lifts_the_session_which_goes_on_under_another_secret() {
        let story = signed().after(599);
        let decision = story.when(&add(1, FactorKind::Totp));
        assert_eq!(decision.outcome, Ok(FactorOutcome::Lifted));
        assert_eq!(decision.events[0], factor_added(1, 0, FactorKind::Totp));
        let account = story.then(decision.events).account;
        assert!(account.sessions.by_secret(&[1; 32], BEGINNING).is_none(), "the old secret opens nothing");
        let lifted = account.sessions.by_id(session_id(100), BEGINNING).unwrap();
        assert_eq!((lifted.level, lifted.factors.as_slice()), (Level::Medium, [0].as_slice()));
        let end = BEGINNING.plus(std::time::Duration::from_secs(12 * 3600));
        assert_eq!(lifted.expires, end, "it does not live longer than the one that it continues");
        assert_eq!(account.secret_keys_sorted(), [credential(1).key, credential(101).key]);
    }

    #[test]
    fn a_second_one_needs_the_first_and_lifts_nothing() {
        let refused = Decision::refuse(AddFactorRefusal::Manage(ManageRefusal::FactorNeeded));
        let story = signed().then([factor_added(1, 0, FactorKind::Totp)]);
        assert_eq!(story.when(&add(2, FactorKind::Totp)), refused, "a session without the factor");
        let story = story.then([ended([1], EndReason::Person, false), signed_in_with(1, &[totp(1)], BEGINNING)]);
        let decision = story.when(&add(2, FactorKind::Passkey));
        assert_eq!(decision, Decision::accept(vec![factor_added(2, 1, FactorKind::Passkey)], FactorOutcome::Added));
        let story = story.then(decision.events);
        // The key counts for nothing in this session: it was added here.
        let refused = Decision::refuse(AddFactorRefusal::Manage(ManageRefusal::KeyNeeded));
        assert_eq!(story.when(&add(3, FactorKind::Totp)), refused);
    }

    #[test]
    fn only_a_fresh_sign_in_will_do() {
        for (story, refusal) in [
            (signed().after(600), ManageRefusal::NotFresh),
            (active(), ManageRefusal::NoSession),
            (suspended(), ManageRefusal::NoSession),
            (lapsed(), ManageRefusal::NoSession),
        ] {
            let decision = story.when(&add(1, FactorKind::Totp));
            assert_eq!(decision, Decision::refuse(AddFactorRefusal::Manage(refusal)));
        }
    }

    #[test]
    fn the_same_key_is_refused_a_second_time_and_a_challenge_too() {
        let story =
            active().then([factor_added(1, 0, FactorKind::Passkey), signed_in_with(1, &[passkey(1)], BEGINNING)]);
        let again = AddFactor {
            factor: NewFactor { id: factor_id(9), ..new_factor(1, FactorKind::Passkey) },
            ..add(1, FactorKind::Passkey)
        };
        assert_eq!(story.when(&again), Decision::refuse(AddFactorRefusal::AlreadyThere));
        let mut replayed = add(2, FactorKind::Totp);
        replayed.factor.proof.challenge = passkey(1).challenge;
        assert_eq!(story.when(&replayed), Decision::refuse(AddFactorRefusal::Proof(ProofRefusal::Used)));
    }

    #[test]
    fn twenty_are_enough() {
        let number = |n: u8| u16::from(n) - 1;
        let story = active().then((1..=20).map(|n| factor_added(n, number(n), FactorKind::Totp))).after(301).then([
            signed_in_with(
                1,
                &[Proof { challenge: None, ..totp(1) }],
                BEGINNING.plus(std::time::Duration::from_secs(301)),
            ),
        ]);
        assert_eq!(story.when(&add(21, FactorKind::Totp)), Decision::refuse(AddFactorRefusal::TooMany));
        assert!(story.account.sessions.open.iter().all(|session| session.factors.len() <= 2));
        assert_eq!(story.account.factors.by_id(factor_id(1)).unwrap().used, Some(story.now));
    }

    #[test]
    fn where_attestation_is_required_a_key_needs_it_and_may_have_to_be_of_a_make() {
        let required = |aaguids: &[[u8; 16]]| RequiredAttestation {
            roots: vec![[1; 32].into()],
            aaguids: aaguids.iter().copied().map(Into::into).collect(),
        };
        let key = |attestation, aaguid| {
            let mut add = add(1, FactorKind::Passkey);
            let told = add.factor.webauthn.unwrap();
            add.factor.webauthn = Some(WebauthnKey { attestation, aaguid, ..told });
            add
        };
        let refused = |add: &AddFactor, aaguids: &[[u8; 16]]| {
            let story = signed().under(Policy { attestation: Some(required(aaguids)), ..Policy::default() });
            story.when(add) == Decision::refuse(AddFactorRefusal::NotTrusted)
        };
        for attestation in [Attestation::None, Attestation::Own] {
            assert!(refused(&key(attestation, [4; 16]), &[]) && refused(&key(attestation, [4; 16]), &[[4; 16]]));
        }
        let trusted = key(Attestation::Trusted, [4; 16]);
        assert!(!refused(&trusted, &[]) && !refused(&trusted, &[[3; 16], [4; 16]]) && refused(&trusted, &[[3; 16]]));
        assert!(!refused(&add(1, FactorKind::Totp), &[]), "an app has no make");
    }

    #[test]
    fn strengths_name_the_device() {
        let AccountEvent::SignedIn(lifted) = &signed().when(&add(1, FactorKind::Totp)).events[1] else { panic!() };
        assert_eq!(lifted.strengths, [Strength::PasswordSoftwareToken]);
        assert_eq!(lifted.continues, Some(session_id(1)));
    }
}
