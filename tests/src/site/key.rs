//! A security key made of software, and a browser's way with it.

use axum::http::StatusCode;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use scraper::{Html, Selector};
use url::Url;
use webauthn_authenticator_rs::AuthenticatorBackend;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;
use webauthn_authenticator_rs::softtoken::SoftToken;
use webauthn_rs_proto::{
    AllowCredentials, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions, UserVerificationPolicy,
};

use super::{Browser, Page};

/// The origin of every test site.
pub const ORIGIN: &str = "https://login.example.org";

/// How long it waits for a touch, which it never needs.
const TIMEOUT: u32 = 60_000;

/// A security key made of software.
pub struct SoftKey {
    soft: Box<dyn AuthenticatorBackend + Send>,
    /// The id of the credential that it made last, and for which account.
    last: Option<(Vec<u8>, Vec<u8>)>,
}

impl Default for SoftKey {
    fn default() -> Self {
        Self::new()
    }
}

/// What a page asks a key.
fn question(page: &Page) -> String {
    let html = Html::parse_document(&page.body);
    let asks = html.select(&Selector::parse("[data-security-key]").unwrap()).next();
    let asks = asks.unwrap_or_else(|| panic!("no key is asked on {}: {}", page.path, page.text()));
    asks.value().attr("data-question").unwrap().to_owned()
}

/// Whether the key verifies who uses it, as far as this library can be told: it does where it is asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// By its PIN, say.
    Verified,
    /// It was only touched.
    Present,
}

impl User {
    const fn policy(self) -> UserVerificationPolicy {
        match self {
            Self::Verified => UserVerificationPolicy::Required,
            Self::Present => UserVerificationPolicy::Preferred,
        }
    }
}

impl SoftKey {
    /// A key without credentials.
    #[must_use]
    pub fn new() -> Self {
        Self { soft: Box::new(SoftPasskey::new(true)), last: None }
    }

    /// A key without credentials for whose make its maker vouches, and the maker's root certificate as PEM.
    ///
    /// # Panics
    /// If none can be made.
    #[must_use]
    pub fn attested() -> (Self, String) {
        let (soft, _) = SoftToken::new(true).unwrap();
        let root = serde_json::to_value(&soft).unwrap()["ca_cert"].as_str().unwrap().to_owned();
        let root = BASE64.encode(&BASE64URL_NOPAD.decode(root.as_bytes()).unwrap());
        let lines: Vec<_> = root.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        let root = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
        (Self { soft: Box::new(soft), last: None }, root)
    }

    /// A credential as the page asks for it.
    ///
    /// # Panics
    /// If the page asks for none.
    pub fn create(&mut self, page: &Page, user: User) -> String {
        self.create_at(ORIGIN, page, user, |_| ())
    }

    /// The same at another place, or for something else than the page asked.
    ///
    /// # Panics
    /// If the page asks for none.
    pub fn create_at(
        &mut self,
        origin: &str,
        page: &Page,
        user: User,
        change: impl FnOnce(&mut PublicKeyCredentialCreationOptions),
    ) -> String {
        let mut options: PublicKeyCredentialCreationOptions = serde_json::from_str(&question(page)).unwrap();
        let selection = options.authenticator_selection.as_mut().unwrap();
        // Which the library does not pretend.
        (selection.require_resident_key, selection.authenticator_attachment) = (false, None);
        selection.user_verification = user.policy();
        change(&mut options);
        let (origin, user) = (Url::parse(origin).unwrap(), options.user.id.clone());
        let made = self.soft.perform_register(origin, options, TIMEOUT).unwrap();
        self.last = Some((made.raw_id.clone(), user));
        serde_json::to_string(&made).unwrap()
    }

    /// An answer to what the page asks.
    ///
    /// # Panics
    /// If the page asks nothing that the key can answer.
    pub fn answer(&mut self, page: &Page, user: User) -> String {
        self.answer_at(ORIGIN, page, user, |_| ())
    }

    /// The same at another place, or to something else than the page asked.
    ///
    /// # Panics
    /// If the key cannot answer.
    pub fn answer_at(
        &mut self,
        origin: &str,
        page: &Page,
        user: User,
        change: impl FnOnce(&mut PublicKeyCredentialRequestOptions),
    ) -> String {
        let mut options: PublicKeyCredentialRequestOptions = serde_json::from_str(&question(page)).unwrap();
        options.user_verification = user.policy();
        change(&mut options);
        let origin = Url::parse(origin).unwrap();
        let signed = self.soft.perform_auth(origin, options, TIMEOUT).unwrap();
        serde_json::to_string(&signed).unwrap()
    }

