//! The mail server and the sender.

use ::url::{Host, Url};
use chancery_service::mail::{SmtpSecurity, SmtpServer};
use email_address::{EmailAddress, Options};

use super::Value;

impl Value for SmtpServer {
    fn from_text(text: &str) -> Result<Self, String> {
        let read = || {
            let (scheme, rest) = text.split_once("://")?;
            let (security, standard_port) = match scheme {
                "smtp" => (SmtpSecurity::StartTls, 587),
                "smtps" => (SmtpSecurity::Tls, 465),
                "smtp-cleartext" => (SmtpSecurity::Cleartext, 25),
                _ => return None,
            };
            // https lends its rules for hosts, which other schemes do not get.
            let url = Url::parse(&format!("https://{rest}")).ok()?;
            let bare = matches!(url.path(), "/") && url.query().is_none() && url.fragment().is_none();
            if !bare || rest.contains('@') || rest.contains('\\') {
                return None;
            }
            // The parser leaves out 443, https's own port, which is then the one that was written.
            let written_443 = rest.trim_end_matches('/').ends_with(":443");
            let port = url.port().or(written_443.then_some(443)).unwrap_or(standard_port);
            let host = url.host()?;
            let host = match host {
                Host::Ipv6(address) => address.to_string(),
                other => other.to_string(),
            };
            (port > 0).then_some(Self { host, port, security })
        };
        read().ok_or_else(|| {
            "a mail server such as smtp://mail.example.org:587 or smtps://mail.example.org, without a user (smtp-user) \
             or a password (smtp-password-file)"
                .to_owned()
        })
    }
}

/// The sender of mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFrom {
    /// The name in front of the address, if one was given.
    pub name: Option<String>,
    /// The bare address.
    pub address: String,
}

impl MailFrom {
    /// `no-reply` at `host`, an address in brackets as RFC 5321 has it where the host is no name.
    #[must_use]
    pub fn no_reply(host: impl AsRef<str>) -> Self {
        let host = host.as_ref();
        let address = match Host::parse(host) {
            Ok(Host::Ipv4(address)) => format!("no-reply@[{address}]"),
            Ok(Host::Ipv6(address)) => format!("no-reply@[IPv6:{address}]"),
            _ => format!("no-reply@{host}"),
        };
        Self { name: None, address }
    }
}

impl Value for MailFrom {
    fn from_text(text: &str) -> Result<Self, String> {
        let options = Options::default().without_domain_literal();
        let read = || {
            if text.chars().any(char::is_control) {
                return None;
            }
            let parsed = EmailAddress::parse_with_options(text, options).ok()?;
            let name = Some(parsed.display_part().trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty());
            Some(Self { name, address: parsed.email().to_owned() })
        };
        read().ok_or_else(|| "an address such as no-reply@example.org or Chancery <no-reply@example.org>".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_has_the_port_of_its_protection() {
        for (text, host, port, security) in [
            ("smtp://mail.example.org", "mail.example.org", 587, SmtpSecurity::StartTls),
            ("smtp://mail.example.org:25/", "mail.example.org", 25, SmtpSecurity::StartTls),
            ("smtps://mail.example.org", "mail.example.org", 465, SmtpSecurity::Tls),
            ("smtps://mail.example.org:443", "mail.example.org", 443, SmtpSecurity::Tls),
            ("smtp-cleartext://127.0.0.1:1025", "127.0.0.1", 1025, SmtpSecurity::Cleartext),
            ("smtp-cleartext://[::1]", "::1", 25, SmtpSecurity::Cleartext),
            ("smtp://localhost", "localhost", 587, SmtpSecurity::StartTls),
        ] {
            let right = SmtpServer { host: host.to_owned(), port, security };
            assert_eq!(SmtpServer::from_text(text), Ok(right), "{text}");
        }
    }

    #[test]
    fn what_is_no_mail_server_is_refused() {
        for text in [
            "mail.example.org",
            "http://mail.example.org",
            "smtp://",
            "smtp://u:pw@mail.example.org",
            "smtp://mail.example.org/x",
            "smtp://mail.example.org?tls=none",
            "smtp://mail.example.org:0",
            "smtp://a b",
        ] {
            assert!(SmtpServer::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let read = |text: &str| MailFrom::from_text(text).map(|from| (from.name, from.address));
        assert_eq!(read("a@b.eu"), Ok((None, "a@b.eu".to_owned())));
        assert_eq!(read("The Service <a@b.eu>"), Ok((Some("The Service".to_owned()), "a@b.eu".to_owned())));
        assert_eq!(read("no-reply@localhost"), Ok((None, "no-reply@localhost".to_owned())));
        for text in ["", "a", "a@", "@b.eu", "a@b.eu\r\nBcc: c@d.eu", "a@b.eu, c@d.eu", "a@[127.0.0.1]"] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_default_sender_lives_at_the_public_host() {
        assert_eq!(MailFrom::no_reply("login.example.org").address, "no-reply@login.example.org");
        assert_eq!(MailFrom::no_reply("127.0.0.1").address, "no-reply@[127.0.0.1]");
        assert_eq!(MailFrom::no_reply("[::1]").address, "no-reply@[IPv6:::1]");
    }
}
