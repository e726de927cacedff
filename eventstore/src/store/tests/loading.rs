//! What is loaded is what was committed, by the state row or by folding.

use chancery_domain::account::commands::SignOut;

use super::*;
use crate::append::{Prepared, PreparedEvent};
use crate::seal::OpenError;

#[tokio::test]
async fn a_loaded_state_is_the_fold_of_its_events() {
    let log = Log::new().await;
    let (stream, _) = log.confirmed("ada@example.org").await;
    let loaded = log.load(stream).await;
    assert_eq!(loaded.version, Version(8));
    assert!(loaded.state.is_usable());
    assert_eq!(loaded.state.identity.as_ref().unwrap().email.as_str(), "ada@example.org");

    let folded = log.store.fold::<Account>(stream, None).await.unwrap();
    assert_eq!((folded.version, &folded.state), (loaded.version, &loaded.state));
    // Another process, with the keys from the same files.
    let other = log.another().await.load::<Account>(stream).await.unwrap().unwrap();
    assert_eq!((other.version, other.state), (loaded.version, loaded.state));
}

#[tokio::test]
async fn a_stream_can_be_folded_up_to_a_version() {
    let log = Log::new().await;
    let (stream, _) = log.confirmed("ada@example.org").await;
    let before = log.store.fold::<Account>(stream, Some(Version(3))).await.unwrap();
    assert_eq!(before.version, Version(3));
    assert!(!before.state.is_usable());
    assert_eq!(before.state.links.open.len(), 1);
}

#[tokio::test]
async fn an_account_is_found_by_what_it_reserves() {
    let log = Log::new().await;
    let stream = log.registered("Ada@Example.org").await;
    let state = log.load(stream).await.state;
    let uid = uid_claim(state.identity.unwrap().uid);
    let link = Claim { kind: ClaimKind::Link, value: state.links.open[0].id.as_bytes().to_vec() };
    for claim in [email_claim("ada@example.ORG"), uid, link] {
        let found = log.store.find::<Account>(&claim).await.unwrap();
        let alike = log.store.find_alike::<Account>(&claim).await.unwrap();
        assert_eq!(alike.map(|loaded| loaded.stream), found.as_ref().map(|loaded| loaded.stream));
        assert_eq!(found.map(|loaded| loaded.stream), Some(stream), "{claim:?}");
    }
    assert!(log.store.find::<Account>(&email_claim("eve@example.org")).await.unwrap().is_none());
    assert!(log.store.find_alike::<Account>(&email_claim("eve@example.org")).await.unwrap().is_none());
    let of_another_kind = Claim { kind: ClaimKind::Uid, ..email_claim("ada@example.org") };
    assert!(log.store.find::<Account>(&of_another_kind).await.unwrap().is_none());
    assert!(log.store.load::<Account>(log.stream()).await.unwrap().is_none());
}

/// The login directory is the reservations' index: what was told is true at once, in every process.
#[tokio::test]
async fn a_session_is_found_by_its_secrets_hash_until_it_ends() {
    let log = Log::new().await;
    let other = log.another().await;
    let (stream, _) = log.confirmed("ada@example.org").await;
    let loaded = log.load(stream).await;
    let session = loaded.state.sessions.open[0].clone();
    let claim = Claim { kind: ClaimKind::Session, value: session.secret_hash.to_vec() };
    assert_eq!(other.find::<Account>(&claim).await.unwrap().map(|found| found.stream), Some(stream));
    log.run(&loaded, &SignOut { session: session.id }, Vec::new()).await;
    assert!(other.find::<Account>(&claim).await.unwrap().is_none());
    assert!(other.load::<Account>(stream).await.unwrap().unwrap().state.sessions.open.is_empty());
}

#[tokio::test]
async fn a_state_of_another_fold_is_never_trusted() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let expected = log.load(stream).await;
    for damage in [
        "UPDATE states SET fold_version = 0, state = x'00'",
        "UPDATE states SET fold_version = 65535, state = x'00'",
        "UPDATE states SET state = NULL",
        "DELETE FROM states",
    ] {
        log.execute(damage).await;
        let loaded = log.load(stream).await;
        assert_eq!((loaded.version, loaded.state), (expected.version, expected.state.clone()), "{damage}");
        let found = log.store.find::<Account>(&email_claim("ada@example.org")).await.unwrap().unwrap();
        assert_eq!(found.version, expected.version, "{damage}");
    }
    // The next command writes a state of today's fold.
    let loaded = log.load(stream).await;
    log.run(&loaded, &reset(&log), Vec::new()).await;
    let row = log.backend.state(stream).await.unwrap().unwrap();
    assert_eq!((row.version, row.fold_version), (Version(4), Account::FOLD_VERSION));
}

#[tokio::test]
async fn a_state_row_that_was_changed_is_refused() {
    let log = Log::new().await;
    let (stream, other) = (log.registered("ada@example.org").await, log.registered("eve@example.org").await);
    // Its bytes, its version, and another account's state in its place.
    log.execute("UPDATE states SET state = CAST(substr(state, 1, length(state) - 1) || x'00' AS BLOB)").await;
    for changed in [stream, other] {
        let error = log.store.load::<Account>(changed).await.unwrap_err();
        assert!(matches!(error, ReadError::Open { source: OpenError::Tampered, .. }), "{error:?}");
    }
    log.execute("UPDATE states SET version = version + 1").await;
    let error = log.store.load::<Account>(stream).await.unwrap_err();
    assert!(matches!(error, ReadError::Open { source: OpenError::WrongKey, .. }), "{error:?}");
}

