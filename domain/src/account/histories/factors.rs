//! The steps of random histories that have to do with second factors.

use proptest::prelude::*;

use super::{World, choose};
use crate::account::commands::*;
use crate::account::*;
use crate::campaign::CampaignStage;
use crate::ids::{ChallengeId, FactorId, KeyId, LinkId};
use crate::values::{DeviceName, Language, PhoneNumber};

/// What is asked, as in [`super::Step`].
#[derive(Clone, Debug)]
pub(super) enum FactorStep {
    Add { session: usize, kind: FactorKind },
    Rename { session: usize, factor: usize },
    Remove { session: usize, factor: usize },
    RemoveAll { session: usize },
    IssueCodes { session: usize },
    Always { session: usize, on: bool },
    SignIn { factor: usize, password: bool, right: bool, counter: u32, replay: bool },
    RecoveryCode { code: u8, right: bool },
    ProveMore { session: usize, factor: usize },
    Reset,
    Destroy { credential: usize },
    Failures { count: u32 },
    Sms { session: usize, factor: usize },
    Disown { version: u64, factor: usize },
    Suspend,
    Resume { session: usize, factor: usize },
    ResumeAll,
    Recover { days: u64 },
    RecoverOne { session: usize, factor: usize },
    CancelRecovery { by: usize },
    WrongPins { factor: usize, count: u8, session: usize },
    ChangePin { factor: usize },
    Deny { factor: usize },
    EndSms { stage: CampaignStage },
}

pub(super) fn factor_step() -> impl Strategy<Value = FactorStep> {
    let nth = || 0..64_usize;
    let kind = proptest::sample::select(vec![
        FactorKind::Passkey,
        FactorKind::SecurityKey,
        FactorKind::Totp,
        FactorKind::MobileApp,
        FactorKind::Phone,
    ]);
    let mostly = || proptest::bool::weighted(0.9);
    let rarely = || proptest::bool::weighted(0.1);
    prop_oneof![
        8 => (nth(), kind).prop_map(|(session, kind)| FactorStep::Add { session, kind }),
        1 => (nth(), nth()).prop_map(|(session, factor)| FactorStep::Rename { session, factor }),
        2 => (nth(), nth()).prop_map(|(session, factor)| FactorStep::Remove { session, factor }),
        1 => nth().prop_map(|session| FactorStep::RemoveAll { session }),
        6 => nth().prop_map(|session| FactorStep::IssueCodes { session }),
        9 => (nth(), any::<bool>()).prop_map(|(session, on)| FactorStep::Always { session, on }),
        8 => (nth(), any::<bool>(), mostly(), 0..3_u32, rarely()).prop_map(
            |(factor, password, right, counter, replay)| FactorStep::SignIn { factor, password, right, counter, replay }
        ),
        2 => (0..12_u8, mostly()).prop_map(|(code, right)| FactorStep::RecoveryCode { code, right }),
        2 => (nth(), nth()).prop_map(|(session, factor)| FactorStep::ProveMore { session, factor }),
        1 => Just(FactorStep::Reset),
        1 => nth().prop_map(|credential| FactorStep::Destroy { credential }),
        1 => (0..5_u32).prop_map(|count| FactorStep::Failures { count }),
        1 => (nth(), nth()).prop_map(|(session, factor)| FactorStep::Sms { session, factor }),
        1 => Just(FactorStep::Suspend),
        1 => (nth(), nth()).prop_map(|(session, factor)| FactorStep::Resume { session, factor }),
        3 => Just(FactorStep::ResumeAll),
        1 => proptest::sample::select(vec![2, 3, 7]).prop_map(|days| FactorStep::Recover { days }),
        1 => (nth(), nth()).prop_map(|(session, factor)| FactorStep::RecoverOne { session, factor }),
        1 => nth().prop_map(|by| FactorStep::CancelRecovery { by }),
        4 => (nth(), 1..8_u8, nth())
            .prop_map(|(factor, count, session)| FactorStep::WrongPins { factor, count, session }),
        2 => nth().prop_map(|factor| FactorStep::ChangePin { factor }),
        2 => nth().prop_map(|factor| FactorStep::Deny { factor }),
        1 => proptest::sample::select(vec![CampaignStage::Announce, CampaignStage::LastWarning, CampaignStage::Off])
            .prop_map(|stage| FactorStep::EndSms { stage }),
        1 => (0..24_u64, nth()).prop_map(|(version, factor)| FactorStep::Disown { version, factor }),
    ]
}

