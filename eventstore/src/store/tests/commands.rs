//! Committing: once, under guards, with what is needed to decide again.

use chancery_domain::account::commands::{ChangePassword, PasswordVerdict};
use chancery_domain::account::{AccountEvent, commands as account_commands};
use chancery_domain::policy::PolicyEvent;

use super::*;

#[tokio::test]
async fn a_command_is_remembered_by_its_events() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let loaded = log.load(stream).await;
    let command = reset(&log);
    let events = command.decide(&loaded.state, context(&Policy::default())).events;
    let commit = log.commit(events, &command);
    assert_eq!(log.store.remembered(commit.command).await.unwrap(), None);

    let first = log.store.commit(&loaded, commit.clone()).await.unwrap();
    let (position, fingerprint) = (Position(4), commit.fingerprint);
    assert_eq!(first, Committed::Appended { first: position, last: position });
    let remembered = Remembered { fingerprint, stream, first: position, last: position };
    assert_eq!(log.store.remembered(commit.command).await.unwrap(), Some(remembered));

    // The same again, from the same state and from the newer one, in this process and in another.
    let newer = log.load(stream).await;
    let other = log.another().await;
    for (store, loaded) in [(&log.store, &loaded), (&log.store, &newer), (&other, &newer)] {
        let again = store.commit(loaded, commit.clone()).await.unwrap();
        assert_eq!(again, Committed::Duplicate { first: position, last: position });
    }
    let otherwise = Commit { fingerprint: Fingerprint([2; 16]), ..commit };
    let refused = log.store.commit(&newer, otherwise).await;
    assert!(matches!(refused, Err(CommitError::Append(AppendError::OtherRequest))), "{refused:?}");
    assert_eq!(log.load(stream).await.version, Version(4));
}

#[tokio::test]
async fn a_stream_that_moved_on_refuses() {
    let log = Log::new().await;
    let stream = log.registered("ada@example.org").await;
    let stale = log.load(stream).await;
    log.run(&stale, &reset(&log), Vec::new()).await;
    let refused = log.attempt(&stale, &reset(&log), Vec::new()).await;
    assert!(matches!(refused, Err(CommitError::Append(AppendError::WrongVersion))), "{refused:?}");
}

#[tokio::test]
async fn a_policy_that_moved_on_refuses() {
    let log = Log::new().await;
    log.adopt(1, Policy::default()).await;
    let stream = log.registered("ada@example.org").await;
    let loaded = log.load(stream).await;
    let command = reset(&log);
    let events = command.decide(&loaded.state, context(&Policy::default())).events;
    let commit = commit(&log, events, &command, Version(1));
    log.adopt(2, Policy { session_idle: 60, ..Policy::default() }).await;
    let refused = log.store.commit(&loaded, commit).await;
    assert!(matches!(refused, Err(CommitError::Append(AppendError::WrongVersion))), "{refused:?}");
    assert!(log.attempt(&loaded, &command, Vec::new()).await.is_ok(), "decided by the policy in force it is written");
}

#[tokio::test]
async fn an_address_and_a_uid_are_given_to_one() {
    let log = Log::new().await;
    let first = log.registered("ada@example.org").await;
    let other = log.store.fresh::<Account>(log.stream(), BEGINNING).await.unwrap();
    let refused = log.attempt(&other, &registration(&log, "ADA@example.org"), Vec::new()).await;
    assert!(
        matches!(refused, Err(CommitError::Append(AppendError::ReservationTaken(ClaimKind::Email)))),
        "{refused:?}"
    );
    let uid = log.load(first).await.state.identity.unwrap().uid;
    let same_uid = RequestRegistration { uid, ..registration(&log, "eve@example.org") };
    let refused = log.attempt(&other, &same_uid, Vec::new()).await;
    assert!(matches!(refused, Err(CommitError::Append(AppendError::ReservationTaken(ClaimKind::Uid)))), "{refused:?}");
    assert!(log.store.load::<Account>(other.stream).await.unwrap().is_none());
}

/// What an auditor does years later: load what was known then, and decide anew.
#[tokio::test]
async fn every_decision_can_be_made_again_from_its_inputs() {
    let log = Log::new().await;
    log.store.readers().hear(chancery_domain::events::READS, Timestamp(i64::MAX));
    log.adopt(1, Policy { session_idle: 60, ..Policy::default() }).await;
    let (stream, credential) = log.confirmed("ada@example.org").await;
    let loaded = log.load(stream).await;
    log.adopt(2, Policy { session_idle: 90, ..Policy::default() }).await;
    log.run(&loaded, &reset(&log), Vec::new()).await;
    let loaded = log.load(stream).await;
    let (password, key) = log.new_password(stream).await;
    let session = loaded.state.sessions.open[0].id;
    let verdict = PasswordVerdict { credential, right: true };
    log.run(&loaded, &ChangePassword { verdict, password, session, next: log.new_session() }, vec![key]).await;

    let rows = log.rows(stream).await;
    let mut explained = Vec::new();
    for first in rows.iter().filter(|row| row.inputs.is_some()) {
        let inputs = log.store.open_inputs(first).await.unwrap().unwrap();
        let before = log.store.fold::<Account>(stream, Some(Version(first.version.0 - 1))).await.unwrap();
        let policy = policy_at(&log, inputs.policy).await;
        let context = Context { stream, now: first.decided, epoch_began: Timestamp::default(), policy: &policy };
        let again = decide_again(&inputs, &before.state, context);
        let mut written = Vec::new();
        for row in rows.iter().filter(|row| row.command == first.command) {
            written.push(log.store.open_event::<AccountEvent>(row).await.unwrap());
        }
        assert_eq!(again, written, "{}", inputs.command);
        assert_eq!(
            inputs.guards().collect::<Vec<_>>(),
            [crate::append::Guard { stream: POLICY_STREAM, version: Version(inputs.policy) }]
        );
        explained.push((inputs.command, inputs.policy));
    }
    let expected = [
        ("request-registration", 1),
        ("complete-registration", 1),
        ("request-password-reset", 2),
        ("change-password", 2),
    ];
    assert_eq!(explained, expected.map(|(name, policy)| (name.to_owned(), policy)));
}

