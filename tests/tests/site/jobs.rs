//! Jobs: run twice they do no more than once; killed at any step they go on; what cannot work is listed and tried again.
//! Fed by the log itself and by NATS.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::account::AccountEvent;
use chancery_eventstore::db::sql;
use chancery_eventstore::{BackendError, EventRow, Feed, Position};
use chancery_service::mail::{EnhancedCode, MailError, Reply};
use chancery_tests::environment;
use chancery_tests::site::{Setup, TestSite, World, count};
use chancery_workers::jobs::NAMES;
use chancery_workers::timers::{Rate, Turn};
use chancery_workers::{admin, timers};

const ADA: &str = "ada@example.org";

fn later(code: u16) -> MailError {
    MailError::Retry { reply: Reply { code, enhanced: None } }
}

fn never(code: u16) -> MailError {
    let enhanced = Some(EnhancedCode { class: 5, subject: 1, detail: 1 });
    MailError::Refused { reply: Reply { code, enhanced } }
}

/// Makes every job do everything again, as if its floor had been lost.
async fn forget_floors(site: &TestSite) {
    site.db.execute(sql("UPDATE job_floors SET position = 0")).await.unwrap();
}

/// A job that is new to a log that is not: nobody is mailed because of what was there before it.
#[tokio::test]
async fn a_job_begins_at_the_head_of_its_first_start() {
    let site = TestSite::new().await;
    let mut ada = site.browser();
    let page = ada.register(ADA).await;
    site.answered().await;
    site.db.execute(sql("DELETE FROM job_floors")).await.unwrap();
    let head = site.app.store.backend().head().await.unwrap().position;
    assert!(head > Position::START);
    let floor = site.runner("list-telephones").floor().await.unwrap();
    assert_eq!(floor, Position::START, "but for the one that looks for what earlier builds left undone");
    site.settle().await;
    for job in NAMES {
        assert_eq!(site.runner(job).floor().await.unwrap(), head, "{job}");
    }
    assert!(site.mails.sent().is_empty());
    ada.submit(&page.form("/check-mail/again")).await;
    site.settle().await;
    assert_eq!(site.mails.to(ADA).len(), 1, "from there on it acts");
    // A process that starts later leaves the floors as they are.
    let floor = site.runner("mail").floor().await.unwrap();
    site.browser_at("198.51.100.9").register("bob@example.org").await;
    site.answered().await;
    chancery_workers::set_floors(&site.db, &**site.app.store.backend()).await.unwrap();
    assert_eq!(site.runner("mail").floor().await.unwrap(), floor);
    site.settle().await;
    assert_eq!(site.mails.to("bob@example.org").len(), 1);
    site.world().assert_clean().await;
}

#[tokio::test]
async fn everything_done_twice_is_done_once() {
    for world in [World::sqlite().await, World::postgres().await, World::nats(&environment::nats()).await] {
        let site = world.site(Setup::default()).await;
        site.age().await;
        let mut ada = site.registered(ADA).await;
        ada.lose_password(ADA).await;
        site.settle().await;
        site.browser_at("198.51.100.9").register(ADA).await;
        site.settle().await;
        let (events, mails) = (site.event_types().await, site.mails.sent());
        forget_floors(&site).await;
        site.settle().await;
        assert_eq!(site.event_types().await, events, "no event is repeated");
        let again = &site.mails.sent()[mails.len()..];
        for mail in again {
            let first = mails.iter().find(|first| first.message_id() == mail.message_id());
            assert_eq!(first.map(|first| &first.raw), Some(&mail.raw), "a repeat is the same mail to the byte");
        }
        assert!(again.iter().all(|mail| !mail.text.contains("/l/") || mails.iter().any(|first| first.raw == mail.raw)));
        site.world().assert_clean().await;
    }
}

/// A feed whose reader is overtaken: between its reading and its noting another worker notes and does everything.
struct Overtaken<'a> {
    feed: Arc<dyn Feed>,
    by: &'a TestSite,
}

#[async_trait]
impl Feed for Overtaken<'_> {
    async fn next(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        let rows = self.feed.next(after, limit).await?;
        self.by.settle().await;
        Ok(rows)
    }
}

