//! Messages that hold one link.

/// A message cut at its link, so that the template writes the `<a>` element and no text carries markup into a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkText {
    /// What comes before the link.
    pub before: String,
    /// The link's own text.
    pub link: String,
    /// What comes after it.
    pub after: String,
}

impl LinkText {
    /// Cuts `text` at its first `<a>` and the `</a>` that follows. A text without them is all link.
    #[must_use]
    pub fn cut(text: &str) -> Self {
        let parts = text.split_once("<a>").and_then(|(before, rest)| {
            rest.split_once("</a>").map(|(link, after)| (before.to_owned(), link.to_owned(), after.to_owned()))
        });
        let (before, link, after) = parts.unwrap_or_else(|| (String::new(), text.to_owned(), String::new()));
        Self { before, link, after }
    }
}

#[cfg(test)]
mod tests {
    use super::LinkText;

    #[test]
    fn a_text_is_cut_at_its_link() {
        let cut = LinkText::cut("I accept the <a>statement</a>.");
        assert_eq!((cut.before.as_str(), cut.link.as_str(), cut.after.as_str()), ("I accept the ", "statement", "."));
    }

    #[test]
    fn a_text_without_a_whole_link_is_all_link() {
        for text in ["no link", "no <a>end", "no start</a>"] {
            assert_eq!(LinkText::cut(text).link, text);
        }
    }
}
