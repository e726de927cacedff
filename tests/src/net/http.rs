//! HTTP/1.1 as far as a proxy must read it: where a request ends (RFC 9112 section 6, without chunked requests).

use super::{Piece, Protocol};

/// Finds the requests whose first line contains a given word, such as `POST /login`.
#[derive(Clone, Debug)]
pub struct Http {
    word: String,
    received: Vec<u8>,
    answered: bool,
}

impl Http {
    /// The requests whose first line contains `word`; every request where it is empty.
    pub fn requests_with(word: &str) -> Self {
        Self { word: word.into(), received: Vec::new(), answered: true }
    }

    /// The length of the request that the buffer begins with, once its head is complete.
    fn request_length(&self) -> Option<usize> {
        let head = self.received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let body = String::from_utf8_lossy(&self.received[..head])
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse().ok())
            .unwrap_or(0);
        Some(head + body)
    }
}

impl Protocol for Http {
    fn client_sent(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.received.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        while let Some(length) = self.request_length().filter(|&length| length <= self.received.len()) {
            let request: Vec<u8> = self.received.drain(..length).collect();
            let line = request.split(|&byte| byte == b'\r').next().unwrap_or_default();
            let matches = String::from_utf8_lossy(line).contains(&self.word);
            self.answered = false;
            pieces.push(if matches { Piece::Request(request) } else { Piece::Pass(request) });
        }
        pieces
    }

    /// A server answers when its work is done: the first byte tells enough.
    fn server_sent(&mut self, _bytes: &[u8]) {
        self.answered = true;
    }

    fn is_answered(&self) -> bool {
        self.answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_complete_with_its_body() {
        let mut protocol = Http::requests_with("POST /login");
        let request = b"POST /login HTTP/1.1\r\nHost: a\r\nContent-LENGTH: 3\r\n\r\na=b";
        assert_eq!(protocol.client_sent(&request[..request.len() - 1]), []);
        assert_eq!(protocol.client_sent(b"b"), [Piece::Request(request.to_vec())]);
        assert!(!protocol.is_answered());
        protocol.server_sent(b"HTTP/1.1 303 See Other\r\n");
        assert!(protocol.is_answered());
    }

    #[test]
    fn other_requests_pass_one_by_one() {
        let mut protocol = Http::requests_with("POST /login");
        let request = b"GET / HTTP/1.1\r\n\r\n".to_vec();
        let pieces = protocol.client_sent(&request.repeat(2));
        assert_eq!(pieces, [Piece::Pass(request.clone()), Piece::Pass(request)]);
    }
}
