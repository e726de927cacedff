//! The names of a person.

use std::fmt;

use minicbor::{Decode, Encode};
use unicode_normalization::UnicodeNormalization;

use super::characters::{is_bidi_control, is_invisible, is_letter, is_mark};

/// One reason why something typed is not taken as a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// No letter: nothing but white space, or signs that stand between letters.
    #[error("no name was given")]
    Empty,
    /// More than [`PersonName::MAX_CHARACTERS`] characters.
    #[error("the name is longer than {} characters", PersonName::MAX_CHARACTERS)]
    TooLong,
    /// A control or another invisible character.
    #[error("an invisible character is in the name")]
    Invisible,
    /// A character that changes the direction of the text around it.
    #[error("a character that changes the direction of text is in the name")]
    Bidirectional,
    /// A full stop that is followed by something else than a space: it could make a web address of the name.
    #[error("a full stop in a name stands before a space or at the end only")]
    FullStop,
    /// None of the characters of a [`PersonName`]. The first such character.
    #[error("the character {0:?} cannot be used in a name")]
    Character(char),
}

/// Everything that is wrong with a typed name, each kind of problem once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameErrors(Vec<NameProblem>);

impl NameErrors {
    /// The problems, at least one, in the order of [`NameProblem`].
    #[must_use]
    pub fn problems(&self) -> &[NameProblem] {
        &self.0
    }
}

impl fmt::Display for NameErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for NameErrors {}

