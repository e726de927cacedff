//! The mail queue: what is sent again after a kill at any step, how much is taken at once and for how long, what becomes
//! of a mail whose time went by.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chancery_eventstore::db::sql;
use chancery_service::mail::{
    Capacity, MailError, MailSettings, MailTransport, Mailer, Rendered, Sender, SmtpSecurity, SmtpServer, SmtpSettings,
    SmtpTransport,
};
use chancery_tests::environment;
use chancery_tests::site::{MemoryMails, SentMail, Setup, TestSite, World, count};
use chancery_workers::jobs::SendMail;
use chancery_workers::runner::Runner;
use chancery_workers::{admin, living};
use tokio::sync::{Semaphore, watch};

const ADA: &str = "ada@example.org";

/// Where the mail server stops in the midst of a mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// Before it has taken the mail.
    Before,
    /// When it has taken the mail, with its 250 on the way.
    After,
}

/// A mail server that stops at each mail until it is let go on.
struct Stopping {
    mails: Arc<MemoryMails>,
    stop: Stop,
    stopped: watch::Sender<usize>,
    go: Semaphore,
}

const CAPACITY: Capacity = Capacity { at_once: 2, within: Duration::from_secs(145) };

#[async_trait]
impl MailTransport for Stopping {
    async fn send(&self, mail: &Rendered) -> Result<(), MailError> {
        if self.stop == Stop::After {
            self.mails.send(mail).await?;
        }
        self.stopped.send_modify(|count| *count += 1);
        self.go.acquire().await.unwrap().forget();
        if self.stop == Stop::Before {
            self.mails.send(mail).await?;
        }
        Ok(())
    }

    fn capacity(&self) -> Capacity {
        CAPACITY
    }

    async fn check(&self) -> Result<(), MailError> {
        Ok(())
    }
}

/// Another worker of the site, whose mail server stops.
fn stopping_worker(site: &TestSite, stop: Stop) -> (Arc<Stopping>, Runner) {
    let (stopped, go) = (watch::Sender::new(0), Semaphore::new(0));
    let server = Arc::new(Stopping { mails: Arc::clone(&site.mails), stop, stopped, go });
    let sender = Sender { name: None, address: "no-reply@login.example.org" };
    let settings = MailSettings::new("Chancery", sender, None, "login.example.org").unwrap();
    let job = SendMail::new(Mailer::new(settings, Arc::clone(&server) as _));
    (server, Runner::new(Arc::clone(&site.app), site.db.clone(), Arc::new(job), "another".to_owned()))
}

async fn dispatch(site: &TestSite, runner: &Runner) {
    site.answered().await;
    let feed = site.feed(runner.job().name());
    while runner.dispatch(&*feed).await.unwrap() > 0 {}
}

