//! What settings must be together: each rule is one sentence of refusal.

use std::net::SocketAddr;
use std::time::Duration;

use chancery_service::mail::SmtpSecurity;

use super::{HashMemory, Origin, Settings, SettingsError, Wait};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The lowest argon2id memory among the parameter sets that OWASP's password storage cheat sheet calls equal.
const LEAST_HASH_MEMORY: HashMemory = HashMemory::from_kibibytes(7 * 1024);
/// One connection for appends, two for look-ups, and two for everything else.
const LEAST_CONNECTIONS: u32 = 5;
/// The longest host (with its port) for which a mailed link stays within one line of 76 columns.
const LONGEST_HOST: usize = 30;

/// Refuses the first impossible combination.
pub(super) fn check(settings: &Settings) -> Result<(), SettingsError> {
    [exposure, database, nats, mail, outgoing, sessions, limits, ranges, links, keys, hashing, traces]
        .iter()
        .try_for_each(|rule| match rule(settings) {
            Some(sentence) => Err(SettingsError::new(sentence)),
            None => Ok(()),
        })
}

/// What is allowed but unwise.
pub(super) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    let Some(url) = &settings.public_url else { return warnings };
    if url.authority().len() > LONGEST_HOST {
        warnings.push(format!(
            "the host of public-url, {}, is longer than {LONGEST_HOST} characters: some mail programs will break the links in mails",
            url.authority(),
        ));
    }
    if url.is_address() {
        warnings.push(format!("public-url is {url}, an IP address: passkeys and security keys need a name"));
    }
    warnings
}

/// Development aids are for this machine only, and whoever serves others sends real mail.
fn exposure(settings: &Settings) -> Option<String> {
    let place = |field| settings.report().place(field);
    let local = settings.public_url.as_ref().is_none_or(super::PublicUrl::is_loopback);
    if local && !settings.listen.ip().to_canonical().is_loopback() {
        return Some(match &settings.public_url {
            Some(url) => format!(
                "{} lets others reach {}, but public-url is {url}, which only this machine can use: set public-url to what people use, or listen on 127.0.0.1",
                place("listen"),
                settings.listen,
            ),
            None => format!(
                "{} lets others reach {}, so public-url must be set to the origin that people use, such as https://login.example.org",
                place("listen"),
                settings.listen,
            ),
        });
    }
    if let Some(url) = settings.public_url.as_ref().filter(|url| !url.is_loopback() && settings.smtp.is_none()) {
        return Some(format!(
            "public-url is {url}, which others can use, so mails must be sent: set smtp, such as smtp://mail.example.org:587"
        ));
    }
    if settings.metrics_listen.is_some_and(|metrics| collide(metrics, settings.listen)) {
        return Some(format!("{} and listen are the same address and port: they need two", place("metrics_listen")));
    }
    None
}

fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let overlap = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && overlap
}

fn database(settings: &Settings) -> Option<String> {
    let place = |field| settings.report().place(field);
    let password_in_url = settings.database.as_ref().is_some_and(super::DatabaseUrl::has_password);
    if password_in_url && *settings.report().origin("database") == Origin::Flag {
        return Some("--database holds a password, which other users of this machine can read in a flag: use --database-password-file, or CHANCERY_DATABASE".into());
    }
    if password_in_url && settings.database_password_file.is_some() {
        return Some(format!("{} and database both hold a password: leave one out", place("database_password_file")));
    }
    for (field, set) in [
        ("database_password_file", settings.database_password_file.is_some()),
        ("owner_url_file", settings.owner_url_file.is_some()),
    ] {
        if set && settings.database.is_none() {
            return Some(format!("{} is of use only with PostgreSQL: set database, or leave it out", place(field)));
        }
    }
    if settings.database_connections < LEAST_CONNECTIONS {
        return Some(format!("{} must be at least {LEAST_CONNECTIONS}", place("database_connections")));
    }
    if settings.master_key_path() == settings.credentials_key_path() {
        let path = settings.master_key_path();
        return Some(format!("master-key and credentials-key are both {}: they must be two files", path.display()));
    }
    None
}

