//! An app that shows one-time codes, as a person has it, and a browser's way with it.

use std::time::Duration;

use axum::http::StatusCode;
use data_encoding::BASE32_NOPAD;
use scraper::{Html, Selector};
use totp_rs::{Builder, Secret};

use super::{Browser, Page, TestSite};

/// How long a code is the current one.
pub const STEP: Duration = Duration::from_secs(30);

/// An app that shows one-time codes.
#[derive(Clone, Debug)]
pub struct Authenticator([u8; 20]);

impl Authenticator {
    /// The app into which the secret of the page is typed.
    ///
    /// # Panics
    /// If the page shows none.
    #[must_use]
    pub fn of(page: &Page) -> Self {
        let html = Html::parse_document(&page.body);
        let shown = html.select(&Selector::parse(".secret").unwrap()).next();
        let shown = shown.unwrap_or_else(|| panic!("no secret on {}: {}", page.path, page.text()));
        let typed: String = shown.text().collect::<String>().split_whitespace().collect();
        Self(BASE32_NOPAD.decode(typed.as_bytes()).unwrap().try_into().unwrap())
    }

    /// The code that it shows now.
    ///
    /// # Panics
    /// Never: the secret is of the right length.
    #[must_use]
    pub fn code(&self, site: &TestSite) -> String {
        let totp = Builder::new().with_secret(Secret::new_stack(self.0)).build().unwrap();
        totp.generate(u64::try_from(site.app.now().seconds()).unwrap()).to_string()
    }

    /// A code that is wrong now, and was a moment ago and will be in a moment.
    #[must_use]
    pub fn wrong_code(&self, site: &TestSite) -> String {
        let totp = Builder::new().with_secret(Secret::new_stack(self.0)).build().unwrap();
        let now = u64::try_from(site.app.now().seconds()).unwrap();
        let right = [now - 30, now, now + 30].map(|time| totp.generate(time).to_string());
        (0..).map(|number| format!("{number:06}")).find(|code| !right.contains(code)).unwrap()
    }
}

impl Page {
    /// The recovery codes that it shows.
    #[must_use]
    pub fn recovery_codes(&self) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        html.select(&Selector::parse(".codes code").unwrap()).map(|code| code.text().collect()).collect()
    }
}

impl Browser<'_> {
    /// Adds an app that shows one-time codes.
    ///
    /// # Panics
    /// If that does not work.
    pub async fn add_totp(&mut self) -> Authenticator {
        let page = self.get("/account/security/totp").await;
        let app = Authenticator::of(&page);
        let code = app.code(self.site);
        let page = self.submit(&page.form("/account/security/totp").with("one_time_code", &code)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.path.starts_with("/account/security?done=added"), "{}: {}", page.path, page.text());
        app
    }

    /// Answers with a one-time code after the password.
    pub async fn answer_totp(&mut self, code: &str) -> Page {
        let page = self.get("/login/verify?method=totp").await;
        self.submit(&page.form("/login/verify").with("one_time_code", code)).await
    }

    /// Proves more in the session with a one-time code.
    pub async fn prove_totp(&mut self, code: &str) -> Page {
        let page = self.get("/account/verify?method=totp").await;
        self.submit(&page.form("/account/verify").with("one_time_code", code)).await
    }

    /// Asks for new recovery codes; the page that shows them.
    pub async fn new_codes(&mut self) -> Page {
        let page = self.get("/account/security").await;
        self.submit(&page.form("/account/security/codes")).await
    }

    /// Puts new recovery codes in force.
    ///
    /// # Panics
    /// If that does not work.
    pub async fn issue_codes(&mut self) -> Vec<String> {
        let page = self.new_codes().await;
        let codes = page.recovery_codes();
        let form = page.form("/account/security/codes/confirm").with("recovery_code", &codes[3]);
        assert_eq!(self.submit(&form).await.path, "/account/security?done=codes-issued");
        codes
    }

    /// Answers with a recovery code after the password.
    pub async fn answer_recovery_code(&mut self, code: &str) -> Page {
        let page = self.get("/login/verify?method=recovery").await;
        self.submit(&page.form("/login/verify").with("recovery_code", code)).await
    }

    /// The page of the account's first device.
    ///
    /// # Panics
    /// If there is none.
    pub async fn device_page(&mut self) -> Page {
        let list = self.get("/account/security").await;
        let link = "/account/security/device?device=";
        let start = list.body.find(link).unwrap_or_else(|| panic!("no device: {}", list.text()));
        let path = list.body[start..].split('"').next().unwrap_or_default().to_owned();
        self.get(&path).await
    }
}

impl TestSite {
    /// Somebody who has an account and an app for it, whose next code is another than the one that added it.
    pub async fn registered_with_app(&self, email: &str) -> (Browser<'_>, Authenticator) {
        let mut browser = self.registered(email).await;
        let app = browser.add_totp().await;
        self.clock.advance(STEP);
        (browser, app)
    }
}
