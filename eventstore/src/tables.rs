//! Every table and column, and what it is: the one place that erasure, verification and a person's data download read.
//!
//! Both databases have the same tables and columns; the suite of tests fails on a column that is not declared here and
//! on a declared one that is missing.

/// What a table or column is, and with it who may lose it and how it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The record itself: only ever added to, never rebuilt from anything.
    Log,
    /// A wrapped key. Destroying it erases all that it sealed.
    Key,
    /// A value that one stream holds, by its HMAC. Follows from the folded states.
    Reservation,
    /// Written in the append's transaction, computed from the events; a refold gives the same bytes.
    Inline,
    /// Written by a consumer of the log behind a cursor; rebuilt by reading the log again.
    Following,
    /// May be lost at any moment: that only refuses or asks again.
    Volatile,
}

/// Who writes a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Writer {
    /// The migrations alone.
    Migration,
    /// The append.
    Append,
    /// The append, and the start of a node for service and network keys.
    AppendAndStart,
    /// The volatile store's own calls.
    VolatileStore,
    /// A consumer of the log.
    Consumer,
}

/// Under whose key a column is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seal {
    /// In the clear: identifiers, types, versions, times, counts, and what is a hash or MAC by itself.
    Clear,
    /// The data key of the stream (or person) that the row is about.
    Subject,
    /// The acting account's data key together with the month's network key.
    Actor,
    /// A wrapping key from outside the database.
    Wrapping,
    /// The subject's data key; a row about no account under a service key together with a secret that only the browser
    /// has which waits for it, so that not even this service can open it alone. Empty where there is nothing to say.
    SubjectOrBrowser,
}

/// How what a column says about a person goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Erasure {
    /// It says nothing about a person.
    Nothing,
    /// Destroying the key leaves ciphertext that nobody can open.
    KeyDestroyed,
    /// The wrapped key is overwritten by nothing, in the transaction of the erasing event.
    Overwritten,
    /// The row is replaced by a tombstone in the transaction of the erasing event.
    Tombstone,
    /// The row is removed in the transaction of the erasing event; kinds that are never released keep their HMAC.
    Released,
    /// The row is dropped by its consumer when it meets the erasing event.
    Dropped,
    /// The row expires and is swept.
    Expires,
}

/// How a table's rows come back after a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rebuilding {
    /// Only from a backup.
    Backup,
    /// By folding the log.
    Refold,
    /// By reading the log from the beginning into a new version of the table.
    Reread,
    /// Not at all, and nothing is missed.
    None,
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in both databases.
    pub name: &'static str,
    /// Under whose key it is sealed.
    pub seal: Seal,
    /// How it is erased.
    pub erasure: Erasure,
}

/// One table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in both databases.
    pub name: &'static str,
    /// What it is.
    pub class: Class,
    /// Who writes it.
    pub writer: Writer,
    /// How it comes back.
    pub rebuilding: Rebuilding,
    /// All its columns, in their order in the database.
    pub columns: &'static [Column],
}

const fn clear(name: &'static str) -> Column {
    Column { name, seal: Seal::Clear, erasure: Erasure::Nothing }
}

const fn sealed(name: &'static str, seal: Seal, erasure: Erasure) -> Column {
    Column { name, seal, erasure }
}

