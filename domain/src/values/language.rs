//! The languages of pages and mails.

use minicbor::{Decode, Encode};

/// A language that every page and mail exists in. Numbers are stored and never given twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Language {
    /// English, the fallback.
    #[default]
    #[n(0)]
    English,
    /// French.
    #[n(1)]
    French,
    /// German.
    #[n(2)]
    German,
    /// Greek.
    #[n(3)]
    Greek,
}

impl Language {
    /// All languages, in the order in which pages list them.
    pub const ALL: [Self; 4] = [Self::German, Self::Greek, Self::English, Self::French];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::German => "de",
            Self::Greek => "el",
        }
    }

    /// The language with this BCP 47 primary tag, region ignored (`fr-BE` is French).
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}
