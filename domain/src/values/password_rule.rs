//! What a password must satisfy.

use minicbor::{Decode, Encode};

/// Which rule applies. Numbers are stored and never given twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum PasswordRule {
    /// EU Login's: at least 10 characters, with upper case, lower case, digit and special character.
    #[default]
    #[n(0)]
    EuLogin,
    /// NIST SP 800-63B-4: at least 15 characters, no composition rule.
    #[n(1)]
    Nist,
}