async fn policy_at(log: &Log, version: i64) -> Policy {
    let policy = log.store.fold::<PolicyState>(POLICY_STREAM, Some(Version(version))).await.unwrap();
    policy.state.in_force.unwrap().policy
}

fn decide_again(inputs: &DecisionInputs, account: &Account, context: Context<'_>) -> Vec<AccountEvent> {
    fn again<C>(inputs: &DecisionInputs, account: &Account, context: Context<'_>) -> Vec<AccountEvent>
    where
        C: Command<Aggregate = Account> + for<'b> minicbor::Decode<'b, ()>,
    {
        assert_eq!(inputs.version, C::VERSION);
        minicbor::decode::<C>(&inputs.arguments).unwrap().decide(account, context).events
    }
    match inputs.command.as_str() {
        "request-registration" => again::<RequestRegistration>(inputs, account, context),
        "complete-registration" => again::<CompleteRegistration>(inputs, account, context),
        "request-password-reset" => again::<RequestPasswordReset>(inputs, account, context),
        "change-password" => again::<account_commands::ChangePassword>(inputs, account, context),
        other => panic!("an unknown command {other}"),
    }
}

#[tokio::test]
async fn inputs_stand_in_a_commands_first_event_and_details_in_each() {
    let log = Log::new().await;
    let (stream, _) = log.confirmed("ada@example.org").await;
    let rows = log.rows(stream).await;
    let with_inputs: Vec<_> = rows.iter().filter(|row| row.inputs.is_some()).map(|row| row.version.0).collect();
    assert_eq!(with_inputs, [1, 4]);
    for row in &rows {
        assert_eq!(log.store.open_details(row).await.unwrap(), Some(details()));
        assert_eq!((row.mac, row.mac_key), (None, None), "a sealed part holds what is around it");
    }
    assert_eq!(log.store.open_inputs(&rows[1]).await.unwrap(), None);
    let policy = log.rows(POLICY_STREAM).await;
    assert!(policy.is_empty(), "nobody adopted one");
}

#[tokio::test]
async fn the_policy_is_an_aggregate_like_any_other() {
    let log = Log::new().await;
    log.adopt(1, Policy::default()).await;
    let row = log.rows(POLICY_STREAM).await.remove(0);
    let PolicyEvent::Adopted(adopted) = log.store.open_event(&row).await.unwrap() else { panic!("an open event") };
    assert_eq!((adopted.revision, adopted.policy), (1, Policy::default()));
}

#[test]
fn decision_inputs_keep_their_shape() {
    let inputs = DecisionInputs {
        command: "sign-in".to_owned(),
        version: 1,
        arguments: vec![0x80],
        policy: 3,
        software: "0.1.0".to_owned(),
        guards: vec![(POLICY_STREAM, 3)],
    };
    let bytes = minicbor::to_vec(&inputs).unwrap();
    assert_eq!(minicbor::decode::<DecisionInputs>(&bytes).unwrap(), inputs);
    insta::assert_snapshot!("decision_inputs", data_encoding::HEXLOWER.encode(&bytes));
}

#[tokio::test]
async fn command_ids_tell_caller_route_and_key_apart() {
    let log = Log::new().await;
    let key = Uuid::from_bytes([7; 16]);
    let id = log.store.command_id(b"browser", "register", key);
    assert_eq!(id, log.store.command_id(b"browser", "register", key));
    assert_eq!(id, log.another().await.command_id(b"browser", "register", key), "on every node");
    assert_eq!(id.0.as_bytes()[..6], [7; 6], "the time in front");
    assert_ne!(id.0.as_bytes()[6..], [7; 10], "and nothing else of the key");
    for other in [
        log.store.command_id(b"another", "register", key),
        log.store.command_id(b"browser", "reset", key),
        log.store.command_id(b"browser", "register", Uuid::from_bytes([8; 16])),
        log.store.command_id(b"browserreg", "ister", key),
        Log::new().await.store.command_id(b"browser", "register", key),
    ] {
        assert_ne!(id, other);
    }
    let fingerprint = log.store.fingerprint(&[b"a", b"b"]);
    assert_eq!(fingerprint, log.store.fingerprint(&[b"a", b"b"]));
    assert_ne!(fingerprint, log.store.fingerprint(&[b"ab"]));
}
