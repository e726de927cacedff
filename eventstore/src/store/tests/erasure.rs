//! Keys that are destroyed: a lapsed registration, a replaced credential, a month's network data.

use chancery_domain::account::commands::{ChangePassword, LapseRegistration, PasswordVerdict, SignIn};
use chancery_domain::account::{AccountEvent, Phase};
use chancery_domain::network::{DestroyNetworkKey, NETWORK_STREAM, NetworkKeys};

use super::*;
use crate::append::InlineState;

/// A registration that lapsed, and what it was.
async fn lapsed(log: &Log) -> (StreamId, Loaded<Account>) {
    let stream = log.registered("ada@example.org").await;
    let before = log.load(stream).await;
    lapse(log, &before).await;
    (stream, before)
}

pub(super) async fn lapse(log: &Log, loaded: &Loaded<Account>) {
    let due = BEGINNING.plus(Duration::from_secs(8 * 24 * 3600));
    let policy = Policy::default();
    let context = Context { stream: loaded.stream, now: due, epoch_began: Timestamp::default(), policy: &policy };
    let events = LapseRegistration {}.decide(&loaded.state, context).events;
    let actor = Actor::Worker("lapse-registrations".to_owned());
    let commit = Commit { decided: due, actor, ..log.commit(events, &LapseRegistration {}) };
    appended(log.store.commit(loaded, commit).await);
}

fn data_key(loaded: &Loaded<Account>) -> KeyId {
    match &loaded.key {
        StreamKey::Held(id, _) => *id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lapse_destroys_the_key_and_the_fact_remains() {
    let log = Log::new().await;
    let (stream, before) = lapsed(&log).await;
    let key = log.backend.key(data_key(&before)).await.unwrap().unwrap();
    assert_eq!(key.wrapped, None);

    let after = log.load(stream).await;
    assert!(matches!(after.key, StreamKey::Gone));
    assert_eq!(after.version, Version(4));
    assert_eq!(after.state, Account { phase: Phase::Lapsed, ..Account::default() });
    let row = log.backend.state(stream).await.unwrap().unwrap();
    assert_eq!((row.version, row.sealed, row.key), (Version(4), None, None));

    let rows = log.rows(stream).await;
    for row in &rows[..3] {
        assert_eq!(log.store.open_event::<AccountEvent>(row).await.unwrap(), AccountEvent::Redacted);
        assert_eq!(log.store.open_details(row).await.unwrap(), None);
        assert_eq!(log.store.open_inputs(row).await.unwrap(), None);
    }
    // The last one was never sealed: it says nothing about anybody, and a MAC holds it.
    let last = &rows[3];
    assert_eq!(log.store.open_event::<AccountEvent>(last).await.unwrap(), AccountEvent::RegistrationLapsed);
    assert_eq!((&last.key, &last.subject, &last.inputs, &last.details), (&None, &None, &None, &None));
    let row_key = log.store.keys().service(Purpose::Row);
    assert_eq!(last.mac_key, Some(row_key.id));
    assert_eq!(last.mac, Some(row_key.key.mac(&[&associated(last).bytes()])));
}

#[tokio::test]
async fn a_fold_from_the_events_is_the_tombstone() {
    let log = Log::new().await;
    let (stream, _) = lapsed(&log).await;
    let loaded = log.load(stream).await;
    log.execute("DELETE FROM states").await;
    let folded = log.load(stream).await;
    assert_eq!((folded.version, folded.state), (loaded.version, loaded.state));
    assert!(matches!(folded.key, StreamKey::Gone));
}

#[tokio::test]
async fn the_address_is_free_again_and_the_uid_and_the_link_never_are() {
    let log = Log::new().await;
    let (stream, before) = lapsed(&log).await;
    assert!(log.store.find::<Account>(&email_claim("ada@example.org")).await.unwrap().is_none());
    let uid = before.state.identity.unwrap().uid;
    let link = Claim { kind: ClaimKind::Link, value: before.state.links.open[0].id.as_bytes().to_vec() };
    for kept in [uid_claim(uid), link] {
        let found = log.store.find::<Account>(&kept).await.unwrap().unwrap();
        assert_eq!((found.stream, found.state.phase), (stream, Phase::Lapsed), "{kept:?}");
    }

    let again = log.registered("ada@example.org").await;
    assert_ne!(again, stream);
    let other = log.store.fresh::<Account>(log.stream(), BEGINNING).await.unwrap();
    let same_uid = RequestRegistration { uid, ..registration(&log, "eve@example.org") };
    let refused = log.attempt(&other, &same_uid, Vec::new()).await;
    assert!(matches!(refused, Err(CommitError::Append(AppendError::ReservationTaken(ClaimKind::Uid)))), "{refused:?}");
}

#[tokio::test]
async fn a_key_destroyed_between_reading_and_appending_refuses() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let before = log.load(stream).await;
    lapse(&log, &before).await;
    // Whoever loaded it before still holds the key; the append checks that it exists.
    let refused = log.attempt(&before, &reset(&log), Vec::new()).await;
    assert!(matches!(refused, Err(CommitError::Append(AppendError::KeyGone))), "{refused:?}");
    // Whoever loads it now is refused earlier.
    let after = log.load(stream).await;
    let refused = log.store.commit(&after, log.commit(vec![AccountEvent::RegistrationLapsed], &reset(&log))).await;
    assert!(matches!(refused, Err(CommitError::Append(AppendError::KeyGone))), "{refused:?}");
    assert_eq!(log.rows(stream).await.len(), 4);
}

/// The wrapped bytes are gone from the file and from its side files.
#[tokio::test]
async fn a_destroyed_key_is_nowhere_in_the_file() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let before = log.load(stream).await;
    let wrapped = log.backend.key(data_key(&before)).await.unwrap().unwrap().wrapped.unwrap();
    let kept = |bytes: &[u8]| {
        std::fs::read_dir(log.path("."))
            .unwrap()
            .any(|file| std::fs::read(file.unwrap().path()).unwrap().windows(bytes.len()).any(|window| window == bytes))
    };
    assert!(kept(&wrapped[..32]));
    lapse(&log, &before).await;
    assert!(!kept(&wrapped[..32]));
    assert!(!kept(&wrapped[wrapped.len() - 32..]));
}