#[tokio::test]
async fn what_another_worker_noted_and_did_is_not_noted_again() {
    for world in [World::sqlite().await, World::postgres().await, World::nats(&environment::nats()).await] {
        let site = world.site(Setup::default()).await;
        let other = world.site(Setup { seed: 2, ..Setup::default() }).await;
        site.age().await;
        site.browser().register(ADA).await;
        site.answered().await;
        let runner = site.runner("mail");
        let overtaken = Overtaken { feed: site.feed("mail"), by: &other };
        assert!(runner.dispatch(&overtaken).await.unwrap() > 0);
        assert_eq!(site.mails.to(ADA).len(), 1);
        assert_eq!(runner.execute().await.unwrap(), 0, "it is done");
        world.assert_clean().await;
    }
}

/// Gives what it is told to, and tells how often it was asked.
struct Told {
    gives: tokio::sync::Mutex<tokio::sync::mpsc::UnboundedReceiver<Vec<EventRow>>>,
    asked: tokio::sync::watch::Sender<(usize, Position)>,
}

#[async_trait]
impl Feed for Told {
    async fn next(&self, after: Position, _: u32) -> Result<Vec<EventRow>, BackendError> {
        self.asked.send_modify(|asked| *asked = (asked.0 + 1, after));
        match self.gives.lock().await.recv().await {
            Some(rows) => Ok(rows),
            None => std::future::pending().await,
        }
    }
}

/// Events that are not the job's are passed over without a write, until nothing more comes or many were.
#[tokio::test]
async fn a_floor_is_raised_when_nothing_more_comes() {
    let site = TestSite::new().await;
    site.browser().register(ADA).await;
    site.settle().await;
    forget_floors(&site).await;
    let rows = site.events().await;
    let head = rows.last().unwrap().position;
    let (give, gives) = tokio::sync::mpsc::unbounded_channel();
    let (tell, mut asked) = tokio::sync::watch::channel((0, Position::START));
    let feed = Told { gives: tokio::sync::Mutex::new(gives), asked: tell };
    let runner = site.runner("settle-invitations");
    let mut after = async |times: usize| asked.wait_for(|asked| asked.0 == times).await.unwrap().1;
    let told = async {
        assert_eq!(after(1).await, Position::START);
        give.send(rows.clone()).unwrap();
        assert_eq!(after(2).await, head, "it goes on from there");
        assert_eq!(runner.floor().await.unwrap(), Position::START, "and writes nothing for it");
        give.send(Vec::new()).unwrap();
        assert_eq!(after(3).await, head);
        assert_eq!(runner.floor().await.unwrap(), head);

        let mut many: Vec<EventRow> = (1..=200).map(|_| rows[0].clone()).collect();
        (1..).zip(&mut many).for_each(|(nth, row)| row.position = Position(head.0 + nth));
        give.send(many).unwrap();
        assert_eq!(after(4).await, Position(head.0 + 200));
        assert_eq!(runner.floor().await.unwrap(), Position(head.0 + 200), "after many");
    };
    tokio::select! {
        () = runner.keep_dispatching(&feed) => panic!("it goes on for ever"),
        () = told => {}
    }
}

/// Many workers that note the same at the same moment: each item is there once, and none of them fails.
#[tokio::test]
async fn workers_that_note_the_same_at_once_note_it_once() {
    let world = World::postgres().await;
    let site = world.site(Setup::default()).await;
    site.age().await;
    let mut nodes = Vec::new();
    for seed in 2..6 {
        nodes.push(world.site(Setup { seed, ..Setup::default() }).await);
    }
    for round in 0..10 {
        site.browser_at(&format!("198.51.100.{round}")).register(&format!("person{round}@example.org")).await;
        site.answered().await;
        let noting =
            nodes.iter().map(|node| async { node.runner("mail").dispatch(&*node.feed("mail")).await.unwrap() });
        futures::future::join_all(noting).await;
        let noted: Vec<(i64,)> = site.db.fetch(sql("SELECT COUNT(*) FROM jobs WHERE job = 'mail'")).await.unwrap();
        assert_eq!(noted, [(1,)]);
        site.settle().await;
    }
    world.assert_clean().await;
}

