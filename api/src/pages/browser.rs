//! A browser as its owner would name it.

use super::Chrome;

/// What a `User-Agent` says, as far as a person needs it to know a session again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Browser {
    name: Option<&'static str>,
    system: Option<&'static str>,
}

/// Marks in order: browsers that also carry their ancestor's mark come before it.
const NAMES: [(&str, &str); 12] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// Android names Linux too, an iPhone names Mac OS X too.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

fn first(user_agent: &str, marks: &[(&str, &'static str)]) -> Option<&'static str> {
    marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
}

impl Browser {
    /// The browser that calls itself so in its `User-Agent` (RFC 9110, section 10.1.5). Names only: versions change by
    /// themselves, and nothing of the header's own text is shown.
    #[must_use]
    pub fn from_user_agent(user_agent: &str) -> Self {
        Self { name: first(user_agent, &NAMES), system: first(user_agent, &SYSTEMS) }
    }

    /// Its names, in no language; empty where it tells none.
    #[must_use]
    pub fn named(self) -> String {
        [self.name, self.system].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    pub(super) fn text(self, chrome: &Chrome) -> String {
        match (self.name, self.system) {
            (Some(name), Some(system)) => {
                chrome.texts().text("browser-on", &[("browser", name.into()), ("system", system.into())])
            }
            (Some(name), None) | (None, Some(name)) => name.to_owned(),
            (None, None) => chrome.t("browser-unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Browser;

    #[test]
    fn browsers_are_told_from_their_ancestors() {
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome",
                "Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari",
                "macOS",
            ),
        ];
        for (user_agent, name, system) in cases {
            assert_eq!(
                Browser::from_user_agent(user_agent),
                Browser { name: Some(name), system: Some(system) },
                "{user_agent}"
            );
        }
    }

    #[test]
    fn nothing_of_an_unknown_header_is_shown() {
        assert_eq!(Browser::from_user_agent("<script>"), Browser { name: None, system: None });
    }
}