#[tokio::test]
async fn a_replaced_passwords_key_is_destroyed_and_the_new_one_is_kept() {
    let log = Log::new().await;
    let (stream, old) = log.confirmed("ada@example.org").await;
    assert!(log.store.keys().by_id(old).await.is_ok());

    let loaded = log.load(stream).await;
    let (password, key) = log.new_password(stream).await;
    let changed = key.id;
    let verdict = PasswordVerdict { credential: old, right: true };
    let session = loaded.state.sessions.open[0].id;
    log.run(&loaded, &ChangePassword { verdict, password, session, next: log.new_session() }, vec![key]).await;
    assert!(matches!(log.store.keys().by_id(old).await, Err(KeyError::Destroyed(id)) if id == old));
    assert!(log.store.keys().by_id(changed).await.is_ok());

    // A rehash replaces it just so.
    let loaded = log.load(stream).await;
    let (password, key) = log.new_password(stream).await;
    let rehashed = key.id;
    let command = SignIn {
        verdict: Some(PasswordVerdict { credential: changed, right: true }),
        session: log.new_session(),
        rehashed: Some(password.credential),
        factor: None,
    };
    log.run(&loaded, &command, vec![key]).await;
    assert!(matches!(log.store.keys().by_id(changed).await, Err(KeyError::Destroyed(_))));
    assert!(log.store.keys().by_id(rehashed).await.is_ok());
    assert_eq!(log.load(stream).await.state.secret_keys(), [rehashed]);
}

#[tokio::test]
async fn a_credentials_key_that_the_state_does_not_need_is_not_kept() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let loaded = log.load(stream).await;
    let (_, unneeded) = log.new_password(stream).await;
    let id = unneeded.id;
    log.run(&loaded, &reset(&log), vec![unneeded]).await;
    assert_eq!(log.backend.key(id).await.unwrap(), None);
}

