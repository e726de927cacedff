//! The sections of `docs/speed.md`, which `tests/bench` measures and writes.

/// All of them, in the order in which they are measured.
pub const SECTIONS: [&str; 14] = [
    "append-postgres",
    "append-sqlite",
    "reads",
    "sign-in",
    "factors",
    "serve",
    "answers",
    "relay",
    "audit",
    "requests",
    "followers",
    "campaign",
    "growth",
    "memory",
];

/// The line before a section's table.
#[must_use]
pub fn begin(section: &str) -> String {
    format!("<!-- bench {section} -->\n")
}

/// The line behind it.
#[must_use]
pub fn end(section: &str) -> String {
    format!("<!-- end {section} -->\n")
}

/// What stands between these lines; `None` where either is missing.
#[must_use]
pub fn table<'p>(page: &'p str, section: &str) -> Option<&'p str> {
    let (_, after) = page.split_once(&begin(section))?;
    after.split_once(&end(section)).map(|(table, _)| table)
}
