//! Values that are right once they exist: e-mail addresses, names, uids, languages, password rules.

mod language;

pub use language::Language;
