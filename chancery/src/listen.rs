//! Taking a port.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::error::CommandError;

/// Takes `address`, which the setting `setting` (such as `listen`) names.
///
/// # Errors
/// One sentence that says what to do: the port is taken, is not allowed, or the address is not this machine's.
pub async fn bind(setting: &str, address: SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => CommandError::failure(format!(
            "{address} is taken by another program: stop that one, or choose another port with --{setting}"
        )),
        ErrorKind::PermissionDenied => CommandError::failure(format!(
            "this user may not take port {}: choose one from 1024 on with --{setting}",
            address.port()
        )),
        ErrorKind::AddrNotAvailable => CommandError::failure(format!(
            "{} is no address of this machine: choose another with --{setting}",
            address.ip()
        )),
        _ => CommandError::failure(format!("cannot listen on {address} (--{setting})")).because(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_one_sentence() {
        let first = bind("listen", "127.0.0.1:0".parse().expect("an address")).await.expect("a free port");
        let address = first.local_addr().expect("bound");
        let sentence = bind("listen", address).await.expect_err("taken").line();
        let right =
            format!("{address} is taken by another program: stop that one, or choose another port with --listen");
        assert_eq!(sentence, right);
    }

    #[tokio::test]
    async fn a_foreign_address_is_one_sentence() {
        let address = "192.0.2.1:8080".parse().expect("an address");
        let sentence = bind("metrics-listen", address).await.expect_err("not ours").line();
        assert_eq!(sentence, "192.0.2.1 is no address of this machine: choose another with --metrics-listen");
    }
}
