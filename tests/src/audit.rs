//! Verification for tests: after whatever a test did to a log, the tables say what the log says. And a story in which all
//! happens that leaves a trace.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::account::Account;
use chancery_domain::application::Scope;
use chancery_domain::log::{KnownHead, LogEvent};
use chancery_domain::values::Uid;
use chancery_domain::{Aggregate, Claim, DecodeError, DomainEvent, KeyId, Subject, Timestamp};
use chancery_eventstore::keys::{CredentialKeys, FileKeys};
use chancery_eventstore::verify::{Kind, Options, Report, Verifier};
use chancery_eventstore::{Backend, BatcherOptions, Db, History, SqliteBackend, Store, Wrapper};
use chancery_service::accounts::administer::{Measure, Measured};
use chancery_service::applications::Administered;

use crate::site::{PASSWORD, Setup, TestSite, World};

/// Verifies a log with the `master.key` of a folder; without a folder, as an auditor who has no key.
///
/// # Panics
/// If the verification cannot be carried through.
pub async fn verify(
    db: &Db,
    backend: &Arc<dyn Backend>,
    keys: Option<&Path>,
    now: Timestamp,
    options: Options,
) -> Report {
    let wrapper = keys.map(|folder| {
        let keys = FileKeys::open(&folder.join("master.key"), CredentialKeys::Without).expect("the key file");
        Arc::new(keys) as Arc<dyn Wrapper>
    });
    chancery_service::audit::verify(db, backend, wrapper, now, options).await.expect("the log is verified")
}

/// Asserts that nothing differs and nothing is left unchecked.
///
/// # Panics
/// With what was found otherwise.
pub fn assert_clean(report: &Report) {
    assert!(report.divergences.is_empty() && report.unchecked.is_empty(), "{report:#?}");
}

/// The commands of [`crate::store::commands`] as an aggregate of its own.
#[derive(Clone, Debug, Default, PartialEq)]
struct Happened;

/// Its one event.
#[derive(Clone, Debug, PartialEq)]
struct TestEvent;

impl DomainEvent for TestEvent {
    fn event_type(&self) -> &'static str {
        "test.happened"
    }

    fn schema_version(&self) -> u16 {
        1
    }

    fn encode(&self) -> Option<Vec<u8>> {
        None
    }

    fn decode(_: &str, _: u16, _: Subject<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl Aggregate for Happened {
    const NAME: &'static str = "test";
    const FOLD_VERSION: u16 = 1;
    type Event = TestEvent;

    fn evolve(&mut self, _: Timestamp, _: &TestEvent) {}

    fn encode(&self) -> Vec<u8> {
        Vec::new()
    }

    fn decode(_: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self)
    }

    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        Vec::new()
    }

    fn is_tombstone(&self) -> bool {
        false
    }
}

/// Asserts that a log of commands that are nobody's, whose parts no key opens, is sound as far as that can be told: its
/// order, versions, times, head, commands, keys and the versions of its states.
///
/// # Panics
/// With what differs.
pub async fn assert_sound(db: &Db) {
    const KINDS: &[Kind] = &[Kind::of::<Happened>()];
    let options = Options::default();
    let verifier = Verifier { db, wrapper: None, kinds: KINDS, followers: Vec::new(), options };
    let report = verifier.run().await.expect("the log is verified");
    assert!(report.divergences.is_empty() && report.events > 0, "{report:#?}");
    assert_eq!(report.unchecked.len(), 1, "only what needs keys is left: {:?}", report.unchecked);
}

/// The newest event that the processes of a data folder have seen.
///
/// # Panics
/// If they have seen none.
#[must_use]
pub fn last_seen(data: &Path) -> KnownHead {
    let seen = History::consult(data).unwrap().seen().unwrap();
    KnownHead { epoch: seen.epoch, position: seen.position.0, record: seen.record }
}

/// What the last event of a log in this data folder, with which an epoch began, says of the history before it.
///
/// # Panics
/// If the log ends with another event.
pub async fn last_known(data: &Path) -> Option<KnownHead> {
    let backend = SqliteBackend::open_to_read(data.join("chancery.db"), Arc::default()).await.unwrap();
    let backend: Arc<dyn Backend> = Arc::new(backend);
    let keys = FileKeys::open(&data.join("master.key"), CredentialKeys::Without).unwrap();
    let store = Store::open(backend, Arc::new(keys), BatcherOptions::default(), Timestamp::default()).await.unwrap();
    let head = store.backend().head().await.unwrap();
    let newest = store.backend().event(head.position).await.unwrap().unwrap();
    match store.open_event::<LogEvent>(&newest).await.unwrap() {
        LogEvent::EpochBegun(begun) => begun.last_known,
        other => panic!("{other:?}"),
    }
}

