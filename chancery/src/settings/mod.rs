//! Every setting of Chancery, declared once, and where its value comes from.
//!
//! A setting is a line of the table below. Its flag (`--public-url`), its environment variable
//! (`CHANCERY_PUBLIC_URL`), its key in the configuration file (`public-url`), its line in `chancery settings` and its
//! row in `docs/operate.md` all follow from that line. A flag wins over the environment, the environment over the
//! file, the file over the default. An empty text sets a setting that may be absent to nothing.

mod docs;
mod error;
mod file;
mod report;
mod rules;
mod secret_file;
mod sources;
mod suggest;
mod table;
#[cfg(test)]
mod tests;
mod values;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use chancery_domain::policy::Policy;
use chancery_domain::values::{Language, PasswordRule};
use chancery_service::password_hash::{HashParameters, PoolSettings};
use ipnet::IpNet;

pub use error::SettingsError;
pub use report::{Report, Shown, ShownValue};
pub use secret_file::read_secret_file;
pub use sources::{Origin, Sources};
pub use table::{Exposure, Fallback, Setting};
pub use values::{
    DatabaseUrl, Domain, HashMemory, LogFormat, LogLevel, MailFrom, PublicUrl, Secret, ServiceName, SmtpSecurity,
    SmtpServer,
};

use Fallback::{Absent, Value};

/// What the name of every environment variable of Chancery begins with.
pub const ENVIRONMENT_PREFIX: &str = "CHANCERY_";
/// The configuration file that is read, if it exists in the working folder, when none is named.
pub const DEFAULT_FILE: &str = "chancery.toml";
/// Passwords that may wait for each hashing thread when `hash-queue` is not set: about four seconds' work.
const WAITING_BY_THREAD: usize = 128;

