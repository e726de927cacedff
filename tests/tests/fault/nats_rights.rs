//! The rights of the documented account: each of them is needed.

use std::thread;
use std::time::Duration;

use async_nats::jetstream;
use chancery_eventstore::nats::{Generation, health};
use chancery_tests::nats::{NatsServer, client_of, documented_account, until, until_within};
use chancery_tests::site::{Setup, TestSite, World};
use chancery_workers::jobs::NAMES;
use tokio::runtime::Runtime;

/// Longer than all steps of [`use_all`] may take together.
const ALL_STEPS: Duration = Duration::from_secs(180);

/// The documented account with one user for each of its rights, who lacks that one; and what they lack.
fn users_who_lack_one() -> (String, Vec<String>) {
    let account = documented_account("pw");
    let (head, rest) = account.split_once("users: [{").unwrap();
    let (user, tail) = rest.rsplit_once("}]").unwrap();
    let (_, rights) = user.split_once("permissions").unwrap();
    let begin = user.len() - rights.len();
    let quotes: Vec<usize> = rights.match_indices('"').map(|(at, _)| begin + at).collect();
    let (mut users, mut lacking) = (Vec::new(), Vec::new());
    for (number, right) in quotes.chunks_exact(2).enumerate() {
        let (from, to) = (right[0] + 1, right[1]);
        lacking.push(user[from..to].to_owned());
        let user = format!("{}nothing.of.this.kind{}", &user[..from], &user[to..]);
        users.push(format!("{{{}}}", user.replace("user: chancery", &format!("user: \"lacks-{number}\""))));
    }
    users.push("{ user: admin, password: admin }".to_owned());
    (format!("{head}users: [{}]{tail}", users.join(", ")), lacking)
}

/// All that a service does with NATS.
async fn use_all(site: &TestSite, admin: &jetstream::Context) {
    let (world, log) = (site.world(), site.app.log.log);
    let nats = world.relayed().nats();
    until("it is connected", async || nats.is_connected()).await;
    nats.wake(log).await;
    health(nats, world.db(), &**world.backend(), &NAMES).await;
    site.browser().register("ada@example.org").await;
    site.settle().await;
    // A new generation begins, and the old one goes.
    let first = Generation::current(world.db()).await.unwrap().stream(log).stream();
    // What jobs did they may have read from the log: nothing begins where an empty stream is purged.
    until("the stream is filled", async || match admin.get_stream(&first).await {
        Ok(mut stream) => stream.info().await.unwrap().state.messages > 0,
        Err(_) => false,
    })
    .await;
    // An event that comes after the purge makes a copy of the stream again: then it is purged once more.
    until("the old stream is deleted", async || match admin.get_stream(&first).await {
        Ok(mut stream) => {
            let holds_messages = stream.info().await.is_ok_and(|info| info.state.messages > 0);
            // It may be deleted in between.
            let _purged = if holds_messages { stream.purge().await.ok() } else { None };
            false
        }
        Err(_) => true,
    })
    .await;
}

/// Tries without each of these rights, by their numbers in the manual. Each has a thread of its own: what one of them reads
/// of the server's log must not keep the other from its connections.
fn try_without(numbers: [usize; 2]) {
    let (config, lacking) = users_who_lack_one();
    assert_eq!(lacking.len(), 14, "{lacking:?}");
    let starting = Runtime::new().unwrap();
    let server = starting.block_on(NatsServer::start_with(&config));
    thread::scope(|scope| {
        for number in numbers {
            let (server, right) = (&server, &lacking[number]);
            scope.spawn(move || Runtime::new().unwrap().block_on(try_one(server, number, right)));
        }
    });
}

async fn try_one(server: &NatsServer, number: usize, right: &str) {
    let admin = jetstream::new(client_of(&server.url(), "admin", "admin").await);
    let user = format!("lacks-{number}");
    // The server tells of it in its log, whatever the service makes of it.
    let is_refused = || {
        let user = format!("\"{user}\"");
        server.log().lines().any(|line| line.contains(&user) && line.contains("Violation"))
    };
    let world = World::nats(&server.url_of(&user, "pw")).await;
    let site = world.site_at_rest(Setup::default()).await;
    let needed = format!("{right} is needed");
    // Each step has a limit of its own.
    tokio::select! {
        // What it asked for last is told a moment after.
        () = use_all(&site, &admin) => until(&needed, async || is_refused()).await,
        () = until_within(ALL_STEPS, &needed, async || is_refused()) => {}
    }
    world.assert_clean().await;
}

/// A test for every two rights: what a service without a right leaves at work ends with its process.
macro_rules! without_any_one_right_the_service_asks_for_what_it_may_not {
    ($($name:ident: $one:literal, $other:literal;)*) => {$(
        #[test]
        fn $name() {
            try_without([$one, $other]);
        }
    )*};
}

without_any_one_right_the_service_asks_for_what_it_may_not! {
    without_right_0_or_1: 0, 1;
    without_right_2_or_3: 2, 3;
    without_right_4_or_5: 4, 5;
    without_right_6_or_7: 6, 7;
    without_right_8_or_9: 8, 9;
    without_right_10_or_11: 10, 11;
    without_right_12_or_13: 12, 13;
}
