//! Taking a port.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

use crate::error::CommandError;

/// Connections that the system keeps until they are taken; Linux keeps no more than `net.core.somaxconn`, 4,096 by default.
/// Whoever comes while so many wait is not answered and tries again a second later, so that a short queue makes a burst slow.
const WAITING: u32 = 4096;

/// Takes `address`, which the setting `setting` (such as `listen`) names.
///
/// # Errors
/// One sentence that says what to do: the port is taken, is not allowed, or the address is not this machine's.
pub fn bind(setting: &str, address: SocketAddr) -> Result<TcpListener, CommandError> {
    listen(address).map_err(|error| match error.kind() {
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

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of the process before, which end by themselves, do not keep the next one out.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_one_sentence() {
        let first = bind("listen", "127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let address = first.local_addr().expect("bound");
        let sentence = bind("listen", address).expect_err("taken").line();
        let right =
            format!("{address} is taken by another program: stop that one, or choose another port with --listen");
        assert_eq!(sentence, right);
    }

    #[tokio::test]
    async fn a_foreign_address_is_one_sentence() {
        let address = "192.0.2.1:8080".parse().expect("an address");
        let sentence = bind("metrics-listen", address).expect_err("not ours").line();
        assert_eq!(sentence, "192.0.2.1 is no address of this machine: choose another with --metrics-listen");
    }
}
