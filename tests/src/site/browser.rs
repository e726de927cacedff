//! A browser without scripts and without mercy: keeps cookies, reads forms, follows redirects.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use chancery_service::secrets::browsers::BrowserSecret;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use scraper::{Html, Selector};
use tower::ServiceExt;

use super::{ANSWER_AFTER, PASSWORD, TestSite};

/// An answer.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its path and query.
    pub path: String,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

/// A form of a page, with the values that it was given.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it posts to.
    pub action: String,
    /// Its fields.
    pub fields: BTreeMap<String, String>,
}

impl Page {
    /// The form that posts to `action`.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn form(&self, action: &str) -> Form {
        self.find_form(action).unwrap_or_else(|| panic!("no form to {action} on {}: {}", self.path, self.text()))
    }

    /// The form that posts to `action`, if the page has it.
    #[must_use]
    pub fn find_form(&self, action: &str) -> Option<Form> {
        find_form(&self.body, action)
    }

    /// What a person reads of it.
    #[must_use]
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.body);
        let main = Selector::parse("main").unwrap();
        let text: Vec<&str> = match html.select(&main).next() {
            Some(main) => main.text().collect(),
            None => html.root_element().text().collect(),
        };
        text.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A header's value; empty if it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Form {
    /// Fills in a field.
    #[must_use]
    pub fn with(mut self, field: &str, value: &str) -> Self {
        self.fields.insert(field.to_owned(), value.to_owned());
        self
    }

    /// Takes a field away.
    #[must_use]
    pub fn without(mut self, field: &str) -> Self {
        self.fields.remove(field);
        self
    }

    /// Fills in "Create an account" for somebody at this address.
    #[must_use]
    pub fn registering(self, email: &str) -> Self {
        self.solved()
            .with("first_name", "Ada")
            .with("last_name", "Lovelace")
            .with("email", email)
            .with("confirm_email", email)
            .with("mail_language", "en")
            .with("privacy", "on")
    }

    /// Solves the person check as the page's script does.
    #[must_use]
    pub fn solved(self) -> Self {
        let challenge: serde_json::Value = serde_json::from_str(&self.fields["challenge"]).unwrap();
        let (salt, wanted) = (challenge["salt"].as_str().unwrap(), challenge["challenge"].as_str().unwrap());
        let most = challenge["maxnumber"].as_u64().unwrap();
        // Compared as bytes: in an unoptimised build writing each hash down would take longer than the hash.
        let wanted = data_encoding::HEXLOWER.decode(wanted.as_bytes()).unwrap();
        let hash =
            |number: &u64| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("{salt}{number}").as_bytes());
        let number = (0..=most).find(|number| hash(number).as_ref() == wanted).unwrap();
        self.with("pow", &number.to_string())
    }

    /// The body that is posted.
    #[must_use]
    pub fn body(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = self.fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// The form of a page that posts to `action`.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn form_of(html: &str, action: &str) -> Form {
    find_form(html, action).unwrap_or_else(|| panic!("no form to {action} in {html}"))
}

fn find_form(html: &str, action: &str) -> Option<Form> {
    let html = Html::parse_document(html);
    let select = |text: &str| Selector::parse(text).unwrap();
    let form = html.select(&select("form")).find(|form| form.value().attr("action") == Some(action))?;
    let mut fields = BTreeMap::new();
    for input in form.select(&select("input[name]")) {
        let input = input.value();
        let kind = input.attr("type").unwrap_or("text");
        if matches!(kind, "checkbox" | "radio") && input.attr("checked").is_none() {
            continue;
        }
        fields.insert(input.attr("name")?.to_owned(), input.attr("value").unwrap_or_default().to_owned());
    }
    for choice in form.select(&select("select[name]")) {
        let chosen = choice.select(&select("option[selected]")).next();
        let chosen = chosen.or_else(|| choice.select(&select("option")).next());
        let value = chosen.and_then(|option| option.value().attr("value")).unwrap_or_default();
        fields.insert(choice.value().attr("name")?.to_owned(), value.to_owned());
    }
    Some(Form { action: action.to_owned(), fields })
}

/// A person's browser.
#[derive(Clone)]
pub struct Browser<'a> {
    pub(super) site: &'a TestSite,
    address: IpAddr,
    /// Its cookies, by name.
    pub cookies: BTreeMap<String, String>,
    /// Headers that it sends besides.
    pub headers: HeaderMap,
}

impl<'a> Browser<'a> {
    pub(super) fn new(site: &'a TestSite, address: IpAddr) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0".parse().unwrap());
        headers.insert(header::ACCEPT_LANGUAGE, "en".parse().unwrap());
        Self { site, address, cookies: BTreeMap::new(), headers }
    }

