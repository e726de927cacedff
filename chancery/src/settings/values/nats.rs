//! The URL of NATS.

use std::fmt;

use ::url::Url;
use secrecy::{ExposeSecret, SecretString};

use super::{HashMemory, Value};
use crate::settings::Exposure;

/// What stands in place of who we are.
const REDACTED: &str = "redacted";

/// The URLs of the servers of one NATS cluster, with commas between them. They may hold a user and a password, or a token:
/// wiped when dropped, redacted wherever they are shown.
#[derive(Clone)]
pub struct NatsUrl(SecretString);

impl NatsUrl {
    /// The URLs as given, for the one place that connects.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }

    /// Whether a URL says who we are: a password beside the user, or a token alone.
    #[must_use]
    pub fn has_password(&self) -> bool {
        urls(self.0.expose_secret()).is_some_and(|urls| urls.iter().any(holds_secret))
    }
}

fn holds_secret(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn urls(text: &str) -> Option<Vec<Url>> {
    let read = |text: &str| {
        let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "nats" | "tls"))?;
        let host = url.host_str().is_some_and(|host| !host.is_empty()) && url.port() != Some(0);
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        (host && bare).then_some(url)
    };
    text.split(',').map(read).collect()
}

impl Value for NatsUrl {
    const EXPOSURE: Exposure = Exposure::MayHoldPassword;

    fn from_text(text: &str) -> Result<Self, String> {
        let refusal = || "one or more URLs of NATS such as nats://nats.example.org:4222 or tls://nats.example.org";
        urls(text).map(|_| Self(text.replace(' ', "").into())).ok_or_else(|| refusal().to_owned())
    }
}

/// The URLs with `redacted` in place of each user and password.
impl fmt::Display for NatsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(urls) = urls(self.0.expose_secret()) else { return f.write_str(REDACTED) };
        for (place, mut url) in urls.into_iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            if holds_secret(&url) && (url.set_username(REDACTED).is_err() || url.set_password(None).is_err()) {
                f.write_str(REDACTED)?;
                continue;
            }
            f.write_str(url.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for NatsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NatsUrl({self})")
    }
}

/// Room on a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Room(u64);

impl Room {
    /// In bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl Value for Room {
    fn from_text(text: &str) -> Result<Self, String> {
        let size = HashMemory::from_text(text).map_err(|_| "an amount of room such as 256MiB or 2GiB")?;
        Ok(Self(u64::from(size.kibibytes()) * 1024))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_we_are_is_found_and_never_shown() {
        for text in [
            "nats://chancery:hunter2@nats:4222",
            "nats://hunter2@nats",
            "nats://nats:4222,tls://chancery:hunter2@other:4222",
        ] {
            let url = NatsUrl::from_text(text).expect(text);
            assert!(url.has_password(), "{text}");
            assert!(!format!("{url} {url:?}").contains("hunter2"), "{url}");
            assert_eq!(url.secret().expose_secret(), text);
        }
    }

    #[test]
    fn a_url_without_a_secret_is_shown_as_it_is() {
        for text in ["nats://nats.example.org:4222", "tls://10.0.0.1", "nats://a:1,nats://b:2"] {
            let url = NatsUrl::from_text(text).expect(text);
            assert!(!url.has_password());
            assert_eq!(url.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_url_of_nats_is_refused() {
        for text in [
            "",
            "nats",
            "nats:4222",
            "nats://",
            "http://nats",
            "nats://nats/x",
            "nats://nats?x",
            "nats://a,",
            "nats://a:0",
        ] {
            assert!(NatsUrl::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn room_is_an_amount_with_a_unit() {
        assert_eq!(Room::from_text("256MiB").map(Room::bytes), Ok(1 << 28));
        assert!(Room::from_text("256").is_err_and(|sentence| sentence.starts_with("an amount of room")));
    }
}
