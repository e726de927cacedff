//! Secrets that are never stored. All but those of applications, which are random and of which only a hash is kept, are
//! keyed MACs over an id, made anew when they are needed.

pub mod applications;
pub mod browsers;
pub mod codes;
pub mod cookie;
pub mod devices;
pub mod forms;
pub mod links;
pub mod sessions;
pub mod sms_codes;

/// Base 32 without letters that are taken for digits (Crockford's alphabet), in lower case: it survives mail programs
/// that change the case, and people who type.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Bytes in [`ALPHABET`], most significant bits first; the last character is filled up with zero bits.
pub(crate) fn encode32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity((bytes.len() * 8).div_ceil(5));
    let (mut buffer, mut bits) = (0u32, 0);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[(buffer >> bits) as usize & 31]));
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[(buffer << (5 - bits)) as usize & 31]));
    }
    out
}

/// A character in lower case, a digit for each letter that is taken for one.
pub(crate) const fn unlike(character: u8) -> u8 {
    match character.to_ascii_lowercase() {
        b'o' => b'0',
        b'i' | b'l' => b'1',
        other => other,
    }
}

/// The value of each character, in any case; `None` for those that have none.
static VALUES: [Option<u8>; 256] = {
    let mut values = [None; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        let mut character = 0_u8;
        loop {
            if unlike(character) == ALPHABET[value] {
                values[character as usize] = Some(value as u8);
            }
            if character == u8::MAX {
                break;
            }
            character += 1;
        }
        value += 1;
    }
    values
};

/// Reads what [`encode32`] wrote, in any case, with `o` for 0 and `i` or `l` for 1; `None` for anything else.
pub(crate) fn decode32<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != (N * 8).div_ceil(5) {
        return None;
    }
    let mut out = [0; N];
    let (mut buffer, mut bits, mut index) = (0u32, 0, 0);
    for character in text.bytes() {
        buffer = (buffer << 5) | u32::from(VALUES[usize::from(character)]?);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            *out.get_mut(index)? = u8::try_from((buffer >> bits) & 0xff).ok()?;
            index += 1;
            buffer &= (1 << bits) - 1;
        }
    }
    (index == N && buffer == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_32_goes_there_and_back() {
        for byte in 0..=255u8 {
            let bytes = [byte, byte.wrapping_mul(7), 3, byte ^ 0x55, 9, byte, 1];
            let text = encode32(&bytes);
            assert_eq!(decode32::<7>(&text), Some(bytes));
            assert_eq!(decode32::<7>(&text.to_uppercase()), Some(bytes));
        }
    }

    #[test]
    fn base_32_forgives_look_alikes_and_nothing_else() {
        assert_eq!(decode32::<5>("0oOlLiI1"), decode32::<5>("00011111"));
        assert_eq!(decode32::<5>("0000000u"), None);
        assert_eq!(decode32::<5>("000000"), None);
        assert_eq!(decode32::<5>("00000000 "), None);
        assert_eq!(decode32::<7>("00000000000z"), None, "bits that encode nothing must be zero");
    }
}
