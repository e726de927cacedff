//! What shows in keys.

use super::{Tampering, on_both};

pub fn tamperings() -> Vec<Tampering> {
    vec![
        on_both(
            "a key is overwritten by another's bytes",
            concat!(
                "UPDATE keys SET wrapped = (SELECT k.wrapped FROM keys k WHERE k.class = 4 LIMIT 1) WHERE class = 1 AND owner = ",
                "(SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ")"
            ),
            "keys",
            "were changed",
        ),
        on_both(
            "a key is destroyed without an event",
            concat!(
                "UPDATE keys SET wrapped = NULL, destroyed = 1 WHERE class = 1 AND owner = ",
                "(SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ")"
            ),
            "keys",
            "no event says so",
        ),
        on_both(
            "a key is removed",
            concat!(
                "DELETE FROM keys WHERE class = 1 AND owner = (SELECT e.stream FROM events e WHERE e.position = ",
                at!("account.suspended"),
                ")"
            ),
            "keys",
            "is not there",
        ),
        on_both(
            "an erased person's key is put back",
            concat!(
                "UPDATE keys SET destroyed = NULL, wrapped = (SELECT o.wrapped FROM old_keys o WHERE o.id = keys.id) ",
                "WHERE class = 1 AND wrapped IS NULL"
            ),
            "keys",
            "is there again",
        ),
        on_both(
            "a replaced password's key is put back",
            concat!(
                "UPDATE keys SET destroyed = NULL, wrapped = (SELECT o.wrapped FROM old_keys o WHERE o.id = keys.id) ",
                "WHERE class = 2 AND wrapped IS NULL"
            ),
            "keys",
            "of a replaced credential",
        ),
        on_both(
            "a password's key is destroyed without an event",
            "UPDATE keys SET wrapped = NULL, destroyed = 1 WHERE class = 2 AND wrapped IS NOT NULL",
            "keys",
            "no event says so",
        ),
        on_both(
            "a month's network key is put back",
            concat!(
                "UPDATE keys SET destroyed = NULL, wrapped = (SELECT o.wrapped FROM old_keys o WHERE o.id = keys.id) ",
                "WHERE class = 3 AND wrapped IS NULL"
            ),
            "keys",
            "is there again",
        ),
        on_both(
            "a month's network key is destroyed without an event",
            "UPDATE keys SET wrapped = NULL, destroyed = 1 WHERE class = 3 AND wrapped IS NOT NULL",
            "keys",
            "no event says so",
        ),
        on_both(
            "a key of the service is destroyed",
            "UPDATE keys SET wrapped = NULL, destroyed = 1 WHERE class = 4 AND purpose = 'row'",
            "keys",
            "was destroyed",
        ),
        Tampering {
            what: "a credential's key is added",
            sql: "INSERT INTO keys SELECT randomblob(16), class, owner, purpose, wrapped, wrapper, created, destroyed FROM keys WHERE class = 2 AND wrapped IS NOT NULL LIMIT 1",
            postgres: Some(
                "INSERT INTO keys SELECT gen_random_uuid(), class, owner, purpose, wrapped, wrapper, created, destroyed FROM keys WHERE class = 2 AND wrapped IS NOT NULL LIMIT 1",
            ),
            table: "keys",
            meaning: "none of whose events made it",
        },
        on_both(
            "an event names another stream's key",
            concat!(
                "UPDATE events SET key_id = (SELECT k.key_id FROM events k WHERE k.position = ",
                at!("account.email_confirmed"),
                ") WHERE position = ",
                at!("account.suspended"),
            ),
            "keys",
            "is not of its stream",
        ),
        on_both(
            "a month's network key is overwritten by another's bytes",
            "UPDATE keys SET wrapped = (SELECT k.wrapped FROM keys k WHERE k.class = 4 LIMIT 1) WHERE class = 3 AND wrapped IS NOT NULL",
            "keys",
            "the wrapped bytes of the key",
        ),
        on_both(
            "a key of the service is overwritten by another's bytes",
            "UPDATE keys SET wrapped = (SELECT k.wrapped FROM keys k WHERE k.class = 4 AND k.purpose = 'pepper') WHERE class = 4 AND purpose = 'row'",
            "keys",
            "the wrapped bytes of the key",
        ),
        Tampering {
            what: "a key of nobody is added",
            sql: "INSERT INTO keys SELECT randomblob(16), class, randomblob(16), purpose, wrapped, wrapper, created, destroyed FROM keys WHERE class = 1 AND wrapped IS NOT NULL LIMIT 1",
            postgres: Some(
                "INSERT INTO keys SELECT gen_random_uuid(), class, gen_random_uuid(), purpose, wrapped, wrapper, created, destroyed FROM keys WHERE class = 1 AND wrapped IS NOT NULL LIMIT 1",
            ),
            table: "keys",
            meaning: "which has no event",
        },
    ]
}
