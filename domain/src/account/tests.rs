//! What holds for the state as a whole.

use super::{
    Account, AccountCreated, AccountEvent, Attestation, ClosedLink, Closing, Credential, Device, EmailLinkRequested,
    Factor, FactorAdded, FactorKind, Factors, Identity, Level, LinkNamed, LinkPurpose, LinkStanding, Links,
    MAX_ASKED_AGAIN, MAX_DISOWNED, MAX_FACTORS, MAX_OPEN_LINKS, MAX_REMEMBERED_PROOFS, MAX_SESSIONS, MAX_STATE,
    MAX_TARGET, MailLanguageChanged, Means, NamesCorrected, OpenLink, OpenRecovery, PasswordState, Phase, Proof,
    Recovery, RecoveryCodes, RememberedProof, Session, Sessions, SignInMethod, SignedIn, SmsEnd, SuspensionReason,
    WebauthnKey,
};
use crate::aggregate::{Aggregate, Claim, ClaimKind};
use crate::campaign::CampaignStage;
use crate::ids::{BrowserTag, ChallengeId, FactorId, KeyId, LinkId, SessionId};
use crate::time::Timestamp;
use crate::values::{DeviceName, EmailAddress, Language, NormalisedEmail, PersonName, Uid};

const LATEST: Timestamp = Timestamp(i64::MAX);

/// A version that no stream reaches in anybody's life.
const VERSION: u64 = u32::MAX as u64;

fn link(n: u8) -> LinkId {
    LinkId::from_bytes([n; 8])
}

fn created() -> AccountEvent {
    let email = EmailAddress::parse("ada@example.org").unwrap();
    AccountEvent::Created(AccountCreated {
        uid: Uid::from_random(1),
        first_name: PersonName::parse("Ada").unwrap(),
        last_name: PersonName::parse("Lovelace").unwrap(),
        normalised: email.normalised(),
        email,
        language: Language::English,
    })
}

fn requested(n: u8, purpose: LinkPurpose, valid_until: Timestamp) -> AccountEvent {
    AccountEvent::EmailLinkRequested(EmailLinkRequested {
        link: link(n),
        purpose,
        browser: Some(BrowserTag::from_bytes([255; 16])),
        target: Some("/".repeat(MAX_TARGET)),
        language: Language::Greek,
        valid_until,
    })
}

fn fold(events: impl IntoIterator<Item = AccountEvent>) -> Account {
    let mut account = Account::default();
    for event in events {
        account.evolve(Timestamp(0), &event);
    }
    account
}

/// The largest account that there can be, built from its largest parts.
fn largest() -> Account {
    // Four octets each, the most that a name may have.
    let name = PersonName::parse(&"\u{10400}".repeat(PersonName::MAX_CHARACTERS)).unwrap();
    assert_eq!(name.as_str().len(), 400);
    let labels = ["a".repeat(63), "b".repeat(63), "c".repeat(57), "example".to_owned()].join(".");
    let email = EmailAddress::parse(&format!("{}@{labels}", "d".repeat(60))).unwrap();
    assert_eq!(email.as_str().len(), EmailAddress::MAX_OCTETS);
    let open = |n: u8, purpose| OpenLink {
        id: link(n),
        purpose,
        browser: Some(BrowserTag::from_bytes([255; 16])),
        target: Some("/".repeat(MAX_TARGET)),
        language: Language::Greek,
        requested: LATEST,
        sent: true,
        valid_until: LATEST,
        asked_again: vec![BrowserTag::from_bytes([255; 16]); MAX_ASKED_AGAIN],
    };
    Account {
        phase: Phase::Active,
        suspended: true,
        identity: Some(Identity {
            uid: Uid::from_random(1),
            first_name: name.clone(),
            last_name: name,
            // Folding and NFC may make the local part longer than it was typed.
            normalised: NormalisedEmail { version: 255, value: "e".repeat(2 * EmailAddress::MAX_OCTETS) },
            email,
            language: Language::Greek,
            created: LATEST,
            confirmed: Some(LATEST),
            privacy_version: Some("v".repeat(64)),
        }),
        links: Links {
            open: (0..5)
                .flat_map(|n| {
                    let suspension = open(n + 22, LinkPurpose::Suspension);
                    let suspension = OpenLink { browser: None, target: None, asked_again: Vec::new(), ..suspension };
                    let recovery = OpenLink { id: link(n + 27), purpose: LinkPurpose::Recovery, ..suspension.clone() };
                    [open(n, LinkPurpose::Registration), open(n + 5, LinkPurpose::Reset), suspension, recovery]
                })
                .collect(),
            closed: (10..22)
                .map(|n| ClosedLink { id: link(n), closing: Closing::Expired, purpose: LinkPurpose::Reset })
                .collect(),
            last_request: Some(LATEST),
        },
        password: Some(PasswordState {
            credential: Credential { key: KeyId::from_bytes([255; 16]), sealed: vec![255; 512] },
            set: LATEST,
        }),
        sessions: Sessions {
            open: (0..50)
                .map(|n| Session {
                    id: SessionId::from_bytes([n; 16]),
                    secret_hash: [n; 32],
                    began: LATEST,
                    idle: u32::MAX,
                    expires: LATEST,
                    public_computer: true,
                    level: Level::Medium,
                    factors: vec![u16::MAX; 2],
                    means: Means::App,
                })
                .collect(),
            browser_generation: u32::MAX,
            sign_ins: u8::MAX,
        },
        lock_told: Some(LATEST),
        factors: Factors {
            devices: (0..20)
                .map(|n| Factor {
                    id: FactorId::from_bytes([n; 16]),
                    number: u16::MAX - u16::from(n),
                    kind: FactorKind::Passkey,
                    name: DeviceName::parse(&"\u{10400}".repeat(16)).unwrap(),
                    added: LATEST,
                    used: Some(LATEST),
                    key: KeyId::from_bytes([100 + n; 16]),
                    credential: Some([n; 32]),
                    step: u64::MAX,
                    counter: u32::MAX,
                    backed_up: true,
                    suspended: Some(SuspensionReason::Lost),
                    event: VERSION,
                    // Only an app has a PIN, and only a telephone comes to its end; neither has a credential.
                    wrong_pins: None,
                    off: false,
                })
                .collect(),
            next_number: u16::MAX,
            recovery: Some(RecoveryCodes {
                key: KeyId::from_bytes([254; 16]),
                issued: LATEST,
                left: u16::MAX,
                suspended: true,
                event: VERSION,
            }),
            always: true,
            remembered: (0..16)
                .map(|n| RememberedProof { challenge: ChallengeId::from_bytes([n; 16]), at: LATEST })
                .collect(),
            told: Some(LATEST),
            disowned: vec![VERSION; MAX_DISOWNED],
            // There is a last sign-in for telephones only until another device is added.
            sms: Some(SmsEnd { campaign: u16::MAX, stage: CampaignStage::Off, off: LATEST, last_until: None }),
            listed: true,
        },
        recovery: Recovery {
            open: Some(OpenRecovery { requested: LATEST, ends: LATEST, factor: Some(FactorId::from_bytes([0; 16])) }),
            reset: Some(LATEST),
            factor_owed: true,
        },
        events: VERSION,
    }
}

