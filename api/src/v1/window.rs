//! The newest changes, read once for all who wait.

use std::collections::VecDeque;
use std::sync::Arc;

use chancery_eventstore::Position;
use chancery_service::applications::changes::{SeenChange, SeenChanges};

/// Changes that are held at once. Whoever was told less than they tell reads for himself.
pub const HELD: u32 = 500;

/// All changes after one position and up to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Changes up to here are not held.
    from: Position,
    changes: VecDeque<Arc<SeenChange>>,
    next: Position,
}

impl Window {
    /// One that holds nothing yet.
    pub const fn at(position: Position) -> Self {
        Self { from: position, changes: VecDeque::new(), next: position }
    }

    /// Up to where it tells.
    pub const fn next(&self) -> Position {
        self.next
    }

    /// This window and what was read after it, up to `limit` at once. Where that was not all, it tells nothing of it: who
    /// is so far behind reads for himself.
    pub fn and(&self, read: SeenChanges, limit: u32) -> Self {
        if u32::try_from(read.changes.len()).is_ok_and(|count| count >= limit) {
            return Self::at(read.next);
        }
        let mut window = self.clone();
        window.next = window.next.max(read.next);
        for change in read.changes {
            if change.fields.is_empty() {
                // Of one that is gone nothing is told but that.
                window.changes.retain(|earlier| earlier.id != change.id);
            }
            window.changes.push_back(Arc::new(change));
        }
        while window.changes.len() > HELD as usize {
            window.from = window.changes.pop_front().map_or(window.from, |oldest| oldest.position);
        }
        window
    }

    /// Up to `limit` changes after `after`, as the read model would tell them; `None` where the window begins later. Whoever
    /// read further for himself is told nothing until it has come as far.
    pub fn after(&self, after: Position, limit: u32) -> Option<SeenChanges> {
        if after < self.from {
            return None;
        }
        let first = self.changes.partition_point(|change| change.position <= after);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let changes: Vec<SeenChange> =
            self.changes.iter().skip(first).take(limit).map(|change| SeenChange::clone(change)).collect();
        let next = match changes.last() {
            Some(last) if changes.len() == limit => last.position,
            _ => self.next.max(after),
        };
        Some(SeenChanges { changes, next })
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::StreamId;
    use chancery_projections::Field;

    use super::*;

    fn change(position: i64, account: u8, fields: &[Field]) -> SeenChange {
        let id = StreamId::from_bytes([account; 16]);
        SeenChange { position: Position(position), id, uid: None, fields: fields.to_vec() }
    }

    fn read(changes: impl IntoIterator<Item = SeenChange>, next: i64) -> SeenChanges {
        SeenChanges { changes: changes.into_iter().collect(), next: Position(next) }
    }

    fn told(window: &Window, after: i64, limit: u32) -> Option<(Vec<i64>, i64)> {
        let seen = window.after(Position(after), limit)?;
        Some((seen.changes.iter().map(|change| change.position.0).collect(), seen.next.0))
    }

    #[test]
    fn it_tells_what_follows_a_position_within_it_and_of_no_other() {
        let window = Window::at(Position(10));
        assert_eq!(told(&window, 10, 9), Some((vec![], 10)));
        let window = window.and(read([change(12, 1, &[Field::State]), change(14, 2, &[Field::Email])], 15), 500);
        let window = window.and(read([change(16, 1, &[Field::State])], 20), 500);
        assert_eq!(told(&window, 10, 9), Some((vec![12, 14, 16], 20)));
        assert_eq!(told(&window, 12, 9), Some((vec![14, 16], 20)));
        assert_eq!(told(&window, 10, 2), Some((vec![12, 14], 14)), "and goes on there");
        assert_eq!(told(&window, 14, 1), Some((vec![16], 16)));
        assert_eq!(told(&window, 20, 9), Some((vec![], 20)));
        assert_eq!(told(&window, 9, 9), None, "what came before 10 is not held");
        assert_eq!(told(&window, 21, 9), Some((vec![], 21)), "whoever was told more waits, and never goes back");
    }

    #[test]
    fn of_an_account_that_is_gone_nothing_else_is_told() {
        let window = Window::at(Position(0)).and(read([change(1, 1, &[Field::State]), change(2, 2, &[])], 2), 500);
        let window = window.and(read([change(3, 1, &[])], 3), 500);
        assert_eq!(told(&window, 0, 9), Some((vec![2, 3], 3)));
    }

    #[test]
    fn it_holds_so_many_and_forgets_the_oldest() {
        let all = (1..=i64::from(HELD)).map(|n| change(n, 1, &[Field::State]));
        let window = Window::at(Position(0)).and(read(all, 500), HELD + 1);
        let window = window.and(read([change(501, 1, &[Field::State])], 501), HELD);
        assert_eq!(told(&window, 0, 9), None);
        assert_eq!(told(&window, 1, 1), Some((vec![2], 2)));
        let more = window.and(read((502..504).map(|n| change(n, 1, &[Field::State])), 503), 2);
        assert_eq!(more, Window::at(Position(503)), "there may be more than was read at once");
    }
}