/// All tables that the migrations make. The migrations' own table (`_sqlx_migrations`) is not among them.
pub const TABLES: &[Table] = &[
    Table {
        name: "compatibility",
        class: Class::Log,
        writer: Writer::Migration,
        rebuilding: Rebuilding::Backup,
        columns: &[clear("one"), clear("oldest_build")],
    },
    Table {
        name: "head",
        class: Class::Log,
        writer: Writer::Append,
        rebuilding: Rebuilding::Backup,
        columns: &[clear("one"), clear("log"), clear("epoch"), clear("position"), clear("recorded")],
    },
    Table {
        name: "events",
        class: Class::Log,
        writer: Writer::Append,
        rebuilding: Rebuilding::Backup,
        columns: &[
            clear("position"),
            clear("stream"),
            clear("version"),
            clear("event_type"),
            clear("schema_version"),
            clear("decided"),
            clear("recorded"),
            clear("command"),
            clear("correlation"),
            clear("causing"),
            clear("actor_kind"),
            clear("actor_id"),
            clear("key_id"),
            clear("actor_key_id"),
            clear("network_key_id"),
            sealed("subject", Seal::Subject, Erasure::KeyDestroyed),
            sealed("inputs", Seal::Subject, Erasure::KeyDestroyed),
            sealed("details", Seal::Actor, Erasure::KeyDestroyed),
            clear("mac_key_id"),
            clear("mac"),
        ],
    },
    Table {
        name: "commands",
        class: Class::Log,
        writer: Writer::Append,
        rebuilding: Rebuilding::Backup,
        columns: &[
            clear("command"),
            clear("fingerprint"),
            clear("stream"),
            clear("first_position"),
            clear("last_position"),
        ],
    },
    Table {
        name: "reservations",
        class: Class::Reservation,
        writer: Writer::Append,
        rebuilding: Rebuilding::Refold,
        columns: &[clear("kind"), sealed("mac", Seal::Clear, Erasure::Released), clear("stream"), clear("position")],
    },
    Table {
        name: "keys",
        class: Class::Key,
        writer: Writer::AppendAndStart,
        rebuilding: Rebuilding::Backup,
        columns: &[
            clear("id"),
            clear("class"),
            clear("owner"),
            clear("purpose"),
            sealed("wrapped", Seal::Wrapping, Erasure::Overwritten),
            clear("wrapper"),
            clear("created"),
            clear("destroyed"),
        ],
    },
    Table {
        name: "states",
        class: Class::Inline,
        writer: Writer::Append,
        rebuilding: Rebuilding::Refold,
        columns: &[
            clear("stream"),
            clear("aggregate"),
            clear("version"),
            clear("fold_version"),
            clear("key_id"),
            sealed("state", Seal::Subject, Erasure::Tombstone),
            clear("position"),
        ],
    },
    Table {
        name: "volatile_rows",
        class: Class::Volatile,
        writer: Writer::VolatileStore,
        rebuilding: Rebuilding::None,
        columns: &[
            clear("kind"),
            sealed("key", Seal::Clear, Erasure::Expires),
            sealed("sealed", Seal::SubjectOrBrowser, Erasure::Expires),
            clear("expires"),
        ],
    },
    Table {
        name: "volatile_counters",
        class: Class::Volatile,
        writer: Writer::VolatileStore,
        rebuilding: Rebuilding::None,
        columns: &[
            sealed("key", Seal::Clear, Erasure::Expires),
            clear("count"),
            clear("window_start"),
            clear("expires"),
        ],
    },
    Table {
        name: "volatile_birth",
        class: Class::Volatile,
        writer: Writer::VolatileStore,
        rebuilding: Rebuilding::None,
        columns: &[clear("one"), clear("born")],
    },
    Table {
        name: "job_floors",
        class: Class::Following,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::None,
        columns: &[clear("job"), clear("position")],
    },
    Table {
        name: "jobs",
        class: Class::Following,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::None,
        columns: &[
            clear("id"),
            clear("job"),
            clear("position"),
            clear("state"),
            clear("attempts"),
            clear("next_at"),
            clear("lease_until"),
            clear("leased_by"),
            clear("reason"),
            clear("created"),
        ],
    },
    Table {
        name: "relay_generation",
        class: Class::Following,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::None,
        columns: &[
            clear("one"),
            clear("epoch"),
            clear("number"),
            clear("base"),
            clear("made"),
            clear("passed"),
            clear("stopped"),
            clear("stopped_epoch"),
        ],
    },
    Table {
        name: "workers",
        class: Class::Volatile,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::None,
        columns: &[clear("name"), clear("seen"), clear("reads")],
    },
    Table {
        name: "timers",
        class: Class::Following,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::None,
        columns: &[clear("name"), clear("window_start"), clear("count"), clear("stopped"), clear("reason")],
    },
    Table {
        name: "projection_cursors",
        class: Class::Following,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::Reread,
        columns: &[clear("name"), clear("position"), clear("error"), clear("generation")],
    },
    Table {
        name: "projection_builds",
        class: Class::Following,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::Reread,
        columns: &[clear("name"), clear("generation"), clear("position")],
    },
    Table {
        name: "event_counts_v1",
        class: Class::Following,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::Reread,
        columns: &[clear("generation"), clear("day"), clear("event_type"), clear("count")],
    },
    Table {
        name: "activity_v1",
        class: Class::Following,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::Reread,
        columns: &[
            clear("position"),
            clear("stream"),
            clear("version"),
            clear("at"),
            sealed("sealed", Seal::Subject, Erasure::Dropped),
            clear("generation"),
        ],
    },
    Table {
        name: "account_changes_v1",
        class: Class::Following,
        writer: Writer::Consumer,
        rebuilding: Rebuilding::Reread,
        columns: &[clear("generation"), clear("position"), clear("stream"), clear("fields")],
    },
];
