//! The part of what is stored that second factors have.

use super::{Frozen, credential, frozen, moment, session};
use crate::account::commands::*;
use crate::account::*;
use crate::campaign::CampaignStage;
use crate::ids::{ChallengeId, FactorId, KeyId};
use crate::values::{DeviceName, Language, PhoneNumber};

fn factor(n: u8) -> FactorId {
    FactorId::from_bytes([n; 16])
}

fn device_name(text: &str) -> DeviceName {
    DeviceName::parse(text).unwrap()
}

fn full_proof() -> Proof {
    Proof {
        method: SignInMethod::Passkey,
        factor: Some(factor(1)),
        challenge: Some(ChallengeId::from_bytes([9; 16])),
        step: Some(59_000_000),
        counter: Some(70_000),
        backed_up: Some(true),
        user_verified: Some(true),
    }
}

fn webauthn() -> WebauthnKey {
    WebauthnKey {
        credential: [3; 32],
        rp_id: "login.example.org".to_owned(),
        aaguid: [4; 16],
        attachment: Some(Attachment::CrossPlatform),
        transports: vec!["usb".to_owned(), "nfc".to_owned()],
        discoverable: Some(true),
        backup_eligible: true,
        attestation: Attestation::Trusted,
        certificate_path: vec!["CN=Key 1".to_owned(), "CN=Root".to_owned()],
    }
}

fn told() -> Device {
    Device { os: "Android 17".to_owned(), manufacturer: "Maker".to_owned(), model: "Model 3".to_owned() }
}

fn phone() -> PhoneNumber {
    PhoneNumber::parse("+3225550100").unwrap()
}

