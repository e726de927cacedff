//! Which builds may run on which schema.

/// This build's number. Raised with every migration that an older build would misread.
///
/// The table `compatibility` holds the oldest build that may still run on the database; a build that finds a higher
/// number there refuses to start.
pub const BUILD: i32 = 2;

/// Each migration, by the number of its file, with the oldest build that may still run on what it and all before it make.
///
/// A migration that shuts older builds out raises [`BUILD`], stands here with the new number, and ends with
/// `UPDATE compatibility SET oldest_build = ...`, which never lowers what is there (`greatest` on PostgreSQL, `max` on
/// SQLite). Any other one repeats the number of the line above it.
pub const OLDEST_BUILDS: &[(i64, i32)] = &[
    (1, 1),
    (2, 1),
    (3, 1),
    (4, 1),
    (5, 1),
    (6, 1),
    (7, 1),
    (10, 1),
    (11, 1),
    (20, 1),
    // A build before it writes rows of read models without their generation. It could still start until 90 said so.
    (30, 2),
    (40, 2),
    (50, 2),
    (60, 2),
    (90, 2),
];

/// The oldest build that may run on a database with all of this build's migrations.
#[must_use]
pub fn oldest_build() -> i32 {
    OLDEST_BUILDS.iter().map(|(_, oldest)| *oldest).max().unwrap_or(BUILD)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_migration_names_the_oldest_build_that_may_still_run_on_it() {
        let mut files = BTreeSet::new();
        for folder in ["postgres", "sqlite"] {
            let path = format!("{}/../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
            for entry in std::fs::read_dir(path).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                files.insert(name.split('_').next().unwrap().parse::<i64>().unwrap());
            }
        }
        assert_eq!(OLDEST_BUILDS.iter().map(|(migration, _)| *migration).collect::<BTreeSet<_>>(), files);
        assert!(OLDEST_BUILDS.is_sorted_by(|before, after| before.0 < after.0 && before.1 <= after.1));
        assert!(oldest_build() <= BUILD, "a build that may not run on what it makes itself");
    }
}