fn nats(settings: &Settings) -> Option<String> {
    let place = |field| settings.report().place(field);
    let in_url = settings.nats.as_ref().is_some_and(super::NatsUrl::has_password);
    if in_url && *settings.report().origin("nats") == Origin::Flag {
        return Some("--nats holds a password, which other users of this machine can read in a flag: use --nats-credentials-file, --nats-nkey-file, or CHANCERY_NATS".into());
    }
    let files = [
        ("nats_credentials_file", settings.nats_credentials_file.is_some()),
        ("nats_nkey_file", settings.nats_nkey_file.is_some()),
        ("nats_ca", settings.nats_ca.is_some()),
    ];
    if let Some((field, _)) = files.iter().find(|(_, set)| *set && settings.nats.is_none()) {
        return Some(format!("{} is of use only with NATS: set nats, or leave it out", place(field)));
    }
    let credentials = files.iter().take(2).filter(|(_, set)| *set).count() + usize::from(in_url);
    if credentials > 1 {
        return Some(
            "nats, nats-credentials-file and nats-nkey-file say more than once who we are: leave all but one out"
                .into(),
        );
    }
    None
}

/// Certificates are of use only for a collector that is reached by TLS.
fn traces(settings: &Settings) -> Option<String> {
    settings.otlp_ca.as_ref()?;
    let place = settings.report().place("otlp_ca");
    match &settings.otlp_endpoint {
        None => Some(format!("{place} is of use only with a collector: set otlp-endpoint, or leave it out")),
        Some(url) if !url.is_https() => {
            Some(format!("{place} is of no use without TLS: leave it out, or use https:// in otlp-endpoint"))
        }
        Some(_) => None,
    }
}

fn mail(settings: &Settings) -> Option<String> {
    let place = |field| settings.report().place(field);
    if let Err(refused) = settings.mail_settings(&settings.public_url_on(settings.listen.port())) {
        return Some(refused.to_string());
    }
    let (user, password) = (settings.smtp_user.is_some(), settings.smtp_password.is_some());
    let password_file = settings.smtp_password_file.is_some();
    let Some(server) = &settings.smtp else {
        let set = [
            ("smtp_user", user),
            ("smtp_password", password),
            ("smtp_password_file", password_file),
            ("smtp_ca", settings.smtp_ca.is_some()),
        ];
        let (field, _) = set.into_iter().find(|(_, set)| *set)?;
        return Some(format!("{} is of use only with a mail server: set smtp, or leave it out", place(field)));
    };
    if password && password_file {
        return Some(format!(
            "{} and {} are both set: leave one out",
            place("smtp_password"),
            place("smtp_password_file")
        ));
    }
    if user && !(password || password_file) {
        return Some(format!("{} needs a password: set smtp-password-file", place("smtp_user")));
    }
    if let Some(field) =
        [("smtp_password", password), ("smtp_password_file", password_file)].into_iter().find(|s| s.1 && !user)
    {
        return Some(format!("{} needs a name to sign in with: set smtp-user", place(field.0)));
    }
    if server.security == SmtpSecurity::Cleartext {
        if user && !server.is_loopback() {
            return Some(format!("{} would send a password in clear text: use smtp:// or smtps://", place("smtp")));
        }
        if settings.smtp_ca.is_some() {
            return Some(format!(
                "{} is of no use without TLS: leave it out, or use smtp:// or smtps://",
                place("smtp_ca")
            ));
        }
    }
    None
}

/// Nothing that people can ask for leads to this machine's own services.
fn outgoing(settings: &Settings) -> Option<String> {
    let url = settings.public_url.as_ref().filter(|url| !url.is_loopback())?;
    let here = settings.outgoing_allow.iter().find(|opened| opened.is_loopback())?;
    let place = settings.report().place("outgoing_allow");
    Some(format!(
        "{place} opens {here}, this machine itself, but public-url is {url}, which others can use: leave it out"
    ))
}

/// A registration never lapses while a link is open: one of a shorter time would never do so in its time.
fn links(settings: &Settings) -> Option<String> {
    (settings.registration_lapse < settings.link_validity).then(|| {
        let place = settings.report().place("registration_lapse");
        format!("{place} is shorter than link-validity, but no registration lapses while its link can be used")
    })
}

