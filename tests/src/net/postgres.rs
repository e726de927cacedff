//! PostgreSQL's protocol, version 3, as far as a proxy must read it: where a message ends, which statement it runs, and
//! when the server is ready for the next one (PostgreSQL's manual, chapter "Frontend/Backend Protocol").

use std::collections::HashSet;

use super::{Piece, Protocol};

/// The code that asks for TLS in the place of a protocol version.
const SSL_REQUEST: u32 = 80_877_103;
/// The same for GSSAPI encryption.
const GSSENC_REQUEST: u32 = 80_877_104;

/// Finds the requests that run a statement whose text contains a given word. A request is what the client sends until
/// it waits: `Bind`, `Execute` and `Sync` of a prepared statement, or one `Query`.
///
/// TLS is declined by the proxy itself, since it must read what passes.
#[derive(Clone, Debug)]
pub struct Postgres {
    word: Vec<u8>,
    started: bool,
    received: Vec<u8>,
    /// Complete messages of the request that the client is still writing.
    request: Vec<u8>,
    matches: bool,
    /// Names of the prepared statements whose text contains the word.
    statements: HashSet<Vec<u8>>,
    told: Vec<u8>,
    /// Answers that the server owes: each ends with `ReadyForQuery`.
    owed: usize,
}

impl Postgres {
    /// The requests that run a statement whose text contains `word`; every request where it is empty.
    pub fn statements_with(word: &str) -> Self {
        Self {
            word: word.into(),
            started: false,
            received: Vec::new(),
            request: Vec::new(),
            matches: false,
            statements: HashSet::new(),
            told: Vec::new(),
            owed: 0,
        }
    }

    fn contains_word(&self, text: &[u8]) -> bool {
        self.word.is_empty() || text.windows(self.word.len()).any(|window| window == self.word)
    }

    /// The start of a connection: messages without a type.
    fn start_up(&mut self, message: Vec<u8>) -> Piece {
        match number(&message[4..]) {
            Some(SSL_REQUEST | GSSENC_REQUEST) => Piece::Answer(b"N"),
            _ => {
                self.started = true;
                // The server is ready for queries once the client has proved who it is.
                self.owed += 1;
                Piece::Pass(message)
            }
        }
    }

    /// A message after the start. Returns what it completes.
    fn message(&mut self, message: &[u8]) -> Option<Piece> {
        let body = &message[5..];
        let mut strings = body.split(|&byte| byte == 0);
        match message[0] {
            b'P' => {
                let (name, text) = (strings.next().unwrap_or_default(), strings.next().unwrap_or_default());
                if self.contains_word(text) {
                    self.statements.insert(name.into());
                } else {
                    self.statements.remove(name);
                }
            }
            b'B' => self.matches |= self.statements.contains(strings.nth(1).unwrap_or_default()),
            b'Q' => self.matches |= self.contains_word(body),
            _ => {}
        }
        self.request.extend_from_slice(message);
        // Parse, Bind, Describe, Execute and Close wait for what follows them.
        if matches!(message[0], b'P' | b'B' | b'D' | b'E' | b'C') {
            return None;
        }
        let request = std::mem::take(&mut self.request);
        if matches!(message[0], b'S' | b'Q') {
            self.owed += 1;
            if std::mem::take(&mut self.matches) {
                return Some(Piece::Request(request));
            }
        }
        Some(Piece::Pass(request))
    }
}

impl Protocol for Postgres {
    fn client_sent(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.received.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        while let Some(message) = take_message(&mut self.received, usize::from(self.started)) {
            if self.started {
                pieces.extend(self.message(&message));
            } else {
                pieces.push(self.start_up(message));
            }
        }
        pieces
    }

    fn server_sent(&mut self, bytes: &[u8]) {
        self.told.extend_from_slice(bytes);
        while let Some(message) = take_message(&mut self.told, 1) {
            if message[0] == b'Z' {
                self.owed = self.owed.saturating_sub(1);
            }
        }
    }

    fn is_answered(&self) -> bool {
        self.owed == 0
    }
}

/// Takes the first message off the buffer once it is complete. Its length stands after `type_length` bytes and counts
/// itself.
fn take_message(buffer: &mut Vec<u8>, type_length: usize) -> Option<Vec<u8>> {
    let length = type_length + number(buffer.get(type_length..)?)?.max(4) as usize;
    (buffer.len() >= length).then(|| buffer.drain(..length).collect())
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind], &length.to_be_bytes()[..], body].concat()
    }

    fn started(word: &str) -> Postgres {
        let mut protocol = Postgres::statements_with(word);
        let start_up = [&8_u32.to_be_bytes()[..], &196_608_u32.to_be_bytes()[..]].concat();
        assert_eq!(protocol.client_sent(&start_up), [Piece::Pass(start_up)]);
        protocol.server_sent(&message(b'Z', b"I"));
        assert!(protocol.is_answered());
        protocol
    }

    #[test]
    fn tls_is_declined_by_the_proxy() {
        let mut protocol = Postgres::statements_with("");
        let question = [&8_u32.to_be_bytes()[..], &SSL_REQUEST.to_be_bytes()[..]].concat();
        assert_eq!(protocol.client_sent(&question), [Piece::Answer(b"N")]);
    }

    #[test]
    fn a_request_is_complete_at_its_sync_however_it_is_split() {
        let mut protocol = started("append");
        let parse = message(b'P', b"s1\0SELECT append($1)\0\0\0");
        let describe = [parse.clone(), message(b'S', b"")].concat();
        assert_eq!(protocol.client_sent(&describe), [Piece::Pass(describe)], "preparing runs nothing");

        let request = [message(b'B', b"\0s1\0\0\0"), message(b'E', b"\0\0\0\0\0"), message(b'S', b"")].concat();
        for byte in &request[..request.len() - 1] {
            assert_eq!(protocol.client_sent(&[*byte]), []);
        }
        let last = &request[request.len() - 1..];
        assert_eq!(protocol.client_sent(last), [Piece::Request(request.clone())]);

        protocol.server_sent(&message(b'Z', b"I"));
        protocol.server_sent(&message(b'C', b"SELECT 1\0"));
        assert!(!protocol.is_answered(), "the request's own answer is not complete");
        protocol.server_sent(&message(b'Z', b"I"));
        assert!(protocol.is_answered());
    }

    #[test]
    fn other_statements_pass() {
        let mut protocol = started("append");
        let query = message(b'Q', b"SELECT 1\0");
        assert_eq!(protocol.client_sent(&query), [Piece::Pass(query)]);
        let query = message(b'Q', b"SELECT append()\0");
        assert_eq!(protocol.client_sent(&query), [Piece::Request(query)]);
    }

    #[test]
    fn a_statement_prepared_anew_under_a_name_is_judged_anew() {
        let mut protocol = started("append");
        let bind = [message(b'B', b"\0\0\0\0"), message(b'E', b"\0\0\0\0\0"), message(b'S', b"")].concat();
        let first = [message(b'P', b"\0SELECT append()\0\0\0"), bind.clone()].concat();
        assert_eq!(protocol.client_sent(&first), [Piece::Request(first)]);
        let second = [message(b'P', b"\0SELECT 1\0\0\0"), bind].concat();
        assert_eq!(protocol.client_sent(&second), [Piece::Pass(second)]);
    }
}
