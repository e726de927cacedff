//! What shows in read models.

use super::{Tampering, on_both};

pub fn tamperings() -> Vec<Tampering> {
    vec![
        on_both(
            "a sign-in that its owner is shown is changed",
            "UPDATE activity_v1 SET at = at + 1 WHERE position = (SELECT max(a.position) FROM activity_v1 a)",
            "activity_v1",
            "was changed",
        ),
        on_both(
            "a sign-in that its owner is shown is removed",
            "DELETE FROM activity_v1 WHERE position = (SELECT max(a.position) FROM activity_v1 a)",
            "activity_v1",
            "is missing",
        ),
        on_both(
            "a sign-in is added that nobody made",
            "INSERT INTO activity_v1 SELECT 1, stream, version, at, sealed, generation FROM activity_v1 LIMIT 1",
            "activity_v1",
            "stands for no sign-in",
        ),
        on_both(
            "a count is changed",
            "UPDATE event_counts_v1 SET count = count + 1 WHERE event_type = 'account.suspended'",
            "event_counts_v1",
            "are counted",
        ),
        on_both(
            "a count is removed",
            "DELETE FROM event_counts_v1 WHERE event_type = 'account.suspended'",
            "event_counts_v1",
            "are not counted",
        ),
        on_both(
            "a read model is said not to have come as far",
            "UPDATE projection_cursors SET position = position - 1 WHERE name = 'event_counts_v1'",
            "event_counts_v1",
            "are counted",
        ),
        on_both(
            "a day is counted that had no such event",
            "INSERT INTO event_counts_v1 (generation, day, event_type, count) SELECT generation, 1, event_type, count FROM event_counts_v1 LIMIT 1",
            "event_counts_v1",
            "which has none",
        ),
        on_both(
            "the fields that changed are others",
            "UPDATE account_changes_v1 SET fields = fields + 1 WHERE position = (SELECT max(c.position) FROM account_changes_v1 c)",
            "account_changes_v1",
            "was changed",
        ),
        on_both(
            "a change that applications are told of is removed",
            "DELETE FROM account_changes_v1 WHERE position = (SELECT max(c.position) FROM account_changes_v1 c)",
            "account_changes_v1",
            "is missing",
        ),
        on_both(
            "a change is added that nobody made",
            "INSERT INTO account_changes_v1 (generation, position, stream, fields) SELECT generation, 1, stream, fields FROM account_changes_v1 LIMIT 1",
            "account_changes_v1",
            "stands for no change",
        ),
        on_both(
            "activity_v1 is said to have come further than the log",
            "UPDATE projection_cursors SET position = position + 1 WHERE name = 'activity_v1'",
            "activity_v1",
            "it would leave out what comes next",
        ),
        on_both(
            "event_counts_v1 is said to have come further than the log",
            "UPDATE projection_cursors SET position = position + 1 WHERE name = 'event_counts_v1'",
            "event_counts_v1",
            "it would leave out what comes next",
        ),
        on_both(
            "account_changes_v1 is said to have come further than the log",
            "UPDATE projection_cursors SET position = position + 1 WHERE name = 'account_changes_v1'",
            "account_changes_v1",
            "it would leave out what comes next",
        ),
    ]
}
