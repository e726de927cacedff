//! What shows in inline states and reservations.

use super::{Tampering, on_both};

pub fn tamperings() -> Vec<Tampering> {
    vec![
        on_both(
            "a state is changed",
            "UPDATE states SET state = substr(state, 1, length(state) - 1) WHERE stream = (SELECT e.stream FROM events e WHERE e.event_type = 'account.suspended')",
            "states",
            "is not what its",
        ),
        on_both(
            "a state is rolled back",
            concat!(
                "DELETE FROM states WHERE stream = (SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                "); ",
                "INSERT INTO states SELECT * FROM old_states WHERE stream = (SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ")"
            ),
            "states",
            "stands at version",
        ),
        on_both(
            "a state is rolled back and said to be of today",
            concat!(
                "UPDATE states SET state = (SELECT o.state FROM old_states o WHERE o.stream = states.stream) ",
                "WHERE stream = (SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ")"
            ),
            "states",
            "is not what its",
        ),
        on_both(
            "a state is removed",
            concat!(
                "DELETE FROM states WHERE stream = (SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ")"
            ),
            "states",
            "is missing",
        ),
        Tampering {
            what: "a state is added",
            sql: "INSERT INTO states SELECT randomblob(16), aggregate, version, fold_version, key_id, state, position FROM states LIMIT 1",
            postgres: Some(
                "INSERT INTO states SELECT gen_random_uuid(), aggregate, version, fold_version, key_id, state, position FROM states LIMIT 1",
            ),
            table: "states",
            meaning: "which has no event",
        },
        on_both("a reservation is removed", "DELETE FROM reservations WHERE kind = 1", "reservations", "is missing"),
        on_both(
            "a uid of a living account is removed",
            concat!(
                "DELETE FROM reservations WHERE kind = 2 AND stream = (SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ")"
            ),
            "reservations",
            "(uid)",
        ),
        Tampering {
            what: "a session is added",
            sql: "INSERT INTO reservations SELECT 4, randomblob(32), stream, position FROM reservations WHERE kind = 1 LIMIT 1",
            postgres: Some(
                "INSERT INTO reservations SELECT 4, sha256(mac), stream, position FROM reservations WHERE kind = 1 LIMIT 1",
            ),
            table: "reservations",
            meaning: "claim no such value",
        },
        on_both(
            "a reservation is moved to another account",
            concat!(
                "UPDATE reservations SET stream = (SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ") WHERE kind = 1"
            ),
            "reservations",
            "is taken for another",
        ),
        on_both(
            "a reservation is said to be of another event",
            "UPDATE reservations SET position = position + 1 WHERE kind = 1",
            "reservations",
            "is said to be of position",
        ),
        on_both(
            "a state is said to be of another aggregate",
            concat!(
                "UPDATE states SET aggregate = 'application' WHERE stream = (SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ")",
            ),
            "states",
            "is called application",
        ),
        on_both(
            "an erased person's state is put back",
            "UPDATE states SET state = (SELECT s.state FROM states s WHERE s.state IS NOT NULL LIMIT 1) WHERE state IS NULL",
            "states",
            "whether it is gone",
        ),
        Tampering {
            what: "a value is taken by nobody",
            sql: "INSERT INTO reservations SELECT 1, randomblob(32), randomblob(16), position FROM reservations WHERE kind = 1 LIMIT 1",
            postgres: Some(
                "INSERT INTO reservations SELECT 1, sha256(mac), gen_random_uuid(), position FROM reservations WHERE kind = 1 LIMIT 1",
            ),
            table: "reservations",
            meaning: "held by a stream that has no event",
        },
    ]
}
