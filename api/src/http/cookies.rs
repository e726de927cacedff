//! Cookies: read, set and expired in one place.

use axum::http::{HeaderMap, header};

/// A cookie of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// Tells one browser from another before anybody has signed in.
    Browser,
    /// The first proof of a sign-in, while the second is asked for.
    Proof,
    /// The session.
    Session,
    /// The accounts that the browser is known to.
    Known,
    /// The chosen language.
    Language,
    /// The development key.
    Development,
}

const DAY: u32 = 24 * 3600;

impl Cookie {
    const fn base(self) -> &'static str {
        match self {
            Self::Browser => "chancery-browser",
            Self::Proof => "chancery-proof",
            Self::Session => "chancery-session",
            Self::Known => "chancery-known",
            Self::Language => "chancery-language",
            Self::Development => "chancery-development",
        }
    }

    /// How long the browser keeps it; `None` until it is closed.
    const fn lifetime(self) -> Option<u32> {
        match self {
            Self::Proof | Self::Session | Self::Development => None,
            Self::Browser => Some(2 * DAY),
            // RFC 6265bis allows 400 days.
            Self::Known | Self::Language => Some(400 * DAY),
        }
    }

    /// The name; on https with the prefix that binds it to this very host (RFC 6265bis, section 4.1.3.2).
    fn name(self, secure: bool) -> String {
        if secure { format!("__Host-{}", self.base()) } else { self.base().to_owned() }
    }

    /// The value that came with a request; of several the first.
    #[must_use]
    pub fn read(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        let name = self.name(secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// The `Set-Cookie` that keeps a value. Values of ours need no quoting.
    #[must_use]
    pub fn set(self, value: &str, secure: bool) -> String {
        let lifetime = self.lifetime().map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        format!("{}={value}{}{lifetime}", self.name(secure), attributes(secure))
    }

    /// The `Set-Cookie` that takes it away, by name.
    #[must_use]
    pub fn expire(self, secure: bool) -> String {
        format!("{}={}; Max-Age=0", self.name(secure), attributes(secure))
    }
}

const fn attributes(secure: bool) -> &'static str {
    if secure { "; Path=/; Secure; HttpOnly; SameSite=Lax" } else { "; Path=/; HttpOnly; SameSite=Lax" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_on_https_are_bound_to_the_host() {
        assert_eq!(Cookie::Session.set("v", true), "__Host-chancery-session=v; Path=/; Secure; HttpOnly; SameSite=Lax");
        assert_eq!(Cookie::Session.set("v", false), "chancery-session=v; Path=/; HttpOnly; SameSite=Lax");
        assert!(Cookie::Known.set("v", true).ends_with("; Max-Age=34560000"));
        assert!(Cookie::Session.expire(true).ends_with("; Max-Age=0"));
    }

    #[test]
    fn the_first_of_several_counts_and_other_names_do_not() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "x=1; chancery-session=a; chancery-session=b".parse().unwrap());
        assert_eq!(Cookie::Session.read(&headers, false), Some("a"));
        assert_eq!(Cookie::Session.read(&headers, true), None);
    }
}