#[test]
fn the_largest_account_is_within_the_bound() {
    let largest = largest();
    assert_eq!(largest.sessions.open.len(), MAX_SESSIONS);
    assert_eq!(largest.factors.devices.len(), MAX_FACTORS);
    assert_eq!(largest.factors.remembered.len(), MAX_REMEMBERED_PROOFS);
    assert_eq!(largest.links.open.len(), 4 * MAX_OPEN_LINKS);
    let length = largest.encode().len();
    assert!(length <= MAX_STATE, "{length}");
    // The parts are all there: less than half of the bound would mean that something is missing.
    assert!(length > MAX_STATE / 2, "{length}");
    assert_eq!(Account::decode(&largest.encode()).unwrap(), largest);
}

/// What their proofs are checked with, here two kilobytes each, lies in the events.
#[test]
fn twenty_keys_with_the_longest_names_take_a_quarter_of_the_bound() {
    let key = |n: u8| {
        let (factor, challenge) = (FactorId::from_bytes([n; 16]), ChallengeId::from_bytes([n; 16]));
        let proof = Proof {
            factor: Some(factor),
            challenge: Some(challenge),
            counter: Some(u32::MAX),
            ..Proof::by(SignInMethod::Passkey)
        };
        AccountEvent::FactorAdded(FactorAdded {
            factor,
            number: u16::MAX - u16::from(n),
            kind: FactorKind::Passkey,
            name: DeviceName::parse(&"\u{10400}".repeat(16)).unwrap(),
            credential: Credential { key: KeyId::from_bytes([n; 16]), sealed: vec![n; 2048] },
            device: Device { os: "o".repeat(64), manufacturer: "m".repeat(64), model: "m".repeat(64) },
            webauthn: Some(WebauthnKey {
                credential: [n; 32],
                rp_id: "login.example.org".to_owned(),
                aaguid: [n; 16],
                attachment: None,
                transports: vec!["usb".to_owned(), "nfc".to_owned()],
                discoverable: Some(true),
                backup_eligible: true,
                attestation: Attestation::Trusted,
                certificate_path: vec!["c".repeat(256)],
            }),
            phone: None,
            proof,
        })
    };
    let without = fold([created()]).encode().len();
    let account = fold(std::iter::once(created()).chain((0..20).map(key)));
    assert_eq!(account.factors.devices.len(), MAX_FACTORS);
    let taken = account.encode().len() - without;
    assert!((MAX_FACTORS * 150..MAX_STATE / 4).contains(&taken), "{taken}");
}