impl World {
    fn factor(&self, number: usize) -> FactorId {
        let there: Vec<_> = self.account.factors.devices.iter().map(|factor| factor.id).collect();
        choose(number, &there, &self.factors, FactorId::from_bytes([255; 16]))
    }

    /// What device `number` answers, checked with the secret that it has now.
    fn answer(&mut self, number: usize, right: bool, counter: u32, replay: bool) -> FactorVerdict {
        let factor = self.factor(number);
        let known = self.account.factors.by_id(factor).cloned();
        let kind = known.as_ref().map_or(FactorKind::Totp, |factor| factor.kind);
        if !replay || self.challenges.is_empty() {
            let challenge = ChallengeId::from_bytes(self.mint());
            self.challenges.push(challenge);
        }
        let challenge = self.challenges.last().copied();
        let proof = match kind {
            FactorKind::Totp => {
                let step = u64::try_from(self.now.seconds() / 30).unwrap();
                Proof { step: Some(step), ..Proof::by(SignInMethod::Totp) }
            }
            FactorKind::MobileApp if number.is_multiple_of(2) => Proof::by(SignInMethod::MobileAppPinCode),
            FactorKind::MobileApp => Proof::by(SignInMethod::MobileAppQrCode),
            FactorKind::Phone => Proof::by(SignInMethod::Sms),
            kind => Proof {
                counter: Some(counter * u32::try_from(self.minted % 1_000_000).unwrap()),
                user_verified: Some(true),
                backed_up: Some(counter == 1),
                ..Proof::by(kind.method())
            },
        };
        let credential = known.map_or(KeyId::default(), |factor| factor.key);
        FactorVerdict { proof: Proof { factor: Some(factor), challenge, ..proof }, credential, right, code: None }
    }

    fn new_factor(&mut self, kind: FactorKind) -> NewFactor {
        let id = FactorId::from_bytes(self.mint());
        self.factors.push(id);
        let challenge = ChallengeId::from_bytes(self.mint());
        let webauthn = kind.is_phishing_resistant().then(|| WebauthnKey {
            credential: self.mint(),
            rp_id: "localhost".to_owned(),
            aaguid: [0; 16],
            attachment: None,
            transports: Vec::new(),
            discoverable: None,
            backup_eligible: true,
            attestation: Attestation::None,
            certificate_path: Vec::new(),
        });
        NewFactor {
            id,
            kind,
            name: DeviceName::parse(&"\u{10400}".repeat(16)).unwrap(),
            credential: self.new_credential(),
            device: Device::default(),
            webauthn,
            phone: None,
            proof: Proof { factor: Some(id), challenge: Some(challenge), ..Proof::by(kind.method()) },
        }
    }

    /// An app if there is one, with the key of its secret.
    fn app(&self, number: usize) -> (FactorId, KeyId) {
        let apps = self.account.factors.devices.iter().filter(|factor| factor.kind == FactorKind::MobileApp);
        let factor = apps.map(|factor| factor.id).next().unwrap_or_else(|| self.factor(number));
        (factor, self.account.factors.by_id(factor).map_or(KeyId::default(), |factor| factor.key))
    }

    fn password_verdict(&self, right: bool) -> Option<PasswordVerdict> {
        let credential = self.account.password.as_ref()?.credential.key;
        Some(PasswordVerdict { credential, right })
    }

    /// A browser in which the oldest device was proved a moment ago.
    fn proved_browser(&self) -> ProvedBrowser {
        let factor = self.account.factors.devices.first().map_or(0, |factor| factor.number);
        let password = self.account.password.as_ref().map_or(KeyId::default(), |password| password.credential.key);
        ProvedBrowser { generation: self.account.sessions.browser_generation, password, factor, at: self.now }
    }

