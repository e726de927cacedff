//! The proof of work: find the number whose hash was given.

use std::fmt;

use aws_lc_rs::digest;
use chancery_domain::Timestamp;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::{CheckRefused, PersonCheck, is_ours};
use crate::ports::{Random, random_array};

const ALGORITHM: &str = "SHA-256";
/// The longest JSON of a challenge that is looked at; those that are issued have about 400 bytes.
const MAX_JSON: usize = 1_024;
/// Digits of the largest number that can solve a challenge.
const MAX_DIGITS: usize = 10;

/// A challenge as the page carries it, in the format of ALTCHA's.
///
/// The browser finds `number`, between 0 and `maxnumber`, for which `challenge` is the hexadecimal
/// SHA-256(`salt` ‖ `number` in decimal), and sends it with the challenge itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    algorithm: String,
    challenge: String,
    maxnumber: u32,
    salt: String,
    signature: String,
}

impl Challenge {
    /// The JSON for a page's field.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and a number always make JSON")
    }

    fn from_json(text: &str) -> Result<Self, CheckRefused> {
        if text.len() > MAX_JSON {
            return Err(CheckRefused::Wrong);
        }
        serde_json::from_str(text).map_err(|_| CheckRefused::Wrong)
    }

    /// Hashes in the worst case.
    #[must_use]
    pub const fn cost(&self) -> u32 {
        self.maxnumber
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge").field("cost", &self.maxnumber).finish_non_exhaustive()
    }
}

impl PersonCheck {
    /// A challenge for the form whose command id is `form`, at the cost that `load` asks for.
    #[must_use]
    pub fn challenge(&self, form: &[u8], load: u32, now: Timestamp, random: &dyn Random) -> Challenge {
        let maxnumber = self.settings.cost(load);
        let number = below(u64::from(maxnumber) + 1, random);
        let nonce = HEXLOWER.encode(&random_array::<12>(random));
        let expires = now.plus(self.settings.validity).seconds();
        // The salt ends in a delimiter: without it a digit could move between its last field and the number.
        let salt = format!("{nonce}?expires={expires}&cost={maxnumber}&form={}&", self.binding(form));
        let challenge = hash(&salt, &number.to_string());
        let signature = self.sign(&challenge, maxnumber, &salt);
        Challenge { algorithm: ALGORITHM.to_owned(), challenge, maxnumber, salt, signature }
    }

    /// Whether `number` solves the challenge that came back as `challenge` (JSON) with the form `form`.
    ///
    /// # Errors
    /// See [`CheckRefused`]. Nothing about the solution is said before the challenge is known to be ours.
    pub fn verify(&self, challenge: &str, number: &str, form: &[u8], now: Timestamp) -> Result<(), CheckRefused> {
        let challenge = Challenge::from_json(challenge)?;
        let signature = self.sign(&challenge.challenge, challenge.maxnumber, &challenge.salt);
        is_ours(&challenge.signature, &signature)?;
        if challenge.algorithm != ALGORITHM {
            return Err(CheckRefused::Wrong);
        }
        let (expires, binding) = fields(&challenge.salt).ok_or(CheckRefused::Wrong)?;
        if binding != self.binding(form) {
            return Err(CheckRefused::NotThisForm);
        }
        if now >= Timestamp::from_seconds(expires) {
            return Err(CheckRefused::Expired);
        }
        let digits =
            !number.is_empty() && number.len() <= MAX_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || hash(&challenge.salt, number) != challenge.challenge {
            return Err(CheckRefused::Wrong);
        }
        Ok(())
    }

    fn sign(&self, challenge: &str, maxnumber: u32, salt: &str) -> String {
        let maxnumber = maxnumber.to_be_bytes();
        self.signature(&[b"proof of work", ALGORITHM.as_bytes(), challenge.as_bytes(), &maxnumber, salt.as_bytes()])
    }
}

/// The expiry and the form's binding out of a salt of our own.
fn fields(salt: &str) -> Option<(i64, &str)> {
    let (_, fields) = salt.split_once('?')?;
    let field = |name| fields.split('&').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
    Some((field("expires")?.parse().ok()?, field("form")?))
}

fn hash(salt: &str, number: &str) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(salt.as_bytes());
    context.update(number.as_bytes());
    HEXLOWER.encode(context.finish().as_ref())
}

/// A random number below `bound`. With 64 random bits and a bound under 2^33 its bias is under 2^-31.
fn below(bound: u64, random: &dyn Random) -> u64 {
    u64::from_be_bytes(random_array(random)) % bound
}
