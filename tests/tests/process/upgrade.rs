//! Two builds side by side on one PostgreSQL, as while processes are replaced one after the other: the ordinary one, and the
//! next, which is the same but for one more version of an event and another fold (the feature `next-build`). Neither answers
//! wrongly, and the older one reads everything that is written while it lives.

use chancery_domain::account::Account;
use chancery_domain::{Aggregate, events};
use chancery_tests::environment;
use chancery_tests::nats::until;
use chancery_tests::net::{free_port, get};
use chancery_tests::postgres::Server;
use chancery_tests::served::{OnPostgres, Person, Served};
use chancery_tests::site::{PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;
use sqlx::{ConnectOptions, PgConnection};

/// What the builds write, and how many events of each version the log has.
struct Log(PgConnection);

impl Log {
    /// The event of which the next build knows one more version.
    async fn count(&mut self, version: u16) -> i64 {
        let sql = "SELECT count(*) FROM chancery.events \
                   WHERE event_type = 'account.password_reset_requested' AND schema_version = $1";
        sqlx::query_scalar(sql).bind(i32::from(version)).fetch_one(&mut self.0).await.unwrap()
    }

    /// By which fold the state of the account was written that changed last.
    async fn newest_fold(&mut self) -> i32 {
        let sql = "SELECT s.fold_version::int FROM chancery.states s JOIN chancery.events e ON e.stream = s.stream \
                   WHERE s.aggregate = 'account' ORDER BY e.position DESC LIMIT 1";
        sqlx::query_scalar(sql).fetch_one(&mut self.0).await.unwrap()
    }
}

async fn mailed_path(sink: &SmtpSink, email: &str) -> String {
    let link = sink.mail_to(email).await.link();
    link[link.find("/l/").unwrap()..].trim().to_owned()
}

fn lose_password(person: &mut Person, email: &str) {
    let form = form_of(&person.get("/lost-password"), "/lost-password").solved().with("name", email);
    assert_eq!(person.post(&form), "/check-mail");
}

/// A whole story, whose steps the two nodes share.
async fn alternate(first: &Served, second: &Served, sink: &SmtpSink, email: &str, log: &mut Log) -> Person {
    let mut person = first.person();
    person.headers = vec![format!("X-Forwarded-For: 192.0.2.{}", email.len())];
    assert_eq!(person.register("Ada", "Lovelace", email), "/check-mail");
    let link = mailed_path(sink, email).await;
    person.moves_to(second);
    assert_eq!(person.follow_link(&link), "/account?done=welcome");
    for node in [first, second] {
        person.moves_to(node);
        assert!(person.is_signed_in());
    }
    let form = form_of(&person.get("/account"), "/sign-out");
    person.submit(&form);
    person.moves_to(first);
    assert!(!person.is_signed_in(), "signed out there is signed out here");
    assert!(person.sign_in(email, PASSWORD).contains("Ada Lovelace"));
    let here = log.newest_fold().await;
    person.moves_to(second);
    assert!(person.is_signed_in());
    // No job follows a sign-out, which either node might run.
    let form = form_of(&person.get("/account"), "/sign-out");
    person.submit(&form);
    let there = log.newest_fold().await;
    let mut folds = [here, there];
    folds.sort_unstable();
    let own = i32::from(Account::FOLD_VERSION);
    assert_eq!(folds, [own, own + 1], "each writes its own fold, and reads the other's");

    sink.clear();
    lose_password(&mut person, email);
    let link = mailed_path(sink, email).await;
    person.moves_to(first);
    assert_eq!(person.follow_link(&link), "/account?done=password-reset");
    person.moves_to(second);
    assert!(person.is_signed_in());
    sink.clear();
    person
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_and_the_next_build_run_side_by_side_and_neither_answers_wrongly() {
    let server = Server::start(&[]).await;
    let sink = SmtpSink::start().await;
    let database = OnPostgres::new(&server, &sink).await;
    let options: sqlx::postgres::PgConnectOptions = server.url_of(&database.database).parse().unwrap();
    let mut log = Log(options.connect().await.unwrap());
    let shared = ["--trusted-proxies", "127.0.0.1", "--log-level", "info"];
    let port = free_port();
    let metrics_listen = format!("127.0.0.1:{port}");
    let mut old = database.serve_with(&[&shared[..], &["--metrics-listen", &metrics_listen]].concat());
    let next = database.serve_beside(&old, environment::chancery_next(), &shared);
    let heard = |generation: u16| next.log().matches(&format!("everyone={generation}")).count();
    assert_eq!((heard(events::READS), heard(events::READS + 1)), (1, 0), "{}", next.log());

    let mut ada = alternate(&old, &next, &sink, "ada@example.org", &mut log).await;
    let mut grace = alternate(&next, &old, &sink, "grace@example.org", &mut log).await;
    assert_eq!((log.count(1).await, log.count(2).await), (2, 0), "what the older one could not read is not written");

    // The older one is stopped: the next writes all that it can.
    old.stop();
    until("the next build hears that it is alone", async || heard(events::READS + 1) == 1).await;
    ada.moves_to(&next);
    lose_password(&mut ada, "ada@example.org");
    // What the form leads to is written behind its answer: it is there when it is mailed.
    let link = mailed_path(&sink, "ada@example.org").await;
    assert_eq!((log.count(1).await, log.count(2).await), (2, 1));
    assert_eq!(ada.follow_link(&link), "/account?done=password-reset");
    sink.clear();

    // And started again, too late: what it cannot read it refuses, with an alarm, and nothing more of it is written.
    old.again().unwrap();
    until("the next build hears that it is not", async || heard(events::READS) == 2).await;
    grace.moves_to(&next);
    lose_password(&mut grace, "grace@example.org");
    mailed_path(&sink, "grace@example.org").await;
    assert_eq!((log.count(1).await, log.count(2).await), (3, 1));
    for person in [&mut ada, &mut grace] {
        person.moves_to(&old);
    }
    assert!(grace.is_signed_in(), "everybody else's stream is read");
    let refused = ada.ask_once("GET", "/account", "");
    assert!(refused.status == 503 && refused.text.contains("retry-after: "), "{refused:?}");
    let measured = get(port, "/metrics");
    let alarm = measured.lines().find_map(|line| line.strip_prefix("chancery_unknown_events_total "));
    assert!(alarm.is_some_and(|count| count != "0"), "{measured}");
    ada.moves_to(&next);
    assert!(ada.is_signed_in(), "the next build reads it as before");
    next.assert_clean(&database.arguments().iter().map(String::as_str).collect::<Vec<_>>());
}
