//! Values that need few words: addresses, paths, numbers, times, sizes and choices.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use chancery_domain::values::{Language, PasswordRule};
use ipnet::IpNet;
use uuid::Uuid;

use super::Value;

impl Value for SocketAddr {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080".to_owned())
    }
}

impl Value for PathBuf {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains('\0') { Err("a path".to_owned()) } else { Ok(Self::from(text)) }
    }
}

impl Value for String {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.chars().any(char::is_control) { Err("a line of text".to_owned()) } else { Ok(text.to_owned()) }
    }
}

/// A whole number of at least 1: no setting has a use for 0.
impl Value for u32 {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a whole number from 1 on".to_owned())
    }
}

impl Value for bool {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "true or false".to_owned())
    }
}

/// Whole seconds, at least one.
impl Value for Duration {
    fn from_text(text: &str) -> Result<Self, String> {
        humantime::parse_duration(text)
            .ok()
            .filter(|time| !time.is_zero() && time.subsec_nanos() == 0)
            .ok_or_else(|| "a length of time in whole seconds, such as 90m, 12h or 7d".to_owned())
    }
}

/// A time for which something holds, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(Option<Duration>);

impl Wait {
    /// The time; `None` for `off`.
    #[must_use]
    pub const fn span(self) -> Option<Duration> {
        self.0
    }
}

impl Value for Wait {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self(None)),
            text => Duration::from_text(text).map(|time| Self(Some(time))).map_err(|time| format!("off, or {time}")),
        }
    }
}

/// A network, or one address; never all addresses, since that would be no restriction at all.
impl Value for IpNet {
    fn from_text(text: &str) -> Result<Self, String> {
        let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(Self::from));
        network
            .filter(|network| network.prefix_len() > 0)
            .map(|network| network.trunc())
            .ok_or_else(|| "an address or network such as 10.0.0.0/8 or fd00::/8, and not all addresses".to_owned())
    }
}

impl Value for Language {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|language| language.tag() == text).ok_or_else(|| one_of(Self::ALL.map(Self::tag)))
    }
}

impl Value for PasswordRule {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::from_name(text).ok_or_else(|| one_of(Self::ALL.map(Self::name)))
    }
}

/// A domain name in its ASCII form, lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Domain(String);

impl Domain {
    /// The name, `xn--` labels where it is international.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for Domain {
    fn from_text(text: &str) -> Result<Self, String> {
        match ::url::Host::parse(text) {
            Ok(::url::Host::Domain(name)) if name.contains('.') && !name.ends_with('.') => Ok(Self(name)),
            _ => Err("a domain name such as example.org".to_owned()),
        }
    }
}

/// The make of an authenticator, by its AAGUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aaguid([u8; 16]);

impl Aaguid {
    /// Its octets.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl Value for Aaguid {
    fn from_text(text: &str) -> Result<Self, String> {
        let aaguid = Uuid::try_parse(text).ok().filter(|aaguid| !aaguid.is_nil());
        let example = "an AAGUID such as ee882879-721c-4913-9775-3dfcce97072a";
        aaguid.map(|aaguid| Self(aaguid.into_bytes())).ok_or_else(|| example.to_owned())
    }
}

/// The service's name: 1 to 60 characters on one line, none of which means something in a mail's header or a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName(String);

impl ServiceName {
    /// The name as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for ServiceName {
    fn from_text(text: &str) -> Result<Self, String> {
        let plain = |c: char| {
            !c.is_control() && !matches!(c, '<' | '>' | '"' | '@' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let right = (1..=60).contains(&text.chars().count()) && text.trim() == text && text.chars().all(plain);
        right.then(|| Self(text.to_owned())).ok_or_else(|| "a name of 1 to 60 characters without < > \" @".to_owned())
    }
}

/// An amount of memory, in KiB as argon2id counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HashMemory(u32);

impl HashMemory {
    /// This many KiB.
    #[must_use]
    pub const fn from_kibibytes(kibibytes: u32) -> Self {
        Self(kibibytes)
    }

    /// Reads `19MiB` and the like, for an argument of the command line.
    ///
    /// # Errors
    /// What it should have been.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::from_text(text).map_err(|expected| format!("it must be {expected}"))
    }

    /// In KiB.
    #[must_use]
    pub const fn kibibytes(self) -> u32 {
        self.0
    }
}

impl Value for HashMemory {
    fn from_text(text: &str) -> Result<Self, String> {
        let read = || {
            let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
            let factor = match unit.trim() {
                "KiB" => 1,
                "MiB" => 1024,
                "GiB" => 1024 * 1024,
                _ => return None,
            };
            number.parse::<u32>().ok()?.checked_mul(factor).filter(|size| *size > 0)
        };
        read().map(Self).ok_or_else(|| "an amount of memory such as 19MiB or 512KiB".to_owned())
    }
}

/// In the largest unit that needs no fraction; reads back as the same.
impl fmt::Display for HashMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            kibibytes if kibibytes.is_multiple_of(1024 * 1024) => write!(f, "{}GiB", kibibytes / (1024 * 1024)),
            kibibytes if kibibytes.is_multiple_of(1024) => write!(f, "{}MiB", kibibytes / 1024),
            kibibytes => write!(f, "{kibibytes}KiB"),
        }
    }
}

