//! Whether a password is little more than a word that everybody knows about its owner.

use icu_casemap::CaseMapper;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::characters::is_mark;

/// Shorter words are in too many passwords by chance.
const SHORTEST_WORD: usize = 2;

/// Shorter pieces of a longer word are not looked for.
const SHORTEST_PIECE: usize = 3;

/// So many digits and signs around a word are a trivial change: a date, a counter, an exclamation mark.
const TRIVIAL_SIGNS: usize = 8;

/// Whether the password is mostly these words: when they are taken out, at most [`TRIVIAL_SIGNS`] digits and signs are
/// left, and fewer letters than were taken out.
///
/// Both sides are compared without case, marks, punctuation and spaces; digits and signs that stand for letters (`4`,
/// `@`, `$`) count as those letters; a word is also found backwards, repeated, and in its pieces (`Jean-Pierre`).
pub(super) fn is_mostly(password: &str, words: &[&str]) -> bool {
    let password = Spelled::of(password);
    let mut covered = vec![false; password.plain.len()];
    for word in words.iter().flat_map(|word| forms(word)) {
        for start in 0..covered.len() {
            if password.plain[start..].starts_with(&word) {
                covered[start..start + word.len()].fill(true);
            }
        }
    }
    let taken = covered.iter().filter(|covered| **covered).count();
    let left = || covered.iter().zip(&password.is_letter).filter(|(covered, _)| !**covered);
    let letters_left = left().filter(|(_, is_letter)| **is_letter).count();
    let signs_left = left().count() - letters_left + password.signs;
    letters_left < taken && signs_left <= TRIVIAL_SIGNS
}

/// A text, character by character, as it is compared.
struct Spelled {
    /// Letters and digits, and the signs that stand for letters.
    plain: Zeroizing<Vec<char>>,
    /// Which of them were letters as typed.
    is_letter: Vec<bool>,
    /// The number of signs that stand for nothing.
    signs: usize,
}

impl Spelled {
    fn of(text: &str) -> Self {
        let folder = CaseMapper::new();
        // Compatibility decomposition makes up to 18 characters of one, spelling up to two of one: with room for what
        // is usual, the buffer does not move and leaves no copy behind.
        let room = text.len() * 2;
        let mut spelled =
            Self { plain: Zeroizing::new(Vec::with_capacity(room)), is_letter: Vec::with_capacity(room), signs: 0 };
        for c in text.nfkd().filter(|c| !is_mark(*c)) {
            match spelling(folder.simple_fold(c)) {
                (None, _) => spelled.signs += 1,
                (Some(first), second) => {
                    for plain in [Some(first), second].into_iter().flatten() {
                        spelled.plain.push(plain);
                        spelled.is_letter.push(c.is_alphabetic());
                    }
                }
            }
        }
        spelled
    }
}

/// How a character is spelled for the comparison, `None` for a sign that stands for nothing. `l` and `i` are one, since
/// `1` and `!` stand for either.
fn spelling(c: char) -> (Option<char>, Option<char>) {
    match c {
        'ß' => (Some('s'), Some('s')),
        'æ' => (Some('a'), Some('e')),
        'œ' => (Some('o'), Some('e')),
        'ø' | '0' => (Some('o'), None),
        'ł' | 'ı' | 'l' | '1' | '!' | '|' => (Some('i'), None),
        'đ' | 'ð' => (Some('d'), None),
        '3' | '€' => (Some('e'), None),
        '4' | '@' => (Some('a'), None),
        '5' | '$' => (Some('s'), None),
        '7' | '+' => (Some('t'), None),
        '8' => (Some('b'), None),
        c if c.is_alphanumeric() => (Some(c), None),
        _ => (None, None),
    }
}

/// What to look for: the word, the word without digits and signs around it, its pieces, and each of these backwards.
fn forms(word: &str) -> Vec<Vec<char>> {
    let plain = |text: &str| Spelled::of(text).plain.to_vec();
    let pieces = word.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).map(plain);
    let mut forms = pieces.filter(|piece| piece.len() >= SHORTEST_PIECE).collect::<Vec<_>>();
    forms.push(plain(word));
    forms.push(plain(word.trim_matches(|c: char| !c.is_alphabetic())));
    forms.retain(|form| form.len() >= SHORTEST_WORD);
    let backwards = forms.iter().map(|form| form.iter().rev().copied().collect()).collect::<Vec<Vec<char>>>();
    forms.extend(backwards);
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_trivial_changes() {
        let cases = [
            ("Chancery2024!", "chancery"),
            ("CHANCERY-CHANCERY", "Chancery"),
            ("Ch4nc3ry!!2024", "Chancery"),
            ("yrecnahc#1", "Chancery"),
            ("c.h.a.n.c.e.r.y", "Chancery"),
            ("My-Chancery1", "Chancery"),
            ("Franc0Franc0", "Franco"),
            ("Mar1a19800101", "María"),
            ("MARI@1234567", "Maria"),
            ("Li12345678", "Li"),
            ("Pierre-1999", "Jean-Pierre"),
            ("jeanpierre99!", "Jean-Pierre"),
            ("ΜΑΡΊΑΣ2024!", "Μαρίας"),
            ("Мария2024!!", "МАРИЯ"),
            ("李伟李伟李伟2024", "李伟"),
            ("Strasse2024!", "Straße"),
            ("Lukasz2024!!", "Łukasz"),
            ("ｍａｒｉａ2024", "maria"),
            ("maria.smith1981", "maria.smith1980"),
            ("MariaSmith80!", "maria.smith1980"),
            ("123456Ab!123456", "12.34.56"),
            ("ÑANDÚñandúñandúñandúñandú", "Ñandú"),
        ];
        for (password, word) in cases {
            assert!(is_mostly(password, &[word]), "{password} is mostly {word}");
        }
    }

    #[test]
    fn words_in_company() {
        let cases = [
            ("maria goes to Rome", "Maria"),
            ("maria8273645190482", "Maria"),
            ("correct horse battery", "Horst"),
            ("bonjour2024", "Bo"),
            ("aa-ba-ca-da", "A"),
            ("1234567890", ""),
            ("!!!!!!!!!!", "---"),
            ("", "Maria"),
        ];
        for (password, word) in cases {
            assert!(!is_mostly(password, &[word]), "{password} is more than {word}");
        }
    }

    #[test]
    fn words_are_counted_together() {
        assert!(!is_mostly("LeeKimLee+Kimono", &["Lee"]));
        assert!(is_mostly("LeeKim2024!!", &["Lee", "Kim"]));
        assert!(!is_mostly("LeeKim2024!!", &["Lee"]));
    }
}
