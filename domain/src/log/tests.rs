use super::*;
use crate::aggregate::{DomainEvent, Subject};
use crate::frozen::render;
use crate::policy::Policy;

fn known(epoch: i64) -> KnownHead {
    KnownHead { epoch, position: 9, record: [7; 32] }
}

fn command(ended: i64, last_known: Option<KnownHead>) -> BeginEpoch {
    BeginEpoch { ended, reason: "restored".to_owned(), after: 5, last_known }
}

fn decide(in_force: i64, command: &BeginEpoch) -> Decision<LogEvent, i64, BeginEpochRefusal> {
    let context = Context {
        stream: LOG_STREAM,
        now: Timestamp(1),
        epoch_began: Timestamp::default(),
        policy: &Policy::default(),
    };
    command.decide(&LogState { epoch: in_force, ..LogState::default() }, context)
}

fn begun(epoch: i64, last_known: Option<KnownHead>) -> LogEvent {
    LogEvent::EpochBegun(EpochBegun { epoch, reason: "restored".to_owned(), after: 5, last_known })
}

#[test]
fn an_epoch_begins_behind_the_one_that_ended() {
    assert_eq!(decide(1, &command(1, None)), Decision::accept(vec![begun(2, None)], 2));
    assert_eq!(decide(4, &command(4, Some(known(3)))), Decision::accept(vec![begun(5, Some(known(3)))], 5));
}

#[test]
fn no_epoch_that_anybody_knows_is_begun_again() {
    assert_eq!(decide(1, &command(1, Some(known(3)))), Decision::accept(vec![begun(4, Some(known(3)))], 4));
}

#[test]
fn of_two_operators_one_begins_the_epoch() {
    assert_eq!(decide(2, &command(1, None)), Decision::refuse(BeginEpochRefusal::BegunAlready(2)));
}

#[test]
fn the_log_is_in_the_epoch_that_began_last() {
    let mut state = LogState::default();
    assert_eq!(state, LogState { epoch: 1, began: Timestamp(0) });
    state.evolve(Timestamp(7), &begun(4, None));
    assert_eq!(state, LogState { epoch: 4, began: Timestamp(7) });
    for event in [LogEvent::Redacted, LogEvent::Restored(restored()), LogEvent::RestoredWithoutLedger(restored())] {
        state.evolve(Timestamp(9), &event);
        assert_eq!(state, LogState { epoch: 4, began: Timestamp(7) });
    }
}

fn restored() -> Restored {
    Restored { backup: known(3), keys: 2 }
}

#[test]
fn a_restore_without_a_whole_ledger_is_another_fact() {
    let context =
        Context { stream: LOG_STREAM, now: Timestamp(1), epoch_began: Timestamp(0), policy: &Policy::default() };
    for (whole, event) in [(true, LogEvent::Restored(restored())), (false, LogEvent::RestoredWithoutLedger(restored()))]
    {
        let command = RecordRestore { backup: known(3), keys: 2, whole };
        assert_eq!(command.decide(&LogState::default(), context), Decision::accept(vec![event], ()));
    }
}

/// A snapshot that changes is a broken promise: see [`crate::frozen`].
#[test]
fn every_stored_shape_stays() {
    let event = begun(4, Some(known(3)));
    let events = [event.clone(), LogEvent::Restored(restored()), LogEvent::RestoredWithoutLedger(restored())];
    assert_eq!(events.each_ref().map(|event| (event.event_type(), event.schema_version())), LogEvent::TYPES);
    for event in events {
        let (name, version, bytes) = (event.event_type(), event.schema_version(), event.encode().unwrap());
        assert_eq!(LogEvent::decode(name, version, Subject::Open(&bytes)).unwrap(), event);
        insta::assert_snapshot!(format!("{name}.v{version}"), render(&bytes));
    }

    let record = RecordRestore { backup: known(3), keys: 2, whole: true };
    let bytes = Command::encode(&record);
    assert_eq!(minicbor::decode::<RecordRestore>(&bytes).unwrap(), record);
    insta::assert_snapshot!("record-restore.v1", render(&bytes));

    let command = command(1, Some(known(3)));
    let bytes = Command::encode(&command);
    assert_eq!(minicbor::decode::<BeginEpoch>(&bytes).unwrap(), command);
    insta::assert_snapshot!("begin-epoch.v1", render(&bytes));

    let mut state = LogState::default();
    let mut shapes = render(&Aggregate::encode(&state));
    state.evolve(Timestamp(1), &event);
    let bytes = Aggregate::encode(&state);
    assert_eq!(<LogState as Aggregate>::decode(&bytes).unwrap(), state);
    shapes = format!("{shapes}\n\n{}", render(&bytes));
    insta::assert_snapshot!(format!("log.fold_{}", LogState::FOLD_VERSION), shapes);
}