fn one_of<const N: usize>(words: [&str; N]) -> String {
    format!("one of {}", words.join(", "))
}

/// A setting with a few words to choose from.
macro_rules! choice {
    ($(#[doc = $doc:literal])+ $name:ident { $( $(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal, )+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $variant_doc])+ $variant, )+ }

        impl Value for $name {
            fn from_text(text: &str) -> Result<Self, String> {
                match text {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err(one_of([$($word),+])),
                }
            }
        }
    };
}

choice! {
    /// How a log line looks.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}

choice! {
    /// Which of Chancery's messages are logged: these and the graver ones.
    LogLevel {
        /// What needs an operator.
        Error = "error",
        /// What may need an operator.
        Warn = "warn",
        /// What happens.
        Info = "info",
        /// How it happens.
        Debug = "debug",
        /// Every step.
        Trace = "trace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_its_units() {
        for (text, kibibytes) in [("19MiB", 19 * 1024), ("512 KiB", 512), ("1GiB", 1024 * 1024)] {
            assert_eq!(HashMemory::from_text(text), Ok(HashMemory(kibibytes)), "{text}");
        }
        for text in ["", "19", "MiB", "0MiB", "19MB", "-1MiB", "5000000GiB", "1.5GiB"] {
            assert!(HashMemory::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn memory_is_written_as_it_is_read() {
        for text in ["19MiB", "513KiB", "2GiB"] {
            assert_eq!(HashMemory::from_text(text).map(|memory| memory.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn networks_are_single_addresses_or_ranges_but_never_everything() {
        let read = |text: &str| {
            Vec::<IpNet>::from_text(text).map(|list| list.iter().map(IpNet::to_string).collect::<Vec<_>>())
        };
        assert_eq!(read("10.1.2.3/8, ::1"), Ok(vec!["10.0.0.0/8".to_owned(), "::1/128".to_owned()]));
        assert_eq!(read(" "), Ok(vec![]));
        for text in ["0.0.0.0/0", "::/0", "10.0.0.0/33", "example.org", "10.0.0.1,,10.0.0.2"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn domains_are_kept_in_their_ascii_form() {
        assert_eq!(Domain::from_text("Straße.EXAMPLE").map(|d| d.0), Ok("xn--strae-oqa.example".to_owned()));
        for text in ["localhost", "127.0.0.1", "a b.eu", "user@example.org", "example.org.", "[::1]", ""] {
            assert!(Domain::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_make_is_an_aaguid_that_somebody_has() {
        let read = Aaguid::from_text("EE882879-721c-4913-9775-3dfcce97072a").map(|aaguid| aaguid.bytes()[..2].to_vec());
        assert_eq!(read, Ok(vec![0xee, 0x88]));
        for text in ["", "YubiKey", "00000000-0000-0000-0000-000000000000", "ee882879-721c-4913-9775"] {
            assert!(Aaguid::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_service_name_cannot_command_a_header_or_a_page() {
        assert!(ServiceName::from_text("Καλημέρα & Co.").is_ok());
        for text in ["", " x", "a\nb", "<b>", "a\u{202e}b", &"x".repeat(61)] {
            assert!(ServiceName::from_text(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn times_and_numbers_are_never_zero() {
        assert_eq!(Duration::from_text("1h 30m"), Ok(Duration::from_secs(5400)));
        for text in ["", "0s", "90", "1500ms", "-1m", "9999999999999999999h"] {
            assert!(Duration::from_text(text).is_err(), "{text}");
        }
        for text in ["", "0", "-1", "4294967296", "1e3"] {
            assert!(u32::from_text(text).is_err(), "{text}");
        }
    }
}
