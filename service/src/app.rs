//! What every use case works with, wired once at start.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chancery_domain::application::Application;
use chancery_domain::log::{LOG_STREAM, LogState};
use chancery_domain::policy::{POLICY_STREAM, Policy, PolicyState};
use chancery_domain::{Moment, Timestamp};
use chancery_eventstore::{BackendError, CommitError, Difference, KeyError, ReadError, Store, Version};
use uuid::Uuid;

use crate::applications::read_account::Seen;
use crate::domains::MailDomains;
use crate::factors::webauthn::Roots;
use crate::opened::Opened;
use crate::password_hash::{HashError, HashPool};
use crate::person_check::PersonCheck;
use crate::ports::{Clock, Random};
use crate::push::{PushHost, VapidKey};
use crate::room::Room;
use crate::sms::SmsOffer;
use crate::tasks::Tasks;
use crate::throttle::Limits;

/// The service: the log and the ports, and the settings that use cases read.
#[derive(Debug)]
pub struct App {
    /// The log.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
    /// Password hashing.
    pub hashing: HashPool,
    /// Which mail domains are refused.
    pub domains: MailDomains,
    /// How much is too much.
    pub limits: Limits,
    /// The check that a person is there.
    pub person_check: PersonCheck,
    /// In whose name apps are woken by push services.
    pub vapid: VapidKey,
    /// Which log this is: every secret is bound to it.
    pub log: LogIdentity,
    /// Work that goes on after its answer; shutting down waits for it.
    pub tasks: Tasks,
    /// Whether the log had room lately.
    pub room: Room,
    /// Applications that asked lately.
    pub opened_applications: Opened<Arc<Application>>,
    /// Accounts that were asked for lately, as applications may see them.
    pub seen_accounts: Opened<Arc<Seen>>,
    /// Whether the node's clock and the database's agreed when they were last compared; see [`App::readiness`].
    pub clock_agrees: AtomicBool,
    /// Whether the node's keys were the log's when they were last compared.
    pub keys_agree: AtomicBool,
    /// Settings.
    pub settings: ServiceSettings,
}

/// The log's id and epoch, bound into links, sessions and cookies, so that those of another installation or of a log
/// before its restore are worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogIdentity {
    /// The log's id.
    pub log: Uuid,
    /// Its epoch.
    pub epoch: i64,
    /// When that began: what was opened before is void.
    pub began: Timestamp,
}

impl LogIdentity {
    /// The identity of an open log.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn of(store: &Store) -> Result<Self, ReadError> {
        let head = store.backend().head().await?;
        let state = store.load::<LogState>(LOG_STREAM).await?.map(|loaded| loaded.state).unwrap_or_default();
        Ok(Self { log: head.log, epoch: head.epoch, began: state.began })
    }

    /// The bytes that go into a MAC.
    #[must_use]
    pub fn bytes(&self) -> [u8; 24] {
        self.bytes_of(self.epoch)
    }

    /// The bytes that went into a MAC in an epoch.
    pub(crate) fn bytes_of(&self, epoch: i64) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(self.log.as_bytes());
        bytes[16..].copy_from_slice(&epoch.to_be_bytes());
        bytes
    }
}

/// What the operator set and use cases read.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// The service's name on pages and in mails.
    pub service_name: String,
    /// The origin by which people reach it, without a slash at the end.
    pub public_url: String,
    /// The id of the relying party that keys are made for at this address; `None` where none can be.
    pub rp_id: Option<String>,
    /// The certificates that are trusted to vouch for the make of keys, where the policy asks for one.
    pub attestation_roots: Roots,
    /// Whether messages are sent to telephones, and to which.
    pub sms: SmsOffer,
    /// The push services by which apps may be woken; none where no app is.
    pub push_services: Vec<PushHost>,
    /// The version of the privacy statement that is shown.
    pub privacy_version: String,
    /// When a request that must not tell whether an address is known is answered, counted from its arrival.
    pub answer_after: Duration,
}

