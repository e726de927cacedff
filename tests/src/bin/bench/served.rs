//! The real binary in a process of its own, and browsers that visit it over its socket.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chancery_tests::environment;
use chancery_tests::site::{Form, form_of};

/// A running service.
pub struct Served {
    child: Child,
    port: u16,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    /// Starts the binary and returns when it answers that it is ready.
    pub fn start(folder: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(environment::variable("CHANCERY_BIN"))
            // The service refuses variables that name no setting, such as those of the tests.
            .env_clear()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            // Each visitor comes from a network of its own.
            .args(["--trusted-proxies", "127.0.0.1", "--log-level", "error"])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let port = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ready at http://localhost:")?.trim().parse().ok())
            .expect("it says where it is");
        let served = Self { child, port };
        assert!(
            served
                .request("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .contains("200 OK")
        );
        served
    }

    fn request(&self, text: &str) -> String {
        request(self.port, text)
    }

    /// A browser that has never been here, in a network of its own.
    pub fn visitor(&self, number: usize) -> Visitor {
        let address = format!("10.{}.{}.1", number / 250, number % 250);
        Visitor { port: self.port, address, cookies: BTreeMap::new() }
    }

    /// Resident memory in megabytes.
    pub fn resident(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the kernel tells");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("resident memory");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).expect("a number") * 1024.0 / 1e6
    }
}

/// A browser without scripts that follows no redirect.
pub struct Visitor {
    port: u16,
    address: String,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// A page, head and body.
    pub fn get(&mut self, path: &str) -> String {
        self.send("GET", path, "", "")
    }

    /// Sends a form; the answer, head and body.
    pub fn post(&mut self, path: &str, form: &Form) -> String {
        let body = form.body();
        let head = format!(
            "Origin: http://localhost:{}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            self.port,
            body.len()
        );
        self.send("POST", path, &head, &body)
    }

    /// The form "Create an account", filled in for an address.
    pub fn registration(&mut self, email: &str) -> Form {
        form_of(&self.get("/register"), "/register").registering(email)
    }

    fn send(&mut self, method: &str, path: &str, head: &str, body: &str) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request(
            self.port,
            &format!(
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-For: {}\r\nCookie: {}\r\n\
                 {head}\r\n{body}",
                self.address,
                cookies.join("; ")
            ),
        );
        for line in answer.lines().take_while(|line| !line.is_empty()) {
            let set = line.strip_prefix("set-cookie: ").and_then(|cookie| cookie.split(';').next()?.split_once('='));
            if let Some((name, value)) = set {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

fn request(port: u16, text: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream.write_all(text.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}