#[tokio::test]
async fn an_event_that_was_changed_is_refused() {
    let changes = [
        "UPDATE events SET decided = decided + 1",
        "UPDATE events SET correlation = randomblob(16)",
        "UPDATE events SET actor_kind = 5",
        "UPDATE events SET event_type = 'account.resumed' WHERE event_type = 'account.created'",
        "UPDATE events SET causing = 1",
    ];
    for change in changes {
        let log = Log::new().await;
        let stream = log.registered("ada@example.org").await;
        log.execute("DROP TRIGGER events_no_update").await;
        log.execute(change).await;
        let error = log.store.fold::<Account>(stream, None).await.unwrap_err();
        assert!(matches!(error, ReadError::Open { source: OpenError::Tampered, .. }), "{change}: {error:?}");
        let row = log.rows(stream).await.remove(0);
        assert!(log.store.open_inputs(&row).await.is_err(), "{change}");
        assert!(log.store.open_details(&row).await.is_err(), "{change}");
    }
}

/// A row without a sealed part is held by its MAC alone, which is looked at wherever the row is read.
#[tokio::test]
async fn an_event_without_a_sealed_part_that_was_changed_is_refused() {
    const CHANGES: [&str; 7] = [
        "UPDATE events SET event_type = 'account.registration_repeated' WHERE mac IS NOT NULL",
        "UPDATE events SET decided = decided + 1 WHERE mac IS NOT NULL",
        "UPDATE events SET causing = 1 WHERE mac IS NOT NULL",
        "UPDATE events SET mac = zeroblob(32) WHERE mac IS NOT NULL",
        "UPDATE events SET mac = NULL, mac_key_id = NULL WHERE mac IS NOT NULL",
        "UPDATE events SET mac_key_id = randomblob(16) WHERE mac IS NOT NULL",
        "UPDATE events SET subject = NULL, inputs = NULL WHERE version = 2",
    ];
    for change in CHANGES {
        let log = Log::new().await;
        let stream = log.registered("ada@example.org").await;
        super::erasure::lapse(&log, &log.load(stream).await).await;
        assert!(log.store.fold::<Account>(stream, None).await.is_ok());
        log.execute("DROP TRIGGER events_no_update").await;
        log.execute(change).await;
        let error = log.store.fold::<Account>(stream, None).await.unwrap_err();
        assert!(matches!(error, ReadError::Changed { .. }), "{change}: {error:?}");
        let rows = log.rows(stream).await;
        let changed = if change.ends_with("version = 2") { &rows[1] } else { &rows[3] };
        let error = log.store.open_event::<chancery_domain::account::AccountEvent>(changed).await.unwrap_err();
        assert!(matches!(error, ReadError::Changed { .. }), "{change}: {error:?}");
    }
}

/// One that has decision inputs and says nothing else of its subject is held by these.
#[tokio::test]
async fn an_event_of_a_type_alone_is_held_by_its_decision_inputs() {
    let log = Log::new().await;
    let (stream, _) = log.confirmed("ada@example.org").await;
    let events = vec![chancery_domain::account::AccountEvent::RegistrationRepeated];
    appended(log.store.commit(&log.load(stream).await, log.commit(events, &reset(&log))).await);
    assert!(log.store.fold::<Account>(stream, None).await.is_ok());
    log.execute("DROP TRIGGER events_no_update").await;
    log.execute("UPDATE events SET decided = decided + 1 WHERE event_type = 'account.registration_repeated'").await;
    let error = log.store.fold::<Account>(stream, None).await.unwrap_err();
    assert!(matches!(error, ReadError::Open { source: OpenError::Tampered, .. }), "{error:?}");
}

#[tokio::test]
async fn an_event_newer_than_this_build_stops_the_fold() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let loaded = log.load(stream).await;
    let prepared = log.store.prepare(&loaded, log.commit(vec![resumed()], &reset(&log))).await.unwrap();
    let associated = Associated {
        key: None,
        stream,
        version: Version(loaded.version.0 + 1),
        event_type: "account.levitated",
        schema_version: 1,
        decided: prepared.decided,
        command: prepared.command,
        actor: &prepared.actor,
        correlation: prepared.correlation,
        causing: prepared.causing,
    };
    let row_key = log.store.keys().service(Purpose::Row);
    let newer = PreparedEvent {
        event_type: "account.levitated",
        schema_version: associated.schema_version,
        key: None,
        actor_key: None,
        network_key: None,
        subject: None,
        inputs: None,
        details: None,
        mac_key: Some(row_key.id),
        mac: Some(row_key.key.mac(&[&associated.bytes()])),
    };
    let newer = Prepared { events: vec![newer], ..prepared };
    let statuses = log.backend.append(&[newer]).await.unwrap();
    assert!(matches!(statuses[0], crate::append::Status::Appended { .. }));
    let error = log.store.fold::<Account>(stream, None).await.unwrap_err();
    assert!(matches!(error, ReadError::Decode { source: DecodeError::UnknownType(_), .. }), "{error:?}");
}

fn resumed() -> chancery_domain::account::AccountEvent {
    use chancery_domain::account::{AccountEvent, ReasonGiven};
    AccountEvent::Resumed(ReasonGiven { reason: "for a test".to_owned() })
}

#[tokio::test]
async fn nothing_about_a_person_stands_in_the_clear() {
    let log = Log::new().await;
    log.confirmed("ada@example.org").await;
    log.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let file = std::fs::read(log.path("chancery.db")).unwrap();
    for text in ["ada@example", "Augusta", "Lovelace", "192.0.2.1", "Mozilla", "request-registration"] {
        assert!(!file.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
    let wire_name = b"account.email_confirmed";
    assert!(file.windows(wire_name.len()).any(|window| window == wire_name), "what is in the clear can be found so");
}
