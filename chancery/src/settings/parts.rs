//! What the other crates are made with, out of the settings.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::thread::available_parallelism;
use std::time::Duration;

use chancery_domain::policy::{AdaptiveSignIn, Policy, RecoveryWait, RequiredAttestation};
use chancery_eventstore::PostgresOptions;
use chancery_eventstore::nats::{Credentials, NatsOptions};
use chancery_service::domains::MailDomains;
use chancery_service::factors::webauthn::{self, Roots};
use chancery_service::mail::{MailSettings, Sender, SmtpSettings};
use chancery_service::outgoing::{Guard, Outgoing};
use chancery_service::password_hash::{HashParameters, PoolSettings};
use chancery_service::sms::{Gateway, SmsOffer};
use chancery_service::throttle::{Limit, Limits};
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;

use super::{DatabaseUrl, MailFrom, PublicUrl, Secret, Settings, SettingsError, file};

/// Passwords that may wait for each hashing thread when `hash-queue` is not set: about four seconds' work.
const WAITING_BY_THREAD: usize = 128;
/// The largest file of text that is read: a privacy statement, a list of domains, certificates.
const LARGEST_TEXT: u64 = 1024 * 1024;

impl Settings {
    /// The policy that this node proposes, with [`Settings::policy_revision`].
    ///
    /// # Errors
    /// The file of root certificates cannot be used.
    pub fn policy(&self) -> Result<Policy, SettingsError> {
        let mut aaguids = self.webauthn_aaguids.clone();
        aaguids.sort_unstable();
        aaguids.dedup();
        let attestation = self.webauthn_attestation_roots.is_some().then(|| self.attestation_roots()).transpose()?;
        let attestation = attestation.map(|roots| RequiredAttestation {
            roots: roots.fingerprints(),
            aaguids: aaguids.into_iter().map(|aaguid| aaguid.bytes().into()).collect(),
        });
        // The rules on ranges hold every one of these below 2^32 seconds, which is 136 years.
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        Ok(Policy {
            password_rule: self.password_rule,
            link_validity: seconds(self.link_validity),
            mail_queue_limit: seconds(self.mail_queue_limit),
            session_idle: seconds(self.session_idle),
            session_absolute: seconds(self.session_absolute),
            session_public: seconds(self.session_public),
            registration_lapse: seconds(self.registration_lapse),
            network_data_retention: seconds(self.network_data_retention),
            second_factor_required: self.second_factor_required,
            passkey_needs_password: self.passkey_needs_password,
            recovery_code_only_signs_in: self.recovery_code_only_signs_in,
            attestation,
            recovery_wait: self
                .recovery_wait
                .span()
                .map_or(RecoveryWait::OFF, |wait| RecoveryWait::seconds(seconds(wait))),
            adaptive_sign_in: self
                .adaptive_sign_in
                .span()
                .map_or(AdaptiveSignIn::OFF, |time| AdaptiveSignIn::seconds(seconds(time))),
        })
    }