    /// An answer to what is asked before a name was typed, by the credential that it made last.
    ///
    /// # Panics
    /// If it made none.
    pub fn answer_first(
        &mut self,
        question: &str,
        user: User,
        change: impl FnOnce(&mut PublicKeyCredentialRequestOptions),
    ) -> String {
        let (id, handle) = self.last.clone().unwrap();
        let mut options: PublicKeyCredentialRequestOptions = serde_json::from_str(question).unwrap();
        assert!(options.allow_credentials.is_empty(), "nothing tells who has which key");
        options.allow_credentials = vec![AllowCredentials { type_: "public-key".to_owned(), id, transports: None }];
        options.user_verification = user.policy();
        change(&mut options);
        let origin = Url::parse(ORIGIN).unwrap();
        let mut signed = self.soft.perform_auth(origin, options, TIMEOUT).unwrap();
        signed.response.user_handle = Some(handle);
        serde_json::to_string(&signed).unwrap()
    }
}

/// What a key told when it made a credential, as one tells it that names its make while nobody vouches for that.
///
/// # Panics
/// If it is nothing that such a key tells.
#[must_use]
pub fn of_make(told: &str, aaguid: [u8; 16]) -> String {
    with_data(told, |data| data[37..53].copy_from_slice(&aaguid))
}

/// What a key told when it made a credential, with other authenticator data (WebAuthn, section 6.1), for which nobody vouches.
///
/// # Panics
/// If it is nothing that such a key tells.
#[must_use]
pub fn with_data(told: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut told: serde_json::Value = serde_json::from_str(told).unwrap();
    let object = BASE64URL_NOPAD.decode(told["response"]["attestationObject"].as_str().unwrap().as_bytes()).unwrap();
    let at = object.windows(8).position(|name| name == b"authData").unwrap() + 8;
    // Octets behind their number, which takes one octet.
    assert_eq!(object[at], 0x58);
    let mut data = object[at + 2..][..object[at + 1].into()].to_vec();
    change(&mut data);
    let length = u8::try_from(data.len()).unwrap();
    let plain = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".as_slice(), &[length], &data].concat();
    told["response"]["attestationObject"] = BASE64URL_NOPAD.encode(&plain).into();
    told.to_string()
}

/// What a page asks, for a key that is to answer the question of another page.
///
/// # Panics
/// If it asks nothing.
#[must_use]
pub fn asked(page: &Page) -> PublicKeyCredentialRequestOptions {
    serde_json::from_str(&question(page)).unwrap()
}

impl Browser<'_> {
    /// The page on which a kind of key is added: `device`, `passkey` or `second`.
    pub async fn key_page(&mut self, kind: &str) -> Page {
        self.get(&format!("/account/security/key?key={kind}")).await
    }

    /// Posts what the key told on that page.
    pub async fn post_key(&mut self, page: &Page, told: &str) -> Page {
        self.submit(&page.form("/account/security/key").with("security_key", told)).await
    }

    /// Adds a key.
    ///
    /// # Panics
    /// If that does not work.
    pub async fn add_key(&mut self, kind: &str, key: &mut SoftKey, user: User) {
        let page = self.key_page(kind).await;
        let told = key.create(&page, user);
        let page = self.post_key(&page, &told).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.path.starts_with("/account/security?done=added"), "{}: {}", page.path, page.text());
    }

    /// The page that asks a key after the password.
    pub async fn asks_key(&mut self) -> Page {
        self.get("/login/verify?method=key").await
    }

    /// Posts what the key answered after the password.
    pub async fn answer_key(&mut self, page: &Page, answer: &str) -> Page {
        self.submit(&page.form("/login/verify").with("security_key", answer)).await
    }

    /// The sign-in page, and what a passkey is asked there.
    pub async fn passkey_question(&mut self) -> (Page, String) {
        let page = self.get("/login").await;
        let question = self.post(&page.form("/login/passkey/question")).await;
        assert_eq!(question.status, StatusCode::OK, "{}", question.text());
        (page, question.body)
    }

    /// Posts what a passkey answered there.
    pub async fn answer_passkey(&mut self, page: &Page, answer: &str) -> Page {
        self.submit(&page.form("/login/passkey").with("security_key", answer)).await
    }

    /// Proves more in the session by a key.
    pub async fn prove_key(&mut self, key: &mut SoftKey, user: User) -> Page {
        let page = self.get("/account/verify?method=key").await;
        let answer = key.answer(&page, user);
        self.submit(&page.form("/account/verify").with("security_key", &answer)).await
    }
}
