//! What all pages share.

use std::borrow::Borrow;
use std::sync::Arc;
use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_domain::values::Language;
use chancery_service::texts::{LinkText, Texts, Value};

/// The frame around every page: language, service, the request's nonce, the address for the language switch.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// The page's language.
    pub language: Language,
    /// The service's name, as the operator set it.
    pub service: Arc<str>,
    /// The nonce that this response's Content-Security-Policy names.
    pub nonce: String,
    /// Path and query of a GET that shows this page again, without any `lang`: the language switch adds that. On a
    /// page that answers a POST, the path of its form.
    pub here: String,
}

impl Chrome {
    /// The frame of the page at `here`.
    #[must_use]
    pub fn new(language: Language, service: Arc<str>, nonce: String, here: impl Into<String>) -> Self {
        Self { language, service, nonce, here: here.into() }
    }

    /// The texts of the page's language.
    #[must_use]
    pub const fn texts(&self) -> Texts {
        Texts::of(self.language)
    }

    /// A message without variables but the service's name.
    pub(super) fn t(&self, id: &str) -> String {
        self.texts().text(id, &[("service", Value::from(&*self.service))])
    }

    /// A message with one variable, and the service's name.
    pub(super) fn t1(&self, id: &str, name: &str, value: impl AsRef<str>) -> String {
        self.texts().text(id, &[("service", Value::from(&*self.service)), (name, Value::from(value.as_ref()))])
    }

    /// A message that holds one link.
    pub(super) fn linked(&self, id: &str) -> LinkText {
        LinkText::cut(&self.t(id))
    }

    pub(super) fn span(&self, span: impl Borrow<Duration>) -> String {
        self.texts().span(*span.borrow())
    }

    pub(super) fn moment(&self, moment: impl Borrow<Timestamp>) -> String {
        self.texts().moment(*moment.borrow())
    }

    /// The title of the browser's window: errors first, so that a screen reader says them first.
    pub(super) fn title(&self, heading: impl AsRef<str>, failed: bool) -> String {
        let id = if failed { "page-title-problem" } else { "page-title" };
        self.t1(id, "title", heading.as_ref())
    }

    /// Every language with its own name, the tag, and the address that switches to it.
    pub(super) fn languages(&self) -> Vec<LanguageOption> {
        let separator = if self.here.contains('?') { '&' } else { '?' };
        Language::ALL
            .into_iter()
            .map(|language| LanguageOption {
                tag: language.tag(),
                name: Texts::of(language).text("language-name", &[]),
                address: format!("{}{separator}{}={}", self.here, super::fields::LANGUAGE, language.tag()),
                chosen: language == self.language,
            })
            .collect()
    }
}

/// One language of the switch.
pub(super) struct LanguageOption {
    pub tag: &'static str,
    pub name: String,
    pub address: String,
    pub chosen: bool,
}
