//! A browser over real connections, and the patience of the person before it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use axum::http::{HeaderMap, StatusCode};

use super::Served;
use crate::site::{Form, PASSWORD, Page, form_of};

/// A browser over real connections.
pub struct Person {
    port: u16,
    origin: String,
    /// Its cookies, by name.
    pub cookies: BTreeMap<String, String>,
    /// Headers that its requests have besides, each a whole line.
    pub headers: Vec<String>,
    /// How often a button was pressed or a page asked for.
    pub presses: usize,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Where it leads on to; empty if it does not.
    pub location: String,
    /// All of it.
    pub text: String,
}

impl Person {
    pub(super) fn at(port: u16, origin: &str) -> Self {
        Self { port, origin: origin.to_owned(), cookies: BTreeMap::new(), headers: Vec::new(), presses: 0 }
    }

    /// Its balancer leads it to another node from here on.
    pub fn moves_to(&mut self, node: &Served) {
        self.port = node.port;
        self.origin.clone_from(&node.url);
    }

    /// Asks, and again while the service says that it cannot now, or does not answer at all.
    ///
    /// # Panics
    /// If it is refused without being told when to come back.
    pub fn ask(&mut self, method: &str, path: &str, body: &str) -> Answer {
        loop {
            let answer = self.ask_once(method, path, body);
            if answer.status != 503 && answer.status != 0 {
                return answer;
            }
            let Answer { status, text, .. } = answer;
            assert!(status == 0 || text.contains("retry-after: "), "it says when to come back: {text}");
        }
    }

    /// Asks, whatever comes; status 0 stands for no answer.
    pub fn ask_once(&mut self, method: &str, path: &str, body: &str) -> Answer {
        self.presses += 1;
        let text = self.once(method, path, body);
        let status: u16 = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        let location = text.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
        let location = location.trim().to_owned();
        Answer { status, location, text }
    }

    fn once(&mut self, method: &str, path: &str, body: &str) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers: String = self.headers.iter().map(|line| format!("{line}\r\n")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {}\r\n\
             Origin: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             {headers}Content-Length: {}\r\n\r\n{body}",
            cookies.join("; "),
            self.origin,
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        for cookie in answer.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// The page at this path, or where that leads on to.
    pub fn get(&mut self, path: &str) -> String {
        let answer = self.ask("GET", path, "");
        if answer.status == 303 { self.get(&answer.location) } else { answer.text }
    }

    /// The same, as pages are read elsewhere.
    pub fn page(&mut self, path: &str) -> Page {
        let body = self.get(path);
        Page { path: path.to_owned(), status: StatusCode::OK, headers: HeaderMap::new(), body }
    }

    /// Presses a form's button; where that leads on to.
    ///
    /// # Panics
    /// If it leads nowhere.
    pub fn post(&mut self, form: &Form) -> String {
        let answer = self.ask("POST", &form.action, &form.body());
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.location
    }

    /// Presses a form's button; the page that comes in the end.
    pub fn submit(&mut self, form: &Form) -> String {
        let answer = self.ask("POST", &form.action, &form.body());
        if answer.status == 303 { self.get(&answer.location) } else { answer.text }
    }

    /// Fills in the form "Create an account" and sends it; where that leads on to.
    pub fn register(&mut self, first_name: &str, last_name: &str, email: &str) -> String {
        let form = form_of(&self.get("/register"), "/register").solved().with("mail_language", "en");
        let form = form.with("first_name", first_name).with("last_name", last_name).with("privacy", "on");
        self.post(&form.with("email", email).with("confirm_email", email))
    }

    /// Opens a mailed link and sets [`PASSWORD`]; where that leads on to.
    pub fn follow_link(&mut self, link: &str) -> String {
        let form = form_of(&self.get(link), link).with("privacy", "on");
        self.post(&form.with("new_password", PASSWORD).with("confirm_password", PASSWORD))
    }

    /// Signs in; the page that comes in the end.
    pub fn sign_in(&mut self, name: &str, password: &str) -> String {
        let form = form_of(&self.get("/login"), "/login").with("name", name);
        let form = form_of(&self.submit(&form), "/login/password").with("password", password);
        self.submit(&form)
    }

    /// Whether it is signed in.
    pub fn is_signed_in(&mut self) -> bool {
        self.ask("GET", "/account", "").status == 200
    }
}
