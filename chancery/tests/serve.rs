//! `chancery serve` as an operator meets it: how it starts, what keeps it from starting, how it stops.

use std::io::{BufRead, BufReader, PipeReader, Read, Write, pipe};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

fn program(folder: &Path, arguments: &[&str]) -> Command {
    plain(folder, &[&["serve", "--hash-memory", "7MiB"], arguments].concat())
}

fn plain(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.env_clear().current_dir(folder).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A service that runs until it is told to stop; killed if a test leaves it.
struct Service {
    child: Child,
    output: BufReader<PipeReader>,
    /// What it printed until it was ready.
    greeting: Vec<String>,
}

impl Service {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::run(program(folder, arguments))
    }

    fn run(mut program: Command) -> Self {
        let (output, end) = pipe().expect("a pipe");
        program.stdout(end);
        Self::read(program, output)
    }

    /// The same with its log among what it prints, in the order in which a terminal shows both.
    fn run_with_log(mut program: Command) -> Self {
        let (output, end) = pipe().expect("a pipe");
        program.stderr(end.try_clone().expect("a second end")).stdout(end);
        Self::read(program, output)
    }

    fn read(mut program: Command, output: PipeReader) -> Self {
        let mut child = program.spawn().expect("started");
        // It holds the pipe's other end too: the end of what the process prints would never be seen.
        drop(program);
        let mut output = BufReader::new(output);
        let mut greeting = Vec::new();
        while greeting.last().is_none_or(|line: &String| !line.starts_with("ready at ")) {
            let mut line = String::new();
            if output.read_line(&mut line).expect("text") == 0 {
                panic!("it ended before it was ready: {greeting:?} {}", log_of(&mut child));
            }
            greeting.push(line.trim_end().to_owned());
        }
        Self { child, output, greeting }
    }

    fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id")).expect("a process id");
        kill_process(id, signal).expect("it runs");
    }

    /// Waits for its end; what it printed since it was ready, and its log.
    fn ended(mut self) -> (ExitStatus, String, String) {
        let mut out = String::new();
        self.output.read_to_string(&mut out).expect("text");
        let log = log_of(&mut self.child);
        (self.child.wait().expect("ended"), out, log)
    }
}

/// The rest of its log; empty where that is among what it prints.
fn log_of(child: &mut Child) -> String {
    let mut log = String::new();
    if let Some(mut errors) = child.stderr.take() {
        errors.read_to_string(&mut log).expect("text");
    }
    log
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first line and the body of an answer; `None` if nobody listens.
fn get(address: SocketAddr, path: &str) -> Option<(String, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.lines().next().unwrap_or_default().to_owned(), body.to_owned()))
}

/// Two ports that were free a moment ago.
fn free_ports() -> [SocketAddr; 2] {
    let sockets = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    sockets.map(|socket| socket.local_addr().expect("bound"))
}

/// Runs a service that is not expected to start.
fn refused(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = program(folder, arguments).output().expect("started");
    let log = String::from_utf8(output.stderr).expect("text");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("ready at"), "it started");
    let last = log.lines().last().unwrap_or_default().to_owned();
    assert_eq!(log.lines().filter(|line| line.starts_with("chancery: ")).count(), 1, "{log}");
    (output.status.code(), last)
}

#[test]
fn it_greets_with_few_lines_the_urls_last_and_ends_well_on_both_signals() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = tempfile::tempdir().expect("a folder");
        let [pages, metrics] = free_ports();
        let (listen, metrics_listen) = (pages.to_string(), metrics.to_string());
        let service = Service::start(folder.path(), &["--listen", &listen, "--metrics-listen", &metrics_listen]);
        assert_greets(&service.greeting, pages);

        assert_eq!(get(pages, "/health/ready").expect("an answer").0, "HTTP/1.1 200 OK");
        let (status, text) = get(metrics, "/metrics").expect("an answer");
        assert!(status == "HTTP/1.1 200 OK" && text.contains("chancery_commands_total"), "{text}");
        assert_eq!(get(metrics, "/health/ready").expect("an answer").0, "HTTP/1.1 404 Not Found");
        assert_eq!(get(pages, "/metrics").expect("an answer").0, "HTTP/1.1 404 Not Found");

        service.signal(signal);
        let (status, out, log) = service.ended();
        assert!(status.success() && out.is_empty(), "{status} {out} {log}");
        assert!(get(pages, "/health/live").is_none());
    }
}

fn assert_greets(greeting: &[String], pages: SocketAddr) {
    assert!(greeting.len() <= 10, "{greeting:?}");
    let url = format!("http://localhost:{}", pages.port());
    assert_eq!(greeting.last(), Some(&format!("ready at {url}")));
    let mail_page = &greeting[greeting.len() - 2];
    assert!(mail_page.contains(&format!("{url}/dev/mail?key=")), "{mail_page}");
}