#[tokio::test]
async fn a_worker_killed_in_the_midst_of_a_mail_is_followed_by_another_that_sends_the_same() {
    for (world, stop, before) in [
        (World::sqlite().await, Stop::Before, 0),
        (World::sqlite().await, Stop::After, 1),
        (World::postgres().await, Stop::After, 1),
        (World::nats(&environment::nats()).await, Stop::Before, 0),
        (World::nats(&environment::nats()).await, Stop::After, 1),
    ] {
        let site = world.site(Setup::default()).await;
        site.age().await;
        let mut ada = site.browser();
        ada.register(ADA).await;
        site.answered().await;
        let (server, doomed) = stopping_worker(&site, stop);
        dispatch(&site, &doomed).await;
        let mut stopped = server.stopped.subscribe();
        tokio::select! {
            _ = doomed.execute() => unreachable!("its mail server stops"),
            // Dropped here, as by a kill: nothing after the mail server's answer is done.
            _ = stopped.wait_for(|count| *count == 1) => {}
        }
        assert_eq!(site.mails.to(ADA).len(), before);
        assert_eq!(count(&site, "account.email_link_sent").await, 0, "nobody recorded it");
        site.after(CAPACITY.within).await;
        assert_eq!(site.mails.to(ADA).len(), before, "not while the lease of the dead one holds");
        site.after(Duration::from_secs(61)).await;
        let mails: Vec<SentMail> = site.mails.to(ADA);
        assert_eq!(mails.len(), before + 1);
        assert!(mails.iter().all(|mail| mail.raw == mails[0].raw), "the same mail to the byte, link and Message-ID");
        assert_eq!(count(&site, "account.email_link_sent").await, 1, "recorded once");
        assert!(admin::counts(&site.db).await.unwrap().iter().all(|count| count.job != "mail"), "and done");
        let page = ada.follow_link(&mails[0].link()).await;
        assert_eq!(page.path, "/account?done=welcome", "{}", page.text());
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn no_more_is_taken_than_can_leave_and_it_is_kept_as_long_as_the_mail_server_may_take() {
    for site in TestSite::fed_by_log_and_nats().await {
        let people: Vec<String> = (0..5).map(|n| format!("person{n}@example.org")).collect();
        for person in &people {
            site.browser().register(person).await;
        }
        let (server, slow) = stopping_worker(&site, Stop::Before);
        dispatch(&site, &slow).await;
        let mut stopped = server.stopped.subscribe();
        let others = async {
            stopped.wait_for(|count| *count == CAPACITY.at_once).await.unwrap();
            let taken = sql("SELECT COUNT(*), MIN(lease_until) FROM jobs WHERE job = 'mail' AND leased_by = 'another'");
            let taken: Vec<(i64, i64)> = site.db.fetch(taken).await.unwrap();
            assert_eq!(taken[0].0, 2, "the rest is left to others");
            assert!(taken[0].1 > site.app.now().plus(CAPACITY.within).micros());
            site.after(CAPACITY.within).await;
            assert_eq!(site.mails.sent().len(), 3, "the rest, and nothing that the slow one has");
            server.go.add_permits(2);
        };
        let (taken, ()) = tokio::join!(slow.execute(), others);
        assert_eq!(taken.unwrap(), 2);
        let mut to: Vec<String> = site.mails.sent().into_iter().map(|mail| mail.to).collect();
        to.sort();
        assert_eq!(to, people, "each once");
        assert_eq!(count(&site, "account.email_link_sent").await, 5);
        site.world().assert_clean().await;
    }
}

#[test]
fn a_mail_server_may_use_all_the_time_that_it_is_given() {
    let server = SmtpServer { host: "localhost".to_owned(), port: 25, security: SmtpSecurity::Cleartext };
    let settings = SmtpSettings::new(server, "login.example.org");
    let (longest, connections) = (settings.connect_within + settings.send_within, settings.connections);
    let capacity = SmtpTransport::new(settings).unwrap().capacity();
    assert!(capacity.within > longest, "{capacity:?}");
    assert_eq!(capacity.at_once, connections);
}

#[tokio::test]
async fn a_link_whose_time_went_by_in_the_queue_is_dead_and_listed() {
    for expiry_first in [false, true] {
        for site in TestSite::fed_by_log_and_nats().await {
            site.browser().register(ADA).await;
            site.answered().await;
            // No worker is there for longer than a mail may wait.
            site.clock.advance(Duration::from_secs(25 * 3600));
            if expiry_first {
                let expiry = site.runner("expire-links");
                dispatch(&site, expiry).await;
                expiry.execute().await.unwrap();
                assert_eq!(count(&site, "account.email_link_expired").await, 1);
            }
            site.settle().await;
            assert!(site.mails.to(ADA).is_empty());
            let dead = admin::dead(&site.db, 10).await.unwrap();
            let dead: Vec<(&str, &str)> = dead.iter().map(|item| (item.job.as_str(), item.reason.as_str())).collect();
            assert_eq!(dead, [("mail", "too-late")], "expiry first: {expiry_first}");
            site.world().assert_clean().await;
        }
    }
}

#[tokio::test]
async fn a_link_that_was_sent_and_whose_time_went_by_is_nobodys_fault() {
    for site in TestSite::fed_by_log_and_nats().await {
        site.browser().register(ADA).await;
        site.settle().await;
        site.after(Duration::from_secs(25 * 3600)).await;
        site.db.execute(sql("UPDATE job_floors SET position = 0")).await.unwrap();
        site.settle().await;
        assert_eq!(site.mails.to(ADA).len(), 1);
        assert!(admin::dead(&site.db, 10).await.unwrap().is_empty());
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn what_a_dead_process_took_is_taken_over_before_its_lease_ends() {
    for world in [World::sqlite().await, World::postgres().await, World::nats(&environment::nats()).await] {
        let site = world.site(Setup::default()).await;
        site.age().await;
        let take = async |worker: &str, person: &str| {
            site.browser().register(person).await;
            site.answered().await;
            let runner = site.runner("mail");
            dispatch(&site, runner).await;
            // Taken, and then nothing more was heard.
            let lease = site.app.now().plus(Duration::from_secs(3600));
            let taken = sql("UPDATE jobs SET leased_by = $1, lease_until = $2 WHERE job = 'mail'");
            site.db.execute(taken.bind(worker).bind(lease)).await.unwrap();
        };
        take("one", ADA).await;
        living::say(&site.db, "one", site.app.now()).await.unwrap();
        site.after(Duration::from_secs(14)).await;
        assert!(site.mails.to(ADA).is_empty(), "it may live");
        site.after(Duration::from_secs(2)).await;
        assert_eq!(site.mails.to(ADA).len(), 1, "it is dead");

        // Where only one process can be, it knows at once.
        take("two", "bob@example.org").await;
        living::say(&site.db, "two", site.app.now()).await.unwrap();
        living::say_alone(&site.db, "three").await.unwrap();
        site.settle().await;
        assert_eq!(site.mails.to("bob@example.org").len(), 1);
        living::say_farewell(&site.db, "three").await.unwrap();
        site.world().assert_clean().await;
    }
}
