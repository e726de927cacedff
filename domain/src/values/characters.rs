//! What the values ask about a character.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The character's general category (Unicode Standard, section 4.5).
pub(super) fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// Letters of any alphabet.
pub(super) fn is_letter(c: char) -> bool {
    GeneralCategoryGroup::Letter.contains(category(c))
}

/// Combining marks.
pub(super) fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(category(c))
}

/// Characters that change the order in which the text around them is shown (UAX 9, section 2): marks, embeddings,
/// overrides and isolates.
pub(super) fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters that are seen as nothing at all: controls, format characters (those that change the direction among
/// them), fillers, line and paragraph separators.
pub(super) fn is_invisible(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    matches!(category(c), Control | Format | LineSeparator | ParagraphSeparator)
        || (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) && !is_mark(c))
}

/// Characters whose properties the Unicode Standard does not fix yet, or never will. Those of all others are stable, so
/// that what is folded and normalised today stays the same under a later version.
pub(super) fn is_unassigned(c: char) -> bool {
    use GeneralCategory::{PrivateUse, Surrogate, Unassigned};
    matches!(category(c), PrivateUse | Surrogate | Unassigned)
}
