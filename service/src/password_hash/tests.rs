//! The pool with threads: nothing here waits for time; a worker that is to be busy is held by a gate.

use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use chancery_domain::KeyId;
use chancery_eventstore::SecretKey;
use futures::future::join_all;
use futures::poll;

use super::workers::WorkerPool;
use super::*;
use crate::ports::{DrivenClock, SeededRandom};

const LONG: Duration = Duration::from_secs(3_600);

fn asker(network: u32, priority: Priority) -> Asker {
    Asker { network: IpAddr::from(Ipv4Addr::from_bits(network)).into(), priority }
}

fn pool<C: Default + 'static>(workers: usize, capacity: usize, keep_idle: Duration) -> WorkerPool<C> {
    let clock = Arc::new(DrivenClock::default());
    WorkerPool::start(NonZeroUsize::new(workers).unwrap(), capacity, keep_idle, clock).unwrap()
}

/// A job that waits, polled once, so that it stands in the queue.
type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, PoolError>> + 'a>>;

async fn queue<'a, C: Default + 'static, T: Send + 'static>(
    pool: &'a WorkerPool<C>,
    asker: Asker,
    job: impl FnOnce(&mut C) -> T + Send + 'static,
) -> Waiting<'a, T> {
    let mut waiting: Waiting<'a, T> = Box::pin(pool.run(asker, job));
    assert!(poll!(&mut waiting).is_pending());
    waiting
}

/// Occupies one worker until the gate is dropped; returns once it is occupied.
async fn occupy<C: Default + 'static>(pool: &WorkerPool<C>) -> (mpsc::Sender<()>, Waiting<'_, ()>) {
    let (gate, gated) = mpsc::channel::<()>();
    let (busy, is_busy) = tokio::sync::oneshot::channel();
    let job = move |_: &mut C| {
        busy.send(()).unwrap();
        assert!(gated.recv().is_err());
    };
    let waiting = queue(pool, asker(0, Priority::Registration), job).await;
    is_busy.await.unwrap();
    (gate, waiting)
}

