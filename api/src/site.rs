//! What the handlers share.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use chancery_domain::values::Language;
use chancery_projections::Activity;
use chancery_service::App;
use chancery_service::mail::OutboxTransport;
use chancery_service::sms::SmsOutbox;
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;

use crate::http::target::Origin;
use crate::pages::PrivacyStatement;
use crate::v1::Programs;

/// The site. It is cloned several times for each request; all clones are the same.
#[derive(Clone, Debug)]
pub struct Site(Arc<Shared>);

impl Site {
    /// A site of these parts.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for Site {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The service behind the site and how it is reached.
#[derive(Debug)]
pub struct Shared {
    /// The service.
    pub app: Arc<App>,
    /// The origin by which people reach it. URLs come from here, never from `Host`.
    pub origin: Arc<Origin>,
    /// The service's name.
    pub service_name: Arc<str>,
    /// The language of people whose browser asks for none of ours.
    pub default_language: Language,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[IpNet]>,
    /// The operator's privacy statement.
    pub privacy: Option<Arc<PrivacyStatement>>,
    /// Development aids; `None` unless the public URL is loopback and mails or messages have no other way.
    pub development: Option<Arc<Development>>,
    /// Past sign-ins, for the account's page.
    pub activity: Activity,
    /// What programs may ask.
    pub programs: Arc<Programs>,
    /// Cancelled when the process begins to drain.
    pub draining: CancellationToken,
}

/// What exists on a developer's machine only.
pub struct Development {
    /// The random key in the URL that start prints.
    pub key: String,
    /// The mails; `None` with a mail server.
    pub mails: Option<Arc<OutboxTransport>>,
    /// The messages to telephones; `None` with a gateway.
    pub messages: Option<SmsOutbox>,
}

impl fmt::Debug for Development {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Development(…)")
    }
}
