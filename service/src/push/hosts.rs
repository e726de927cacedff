//! Which push services a browser may name.

use std::fmt;

use url::Host;

/// A push service, or all whose names end the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushHost {
    name: String,
    below: bool,
}

impl PushHost {
    /// Reads `push.example.org`, or `*.example.org` for every host below `example.org`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, below) = text.strip_prefix("*.").map_or((text, false), |name| (name, true));
        match Host::parse(name) {
            Ok(Host::Domain(name)) if !name.ends_with('.') && !name.contains('*') => Some(Self { name, below }),
            _ => None,
        }
    }

    /// Whether it is this host, written as a URL has it.
    #[must_use]
    pub fn names(&self, host: &str) -> bool {
        if !self.below {
            return host == self.name;
        }
        host.strip_suffix(self.name.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    }
}

impl fmt::Display for PushHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_whole_or_by_how_its_name_ends() {
        for text in ["fcm.googleapis.com", "*.notify.windows.com", "localhost"] {
            assert_eq!(PushHost::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "*", "*.", "https://a.org", "a.org:443", "10.0.0.1", "[::1]", "a.*.org", "a b", "a.org."] {
            assert_eq!(PushHost::parse(text), None, "{text}");
        }
    }
}
