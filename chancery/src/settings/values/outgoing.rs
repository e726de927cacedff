//! What requests of the service's own may reach.

use std::net::IpAddr;

use ::url::Host;
use chancery_service::outgoing::Opened;
use chancery_service::push::PushHost;
use ipnet::IpNet;

use super::Value;

impl Value for Opened {
    fn from_text(text: &str) -> Result<Self, String> {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        if let Ok(network) = network {
            return Ok(Self::Network(network.trunc()));
        }
        match Host::parse(text) {
            Ok(Host::Domain(name)) => Ok(Self::Host(name)),
            _ => Err("a host such as sms.example.org, or an address or network such as 10.0.0.0/8".to_owned()),
        }
    }
}

impl Value for PushHost {
    fn from_text(text: &str) -> Result<Self, String> {
        let read = Self::parse(text);
        read.ok_or_else(|| "a host such as push.example.org, or *.example.org for all below it".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_addresses_and_networks_are_told_apart() {
        for (text, read) in [
            ("SMS.Example.ORG", "sms.example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("localhost", "localhost"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("fd00::1", "fd00::1/128"),
            ("::1", "::1/128"),
        ] {
            assert_eq!(Opened::from_text(text).map(|opened| opened.to_string()), Ok(read.to_owned()), "{text}");
        }
        for text in ["", "https://sms.example.org", "sms.example.org:443", "10.0.0.0/33", "a b", "[::1]", "10.1"] {
            assert!(Opened::from_text(text).is_err(), "{text}");
        }
    }
}
