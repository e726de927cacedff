//! What an operator adds to the list of disposable domains, or takes from it.

use std::collections::BTreeMap;

use chancery_domain::values::EmailError;

use super::in_ascii;

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineProblem {
    /// It is no domain that an e-mail address can have.
    #[error("not a domain that an e-mail address can have: {0}")]
    Domain(EmailError),
    /// An earlier line says the opposite of the same domain.
    #[error("line {0} says the opposite of the same domain")]
    Contradiction(usize),
}

/// Why an operator's list cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangesError {
    /// More than [`ChangesError::MAX_OCTETS`] octets.
    #[error("longer than {} octets", ChangesError::MAX_OCTETS)]
    TooLong,
    /// One of its lines.
    #[error("line {line}: {problem}")]
    Line {
        /// The first line is 1.
        line: usize,
        /// What is wrong.
        problem: LineProblem,
    },
}

impl ChangesError {
    /// The greatest length of an operator's list, in octets: room for tens of thousands of domains.
    pub const MAX_OCTETS: usize = 1 << 20;
}

/// An operator's changes: for a domain in ASCII, whether it is disposable.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes(BTreeMap<Box<str>, bool>);

impl Changes {
    pub(super) fn parse(text: &str) -> Result<Self, ChangesError> {
        if text.len() > ChangesError::MAX_OCTETS {
            return Err(ChangesError::TooLong);
        }
        let mut changes = BTreeMap::new();
        // Some editors begin a file with a byte order mark.
        for (index, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
            let error = |problem| ChangesError::Line { line: index + 1, problem };
            let entry = line.split_once('#').map_or(line, |(entry, _comment)| entry).trim();
            if entry.is_empty() {
                continue;
            }
            let (domain, disposable) = match entry.strip_prefix('-') {
                Some(domain) => (domain, false),
                None => (entry.strip_prefix('+').unwrap_or(entry), true),
            };
            let domain = in_ascii(domain.trim_start()).map_err(|problem| error(LineProblem::Domain(problem)))?;
            // A repetition is no error, its opposite is.
            let (said, earlier) = *changes.entry(domain).or_insert((disposable, index + 1));
            if said != disposable {
                return Err(error(LineProblem::Contradiction(earlier)));
            }
        }
        Ok(Self(changes.into_iter().map(|(domain, (disposable, _))| (domain, disposable)).collect()))
    }

    /// What the operator says about this very domain.
    pub(super) fn get(&self, domain: &str) -> Option<bool> {
        self.0.get(domain).copied()
    }
}
