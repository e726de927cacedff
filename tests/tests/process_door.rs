//! The door of the running service: what odd, slow and too many connections get.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chancery_tests::environment;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::TempDir;

struct Served {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut child = Command::new(environment::chancery())
            // The service refuses variables that name no setting, such as those of the tests.
            .env_clear()
            .args(["serve", "--listen", "127.0.0.1:0", "--hash-memory", "1MiB", "--data"])
            .arg(folder.path().join("data"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port =
            lines.map_while(Result::ok).find_map(|line| line.strip_prefix("ready at http://localhost:")?.parse().ok());
        Self { child, port: port.expect("it says where it is"), _folder: folder }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        stream
    }

    /// Everything that comes back for these bytes until the connection is closed, or one answer with a body of that
    /// length.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        // A connection that is reset after the answer has answered all the same.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn statuses(answer: &str) -> Vec<&str> {
    answer.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")).filter_map(|rest| rest.get(..3)).collect()
}

#[test]
fn requests_that_two_servers_might_read_in_two_ways() {
    let served = Served::start();
    let second = "GET /help HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let cases: &[(&str, String, &[&str])] = &[
        (
            "two different lengths",
            format!(
                "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 60\r\n\r\nhello{second}"
            ),
            &["400"],
        ),
        (
            "a length that is none",
            format!("POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\nhello{second}"),
            &["400"],
        ),
        (
            "chunks that are not the last coding",
            format!(
                "POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{second}"
            ),
            &["400"],
        ),
        (
            "a space before the colon",
            format!("POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length : 5\r\n\r\nhello{second}"),
            &["400"],
        ),
        (
            "a head that never ends",
            format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "a".repeat(100_000)),
            &["431"],
        ),
        ("another protocol", "\x16\x03\x01\x02\x00\x01\x00\x01\n\r\n\r\n".to_owned(), &["400"]),
    ];
    for (what, request, expected) in cases {
        let answer = served.raw(request.as_bytes());
        assert_eq!(statuses(&answer), *expected, "{what}: {answer}");
    }
    // With a length and chunks both, the chunks count (RFC 9112, section 6.3); the length is no way to a second request.
    let both = format!(
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{second}"
    );
    let answer = served.raw(both.as_bytes());
    assert_eq!(statuses(&answer).first(), Some(&"415"), "read as an empty form of no type: {answer}");
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let served = Served::start();
    let head = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 1000\r\n\r\nname=slow";
    let mut stream = served.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 408 "), "{line}");
}

#[test]
fn ten_thousand_idle_connections_leave_room_for_others() {
    const CONNECTIONS: usize = 10_000;
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).unwrap();
    let served = Served::start();
    let mut idle = Vec::with_capacity(CONNECTIONS);
    for n in 0..CONNECTIONS {
        let stream = TcpStream::connect(("127.0.0.1", served.port));
        idle.push(stream.unwrap_or_else(|error| panic!("connection {n}: {error}")));
    }
    for _ in 0..10 {
        let answer = served.raw(b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assert_eq!(statuses(&answer), ["200"]);
    }
    drop(idle);
}
