//! The code in a message to a telephone: a MAC over its challenge and the number, so that it stands in no event, no row and
//! no item of a job.

use std::fmt;

use chancery_domain::ChallengeId;
use chancery_domain::values::PhoneNumber;
use chancery_eventstore::Purpose;
use chancery_eventstore::seal::same_mac;
use zeroize::Zeroizing;

use super::{encode32, unlike};
use crate::app::App;

/// Characters of a code, which are 45 bits.
const LENGTH: usize = 9;
/// Characters of a group.
const GROUP: usize = 3;
/// Bytes that the characters are made of.
const BYTES: usize = 6;

/// A code that is sent to a telephone. Never shown in logs.
#[derive(Clone)]
pub struct SmsCode(Zeroizing<String>);

impl fmt::Debug for SmsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmsCode(…)")
    }
}

impl SmsCode {
    pub(crate) fn from_mac(mac: &[u8; 32]) -> Self {
        let mut text = Zeroizing::new(encode32(&mac[..BYTES]));
        text.truncate(LENGTH);
        Self(text)
    }

    /// The code as a person reads it: capitals in groups with hyphens.
    #[must_use]
    pub fn shown(&self) -> Zeroizing<String> {
        let (first, rest) = self.0.split_at(GROUP);
        let (second, third) = rest.split_at(GROUP);
        let mut shown = Zeroizing::new(format!("{first}-{second}-{third}"));
        shown.make_ascii_uppercase();
        shown
    }

    /// Whether what was typed is the code, compared in constant time. Spaces, hyphens, case, and letters that are taken for
    /// digits do not matter.
    #[must_use]
    pub fn is(&self, typed: &str) -> bool {
        if typed.len() > 64 {
            return false;
        }
        let kept = typed.bytes().filter(u8::is_ascii_alphanumeric).map(unlike);
        let kept: Zeroizing<Vec<u8>> = Zeroizing::new(kept.collect());
        same_mac(&kept, self.0.as_bytes())
    }
}

impl App {
    /// The code that answers a challenge, sent to a number.
    #[must_use]
    pub fn sms_code(&self, challenge: ChallengeId, number: &PhoneNumber) -> SmsCode {
        let parts: [&[u8]; 4] = [b"sms code", &self.log.bytes(), challenge.as_bytes(), number.as_str().as_bytes()];
        SmsCode::from_mac(&Zeroizing::new(self.store.service_mac(Purpose::Code, &parts)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_characters_in_groups_with_hyphens() {
        let code = SmsCode::from_mac(&[0xf1; 32]);
        let shown = code.shown();
        assert_eq!(shown.len(), 11);
        assert!(shown.split('-').all(|group| group.len() == 3), "{}", *shown);
        assert_eq!(format!("{code:?}"), "SmsCode(…)");
    }

    #[test]
    fn a_code_is_taken_as_people_type_it_and_no_other() {
        // 0 and 1 are among its characters.
        let code = SmsCode::from_mac(&{
            let mut mac = [0; 32];
            mac[..6].copy_from_slice(&[0x00, 0x44, 0x32, 0x14, 0xc7, 0x42]);
            mac
        });
        assert_eq!(code.shown().as_str(), "012-345-678");
        for typed in ["012-345-678", "012345678", " 012 345 678 ", "oI2-345-678", "O12-345-678", "0l2345678"] {
            assert!(code.is(typed), "{typed}");
        }
        for wrong in ["", "012-345-67", "012-345-6789", "012-345-679", &"0".repeat(100)] {
            assert!(!code.is(wrong), "{wrong}");
        }
    }
}
