//! The order in which load is shed where there is no room for all: one for the hashing pool, the log's queue, the work
//! behind answers and the requests in work.

/// How much a piece of work is worth: the least is turned away first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// A registration, a request for a mail, a new password by a mailed link: the form can be sent again.
    Registration,
    /// A sign-in from a browser that never signed in to this account.
    UnknownBrowser,
    /// A sign-in from a browser that signed in to this account before.
    KnownBrowser,
    /// What somebody does who is signed in, signing out first of all; and what jobs and administrators do, who are few.
    Session,
}

impl Priority {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Registration, Self::UnknownBrowser, Self::KnownBrowser, Self::Session];

    /// Up to how many of `capacity` places may be taken when something of this worth comes: a half, three quarters,
    /// seven eighths, all. What is left is kept for what is worth more.
    #[must_use]
    pub const fn share(self, capacity: usize) -> usize {
        match self {
            Self::Registration => capacity - capacity / 2,
            Self::UnknownBrowser => capacity - capacity / 4,
            Self::KnownBrowser => capacity - capacity / 8,
            Self::Session => capacity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worth_more_finds_room_where_others_find_none() {
        assert_eq!(Priority::ALL.map(|priority| priority.share(4096)), [2048, 3072, 3584, 4096]);
        assert_eq!(Priority::ALL.map(|priority| priority.share(1)), [1; 4], "nobody is shut out for good");
        assert!(Priority::ALL.is_sorted());
    }
}
