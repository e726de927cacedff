//! The door of the running service: what odd, slow and too many connections get.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;

use chancery_tests::served::Served;
use chancery_tests::site::form_of;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn statuses(answer: &str) -> Vec<&str> {
    answer.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")).filter_map(|rest| rest.get(..3)).collect()
}

#[test]
fn requests_that_two_servers_might_read_in_two_ways() {
    let served = Served::start(&[]);
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
    let served = Served::start(&[]);
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
    let served = Served::start(&[]);
    let mut idle = Vec::with_capacity(CONNECTIONS);
    let mut held = Vec::new();
    // Each that says nothing for half a minute is cut: where opening them all takes longer, those are opened anew.
    while held.last() != Some(&CONNECTIONS) {
        assert!(held.len() < 10, "never all at one moment: {held:?}");
        while idle.len() < CONNECTIONS {
            let stream = TcpStream::connect(("127.0.0.1", served.port));
            idle.push(stream.unwrap_or_else(|error| panic!("connection {}: {error}", idle.len())));
        }
        // Connections are taken in the order in which they come: whoever is answered came in behind all of them.
        for _ in 0..10 {
            let answer = served.raw(b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assert_eq!(statuses(&answer), ["200"]);
        }
        idle.retain(is_open);
        held.push(idle.len());
    }
}

/// Whether the other side has neither said anything nor gone.
fn is_open(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    stream.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// A proxy of default settings in front of the service.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn nginx(served: &Served, port: u16) -> Nginx {
    let folder = &served.folder();
    let configuration = format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n\
         events {{}}\nhttp {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n\
         server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{}; }} }} }}\n",
        served.port,
        folder = folder.display(),
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    let program = if std::path::Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
    Nginx(Command::new(program).arg("-c").arg(file).arg("-p").arg(folder).stderr(Stdio::null()).spawn().unwrap())
}

fn status_at(port: u16, path: &str, headers: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    statuses(&answer).first().map_or_else(String::new, |status| (*status).to_owned())
}

#[test]
fn development_mails_and_messages_are_shown_to_a_developer_on_this_machine_only() {
    let served = Served::start(&[]);
    let local = "Host: localhost\r\n";
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let proxy = nginx(&served, port);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::yield_now();
    }
    assert_eq!(status_at(port, "/login", local), "200", "the proxy works");
    for (path, with_key) in [("/dev/mail", served.mails()), ("/dev/sms", served.messages())] {
        assert_eq!(status_at(served.port, &with_key, local), "303", "{path}: with the key it is a developer's own");
        assert_eq!(status_at(served.port, path, local), "404", "{path} without the key");
        let wrong = format!("{path}?key=00000000000000000000000000000000");
        assert_eq!(status_at(served.port, &wrong, local), "404", "{wrong}");
        let elsewhere = status_at(served.port, &with_key, "Host: login.example.org\r\n");
        assert_eq!(elsewhere, "404", "{path} by another name");
        for header in
            ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "Forwarded: for=192.0.2.1", "Via: 1.1 proxy"]
        {
            let forwarded = status_at(served.port, &with_key, &format!("{local}{header}\r\n"));
            assert_eq!(forwarded, "404", "{path}: {header}");
        }
        assert_eq!(status_at(port, path, local), "404", "{path}");
        assert_eq!(status_at(port, &with_key, local), "404", "{path}: not even with the key");
    }
    drop(proxy);
}

/// A button pressed twice: whichever press is worked on first, and however far it is when the other comes, both end in one
/// place.
#[test]
fn a_form_sent_twice_at_once_ends_in_one_place() {
    let served = Served::start(&[]);
    for round in 0..8 {
        let mut one = served.person();
        let form = form_of(&one.get("/register"), "/register").registering(&format!("ada{round}@example.org"));
        let mut two = served.person();
        two.cookies.clone_from(&one.cookies);
        let ends = thread::scope(|scope| {
            [&mut one, &mut two].map(|browser| scope.spawn(|| browser.post(&form))).map(|press| press.join().unwrap())
        });
        assert_eq!(ends, ["/check-mail", "/check-mail"], "round {round}");
    }
    served.assert_clean(&[]);
}
