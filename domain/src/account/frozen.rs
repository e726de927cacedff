//! Everything of an account that is stored, as it is stored. A snapshot that changes is a broken promise: see
//! [`crate::frozen`].

mod factors;

use std::collections::BTreeSet;
use std::fmt::Debug;

use super::commands::*;
use super::{
    AcceptedOn, Account, AccountCreated, AccountEvent, Closing, Credential, EmailLinkRepeated, EmailLinkRequested,
    EmailLinkSent, EndReason, FactorKind, Level, LinkNamed, LinkPurpose, LockScope, MailLanguageChanged, MailRefused,
    Means, NamesCorrected, PasswordDestroyed, PasswordReason, PasswordRehashed, PasswordResetRequested, PasswordSet,
    Phase, PrivacyStatementAccepted, Proof, ReasonGiven, RemovalReason, SessionsEnded, SessionsEndedV1, SignInFailed,
    SignInLocked, SignInMethod, SignedIn, SignedInV1, SignedOut, Strength, SuspensionReason,
};
use crate::aggregate::{Aggregate, Command, DomainEvent, Subject};
use crate::frozen::render;
use crate::ids::{BrowserTag, KeyId, LinkId, SessionId};
use crate::time::Timestamp;
use crate::values::{EmailAddress, Language, PasswordRule, PersonName, Uid};

fn name(text: &str) -> PersonName {
    PersonName::parse(text).unwrap()
}

fn link(n: u8) -> LinkId {
    LinkId::from_bytes([n; 8])
}

fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

