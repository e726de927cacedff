//! The network that a request comes from: what throttles count by and the hashing queue shares by.

use std::fmt;
use std::net::IpAddr;

/// An IPv4 address, or the first 64 bits of an IPv6 address: what one subscriber has at the least.
///
/// It is an address of a person: `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetworkKey([u8; 9]);

impl NetworkKey {
    /// The key's bytes, for a MAC: 4 or 6 for the family and then the address, padded with zeros.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 9] {
        &self.0
    }
}

impl From<IpAddr> for NetworkKey {
    fn from(address: IpAddr) -> Self {
        let mut bytes = [0; 9];
        // An IPv4 client of a dual-stack socket arrives as ::ffff:a.b.c.d, and all of those share one /64.
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                bytes[0] = 4;
                bytes[1..5].copy_from_slice(&v4.octets());
            }
            IpAddr::V6(v6) => {
                bytes[0] = 6;
                bytes[1..].copy_from_slice(&v6.octets()[..8]);
            }
        }
        Self(bytes)
    }
}

impl fmt::Debug for NetworkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkKey([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> NetworkKey {
        NetworkKey::from(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn a_network_is_an_ipv4_address_or_an_ipv6_64() {
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::2"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"), "a mapped address is the IPv4 one");
        assert_ne!(key("0.0.0.0"), key("::"), "families never meet");
    }

    #[test]
    fn an_address_is_not_shown() {
        assert_eq!(format!("{:?}", key("192.0.2.77")), "NetworkKey([REDACTED])");
    }
}
