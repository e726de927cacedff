//! The whole way in on PostgreSQL with a real mail server, while PostgreSQL is killed and started again in the middle.
//!
//! The person presses a button again where a person would, and is not stranded.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use chancery_eventstore::PostgresMigrator;
use chancery_tests::environment;
use chancery_tests::postgres::Server;
use chancery_tests::site::{Form, PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;
use sqlx::{ConnectOptions, Executor};

const ADA: &str = "ada@example.org";

struct Served {
    child: Child,
    port: u16,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser over a real connection.
struct Person {
    port: u16,
    cookies: BTreeMap<String, String>,
    presses: usize,
}

impl Person {
    /// Asks, and again while the service says that it cannot now.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, String, String) {
        loop {
            self.presses += 1;
            let answer = self.once(method, path, body);
            let status: u16 = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
            if status != 503 && status != 0 {
                let location = answer.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
                let location = location.trim().to_owned();
                return (status, location, answer);
            }
            assert!(status == 0 || answer.contains("retry-after: "), "it says when to come back: {answer}");
        }
    }

    fn once(&mut self, method: &str, path: &str, body: &str) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {}\r\n\
             Origin: http://localhost:{}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            cookies.join("; "),
            self.port,
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        for cookie in answer.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    fn get(&mut self, path: &str) -> String {
        let (status, location, answer) = self.ask("GET", path, "");
        if status == 303 { self.get(&location) } else { answer }
    }

    fn post(&mut self, form: &Form) -> String {
        let (status, location, answer) = self.ask("POST", &form.action, &form.body());
        assert_eq!(status, 303, "{answer}");
        location
    }
}

async fn served(server: &Server, sink: &SmtpSink) -> (Served, tempfile::TempDir) {
    let database = server.database().await;
    PostgresMigrator::new(database.superuser(), Some("chancery_story".to_owned())).up().await.unwrap();
    let mut owner = database.superuser().connect().await.unwrap();
    owner.execute("ALTER ROLE chancery_story PASSWORD 'secret'").await.unwrap();
    drop(owner);
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    fs::write(&password, "secret\n").unwrap();
    fs::set_permissions(&password, Permissions::from_mode(0o600)).unwrap();
    let url = format!("postgres://chancery_story@{}/{}", server.address(), database.name());
    // The database is the server's own, and goes with it.
    std::mem::forget(database);
    let mut child = Command::new(environment::chancery())
        .env_clear()
        .args(["serve", "--listen", "127.0.0.1:0", "--hash-memory", "1MiB", "--database", &url])
        .args(["--smtp", &sink.url(), "--mail-from", "no-reply@example.org"])
        .arg("--database-password-file")
        .arg(&password)
        .arg("--data")
        .arg(folder.path().join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port =
        lines.map_while(Result::ok).find_map(|line| line.strip_prefix("ready at http://localhost:")?.parse().ok());
    (Served { child, port: port.expect("it says where it is") }, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_killed_between_and_during_every_step() {
    let mut server = Server::start(&[]).await;
    let sink = SmtpSink::start().await;
    let (service, _folder) = served(&server, &sink).await;
    let mut ada = Person { port: service.port, cookies: BTreeMap::new(), presses: 0 };

    let form = form_of(&ada.get("/register"), "/register").solved();
    let form = form
        .with("first_name", "Ada")
        .with("last_name", "Lovelace")
        .with("email", ADA)
        .with("confirm_email", ADA)
        .with("mail_language", "en")
        .with("privacy", "on");
    server.kill9().await;
    let pressed = tokio::task::spawn_blocking(move || {
        let location = ada.post_or_begin_again(&form);
        (ada, location)
    });
    server.start_again().await;
    let (mut ada, location) = pressed.await.unwrap();
    assert_eq!(location, "/check-mail");
    let mail = sink.mail_to(ADA).await;
    let link = mail.link();
    let link = link[link.find("/l/").unwrap()..].trim().to_owned();

    server.kill9().await;
    server.start_again().await;
    let form = form_of(&ada.get(&link), &link).with("privacy", "on");
    let form = form.with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    server.kill9().await;
    let pressed = tokio::task::spawn_blocking(move || {
        let location = ada.post(&form);
        (ada, location)
    });
    server.start_again().await;
    let (mut ada, location) = pressed.await.unwrap();
    assert_eq!(location, "/account?done=welcome");
    server.kill9().await;
    server.start_again().await;
    let account = ada.get("/account");
    assert!(account.contains("Ada Lovelace"), "the session is in the log, not in memory: {account}");
    assert!(ada.presses > 5, "a person who met a closed door pressed again");
}

impl Person {
    /// As [`Person::post`]; where the crash emptied the volatile rows, the form comes back with what was typed.
    fn post_or_begin_again(&mut self, form: &Form) -> String {
        let (status, location, answer) = self.ask("POST", &form.action, &form.body());
        if status == 303 {
            return location;
        }
        assert_eq!(status, 422, "{answer}");
        let again = form_of(&answer, &form.action).solved().with("privacy", "on");
        assert_eq!(again.fields["email"], ADA, "what was typed stays");
        self.post(&again)
    }
}