/// An authenticator may say any AAGUID: only what vouches for it makes it worth anything.
fn keys(settings: &Settings) -> Option<String> {
    (settings.webauthn_attestation_roots.is_none() && !settings.webauthn_aaguids.is_empty()).then(|| {
        let place = settings.report().place("webauthn_aaguids");
        format!("{place} is of use only with certificates that vouch for a make: set webauthn-attestation-roots")
    })
}

fn sessions(settings: &Settings) -> Option<String> {
    let place = |field| settings.report().place(field);
    for (field, time) in [("session_idle", settings.session_idle), ("session_public", settings.session_public)] {
        if time > settings.session_absolute {
            return Some(format!("{} is longer than session-absolute, after which every session ends", place(field)));
        }
    }
    None
}

/// A limit of an hour that is higher than that of a day would never be reached.
fn limits(settings: &Settings) -> Option<String> {
    let place = |field| settings.report().place(field);
    let limits = settings.limits();
    [
        ("limit_mail_network_hour", limits.mail_network_hour, limits.mail_network_day),
        ("limit_mail_network_day", limits.mail_network_day, limits.mail_address_day),
        ("limit_mail_address_day", limits.mail_address_day, limits.mail_overall),
        ("limit_spraying_checked", limits.spraying_checked, limits.spraying),
        ("limit_sms_number", limits.sms_number, limits.sms_day),
        ("limit_sms_account", limits.sms_account, limits.sms_day),
    ]
    .into_iter()
    .find(|(_, narrow, wide)| narrow.max > wide.max)
    .map(|(field, _, wide)| {
        format!("{} is more than limit-{}, so that it would never be reached", place(field), wide.name)
    })
}

fn ranges(settings: &Settings) -> Option<String> {
    // Off is no time at all, which no rule restricts.
    let or_a_day = |wait: Wait| wait.span().unwrap_or(Duration::from_secs(DAY));
    let (recovery_wait, adaptive_sign_in) = (or_a_day(settings.recovery_wait), or_a_day(settings.adaptive_sign_in));
    [
        ("link_validity", settings.link_validity, 5 * MINUTE, 7 * DAY, "5m to 7d"),
        ("mail_queue_limit", settings.mail_queue_limit, 5 * MINUTE, 7 * DAY, "5m to 7d"),
        ("session_idle", settings.session_idle, MINUTE, 30 * DAY, "1m to 30d"),
        ("session_absolute", settings.session_absolute, MINUTE, 365 * DAY, "1m to 365d"),
        ("session_public", settings.session_public, MINUTE, DAY, "1m to 1d"),
        ("registration_lapse", settings.registration_lapse, HOUR, 365 * DAY, "1h to 365d"),
        ("network_data_retention", settings.network_data_retention, DAY, 3660 * DAY, "1d to 3660d"),
        ("recovery_wait", recovery_wait, DAY, 30 * DAY, "1d to 30d, or off"),
        ("adaptive_sign_in", adaptive_sign_in, HOUR, 365 * DAY, "1h to 365d, or off"),
    ]
    .into_iter()
    .find(|(_, time, least, most, _)| *time < Duration::from_secs(*least) || *time > Duration::from_secs(*most))
    .map(|(field, .., range)| format!("{} must be from {range}", settings.report().place(field)))
}

/// What can be computed, and what is strong enough for others' passwords.
fn hashing(settings: &Settings) -> Option<String> {
    let place = |field| settings.report().place(field);
    if let Err(refused) = settings.hash_parameters().check() {
        return Some(format!("hash-memory, hash-iterations and hash-parallelism do not go together: {refused}"));
    }
    let serves_others = settings.public_url.as_ref().is_some_and(|url| !url.is_loopback());
    if serves_others && settings.hash_memory < LEAST_HASH_MEMORY {
        return Some(format!(
            "{} is too little for people's passwords: at least 7MiB, better 19MiB",
            place("hash_memory")
        ));
    }
    None
}