    pub(super) fn take_factor_step(&mut self, step: &FactorStep) {
        match *step {
            FactorStep::Add { session, kind } => {
                let (session, factor) = (self.session(session), self.new_factor(kind));
                let next = self.new_session(false, None);
                self.decide(&AddFactor { session, factor, next });
            }
            FactorStep::Rename { session, factor } => {
                let name = DeviceName::parse("Renamed").unwrap();
                self.decide(&RenameFactor { session: self.session(session), factor: self.factor(factor), name });
            }
            FactorStep::Remove { session, factor } => {
                self.decide(&RemoveFactor { session: self.session(session), factor: self.factor(factor) });
            }
            FactorStep::RemoveAll { session } => self.decide(&RemoveAllFactors { session: self.session(session) }),
            FactorStep::IssueCodes { session } => {
                let credential = self.new_credential();
                self.decide(&IssueRecoveryCodes { session: self.session(session), credential });
            }
            FactorStep::Always { session, on } => {
                let session = self.session(session);
                self.decide(&ChangeSignInOptions { session, always_second_factor: on });
            }
            FactorStep::SignIn { factor, password, right, counter, replay } => {
                let factor = Some(self.answer(factor, right, counter, replay));
                let verdict = self.password_verdict(true).filter(|_| password);
                let session = self.new_session(false, None);
                if let (None, Some(factor)) = (&verdict, factor) {
                    let (browser, session) = (self.proved_browser(), self.new_session(false, None));
                    self.decide(&SignInAdaptively { browser, session, factor });
                }
                self.decide(&SignIn { verdict, session, rehashed: None, factor });
            }
            FactorStep::RecoveryCode { code, right } => {
                let credential = self.account.factors.recovery.as_ref().map_or(KeyId::default(), |codes| codes.key);
                let proof = Proof::by(SignInMethod::RecoveryCode);
                let factor = Some(FactorVerdict { proof, credential, right, code: Some(code) });
                let (verdict, session) = (self.password_verdict(true), self.new_session(false, None));
                self.decide(&SignIn { verdict, session, rehashed: None, factor });
            }
            FactorStep::ProveMore { session, factor } => {
                let (session, factor) = (self.session(session), Some(self.answer(factor, true, 1, false)));
                let (password, next) = (self.password_verdict(true), self.new_session(false, None));
                self.decide(&ProveMore { session, password, factor, next });
            }
            FactorStep::Reset => self.decide(&ResetFactors { reason: "lost".to_owned() }),
            FactorStep::Destroy { credential } => {
                let credential = self.verdict(credential, true).credential;
                self.decide(&DestroyFactor { credential });
            }
            FactorStep::Suspend => {
                let Some(verdict) = self.password_verdict(true) else { return };
                let link = self.new_link(false);
                self.decide(&RequestSuspension { verdict, link });
                let usable = self.account.links.usable(LinkPurpose::Suspension, self.moment()).next();
                if let Some(link) = usable.map(|open| open.id) {
                    self.decide(&SuspendFactors { link, verdict });
                }
            }
            FactorStep::Resume { session, factor } => {
                self.decide(&ResumeFactor { session: self.session(session), factor: self.factor(factor) });
            }
            FactorStep::ResumeAll => self.decide(&ResumeFactors { reason: "found".to_owned() }),
            FactorStep::Recover { days } => self.recover(days),
            FactorStep::RecoverOne { session, factor } => {
                self.decide(&RecoverFactor { session: self.session(session), factor: self.factor(factor) });
            }
            FactorStep::CancelRecovery { by } => {
                self.recover(0);
                let Some(open) = self.account.recovery.open else { return };
                if by % 2 == 0 {
                    self.decide(&CancelRecovery { requested: open.requested });
                } else if let Some(verdict) = self.password_verdict(true) {
                    let factor = self.answer(by, true, 1, false);
                    self.decide(&CancelRecoveryByDevice { verdict, factor });
                }
            }
            FactorStep::WrongPins { factor, count, session } => {
                let (factor, credential) = self.app(factor);
                for _ in 0..count {
                    self.decide(&RecordWrongPin { factor, credential });
                }
                // Whoever is left with a recovery code comes back by it.
                self.take_factor_step(&FactorStep::RecoveryCode { code: count, right: true });
                let opened = self.account.sessions.open.last().map(|open| open.id);
                let session = opened.unwrap_or_else(|| self.session(session));
                self.decide(&ResumeFactor { session, factor });
            }
            FactorStep::ChangePin { factor } => {
                let (factor, replaces) = self.app(factor);
                let credential = self.new_credential();
                self.decide(&ChangePin { factor, replaces, credential });
            }
            // It ends most of what else can be done: not too often.
            FactorStep::Deny { factor } if factor % 2 > 0 => {}
            FactorStep::Deny { factor } => {
                let (factor, credential) = self.app(factor);
                let challenge = ChallengeId::from_bytes(self.mint());
                self.decide(&OpenAppRequest {
                    challenge,
                    method: SignInMethod::MobileAppPinCode,
                    known_browser: false,
                });
                let last = self.account.sessions.open.last();
                let (session, ends) = (last.map(|open| open.id), last.map(|open| open.expires));
                self.decide(&DenyAppRequest { factor, credential, challenge, known_browser: false, session, ends });
            }
            FactorStep::Disown { version, .. } if version % 2 > 0 => {}
            FactorStep::Disown { version, factor } => {
                let codes = self.account.factors.recovery.as_ref().is_some_and(|codes| !codes.suspended);
                let changed = if codes { Changed::RecoveryCodes } else { Changed::Factor(self.factor(factor)) };
                self.decide(&DisownChange { version, at: self.now, changed });
            }
            FactorStep::Sms { session, factor } => {
                let (session, language) = (self.session(session), Language::English);
                let phone = PhoneNumber::parse("+3225550100").unwrap();
                let (id, challenge) = (FactorId::from_bytes(self.mint()), ChallengeId::from_bytes(self.mint()));
                self.decide(&BeginPhone { session, factor: id, phone, challenge, language });
                let factor = self.factor(factor);
                self.decide(&RequestSmsCode { verdict: None, session: Some(session), factor, challenge, language });
            }
            FactorStep::EndSms { stage } => {
                self.decide(&ListTelephone { is_listed: stage == CampaignStage::Announce });
                self.decide(&DeprecateSms { campaign: 1, stage, off: self.now, grace: 3600 });
            }
            FactorStep::Failures { count } => {
                let (since, method) = (self.now, SignInMethod::Totp);
                self.decide(&RecordSecondFactorFailures { count, since, method, known_browser: false });
            }
        }
    }

