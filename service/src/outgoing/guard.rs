//! Which addresses requests of ours may go to: public ones, and what the operator opened. Judged is the address that is
//! connected to, never the name alone: whoever holds a name decides what it stands for.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// What the operator opened besides the public addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// A host, by the name that stands in URLs, whatever address it has.
    Host(String),
    /// Addresses, whatever they are called.
    Network(IpNet),
}

impl Opened {
    /// Whether it names this machine alone.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            // Every name under `localhost` is the machine itself (RFC 6761, section 6.3).
            Self::Host(name) => name == "localhost" || name.ends_with(".localhost"),
            Self::Network(network) => is_this_machine(network.network().to_canonical()),
        }
    }
}

impl fmt::Display for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(name) => f.pad(name),
            Self::Network(network) => network.fmt(f),
        }
    }
}

/// The judge of addresses.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    opened: Vec<Opened>,
    loopback: bool,
}

impl Guard {
    /// A guard that lets pass what is public and what is opened; this machine itself only where that is opened and
    /// `loopback` says that nobody else uses the service.
    #[must_use]
    pub const fn new(opened: Vec<Opened>, loopback: bool) -> Self {
        Self { opened, loopback }
    }

    /// Whether a request to this host may go to this address; without TLS only where the operator opened it.
    #[must_use]
    pub fn admits(&self, host: &str, address: IpAddr, encrypted: bool) -> bool {
        let address = address.to_canonical();
        if is_this_machine(address) && !self.loopback {
            return false;
        }
        (encrypted && is_public(address)) || self.opens(host, address)
    }

    fn opens(&self, host: &str, address: IpAddr) -> bool {
        self.opened.iter().any(|opened| match opened {
            Opened::Host(name) => name.eq_ignore_ascii_case(host),
            Opened::Network(network) => network.contains(&address),
        })
    }
}

/// Whether it leads back to this machine: the unspecified address does on Linux.
const fn is_this_machine(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

/// Whether an address is globally reachable by the registries of special-purpose addresses (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    !matches!(
        (first, second, third),
        // This network, private ones, loopback (RFC 1122, 1918).
        (0 | 10 | 127, ..) | (172, 16..=31, _) | (192, 168, _)
        // Shared by carriers (RFC 6598), and link-local, where clouds answer with their credentials (RFC 3927).
        | (100, 64..=127, _) | (169, 254, _)
        // Protocols, documentation, relays that are no more, benchmarks (RFC 6890, 5737, 7526, 2544).
        | (192, 0, 0 | 2) | (192, 88, 99) | (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113)
        // Multicast, reserved, broadcast (RFC 1112).
        | (224.., ..)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Behind the well-known prefix stands an IPv4 address (RFC 6052, section 2.1).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        // Protocols with Teredo, documentation, 6to4, documentation again (RFC 2928, 3849, 3056, 9637).
        [0x2001, ..0x200, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, ..0x1000, ..] => false,
        // Nothing else is global unicast (RFC 4291, section 2.4).
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn opened(text: &str) -> Opened {
        text.parse().map_or_else(|_| Opened::Host(text.to_owned()), Opened::Network)
    }

    #[test]
    fn only_what_is_public_is_reached_unasked() {
        let guard = Guard::new(Vec::new(), true);
        for public in ["1.1.1.1", "100.63.255.255", "100.128.0.0", "172.32.0.1", "192.0.1.1", "223.255.255.255"] {
            assert!(guard.admits("sms.example.org", address(public), true), "{public}");
            assert!(!guard.admits("sms.example.org", address(public), false), "{public} without TLS");
        }
        for public in ["2606:4700::1111", "2001:4860::1", "2a00::1", "::ffff:1.1.1.1", "64:ff9b::101:101"] {
            assert!(guard.admits("sms.example.org", address(public), true), "{public}");
        }
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::101:101",
            "100::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!guard.admits("sms.example.org", address(private), true), "{private}");
        }
    }

    #[test]
    fn what_is_opened_is_reached_by_that_name_or_address_only() {
        let guard = Guard::new(vec![opened("sms.intern"), opened("10.1.0.0/16"), opened("fd00::/8")], false);
        assert!(guard.admits("sms.intern", address("192.168.0.9"), true));
        assert!(guard.admits("SMS.intern", address("192.168.0.9"), false), "the operator vouches for the way there");
        assert!(!guard.admits("www.intern", address("192.168.0.9"), true));
        assert!(!guard.admits("sms.intern.example", address("192.168.0.9"), true));
        assert!(guard.admits("any", address("10.1.2.3"), true) && guard.admits("any", address("fd00::1"), false));
        assert!(guard.admits("any", address("::ffff:10.1.2.3"), true), "the same address");
        assert!(!guard.admits("any", address("10.2.0.1"), true));
    }

    #[test]
    fn this_machine_is_reached_only_where_nobody_else_uses_the_service() {
        let everything = || vec![opened("0.0.0.0/0"), opened("::/0"), opened("localhost")];
        for here in ["127.0.0.1", "127.8.8.8", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"] {
            assert!(!Guard::new(everything(), false).admits("localhost", address(here), true), "{here}");
            assert!(Guard::new(everything(), true).admits("localhost", address(here), false), "{here}");
        }
        assert!(!Guard::new(vec![opened("10.0.0.0/8")], true).admits("localhost", address("127.0.0.1"), true));
        for loopback in ["localhost", "sms.localhost", "127.0.0.0/8", "127.1.2.3/32", "::1/128", "0.0.0.0/32"] {
            assert!(opened(loopback).is_loopback(), "{loopback}");
        }
        for other in ["localhost.example.org", "10.0.0.0/8", "fe80::/10"] {
            assert!(!opened(other).is_loopback(), "{other}");
        }
    }
}
