//! Who the mails come from.

use std::net::IpAddr;

use lettre::Address;
use lettre::message::Mailbox;

use super::address::deliverable;

/// The longest name of a service, in characters: with it no line of a mail goes over its limit.
const SERVICE_NAME_CHARACTERS: usize = 60;

/// Who the mails come from, by the operator's settings.
#[derive(Clone, Debug)]
pub struct MailSettings {
    pub(super) service: String,
    pub(super) from: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) host: String,
}

/// The sender of mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender<'a> {
    /// The name in front of the address; without one the service's is shown.
    pub name: Option<&'a str>,
    /// The bare address.
    pub address: &'a str,
}

/// A setting that mails cannot be written by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailSettingsError {
    /// The service's name goes into subjects and sentences.
    #[error("the service's name must have 1 to {SERVICE_NAME_CHARACTERS} characters, none of them a control character")]
    ServiceName,
    /// The sender's name goes into a header.
    #[error("the name of the mails' sender must not hold control characters")]
    SenderName,
    /// The sender must be writable without SMTPUTF8, which not every server offers.
    #[error("{0:?} cannot be used in mails as the service's own address: it needs a part before the @ in ASCII")]
    Address(String),
    /// The host is the right side of each `Message-ID`.
    #[error("{0:?} is no host name")]
    Host(String),
}

impl MailSettings {
    /// Settings for mails of the service named `service`, from `sender`, answered to `reply_to`, with `Message-ID`s that
    /// end in the public URL's `host`.
    ///
    /// # Errors
    /// One sentence about the first setting that is not usable.
    pub fn new(
        service: &str,
        sender: Sender<'_>,
        reply_to: Option<&str>,
        host: &str,
    ) -> Result<Self, MailSettingsError> {
        let service = service.trim();
        let length = service.chars().count();
        if !(1..=SERVICE_NAME_CHARACTERS).contains(&length) || service.chars().any(char::is_control) {
            return Err(MailSettingsError::ServiceName);
        }
        let name = sender.name.unwrap_or(service).trim();
        if name.chars().any(char::is_control) {
            return Err(MailSettingsError::SenderName);
        }
        // An IPv6 address comes in brackets from a URL; a domain literal wants them too (RFC 5322, section 3.4.1).
        let plain = host.trim_start_matches('[').trim_end_matches(']');
        if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':')) {
            return Err(MailSettingsError::Host(host.to_owned()));
        }
        Ok(Self {
            service: service.to_owned(),
            from: Mailbox::new(Some(name.to_owned()), own_address(sender.address)?),
            reply_to: reply_to.map(own_address).transpose()?.map(Mailbox::from),
            host: host.to_ascii_lowercase(),
        })
    }

    /// The service's name.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }
}

/// An address of the service's own: ASCII, with a domain or, where the service has no name, an IP address in brackets.
fn own_address(text: &str) -> Result<Address, MailSettingsError> {
    let literal = |(local, domain): (&str, &str)| {
        let address = domain.strip_prefix('[')?.strip_suffix(']')?;
        let address: IpAddr = address.strip_prefix("IPv6:").unwrap_or(address).parse().ok()?;
        let checked = Address::new(local, address.to_string()).ok()?;
        Some(Address::new_dangerous(checked.user(), domain))
    };
    text.rsplit_once('@')
        .and_then(literal)
        .or_else(|| deliverable(text))
        .filter(|address| address.user().is_ascii())
        .ok_or_else(|| MailSettingsError::Address(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{MailSettings, MailSettingsError, Sender};

    fn new(service: &str, address: &str, host: &str) -> Result<MailSettings, MailSettingsError> {
        MailSettings::new(service, Sender { name: None, address }, None, host)
    }

    #[test]
    fn a_sender_without_a_name_shows_the_services() {
        let settings = new("Chancery", "no-reply@bücher.example", "localhost").expect("settings");
        assert_eq!(settings.from.to_string(), "Chancery <no-reply@xn--bcher-kva.example>");
        let named = Sender { name: Some("Accounts"), address: "a@example.org" };
        let settings = MailSettings::new("Chancery", named, None, "localhost").expect("settings");
        assert_eq!(settings.from.to_string(), "Accounts <a@example.org>");
    }

    #[test]
    fn a_service_without_a_name_in_dns_can_write_too() {
        for address in ["no-reply@localhost", "no-reply@[127.0.0.1]", "no-reply@[IPv6:::1]"] {
            let settings = new("C", address, "[::1]").expect(address);
            assert_eq!(settings.from.email.to_string(), address);
            assert_eq!(settings.host, "[::1]");
        }
    }

    #[test]
    fn settings_that_no_mail_can_be_written_by_are_refused() {
        for bad in [" ", "a\r\nb", &"x".repeat(61)] {
            assert_eq!(new(bad, "a@example.org", "h").expect_err("refused"), MailSettingsError::ServiceName);
        }
        let control = Sender { name: Some("a\nb"), address: "a@example.org" };
        assert_eq!(MailSettings::new("C", control, None, "h").expect_err("refused"), MailSettingsError::SenderName);
        for bad in
            ["", "example.org", "άννα@example.org", "a@b.eu, c@d.eu", "a@b.eu\r\nBcc: c@d.eu", "a@[x>]", "a b@[::1]"]
        {
            let sender = Sender { name: None, address: "a@example.org" };
            assert_eq!(new("C", bad, "h").expect_err("refused"), MailSettingsError::Address(bad.to_owned()));
            assert!(MailSettings::new("C", sender, Some(bad), "h").is_err(), "{bad}");
        }
        for bad in ["", "a b", "a>", "ü.example"] {
            assert_eq!(new("C", "a@example.org", bad).expect_err("refused"), MailSettingsError::Host(bad.to_owned()));
        }
    }
}
