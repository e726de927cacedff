//! Which e-mail addresses may register, by their domains.
//!
//! Disposable addresses are refused, since who reads their mail changes; the institution's own are refused, since those
//! people have internal accounts. A domain stands for its subdomains too, and every spelling of it (IDNA) is the same.

mod changes;
mod listed;

use chancery_domain::values::{EmailAddress, EmailError};

use self::changes::Changes;
use self::listed::is_listed;

pub use self::changes::{ChangesError, LineProblem};

/// What the domain of an address says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainKind {
    /// Nothing.
    Ordinary,
    /// Anybody may read its mail, or nobody tomorrow.
    Disposable,
    /// The institution's own.
    Internal,
}

/// Why the domains cannot be used as they are set.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailDomainsError {
    /// The operator's list of disposable domains.
    #[error("the list of disposable domains cannot be used")]
    Disposable(#[from] ChangesError),
    /// One of the institution's domains is not one.
    #[error("{domain:?} is not a domain that an e-mail address can have")]
    Internal {
        /// As it was set.
        domain: String,
        /// What is wrong with it.
        #[source]
        problem: EmailError,
    },
}

/// The domains that are treated in a way of their own: the committed list of disposable ones, the operator's changes to
/// it, and the institution's.
#[derive(Clone, Debug, Default)]
pub struct MailDomains {
    changes: Changes,
    internal: Vec<Box<str>>,
}

impl MailDomains {
    /// The committed list, changed by the operator's file if there is one, and the institution's domains.
    ///
    /// The file has a domain a line: `example.org` or `+example.org` is refused as well, `-example.org` is not refused.
    /// Of two that fit an address the longer counts. `#` begins a comment.
    ///
    /// # Errors
    /// [`MailDomainsError`] names the line or the domain that is wrong.
    pub fn new(changes: Option<&str>, internal: &[String]) -> Result<Self, MailDomainsError> {
        let changes = changes.map(Changes::parse).transpose()?.unwrap_or_default();
        let own = internal.iter().map(|domain| {
            in_ascii(domain.trim()).map_err(|problem| MailDomainsError::Internal { domain: domain.clone(), problem })
        });
        let internal = own.collect::<Result<_, _>>()?;
        Ok(Self { changes, internal })
    }

    /// What the address's domain says about it.
    #[must_use]
    pub fn classify(&self, address: &EmailAddress) -> DomainKind {
        let domain = address.domain_ascii();
        if with_parents(&domain).any(|domain| self.internal.iter().any(|internal| **internal == *domain)) {
            return DomainKind::Internal;
        }
        let verdict = |domain| self.changes.get(domain).or_else(|| is_listed(domain).then_some(true));
        match with_parents(&domain).find_map(verdict) {
            Some(true) => DomainKind::Disposable,
            Some(false) | None => DomainKind::Ordinary,
        }
    }
}

/// The domain, then each domain that it lies in, longest first.
fn with_parents(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |domain| domain.split_once('.').map(|(_, parent)| parent))
}

/// The domain in ASCII, if an e-mail address can have it.
fn in_ascii(domain: &str) -> Result<Box<str>, EmailError> {
    Ok(EmailAddress::parse(&format!("postmaster@{domain}"))?.domain_ascii().into_boxed_str())
}

#[cfg(test)]
mod tests;