#[test]
fn with_its_log_too_it_prints_few_lines_until_it_is_ready_the_urls_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let [pages, metrics] = free_ports();
    let (listen, metrics_listen) = (pages.to_string(), metrics.to_string());
    let arguments = ["--listen", &listen, "--metrics-listen", &metrics_listen];
    // A new log first, then one that is there.
    for _ in 0..2 {
        let service = Service::run_with_log(program(folder.path(), &arguments));
        let greeting = &service.greeting;
        assert!(greeting.iter().any(|line| line.contains(" policy ")), "its log is among it: {greeting:?}");
        assert_greets(greeting, pages);
        service.signal(Signal::TERM);
        assert!(service.ended().0.success());
    }
}

#[test]
fn without_a_command_it_serves() {
    let folder = tempfile::tempdir().expect("a folder");
    let [pages, _] = free_ports();
    std::fs::write(folder.path().join("chancery.toml"), format!("listen = \"{pages}\"\n")).expect("written");
    let service = Service::run(plain(folder.path(), &[]));
    assert_eq!(service.greeting.last(), Some(&format!("ready at http://localhost:{}", pages.port())));
    assert!(get(pages, "/login").expect("an answer").0.contains("200"));
    assert!(folder.path().join("data/chancery.db").exists(), "the data is kept in ./data");
}

#[test]
fn readiness_turns_false_before_the_port_closes() {
    let folder = tempfile::tempdir().expect("a folder");
    let [pages, _] = free_ports();
    let arguments =
        ["--listen", &pages.to_string(), "--public-url", "https://login.example.org", "--smtp", "smtp://127.0.0.1:1"];
    let service = Service::start(folder.path(), &arguments);
    assert_eq!(get(pages, "/health/ready").expect("an answer").0, "HTTP/1.1 200 OK");
    service.signal(Signal::TERM);
    let turned = std::iter::from_fn(|| get(pages, "/health/ready")).find(|(status, _)| !status.contains("200"));
    assert_eq!(turned.expect("an answer other than 200").0, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(get(pages, "/health/live").expect("still there").0, "HTTP/1.1 200 OK");
    assert!(service.ended().0.success());
}

#[test]
fn the_operators_language_name_and_statement_are_on_the_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let [pages, _] = free_ports();
    std::fs::write(folder.path().join("statement"), "We keep your name in a safe.").expect("written");
    let (listen, set) = (pages.to_string(), ["--default-language", "el", "--service-name", "Πύλη"]);
    let arguments = [&["--listen", &listen, "--privacy-statement", "statement"], &set[..]].concat();
    let service = Service::start(folder.path(), &arguments);
    let (_, page) = get(pages, "/login").expect("an answer");
    assert!(page.contains("<html lang=\"el\"") && page.contains("Πύλη"), "{page}");
    let (_, page) = get(pages, "/privacy").expect("an answer");
    assert!(page.contains("We keep your name in a safe."), "{page}");
    service.signal(Signal::TERM);
    assert!(service.ended().0.success());
}

#[test]
fn json_logs_are_one_object_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path(), &["--listen", "127.0.0.1:0", "--log-format", "json"]);
    service.signal(Signal::TERM);
    let (_, _, log) = service.ended();
    assert!(log.lines().count() > 0);
    for line in log.lines() {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert!(object["message"].is_string() && object["level"].is_string(), "{line}");
    }
}

#[test]
fn what_keeps_it_from_starting_is_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let sentence =
        format!("chancery: {address} is taken by another program: stop that one, or choose another port with --listen");
    assert_eq!(refused(folder.path(), &["--listen", &address]), (Some(1), sentence));

    let first = Service::start(folder.path(), &["--listen", "127.0.0.1:0", "--policy-revision", "2"]);
    let (code, sentence) = refused(folder.path(), &["--listen", "127.0.0.1:0"]);
    assert!(code == Some(1) && sentence.contains("is in use by another `chancery serve`"), "{sentence}");
    first.signal(Signal::TERM);
    assert!(first.ended().0.success());

    let (code, sentence) = refused(folder.path(), &["--listen", "127.0.0.1:0"]);
    assert!(
        code == Some(2) && sentence.contains("the policy in force has revision 2, higher than this node's 1"),
        "{sentence}"
    );
    let other = ["--listen", "127.0.0.1:0", "--policy-revision", "2", "--link-validity", "1h"];
    let (code, sentence) = refused(folder.path(), &other);
    assert!(code == Some(2) && sentence.contains("link_validity is 5400 s in force and 3600 s here"), "{sentence}");
}
