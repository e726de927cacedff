//! The real binary in a process of its own, and browsers that visit it over its socket.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use chancery_tests::environment;
use chancery_tests::site::{Form, PASSWORD, form_of};

/// A running service.
pub struct Served {
    child: Child,
    port: u16,
    visitors: AtomicUsize,
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
        let served = Self { child, port, visitors: AtomicUsize::new(0) };
        assert!(
            served
                .request("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .contains("200 OK")
        );
        served
    }

    /// The port of its pages.
    pub const fn port(&self) -> u16 {
        self.port
    }

    fn request(&self, text: &str) -> String {
        request(self.port, text)
    }

    /// A browser that has never been here, in a network of its own.
    pub fn visitor(&self) -> Visitor {
        let number = self.visitors.fetch_add(1, Ordering::Relaxed);
        let address = format!("10.{}.{}.1", number / 250, number % 250);
        Visitor { port: self.port, address, cookies: BTreeMap::new() }
    }

    /// CPU time so far, user and system.
    pub fn cpu_seconds(&self) -> f64 {
        cpu_seconds(&self.child.id().to_string())
    }

    /// Resident memory in megabytes.
    pub fn resident(&self) -> f64 {
        memory(self.child.id(), "VmRSS:").expect("the kernel tells")
    }

    /// The most that it ever was.
    pub fn highest(&self) -> f64 {
        highest_resident(self.child.id()).expect("the kernel tells")
    }
}

/// The most resident memory that a process ever had, in megabytes; `None` when it has ended.
pub fn highest_resident(process: u32) -> Option<f64> {
    memory(process, "VmHWM:")
}

fn memory(process: u32, name: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib * 1024.0 / 1e6)
}

/// A browser without scripts that follows no redirect.
#[derive(Clone)]
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

    /// The form that asks for the password of somebody at this address.
    pub fn password_form(&mut self, email: &str) -> Form {
        let form = form_of(&self.get("/login"), "/login").with("name", email);
        form_of(&self.post("/login", &form), "/login/password").with("password", PASSWORD)
    }

    /// Sends that form.
    ///
    /// # Panics
    /// If it does not sign in.
    pub fn sign_in(&mut self, form: &Form) {
        let answer = self.post("/login/password", form);
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    }

    /// Forgets the session, as one does that was closed; the account goes on knowing the browser.
    pub fn forget_session(&mut self) {
        self.cookies.remove("chancery-session").expect("the browser was signed in");
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

/// CPU time of a process so far, user and system, from `/proc/PROCESS/stat` (ticks of 10 ms).
pub fn cpu_seconds(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the kernel tells");
    let after_name = stat.rsplit_once(") ").expect("the name stands in brackets").1;
    let ticks =
        |index: usize| after_name.split(' ').nth(index).and_then(|field| field.parse::<f64>().ok()).expect("ticks");
    (ticks(11) + ticks(12)) / 100.0
}
