//! A telephone that gets messages, and a browser's way with it.

use axum::http::StatusCode;

use super::{Browser, Page, TestSite};

/// A number that messages are sent to.
pub const NUMBER: &str = "+32470123456";

impl TestSite {
    /// The messages to a number, newest first, once what was promised was sent.
    pub async fn messages_to(&self, number: &str) -> Vec<String> {
        self.settle().await;
        self.messages.list().into_iter().filter(|sms| sms.to == number).map(|sms| sms.text).collect()
    }

    /// The code in the newest message to a number.
    ///
    /// # Panics
    /// If there is none.
    pub async fn sms_code(&self, number: &str) -> String {
        let messages = self.messages_to(number).await;
        let newest = messages.first().unwrap_or_else(|| panic!("no message to {number}"));
        let last = newest.lines().last().unwrap_or_default();
        last.split_once(" #").map(|(_, code)| code.to_owned()).unwrap_or_else(|| panic!("no code in {newest}"))
    }
}

impl Browser<'_> {
    /// Asks for a code for a telephone that is to be added.
    pub async fn begin_number(&mut self, number: &str) -> Page {
        let page = self.get("/account/security/phone").await;
        self.submit(&page.form("/account/security/phone").with("phone_number", number)).await
    }

    /// Types the code of a telephone that is to be added.
    pub async fn finish_number(&mut self, code: &str) -> Page {
        let page = self.get("/account/security/phone/code").await;
        self.submit(&page.form("/account/security/phone/code").with("sms_code", code)).await
    }

    /// Adds a telephone.
    ///
    /// # Panics
    /// If that does not work.
    pub async fn add_number(&mut self, number: &str) {
        assert_eq!(self.begin_number(number).await.path, "/account/security/phone/code");
        let code = self.site.sms_code(number).await;
        let page = self.finish_number(&code).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.path.starts_with("/account/security?done=added"), "{}: {}", page.path, page.text());
    }

    /// Asks for a code after the password.
    pub async fn ask_for_code(&mut self) -> Page {
        let page = self.get("/login/verify?method=sms").await;
        self.submit(&page.form("/login/verify/sms")).await
    }

    /// Answers with a code that was sent, after the password.
    pub async fn answer_sms(&mut self, code: &str) -> Page {
        let page = self.get("/login/verify?method=sms").await;
        self.submit(&page.form("/login/verify").with("sms_code", code)).await
    }
}