#[test]
fn sign_ins_are_counted_but_for_what_goes_on_and_what_replaced_a_lost_password() {
    let signed_in = |n: u8, method, continues| {
        AccountEvent::SignedIn(SignedIn {
            session: SessionId::from_bytes([n; 16]),
            secret_hash: [n; 32],
            proofs: vec![Proof::by(method)],
            known_browser: true,
            public_computer: false,
            idle: 60,
            expires: LATEST,
            level: Level::Basic,
            strengths: Vec::new(),
            continues,
        })
    };
    let sign_ins = |events: Vec<AccountEvent>| fold(events).sessions.sign_ins;
    let first = signed_in(1, SignInMethod::MailedLink, None);
    let reset = signed_in(2, SignInMethod::MailedLink, None);
    let typed = signed_in(3, SignInMethod::Password, None);
    let more = signed_in(4, SignInMethod::Password, Some(SessionId::from_bytes([3; 16])));
    assert_eq!(sign_ins(vec![first.clone()]), 1);
    assert_eq!(sign_ins(vec![first.clone(), reset, typed.clone(), more]), 2);
    assert_eq!(sign_ins(std::iter::once(first).chain(std::iter::repeat_n(typed, 300)).collect()), u8::MAX);
}

#[test]
fn links_stay_within_the_bound_whatever_is_requested() {
    let mut account = fold([created()]);
    for n in 0..40 {
        // Some over, some open, so that either may have to make room.
        let valid_until = if n % 3 == 0 { Timestamp(0) } else { LATEST };
        account.evolve(Timestamp(0), &requested(n, LinkPurpose::Registration, valid_until));
        account.evolve(Timestamp(0), &requested(100 + n, LinkPurpose::Reset, valid_until));
        for purpose in [LinkPurpose::Registration, LinkPurpose::Reset] {
            let open = account.links.open.iter().filter(|link| link.purpose == purpose).count();
            assert!(open <= MAX_OPEN_LINKS);
        }
        assert!(account.links.closed.len() <= 12);
    }
    assert_eq!(account.links.closed.len(), 12, "the oldest closed ones are forgotten");
    assert_eq!(account.links.standing(link(0), Timestamp(0)), LinkStanding::Expired, "as if its time were over");
}

#[test]
fn claims_are_what_the_state_holds() {
    let account = fold([created(), requested(1, LinkPurpose::Registration, LATEST)]);
    let claim = |kind, value: &[u8]| Claim { kind, value: value.to_vec() };
    let expected = [
        claim(ClaimKind::Email, b"ada@example.org"),
        claim(ClaimKind::Uid, b"n3222222"),
        claim(ClaimKind::Link, &[1; 8]),
    ];
    assert_eq!(account.claims(), expected);
    let names = 3;
    assert_eq!(largest().claims().len(), names + 4 * MAX_OPEN_LINKS + MAX_SESSIONS + MAX_FACTORS);
    assert!(largest().claims().contains(&claim(ClaimKind::SmsAccount, b"n3222222+")));
    let unlisted = Account { factors: Factors { listed: false, ..largest().factors }, ..largest() };
    assert!(unlisted.claims().contains(&claim(ClaimKind::SmsAccount, b"n3222222")));
    assert_eq!(largest().secret_keys().len(), 1 + MAX_FACTORS + 1, "the password, each device, the recovery codes");
    assert!(Account::default().claims().is_empty() && Account::default().secret_keys().is_empty());
}

#[test]
fn a_claims_debug_form_tells_no_address() {
    let claim = Claim { kind: ClaimKind::Email, value: b"ada@example.org".to_vec() };
    assert_eq!(format!("{claim:?}"), "Claim(Email)");
}

/// The stream of a lapsed registration is folded long after its key is gone.
#[test]
fn a_redacted_fold_ends_where_the_lapse_left_it() {
    let events = [created(), requested(1, LinkPurpose::Registration, LATEST), AccountEvent::RegistrationLapsed];
    let open = fold(events.clone());
    let redacted = fold(
        events.map(|event| if event == AccountEvent::RegistrationLapsed { event } else { AccountEvent::Redacted }),
    );
    assert_eq!(open, redacted);
    assert!(redacted.is_tombstone());
}

#[test]
fn a_redacted_event_changes_nothing() {
    for account in [Account::default(), fold([created()]), largest()] {
        let mut after = account.clone();
        after.evolve(LATEST, &AccountEvent::Redacted);
        assert_eq!(after, Account { events: after.events, ..account });
    }
}

/// Where the event that made the account is redacted, the others still fold.
#[test]
fn events_about_an_unknown_person_fold() {
    let account = fold([
        AccountEvent::Redacted,
        AccountEvent::NamesCorrected(NamesCorrected {
            first_name: PersonName::parse("Ada").unwrap(),
            last_name: PersonName::parse("King").unwrap(),
        }),
        AccountEvent::MailLanguageChanged(MailLanguageChanged { language: Language::Greek }),
        AccountEvent::EmailConfirmed(LinkNamed { link: link(1) }),
    ]);
    assert_eq!(account.identity, None);
    assert_eq!(account.phase, Phase::Active);
}