fn credential(n: u8) -> Credential {
    Credential { key: KeyId::from_bytes([n; 16]), sealed: vec![n, n + 1, n + 2] }
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn email() -> EmailAddress {
    EmailAddress::parse("Ada.Straße@Bücher.example").unwrap()
}

/// Events of every type, each optional field present and absent, in an order that could have happened. The last one
/// ends everything.
pub(super) fn events() -> Vec<AccountEvent> {
    use AccountEvent as E;
    let requested = |n, purpose| EmailLinkRequested {
        link: link(n),
        purpose,
        browser: None,
        target: None,
        language: Language::Greek,
        valid_until: moment(86_400),
    };
    let before = vec![
        E::Created(AccountCreated {
            uid: Uid::from_random(1_234_567_890),
            first_name: name("Ada"),
            last_name: name("Λάμδα"),
            email: email(),
            normalised: email().normalised(),
            language: Language::French,
        }),
        E::PrivacyStatementAccepted(PrivacyStatementAccepted {
            version: "2026-01".to_owned(),
            language: Language::German,
            accepted_on: AcceptedOn::Form,
        }),
        E::EmailLinkRequested(requested(1, LinkPurpose::Registration)),
        E::EmailLinkRequested(EmailLinkRequested {
            browser: Some(BrowserTag::from_bytes([2; 16])),
            target: Some("/account?a=1".to_owned()),
            ..requested(2, LinkPurpose::Registration)
        }),
        E::EmailLinkRequested(requested(3, LinkPurpose::Registration)),
        E::EmailLinkRepeated(EmailLinkRepeated { link: link(2), browser: None, language: None }),
        E::EmailLinkRepeated(EmailLinkRepeated {
            link: link(2),
            browser: Some(BrowserTag::from_bytes([3; 16])),
            language: Some(Language::French),
        }),
        E::EmailLinkSent(EmailLinkSent { link: link(2), valid_until: moment(5_400) }),
        E::EmailLinkExpired(LinkNamed { link: link(3) }),
        E::MailRefused(MailRefused { mail: "registration".to_owned(), link: Some(link(1)), code: 550 }),
        E::MailRefused(MailRefused { mail: "locked".to_owned(), link: None, code: 0 }),
        E::EmailConfirmed(LinkNamed { link: link(2) }),
        E::NamesCorrected(NamesCorrected { first_name: name("Ada"), last_name: name("O'Neill-Λ.") }),
        E::PrivacyStatementAccepted(PrivacyStatementAccepted {
            version: "2026-02".to_owned(),
            language: Language::English,
            accepted_on: AcceptedOn::Link,
        }),
        E::PasswordSet(PasswordSet {
            credential: credential(1),
            reason: PasswordReason::Registration,
            rule: PasswordRule::EuLogin,
            link: Some(link(2)),
        }),
        E::SignedIn(signed_in(1, SignInMethod::MailedLink)),
        E::SignedIn(SignedIn { known_browser: true, public_computer: true, ..signed_in(2, SignInMethod::Password) }),
        E::SignedIn(signed_in(3, SignInMethod::Password)),
        E::RegistrationRepeated,
        E::PasswordRehashed(PasswordRehashed { credential: credential(2) }),
        E::PasswordResetRequested(PasswordResetRequested { by_uid: true }),
        E::EmailLinkRequested(requested(4, LinkPurpose::Reset)),
        E::PasswordSet(PasswordSet {
            credential: credential(3),
            reason: PasswordReason::Change,
            rule: PasswordRule::Nist,
            link: None,
        }),
        E::MailLanguageChanged(MailLanguageChanged { language: Language::German }),
        E::SignInFailed(SignInFailed { count: 70_000, since: moment(0), known_browser: true }),
        E::SignInLocked(SignInLocked { scope: LockScope::UnknownBrowsers, until: moment(900), owner_told: true }),
        E::SignedOut(SignedOut { session: session(1) }),
        E::SessionsEnded(SessionsEnded {
            sessions: vec![session(2)],
            reason: EndReason::Administrator,
            browsers_forgotten: true,
            note: Some("reported stolen".to_owned()),
        }),
        E::SessionsEnded(SessionsEnded {
            sessions: vec![],
            reason: EndReason::Everywhere,
            browsers_forgotten: false,
            note: None,
        }),
    ];
    let after = vec![
        E::Suspended(ReasonGiven { reason: "reported stolen".to_owned() }),
        E::Resumed(ReasonGiven { reason: "given back".to_owned() }),
        E::PasswordDestroyed(PasswordDestroyed { credential: credential(3).key }),
        E::Erased,
        E::RegistrationLapsed,
    ];
    [before, factors::events(), after].concat()
}

/// The same, and those on which no state depends.
pub(super) fn every_event() -> Vec<AccountEvent> {
    [events(), factors::promises()].concat()
}

fn signed_in(n: u8, method: SignInMethod) -> SignedIn {
    SignedIn {
        session: session(n),
        secret_hash: [n; 32],
        proofs: vec![Proof::by(method)],
        known_browser: false,
        public_computer: false,
        idle: 3_600,
        expires: moment(43_200),
        level: Level::Basic,
        strengths: vec![Strength::Password],
        continues: None,
    }
}

fn decode(event: &AccountEvent, subject: Option<&[u8]>) -> AccountEvent {
    let subject = subject.map_or(Subject::Absent, Subject::Open);
    AccountEvent::decode(event.event_type(), event.schema_version(), subject).unwrap()
}

#[test]
fn every_event_keeps_its_shape() {
    for (event_type, version) in AccountEvent::TYPES {
        let of_type = |event: &AccountEvent| (event.event_type(), event.schema_version()) == (*event_type, *version);
        let examples: Vec<_> = every_event().into_iter().filter(of_type).collect();
        assert!(!examples.is_empty(), "no example of {event_type}");
        let shapes = examples.iter().map(|event| {
            let encoded = event.encode();
            assert_eq!(decode(event, encoded.as_deref()), *event);
            encoded.map_or_else(|| "no subject part".to_owned(), |bytes| render(&bytes))
        });
        let shapes: Vec<_> = shapes.collect();
        insta::assert_snapshot!(format!("{event_type}.v{version}"), shapes.join("\n\n"));
    }
}

/// Shapes that were written once are read for ever, as what they mean today.
#[test]
fn every_former_event_keeps_its_shape_and_is_upgraded() {
    let named = crate::aggregate::to_cbor(&LinkNamed { link: link(2) });
    let repeated = EmailLinkRepeated { link: link(2), browser: None, language: None };
    let opened = |n: u8, methods: &[SignInMethod], told: bool| SignedInV1 {
        session: session(n),
        secret_hash: [n; 32],
        methods: methods.to_vec(),
        known_browser: told,
        public_computer: told,
        idle: 3_600,
        expires: moment(43_200),
    };
    let signed = |n: u8, method: SignInMethod, told: bool| {
        let today = SignedIn { known_browser: told, public_computer: told, ..signed_in(n, method) };
        (crate::aggregate::to_cbor(&opened(n, &[method], told)), AccountEvent::SignedIn(today))
    };
    let ended = |sessions: Vec<SessionId>, reason: EndReason, browsers_forgotten: bool| {
        let former = SessionsEndedV1 { sessions, reason, browsers_forgotten };
        (crate::aggregate::to_cbor(&former), AccountEvent::SessionsEnded(former.into()))
    };
    let former = [
        ("account.email_link_repeated", 1, vec![(named, AccountEvent::EmailLinkRepeated(repeated))]),
        (
            "account.signed_in",
            1,
            vec![
                signed(1, SignInMethod::MailedLink, false),
                signed(2, SignInMethod::Password, true),
                signed(3, SignInMethod::Password, false),
            ],
        ),
        (
            "account.sessions_ended",
            1,
            vec![ended(vec![session(2)], EndReason::Administrator, true), ended(vec![], EndReason::Everywhere, false)],
        ),
    ];
    for (event_type, version, examples) in &former {
        for (bytes, today) in examples {
            assert_eq!(AccountEvent::decode(event_type, *version, Subject::Open(bytes)).unwrap(), *today);
        }
        let redacted = AccountEvent::decode(event_type, *version, Subject::Redacted).unwrap();
        assert_eq!(redacted, AccountEvent::Redacted);
        let shapes: Vec<_> = examples.iter().map(|(bytes, _)| render(bytes)).collect();
        insta::assert_snapshot!(format!("{event_type}.v{version}"), shapes.join("\n\n"));
    }
    assert_eq!(AccountEvent::FORMER_TYPES, former.map(|(event_type, version, ..)| (event_type, version)));
}

#[test]
fn every_number_keeps_its_meaning() {
    fn numbers<T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()> + PartialEq + Debug>(
        name: &str,
        all: &[T],
    ) -> String {
        let number = |value: &T| {
            let bytes = minicbor::to_vec(value).unwrap();
            assert_eq!(minicbor::decode::<T>(&bytes).unwrap(), *value);
            format!("  {} {value:?}", render(&bytes).lines().next().unwrap())
        };
        format!("{name}\n{}", all.iter().map(number).collect::<Vec<_>>().join("\n"))
    }
    let all = [
        numbers(
            "LinkPurpose",
            &[LinkPurpose::Registration, LinkPurpose::Reset, LinkPurpose::Suspension, LinkPurpose::Recovery],
        ),
        numbers("AcceptedOn", &[AcceptedOn::Form, AcceptedOn::Link]),
        numbers("PasswordReason", &[PasswordReason::Registration, PasswordReason::Reset, PasswordReason::Change]),
        numbers(
            "SignInMethod",
            &[
                SignInMethod::Password,
                SignInMethod::MailedLink,
                SignInMethod::Passkey,
                SignInMethod::SecurityKey,
                SignInMethod::Totp,
                SignInMethod::RecoveryCode,
                SignInMethod::MobileAppQrCode,
                SignInMethod::MobileAppPinCode,
                SignInMethod::OnMobile,
                SignInMethod::Sms,
            ],
        ),
        numbers(
            "FactorKind",
            &[FactorKind::Passkey, FactorKind::SecurityKey, FactorKind::Totp, FactorKind::MobileApp, FactorKind::Phone],
        ),
        numbers("Means", &[Means::None, Means::RecoveryCode, Means::PasswordAndApp, Means::App]),
        numbers("Level", &[Level::Basic, Level::Medium, Level::High]),
        numbers(
            "Strength",
            &[
                Strength::Password,
                Strength::PasswordSoftwareToken,
                Strength::PasswordWebauthn,
                Strength::PasswordMobileApp,
                Strength::MobileApp,
                Strength::PasswordSms,
            ],
        ),
        numbers(
            "RemovalReason",
            &[
                RemovalReason::Person,
                RemovalReason::Everything,
                RemovalReason::Administrator,
                RemovalReason::Restored,
                RemovalReason::Recovery,
            ],
        ),
        numbers("SuspensionReason", &[SuspensionReason::Disowned, SuspensionReason::Lost]),
        numbers("Attachment", &[super::Attachment::Platform, super::Attachment::CrossPlatform]),
        numbers("Attestation", &[super::Attestation::None, super::Attestation::Own, super::Attestation::Trusted]),
        numbers(
            "EndReason",
            &[
                EndReason::Person,
                EndReason::Everywhere,
                EndReason::PasswordChanged,
                EndReason::PasswordReset,
                EndReason::TooMany,
                EndReason::Administrator,
                EndReason::Suspended,
                EndReason::FactorRequired,
                EndReason::FactorsRemoved,
                EndReason::Disowned,
                EndReason::FactorsSuspended,
            ],
        ),
        numbers("LockScope", &[LockScope::Network, LockScope::UnknownBrowsers, LockScope::KnownBrowser]),
        numbers("Closing", &[Closing::Used, Closing::Superseded, Closing::Expired]),
        numbers("Phase", &[Phase::Absent, Phase::Unconfirmed, Phase::Active, Phase::Lapsed]),
        numbers("Language", &[Language::English, Language::French, Language::German, Language::Greek]),
        numbers("PasswordRule", &[PasswordRule::EuLogin, PasswordRule::Nist]),
    ];
    insta::assert_snapshot!("numbers", all.join("\n"));
}

/// A stored state is trusted as long as the fold's version is the same: where this changes, raise
/// [`Aggregate::FOLD_VERSION`] and keep the old snapshot.
#[test]
fn a_fold_of_one_version_always_gives_the_same_state() {
    let mut shapes = Vec::new();
    let mut account = Account::default();
    for (second, event) in (0..).zip(events()) {
        shapes.push(render(&account.encode()));
        account.evolve(moment(second), &event);
        let encoded = account.encode();
        assert_eq!(Account::decode(&encoded).unwrap(), account);
    }
    shapes.push(render(&account.encode()));
    shapes.dedup();
    insta::assert_snapshot!(format!("account.fold_{}", Account::FOLD_VERSION), shapes.join("\n\n"));
}

struct Frozen {
    name: String,
    shape: String,
}

fn frozen<C>(examples: &[C]) -> Frozen
where
    C: Command + PartialEq + for<'b> minicbor::Decode<'b, ()>,
{
    let shapes = examples.iter().map(|command| {
        let bytes = command.encode();
        assert_eq!(minicbor::decode::<C>(&bytes).unwrap(), *command);
        render(&bytes)
    });
    Frozen { name: format!("{}.v{}", C::NAME, C::VERSION), shape: shapes.collect::<Vec<_>>().join("\n\n") }
}

fn registration(privacy_language: Option<Language>) -> RequestRegistration {
    RequestRegistration {
        uid: Uid::from_random(1_234_567_890),
        first_name: name("Ada"),
        last_name: name("Λάμδα"),
        email: email(),
        normalised: email().normalised(),
        language: Language::French,
        link: NewLink { id: link(1), browser: None, target: None, language: Language::Greek },
        privacy_version: "2026-01".to_owned(),
        privacy_language,
    }
}

fn commands() -> Vec<Frozen> {
    let new_link = NewLink { id: link(1), browser: None, target: None, language: Language::Greek };
    let full_link = NewLink {
        browser: Some(BrowserTag::from_bytes([2; 16])),
        target: Some("/account".to_owned()),
        ..new_link.clone()
    };
    let password = NewPassword { credential: credential(1), rule: PasswordRule::Nist };
    let new_session = NewSession {
        id: session(1),
        secret_hash: [1; 32],
        known_browser: false,
        public_computer: true,
        least_recent: None,
    };
    let full_session = NewSession { known_browser: true, least_recent: Some(session(2)), ..new_session.clone() };
    let of_factors = factors::commands(&full_session);
    let verdict = PasswordVerdict { credential: KeyId::from_bytes([4; 16]), right: true };
    let failures = RecordSignInFailures { count: 3, since: moment(0), known_browser: true, locked: None };
    let locked = Locked { scope: LockScope::KnownBrowser, until: moment(900) };
    let others = vec![
        frozen(&[registration(Some(Language::German))]),
        frozen(&[
            RequestPasswordReset { link: new_link, by_uid: false },
            RequestPasswordReset { link: full_link.clone(), by_uid: true },
        ]),
        frozen(&[CompleteRegistration {
            link: link(1),
            first_name: name("Ada"),
            last_name: name("Λάμδα"),
            privacy_version: "2026-01".to_owned(),
            language: Language::German,
            password: password.clone(),
            session: new_session,
        }]),
        frozen(&[CompleteReset { link: link(1), password: password.clone(), session: full_session.clone() }]),
        frozen(&[ChangePassword { verdict, password, session: session(1), next: full_session.clone() }]),
        frozen(&[ChangeMailLanguage { language: Language::Greek, session: session(1) }]),
        frozen(&[SignOut { session: session(1) }]),
        frozen(&[
            EndSessions { which: Which::One(session(1)), asked_in: Some(session(2)), note: None },
            EndSessions { which: Which::All, asked_in: None, note: Some("reported stolen".to_owned()) },
        ]),
        frozen(&[Suspend { reason: "stolen".to_owned() }]),
        frozen(&[Resume { reason: "given back".to_owned() }]),
        frozen(&[Invite {
            uid: Uid::from_random(1_234_567_890),
            first_name: name("Ada"),
            last_name: name("Λάμδα"),
            email: email(),
            normalised: email().normalised(),
            language: Language::French,
            link: full_link.clone(),
        }]),
        frozen(&[ExpireLinks {}]),
        frozen(&[LapseRegistration {}]),
        frozen(&[EraseAgain {}]),
        frozen(&[DestroyPassword { credential: KeyId::from_bytes([4; 16]) }]),
        frozen(&[RecordLinkSent { link: link(1) }]),
        frozen(&[
            RecordMailRefused { mail: "registration".to_owned(), link: Some(link(1)), code: 550 },
            RecordMailRefused { mail: "locked".to_owned(), link: None, code: 0 },
        ]),
        frozen(&[failures, RecordSignInFailures { locked: Some(locked), ..failures }]),
    ];
    others.into_iter().chain(of_factors).collect()
}

#[test]
fn every_command_keeps_its_shape() {
    for command in commands() {
        insta::assert_snapshot!(command.name, command.shape);
    }
}

/// Decision inputs that an older version wrote are read as what they meant.
#[test]
fn commands_of_older_versions_are_still_read() {
    let shape = frozen(&[registration(None)]).shape;
    insta::assert_snapshot!("request-registration.v1", shape);
    // A verdict, a session, and perhaps a hash; there were no second factors.
    let verdict = PasswordVerdict { credential: KeyId::from_bytes([4; 16]), right: true };
    let session = NewSession {
        id: session(1),
        secret_hash: [1; 32],
        known_browser: false,
        public_computer: true,
        least_recent: None,
    };
    let bytes = crate::aggregate::to_cbor(&(verdict, session.clone(), None::<Credential>));
    let read: SignIn = minicbor::decode(&bytes).unwrap();
    assert_eq!(read, SignIn { verdict: Some(verdict), session, rehashed: None, factor: None });
}

/// Commands are found by where they name themselves.
#[test]
fn no_command_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/account/commands");
    let mut written = BTreeSet::new();
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(file).unwrap();
        for rest in text.split("    command_shape!(\"").skip(1) {
            let (name, rest) = rest.split_once("\" v ").unwrap();
            written.insert(format!("{name}.v{}", rest.split_once(':').unwrap().0));
        }
    }
    assert_eq!(written, commands().into_iter().map(|command| command.name).collect());
}