/// The policy in force, and the version of its stream for the append's guard.
#[derive(Clone, Debug)]
pub struct PolicyInForce {
    /// The content.
    pub policy: Policy,
    /// For which relying party keys are made; `None` until the first one.
    pub relying_party: Option<String>,
    /// The version of its stream.
    pub version: Version,
}

/// Why a use case could not be carried out; none of these is the person's doing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Too much is going on: come back after a while.
    #[error("too much is going on")]
    Busy {
        /// When to come back.
        retry_after: Duration,
    },
    /// The database cannot be reached. Whether the command was carried out is not known; repeating it is safe.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The database has no room left.
    #[error("the database has no room left")]
    Full,
    /// The node's clock and the database's differ by too much: nothing is decided until they agree.
    #[error("the clocks of this node and of the database differ by too much")]
    ClockSkew,
    /// The database's history is not the one that this node has seen: nothing is decided until an operator has looked.
    #[error(transparent)]
    OtherHistory(Difference),
    /// The keys that this node holds are not those of the log: it was restored, or they were wrapped anew.
    #[error("this node's keys are not those of the log")]
    Keys(#[source] KeyError),
    /// The log has no policy: the service has not been started properly.
    #[error("the log has no policy yet")]
    NoPolicy,
    /// An event of the stream is newer than this build.
    #[error("the log has an event that this build does not know")]
    Newer(#[source] ReadError),
    /// The command id stands for another request.
    #[error("the same form was sent with other content")]
    OtherRequest,
    /// A bug or damage.
    #[error("an internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Failure {
    /// A short pause that spreads the load.
    pub(crate) const BUSY: Self = Self::Busy { retry_after: Duration::from_secs(2) };
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Unavailable(_) => Self::Unavailable,
            BackendError::Full(_) => Self::Full,
            BackendError::Busy => Self::BUSY,
            BackendError::OtherHistory(difference) => Self::OtherHistory(difference),
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Backend(error) => error.into(),
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Backend(error) => error.into(),
            ReadError::Key(error) => error.into(),
            error if error.is_newer() => Self::Newer(error),
            error @ (ReadError::Decode { .. } | ReadError::Open { .. } | ReadError::Changed { .. }) => {
                Self::Internal(Box::new(error))
            }
        }
    }
}

impl From<HashError> for Failure {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Pool(crate::password_hash::PoolError::Busy(busy)) => {
                Self::Busy { retry_after: busy.retry_after }
            }
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        use chancery_eventstore::AppendError;
        match error {
            CommitError::Key(error) => error.into(),
            CommitError::Append(error) => match error {
                AppendError::Overloaded | AppendError::Closed => Self::BUSY,
                AppendError::Unavailable => Self::Unavailable,
                AppendError::Full => Self::Full,
                AppendError::OtherHistory(difference) => Self::OtherHistory(difference),
                AppendError::OtherRequest => Self::OtherRequest,
                error => Self::Internal(Box::new(error)),
            },
        }
    }
}

impl App {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The present moment, for judging what is open.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment { now: self.now(), epoch_began: self.log.began }
    }

    /// The policy in force, from the log.
    ///
    /// # Errors
    /// [`Failure::NoPolicy`] on a log that was never served.
    pub async fn policy(&self) -> Result<PolicyInForce, Failure> {
        let loaded = self.store.load::<PolicyState>(POLICY_STREAM).await?.ok_or(Failure::NoPolicy)?;
        let version = loaded.version;
        let PolicyState { in_force, relying_party } = loaded.state;
        let policy = in_force.ok_or(Failure::NoPolicy)?.policy;
        Ok(PolicyInForce { policy, relying_party, version })
    }

    /// A new random UUID whose time is the clock's: for streams, correlations and the keys of commands.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now().micros() / 1000).unwrap_or(0);
        let random: [u8; 10] = crate::ports::random_array(&*self.random);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
