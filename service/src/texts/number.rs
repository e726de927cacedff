//! Numbers as each language writes them (Unicode CLDR: decimal and grouping separators of en, fr, de, el).

use chancery_domain::values::Language;
use fluent_templates::FluentBundle;
use fluent_templates::fluent_bundle::{FluentResource, FluentValue};

/// What stands between groups of three digits.
pub(super) const fn separator(language: Language) -> &'static str {
    match language {
        Language::English => ",",
        Language::French => "\u{202f}",
        Language::German | Language::Greek => ".",
    }
}

/// `number` in groups of three digits.
pub(super) fn grouped(number: u64, separator: &str) -> String {
    let digits = number.to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 3 * separator.len());
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            written.push_str(separator);
        }
        written.push(digit);
    }
    written
}

/// Makes a bundle write numbers in its language's own form.
pub(super) fn follow_language(bundle: &mut FluentBundle<&'static FluentResource>) {
    let language = bundle.locales.first().and_then(|locale| Language::from_tag(locale.language.as_str()));
    // The formatter is a plain function that is not told its language, so each language has its own.
    bundle.set_formatter(Some(match language.unwrap_or_default() {
        Language::English => |value, _| write(value, Language::English),
        Language::French => |value, _| write(value, Language::French),
        Language::German => |value, _| write(value, Language::German),
        Language::Greek => |value, _| write(value, Language::Greek),
    }));
}

/// A whole number that is not negative; everything else keeps Fluent's own form.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a whole number in range")]
fn write(value: &FluentValue<'_>, language: Language) -> Option<String> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        FluentValue::Number(number) if (0.0..EXACT).contains(&number.value) && number.value.fract() == 0.0 => {
            Some(grouped(number.value as u64, separator(language)))
        }
        _ => None,
    }
}
