//! The language of a page: the person's choice, else the browser's.

use chancery_domain::values::Language;

/// The best of the browser's languages (RFC 9110, section 12.5.4); `otherwise` if it names none of ours.
#[must_use]
pub fn negotiate(accept: Option<&str>, otherwise: Language) -> Language {
    let mut best: Option<(u16, Language)> = None;
    // Nobody speaks more than a few dozen languages.
    for range in accept.unwrap_or_default().split(',').take(64) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim();
        let quality = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
        let language = if tag == "*" { Some(otherwise) } else { Language::from_tag(tag) };
        if let Some(language) = language
            && quality > 0
            && best.is_none_or(|(best, _)| quality > best)
        {
            best = Some((quality, language));
        }
    }
    best.map_or(otherwise, |(_, language)| language)
}

fn thousandths(quality: &str) -> u16 {
    quality.parse::<f32>().map_or(0, |quality| (quality.clamp(0.0, 1.0) * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_the_browsers_languages_is_taken() {
        for (accept, language) in [
            ("el", Language::Greek),
            ("fr-BE,fr;q=0.9,en;q=0.8", Language::French),
            ("pl,de;q=0.7,en;q=0.8", Language::English),
            ("pl, *;q=0.1, de;q=0.5", Language::German),
            ("de;q=0, fr;q=0.1", Language::French),
            ("de;q=nonsense", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(negotiate(Some(accept), Language::English), language, "{accept}");
        }
        assert_eq!(negotiate(None, Language::English), Language::English);
    }

    #[test]
    fn where_the_browser_names_none_of_ours_the_operators_choice_is_taken() {
        for accept in [None, Some("pl"), Some("*"), Some("el;q=0, pl"), Some("pl, *;q=0.5")] {
            assert_eq!(negotiate(accept, Language::Greek), Language::Greek, "{accept:?}");
        }
        assert_eq!(negotiate(Some("*;q=0.1, fr"), Language::Greek), Language::French);
    }
}
