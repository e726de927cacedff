//! What a superuser may do to the tables.

/// One tampering: what it is, its statements (for SQLite, and for PostgreSQL where that words them otherwise), the table
/// in which it shows first, and words of the meaning.
pub struct Tampering {
    pub what: &'static str,
    pub sql: &'static str,
    pub postgres: Option<&'static str>,
    pub table: &'static str,
    pub meaning: &'static str,
}

const fn on_both(what: &'static str, sql: &'static str, table: &'static str, meaning: &'static str) -> Tampering {
    Tampering { what, sql, postgres: None, table, meaning }
}

macro_rules! at {
    ($type:literal) => {
        concat!("(SELECT max(position) FROM events WHERE event_type = '", $type, "')")
    };
}

macro_rules! saved_at {
    ($type:literal) => {
        concat!("(SELECT max(position) FROM saved_events WHERE event_type = '", $type, "')")
    };
}

mod events;
mod following;
mod keys;
mod states;

/// All of them.
pub fn tamperings() -> Vec<Tampering> {
    [events::tamperings(), states::tamperings(), keys::tamperings(), following::tamperings()]
        .into_iter()
        .flatten()
        .collect()
}
