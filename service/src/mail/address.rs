//! Addresses as mail servers want them.

use lettre::Address;

/// The address to use in SMTP commands and headers: the domain in its ASCII form (IDNA), except beside a local part
/// that is not ASCII, which needs SMTPUTF8 in any case and is left as it was stored (RFC 6531).
///
/// `None` if no mail can be sent there.
pub(super) fn deliverable(stored: &str) -> Option<Address> {
    // No account has an address literal, and lettre lets one hold what would end the path in a command.
    let (local, domain) = stored.rsplit_once('@').filter(|(_, domain)| !domain.starts_with('['))?;
    if local.is_ascii() {
        Address::new(local, idna::domain_to_ascii(domain).ok()?).ok()
    } else {
        Address::new(local, domain).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::deliverable;

    #[test]
    fn the_domain_is_ascii_beside_an_ascii_local_part() {
        for (stored, sent) in [
            ("anna@example.org", "anna@example.org"),
            ("Anna.Maria+x@Example.ORG", "Anna.Maria+x@example.org"),
            ("anna@bücher.example", "anna@xn--bcher-kva.example"),
            ("anna@παράδειγμα.ελ", "anna@xn--hxajbheg2az3al.xn--qxam"),
            ("άννα@παράδειγμα.ελ", "άννα@παράδειγμα.ελ"),
            ("άννα@example.org", "άννα@example.org"),
        ] {
            assert_eq!(deliverable(stored).expect(stored).to_string(), sent);
        }
    }

    #[test]
    fn what_could_end_a_command_or_a_header_is_no_address() {
        for bad in [
            "",
            "anna",
            "@example.org",
            "anna@",
            "anna@exa mple.org",
            "an na@example.org",
            "anna@example.org\r\nRCPT TO:<x@example.org>",
            "anna\r\nBcc: x@example.org@example.org",
            "anna>@example.org",
            "a@b@example.org",
            "anna@-example.org",
            "anna@[127.0.0.1]",
            "anna@[x>]",
        ] {
            assert!(deliverable(bad).is_none(), "{bad:?}");
        }
    }
}
