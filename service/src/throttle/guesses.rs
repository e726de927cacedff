//! Guesses at an account's password: counted before the password is compared, given back if it was right, recorded if it
//! was not.
//!
//! Counters are keyed by the typed name, so that a name without an account takes the same way. An account has two names,
//! so that what was tried with either is counted besides, for the account; above that limit a try is not compared, and told
//! to be wrong: to refuse it as one too many would tell that the two names are one account's. Of the failures the first, each
//! doubling of their number and each lock, of a typed name or of the account, become events: few however long somebody
//! tries, and at least half of what happened.

use std::sync::Arc;

use chancery_domain::account::commands::{Locked, RecordSignInFailures};
use chancery_domain::account::{Account, LockScope};
use chancery_domain::values::SignInName;
use chancery_domain::{Actor, Command, StreamId, Timestamp};
use chancery_eventstore::Priority;
use uuid::Uuid;

use super::{Limit, LimitReached, Try};
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::places::Place;
use crate::run::Origin;

/// One guess that was counted.
#[derive(Debug)]
pub(crate) struct Guess {
    /// Whether the browser has signed in to the account before.
    pub(crate) known_browser: bool,
    /// How many its network has made over all names, this one included; 0 for a known browser's own allowance, which no
    /// stranger shares.
    pub(crate) spraying: u32,
    /// The account's own lock: as many as may be were tried with its names together.
    lock: Option<Lock>,
    /// The counters that it took.
    tries: Vec<Try>,
    /// The counter by which failures are recorded, and how it stands.
    series: (Try, u32),
    /// Where it is recorded if it turns out to be wrong.
    place: Place,
}

impl Guess {
    /// What the try is worth where there is no room for all.
    pub(crate) const fn priority(&self) -> Priority {
        worth(self.known_browser)
    }

    /// Whether the password may be compared.
    pub(crate) const fn is_compared(&self) -> bool {
        self.lock.is_none()
    }
}

/// A counter that is full, and which tries it refuses from here on.
#[derive(Clone, Copy, Debug)]
struct Lock {
    counter: Try,
    scope: LockScope,
    reached: LimitReached,
}

pub(super) const fn worth(known_browser: bool) -> Priority {
    if known_browser { Priority::KnownBrowser } else { Priority::UnknownBrowser }
}

/// The counters that a guess may take.
struct Counters {
    /// A known browser's own: no stranger's tries lock it out.
    own: Option<Try>,
    /// A stranger's: what the network tried over all names, what it tried with this one, and what all unknown browsers
    /// tried with it.
    strangers: [Try; 3],
    /// The last two once more for the account, whichever of its names was typed; for a name without one, for the name.
    of_account: [Try; 2],
}

impl Counters {
    /// The lock of a typed name. Too many names from one network is nobody's.
    fn lock_of_name(&self, reached: LimitReached) -> Option<Lock> {
        let [_, of_network, unknown] = self.strangers;
        lock([of_network, unknown], reached)
    }

    /// The lock of an account.
    fn lock_of_account(&self, reached: LimitReached) -> Option<Lock> {
        lock(self.of_account, reached)
    }
}

/// Which of the two is full: that of a network, or that of all unknown browsers.
fn lock([of_network, unknown]: [Try; 2], reached: LimitReached) -> Option<Lock> {
    let locks = [(of_network, LockScope::Network), (unknown, LockScope::UnknownBrowsers)];
    let full = locks.into_iter().find(|((limit, _), _)| limit.name == reached.limit);
    full.map(|(counter, scope)| Lock { counter, scope, reached })
}

impl App {
    /// Counts a guess. A known browser that used up its own allowance counts as a stranger from then on: it is never
    /// locked by itself.
    pub(crate) async fn take_guess(
        self: &Arc<Self>,
        client: &Client,
        name: &SignInName,
        account: Option<&LoadedAccount>,
    ) -> Result<Result<Guess, LimitReached>, Failure> {
        let counters = self.guess_counters(client, name, account);
        let known_browser = counters.own.is_some();
        let place = self.place_behind(worth(known_browser))?;
        if let Some(own) = counters.own
            && let Ok(count) = self.take(own.0, &own.1).await?
        {
            let (tries, series) = (vec![own], (own, count));
            return Ok(Ok(Guess { known_browser, spraying: 0, lock: None, tries, series, place }));
        }
        let [_, of_network, _] = counters.strangers;
        let with_accounts = [counters.strangers.as_slice(), &counters.of_account].concat();
        let taken = self.take_all(&with_accounts).await?;
        let lock = taken.as_ref().err().and_then(|reached| counters.lock_of_account(*reached));
        let (taken, tries) = match lock {
            None => (taken, with_accounts),
            Some(_) => (self.take_all(&counters.strangers).await?, counters.strangers.to_vec()),
        };
        match taken {
            Ok(counts) => {
                let (series, spraying) = ((of_network, counts[1]), counts[0]);
                Ok(Ok(Guess { known_browser, spraying, lock, tries, series, place }))
            }
            Err(reached) => {
                metrics::counter!("chancery_sign_ins_total", "outcome" => "locked").increment(1);
                let (app, client) = (Arc::clone(self), client.clone());
                if let (Some(account), Some(lock)) = (account, counters.lock_of_name(reached)) {
                    let stream = account.stream;
                    self.tasks.spawn(place, async move {
                        let counted = app.store.backend().counted(&lock.counter.1, app.now()).await;
                        let count = counted.ok().flatten().map_or(lock.counter.0.max, |window| window.count);
                        app.record_lock(&client, stream, count, known_browser, lock).await;
                    });
                }
                Ok(Err(reached))
            }
        }
    }

