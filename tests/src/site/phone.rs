//! A telephone with the service's own app, as `docs/authenticator.md` describes it, and a browser's way with it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use aws_lc_rs::{digest, hmac};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use chancery_service::factors::mobile_app::{device_of, response, transcript};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::key::ORIGIN;
use super::program::{Answer, read};
use super::{Browser, PASSWORD, Page, TestSite};

/// The PIN of everybody in the tests.
pub const PIN: &str = "4071";

/// A telephone.
#[derive(Debug)]
pub struct Phone {
    key: EcdsaKeyPair,
    secret: [u8; 32],
    /// Its id as a device, once it knows the enrolment.
    pub id: String,
    /// The uid of its account, once it has taken the enrolment.
    pub uid: String,
}

impl Default for Phone {
    fn default() -> Self {
        Self::new()
    }
}

impl Phone {
    /// A telephone that is nobody's device yet.
    ///
    /// # Panics
    /// Without randomness.
    #[must_use]
    pub fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        // As much its own as its key is.
        let secret = digest::digest(&digest::SHA256, key.public_key().as_ref()).as_ref().try_into().unwrap();
        Self { key, secret, id: String::new(), uid: String::new() }
    }

    /// What its codes are made with, of a PIN.
    fn pin_key(&self, pin: &str) -> Vec<u8> {
        let device = device_of(&self.id).unwrap();
        let fields = transcript(&[b"chancery pin 1", device.as_bytes(), pin.as_bytes()]);
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.secret), &fields).as_ref().to_vec()
    }

    /// The code that it shows for a challenge after a PIN.
    ///
    /// # Panics
    /// If the challenge is none.
    #[must_use]
    pub fn code(&self, pin: &str, challenge: &str) -> String {
        response(&self.pin_key(pin), challenge).unwrap().to_string()
    }

    /// What it says of itself to take an enrolment that it has looked at.
    #[must_use]
    pub fn takes(&self, (uid, code): (&str, &str), pin: &str) -> Value {
        let pin_key = self.pin_key(pin);
        let public_key = self.key.public_key().as_ref();
        let device = device_of(&self.id).unwrap();
        let fields = [b"chancery enrol 1", ORIGIN.as_bytes(), uid.as_bytes(), device.as_bytes(), &pin_key, public_key];
        let signature = self.key.sign(&SystemRandom::new(), &transcript(&fields)).unwrap();
        json!({
            "uid": uid,
            "code": code,
            "pin": pin,
            "public_key": BASE64URL_NOPAD.encode(public_key),
            "pin_key": BASE64URL_NOPAD.encode(&pin_key),
            "device": { "os": "Android 17", "manufacturer": "", "model": "Model 3" },
            "signature": BASE64URL_NOPAD.encode(signature.as_ref()),
        })
    }

    /// Looks at the enrolment behind a code and takes it.
    pub async fn take(&mut self, site: &TestSite, (uid, code): (&str, &str), pin: &str) -> Answer {
        let looked = site.message("look", json!({ "uid": uid, "code": code })).await;
        if looked.status != StatusCode::OK {
            return looked;
        }
        self.id = looked.text_of("enrolment");
        uid.clone_into(&mut self.uid);
        site.message("initialise", self.takes((uid, code), pin)).await
    }

    /// What the service says of the enrolment that it took.
    pub async fn state(&self, site: &TestSite, uid: &str) -> String {
        let public_key = BASE64URL_NOPAD.encode(self.key.public_key().as_ref());
        let asked = json!({ "uid": uid, "enrolment": self.id, "public_key": public_key });
        site.message("state", asked).await.text_of("state")
    }
}

/// What it says once it is a device.
impl Phone {
    fn fields(&self, purpose: &str, more: &[&[u8]]) -> Vec<u8> {
        let device = device_of(&self.id).unwrap();
        let first: [&[u8]; 3] = [purpose.as_bytes(), ORIGIN.as_bytes(), device.as_bytes()];
        transcript(&[&first, more].concat())
    }

    /// A message with its signature over these fields.
    pub(super) fn said(&self, mut message: Value, purpose: &str, more: &[&[u8]]) -> Value {
        let signature = self.key.sign(&SystemRandom::new(), &self.fields(purpose, more)).unwrap();
        message["uid"] = json!(self.uid);
        message["device"] = json!(self.id);
        message["signature"] = json!(BASE64URL_NOPAD.encode(signature.as_ref()));
        message
    }

