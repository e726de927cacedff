//! The public origin.

use std::net::IpAddr;

use ::url::{Host, Url};

use super::Value;

/// The origin that people's browsers use: scheme, host and port, and nothing after it.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: Host,
    https: bool,
}

impl PublicUrl {
    /// `http://localhost:PORT`: a name and no address, since WebAuthn refuses addresses.
    #[must_use]
    pub fn localhost(port: u16) -> Self {
        let origin = if port == 80 { "http://localhost".to_owned() } else { format!("http://localhost:{port}") };
        Self { origin, host: Host::Domain("localhost".to_owned()), https: false }
    }

    /// The origin as browsers serialise it (RFC 6454, section 6.2): without a slash at its end, without the
    /// scheme's own port.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// The host, an IPv6 address in brackets, without the port.
    #[must_use]
    pub fn host(&self) -> String {
        self.host.to_string()
    }

    /// The host and, where it is not the scheme's own, the port.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, authority)| authority)
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// Whether it names the machine itself, whoever resolves it: `localhost`, names under it (RFC 6761,
    /// section 6.3), `127.0.0.0/8` and `::1`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether the host is an IP address, with which passkeys cannot work.
    #[must_use]
    pub const fn is_address(&self) -> bool {
        !matches!(self.host, Host::Domain(_))
    }
}

/// Whether the host is the machine itself.
pub(super) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost" || name.as_ref().ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).to_canonical().is_loopback(),
    }
}

impl Value for PublicUrl {
    fn from_text(text: &str) -> Result<Self, String> {
        let bare = |url: &Url| {
            let extra = url.path() != "/" || url.query().is_some() || url.fragment().is_some();
            let user = !url.username().is_empty() || url.password().is_some() || text.contains('@');
            !extra && !user && url.port() != Some(0)
        };
        let read = || {
            let url = Url::parse(text).ok().filter(bare)?;
            let host = url.host()?.to_owned();
            let https = match url.scheme() {
                "https" => true,
                "http" if is_loopback(&host) => false,
                _ => return None,
            };
            Some(Self { origin: url.origin().ascii_serialization(), host, https })
        };
        read().ok_or_else(|| {
            "an origin such as https://login.example.org: https (http only for this machine), a host, perhaps a port, \
             and neither user nor path"
                .to_owned()
        })
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.origin)
    }
}

impl std::fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicUrl({})", self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        for (text, origin, authority, loopback) in [
            ("https://login.example.org", "https://login.example.org", "login.example.org", false),
            ("HTTPS://Login.Example.ORG:443/", "https://login.example.org", "login.example.org", false),
            ("https://bücher.example:8443", "https://xn--bcher-kva.example:8443", "xn--bcher-kva.example:8443", false),
            ("http://localhost:8080", "http://localhost:8080", "localhost:8080", true),
            ("http://app.localhost", "http://app.localhost", "app.localhost", true),
            ("http://127.0.0.9:1", "http://127.0.0.9:1", "127.0.0.9:1", true),
            ("http://[::1]:8080", "http://[::1]:8080", "[::1]:8080", true),
            ("https://localhost.example.org", "https://localhost.example.org", "localhost.example.org", false),
        ] {
            let url = PublicUrl::from_text(text).expect(text);
            assert_eq!((url.as_str(), url.authority(), url.is_loopback()), (origin, authority, loopback), "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "login.example.org",
            "http://login.example.org",
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "https://",
            "https://user@login.example.org",
            "https://:pw@login.example.org",
            "https://@login.example.org",
            "https://login.example.org/path",
            "https://login.example.org/?q",
            "https://login.example.org/#f",
            "https://login.example.org:0",
            "https://login.example.org:99999",
            "ftp://localhost",
            "javascript:alert(1)",
        ] {
            assert!(PublicUrl::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_local_origin_reads_back_as_itself() {
        for port in [80, 8080] {
            let url = PublicUrl::localhost(port);
            assert_eq!(PublicUrl::from_text(url.as_str()), Ok(url));
        }
    }
}
