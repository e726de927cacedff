//! Password hashing: argon2id with a pepper, on a bounded pool of threads of its own.
//!
//! Hashing is what costs most in this service, so it is where the service can be worn down. It never runs on the async
//! runtime; what waits for it is bounded, shared fairly by network, and shed in an order (see [`Priority`]); a name
//! that has no account costs what one with an account costs ([`HashPool::verify`] without a stored hash).

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use secrecy::SecretString;
use thiserror::Error;

use crate::ports::{Clock, Random, random_array};

mod fair_queue;
mod hasher;
mod parameters;
mod pepper;
pub mod tune;
mod workers;

pub use chancery_eventstore::Priority;
pub use fair_queue::Asker;
pub use hasher::{HashFailed, PhcString, SALT_LENGTH};
pub use parameters::{HashParameters, ParametersRefused};
pub use pepper::{Pepper, PepperId, Peppers};
pub use workers::{PoolBusy, PoolError};

use hasher::HashMemory;
use workers::WorkerPool;

/// How long a worker keeps its memory when there is nothing to hash. Then it is wiped and returned to the system.
const KEEP_MEMORY: Duration = Duration::from_secs(1);

/// How the pool is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Threads, each with memory for one hash.
    pub workers: NonZeroUsize,
    /// Jobs that may wait, all networks together.
    pub queue: usize,
    /// The cost of a new hash.
    pub parameters: HashParameters,
}

/// As many threads as the machine has cores; a queue of 128 for each, which is four seconds' work of the default cost.
impl Default for PoolSettings {
    fn default() -> Self {
        let workers = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { workers, queue: workers.get() * 128, parameters: HashParameters::default() }
    }
}

/// Why the pool cannot be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The setting asks for parameters out of bounds.
    #[error("the password hash parameters of the settings are refused")]
    Parameters(#[source] HashFailed),
    /// The system starts no thread.
    #[error("cannot start a thread for password hashing")]
    Thread(#[source] io::Error),
}

/// Why a password was neither hashed nor compared. None of these says that the password was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HashError {
    /// The pool took no job or did not finish it; see [`PoolError::Busy`].
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The hash itself could not be computed.
    #[error(transparent)]
    Hash(#[from] HashFailed),
}

/// Hashes and verifies passwords.
#[derive(Debug)]
pub struct HashPool {
    pool: WorkerPool<HashMemory>,
    parameters: HashParameters,
    peppers: Arc<Peppers>,
    dummy: PhcString,
    random: Arc<dyn Random>,
}

impl HashPool {
    /// Starts the pool's threads.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(
        settings: PoolSettings,
        peppers: Peppers,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        let (salt, output) = (random_array(&*random), random_array(&*random));
        let dummy =
            PhcString::dummy(settings.parameters, peppers.current(), &salt, &output).map_err(StartError::Parameters)?;
        let pool =
            WorkerPool::start(settings.workers, settings.queue, KEEP_MEMORY, clock).map_err(StartError::Thread)?;
        Ok(Self { pool, parameters: settings.parameters, peppers: Arc::new(peppers), dummy, random })
    }

    /// Hashes `password` with the current parameters, the current pepper and a new salt.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn hash(&self, password: SecretString, asker: Asker) -> Result<PhcString, HashError> {
        let salt = random_array(&*self.random);
        let (parameters, peppers) = (self.parameters, Arc::clone(&self.peppers));
        let job = move |memory: &mut HashMemory| memory.hash(&password, parameters, &peppers, &salt);
        Ok(self.pool.run(asker, job).await??)
    }

    /// Whether `password` is the one of `stored`.
    ///
    /// Without a stored hash (an unknown name, an account that has no password yet) the answer is no, after the same
    /// work and by the same way.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<PhcString>,
        asker: Asker,
    ) -> Result<bool, HashError> {
        let stored = stored.unwrap_or_else(|| self.dummy.clone());
        let peppers = Arc::clone(&self.peppers);
        let job = move |memory: &mut HashMemory| memory.verify(&password, &stored, &peppers);
        Ok(self.pool.run(asker, job).await??)
    }

    /// Hashes a set of secrets with one salt, so that [`HashPool::find`] needs one hash for all of them. Each waits for its
    /// turn by itself.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn hash_set(&self, secrets: Vec<SecretString>, asker: Asker) -> Result<Vec<PhcString>, HashError> {
        let salt = random_array(&*self.random);
        let mut hashes = Vec::with_capacity(secrets.len());
        for secret in secrets {
            let (parameters, peppers) = (self.parameters, Arc::clone(&self.peppers));
            let job = move |memory: &mut HashMemory| memory.hash(&secret, parameters, &peppers, &salt);
            hashes.push(self.pool.run(asker, job).await??);
        }
        Ok(hashes)
    }

    /// Which of a set that [`HashPool::hash_set`] made a secret is, if it is one of them.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn find(
        &self,
        secret: SecretString,
        set: Vec<PhcString>,
        asker: Asker,
    ) -> Result<Option<usize>, HashError> {
        let peppers = Arc::clone(&self.peppers);
        let job = move |memory: &mut HashMemory| memory.find(&secret, &set, &peppers);
        Ok(self.pool.run(asker, job).await??)
    }

    /// Whether `stored` should be replaced at its owner's next sign-in, since parameters or pepper have changed.
    #[must_use]
    pub fn needs_rehash(&self, stored: &PhcString) -> bool {
        stored.needs_rehash(self.parameters, self.peppers.current())
    }

    /// How many jobs wait.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.pool.queued()
    }

    /// Takes no more jobs and returns when those that waited are done.
    pub async fn shut_down(&self) {
        self.pool.shut_down().await;
    }
}

#[cfg(test)]
mod tests;