/// The uid of an account, by its address.
///
/// # Panics
/// If there is none.
pub async fn uid_of(site: &TestSite, email: &str) -> Uid {
    let email = chancery_domain::values::EmailAddress::parse(email).unwrap();
    let claim = chancery_service::accounts::email_claim(&email.normalised());
    site.app.store.find::<Account>(&claim).await.unwrap().unwrap().state.identity.unwrap().uid
}

/// A second password.
pub const ANOTHER: &str = "Another-horse8battery";

/// People and a program who do all that leaves a trace, for more than a year, and a new epoch in the end: what is returned
/// has begun in it. `half_way` is called before the half of it that destroys keys.
///
/// # Panics
/// If something does not happen as it should.
pub async fn story(world: &World, half_way: impl AsyncFnOnce()) -> TestSite {
    world.let_years_go_by().await;
    let site = world.site(Setup::default()).await;
    site.age().await;
    let mut ada = site.registered("ada@example.org").await;
    let mut bob = site.registered("bob@example.org").await;
    ada.add_totp().await;
    let codes = ada.issue_codes().await;
    site.browser().register("never@example.org").await;
    site.settle().await;
    for _ in 0..3 {
        bob.sign_out().await;
        bob.sign_in("bob@example.org", PASSWORD).await;
        site.after(Duration::from_secs(90)).await;
    }
    let rooms = site.program("Rooms", &[Scope::AccountsRead, Scope::AccountsInvite]).await;
    for (invited, key) in [("dave@example.org", "one"), ("erin@example.org", "two")] {
        let answer = rooms.invite(invited, key).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    }
    site.settle().await;
    half_way().await;
    site.browser_at("192.0.2.4").follow_link(&site.mails.link_to("dave@example.org")).await;
    site.settle().await;
    assert_eq!(site.app.disable_application("eve", &rooms.name, "moved out").await.unwrap(), Administered::Done);
    let mut lost = site.browser_at("198.51.100.1");
    lost.sign_in("ada@example.org", PASSWORD).await;
    lost.answer_totp("000000").await;
    lost.answer_recovery_code(&codes[0]).await;
    let form = lost.get("/account/security/panic").await.form("/account/security/panic");
    lost.submit(&form).await;
    ada.sign_in("ada@example.org", PASSWORD).await;
    let page = ada.get("/account").await;
    let form = page.form("/account/password").with("current_password", PASSWORD);
    ada.submit(&form.with("new_password", ANOTHER).with("confirm_password", ANOTHER)).await;
    bob.sign_in("bob@example.org", "Wrong-horse7battery").await;
    let uid = uid_of(&site, "bob@example.org").await;
    for measure in [Measure::Suspend, Measure::Resume] {
        let measured = site.app.administer("eve", &uid, &measure, "stolen").await.unwrap();
        assert_eq!(measured, Measured::Done);
    }
    bob.sign_in("bob@example.org", PASSWORD).await;
    // A link that nobody follows, when all before it are over.
    site.after(Duration::from_secs(2 * 3600)).await;
    site.browser_at("192.0.2.5").lose_password("bob@example.org").await;
    site.settle().await;
    site.after(Duration::from_secs(2 * 3600)).await;
    site.after(Duration::from_secs(9 * 24 * 3600)).await;
    site.after(Duration::from_secs(400 * 24 * 3600)).await;
    site.sweep().await;
    let mut carol = site.registered("carol@example.org").await;
    carol.sign_out().await;
    ada.sign_in("ada@example.org", ANOTHER).await;
    site.settle().await;
    assert_eq!(site.app.begin_epoch("eve", "the disk died", None).await.unwrap(), Ok(2));
    let site = world.reopened().await.site(Setup { seed: 2, ..Setup::default() }).await;
    site.browser().sign_in("ada@example.org", ANOTHER).await;
    site.settle().await;
    for event_type in [
        "account.registration_lapsed",
        "account.suspended",
        "account.email_link_expired",
        "account.factor_removed",
        "account.recovery_codes_removed",
        "account.second_factor_failed",
        "application.disabled",
        "invitation.accepted",
        "invitation.ended",
        "network.key_destroyed",
        "log.epoch_begun",
    ] {
        assert!(site.event_types().await.iter().any(|known| known == event_type), "{event_type} is part of the story");
    }
    site
}
