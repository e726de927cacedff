use chancery_domain::{Actor, StreamId, Timestamp};

use super::*;
use crate::row::{CommandId, Version};

const LOG: Uuid = Uuid::from_u128(1);

fn event(position: i64, correlation: u128) -> EventRow {
    EventRow {
        position: Position(position),
        stream: StreamId::from_bytes([1; 16]),
        version: Version(position),
        event_type: "account.created".to_owned(),
        schema_version: 1,
        decided: Timestamp(1),
        recorded: Timestamp(1),
        command: CommandId(Uuid::from_u128(2)),
        correlation: Uuid::from_u128(correlation),
        causing: None,
        actor: Actor::Visitor,
        key: None,
        actor_key: None,
        network_key: None,
        subject: None,
        inputs: None,
        details: None,
        mac_key: None,
        mac: None,
    }
}

const fn head(epoch: i64, position: i64) -> Head {
    Head { log: LOG, epoch, position: Position(position), recorded: Timestamp(1) }
}

/// A process of epoch 1 that has seen the event at position 10.
fn at_ten() -> History {
    let history = History::default();
    history.compare(None, &head(1, 0), None).unwrap();
    history.saw(&event(10, 0));
    history
}

fn look(history: &History, head: Head, event: Option<EventRow>) -> Result<(), Difference> {
    history.compare(history.seen().as_ref(), &head, event.as_ref())
}

#[test]
fn a_log_that_still_has_what_was_seen_is_the_same() {
    let history = at_ten();
    for position in [10, 11, 1_000] {
        assert_eq!(look(&history, head(1, position), Some(event(10, 0))), Ok(()));
    }
}

#[test]
fn a_shorter_log_is_another_and_so_is_one_with_another_event() {
    let history = at_ten();
    let shorter = Difference::Shorter { seen: Position(10), found: Position(9) };
    assert_eq!(look(&history, head(1, 9), None), Err(shorter.clone()));
    assert_eq!(history.verdict(), Err(shorter));
    assert_eq!(look(&history, head(1, 12), Some(event(10, 1))), Err(Difference::Otherwise(Position(10))));
    assert_eq!(look(&history, head(1, 12), None), Err(Difference::Otherwise(Position(10))));
    // The right server answers again.
    assert_eq!(look(&history, head(1, 12), Some(event(10, 0))), Ok(()));
    assert_eq!(history.verdict(), Ok(()));
}

#[test]
fn another_log_is_never_taken_for_this_one() {
    let other = Uuid::from_u128(8);
    let found = Head { log: other, ..head(1, 10) };
    assert_eq!(look(&at_ten(), found, Some(event(10, 0))), Err(Difference::OtherLog { seen: LOG, found: other }));
}

#[tokio::test]
async fn a_process_of_an_older_epoch_is_over_and_a_new_one_begins() {
    let history = at_ten();
    assert_eq!(look(&history, head(2, 7), None), Err(Difference::NewEpoch { own: 1, found: 2 }));
    history.superseded().await;
    let started = History::of(Known { seen: history.seen(), file: None });
    assert_eq!(look(&started, head(2, 7), None), Ok(()), "what ended on purpose is no measure");
    started.saw(&event(8, 0));
    assert_eq!(started.seen().map(|seen| (seen.epoch, seen.position)), Some((2, Position(8))));
    assert_eq!(look(&started, head(1, 9), None), Err(Difference::OlderEpoch { seen: 2, found: 1 }));
}

#[test]
fn an_older_event_never_replaces_a_newer_one() {
    let history = at_ten();
    history.saw(&event(9, 0));
    assert_eq!(history.seen().unwrap().position, Position(10));
    history.saw(&event(11, 0));
    assert_eq!(history.seen().unwrap().position, Position(11));
}

#[test]
fn a_relay_that_stopped_is_another_history_until_it_goes_on() {
    let history = at_ten();
    let stopped = Difference::Stream("the stream holds another event 7 than the log".to_owned());
    let Difference::Stream(why) = stopped.clone() else { unreachable!() };
    assert_eq!(history.hear(Some(why)), Err(stopped.clone()));
    // A new connection that finds the log as it was does not change it.
    assert_eq!(look(&history, head(1, 10), Some(event(10, 0))), Ok(()));
    assert_eq!(history.verdict(), Err(stopped));
    assert_eq!(history.hear(None), Ok(()));
    assert_eq!(history.verdict(), Ok(()));
}