    /// The same of somebody who knows which account it is: they are told when its names together were tried as often as may
    /// be.
    pub(crate) async fn take_own_guess(
        self: &Arc<Self>,
        client: &Client,
        name: &SignInName,
        account: &LoadedAccount,
    ) -> Result<Result<Guess, LimitReached>, Failure> {
        let guess = match self.take_guess(client, name, Some(account)).await? {
            Ok(guess) => guess,
            reached => return Ok(reached),
        };
        let Some(lock) = guess.lock else { return Ok(Ok(guess)) };
        self.give_guess_back(&guess).await?;
        metrics::counter!("chancery_sign_ins_total", "outcome" => "locked").increment(1);
        let (app, client, stream, known_browser) =
            (Arc::clone(self), client.clone(), account.stream, guess.known_browser);
        self.tasks.spawn(guess.place, async move { app.record_lock(&client, stream, 0, known_browser, lock).await });
        Ok(Err(lock.reached))
    }

    /// The guess was none: the password was right, or was never compared.
    pub(crate) async fn give_guess_back(&self, guess: &Guess) -> Result<(), Failure> {
        self.give_back(&guess.tries).await
    }

    /// The guess was wrong. The answer does not wait for the record: only names that have an account have a log to write
    /// to.
    pub(crate) fn record_wrong_guess(self: &Arc<Self>, client: &Client, account: Option<StreamId>, guess: Guess) {
        metrics::counter!("chancery_sign_ins_total", "outcome" => "refused").increment(1);
        let ((limit, counter), count) = guess.series;
        let (is_told, lock) = (count.is_power_of_two(), guess.lock);
        let Some(account) = account.filter(|_| is_told || lock.is_some()) else { return };
        let (app, client, known_browser) = (Arc::clone(self), client.clone(), guess.known_browser);
        self.tasks.spawn(guess.place, async move {
            if is_told {
                let ends = app.window_end(&counter, limit.window).await;
                let since = ends.minus(limit.window);
                let command = RecordSignInFailures { count, since, known_browser, locked: None };
                let once = app.once(&[b"failures", &counter, &ends.micros().to_be_bytes(), &count.to_be_bytes()]);
                app.record_failures(&client, account, &command, once).await;
            }
            if let Some(lock) = lock {
                // Its failures are recorded by the names that were typed.
                app.record_lock(&client, account, 0, known_browser, lock).await;
            }
        });
    }

    /// Records the lock that the first refused try meets, with the number of failures before it where it is their series'.
    /// Every further try of the same window is the same command, which the log remembers.
    async fn record_lock(&self, client: &Client, account: StreamId, count: u32, known_browser: bool, lock: Lock) {
        let Lock { counter: (limit, counter), scope, reached: LimitReached { until, .. } } = lock;
        let locked = Some(Locked { scope, until });
        let command = RecordSignInFailures { count, since: until.minus(limit.window), known_browser, locked };
        let once = self.once(&[b"lock", &counter, &until.micros().to_be_bytes()]);
        self.record_failures(client, account, &command, once).await;
    }

    fn guess_counters(&self, client: &Client, name: &SignInName, account: Option<&LoadedAccount>) -> Counters {
        let limits = &self.limits;
        let network = client.network();
        let device = account.and_then(|account| self.known_device(&client.known, account.stream, &account.state));
        let key = self.name_counter("sign in", &name.throttle_key());
        let holder = account.map_or_else(|| key.to_vec(), |account| account.stream.as_bytes().to_vec());
        Counters {
            own: device.map(|device| (limits.sign_in_known_browser, self.counter(&[b"known", &holder, &device]))),
            strangers: [
                (limits.spraying, self.counter(&[b"spraying", network.as_bytes()])),
                (limits.sign_in_network, self.counter(&[b"network", &key, network.as_bytes()])),
                (limits.sign_in_unknown_browsers, self.counter(&[b"unknown", &key])),
            ],
            of_account: [
                (
                    Limit { name: "sign-in-account-network", ..limits.sign_in_network },
                    self.counter(&[b"account's network", &holder, network.as_bytes()]),
                ),
                (
                    Limit { name: "sign-in-account-unknown-browsers", ..limits.sign_in_unknown_browsers },
                    self.counter(&[b"account's unknown", &holder]),
                ),
            ],
        }
    }

    /// When a counter's window ends; a lost one counts from now.
    pub(super) async fn window_end(&self, counter: &[u8; 32], window: std::time::Duration) -> Timestamp {
        let now = self.now();
        let counted = self.store.backend().counted(counter, now).await;
        counted.ok().flatten().map_or(now.plus(window), |window| window.ends)
    }

    /// The key of what is recorded once, whoever meets it.
    pub(crate) fn once(&self, parts: &[&[u8]]) -> Uuid {
        let mac = self.counter(parts);
        let mut key = [0; 16];
        key.copy_from_slice(&mac[..16]);
        Uuid::from_bytes(key)
    }

    /// Records failures by this command, once for each key.
    pub(super) async fn record_failures<C: Command<Aggregate = Account>>(
        &self,
        client: &Client,
        account: StreamId,
        command: &C,
        key: Uuid,
    ) {
        let origin = Origin {
            command: self.store.command_id(account.as_bytes(), C::NAME, key),
            fingerprint: self.store.fingerprint(&[C::NAME.as_bytes()]),
            actor: Actor::Visitor,
            details: Some(client.details()),
            correlation: client.request,
            causing: None,
            // It was counted and answered.
            priority: Priority::KnownBrowser,
        };
        let recorded = async {
            if self.store.remembered(origin.command).await?.is_none() {
                self.on_account(account, command, &origin).await?;
            }
            Ok::<(), Failure>(())
        };
        if let Err(error) = recorded.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a failed sign-in was not recorded");
        }
    }
}