    fn proof(&self, pin: &str, purpose: &str, more: &[&[u8]]) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.pin_key(pin));
        hmac::sign(&key, &self.fields(purpose, more)).as_ref().to_vec()
    }

    /// "Is there a request?", at this time of its clock in milliseconds.
    #[must_use]
    pub fn asks_at(&self, time: i64) -> Value {
        self.said(json!({ "time": time }), "chancery ask 1", &[time.to_string().as_bytes()])
    }

    /// "This was me", with the number and the PIN that are typed.
    ///
    /// # Panics
    /// If the request is none.
    #[must_use]
    pub fn approves(&self, request: &str, number: &str, pin: &str) -> Value {
        let id = data_encoding::HEXLOWER.decode(request.as_bytes()).unwrap();
        let proof = self.proof(pin, "chancery prove 1", &[&id]);
        let message = json!({ "request": request, "number": number, "proof": BASE64URL_NOPAD.encode(&proof) });
        self.said(message, "chancery approve 1", &[&id, number.as_bytes(), &proof])
    }

    /// "This wasn't me."
    ///
    /// # Panics
    /// If the request is none.
    #[must_use]
    pub fn denies(&self, request: &str) -> Value {
        let id = data_encoding::HEXLOWER.decode(request.as_bytes()).unwrap();
        self.said(json!({ "request": request }), "chancery deny 1", &[&id])
    }

    /// "Another PIN", in the message of this number, at this time of its clock in milliseconds.
    #[must_use]
    pub fn changes_pin(&self, message: u8, time: i64, (old, new): (&str, &str)) -> Value {
        let (id, next) = ([message; 16], self.pin_key(new));
        let proof = self.proof(old, "chancery prove to change 1", &[&id, &next]);
        let sent = json!({
            "id": data_encoding::HEXLOWER.encode(&id),
            "time": time,
            "proof": BASE64URL_NOPAD.encode(&proof),
            "pin_key": BASE64URL_NOPAD.encode(&next),
        });
        self.said(sent, "chancery change pin 1", &[&id, time.to_string().as_bytes(), &proof, &next])
    }

    /// The requests that it is shown.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn requests(&self, site: &TestSite) -> Vec<Value> {
        let answer = site.device_message("requests", self.asks_at(site.millis())).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json["requests"].as_array().unwrap().clone()
    }

    /// The id of the newest request that it is shown.
    ///
    /// # Panics
    /// If there is none.
    pub async fn request(&self, site: &TestSite) -> String {
        self.requests(site).await[0]["request"].as_str().unwrap().to_owned()
    }

    /// What it is told of a recovery of its account; null where none is under way.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn recovery(&self, site: &TestSite) -> Value {
        let answer = site.device_message("requests", self.asks_at(site.millis())).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json["recovery"].clone()
    }

    /// Says that the newest request is its owner's, who reads the number on this page.
    pub async fn approve(&self, site: &TestSite, page: &Page, pin: &str) -> Answer {
        let request = self.request(site).await;
        site.device_message("requests/approve", self.approves(&request, &page.number(), pin)).await
    }

    /// Says that the newest request is not its owner's.
    pub async fn deny(&self, site: &TestSite) -> Answer {
        let request = self.request(site).await;
        site.device_message("requests/deny", self.denies(&request)).await
    }
}

impl TestSite {
    /// The time of a phone whose clock is right, in milliseconds.
    #[must_use]
    pub fn millis(&self) -> i64 {
        self.app.now().micros() / 1000
    }

    /// A message of an app that is a device.
    pub async fn device_message(&self, path: &str, body: Value) -> Answer {
        let path = format!("/app/v1/{path}");
        self.posted(&path, ORIGIN, body.to_string(), None).await
    }

    /// The same of an app that speaks this version.
    pub async fn device_message_of(&self, version: u8, path: &str, body: Value) -> Answer {
        self.posted(&format!("/app/v{version}/{path}"), ORIGIN, body.to_string(), None).await
    }

    /// The same from an app in somebody's browser, with its cookies.
    pub async fn device_message_in(&self, browser: &Browser<'_>, path: &str, body: Value) -> Answer {
        let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.posted(&format!("/app/v1/{path}"), ORIGIN, body.to_string(), Some(cookies.join("; "))).await
    }

    /// A message of the app.
    pub async fn message(&self, name: &str, body: Value) -> Answer {
        self.message_from(ORIGIN, name, body.to_string()).await
    }

    /// The same from a page of some origin.
    pub async fn message_from(&self, origin: &str, name: &str, body: String) -> Answer {
        self.posted(&format!("/app/v1/enrolments/{name}"), origin, body, None).await
    }

