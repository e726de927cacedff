//! Many accounts at once, with telephones, as a campaign meets them: their events without the requests that led to them.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use chancery_domain::account::{
    Account, AccountCreated, AccountEvent, Credential, Device, FactorAdded, FactorKind, LinkNamed, PasswordReason,
    PasswordSet, Proof, SignInMethod,
};
use chancery_domain::values::{DeviceName, Language, PasswordRule, PersonName};
use chancery_domain::{Actor, ClaimKind, FactorId, KeyId, LinkId, StreamId, Timestamp};
use chancery_eventstore::db::sql;
use chancery_eventstore::{Commit, Db, DecisionInputs, KeyClass, Prepared, Priority, Status, Store};
use uuid::Uuid;

use crate::generator::{email, uid};

/// Commands in one append.
const BATCH: usize = 256;

/// Whether the account of a number has one-time codes besides its telephone: every tenth one.
#[must_use]
pub const fn has_more(number: u64) -> bool {
    number.is_multiple_of(10)
}

fn bytes<const N: usize>(kind: u8, number: u64) -> [u8; N] {
    let mut bytes = [kind; N];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn factor(number: u64, of: u16, kind: FactorKind, key: KeyId) -> AccountEvent {
    let (name, phone) = match kind {
        FactorKind::Phone => ("Mobile phone", Some(format!("+32470{number:06}"))),
        _ => ("App", None),
    };
    let id = FactorId::from_bytes(bytes(200 + u8::try_from(of).unwrap(), number));
    AccountEvent::FactorAdded(FactorAdded {
        factor: id,
        number: of,
        kind,
        name: DeviceName::parse(name).unwrap(),
        credential: Credential { key, sealed: vec![7; 60] },
        device: Device::default(),
        webauthn: None,
        phone,
        proof: Proof { factor: Some(id), ..Proof::by(SignInMethod::Password) },
    })
}

async fn person(store: &Store, number: u64, now: Timestamp) -> Prepared {
    let stream = StreamId::from(Uuid::from_bytes(bytes(9, number)));
    let loaded = store.fresh::<Account>(stream, now).await.unwrap();
    let mut keys = Vec::new();
    for _ in 0..3 {
        keys.push(store.keys().create(KeyClass::Credential, stream, now).await.unwrap().1);
    }
    let email = email(number);
    let mut events = vec![
        AccountEvent::Created(AccountCreated {
            uid: uid(number),
            first_name: PersonName::parse("Ada").unwrap(),
            last_name: PersonName::parse("Lovelace").unwrap(),
            normalised: email.normalised(),
            email,
            language: Language::ALL[(number % 4) as usize],
        }),
        AccountEvent::EmailConfirmed(LinkNamed { link: LinkId::from_bytes(bytes(1, number)) }),
        AccountEvent::PasswordSet(PasswordSet {
            credential: Credential { key: keys[0].id, sealed: vec![7; 180] },
            reason: PasswordReason::Registration,
            rule: PasswordRule::EuLogin,
            link: None,
        }),
        factor(number, 0, FactorKind::Phone, keys[1].id),
    ];
    if has_more(number) {
        events.push(factor(number, 1, FactorKind::Totp, keys[2].id));
    }
    let key = Uuid::from_bytes(bytes(2, number));
    let commit = Commit {
        command: store.command_id(b"seeding", "seed", key),
        fingerprint: store.fingerprint(&[key.as_bytes()]),
        events,
        inputs: DecisionInputs {
            command: "seed".to_owned(),
            version: 1,
            arguments: Vec::new(),
            policy: 0,
            software: "seeding".to_owned(),
            guards: Vec::new(),
        },
        new_keys: keys,
        destroyed_keys: Vec::new(),
        decided: now,
        actor: Actor::Service,
        details: None,
        actor_key: None,
        correlation: key,
        causing: None,
        priority: Priority::Session,
    };
    store.prepare(&loaded, commit).await.unwrap()
}

/// Adds so many accounts with a telephone, of which every tenth [has more](has_more).
///
/// # Panics
/// If one is refused.
pub async fn people_with_phones(store: &Store, people: u64, now: Timestamp) {
    add(store, people, now, |_| {}).await;
}

/// The same as the build did that first added telephones: it appended these events, kept no list of the accounts, and folded
/// them in its own way.
///
/// # Panics
/// If one is refused.
pub async fn people_with_unlisted_phones(store: &Store, people: u64, now: Timestamp) {
    let as_then = |person: &mut Prepared| {
        person.claims.retain(|claim| claim.kind != ClaimKind::SmsAccount);
        person.state.iter_mut().for_each(|state| state.fold_version -= 1);
    };
    add(store, people, now, as_then).await;
}

async fn add(store: &Store, people: u64, now: Timestamp, as_build: impl Fn(&mut Prepared)) {
    let mut batch = Vec::with_capacity(BATCH);
    for number in 0..people {
        let mut prepared = person(store, number, now).await;
        as_build(&mut prepared);
        batch.push(prepared);
        if batch.len() == BATCH || number + 1 == people {
            for status in store.backend().append(&std::mem::take(&mut batch)).await.unwrap() {
                assert!(matches!(status, Status::Appended { .. }), "{status:?}");
            }
        }
    }
}

/// Leaves nothing of the log so far to jobs.
///
/// # Panics
/// If the database refuses it.
pub async fn skip_to_the_end(db: &Db) {
    let skip = match db {
        Db::Sqlite(_) => "UPDATE job_floors SET position = (SELECT position FROM head)",
        Db::Postgres(_) => "UPDATE job_floors SET position = (SELECT position FROM chancery.head)",
    };
    db.execute(sql(skip)).await.unwrap();
}
