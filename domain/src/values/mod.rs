//! Values that are right once they exist: e-mail addresses, names, uids, languages, password rules.
//!
//! Each type checks its rules where a person's input enters (`parse`). What was stored is read back as it is, so that a
//! rule that became stricter never makes an old event unreadable.

mod characters;
mod device_name;
mod email;
mod language;
mod name;
mod password;
mod password_rule;
mod phone_number;
mod resemblance;
mod sign_in_name;
mod uid;

pub use device_name::{DeviceName, DeviceNameError};
pub use email::{EmailAddress, EmailError, NORMALISATION_VERSION, NormalisedEmail};
pub use language::Language;
pub use name::{NameErrors, NameProblem, PersonName};
pub use password::Password;
pub use password_rule::{PasswordCheck, PasswordRule, UnmetRule};
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use sign_in_name::{SignInName, SignInNameError, SignInTarget};
pub use uid::{Uid, UidError};
