//! The use cases.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aws_lc_rs::digest;
use chancery_domain::values::Language;
use chancery_eventstore::{Purpose, Store};
use chancery_service::App;
use chancery_service::app::{LogIdentity, ServiceSettings};
use chancery_service::opened::Opened;
use chancery_service::password_hash::{HashPool, Pepper, Peppers, PoolSettings};
use chancery_service::person_check::{PersonCheck, PersonCheckSettings};
use chancery_service::ports::{Clock, Random};
use chancery_service::push::VapidKey;
use chancery_service::room::Room;
use chancery_service::tasks::Tasks;
use chancery_service::texts::Texts;

use crate::error::CommandError;
use crate::settings::{PublicUrl, Settings};

/// When a request is answered whose time must not tell whether an address is known: longer than the longest path takes
/// on a machine that is not overloaded.
const ANSWER_AFTER: Duration = Duration::from_millis(500);

/// Makes the use cases over an open log.
///
/// # Errors
/// A file that the settings name cannot be used, the database does not answer, or the system starts no thread.
pub async fn app(
    settings: &Settings,
    store: Store,
    public_url: &PublicUrl,
    pool: PoolSettings,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<App, CommandError> {
    let log = LogIdentity::of(&store).await;
    let log = log.map_err(|error| CommandError::failure("the head of the log cannot be read").because(error))?;
    let peppers = Peppers::new(Pepper::from(store.keys().service(Purpose::Pepper)), Vec::new());
    let hashing = HashPool::start(pool, peppers, Arc::clone(&clock), Arc::clone(&random))
        .map_err(|error| CommandError::failure("the hashing of passwords cannot be started").because(error))?;
    let push_key = store.keys().push(clock.now()).await;
    let push_key =
        push_key.map_err(|error| CommandError::failure("the key of push messages cannot be used").because(error))?;
    let person_check_key = store.keys().service(Purpose::PersonCheck).key.clone();
    Ok(App {
        hashing,
        domains: settings.mail_domains()?,
        limits: settings.limits(),
        person_check: PersonCheck::new(person_check_key, PersonCheckSettings::default()),
        vapid: VapidKey::of(&push_key.key),
        log,
        settings: ServiceSettings {
            service_name: settings.service_name.as_str().to_owned(),
            public_url: public_url.as_str().to_owned(),
            rp_id: settings.rp_id_at(public_url),
            attestation_roots: settings.attestation_roots()?,
            sms: settings.sms_offer(public_url),
            push_services: settings.push_services.clone(),
            privacy_version: privacy_version(settings)?,
            answer_after: ANSWER_AFTER,
        },
        tasks: Tasks::beside(pool.queue),
        room: Room::default(),
        opened_applications: Opened::default(),
        seen_accounts: Opened::default(),
        clock_agrees: AtomicBool::new(true),
        keys_agree: AtomicBool::new(true),
        store,
        clock,
        random,
    })
}

/// The version of the privacy statement, as it is recorded when a person accepts it: a hash of its words, so that
/// another text never has the same version.
///
/// # Errors
/// The operator's statement cannot be read.
pub fn privacy_version(settings: &Settings) -> Result<String, CommandError> {
    let statement = settings.privacy_statement_text()?.unwrap_or_else(|| {
        // The one that comes with the program exists in every language.
        let named = [("service", settings.service_name.as_str().into())];
        Language::ALL.map(|language| Texts::of(language).text("privacy-statement", &named)).join("\n")
    });
    let hash = digest::digest(&digest::SHA256, statement.as_bytes());
    Ok(hash.as_ref().iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
