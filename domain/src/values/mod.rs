//! Values that are right once they exist: e-mail addresses, names, uids, languages, password rules.

mod language;
mod password_rule;

pub use language::Language;
pub use password_rule::PasswordRule;