#[tokio::test]
async fn a_worker_that_dies_after_the_record_and_before_its_item_is_done_sends_the_same_again() {
    for site in TestSite::fed_by_log_and_nats().await {
        site.browser().register(ADA).await;
        // The mail leaves and that is recorded; the worker dies, and its item stays, under a lease.
        site.settle().await;
        let first = site.mails.to(ADA).pop().unwrap();
        let row = site.events().await.into_iter().find(|row| row.event_type == "account.email_link_requested").unwrap();
        let sent_events = count(&site, "account.email_link_sent").await;
        site.db
        .execute(
            sql("INSERT INTO jobs (id, job, position, state, attempts, next_at, lease_until, leased_by, reason, created) \
                 VALUES ('mail-again', 'mail', $1, 'waiting', 1, 0, $2, 'dead-worker', '', 0)")
            .bind(row.position)
            .bind(site.app.now().plus(Duration::from_secs(60))),
        )
        .await
        .unwrap();
        site.settle().await;
        assert_eq!(site.mails.to(ADA).len(), 1, "not while the lease holds");
        site.after(Duration::from_secs(61)).await;
        let mails = site.mails.to(ADA);
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[1].message_id(), first.message_id());
        assert_eq!(mails[1].link(), first.link());
        assert_eq!(count(&site, "account.email_link_sent").await, sent_events, "and that is all that happens");
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn a_busy_mail_server_is_asked_again_and_again() {
    for site in TestSite::fed_by_log_and_nats().await {
        site.browser().register(ADA).await;
        site.mails.answer([
            Err(later(451)),
            Err(MailError::Unavailable { reason: "no route".into() }),
            Err(later(421)),
        ]);
        site.settle().await;
        assert!(site.mails.to(ADA).is_empty());
        for pause in [5, 10, 20] {
            assert!(site.mails.to(ADA).is_empty());
            site.after(Duration::from_secs(pause)).await;
        }
        let mail = site.mails.to(ADA).pop().expect("a mail in the end");
        assert_eq!(site.browser().get(&mail.link()).await.status, 200);
        assert!(admin::counts(&site.db).await.unwrap().iter().all(|count| count.state != "dead"));
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn a_mail_that_never_leaves_is_given_up_at_the_queues_limit() {
    for site in TestSite::fed_by_log_and_nats().await {
        site.browser().register(ADA).await;
        site.mails.answer(std::iter::repeat_n(Err(later(451)), 1000));
        site.settle().await;
        for _ in 0..23 {
            site.after(Duration::from_secs(3600)).await;
        }
        assert!(admin::dead(&site.db, 10).await.unwrap().is_empty(), "it is not given up before");
        // As often as it is tried.
        for _ in 0..12 {
            site.after(Duration::from_secs(600)).await;
        }
        let dead = admin::dead(&site.db, 10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].reason, "later 451");
        assert!(site.mails.to(ADA).is_empty());
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn a_refused_mail_is_an_event_and_a_dead_item_that_can_be_tried_again() {
    for site in TestSite::fed_by_log_and_nats().await {
        site.browser().register(ADA).await;
        site.mails.answer([Err(never(550))]);
        site.settle().await;
        assert_eq!(count(&site, "account.mail_refused").await, 1);
        let row = site.events().await.into_iter().find(|row| row.event_type == "account.mail_refused").unwrap();
        let event: AccountEvent = site.app.store.open_event(&row).await.unwrap();
        assert!(matches!(&event, AccountEvent::MailRefused(refused) if refused.code == 550), "{event:?}");
        let dead = admin::dead(&site.db, 10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].reason, "refused 550 5.1.1");
        let shown = admin::show(&site.db, &dead[0].id).await.unwrap().unwrap();
        assert_eq!(shown, dead[0]);
        assert!(admin::show(&site.db, "mail-0").await.unwrap().is_none());
        // The mailbox was made meanwhile.
        assert!(admin::requeue(&site.db, &dead[0].id, site.app.now()).await.unwrap());
        assert!(!admin::requeue(&site.db, &dead[0].id, site.app.now()).await.unwrap(), "it is not dead any more");
        site.settle().await;
        assert_eq!(site.mails.to(ADA).len(), 1);
        assert_eq!(count(&site, "account.email_link_sent").await, 1);
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn a_link_that_is_spent_before_its_mail_left_is_not_mailed() {
    for site in TestSite::fed_by_log_and_nats().await {
        let mut ada = site.browser();
        ada.register(ADA).await;
        site.settle().await;
        ada.register(ADA).await;
        site.answered().await;
        let link = site.mails.link_to(ADA);
        ada.follow_link(&link).await;
        site.settle().await;
        assert_eq!(site.mails.to(ADA).len(), 1);
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn a_registration_never_lapses_while_a_link_is_open() {
    for site in TestSite::fed_by_log_and_nats().await {
        let mut ada = site.browser();
        ada.register(ADA).await;
        site.settle().await;
        site.after(Duration::from_secs(6 * 24 * 3600)).await;
        ada.register(ADA).await;
        site.settle().await;
        // A week after the first request, a day after the second.
        site.after(Duration::from_secs(24 * 3600)).await;
        assert_eq!(count(&site, "account.registration_lapsed").await, 0);
        site.after(Duration::from_secs(6 * 24 * 3600 - 60)).await;
        assert_eq!(count(&site, "account.registration_lapsed").await, 0);
        site.after(Duration::from_secs(120)).await;
        assert_eq!(count(&site, "account.registration_lapsed").await, 1);
        site.after(Duration::from_secs(24 * 3600)).await;
        assert_eq!(count(&site, "account.registration_lapsed").await, 1);
        let left = admin::counts(&site.db).await.unwrap();
        assert!(left.is_empty(), "no job is left: {left:?}");
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn a_lapsed_registration_leaves_facts_and_no_person() {
    for site in TestSite::fed_by_log_and_nats().await {
        site.browser().register(ADA).await;
        site.settle().await;
        let created = site.events().await.into_iter().find(|row| row.event_type == "account.created").unwrap();
        site.after(Duration::from_secs(7 * 24 * 3600)).await;
        let event: AccountEvent = site.app.store.open_event(&created).await.unwrap();
        assert_eq!(event, AccountEvent::Redacted);
        assert!(site.app.store.open_inputs(&created).await.unwrap().is_none());
        let key = site.app.store.backend().data_key(created.stream).await.unwrap().unwrap();
        assert_eq!(key.wrapped, None);
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn an_irreversible_timer_stops_above_its_rate_until_it_is_resumed() {
    for site in TestSite::fed_by_log_and_nats().await {
        let rate = Rate { max: 3, window: Duration::from_secs(3600) };
        let now = site.app.now();
        for _ in 0..3 {
            assert_eq!(rate.take(&site.db, "test", now).await.unwrap(), Turn::Go);
        }
        assert_eq!(rate.take(&site.db, "test", now).await.unwrap(), Turn::Stopped);
        let status = timers::statuses(&site.db).await.unwrap().into_iter().find(|timer| timer.name == "test").unwrap();
        assert_eq!(status.stopped, Some(now));
        assert_eq!(status.reason, "more than 3 in 3600 s");
        // The next window does not start it again by itself.
        let tomorrow = now.plus(Duration::from_secs(24 * 3600));
        assert_eq!(rate.take(&site.db, "test", tomorrow).await.unwrap(), Turn::Stopped);
        assert!(timers::resume(&site.db, "test", tomorrow).await.unwrap());
        assert!(!timers::resume(&site.db, "test", tomorrow).await.unwrap());
        assert_eq!(rate.take(&site.db, "test", tomorrow).await.unwrap(), Turn::Go);
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn the_read_model_of_sign_ins_rebuilt_equals_the_one_that_lives() {
    for world in [World::sqlite().await, World::postgres().await, World::nats(&environment::nats()).await] {
        let site = world.site(Setup::default()).await;
        site.age().await;
        for n in 0..3 {
            let email = format!("person{n}@example.org");
            let mut browser = site.registered(&email).await;
            for _ in 0..4 {
                browser.sign_out().await;
                browser.sign_in(&email, chancery_tests::site::PASSWORD).await;
            }
        }
        site.browser().register("never@example.org").await;
        site.settle().await;
        site.after(Duration::from_secs(8 * 24 * 3600)).await;
        type Rows = Vec<(i64, Vec<u8>, i64, i64, Vec<u8>)>;
        let all = || sql("SELECT position, stream, version, at, sealed FROM activity_v1 ORDER BY position");
        let live: Rows = site.db.fetch(all()).await.unwrap();
        assert_eq!(live.len(), 15);
        site.db.execute(sql("DELETE FROM activity_v1")).await.unwrap();
        site.db.execute(sql("UPDATE projection_cursors SET position = 0 WHERE name = 'activity_v1'")).await.unwrap();
        site.settle().await;
        let rebuilt: Rows = site.db.fetch(all()).await.unwrap();
        assert_eq!(rebuilt, live);
        site.db.execute(sql("UPDATE projection_cursors SET position = 0 WHERE name = 'activity_v1'")).await.unwrap();
        site.settle().await;
        let twice: Rows = site.db.fetch(all()).await.unwrap();
        assert_eq!(twice, live, "applied twice equals once");
        site.world().assert_clean().await;
    }
}
