//! Every setting of Chancery, declared once, and where its value comes from.
//!
//! A setting is a line of the table below. Its flag (`--public-url`), its environment variable
//! (`CHANCERY_PUBLIC_URL`), its key in the configuration file (`public-url`), its line in `chancery settings` and its
//! row in `docs/operate.md` all follow from that line. A flag wins over the environment, the environment over the
//! file, the file over the default. An empty text sets a setting that may be absent to nothing.

mod docs;
mod error;
mod file;
mod parts;
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
use std::path::PathBuf;
use std::time::Duration;

use chancery_domain::values::{Language, PasswordRule};
use chancery_service::mail::SmtpServer;
use chancery_service::outgoing::Opened;
use chancery_service::push::PushHost;
use chancery_service::sms::Country;
use ipnet::IpNet;

pub use error::SettingsError;
pub use report::{Report, Shown, ShownValue};
pub use secret_file::read_secret_file;
pub use sources::{Origin, Sources};
pub use table::{Exposure, Fallback, Setting};
pub use values::{
    Aaguid, CollectorUrl, DatabaseUrl, Domain, HashMemory, LogFormat, LogLevel, MailFrom, NatsUrl, PublicUrl, Room,
    Secret, ServiceName, Wait,
};

use Fallback::{Absent, Value};