    async fn posted(&self, path: &str, origin: &str, body: String, cookies: Option<String>) -> Answer {
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/json").header(header::ORIGIN, origin);
        if let Some(cookies) = cookies {
            request = request.header(header::COOKIE, cookies);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([192, 0, 2, 77], 50_000))));
        read(self.answer(request).await).await
    }

    /// Somebody who has an account and the service's own app for it.
    pub async fn registered_with_phone(&self, email: &str) -> (Browser<'_>, Phone) {
        let mut browser = self.registered(email).await;
        let phone = browser.add_phone().await;
        (browser, phone)
    }

    /// Somebody who knows an account's password, in a browser at this address, and the page that waits for its phones.
    pub async fn asks_phones_of(&self, email: &str, address: &str) -> (Browser<'_>, Page) {
        let mut browser = self.browser_at(address);
        browser.sign_in(email, PASSWORD).await;
        let page = browser.ask_phones().await;
        (browser, page)
    }
}

impl Page {
    /// The uid and the code of the enrolment that it shows to a camera.
    ///
    /// # Panics
    /// If it shows none.
    #[must_use]
    pub fn pairing(&self) -> (String, String) {
        let shown = self.body.split("/app#add=").nth(1).and_then(|rest| rest.split('"').next());
        let shown = shown.unwrap_or_else(|| panic!("no enrolment on {}: {}", self.path, self.text()));
        let (uid, code) = shown.split_once('.').unwrap();
        (uid.to_owned(), code.to_owned())
    }

    /// The number that it shows to be typed on a phone.
    ///
    /// # Panics
    /// If it shows none.
    #[must_use]
    pub fn number(&self) -> String {
        let html = scraper::Html::parse_document(&self.body);
        let shown = html.select(&scraper::Selector::parse(".shown-code").unwrap()).next();
        let shown = shown.unwrap_or_else(|| panic!("no number on {}: {}", self.path, self.text()));
        shown.text().collect::<String>().split_whitespace().last().unwrap().to_owned()
    }

    /// The device and the challenge that it shows to a camera.
    ///
    /// # Panics
    /// If it shows none.
    #[must_use]
    pub fn challenge(&self) -> (String, String) {
        let shown = self.body.split("/app#code=").nth(1).and_then(|rest| rest.split('"').next());
        let shown = shown.unwrap_or_else(|| panic!("no challenge on {}: {}", self.path, self.text()));
        let (device, challenge) = shown.split_once('.').unwrap();
        (device.to_owned(), challenge.to_owned())
    }
}

impl Browser<'_> {
    /// Names a device and chooses its PIN; the page with the code.
    pub async fn begin_phone(&mut self) -> Page {
        let page = self.get("/account/security/mobile/add").await;
        let form = page.form("/account/security/mobile/add").with("pin", PIN).with("confirm_pin", PIN);
        self.submit(&form).await
    }

    /// Names a device, which a telephone takes; the page that asks whether it is the right one.
    ///
    /// # Panics
    /// If it is not taken.
    pub async fn pair_phone(&mut self) -> (Phone, Page) {
        let mut phone = Phone::new();
        let (uid, code) = self.begin_phone().await.pairing();
        let answer = phone.take(self.site, (&uid, &code), PIN).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        (phone, self.get("/account/security/mobile/pair").await)
    }

    /// Adds a telephone.
    ///
    /// # Panics
    /// If that does not work.
    pub async fn add_phone(&mut self) -> Phone {
        let (phone, page) = self.pair_phone().await;
        let page = self.submit(&page.form("/account/security/mobile/pair")).await;
        assert!(page.path.starts_with("/account/security?done=added"), "{}: {}", page.path, page.text());
        phone
    }

    /// Has the account's phones asked after the password; the page that waits.
    pub async fn ask_phones(&mut self) -> Page {
        self.get("/login/verify?method=pin").await
    }

    /// Goes on after a telephone answered.
    pub async fn go_on(&mut self, page: &Page) -> Page {
        self.submit(&page.form("/login/verify")).await
    }

    /// Goes on after a telephone approved what waits on the page, and is signed in.
    ///
    /// # Panics
    /// If it is not.
    pub async fn let_in(&mut self, phone: &Phone, page: &Page) {
        assert_eq!(phone.approve(self.site, page, PIN).await.status, StatusCode::OK);
        assert_eq!(self.go_on(page).await.path, "/account");
    }

    /// Answers with a telephone's code after the password.
    pub async fn answer_phone(&mut self, phone: &Phone, pin: &str) -> Page {
        let page = self.get("/login/verify?method=qr").await;
        let (_, challenge) = page.challenge();
        self.submit(&page.form("/login/verify").with("app_code", &phone.code(pin, &challenge))).await
    }
}
