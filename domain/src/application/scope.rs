//! What an application may ask for.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Encode};

/// One thing that an application may ask for. Numbers are stored and never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Scope {
    /// Who has an account, under which names and address, and what changes about that.
    #[n(0)]
    AccountsRead,
    /// Invite people.
    #[n(1)]
    AccountsInvite,
}

/// The text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no scope '{0}': name accounts:read or accounts:invite")]
pub struct UnknownScope(String);

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 2] = [Self::AccountsRead, Self::AccountsInvite];

    /// The name by which command lines and answers call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountsRead => "accounts:read",
            Self::AccountsInvite => "accounts:invite",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// Scopes in their order, each once: one set has one encoding.
#[must_use]
pub(super) fn sorted(scopes: &[Scope]) -> Vec<Scope> {
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_scopes() {
        for scope in Scope::ALL {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert_eq!("accounts:write".parse::<Scope>(), Err(UnknownScope("accounts:write".to_owned())));
        assert_eq!(sorted(&[Scope::AccountsInvite, Scope::AccountsRead, Scope::AccountsInvite]), Scope::ALL);
    }
}