/// What the name of every environment variable of Chancery begins with.
pub const ENVIRONMENT_PREFIX: &str = "CHANCERY_";
/// The configuration file that is read, if it exists in the working folder, when none is named.
pub const DEFAULT_FILE: &str = "chancery.toml";

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
        /// Connections to PostgreSQL that one process opens at most, and at least 5: one of them appends, two look accounts
        /// up, the others read. All processes together stay below the server's `max_connections`.
        database_connections: u32 = Value("20"), "NUMBER";
        /// File, readable by its owner alone, with the URL by which `migrate` reaches PostgreSQL as the tables' owner.
        owner_url_file: Option<PathBuf> = Absent("none"), "FILE";
        /// File with the key that wraps the keys of personal data and the service's own keys.
        master_key: Option<PathBuf> = Absent("master.key in the data folder"), "FILE";
        /// File with the key that wraps credential secrets. `audit` and the jobs run without it.
        credentials_key: Option<PathBuf> = Absent("credentials.key in the data folder"), "FILE";
        /// File with the ids of destroyed keys, so that a restore does not bring back what was erased. Keep it on another
        /// disk than the database, and away from its backups.
        destroyed_keys: Option<PathBuf> = Absent("destroyed-keys in the data folder"), "FILE";
    }
    "NATS" {
        /// NATS servers with JetStream, for jobs in processes of their own: `chancery work` needs them, `serve` tells
        /// them of what it wrote.
        nats: Option<NatsUrl> = Absent("none"), "URL,…";
        /// File, readable by its owner alone, with a JWT and the seed of its key, as NATS's tools write it.
        nats_credentials_file: Option<PathBuf> = Absent("none"), "FILE";
        /// File, readable by its owner alone, with the seed of an NKey.
        nats_nkey_file: Option<PathBuf> = Absent("none"), "FILE";
        /// PEM file of certificates to trust for NATS beside the system's.
        nats_ca: Option<PathBuf> = Absent("the system's certificates"), "FILE";
        /// Room on NATS's disk for the copy of the log, of which the oldest part goes first.
        nats_storage: Room = Value("256MiB"), "SIZE";
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
        /// Where answers to mails go.
        mail_reply_to: Option<MailFrom> = Absent("the sender"), "ADDRESS";
    }
    "Messages" {
        /// TOML file, readable by its owner alone, which says how the gateway for messages to telephones is asked; see "Mobile
        /// Phone + SMS". Without one no messages are sent, and nobody adds a telephone.
        sms_gateway: Option<PathBuf> = Absent("none; on this machine messages are shown at /dev/sms"), "FILE";
        /// Countries to whose telephones messages are sent, by their two letters.
        sms_countries: Vec<Country> = Value("AT,BE,BG,CH,CY,CZ,DE,DK,EE,ES,FI,FR,GR,HR,HU,IE,IS,IT,LI,LT,LU,LV,MT,NL,NO,PL,PT,RO,SE,SI,SK"), "COUNTRY,…";
    }
    "Outgoing requests" {
        /// Hosts and networks that requests of the service's own may go to besides public addresses, also without TLS. This
        /// machine itself only while `public-url` names it.
        outgoing_allow: Vec<Opened> = Absent("public addresses only, by TLS"), "HOST/NETWORK,…";
        /// PEM file of certificates to trust for such requests beside the system's.
        outgoing_ca: Option<PathBuf> = Absent("the system's certificates"), "FILE";
    }
    "Waking apps" {
        /// Push services by which the authenticator is told that a request waits, if its owner wants that: hosts, or `*.` and
        /// how their names end. Empty: no app is woken, and each looks when it is opened.
        push_services: Vec<PushHost> = Value("fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,*.notify.windows.com"), "HOST,…";
    }
    "People" {
        /// Name of the service in pages and mails.
        service_name: ServiceName = Value("Chancery"), "NAME";
        /// Language for people whose browser asks for none that exists: `de`, `el`, `en` or `fr`.
        default_language: Language = Value("en"), "LANGUAGE";
        /// File with the privacy statement that people accept, in place of the one that comes with the program.
        privacy_statement: Option<PathBuf> = Absent("the one that comes with the program"), "FILE";
        /// File with changes to the list of disposable e-mail domains: one domain a line, refused as well, or no longer
        /// refused if a `-` stands before it.
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
        /// How long IP addresses and browser names are kept, counted from the end of the month in which they were
        /// recorded.
        network_data_retention: Duration = Value("365d"), "TIME";
        /// Whether the password alone never suffices where an account has a second factor, whatever its owner chose.
        /// Sessions that began with less count for nothing from then on: their people sign in again.
        second_factor_required: bool = Value("false"), "true/false";
        /// Whether a passkey that verified its user still needs the password.
        passkey_needs_password: bool = Value("false"), "true/false";
        /// Whether a recovery code signs in and no more: it then changes no second factor and no password.
        recovery_code_only_signs_in: bool = Value("false"), "true/false";
        /// PEM file of root certificates: only passkeys and security keys are added for whose make a certificate vouches that
        /// leads to one of them. Their SHA-256 is in the policy.
        webauthn_attestation_roots: Option<PathBuf> = Absent("nothing must vouch for a key"), "FILE";
        /// Makes of keys, by AAGUID, that are added and no others; of use only with `webauthn-attestation-roots`, since anybody
        /// may say any AAGUID.
        webauthn_aaguids: Vec<Aaguid> = Absent("each that a root vouches for"), "AAGUID,…";
        /// Name that passkeys and security keys are made for: the host of `public-url`, or a domain above it. It is settled,
        /// and recorded, with the first key, and may change only while there is none, with any revision.
        rp_id: Option<Domain> = Absent("the host of public-url"), "DOMAIN";
        /// How long a person waits who has lost every second factor before they can be removed with the password and mailed
        /// links; `off` to leave that to administrators.
        recovery_wait: Wait = Value("72h"), "TIME";
        /// How long after a sign-in with several factors a browser may leave the password out before the app or a passkey;
        /// `off` to always ask for it.
        adaptive_sign_in: Wait = Value("30d"), "TIME";
    }
    "Limits" {
        /// Mails an hour to one address at the wish of one network.
        limit_mail_network_hour: u32 = Value("3"), "NUMBER";
        /// Mails a day to one address at the wish of one network.
        limit_mail_network_day: u32 = Value("6"), "NUMBER";
        /// Mails a day to one address at the wish of strangers.
        limit_mail_address_day: u32 = Value("30"), "NUMBER";
        /// Resets an hour that go to an address whatever strangers asked for.
        limit_mail_reset_reserve: u32 = Value("1"), "NUMBER";
        /// Of those, resets an hour at the wish of one network.
        limit_mail_reset_reserve_network: u32 = Value("20"), "NUMBER";
        /// Mails a day that a browser which the account knows may ask for beside those.
        limit_mail_known_browser: u32 = Value("6"), "NUMBER";
        /// Addresses an hour that one network may have mails sent to.
        limit_mail_network_addresses: u32 = Value("20"), "NUMBER";
        /// Mails an hour in all that strangers may ask for.
        limit_mail_overall: u32 = Value("20000"), "NUMBER";
        /// Tries in a quarter of an hour to sign in to one account from one network.
        limit_sign_in_network: u32 = Value("10"), "NUMBER";
        /// Tries an hour to sign in to one account from browsers that it does not know.
        limit_sign_in_unknown_browsers: u32 = Value("100"), "NUMBER";
        /// Tries in a quarter of an hour to sign in to one account from a browser that it knows.
        limit_sign_in_known_browser: u32 = Value("10"), "NUMBER";
        /// Answers an hour to second factors of one account from browsers in which none of its was used before.
        limit_second_factor_unknown: u32 = Value("10"), "NUMBER";
        /// The same of all accounts from one network.
        limit_second_factor_network: u32 = Value("100"), "NUMBER";
        /// Answers an hour to second factors of one account from a browser in which one was used before.
        limit_second_factor_known: u32 = Value("10"), "NUMBER";
        /// Wrong codes a day of one mobile app from browsers that its account does not know; then they are taken from known ones only.
        limit_app_code_unknown: u32 = Value("20"), "NUMBER";
        /// Accounts an hour whose second factors administrators may take away with `account reset-factors`.
        limit_factor_resets: u32 = Value("20"), "NUMBER";
        /// Accounts an hour whose owners, having waited, may complete their recovery.
        limit_recoveries: u32 = Value("100"), "NUMBER";
        /// Questions an hour to passkeys, before any name was typed, by the browsers of one network.
        limit_passkey_questions: u32 = Value("3000"), "NUMBER";
        /// Requests an hour that one account's mobile apps are shown from browsers that it does not know.
        limit_app_requests_unknown: u32 = Value("10"), "NUMBER";
        /// Requests an hour that one account's mobile apps are shown from a browser that it knows.
        limit_app_requests_known: u32 = Value("20"), "NUMBER";
        /// Messages an hour of mobile apps from one network that no device of an account has signed.
        limit_app_messages: u32 = Value("60"), "NUMBER";
        /// Codes an hour from one network that lead to no enrolment of a mobile app.
        limit_pairing_network: u32 = Value("30"), "NUMBER";
        /// Codes an hour for one account that lead to no enrolment of a mobile app.
        limit_pairing_account: u32 = Value("100"), "NUMBER";
        /// Messages a day to one telephone number, for browsers that its account knows and for all others.
        limit_sms_number: u32 = Value("10"), "NUMBER";
        /// Messages a day for one account, for browsers that it knows and for all others.
        limit_sms_account: u32 = Value("20"), "NUMBER";
        /// Messages an hour at the wish of one network.
        limit_sms_network: u32 = Value("60"), "NUMBER";
        /// Messages an hour to numbers that differ in their last four digits only.
        limit_sms_range: u32 = Value("60"), "NUMBER";
        /// Messages a day in all: the budget. When it is used up no more are sent until the day is over.
        limit_sms_day: u32 = Value("5000"), "NUMBER";
        /// Sign-ins from one network within the hour, whatever the names, beyond which a proof of work is asked for.
        limit_spraying_checked: u32 = Value("30"), "NUMBER";
        /// Tries an hour to sign in from one network, whatever the names.
        limit_spraying: u32 = Value("300"), "NUMBER";
        /// Codes an hour that may be typed for one address.
        limit_code_tries: u32 = Value("10"), "NUMBER";
        /// Links an hour that one network may open without their being any.
        limit_link_guesses: u32 = Value("60"), "NUMBER";
        /// Forms an hour that one network may send without scripts.
        limit_forms_without_scripts: u32 = Value("10"), "NUMBER";
        /// Invitations an hour that one application may ask for.
        limit_invitations: u32 = Value("1000"), "NUMBER";
        /// Requests a minute that one application may send to one server.
        limit_api_requests: u32 = Value("6000"), "NUMBER";
        /// Actions an hour that cannot be undone (lapsing, erasing) above which their timer stops and waits for
        /// `chancery timers resume`.
        limit_timer_hour: u32 = Value("1000"), "NUMBER";
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
        /// `text` for people, `json` for programs: one object a line. What belongs to a request has its id.
        log_format: LogFormat = Value("text"), "FORMAT";
        /// `error`, `warn`, `info`, `debug` or `trace`, for Chancery's own messages.
        log_level: LogLevel = Value("info"), "LEVEL";
    }
    "Traces" {
        /// Collector that takes traces by OTLP over HTTP, at `/v1/traces` under this URL. Traces name routes, commands,
        /// jobs and positions of the log, never people.
        otlp_endpoint: Option<CollectorUrl> = Absent("none"), "URL";
        /// PEM file of certificates to trust for the collector beside the system's.
        otlp_ca: Option<PathBuf> = Absent("the system's certificates"), "FILE";
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

    /// What is allowed but unwise, a sentence each, for the start to print.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        rules::warnings(self)
    }
}
