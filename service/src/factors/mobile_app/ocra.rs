//! OCRA (RFC 6287) in the suites that need nothing but a question.

use aws_lc_rs::hmac;
use data_encoding::HEXUPPER;
use zeroize::Zeroizing;

/// The suite that the app speaks: a question of ten decimal digits, eight digits of response.
pub const SUITE: &str = "OCRA-1:HOTP-SHA256-8:QN10";

/// The digits of a question.
pub const CHALLENGE: usize = 10;

/// The length of a question in the data that is authenticated (RFC 6287, section 5.1), in bytes.
const QUESTION: usize = 128;

/// The response to a question of decimal digits in [`SUITE`]; `None` for any other question.
#[must_use]
pub fn response(key: &[u8], challenge: &str) -> Option<Zeroizing<String>> {
    if challenge.len() != CHALLENGE || !challenge.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // The number in hexadecimal digits, filled up behind.
    let digits = format!("{:X}", challenge.parse::<u64>().ok()?);
    let question = HEXUPPER.decode(format!("{digits:0<width$}", width = 2 * QUESTION).as_bytes()).ok()?;
    Some(respond(SUITE, key, &question))
}

/// The eight digits of a suite with HOTP-SHA256-8 for a question as it is authenticated.
fn respond(suite: &str, key: &[u8], question: &[u8]) -> Zeroizing<String> {
    let data = [suite.as_bytes(), &[0], question].concat();
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &data);
    let mac = mac.as_ref();
    // RFC 4226, section 5.3.
    let offset = usize::from(mac[mac.len() - 1] & 0xf);
    let number = mac[offset..offset + 4].iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    Zeroizing::new(format!("{:08}", (number & 0x7fff_ffff) % 100_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6287, appendix C.2: the suite with nothing but a question, here of letters and digits.
    #[test]
    fn the_rfcs_vectors() {
        let vectors = [
            ("CLI22220SRV11110", "28247970"),
            ("CLI22221SRV11111", "01984843"),
            ("CLI22222SRV11112", "65387857"),
            ("SRV11110CLI22220", "15510767"),
            ("SRV11111CLI22221", "90175646"),
            ("SRV11114CLI22224", "28934924"),
        ];
        for (text, expected) in vectors {
            let mut question = [0; QUESTION];
            question[..text.len()].copy_from_slice(text.as_bytes());
            let response = respond("OCRA-1:HOTP-SHA256-8:QA08", b"12345678901234567890123456789012", &question);
            assert_eq!(*response, expected, "{text}");
        }
    }

    #[test]
    fn only_ten_digits_are_a_question() {
        for wrong in ["", "123456789", "12345678901", "123456789a", "+123456789", "١٢٣٤٥٦٧٨٩٠"] {
            assert_eq!(response(&[1; 32], wrong), None, "{wrong}");
        }
        assert_ne!(response(&[1; 32], "0000000000"), response(&[1; 32], "0000000001"));
        assert_ne!(response(&[1; 32], "0000000000"), response(&[2; 32], "0000000000"));
    }
}
