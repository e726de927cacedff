//! Where a browser may be sent: paths of our own, and nothing that only looks like one.

use std::fmt;

use chancery_domain::account::MAX_TARGET;

/// The origin by which people reach the service (RFC 6454), such as `https://login.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    secure: bool,
}

impl Origin {
    /// The origin of a checked public URL, without a slash at its end.
    #[must_use]
    pub fn new(public_url: &str) -> Self {
        let text = public_url.trim_end_matches('/').to_ascii_lowercase();
        Self { secure: text.starts_with("https://"), text }
    }

    /// Whether it is https.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// As it stands in an `Origin` header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The target of a sign-in, if it is a path of this service: one that begins with a single slash and holds nothing that
/// a browser would read as another host. Anything else is `None`, and the person goes to the account's page.
#[must_use]
pub fn local_target(typed: &str) -> Option<String> {
    let mut characters = typed.chars();
    let is_path = characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
    let is_plain = typed.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    // What decodes to a slash or a backslash right after the first one has been used to leave a site.
    let encoded = typed.to_ascii_lowercase();
    let hides = ["/%2f", "/%5c", "/.%2f", "/%2e"].iter().any(|prefix| encoded.starts_with(prefix));
    (is_path && is_plain && !hides && typed.len() <= MAX_TARGET).then(|| typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_our_own_are_targets() {
        for target in ["/", "/account", "/account?tab=1&x=%2F", "/a/b#c"] {
            assert_eq!(local_target(target).as_deref(), Some(target));
        }
    }

    #[test]
    fn nothing_that_leaves_the_site_is() {
        let long = format!("/{}", "a".repeat(MAX_TARGET));
        for target in [
            "",
            "account",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/ /evil",
            "/\tevil",
            "/a\\b",
            "https://login.example.org@evil.example/",
            "/\u{2028}",
            "/é",
            "\n/account",
            &long,
        ] {
            assert_eq!(local_target(target), None, "{target:?}");
        }
    }

    #[test]
    fn an_origin_has_no_slash_at_its_end() {
        assert_eq!(Origin::new("https://Login.example.org/").as_str(), "https://login.example.org");
        assert!(Origin::new("https://x").is_secure() && !Origin::new("http://localhost:8080").is_secure());
    }
}