pub(super) fn events() -> Vec<AccountEvent> {
    use AccountEvent as E;
    let plain = FactorAdded {
        factor: factor(2),
        number: 1,
        kind: FactorKind::Totp,
        name: device_name("Τηλέφωνο"),
        credential: credential(12),
        device: Device::default(),
        webauthn: None,
        phone: None,
        proof: Proof::by(SignInMethod::Totp),
    };
    let (app, telephone) = (plain.clone(), plain.clone());
    let by = |n, methods: [SignInMethod; 2], strength| SignedIn {
        proofs: methods.map(Proof::by).to_vec(),
        strengths: vec![strength],
        ..super::signed_in(n, SignInMethod::Password)
    };
    vec![
        E::FactorAdded(FactorAdded {
            factor: factor(1),
            number: 0,
            kind: FactorKind::Passkey,
            name: device_name("My key"),
            credential: credential(11),
            device: told(),
            webauthn: Some(webauthn()),
            phone: Some("+3225550100".to_owned()),
            proof: full_proof(),
        }),
        E::FactorAdded(plain.clone()),
        E::FactorAdded(FactorAdded { factor: factor(3), number: 2, kind: FactorKind::SecurityKey, ..plain }),
        E::FactorRenamed(FactorRenamed { factor: factor(2), name: device_name("Old phone") }),
        E::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(13), count: RECOVERY_CODES }),
        E::RecoveryCodeUsed(RecoveryCodeUsed { code: 3, left: 9 }),
        E::SignInOptionsChanged(SignInOptionsChanged { always_second_factor: true }),
        E::SignedIn(SignedIn {
            proofs: vec![Proof::by(SignInMethod::Password), full_proof()],
            level: Level::Medium,
            strengths: vec![Strength::PasswordWebauthn],
            continues: Some(session(3)),
            ..super::signed_in(4, SignInMethod::Password)
        }),
        E::SignedIn(SignedIn {
            proofs: vec![Proof::by(SignInMethod::Password), Proof::by(SignInMethod::RecoveryCode)],
            ..super::signed_in(5, SignInMethod::Password)
        }),
        E::SecondFactorFailed(SecondFactorFailed {
            count: 4,
            since: moment(0),
            method: SignInMethod::RecoveryCode,
            known_browser: false,
            owner_told: true,
        }),
        E::FactorCounterWentBack(CounterWentBack { factor: factor(1), last: 70_000, given: 5 }),
        E::FactorSuspended(FactorSuspended { factor: factor(2), reason: SuspensionReason::Disowned }),
        E::RecoveryCodesSuspended(RecoveryCodesSuspended { reason: SuspensionReason::Disowned }),
        E::ChangeDisowned(ChangeDisowned { version: 70_000 }),
        E::FactorAdded(FactorAdded { factor: factor(4), number: 3, kind: FactorKind::MobileApp, ..app }),
        E::FactorAdded(FactorAdded {
            factor: factor(5),
            number: 4,
            kind: FactorKind::Phone,
            phone: Some("+3225550101".to_owned()),
            ..telephone
        }),
        E::SignedIn(by(6, [SignInMethod::Password, SignInMethod::MobileAppPinCode], Strength::PasswordMobileApp)),
        E::SignedIn(by(7, [SignInMethod::Passkey, SignInMethod::OnMobile], Strength::MobileApp)),
        E::SignedIn(by(8, [SignInMethod::Password, SignInMethod::Sms], Strength::PasswordSms)),
        E::FactorPinFailed(FactorPinFailed { factor: factor(4), in_a_row: 4 }),
        E::FactorPinChanged(FactorPinChanged { factor: factor(4), credential: credential(14) }),
        E::FactorPinFailed(FactorPinFailed { factor: factor(4), in_a_row: 5 }),
        E::FactorBlocked(FactorBlocked { factor: factor(4) }),
        E::FactorUnblocked(FactorUnblocked { factor: factor(4) }),
        E::AppRequestDenied(AppRequestDenied {
            factor: factor(4),
            challenge: ChallengeId::from_bytes([8; 16]),
            known_browser: true,
        }),
        E::FactorsSuspended(FactorsSuspended { link: super::link(7) }),
        E::FactorResumed(FactorResumed { factor: factor(2), reason: Some("found again".to_owned()) }),
        E::FactorResumed(FactorResumed { factor: factor(3), reason: None }),
        E::RecoveryRequested(RecoveryRequested { link: Some(super::link(8)), factor: None, ends: moment(259_200) }),
        E::RecoveryCancelled(RecoveryCancelled { by: CancelledBy::MailedLink }),
        E::RecoveryRequested(RecoveryRequested { link: None, factor: Some(factor(1)), ends: moment(259_200) }),
        E::RecoveryCancelled(RecoveryCancelled { by: CancelledBy::SignIn(factor(1)) }),
        E::RecoveryRequested(RecoveryRequested { link: Some(super::link(8)), factor: None, ends: moment(259_200) }),
        E::RecoveryCancelled(RecoveryCancelled { by: CancelledBy::SuspendedDevice(full_proof()) }),
        E::RecoveryRequested(RecoveryRequested { link: Some(super::link(8)), factor: None, ends: moment(259_200) }),
        E::RecoveryCompleted(RecoveryCompleted { link: Some(super::link(9)) }),
        E::RecoveryCompleted(RecoveryCompleted { link: None }),
        E::SmsDeprecated(SmsDeprecated {
            campaign: 1,
            stage: CampaignStage::Announce,
            off: moment(700_000),
            last_until: None,
        }),
        E::SmsDeprecated(SmsDeprecated {
            campaign: 2,
            stage: CampaignStage::Off,
            off: moment(700_000),
            last_until: Some(moment(900_000)),
        }),
        E::TelephoneListed,
        E::FactorsReset(FactorsReset { reason: "telephone lost".to_owned() }),
        E::FactorRemoved(FactorRemoved { factor: factor(2), reason: RemovalReason::Person }),
        E::FactorRemoved(FactorRemoved { factor: factor(3), reason: RemovalReason::Administrator }),
        E::RecoveryCodesRemoved(RecoveryCodesRemoved { reason: RemovalReason::Everything }),
    ]
}

/// Events on which no state depends.
pub(super) fn promises() -> Vec<AccountEvent> {
    let requested = |n, phone, language| {
        let challenge = ChallengeId::from_bytes([n; 16]);
        AccountEvent::SmsCodeRequested(SmsCodeRequested { challenge, factor: factor(2), phone, language })
    };
    let opened = |method, known_browser| {
        let challenge = ChallengeId::from_bytes([8; 16]);
        AccountEvent::AppRequestOpened(AppRequestOpened { challenge, method, known_browser })
    };
    vec![
        requested(9, Some(phone()), Language::Greek),
        requested(8, None, Language::English),
        opened(SignInMethod::MobileAppPinCode, false),
        opened(SignInMethod::OnMobile, true),
    ]
}

