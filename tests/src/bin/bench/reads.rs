//! Loading and deciding, folding and deciding, and reading the log, on PostgreSQL over loopback.

use std::sync::Arc;
use std::time::Duration;

use chancery_domain::account::Account;
use chancery_domain::account::commands::ChangeMailLanguage;
use chancery_domain::policy::Policy;
use chancery_domain::values::Language;
use chancery_domain::{Command, Context};
use chancery_eventstore::{Backend, EventRow, Loaded, Position, Version};
use chancery_service::accounts::session::SignedInPerson;
use chancery_tests::site::{Setup, TestSite, World};
use futures::StreamExt;
use sqlx::postgres::PgPoolCopyExt;

use crate::Effort;
use crate::accounts;
use crate::clock::Stopwatch;
use crate::report::{Line, Table, median, percentile};
use crate::workload::{Until, Writes, commands_a_second};

/// Events that are read at once, as by a rebuild.
const RANGE: u32 = 4_000;

/// Measures decisions one by one, and reads in ranges.
pub async fn measure(effort: Effort) -> Table {
    let (world, postgres) = World::postgres_with_fixture().await;
    let site = world.site(Setup::default()).await;
    let (client, person) = accounts::signed_in(&site, "bench@example.org").await;
    grow(&site, &client, &person, 500).await;
    let stream = person.account.stream;
    let mut by_row = Vec::new();
    let mut by_fold = Vec::new();
    for _ in 0..(effort.repetitions * 400) {
        let watch = Stopwatch::start();
        let loaded = site.app.store.load::<Account>(stream).await.expect("the account loads").expect("it exists");
        let policy = site.app.policy().await.expect("the policy loads").policy;
        decide(&site, &person, &loaded, &policy);
        by_row.push(watch.elapsed());
        assert!(loaded.version >= Version(500));
    }
    let policy = site.app.policy().await.expect("the policy loads").policy;
    for _ in 0..(effort.repetitions * 400) {
        let watch = Stopwatch::start();
        let folded = site.app.store.fold::<Account>(stream, Some(Version(500))).await.expect("the account folds");
        decide(&site, &person, &folded, &policy);
        by_fold.push(watch.elapsed());
    }
    let backend: Arc<dyn Backend> = Arc::clone(site.app.store.backend());
    commands_a_second(Arc::clone(&backend), 256, Writes { state: true }, Until::After(effort.run * 4)).await;
    let pool = sqlx::PgPool::connect_with(postgres.service()).await.expect("the service connects");
    let mut rounds = Vec::new();
    for repetition in 1..=effort.repetitions {
        let (rows, copied) = copy(&pool).await;
        let (events, read) = read(&*backend).await;
        eprintln!(
            "{repetition}/{}: {rows} rows copied in {copied:?}, {events} events read in {read:?}",
            effort.repetitions
        );
        rounds.push((rows as f64 / copied.as_secs_f64(), events as f64 / read.as_secs_f64()));
    }
    let milliseconds = |measured: Duration| format!("{:.2} ms", measured.as_secs_f64() * 1000.0);
    let within = |what: &str, mut times: Vec<Duration>, floor: f64, aim: f64| {
        let p99 = percentile(&mut times, 0.99);
        Line {
            what: what.to_owned(),
            measured: milliseconds(p99),
            beside: format!("{floor} ms allowed"),
            ratio: floor / (p99.as_secs_f64() * 1000.0),
            floor: Some(1.0),
            aim: Some((floor / aim * 10.0).round() / 10.0),
        }
    };
    let rate = |pick: fn(&(f64, f64)) -> f64| format!("{:.0}/s", median(rounds.iter().map(pick).collect()));
    Table {
        heading:
            "Reading on PostgreSQL over loopback. A ratio beside an allowed time is that time divided by the measured \
                  p99."
                .to_owned(),
        lines: vec![
            within("load an account and the policy by their state rows, and decide, p99", by_row, 1.0, 0.3),
            within("load an account by folding 500 events, and decide, p99", by_fold, 1.5, 0.7),
            Line {
                what: "read the log in order, decoded, not opened".to_owned(),
                measured: rate(|round| round.1),
                beside: rate(|round| round.0),
                ratio: median(rounds.iter().map(|round| round.1 / round.0).collect()),
                floor: Some(0.8),
                aim: Some(1.0),
            },
        ],
    }
}

/// Decides as the service does, up to the append: the account's mails are in another language from here on.
fn decide(site: &TestSite, person: &SignedInPerson, account: &Loaded<Account>, policy: &Policy) {
    let command = ChangeMailLanguage { language: Language::Greek, session: person.session.id };
    let context = Context { stream: account.stream, now: site.app.now(), epoch_began: site.app.log.began, policy };
    let decision = command.decide(&account.state, context);
    assert!(decision.outcome.is_ok() && decision.events.len() == 1, "the language changes");
}

/// Makes an account's stream at least so long.
async fn grow(site: &TestSite, client: &chancery_service::client::Client, person: &SignedInPerson, events: i64) {
    for n in 0..events {
        let language = if n % 2 == 0 { Language::French } else { Language::English };
        let form = accounts::form(site, client, "/account/language");
        site.app.change_mail_language(client, person, form, language).await.expect("the language changes");
    }
}

async fn copy(pool: &sqlx::PgPool) -> (u64, Duration) {
    let watch = Stopwatch::start();
    let mut bytes = 0;
    let statement = "COPY (SELECT * FROM chancery.events ORDER BY position) TO STDOUT (FORMAT binary)";
    let mut copied = pool.copy_out_raw(statement).await.expect("the log is copied");
    while let Some(chunk) = copied.next().await {
        bytes += chunk.expect("a chunk arrives").len();
    }
    let took = watch.elapsed();
    assert!(bytes > 0);
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM chancery.events").fetch_one(pool).await.expect("a count");
    (rows.unsigned_abs(), took)
}

async fn read(backend: &dyn Backend) -> (u64, Duration) {
    let (watch, mut after, mut count) = (Stopwatch::start(), Position::START, 0);
    loop {
        let before = after;
        let mut each = |row: EventRow| {
            after = row.position;
            count += 1;
        };
        backend.scan(before, RANGE, &mut each).await.expect("the log is read");
        if after == before {
            return (count, watch.elapsed());
        }
    }
}