/// A first or a last name: letters of any alphabet, at least one, marks, spaces, apostrophes, hyphens and full stops, in
/// NFC, with single spaces. Names go into mails, so that nothing that could become a link is in one.
///
/// Between two letters, where languages write them, also the middle dot (U+00B7), the katakana middle dot (U+30FB), and the
/// joiners (U+200C, U+200D).
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct PersonName(#[n(0)] String);

impl PersonName {
    /// The greatest length, in characters (Unicode scalar values) after NFC.
    pub const MAX_CHARACTERS: usize = 100;

    /// Takes what a person typed, white space around it ignored and each run of spaces within made one.
    ///
    /// # Errors
    /// [`NameErrors`] names all that is wrong at once.
    pub fn parse(typed: &str) -> Result<Self, NameErrors> {
        /// No name of 100 characters is longer in any of its equivalent forms; spares the work on a megabyte.
        const MAX_OCTETS: usize = 4096;

        let typed = typed.trim();
        if typed.is_empty() {
            return Err(NameErrors(vec![NameProblem::Empty]));
        }
        if typed.len() > MAX_OCTETS {
            return Err(NameErrors(vec![NameProblem::TooLong]));
        }
        let name = with_single_spaces(typed);
        let characters = name.chars().collect::<Vec<_>>();
        let around = |index: usize| {
            let before = index.checked_sub(1).and_then(|previous| characters.get(previous));
            (before.copied(), characters.get(index + 1).copied())
        };
        let found = characters.iter().enumerate().filter_map(|(index, &c)| {
            let (before, after) = around(index);
            problem(before, c, after)
        });
        let mut problems = Vec::new();
        if characters.len() > Self::MAX_CHARACTERS {
            problems.push(NameProblem::TooLong);
        }
        problems.extend(found);
        if problems.is_empty() && !characters.iter().any(|c| is_letter(*c)) {
            problems.push(NameProblem::Empty);
        }
        problems.sort_by_key(rank);
        problems.dedup_by_key(|problem| rank(problem));
        if problems.is_empty() { Ok(Self(name)) } else { Err(NameErrors(problems)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Shows nothing of the name.
impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

const fn rank(problem: &NameProblem) -> u8 {
    match problem {
        NameProblem::Empty => 0,
        NameProblem::TooLong => 1,
        NameProblem::Invisible => 2,
        NameProblem::Bidirectional => 3,
        NameProblem::FullStop => 4,
        NameProblem::Character(_) => 5,
    }
}

/// NFC, each run of spaces a single U+0020.
fn with_single_spaces(typed: &str) -> String {
    let mut name = String::with_capacity(typed.len());
    for c in typed.nfc() {
        match c {
            c if is_space(c) && name.ends_with(' ') => {}
            c if is_space(c) => name.push(' '),
            c => name.push(c),
        }
    }
    name
}

/// White space that only separates words. Tabs and line breaks are control characters.
fn is_space(c: char) -> bool {
    c.is_whitespace() && !is_invisible(c)
}

/// What is wrong with a character between its neighbours.
fn problem(before: Option<char>, c: char, after: Option<char>) -> Option<NameProblem> {
    let is_written = |c: Option<char>| c.is_some_and(|c| is_letter(c) || is_mark(c));
    match c {
        ' ' | '-' | '\'' => None,
        // Apostrophes: quotation marks as keyboards give them, Armenian, Hebrew geresh and gershayim.
        '\u{2018}' | '\u{2019}' | '\u{055A}' | '\u{05F3}' | '\u{05F4}' => None,
        // Hyphens: Unicode's own, the non-breaking one, Armenian, Hebrew maqaf.
        '\u{2010}' | '\u{2011}' | '\u{058A}' | '\u{05BE}' => None,
        // Dots within a word that belong to its letters: Catalan l·l, Japanese ジャン・ポール.
        '\u{00B7}' | '\u{30FB}' if is_written(before) && is_written(after) => None,
        // Joiners, by which Persian and the scripts of India tell one form of a letter from another.
        '\u{200C}' | '\u{200D}' if is_written(before) && is_written(after) => None,
        '.' => (!matches!(after, None | Some(' '))).then_some(NameProblem::FullStop),
        _ if is_bidi_control(c) => Some(NameProblem::Bidirectional),
        _ if is_invisible(c) => Some(NameProblem::Invisible),
        _ if is_letter(c) => None,
        _ if is_mark(c) && is_written(before) => None,
        _ => Some(NameProblem::Character(c)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problems(typed: &str) -> Vec<NameProblem> {
        PersonName::parse(typed).map_or_else(|errors| errors.problems().to_vec(), |_| Vec::new())
    }

    #[test]
    fn names_of_the_world() {
        let names = [
            "Maria",
            "Ó Súilleabháin",
            "O'Brien",
            "O\u{2019}Neil",
            "d\u{2018}Arc",
            "Jean-Pierre",
            "María José",
            "Gal·la",
            "Søren",
            "Łukasz",
            "Nguyễn Thị",
            "Παπαδόπουλος",
            "Ελένη",
            "Иванова-Петрова",
            "Ŀluís",
            "محمد",
            "עמית",
            "צ׳רלי",
            "ジャン・ポール",
            "山田",
            "김민준",
            "अनीता",
            "ক্ষমা",
            "மகாலட்சுமி",
            "สมชาย",
            "İbrahim",
            "ʻOkalani",
            "J. R. Tolkien",
            "Jr.",
            "Martin L. King Jr.",
            "می\u{200C}نو",
            "श्री",
            "葛\u{E0100}城",
            "X",
            "Àlex",
            "Nǀǀau",
        ];
        for name in names {
            assert_eq!(PersonName::parse(name).map(|n| n.to_string()), Ok(name.nfc().collect()), "{name}");
        }
    }

    #[test]
    fn white_space_is_tidied() {
        let tidy = |typed: &str| PersonName::parse(typed).expect("a name").to_string();
        assert_eq!(tidy(" \t Maria \n"), "Maria");
        assert_eq!(tidy("María \u{A0}\u{3000}  José"), "María José");
        assert_eq!(tidy("J.\u{2003}R."), "J. R.");
    }

    #[test]
    fn stored_in_nfc_and_counted_after_it() {
        assert_eq!(PersonName::parse("Jose\u{301}").expect("a name").as_str(), "Jos\u{E9}");
        assert_eq!(problems(&"e\u{301}".repeat(100)), []);
        assert_eq!(problems(&"e\u{301}".repeat(101)), [NameProblem::TooLong]);
        assert_eq!(problems(&"é".repeat(100)), []);
        assert_eq!(problems(&"𐐀".repeat(100)), []);
        assert_eq!(problems(&"é".repeat(101)), [NameProblem::TooLong]);
        assert_eq!(problems(&"a".repeat(1_000_000)), [NameProblem::TooLong]);
        // Any canonically equivalent spelling of 100 characters is short enough to be looked at.
        assert_eq!(problems(&"\u{1F82}".repeat(100).nfd().collect::<String>()), []);
    }

    #[test]
    fn each_rule() {
        use NameProblem::{Bidirectional, Character, Empty, FullStop, Invisible};
        let cases: &[(&str, &[NameProblem])] = &[
            ("", &[Empty]),
            (" \u{3000}\n", &[Empty]),
            ("-", &[Empty]),
            ("'. - .", &[Empty]),
            ("-2", &[Character('2')]),
            ("evil.example", &[FullStop]),
            (".Maria", &[FullStop]),
            ("Jr..", &[FullStop]),
            ("J.-P.", &[FullStop]),
            ("a/b", &[Character('/')]),
            ("https:x", &[Character(':')]),
            ("a@b", &[Character('@')]),
            ("www\u{FF0E}evil", &[Character('\u{FF0E}')]),
            ("evil\u{3002}com", &[Character('\u{3002}')]),
            ("evil\u{2024}com", &[Character('\u{2024}')]),
            ("a\u{2044}b", &[Character('\u{2044}')]),
            ("a\u{FF20}b", &[Character('\u{FF20}')]),
            ("Maria2", &[Character('2')]),
            ("Louis Ⅷ", &[Character('Ⅷ')]),
            ("<b>", &[Character('<')]),
            ("A, B", &[Character(',')]),
            ("A \u{1F600}", &[Character('\u{1F600}')]),
            ("\u{301}a", &[Character('\u{301}')]),
            ("·a", &[Character('·')]),
            ("a·", &[Character('·')]),
            ("A\u{2800}B", &[Character('\u{2800}')]),
            ("A\u{E000}", &[Character('\u{E000}')]),
            ("A\u{FDD0}", &[Character('\u{FDD0}')]),
            ("A\0B", &[Invisible]),
            ("A\tB", &[Invisible]),
            ("A\r\nBcc", &[Invisible]),
            ("A\u{85}B", &[Invisible]),
            ("A\u{2028}B", &[Invisible]),
            ("A\u{7F}", &[Invisible]),
            ("A\u{200B}B", &[Invisible]),
            ("A\u{FEFF}B", &[Invisible]),
            ("A\u{AD}B", &[Invisible]),
            ("\u{3164}", &[Invisible]),
            ("A\u{200D} B", &[Invisible]),
            ("A\u{202E}B", &[Bidirectional]),
            ("A\u{202A}B", &[Bidirectional]),
            ("A\u{2066}B\u{2069}", &[Bidirectional]),
            ("A\u{200F}B", &[Bidirectional]),
            ("A\u{61C}B", &[Bidirectional]),
        ];
        for (typed, expected) in cases {
            assert_eq!(problems(typed), *expected, "{typed:?}");
        }
    }

    #[test]
    fn all_problems_at_once_each_kind_once() {
        use NameProblem::{Bidirectional, Character, FullStop, Invisible, TooLong};
        let typed = format!("{}1\u{202E}.x/.y\0\u{2066}", "a".repeat(100));
        assert_eq!(problems(&typed), [TooLong, Invisible, Bidirectional, FullStop, Character('1')]);
        let shown = PersonName::parse("a.b/c").expect_err("two problems").to_string();
        assert_eq!(
            shown,
            "a full stop in a name stands before a space or at the end only; the character '/' cannot be used in a name"
        );
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", PersonName::parse("Maria").expect("a name")), "PersonName(…)");
    }

    #[test]
    fn what_is_stored_is_read_back_whatever_today_s_rules() {
        let bytes = minicbor::to_vec("R2-D2").expect("encodes");
        assert_eq!(minicbor::decode::<PersonName>(&bytes).expect("decodes").as_str(), "R2-D2");
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_stable(typed in ".*|[\\p{L}\\p{M} '.-]{0,110}") {
            if let Ok(name) = PersonName::parse(&typed) {
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name.clone()));
                let length = name.as_str().chars().count();
                prop_assert!((1..=PersonName::MAX_CHARACTERS).contains(&length));
                let refused = ['/', ':', '@', '\n', '\0', '\u{202E}'];
                prop_assert!(!name.as_str().contains(refused));
                prop_assert!(!name.as_str().contains("  "));
                let mut after_stop = name.as_str().split('.').skip(1);
                prop_assert!(after_stop.all(|rest| rest.is_empty() || rest.starts_with(' ')));
                let bytes = minicbor::to_vec(&name).expect("encodes");
                prop_assert_eq!(minicbor::decode::<PersonName>(&bytes).expect("decodes"), name);
            }
        }
    }
}