    /// Somebody asks for a recovery with the password and a link, and perhaps comes back after a while.
    fn recover(&mut self, days: u64) {
        let Some(link) = self.recovery_link() else { return };
        let Some(verdict) = self.password_verdict(true) else { return };
        self.decide(&BeginRecovery { link, verdict });
        if days == 0 {
            return;
        }
        self.now = self.now.plus(std::time::Duration::from_secs(days * 24 * 3600));
        let Some(link) = self.recovery_link() else { return };
        let session = self.new_session(false, None);
        self.decide(&CompleteRecovery { link, verdict, session });
    }

    fn recovery_link(&mut self) -> Option<LinkId> {
        let verdict = self.password_verdict(true)?;
        let link = self.new_link(false);
        self.decide(&RequestRecoveryLink { verdict, link });
        self.account.links.usable(LinkPurpose::Recovery, self.moment()).next().map(|open| open.id)
    }

    pub(super) fn check_factors(&self) {
        let factors = &self.account.factors;
        assert!(factors.devices.len() <= MAX_FACTORS && factors.remembered.len() <= MAX_REMEMBERED_PROOFS + 1);
        let mut numbers: Vec<_> = factors.devices.iter().map(|factor| factor.number).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), factors.devices.len(), "no number twice");
        assert!(numbers.iter().all(|number| *number < factors.next_number));
        let mut blocked = std::collections::BTreeSet::new();
        for (_, event) in &self.history {
            match event {
                AccountEvent::FactorBlocked(event) => assert!(blocked.insert(event.factor), "once"),
                AccountEvent::FactorUnblocked(event) => assert!(blocked.remove(&event.factor), "only what is blocked"),
                _ => {}
            }
        }
        let counts = |factor: &Factor| factor.counts() && blocked.contains(&factor.id);
        assert!(!factors.devices.iter().any(counts), "what is blocked does not count");
        let mut ends = self.now;
        for (decided, event) in &self.history {
            match event {
                AccountEvent::RecoveryRequested(requested) => ends = requested.ends,
                AccountEvent::RecoveryCompleted(_) => assert!(*decided >= ends, "nothing goes before the end"),
                _ => {}
            }
        }
        let mut steps = std::collections::BTreeSet::new();
        for (_, event) in &self.history {
            let AccountEvent::SignedIn(signed_in) = event else { continue };
            for proof in signed_in.proofs.iter().filter(|proof| proof.step.is_some()) {
                assert!(steps.insert((proof.factor, proof.step)), "a time step counts once");
            }
        }
    }
}
