//! A campaign that takes many accounts into a stage on SQLite, and what sign-ins beside it notice of that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chancery_domain::campaign::{CAMPAIGN_STREAM, MAX_RATE, Plan};
use chancery_eventstore::Version;
use chancery_tests::seeding::{people_with_phones, skip_to_the_end};
use chancery_tests::site::{TestSite, World};

use crate::Effort;
use crate::accounts::{client, registered, setup, sign_in};
use crate::clock::Stopwatch;
use crate::report::{Line, Table, median, percentile};

const ADA: &str = "ada@example.org";
/// Sign-ins before it, to compare with.
const QUIET: usize = 400;

/// Measures the first and the last stage.
pub async fn measure(effort: Effort) -> Table {
    let people = (effort.events / 10).min(100_000);
    let world = World::sqlite().await;
    let site = Arc::new(world.site_at_rest(setup()).await);
    registered(&site, ADA).await;
    let watch = Stopwatch::start();
    people_with_phones(&site.app.store, people, site.app.now()).await;
    skip_to_the_end(world.db()).await;
    eprintln!("{people} accounts seeded in {:?}", watch.elapsed());
    let dates = [0, 1, 2, 3].map(|hour| site.app.now().plus(Duration::from_secs(hour * 3600)));
    let plan = Plan { dates, grace: 14 * 24 * 3600, rate: MAX_RATE, words: Vec::new() };
    site.app.plan_campaign("bench", plan, "measured").await.expect("answered").expect("a plan");
    let mut quiet = Vec::with_capacity(QUIET);
    for _ in 0..QUIET {
        quiet.push(one_sign_in(&site).await);
    }
    let (mut rates, mut beside) = (Vec::new(), Vec::new());
    for stage in 0..4_u64 {
        begin_stage(&site).await;
        // Whose number can be added is told to nobody.
        if stage == 1 {
            continue;
        }
        let (rate, times) = pass(&site).await;
        eprintln!("stage {stage}: {rate:.0} accounts a second, {} sign-ins beside it", times.len());
        rates.push(rate);
        beside.extend(times);
    }
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let (quiet, beside) = (milliseconds(percentile(&mut quiet, 0.99)), milliseconds(percentile(&mut beside, 0.99)));
    let rate = median(rates);
    Table {
        heading: format!(
            "A campaign over {people} accounts with telephones, nine of ten of which have nothing else, on SQLite: decided and \
             recorded account by account, mails apart. Somebody signs in again and again meanwhile, with a hash that costs next \
             to nothing, so that the time is that of the log. A ratio is the measured rate divided by the one that is asked for, \
             and the allowed time divided by the measured one."
        ),
        lines: vec![
            Line {
                what: "accounts that are taken into a stage".to_owned(),
                measured: format!("{rate:.0}/s"),
                beside: "2000/s asked for".to_owned(),
                ratio: rate / 2000.0,
                floor: Some(1.0),
                aim: Some(4.0),
            },
            Line {
                what: "a sign-in meanwhile, p99".to_owned(),
                measured: format!("{beside:.1} ms"),
                beside: format!("{:.1} ms, twice the quiet one", 2.0 * quiet),
                ratio: 2.0 * quiet / beside,
                floor: Some(1.0),
                aim: None,
            },
        ],
    }
}

async fn one_sign_in(site: &TestSite) -> Duration {
    let client = client(site, 0);
    let watch = Stopwatch::start();
    let _ = sign_in(site, &client, ADA).await;
    watch.elapsed()
}

async fn begin_stage(site: &TestSite) {
    let cause = cause(site).await;
    let planned = site.app.campaign().await.expect("read").planned.expect("a campaign");
    if let Some((_, due)) = planned.next() {
        site.clock.advance(due.since(site.app.now()));
    }
    site.app.start_campaign_stage(&cause, &planned).await.expect("the stage begins");
}

async fn cause(site: &TestSite) -> chancery_eventstore::EventRow {
    let rows = site.app.store.backend().read_stream(CAMPAIGN_STREAM, Version(0), 1).await;
    rows.expect("read").remove(0)
}

/// One pass over all accounts, as the job makes it: how many were told a second, and the times of sign-ins beside it.
async fn pass(site: &Arc<TestSite>) -> (f64, Vec<Duration>) {
    let (cause, over) = (cause(site).await, Arc::new(AtomicBool::new(false)));
    let signing_in = {
        let (site, over) = (Arc::clone(site), Arc::clone(&over));
        tokio::spawn(async move {
            let mut times = Vec::new();
            while !over.load(Ordering::Relaxed) {
                times.push(one_sign_in(&site).await);
            }
            times
        })
    };
    let (watch, mut told, mut after) = (Stopwatch::start(), 0_u32, [0; 32]);
    loop {
        let progress = site.app.deprecate_sms(&cause, after, MAX_RATE).await.expect("the accounts are told");
        told += progress.told;
        after = progress.after;
        if progress.is_over {
            break;
        }
    }
    let rate = f64::from(told) / watch.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    (rate, signing_in.await.expect("somebody signs in"))
}
