//! Networks that fail where a test wants them to.

mod cut_proxy;
mod http;
mod postgres;

pub use cut_proxy::{Cut, CutProxy};
pub use http::Http;
pub use postgres::Postgres;

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
