//! Rebuilding a read model, on both databases: what is built beside the live one equals it, whatever the history; sign-ins
//! go on meanwhile, and a rebuild that is killed anywhere goes on where it stood.

use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use chancery_eventstore::Position;
use chancery_eventstore::db::sql;
use chancery_eventstore::verify::Options;
use chancery_projections::runner::statuses;
use chancery_projections::{Projection, Rebuild};
use chancery_tests::audit::{ANOTHER, assert_clean, story};
use chancery_tests::generator::{Scale, generate};
use chancery_tests::site::{PASSWORD, Setup, TestSite, World};
use futures::FutureExt as _;

type Activity = Vec<(i64, Vec<u8>, i64, i64, Vec<u8>)>;
type Counts = Vec<(i64, String, i64)>;
type Changes = Vec<(i64, Vec<u8>, i64)>;

/// All that can be asked of the read models.
async fn asked(site: &TestSite) -> (Activity, Counts, Changes) {
    let activity = sql("SELECT position, stream, version, at, sealed FROM activity_v1 WHERE generation = \
                        (SELECT generation FROM projection_cursors WHERE name = 'activity_v1') ORDER BY position");
    let counts = sql("SELECT day, event_type, count FROM event_counts_v1 WHERE generation = \
                      (SELECT generation FROM projection_cursors WHERE name = 'event_counts_v1') ORDER BY day, event_type");
    let changes = sql("SELECT position, stream, fields FROM account_changes_v1 WHERE generation = \
                       (SELECT generation FROM projection_cursors WHERE name = 'account_changes_v1') ORDER BY position");
    (
        site.db.fetch(activity).await.unwrap(),
        site.db.fetch(counts).await.unwrap(),
        site.db.fetch(changes).await.unwrap(),
    )
}

fn models(site: &TestSite) -> Vec<Arc<dyn Projection>> {
    chancery_projections::all(&site.app.store, &site.db)
}

fn rebuild(site: &TestSite, model: &Arc<dyn Projection>) -> Rebuild {
    Rebuild::new(site.db.clone(), Arc::clone(site.app.store.backend()), Arc::clone(model)).in_batches_of(3)
}

/// Rows of generations that nobody asks.
async fn left_over(site: &TestSite) -> i64 {
    let statement = sql("SELECT (SELECT count(*) FROM activity_v1 a JOIN projection_cursors c \
                         ON c.name = 'activity_v1' AND c.generation <> a.generation) + \
                         (SELECT count(*) FROM event_counts_v1 e JOIN projection_cursors c \
                         ON c.name = 'event_counts_v1' AND c.generation <> e.generation) + \
                         (SELECT count(*) FROM account_changes_v1 h JOIN projection_cursors c \
                         ON c.name = 'account_changes_v1' AND c.generation <> h.generation)");
    site.db.fetch::<(i64,)>(statement).await.unwrap()[0].0
}

async fn rebuilt_equals_live(world: World) {
    let site = story(&world, async || {}).await;
    let world = site.world();
    let mut busy = site.browser();
    // More than are kept of one account.
    for _ in 0..25 {
        busy.sign_in("ada@example.org", ANOTHER).await;
        site.after(Duration::from_secs(60)).await;
    }
    // What was seen in the last month whose key is still there; of the one before, the browsers cannot be told any more.
    site.db
        .execute(sql("DELETE FROM activity_v1 WHERE at < $1").bind(site.app.now().minus(Duration::from_secs(86_400))))
        .await
        .unwrap();
    let live = asked(&site).await;
    assert!(live.0.len() >= 20 && live.1.len() > 10 && live.2.len() > 10, "{live:?}");
    for model in models(&site) {
        let rebuilt = rebuild(&site, &model).run(|_| {}).await.unwrap();
        assert_eq!((rebuilt.from, rebuilt.generation), (Position::START, 1));
        site.db
            .execute(
                sql("DELETE FROM activity_v1 WHERE at < $1").bind(site.app.now().minus(Duration::from_secs(86_400))),
            )
            .await
            .unwrap();
        assert_eq!(asked(&site).await, live, "{}", model.name());
    }
    assert_eq!(left_over(&site).await, 0);
    // The live one goes on from there.
    busy.sign_in("ada@example.org", ANOTHER).await;
    site.settle().await;
    assert_clean(&world.verify(Options::default()).await);
    assert_eq!(asked(&site).await.0.len(), live.0.len());
}

/// Whether a rebuild comes to its end before it is killed: with what is under way once so many batches are applied, and
/// with the next batch at the latest, since on a busy machine a statement may have ended whenever it is looked at.
async fn ends_within(rebuild: &Rebuild, batches: u32) -> bool {
    let applied = Cell::new(0);
    let run = rebuild.run(|_| {
        applied.update(|applied| applied + 1);
        if applied.get() > batches {
            resume_unwind(Box::new("killed"));
        }
    });
    let mut running = pin!(AssertUnwindSafe(run).catch_unwind());
    poll_fn(|context| match running.as_mut().poll(context) {
        Poll::Ready(ended) => Poll::Ready(ended.map(Result::unwrap).is_ok()),
        Poll::Pending if applied.get() >= batches => Poll::Ready(false),
        Poll::Pending => Poll::Pending,
    })
    .await
}