#[tokio::test]
async fn jobs_run_on_threads_of_the_pool() {
    let pool = pool::<()>(1, 8, LONG);
    let name = |_: &mut ()| thread::current().name().unwrap().to_owned();
    assert_eq!(pool.run(asker(1, Priority::Registration), name).await.unwrap(), "password-hash-0");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_workers_step_back_for_the_threads_that_answer_requests() {
    let niceness = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
    let ours = niceness();
    let theirs = pool::<()>(1, 8, LONG).run(asker(1, Priority::Registration), move |()| niceness()).await.unwrap();
    assert!(theirs > ours, "{theirs} is not above {ours}");
}

#[tokio::test]
async fn all_workers_work_at_the_same_time() {
    let pool = pool::<()>(3, 8, LONG);
    let barrier = Arc::new(std::sync::Barrier::new(3));
    let job = || {
        let barrier = Arc::clone(&barrier);
        pool.run(asker(1, Priority::UnknownBrowser), move |()| barrier.wait().is_leader())
    };
    let leaders = join_all([job(), job(), job()]).await.into_iter().filter(|leader| *leader == Ok(true)).count();
    assert_eq!(leaders, 1);
}

#[tokio::test]
async fn a_flood_from_one_network_delays_another_by_two_jobs_at_most() {
    let pool = pool::<()>(1, 20_000, LONG);
    let (gate, occupied) = occupy(&pool).await;
    let started = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    for number in 0..10_000_u32 {
        let started = Arc::clone(&started);
        let job = move |_: &mut ()| started.lock().unwrap().push(number);
        waiting.push(queue(&pool, asker(1, Priority::UnknownBrowser), job).await);
    }
    let other = Arc::clone(&started);
    let other = move |_: &mut ()| other.lock().unwrap().len();
    let other = queue(&pool, asker(2, Priority::UnknownBrowser), other).await;
    assert_eq!(pool.queued(), 10_001);
    drop(gate);
    occupied.await.unwrap();
    let before = other.await.unwrap();
    assert!(before <= 2, "{before} jobs of the flood went first");
    join_all(waiting).await;
    assert_eq!(*started.lock().unwrap(), (0..10_000).collect::<Vec<_>>(), "every job ran once and in its order");
}

#[tokio::test]
async fn a_job_whose_asker_leaves_is_never_started() {
    let pool = pool::<()>(1, 8, LONG);
    let (gate, occupied) = occupy(&pool).await;
    let ran = Arc::new(AtomicUsize::new(0));
    let job = |ran: &Arc<AtomicUsize>| {
        let ran = Arc::clone(ran);
        move |_: &mut ()| ran.fetch_add(1, Ordering::SeqCst)
    };
    let left = queue(&pool, asker(1, Priority::KnownBrowser), job(&ran)).await;
    let stays = queue(&pool, asker(1, Priority::KnownBrowser), job(&ran)).await;
    drop(left);
    assert_eq!(pool.queued(), 1, "its place is free at once");
    drop(gate);
    occupied.await.unwrap();
    assert_eq!(stays.await, Ok(0));
    assert_eq!(ran.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_full_pool_says_when_to_come_back_and_sheds_what_is_worth_less() {
    let pool = pool::<()>(1, 80, LONG);
    let (gate, occupied) = occupy(&pool).await;
    let mut new = Vec::new();
    for network in 0..60 {
        new.push(queue(&pool, asker(network, Priority::Registration), |()| ()).await);
    }
    // Sixty jobs of about 50 ms on one thread.
    let busy = PoolBusy { retry_after: Duration::from_secs(3) };
    let refused = pool.run(asker(100, Priority::Registration), |()| ()).await;
    assert_eq!(refused, Err(PoolError::Busy(busy)));

    let unknown = queue(&pool, asker(101, Priority::UnknownBrowser), |()| ()).await;
    let mut known = Vec::new();
    for network in 0..20 {
        known.push(queue(&pool, asker(network, Priority::KnownBrowser), |()| ()).await);
    }
    assert_eq!(pool.queued(), 80);
    drop(gate);
    occupied.await.unwrap();
    assert_eq!(unknown.await, Ok(()));
    assert!(join_all(known).await.into_iter().all(|done| done == Ok(())));
    let shed: Vec<_> = join_all(new).await.into_iter().filter_map(Result::err).collect();
    assert_eq!(shed, [PoolError::Busy(busy)]);
}

#[tokio::test]
async fn shutting_down_finishes_what_waits_and_takes_no_more() {
    let pool = pool::<()>(2, 8, LONG);
    let (first, one) = occupy(&pool).await;
    let (second, two) = occupy(&pool).await;
    let mut waiting = Vec::new();
    for number in 0..5 {
        waiting.push(queue(&pool, asker(number, Priority::UnknownBrowser), move |()| number).await);
    }
    let mut down = Box::pin(pool.shut_down());
    assert!(poll!(&mut down).is_pending());
    assert_eq!(pool.run(asker(9, Priority::KnownBrowser), |()| ()).await, Err(PoolError::Stopped));
    drop((first, second));
    down.await;
    assert_eq!(join_all(waiting).await, (0..5).map(Ok).collect::<Vec<_>>());
    assert_eq!(join_all([one, two]).await, [Ok(()), Ok(())]);
}

/// A context that has a number of its own and tells when it is dropped.
struct Numbered {
    number: usize,
    dropped: Option<mpsc::Sender<usize>>,
}

static CONTEXTS: AtomicUsize = AtomicUsize::new(0);

impl Default for Numbered {
    fn default() -> Self {
        Self { number: CONTEXTS.fetch_add(1, Ordering::SeqCst), dropped: None }
    }
}

impl Drop for Numbered {
    fn drop(&mut self) {
        if let Some(dropped) = &self.dropped {
            dropped.send(self.number).unwrap();
        }
    }
}

#[tokio::test]
async fn a_worker_uses_its_memory_again_and_trusts_it_no_longer_after_a_panic() {
    let pool = pool::<Numbered>(1, 8, LONG);
    let who = asker(1, Priority::UnknownBrowser);
    let first = pool.run(who, |context| context.number).await.unwrap();
    assert_eq!(pool.run(who, |context| context.number).await, Ok(first));
    let panicked = pool.run(who, |_| panic!("a job of a test panics")).await;
    assert_eq!(panicked, Err::<(), _>(PoolError::Panicked));
    assert_ne!(pool.run(who, |context| context.number).await, Ok(first));
}

#[tokio::test]
async fn an_idle_worker_gives_its_memory_back() {
    let pool = pool::<Numbered>(1, 8, Duration::ZERO);
    let (dropped, is_dropped) = mpsc::channel();
    let job = move |context: &mut Numbered| {
        context.dropped = Some(dropped);
        context.number
    };
    let first = pool.run(asker(1, Priority::UnknownBrowser), job).await.unwrap();
    assert_eq!(is_dropped.recv(), Ok(first));
}

fn hash_pool(parameters: HashParameters) -> HashPool {
    let settings = PoolSettings { workers: NonZeroUsize::MIN, queue: 8, parameters };
    let peppers = Peppers::new(Pepper::new(KeyId::from_bytes([1; 16]).into(), SecretKey::from_bytes([3; 32])), vec![]);
    let random = Arc::new(SeededRandom::new(5));
    HashPool::start(settings, peppers, Arc::new(DrivenClock::default()), random).unwrap()
}

const CHEAP: HashParameters = HashParameters { memory_kib: 64, iterations: 1, parallelism: 1 };

#[tokio::test]
async fn a_password_is_hashed_and_verified() {
    let pool = hash_pool(CHEAP);
    let who = asker(1, Priority::Registration);
    let stored = pool.hash("correct horse".into(), who).await.unwrap();
    let again = pool.hash("correct horse".into(), who).await.unwrap();
    assert_ne!(stored.expose(), again.expose(), "each hash has a salt of its own");
    assert_eq!(pool.verify("correct horse".into(), Some(stored.clone()), who).await, Ok(true));
    assert_eq!(pool.verify("correct house".into(), Some(stored.clone()), who).await, Ok(false));
    assert!(!pool.needs_rehash(&stored));
    assert!(hash_pool(HashParameters { iterations: 2, ..CHEAP }).needs_rehash(&stored));
    let broken = pool.verify("correct horse".into(), Some(PhcString::from_stored("$argon2id$")), who).await;
    assert_eq!(broken, Err(HashError::Hash(HashFailed::Malformed)));
}

#[tokio::test]
async fn a_name_without_a_password_costs_what_any_other_costs() {
    let pool = hash_pool(CHEAP);
    let who = asker(1, Priority::UnknownBrowser);
    let stored = pool.hash("correct horse".into(), who).await.unwrap();
    let cost = |phc: &PhcString| phc.expose().split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(cost(&pool.dummy), cost(&stored));
    assert_eq!(pool.dummy.expose().len(), stored.expose().len());
    assert_eq!(pool.verify("correct horse".into(), None, who).await, Ok(false));
}

#[test]
fn a_setting_out_of_bounds_is_refused_at_start() {
    let settings = PoolSettings { parameters: HashParameters { iterations: 0, ..CHEAP }, ..PoolSettings::default() };
    let peppers = Peppers::new(Pepper::new(KeyId::from_bytes([1; 16]).into(), SecretKey::from_bytes([3; 32])), vec![]);
    let refused = HashPool::start(settings, peppers, Arc::new(DrivenClock::default()), Arc::new(SeededRandom::new(1)));
    let StartError::Parameters(why) = refused.unwrap_err() else { panic!("no thread was to be started") };
    assert!(why.to_string().contains("parameters"), "{why}");
}