pub(super) fn commands(next: &NewSession) -> Vec<Frozen> {
    let full = NewFactor {
        id: factor(1),
        kind: FactorKind::Passkey,
        name: device_name("My key"),
        credential: credential(11),
        device: told(),
        webauthn: Some(webauthn()),
        phone: Some("+3225550100".to_owned()),
        proof: full_proof(),
    };
    let plain = NewFactor {
        kind: FactorKind::Totp,
        device: Device::default(),
        webauthn: None,
        phone: None,
        proof: Proof::by(SignInMethod::Totp),
        ..full.clone()
    };
    let key = credential(11).key;
    let verdict = FactorVerdict { proof: full_proof(), credential: key, right: true, code: None };
    let code = FactorVerdict { proof: Proof::by(SignInMethod::RecoveryCode), code: Some(3), ..verdict };
    let password = PasswordVerdict { credential: credential(4).key, right: true };
    vec![
        frozen(&[
            AddFactor { session: session(1), factor: full, next: next.clone() },
            AddFactor { session: session(1), factor: plain, next: next.clone() },
        ]),
        frozen(&[RenameFactor { session: session(1), factor: factor(1), name: device_name("Other") }]),
        frozen(&[RemoveFactor { session: session(1), factor: factor(1) }]),
        frozen(&[RemoveAllFactors { session: session(1) }]),
        frozen(&[IssueRecoveryCodes { session: session(1), credential: credential(13) }]),
        frozen(&[ChangeSignInOptions { session: session(1), always_second_factor: true }]),
        frozen(&[RecordWrongPin { factor: factor(4), credential: key }]),
        frozen(&[ChangePin { factor: factor(4), replaces: key, credential: credential(14) }]),
        frozen(&[true, false].map(|known_browser| OpenAppRequest {
            challenge: ChallengeId::from_bytes([8; 16]),
            method: SignInMethod::OnMobile,
            known_browser,
        })),
        frozen(&[true, false].map(|known_browser| DenyAppRequest {
            factor: factor(4),
            credential: key,
            challenge: ChallengeId::from_bytes([8; 16]),
            known_browser,
            session: known_browser.then_some(session(1)),
            ends: known_browser.then_some(moment(7)),
        })),
        frozen(&[ResetFactors { reason: "telephone lost".to_owned() }]),
        frozen(&[DestroyFactor { credential: key }]),
        frozen(&[RequestSuspension {
            verdict: password,
            link: NewLink { id: super::link(7), browser: None, target: None, language: Language::Greek },
        }]),
        frozen(&[SuspendFactors { link: super::link(7), verdict: password }]),
        frozen(&[RequestRecoveryLink {
            verdict: password,
            link: NewLink { id: super::link(8), browser: None, target: None, language: Language::Greek },
        }]),
        frozen(&[BeginRecovery { link: super::link(8), verdict: password }]),
        frozen(&[CompleteRecovery { link: super::link(9), verdict: password, session: next.clone() }]),
        frozen(&[RecoverFactor { session: session(1), factor: factor(1) }]),
        frozen(&[CancelRecovery { requested: moment(7) }]),
        frozen(&[CancelRecoveryByDevice { verdict: password, factor: verdict }]),
        frozen(&[ResumeFactor { session: session(1), factor: factor(1) }]),
        frozen(&[ResumeFactors { reason: "found again".to_owned() }]),
        frozen(
            &[
                Changed::Factor(factor(1)),
                Changed::RecoveryCodes,
                Changed::Other,
                Changed::SignIn,
                Changed::Factors(vec![factor(1), factor(2)]),
            ]
            .map(|changed| DisownChange { version: 70_000, at: moment(7), changed }),
        ),
        frozen(&[
            ProveMore { session: session(1), password: Some(password), factor: Some(verdict), next: next.clone() },
            ProveMore { session: session(1), password: None, factor: Some(code), next: next.clone() },
        ]),
        frozen(&[
            SignIn { verdict: Some(password), session: next.clone(), rehashed: None, factor: None },
            SignIn {
                verdict: Some(password),
                session: next.clone(),
                rehashed: Some(credential(5)),
                factor: Some(verdict),
            },
            SignIn { verdict: None, session: next.clone(), rehashed: None, factor: Some(verdict) },
        ]),
        frozen(&[SignInAdaptively {
            browser: ProvedBrowser {
                generation: 70_000,
                password: KeyId::from_bytes([4; 16]),
                factor: 300,
                at: moment(7),
            },
            session: next.clone(),
            factor: verdict,
        }]),
        frozen(&[BeginPhone {
            session: session(1),
            factor: factor(1),
            phone: phone(),
            challenge: ChallengeId::from_bytes([9; 16]),
            language: Language::Greek,
        }]),
        frozen(&[(Some(password), None), (None, Some(session(1)))].map(|(verdict, session)| RequestSmsCode {
            verdict,
            session,
            factor: factor(1),
            challenge: ChallengeId::from_bytes([9; 16]),
            language: Language::Greek,
        })),
        frozen(&[DeprecateSms { campaign: 1, stage: CampaignStage::Off, off: moment(700_000), grace: 86_400 }]),
        frozen(&[false, true].map(|is_listed| ListTelephone { is_listed })),
        frozen(&[RecordSecondFactorFailures {
            count: 3,
            since: moment(0),
            method: SignInMethod::Totp,
            known_browser: true,
        }]),
    ]
}
