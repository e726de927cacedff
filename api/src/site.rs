//! What the handlers share.

use std::fmt;
use std::sync::Arc;

use chancery_domain::values::Language;
use chancery_projections::Activity;
use chancery_service::App;
use chancery_service::mail::OutboxTransport;
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;

use crate::http::target::Origin;
use crate::pages::PrivacyStatement;

/// The site: the service behind it and how it is reached.
#[derive(Clone, Debug)]
pub struct Site {
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
    /// Development aids; `None` unless the public URL is loopback and no mail server is set.
    pub development: Option<Arc<Development>>,
    /// Past sign-ins, for the account's page.
    pub activity: Activity,
    /// Cancelled when the process begins to drain.
    pub draining: CancellationToken,
}

/// What exists on a developer's machine only.
pub struct Development {
    /// The random key in the URL that start prints.
    pub key: String,
    /// The mails.
    pub outbox: Arc<OutboxTransport>,
}

impl fmt::Debug for Development {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Development(…)")
    }
}
