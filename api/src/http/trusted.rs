//! The client's address: the peer's, or what trusted proxies say of it.

use std::net::IpAddr;
use std::str::FromStr;

use axum::http::HeaderMap;

/// A network of proxies, in CIDR notation (RFC 4632).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Not a network in CIDR notation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not an address or a network such as 192.0.2.0/24")]
pub struct NotANetwork(String);

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotANetwork(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), |prefix| prefix.parse().map_err(|_| wrong()))?;
        if prefix > longest { Err(wrong()) } else { Ok(Self { address, prefix }) }
    }
}

impl Network {
    /// Whether an address lies in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = |bits: u32| bits - u32::from(self.prefix).min(bits);
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).checked_shr(shift(32)).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()).checked_shr(shift(128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// Forwarding addresses that are looked at; a longer list is somebody's game.
const MAX_HOPS: usize = 16;

/// The client's address. Going back from the peer, the first address that is not a trusted proxy's is the client's:
/// whatever stands before it, anybody may have written.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    for hop in forwarded.iter().rev().take(MAX_HOPS) {
        let Ok(address) = hop.parse::<IpAddr>() else { break };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn an_untrusted_peer_is_not_believed() {
        assert_eq!(client("198.51.100.1", &["203.0.113.9"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(client("198.51.100.1", &["203.0.113.9"], &[]), "198.51.100.1");
    }

    #[test]
    fn the_last_untrusted_hop_is_the_client() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(client("10.0.0.1", &["203.0.113.9"], trusted), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 203.0.113.9, 10.0.0.2"], trusted), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.2.3.4", "203.0.113.9"], trusted), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &[], trusted), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["nonsense"], trusted), "10.0.0.1");
    }

    #[test]
    fn networks_of_both_families() {
        let contains =
            |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
        assert!(contains("0.0.0.0/0", "198.51.100.1"));
        assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.8"));
        assert!(contains("2001:db8::/32", "2001:db8:1::1") && !contains("2001:db8::/32", "2001:db9::1"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("192.0.2.0/24", "::ffff:192.0.2.9"), "a mapped address is the IPv4 one");
        for wrong in ["192.0.2.0/33", "::/129", "a/8", "192.0.2.0/x", ""] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
