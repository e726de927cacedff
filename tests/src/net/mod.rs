//! Networks that fail where a test wants them to, and the least that a test needs of one that works.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod cut_proxy;
mod http;
mod postgres;

pub use cut_proxy::{Cut, CutProxy};
pub use http::Http;
pub use postgres::Postgres;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// A port that was free a moment ago.
#[must_use]
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The answer to a GET, head and body; empty where nobody listens any more.
#[must_use]
pub fn get(port: u16, path: &str) -> String {
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    };
    ask().unwrap_or_default()
}

/// What a proxy must know of a protocol to find the requests in a stream of bytes.
///
/// One value follows one connection.
pub trait Protocol: Clone + Send + Sync + 'static {
    /// Takes bytes that the client sent, and returns the pieces that are complete, in order.
    fn client_sent(&mut self, bytes: &[u8]) -> Vec<Piece>;

    /// Takes note of bytes that the server sent.
    fn server_sent(&mut self, bytes: &[u8]);

    /// Whether the server has answered all that was asked.
    fn is_answered(&self) -> bool;
}

/// A complete piece of what a client sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// To be handed on, whatever the plan says.
    Pass(Vec<u8>),
    /// A request that the test is about: a connection may be cut around it.
    Request(Vec<u8>),
    /// The proxy answers this itself, and the server never sees the question.
    Answer(&'static [u8]),
}
