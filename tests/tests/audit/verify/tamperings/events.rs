//! What shows in the log itself, its head and its commands.

use super::{Tampering, on_both};

pub fn tamperings() -> Vec<Tampering> {
    vec![
        on_both(
            "an event's type is changed",
            "UPDATE events SET event_type = 'account.resumed' WHERE event_type = 'account.suspended'",
            "events",
            "was changed",
        ),
        on_both(
            "an event's actor is changed",
            concat!("UPDATE events SET actor_kind = 5, actor_id = '' WHERE position = ", at!("account.suspended")),
            "events",
            "was changed",
        ),
        on_both(
            "an event's correlation is another's",
            concat!("UPDATE events SET correlation = command WHERE position = ", at!("account.suspended")),
            "events",
            "was changed",
        ),
        on_both(
            "a sealed part is cut",
            concat!(
                "UPDATE events SET subject = substr(subject, 1, length(subject) - 1) WHERE position = ",
                at!("account.password_set")
            ),
            "events",
            "the part about the subject",
        ),
        on_both(
            "a sealed part is removed",
            concat!("UPDATE events SET subject = NULL WHERE position = ", at!("account.password_set")),
            "events",
            "no subject part",
        ),
        on_both(
            "the actor's details are removed",
            concat!("UPDATE events SET details = NULL WHERE position = ", at!("account.suspended")),
            "events",
            "names a network key",
        ),
        on_both(
            "the actor's details are another's",
            concat!(
                "UPDATE events SET details = (SELECT details FROM events WHERE position = ",
                at!("account.signed_in"),
                ") WHERE position = ",
                at!("account.signed_out")
            ),
            "events",
            "the part about the actor",
        ),
        on_both(
            "subject parts are swapped between two events of a stream",
            concat!(
                "CREATE TABLE swapped AS SELECT position, subject FROM events WHERE position IN (",
                at!("account.suspended"),
                ", ",
                at!("account.resumed"),
                "); ",
                "UPDATE events SET subject = (SELECT subject FROM swapped WHERE swapped.position <> events.position) ",
                "WHERE position IN (SELECT position FROM swapped); DROP TABLE swapped"
            ),
            "events",
            "the part about the subject",
        ),
        on_both(
            "decision inputs are removed",
            concat!("UPDATE events SET inputs = NULL WHERE position = ", at!("account.suspended")),
            "events",
            "no decision inputs",
        ),
        on_both(
            "an event is removed",
            concat!("DELETE FROM events WHERE position = ", at!("account.suspended")),
            "events",
            "the log has a gap",
        ),
        on_both(
            "the last event is removed",
            "DELETE FROM events WHERE position = (SELECT max(position) FROM events)",
            "head",
            "the head stands at",
        ),
        on_both(
            "an event is inserted behind the last one, and the head moved",
            concat!(
                "INSERT INTO events SELECT h.position + 1, e.stream, (SELECT max(v.version) + 1 FROM events v WHERE v.stream = e.stream), ",
                "e.event_type, e.schema_version, e.decided, h.recorded, e.command, e.correlation, e.causing, e.actor_kind, ",
                "e.actor_id, e.key_id, e.actor_key_id, e.network_key_id, e.subject, e.inputs, e.details, e.mac_key_id, e.mac ",
                "FROM events e, head h WHERE e.position = ",
                at!("account.suspended"),
                "; ",
                "UPDATE head SET position = position + 1"
            ),
            "commands",
            "is remembered with",
        ),
        on_both(
            "two events change places",
            concat!(
                "UPDATE events SET position = -1 WHERE position = ",
                saved_at!("account.suspended"),
                "; UPDATE events SET position = position + 1 WHERE position = ",
                saved_at!("account.suspended"),
                " - 1; UPDATE events SET position = ",
                saved_at!("account.suspended"),
                " - 1 WHERE position = -1"
            ),
            "commands",
            "is remembered with",
        ),
        on_both(
            "the time of a decision is moved",
            concat!("UPDATE events SET decided = decided - 1 WHERE position = ", at!("account.suspended")),
            "events",
            "",
        ),
        on_both(
            "the recorded time is moved, and stays in order",
            concat!("UPDATE events SET recorded = recorded + 1 WHERE position = ", at!("account.sign_in_failed")),
            "events",
            "the recorded time is",
        ),
        on_both(
            "a row without a sealed part is changed",
            concat!("UPDATE events SET causing = 1 WHERE position = ", at!("account.registration_lapsed")),
            "events",
            "its MAC is of another content",
        ),
        Tampering {
            what: "a row's MAC is changed",
            sql: "UPDATE events SET mac = zeroblob(32) WHERE mac IS NOT NULL",
            postgres: Some("UPDATE events SET mac = decode(repeat('00', 32), 'hex') WHERE mac IS NOT NULL"),
            table: "events",
            meaning: "its MAC is of another content",
        },
        on_both(
            "a row's MAC is removed",
            "UPDATE events SET mac = NULL, mac_key_id = NULL WHERE mac IS NOT NULL",
            "events",
            "has no MAC",
        ),
        on_both(
            "a command is forgotten",
            concat!("DELETE FROM commands WHERE first_position = ", at!("account.suspended")),
            "commands",
            "is forgotten",
        ),
        on_both(
            "a command's id is changed",
            concat!(
                "UPDATE commands SET command = (SELECT e.correlation FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ") WHERE first_position = ",
                at!("account.suspended")
            ),
            "commands",
            "is remembered, and no event is of it",
        ),
        on_both(
            "a command is said to have written other events",
            concat!(
                "UPDATE commands SET last_position = last_position + 1 WHERE first_position = ",
                at!("account.suspended")
            ),
            "commands",
            "is remembered with",
        ),
        on_both("the head is moved on", "UPDATE head SET position = position + 1", "head", "the head stands at"),
        on_both("the head is moved back", "UPDATE head SET position = position - 1", "head", "the head stands at"),
        on_both("the epoch is raised without an event", "UPDATE head SET epoch = epoch + 1", "head", "is in epoch 3"),
        on_both("the head's time is moved", "UPDATE head SET recorded = recorded - 1", "head", "the head's time is"),
        on_both(
            "an event's cause is one that came after it",
            concat!("UPDATE events SET causing = position + 1 WHERE position = ", at!("account.suspended"),),
            "events",
            "one that did not come before it",
        ),
        on_both(
            "an event is said to be of another aggregate",
            concat!(
                "UPDATE events SET event_type = 'network.key_destroyed' WHERE position = ",
                at!("account.suspended"),
            ),
            "events",
            "stands in a stream of account",
        ),
        on_both(
            "an event's place in its stream is changed",
            concat!("UPDATE events SET version = version + 100 WHERE position = ", at!("account.suspended"),),
            "events",
            "whose last one is",
        ),
        on_both(
            "decision inputs are added to a later event of a command",
            concat!("UPDATE events SET inputs = subject WHERE position = ", at!("account.password_set"),),
            "events",
            "not its command's first",
        ),
        on_both(
            "a MAC is added beside sealed parts",
            concat!(
                "UPDATE events SET mac = (SELECT m.mac FROM events m WHERE m.mac IS NOT NULL LIMIT 1), ",
                "mac_key_id = (SELECT m.mac_key_id FROM events m WHERE m.mac IS NOT NULL LIMIT 1) WHERE position = ",
                at!("account.suspended"),
            ),
            "events",
            "has a MAC besides",
        ),
        on_both(
            "an event names no key any more",
            concat!("UPDATE events SET key_id = NULL WHERE position = ", at!("account.suspended"),),
            "events",
            "no key is named",
        ),
        on_both(
            "a row is written that no build writes",
            concat!("UPDATE events SET actor_kind = 99 WHERE position = ", at!("account.suspended"),),
            "events",
            "a row cannot be read",
        ),
        on_both(
            "an invitation that ended is said to be accepted",
            "UPDATE events SET event_type = 'invitation.accepted' WHERE event_type = 'invitation.ended'",
            "events",
            "its MAC is of another content",
        ),
        on_both(
            "what an application may ask for is changed",
            concat!(
                "UPDATE events SET subject = substr(subject, 1, length(subject) - 1) WHERE position = ",
                at!("application.registered"),
            ),
            "events",
            "the part about the subject",
        ),
        on_both("the epoch is taken back", "UPDATE head SET epoch = epoch - 1", "head", "is in epoch 1"),
    ]
}