/// What a timer does after the network data's retention.
async fn destroy(log: &Log, key: KeyId) {
    let loaded = log.store.fresh::<NetworkKeys>(NETWORK_STREAM, BEGINNING).await.unwrap();
    let policy = Policy { network_data_retention: 0, ..Policy::default() };
    let command = DestroyNetworkKey { month: "2027-01".to_owned(), ended: BEGINNING, key };
    let events = command.decide(&loaded.state, context(&policy)).events;
    let commit = Commit { details: None, destroyed_keys: vec![key], ..log.commit(events, &command) };
    appended(log.store.commit(&loaded, commit).await);
}

#[tokio::test]
async fn network_data_goes_with_its_months_key_and_nothing_else_does() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let expected = log.load(stream).await.state;
    let row = log.rows(stream).await.remove(0);
    assert_eq!(log.store.open_details(&row).await.unwrap(), Some(details()));

    destroy(&log, row.network_key.unwrap()).await;
    assert_eq!(log.store.open_details(&row).await.unwrap(), None);
    assert!(log.store.open_inputs(&row).await.unwrap().is_some());
    let folded = log.store.fold::<Account>(stream, None).await.unwrap();
    assert_eq!(folded.state, expected, "no fold depends on it");
}

#[tokio::test]
async fn a_network_key_destroyed_meanwhile_refuses_once() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let month = log.rows(stream).await[0].network_key.unwrap();
    destroy(&log, month).await;
    // The process still holds the key; told that it is gone, it makes the month a new one.
    let loaded = log.load(stream).await;
    let refused = log.attempt(&loaded, &reset(&log), Vec::new()).await;
    assert!(matches!(refused, Err(CommitError::Append(AppendError::KeyGone))), "{refused:?}");
    log.run(&loaded, &reset(&log), Vec::new()).await;
    let last = log.rows(stream).await.pop().unwrap();
    assert_ne!(last.network_key, Some(month));
    assert_eq!(log.store.open_details(&last).await.unwrap(), Some(details()));
}

#[tokio::test]
async fn details_are_under_the_actors_own_key_where_the_actor_has_one() {
    let log = Log::new().await;
    let (subject, actor) = (log.registered("ada@example.org").await, log.registered("eve@example.org").await);
    let (loaded, acting) = (log.load(subject).await, log.load(actor).await);
    let StreamKey::Held(id, key) = acting.key.clone() else { panic!("{:?}", acting.key) };
    let command = reset(&log);
    let events = command.decide(&loaded.state, context(&Policy::default())).events;
    let commit = Commit { actor_key: Some((id, key)), ..log.commit(events, &command) };
    appended(log.store.commit(&loaded, commit).await);
    let row = log.rows(subject).await.pop().unwrap();
    assert_eq!(row.actor_key, Some(id));
    assert_eq!(log.store.open_details(&row).await.unwrap(), Some(details()));

    lapse(&log, &acting).await;
    assert_eq!(log.store.open_details(&row).await.unwrap(), None, "the actor's erasure takes them along");
    assert_ne!(log.store.open_event::<AccountEvent>(&row).await.unwrap(), AccountEvent::Redacted);
}

#[tokio::test]
async fn a_tombstone_has_no_sealed_state() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let loaded = log.load(stream).await;
    let prepared = log
        .store
        .prepare(&loaded, log.commit(vec![AccountEvent::RegistrationLapsed], &LapseRegistration {}))
        .await
        .unwrap();
    let tombstone = InlineState { aggregate: "account", fold_version: Account::FOLD_VERSION, key: None, sealed: None };
    assert_eq!(prepared.state, Some(tombstone));
    // Of two that destroy it at the same moment, the later is told that it is gone.
    assert_eq!(prepared.sealing_keys, [data_key(&loaded)]);
    assert_eq!(prepared.destroyed_keys, [data_key(&loaded)]);
    let kinds: Vec<_> = prepared.releases.iter().map(|release| release.kind).collect();
    assert_eq!(kinds, [ClaimKind::Email]);
}