async fn killed_anywhere(world: World) {
    let site = world.site(Setup::default()).await;
    site.age().await;
    for number in 0..3 {
        site.registered(&format!("person{number}@example.org")).await;
    }
    site.settle().await;
    for model in models(&site) {
        let mut kills = 0;
        loop {
            let ended = ends_within(&rebuild(&site, &model), kills % 3 + 1).await;
            kills += 1;
            if ended {
                break;
            }
            // People sign in meanwhile, and the live one follows.
            let mut browser = site.browser();
            browser.sign_in("person0@example.org", PASSWORD).await;
            if kills < 4 {
                site.settle().await;
                let standing = statuses(&site.db).await.unwrap();
                let standing = standing.iter().find(|status| status.name == model.name()).unwrap();
                assert!(standing.building.is_some() || standing.generation > 0, "{standing:?}");
            }
            assert!(kills < 200, "a rebuild comes to an end");
        }
        assert!(kills > 2, "it was killed on its way");
        site.settle().await;
        assert_clean(&world.verify(Options::default()).await);
    }
    assert_eq!(left_over(&site).await, 0);
}

/// Two rebuilds of one read model, and the live one moved by two nodes, all at once: every event is counted once.
async fn together(world: World) {
    let one = world.site(Setup::default()).await;
    let other = world.site(Setup { seed: 2, ..Setup::default() }).await;
    one.age().await;
    for number in 0..3 {
        one.registered(&format!("person{number}@example.org")).await;
    }
    for model in models(&one) {
        let (first, second) = (rebuild(&one, &model), rebuild(&other, &model));
        let moving = async {
            for _ in 0..5 {
                let mut browser = one.browser();
                browser.sign_in("person0@example.org", PASSWORD).await;
                tokio::join!(one.settle(), other.settle());
            }
        };
        let (first, second, ()) = tokio::join!(first.run(|_| {}), second.run(|_| {}), moving);
        assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
        one.settle().await;
        assert_clean(&world.verify(Options::default()).await);
    }
}

/// The program, killed whenever it has come a batch further than the last time, goes on where it stood.
async fn killed_as_a_process(world: World) {
    const NAME: &str = "activity_v1";
    let store = world.store().await;
    let end = generate(&store, Scale { accounts: 1_500, events: 30_000 }).await;
    drop(store);
    let start = || {
        let mut command = world.command(&["projections", "rebuild", NAME]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    // Where the build stands, while there is one.
    let stands = async || {
        let build = sql("SELECT position FROM projection_builds WHERE name = $1").bind(NAME);
        let build: Vec<(i64,)> = world.db().fetch(build).await.unwrap();
        build.first().map(|(position,)| *position)
    };
    let (mut killed, mut from) = (0, 0);
    for wanted in [0, 1, 4_001] {
        let mut rebuilding = start();
        while stands().await.is_none_or(|position| position < wanted) && rebuilding.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        rebuilding.kill().unwrap();
        killed += i32::from(rebuilding.wait().unwrap().code().is_none());
        from = stands().await.unwrap_or(0);
    }
    assert!(killed == 3 && from > 4_000, "it was killed on its way: {killed} times, the last at {from}");
    let ended = start().wait_with_output().unwrap();
    let said = String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap();
    let words = format!("{NAME} is rebuilt from event {from} on, where an earlier rebuild had ended");
    assert!(ended.status.success() && said.contains(&words), "{words}: {said}");
    assert!(said.contains(&format!("up to event {end}")), "{said}");
    assert_eq!(stands().await, None);
    assert_clean(&world.verify(Options::default()).await);
}

/// A read model whose cursor was taken away begins anew, whoever comes first: nothing is counted twice.
async fn given_up(world: World) {
    let site = world.site(Setup::default()).await;
    site.age().await;
    site.registered("ada@example.org").await;
    site.settle().await;
    let live = asked(&site).await;
    let give_up = async || {
        site.db.execute(sql("DELETE FROM projection_cursors")).await.unwrap();
    };
    give_up().await;
    for model in models(&site) {
        rebuild(&site, &model).run(|_| {}).await.unwrap();
    }
    assert_clean(&world.verify(Options::default()).await);
    assert_eq!(asked(&site).await, live);
    give_up().await;
    site.settle().await;
    assert_clean(&world.verify(Options::default()).await);
    assert_eq!(asked(&site).await, live);
}

macro_rules! on_both_databases {
    ($($test:ident: $sqlite:ident, $postgres:ident;)+) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $sqlite() {
            $test(World::sqlite().await).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $postgres() {
            $test(World::postgres().await).await;
        }
    )+ };
}

on_both_databases! {
    rebuilt_equals_live: rebuilt_equals_live_on_sqlite, rebuilt_equals_live_on_postgresql;
    killed_anywhere: killed_anywhere_on_sqlite, killed_anywhere_on_postgresql;
    given_up: given_up_on_sqlite, given_up_on_postgresql;
    together: together_on_sqlite, together_on_postgresql;
    killed_as_a_process: killed_as_a_process_on_sqlite, killed_as_a_process_on_postgresql;
}