    /// The node that it talks to.
    #[must_use]
    pub const fn site(&self) -> &'a TestSite {
        self.site
    }

    /// The same person's browser, talking to another node.
    #[must_use]
    pub fn on<'b>(&self, node: &'b TestSite) -> Browser<'b> {
        let (address, cookies, headers) = (self.address, self.cookies.clone(), self.headers.clone());
        Browser { site: node, address, cookies, headers }
    }

    /// The cookie of this name, without the prefix that https gives it.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let named = |key: &&String| key.trim_start_matches("__Host-") == name;
        self.cookies.keys().find(named).map(|key| self.cookies[key].as_str())
    }

    /// Asks for a page and follows redirects.
    pub async fn get(&mut self, path: &str) -> Page {
        let answer = self.send(Method::GET, path, None).await;
        self.follow(answer).await
    }

    /// Posts a form and follows redirects.
    pub async fn submit(&mut self, form: &Form) -> Page {
        let answer = self.post(form).await;
        self.follow(answer).await
    }

    /// Posts a form; a redirect is returned as it is.
    pub async fn post(&mut self, form: &Form) -> Page {
        self.send(Method::POST, &form.action, Some(form.body())).await
    }

    async fn follow(&mut self, mut answer: Page) -> Page {
        for _ in 0..5 {
            if !answer.status.is_redirection() {
                return answer;
            }
            let location = answer.header("location").to_owned();
            answer = self.send(Method::GET, &location, None).await;
        }
        panic!("too many redirects at {}", answer.path)
    }

    /// The same fields under keys of their own, as the form of another tab has them: whatever that leads to is no repetition.
    ///
    /// # Panics
    /// If the browser has never been here.
    #[must_use]
    pub fn in_another_tab(&self, form: &Form) -> Form {
        let secret = self.cookie("chancery-browser").and_then(BrowserSecret::parse).unwrap();
        let keys = self.site.app.form_keys(&secret, &form.action);
        form.clone().with("command", &keys.command.to_string()).with("csrf", &keys.token)
    }

    /// One request and its answer.
    pub async fn send(&mut self, method: Method, path: &str, body: Option<String>) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if body.is_some() {
            if !self.headers.contains_key(header::CONTENT_TYPE) {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            }
            if !self.headers.contains_key(header::ORIGIN) {
                request = request.header(header::ORIGIN, &self.site.public_url);
            }
        }
        let mut request = request.body(Body::from(body.unwrap_or_default())).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.address, 50_000)));
        let (parts, body) = self.site.answer(request).await.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = to_bytes(body, 1 << 24).await.unwrap();
        Page {
            path: path.to_owned(),
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// The form "Create an account", filled in for an address.
    pub async fn registration(&mut self, email: &str) -> Form {
        self.get("/register").await.form("/register").registering(email)
    }

    /// Fills in the form and sends it.
    pub async fn register(&mut self, email: &str) -> Page {
        let form = self.registration(email).await;
        self.submit(&form).await
    }

    /// Opens a mailed link and sets [`PASSWORD`].
    pub async fn follow_link(&mut self, link: &str) -> Page {
        let page = self.get(link).await;
        let mut form = page.form(link).with("new_password", PASSWORD).with("confirm_password", PASSWORD);
        if form.fields.contains_key("first_name") {
            form = form.with("privacy", "on");
        }
        self.submit(&form).await
    }

    /// Types a name on the sign-in page.
    pub async fn give_name(&mut self, name: &str) -> Page {
        let page = self.get("/login").await;
        self.submit(&page.form("/login").with("name", name)).await
    }

    /// Signs in with the password, also where it could be left out.
    pub async fn sign_in(&mut self, name: &str, password: &str) -> Page {
        let page = self.give_name(name).await;
        let page = if page.path == "/login/verify" { self.get("/login/verify?method=password").await } else { page };
        self.submit(&page.form("/login/password").with("password", password)).await
    }

    /// Signs out.
    pub async fn sign_out(&mut self) -> Page {
        let page = self.get("/account").await;
        self.submit(&page.form("/sign-out")).await
    }

    /// Asks for a new password.
    pub async fn lose_password(&mut self, name: &str) -> Page {
        let page = self.get("/lost-password").await;
        self.submit(&page.form("/lost-password").solved().with("name", name)).await
    }

    /// Whether it is signed in.
    pub async fn is_signed_in(&mut self) -> bool {
        let mut probe = self.clone();
        probe.send(Method::GET, "/account", None).await.status == StatusCode::OK
    }
}

impl TestSite {
    /// The answer to a request. While it waits for its deadline the clock is moved on.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response {
        let patience = async {
            loop {
                self.clock.until_sleepers(1).await;
                self.clock.advance(ANSWER_AFTER);
                // The one that was woken is polled before the sleepers are counted again.
                for _ in 0..8 {
                    tokio::task::yield_now().await;
                }
            }
        };
        tokio::select! {
            answer = self.router().oneshot(request) => answer.unwrap(),
            () = patience => unreachable!("patience has no end"),
        }
    }
}