table::settings! {
    "Serving" {
        /// Address and port of the pages and of `/health/live` and `/health/ready`. Port 0 takes a free one.
        listen: SocketAddr = Value("127.0.0.1:8080"), "ADDRESS:PORT";
        /// The origin that people's browsers use; every link and cookie is made for it. Development aids such as
        /// `/dev/mail` exist only while it names this machine.
        public_url: Option<PublicUrl> = Absent("http://localhost and the port of listen"), "URL";
        /// Networks of the reverse proxies whose `X-Forwarded-For` is believed.
        trusted_proxies: Vec<IpNet> = Absent("none"), "NETWORK,…";
        /// Address and port that serve `/metrics` and nothing else.
        metrics_listen: Option<SocketAddr> = Absent("none"), "ADDRESS:PORT";
    }
    "Data" {
        /// Folder of the SQLite database with its side files and of the two key files.
        data: PathBuf = Value("./data"), "FOLDER";
        /// PostgreSQL database to use in place of SQLite.
        database: Option<DatabaseUrl> = Absent("SQLite in the data folder"), "URL";
        /// File, readable by its owner alone, with the password of the database's user.
        database_password_file: Option<PathBuf> = Absent("none"), "FILE";
        /// Connections to PostgreSQL that one process opens at most.
        database_connections: u32 = Value("10"), "NUMBER";
        /// File, readable by its owner alone, with the URL by which `migrate` reaches PostgreSQL as the tables' owner.
        owner_url_file: Option<PathBuf> = Absent("none"), "FILE";
        /// File with the key that wraps the keys of personal data and the service's own keys.
        master_key: Option<PathBuf> = Absent("master.key in the data folder"), "FILE";
        /// File with the key that wraps credential secrets. `audit` and the jobs run without it.
        credentials_key: Option<PathBuf> = Absent("credentials.key in the data folder"), "FILE";
    }
    "Mail" {
        /// Mail server: `smtp://` for STARTTLS, `smtps://` for TLS from the first byte, `smtp-cleartext://` for a relay
        /// without either.
        smtp: Option<SmtpServer> = Absent("none; mails are shown at /dev/mail"), "URL";
        /// Name to sign in to the mail server with.
        smtp_user: Option<String> = Absent("none"), "NAME";
        /// Password to sign in to the mail server with.
        smtp_password: Option<Secret> = Absent("none"), "PASSWORD";
        /// File, readable by its owner alone, with that password.
        smtp_password_file: Option<PathBuf> = Absent("none"), "FILE";
        /// PEM file of certificates to trust for the mail server beside the system's.
        smtp_ca: Option<PathBuf> = Absent("the system's certificates"), "FILE";
        /// Sender of every mail.
        mail_from: Option<MailFrom> = Absent("no-reply at the host of public-url"), "ADDRESS";
    }
    "People" {
        /// Name of the service in pages and mails.
        service_name: ServiceName = Value("Chancery"), "NAME";
        /// Language for people whose browser asks for none that exists: `de`, `el`, `en` or `fr`.
        default_language: Language = Value("en"), "LANGUAGE";
        /// File with the privacy statement that people accept, in place of the one that comes with the program.
        privacy_statement: Option<PathBuf> = Absent("the one that comes with the program"), "FILE";
        /// File with changes to the list of disposable e-mail domains: one domain a line, `!` before it takes it out.
        disposable_domains: Option<PathBuf> = Absent("none"), "FILE";
        /// Domains whose people have internal accounts and are sent there instead of registering.
        internal_domains: Vec<Domain> = Absent("none"), "DOMAIN,…";
    }
    "Policy" {
        /// Revision of the policy that this group proposes. It takes effect, and is recorded, on an empty log or when
        /// the number is higher than the one in the log.
        policy_revision: u32 = Value("1"), "NUMBER";
        /// Password rule: `eu-login` (10 characters of four kinds) or `nist` (15 characters of any kind).
        password_rule: PasswordRule = Value("eu-login"), "RULE";
        /// How long a mailed link can be used, counted from its sending.
        link_validity: Duration = Value("90m"), "TIME";
        /// How long a mail may wait to be sent before it is given up.
        mail_queue_limit: Duration = Value("24h"), "TIME";
        /// When a session ends that nobody uses.
        session_idle: Duration = Value("60m"), "TIME";
        /// When a session ends, used or not.
        session_absolute: Duration = Value("12h"), "TIME";
        /// When a session on a public computer ends, used or not.
        session_public: Duration = Value("15m"), "TIME";
        /// When a registration that was never confirmed lapses.
        registration_lapse: Duration = Value("7d"), "TIME";
        /// How long IP addresses and browser names are kept.
        network_data_retention: Duration = Value("365d"), "TIME";
    }
    "Limits" {
        /// Mails an hour to one address at the wish of one network.
        mail_limit_pair_hour: u32 = Value("3"), "NUMBER";
        /// Mails a day to one address at the wish of one network.
        mail_limit_pair_day: u32 = Value("6"), "NUMBER";
        /// Mails a day to one address.
        mail_limit_address_day: u32 = Value("30"), "NUMBER";
        /// Addresses an hour that one network may have mails sent to.
        mail_limit_network_hour: u32 = Value("20"), "NUMBER";
        /// Mails an hour in all.
        mail_limit_overall_hour: u32 = Value("5000"), "NUMBER";
        /// Actions an hour that cannot be undone (lapsing, erasing) above which their timer stops and waits for
        /// `chancery timers resume`.
        timer_limit_hour: u32 = Value("1000"), "NUMBER";
    }
    "Password hashing" {
        /// Memory that argon2id uses for one password.
        hash_memory: HashMemory = Value("19MiB"), "SIZE";
        /// Passes of argon2id over that memory.
        hash_iterations: u32 = Value("2"), "NUMBER";
        /// Lanes of argon2id.
        hash_parallelism: u32 = Value("1"), "NUMBER";
        /// Passwords hashed at the same time.
        hash_threads: Option<u32> = Absent("one for each processor"), "NUMBER";
        /// Passwords that may wait to be hashed; above it people are asked to try again.
        hash_queue: Option<u32> = Absent("128 for each thread"), "NUMBER";
    }
    "Logging" {
        /// `text` for people, `json` for programs: one object a line.
        log_format: LogFormat = Value("text"), "FORMAT";
        /// `error`, `warn`, `info`, `debug` or `trace`, for Chancery's own messages.
        log_level: LogLevel = Value("info"), "LEVEL";
    }
}

impl Settings {
    /// Gathers, reads and checks every setting.
    ///
    /// # Errors
    /// The first unknown name, wrong value or impossible combination, as one sentence.
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let settings = Self::read(&sources.texts()?)?;
        rules::check(&settings)?;
        Ok(settings)
    }

    /// Every setting with its value and where it came from, fit to be shown.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The policy that this node proposes, with [`Settings::policy_revision`].
    #[must_use]
    pub fn policy(&self) -> Policy {
        // The rules on ranges hold every one of these below 2^32 seconds, which is 136 years.
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        Policy {
            password_rule: self.password_rule,
            link_validity: seconds(self.link_validity),
            mail_queue_limit: seconds(self.mail_queue_limit),
            session_idle: seconds(self.session_idle),
            session_absolute: seconds(self.session_absolute),
            session_public: seconds(self.session_public),
            registration_lapse: seconds(self.registration_lapse),
            network_data_retention: seconds(self.network_data_retention),
        }
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

    /// The public origin, for a server that listens on `port` (which differs from `listen`'s where that is 0).
    #[must_use]
    pub fn public_url_on(&self, port: u16) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::localhost(port))
    }

    /// The sender of mails: as set, or `no-reply` at the public host.
    #[must_use]
    pub fn sender(&self, public_url: &PublicUrl) -> MailFrom {
        self.mail_from.clone().unwrap_or_else(|| MailFrom::no_reply(public_url.host()))
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

    /// What is allowed but unwise, a sentence each, for the start to print.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        rules::warnings(self)
    }
}
