//! One request of a person's browser: who asks, in which language, with which cookies.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use chancery_domain::Timestamp;
use chancery_domain::values::Language;
use chancery_service::client::Client;
use chancery_service::ports::random_array;
use chancery_service::secrets::browsers::{BrowserSecret, ProofSecret};
use chancery_service::secrets::devices::KnownTo;
use chancery_service::secrets::sessions::SessionSecret;
use data_encoding::BASE64URL_NOPAD;

use super::cookies::Cookie;
use super::in_work::PlaceInWork;
use super::language::negotiate;
use super::trace::RequestId;
use super::trusted::client_of;
use crate::pages::{Chrome, fields};
use crate::site::Site;

/// The longest `User-Agent` that is kept, in characters.
const USER_AGENT: usize = 256;

/// One request, as handlers see it. What it answers with goes through it too, so that no cookie is forgotten.
#[derive(Debug)]
pub struct Visit {
    /// The site.
    pub site: Site,
    /// Who asks.
    pub client: Client,
    /// The page's language.
    pub language: Language,
    /// When the request arrived, by the service's clock.
    pub arrived: Timestamp,
    /// The session's cookie.
    pub session: Option<SessionSecret>,
    /// Path and query, without a choice of language.
    pub here: String,
    /// The nonce of this answer's Content-Security-Policy.
    pub nonce: String,
    /// Cookies to set.
    pub cookies: Vec<String>,
    /// The headers, for what a route looks at itself.
    pub headers: HeaderMap,
    /// Its place among the requests in work; `None` of one that is turned away.
    pub place: Option<PlaceInWork>,
}

impl Visit {
    /// The frame of a page that answers this request.
    #[must_use]
    pub fn chrome(&self) -> Chrome {
        self.chrome_at(&self.here)
    }

    /// The frame of a page that a GET of `here` shows again.
    #[must_use]
    pub fn chrome_at(&self, here: &str) -> Chrome {
        Chrome::new(self.language, self.site.service_name.clone(), self.nonce.clone(), here)
    }

    /// Whether cookies go over https only.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.site.origin.is_secure()
    }

    /// Whether another site led here, as far as the browser says so, which a redirect does not hide. Typing the address, or a
    /// bookmark, is no other site's doing.
    #[must_use]
    pub fn is_from_another_site(&self) -> bool {
        let from = self.headers.get(header::HeaderName::from_static("sec-fetch-site"));
        from.is_some_and(|from| from != "same-origin" && from != "none")
    }

    /// Whether a POST came from a page of our own, as far as headers tell. The form's token is asked for besides.
    ///
    /// `Origin` is compared with the public URL, never with `Host`; without it `Sec-Fetch-Site` decides.
    #[must_use]
    pub fn is_same_origin(&self) -> bool {
        let text = |name: header::HeaderName| self.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        match (text(header::ORIGIN), text(header::HeaderName::from_static("sec-fetch-site"))) {
            (Some(origin), _) => origin.eq_ignore_ascii_case(self.site.origin.as_str()),
            (None, Some(site)) => site == "same-origin",
            (None, None) => true,
        }
    }
}

impl FromRequestParts<Site> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Self::Rejection> {
        let secure = site.origin.is_secure();
        let headers = parts.headers.clone();
        let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let browser = Cookie::Browser.read(&headers, secure).and_then(BrowserSecret::parse);
        let browser = browser.unwrap_or_else(|| site.app.new_browser_secret());
        // Set at every visit: what a browser waits for must not go with a cookie that began long before it.
        let mut cookies = vec![Cookie::Browser.set(&browser.to_cookie(), secure)];
        let (here, chosen) = split_language(parts);
        let chosen_now = chosen.filter(|_| parts.method == Method::GET);
        if let Some(language) = chosen_now {
            cookies.push(Cookie::Language.set(language.tag(), secure));
        }
        let language = chosen_now
            .or_else(|| Cookie::Language.read(&headers, secure).and_then(Language::from_tag))
            .unwrap_or_else(|| negotiate(text(header::ACCEPT_LANGUAGE), site.default_language));
        Ok(Self {
            client: Client {
                address: client_of(&parts.extensions, &headers, &site.trusted_proxies),
                user_agent: text(header::USER_AGENT).map(|agent| agent.chars().take(USER_AGENT).collect()),
                browser,
                proof: Cookie::Proof.read(&headers, secure).and_then(ProofSecret::parse),
                known: Cookie::Known.read(&headers, secure).map(KnownTo::parse).unwrap_or_default(),
                request: parts.extensions.get().map_or_else(|| site.app.new_id(), |RequestId(id)| *id),
            },
            language,
            arrived: site.app.now(),
            session: Cookie::Session.read(&headers, secure).and_then(SessionSecret::parse),
            here,
            nonce: BASE64URL_NOPAD.encode(&random_array::<16>(&*site.app.random)),
            cookies,
            headers,
            place: parts.extensions.get().cloned(),
            site: site.clone(),
        })
    }
}

/// Path and query without the choice of a language, and that choice.
fn split_language(parts: &Parts) -> (String, Option<Language>) {
    let prefix = format!("{}=", fields::LANGUAGE);
    let mut chosen = None;
    let rest: Vec<&str> = parts
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| match pair.strip_prefix(&prefix) {
            Some(tag) => {
                chosen = chosen.or(Language::from_tag(tag));
                false
            }
            None => !pair.is_empty(),
        })
        .collect();
    let path = parts.uri.path();
    let here = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    (here, chosen)
}
