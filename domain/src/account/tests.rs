//! What holds for the state as a whole.

use super::{
    Account, AccountCreated, AccountEvent, ClosedLink, Closing, Credential, EmailLinkRequested, Identity, LinkNamed,
    LinkPurpose, LinkStanding, Links, MAX_ASKED_AGAIN, MAX_OPEN_LINKS, MAX_SESSIONS, MAX_STATE, MAX_TARGET,
    MailLanguageChanged, NamesCorrected, OpenLink, PasswordState, Phase, Session, Sessions,
};
use crate::aggregate::{Aggregate, Claim, ClaimKind};
use crate::ids::{BrowserTag, KeyId, LinkId, SessionId};
use crate::time::Timestamp;
use crate::values::{EmailAddress, Language, NormalisedEmail, PersonName, Uid};

const LATEST: Timestamp = Timestamp(i64::MAX);

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
            open: (0..5).flat_map(|n| [open(n, LinkPurpose::Registration), open(n + 5, LinkPurpose::Reset)]).collect(),
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
                })
                .collect(),
            browser_generation: u32::MAX,
        },
        lock_told: Some(LATEST),
    }
}

#[test]
fn the_largest_account_is_within_the_bound() {
    let largest = largest();
    assert_eq!(largest.sessions.open.len(), MAX_SESSIONS);
    assert_eq!(largest.links.open.len(), 2 * MAX_OPEN_LINKS);
    let length = largest.encode().len();
    assert!(length <= MAX_STATE, "{length}");
    // The parts are all there: less than half of the bound would mean that something is missing.
    assert!(length > MAX_STATE / 2, "{length}");
    assert_eq!(Account::decode(&largest.encode()).unwrap(), largest);
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
    assert_eq!(largest().claims().len(), 2 + 2 * MAX_OPEN_LINKS + MAX_SESSIONS);
    assert_eq!(largest().secret_keys(), [KeyId::from_bytes([255; 16])]);
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
        assert_eq!(after, account);
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