    /// The root certificates that are trusted to vouch for the make of keys.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn attestation_roots(&self) -> Result<Roots, SettingsError> {
        const SETTING: &str = "webauthn-attestation-roots";
        let Some(path) = self.webauthn_attestation_roots.as_deref() else { return Ok(Roots::default()) };
        Roots::read(&text(SETTING, path)?).ok_or_else(|| {
            SettingsError::new(format!("{SETTING}: {} holds no certificates as PEM, or a broken one", path.display()))
        })
    }

    /// The cost of a new password hash.
    #[must_use]
    pub const fn hash_parameters(&self) -> HashParameters {
        HashParameters {
            memory_kib: self.hash_memory.kibibytes(),
            iterations: self.hash_iterations,
            parallelism: self.hash_parallelism,
        }
    }

    /// How the pool that hashes passwords is laid out.
    #[must_use]
    pub fn hash_pool(&self) -> PoolSettings {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let threads = self.hash_threads.and_then(|threads| NonZeroUsize::new(count(threads)));
        let workers = threads.unwrap_or_else(|| available_parallelism().unwrap_or(NonZeroUsize::MIN));
        let queue = self.hash_queue.map_or_else(|| workers.get().saturating_mul(WAITING_BY_THREAD), count);
        PoolSettings { workers, queue, parameters: self.hash_parameters() }
    }

    /// How much is too much.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let with = |limit: Limit, max| Limit { max, ..limit };
        let usual = Limits::default();
        Limits {
            mail_network_hour: with(usual.mail_network_hour, self.limit_mail_network_hour),
            mail_network_day: with(usual.mail_network_day, self.limit_mail_network_day),
            mail_address_day: with(usual.mail_address_day, self.limit_mail_address_day),
            mail_reset_reserve: with(usual.mail_reset_reserve, self.limit_mail_reset_reserve),
            mail_reset_reserve_network: with(usual.mail_reset_reserve_network, self.limit_mail_reset_reserve_network),
            mail_known_browser: with(usual.mail_known_browser, self.limit_mail_known_browser),
            mail_network_addresses: with(usual.mail_network_addresses, self.limit_mail_network_addresses),
            mail_overall: with(usual.mail_overall, self.limit_mail_overall),
            sign_in_network: with(usual.sign_in_network, self.limit_sign_in_network),
            sign_in_unknown_browsers: with(usual.sign_in_unknown_browsers, self.limit_sign_in_unknown_browsers),
            sign_in_known_browser: with(usual.sign_in_known_browser, self.limit_sign_in_known_browser),
            second_factor_unknown: with(usual.second_factor_unknown, self.limit_second_factor_unknown),
            second_factor_network: with(usual.second_factor_network, self.limit_second_factor_network),
            second_factor_known: with(usual.second_factor_known, self.limit_second_factor_known),
            app_code_unknown: with(usual.app_code_unknown, self.limit_app_code_unknown),
            factor_resets: with(usual.factor_resets, self.limit_factor_resets),
            recoveries: with(usual.recoveries, self.limit_recoveries),
            passkey_questions: with(usual.passkey_questions, self.limit_passkey_questions),
            app_requests_unknown: with(usual.app_requests_unknown, self.limit_app_requests_unknown),
            app_requests_known: with(usual.app_requests_known, self.limit_app_requests_known),
            app_messages: with(usual.app_messages, self.limit_app_messages),
            pairing_network: with(usual.pairing_network, self.limit_pairing_network),
            pairing_account: with(usual.pairing_account, self.limit_pairing_account),
            sms_number: with(usual.sms_number, self.limit_sms_number),
            sms_account: with(usual.sms_account, self.limit_sms_account),
            sms_network: with(usual.sms_network, self.limit_sms_network),
            sms_range: with(usual.sms_range, self.limit_sms_range),
            sms_day: with(usual.sms_day, self.limit_sms_day),
            spraying_checked: with(usual.spraying_checked, self.limit_spraying_checked),
            spraying: with(usual.spraying, self.limit_spraying),
            code_tries: with(usual.code_tries, self.limit_code_tries),
            link_guesses: with(usual.link_guesses, self.limit_link_guesses),
            // Refuses nothing: the person check's cost follows its counter.
            forms: usual.forms,
            forms_without_scripts: with(usual.forms_without_scripts, self.limit_forms_without_scripts),
            invitations: with(usual.invitations, self.limit_invitations),
            api_requests: with(usual.api_requests, self.limit_api_requests),
        }
    }

    /// The public origin, for a server that listens on `port` (which differs from `listen`'s where that is 0).
    #[must_use]
    pub fn public_url_on(&self, port: u16) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::localhost(port))
    }

    /// The id of the relying party that keys are made for, for a public origin; `None` where that is an IP address.
    #[must_use]
    pub fn rp_id_at(&self, public_url: &PublicUrl) -> Option<String> {
        let named = self.rp_id.as_ref().map(|id| id.as_str().to_owned());
        named.or_else(|| webauthn::rp_id(public_url.as_str()))
    }

    /// Who mails come from.
    ///
    /// # Errors
    /// An address that cannot stand in a header of every server.
    pub fn mail_settings(&self, public_url: &PublicUrl) -> Result<MailSettings, SettingsError> {
        let no_reply = MailFrom::no_reply(public_url.host());
        let from = self.mail_from.as_ref().unwrap_or(&no_reply);
        let sender = Sender { name: from.name.as_deref(), address: &from.address };
        let reply_to = self.mail_reply_to.as_ref().map(|to| to.address.as_str());
        MailSettings::new(self.service_name.as_str(), sender, reply_to, &public_url.host())
            .map_err(|error| SettingsError::new(error.to_string()))
    }

    /// How to reach the mail server; `None` without `smtp`.
    ///
    /// # Errors
    /// The password's or the certificates' file cannot be used.
    pub fn smtp_settings(&self, public_url: &PublicUrl) -> Result<Option<SmtpSettings>, SettingsError> {
        let Some(server) = self.smtp.clone() else { return Ok(None) };
        let password = self.smtp_password()?.map(|password| password.expose().into());
        let authorities = self.smtp_ca.as_deref().map(|path| text("smtp-ca", path)).transpose()?;
        Ok(Some(SmtpSettings {
            credentials: self.smtp_user.clone().zip(password),
            extra_authorities: authorities.map(String::into_bytes),
            ..SmtpSettings::new(server, public_url.host())
        }))
    }

    /// How the gateway for messages is asked; `None` without `sms-gateway`.
    ///
    /// # Errors
    /// The file cannot be read, is readable by others, or says something that cannot be done.
    pub fn sms_gateway(&self) -> Result<Option<Gateway>, SettingsError> {
        const SETTING: &str = "sms-gateway";
        let Some(path) = self.sms_gateway.as_deref() else { return Ok(None) };
        let refuse = |reason: String| SettingsError::new(format!("{SETTING}: {}: {reason}", path.display()));
        let bytes = super::read_secret_file(SETTING, path, LARGEST_TEXT)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| refuse("it is not UTF-8".to_owned()))?;
        Gateway::parse(text).map(Some).map_err(|error| refuse(error.to_string()))
    }

    /// Whether messages are sent to telephones, and to which.
    #[must_use]
    pub fn sms_offer(&self, public_url: &PublicUrl) -> SmsOffer {
        let offered = self.sms_gateway.is_some() || public_url.is_loopback();
        SmsOffer { offered, countries: self.sms_countries.clone() }
    }

    /// The client for requests of the service's own.
    ///
    /// # Errors
    /// The certificates' file cannot be used.
    pub fn outgoing(&self, public_url: &PublicUrl) -> Result<Outgoing, SettingsError> {
        let authorities = self.outgoing_ca.as_deref().map(|path| text("outgoing-ca", path)).transpose()?;
        let guard = Guard::new(self.outgoing_allow.clone(), public_url.is_loopback());
        Outgoing::new(guard, authorities.as_ref().map(String::as_bytes))
            .map_err(|error| SettingsError::new(format!("outgoing-ca: {error}")))
    }

    /// Which domains may not register.
    ///
    /// # Errors
    /// The operator's list cannot be read, or one of its lines is wrong.
    pub fn mail_domains(&self) -> Result<MailDomains, SettingsError> {
        let changes = self.disposable_domains.as_deref().map(|path| text("disposable-domains", path)).transpose()?;
        let internal: Vec<String> = self.internal_domains.iter().map(|domain| domain.as_str().to_owned()).collect();
        MailDomains::new(changes.as_deref(), &internal).map_err(|error| {
            let place = self.disposable_domains.as_deref().map(|path| format!("{}: ", path.display()));
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            SettingsError::new(format!("{}{error}{}", place.unwrap_or_default(), cause.unwrap_or_default()))
        })
    }

    /// The operator's privacy statement; `None` for the one that comes with the program.
    ///
    /// # Errors
    /// The file cannot be read, or is empty.
    pub fn privacy_statement_text(&self) -> Result<Option<String>, SettingsError> {
        let Some(path) = self.privacy_statement.as_deref() else { return Ok(None) };
        let statement = text("privacy-statement", path)?;
        if statement.trim().is_empty() {
            return Err(SettingsError::new(format!("privacy-statement: {} is empty", path.display())));
        }
        Ok(Some(statement))
    }

    /// How the service reaches PostgreSQL; `None` for SQLite.
    ///
    /// # Errors
    /// The password's file cannot be used, or the URL has a parameter that the driver does not know.
    pub fn postgres(&self) -> Result<Option<PostgresOptions>, SettingsError> {
        let Some(url) = self.database_url()? else { return Ok(None) };
        let mut servers = connections("database", &url)?.into_iter();
        Ok(servers.next().map(|first| PostgresOptions {
            connections: self.database_connections,
            others: servers.collect(),
            ..PostgresOptions::new(first)
        }))
    }

    /// How NATS is reached; `None` without `nats`.
    ///
    /// # Errors
    /// A file with credentials cannot be read, is readable by others, or is no text.
    pub fn nats_options(&self) -> Result<Option<NatsOptions>, SettingsError> {
        let Some(url) = &self.nats else { return Ok(None) };
        let credentials = match (&self.nats_credentials_file, &self.nats_nkey_file) {
            (Some(path), _) => {
                let bytes = super::read_secret_file("nats-credentials-file", path, LARGEST_TEXT)?;
                let text = std::str::from_utf8(&bytes).map_err(|_| {
                    SettingsError::new(format!("nats-credentials-file: {} is not UTF-8", path.display()))
                })?;
                Some(Credentials::Jwt(text.into()))
            }
            (None, Some(path)) => Some(Credentials::Nkey(Secret::from_file("nats-nkey-file", path)?.expose().into())),
            (None, None) => None,
        };
        Ok(Some(NatsOptions {
            urls: url.secret().clone(),
            credentials,
            authorities: self.nats_ca.clone(),
            stream_bytes: self.nats_storage.bytes(),
        }))
    }

    /// The certificates to trust for the collector beside the system's, as PEM.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn otlp_authorities(&self) -> Result<Option<Vec<u8>>, SettingsError> {
        let authorities = self.otlp_ca.as_deref().map(|path| text("otlp-ca", path)).transpose()?;
        Ok(authorities.map(String::into_bytes))
    }

    /// How `migrate` reaches PostgreSQL as the tables' owner; `None` without `owner-url-file`.
    ///
    /// # Errors
    /// The file cannot be used, or the URL has a parameter that the driver does not know.
    pub fn postgres_owner(&self) -> Result<Option<PgConnectOptions>, SettingsError> {
        let Some(url) = self.owner_url()? else { return Ok(None) };
        Ok(connections("owner-url-file", &url)?.into_iter().next())
    }

    /// The file of the key that wraps personal and service keys.
    #[must_use]
    pub fn master_key_path(&self) -> PathBuf {
        self.master_key.clone().unwrap_or_else(|| self.data.join("master.key"))
    }

    /// The file of the key that wraps credential secrets.
    #[must_use]
    pub fn credentials_key_path(&self) -> PathBuf {
        self.credentials_key.clone().unwrap_or_else(|| self.data.join("credentials.key"))
    }

    /// The file of the ledger of destroyed keys.
    #[must_use]
    pub fn destroyed_keys_path(&self) -> PathBuf {
        self.destroyed_keys.clone().unwrap_or_else(|| self.data.join("destroyed-keys"))
    }

    /// The mail server's password, from wherever it was set.
    ///
    /// # Errors
    /// The password's file cannot be read, is readable by others, or is no line of text.
    pub fn smtp_password(&self) -> Result<Option<Secret>, SettingsError> {
        match &self.smtp_password_file {
            Some(path) => Secret::from_file("smtp-password-file", path).map(Some),
            None => Ok(self.smtp_password.clone()),
        }
    }

    /// The URL of PostgreSQL with its password, or `None` for SQLite.
    ///
    /// # Errors
    /// The password's file cannot be read, is readable by others, or is no line of text.
    pub fn database_url(&self) -> Result<Option<DatabaseUrl>, SettingsError> {
        match (&self.database, &self.database_password_file) {
            (Some(url), Some(path)) => Ok(Some(url.with_password(&Secret::from_file("database-password-file", path)?))),
            (url, _) => Ok(url.clone()),
        }
    }

    /// The URL by which `migrate` reaches PostgreSQL as the tables' owner, if a file names one.
    ///
    /// # Errors
    /// The file cannot be read, is readable by others, or holds no PostgreSQL URL.
    pub fn owner_url(&self) -> Result<Option<DatabaseUrl>, SettingsError> {
        let Some(path) = &self.owner_url_file else { return Ok(None) };
        DatabaseUrl::from_file("owner-url-file", path).map(Some)
    }
}

/// The driver's own words are left out: they may repeat a part of the URL.
fn connections(setting: &str, url: &DatabaseUrl) -> Result<Vec<PgConnectOptions>, SettingsError> {
    let each = url.expose_each().map(|url| PgConnectOptions::from_str(url.expose_secret()));
    each.collect::<Result<_, _>>().map_err(|_| {
        SettingsError::new(format!("{setting}: the URL {url} has a parameter whose value PostgreSQL's driver refuses"))
    })
}

/// Reads a file of text.
fn text(setting: &str, path: &Path) -> Result<String, SettingsError> {
    let refuse = |reason: String| SettingsError::new(format!("{setting}: {reason}"));
    let (mut open, _) = file::open(path).map_err(refuse)?;
    let bytes = file::read_at_most(path, &mut open, LARGEST_TEXT).map_err(refuse)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| refuse(format!("{} is not UTF-8", path.display())))
}
