//! `chancery audit` and `chancery projections`, the program itself, on a log in which all happened that leaves a trace, on
//! both databases.

use std::process::{Command, Stdio};
use std::sync::Arc;

use chancery_eventstore::db::sql;
use chancery_tests::audit::{story, uid_of};
use chancery_tests::environment;
use chancery_tests::site::{TestSite, World};
use chancery_tests::store::postgres::PostgresFixture;
use serde_json::Value;

/// The program beside a site.
struct Auditor {
    site: TestSite,
    postgres: Option<Arc<PostgresFixture>>,
}

/// What a run of the program came to.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    fn objects(&self) -> Vec<Value> {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A failure of one line on standard error.
    fn refused(&self, code: i32, words: &str) {
        assert_eq!((self.code, self.out.as_str(), self.err.lines().count()), (Some(code), "", 1), "{self:?}");
        assert!(self.err.starts_with("chancery: ") && self.err.contains(words), "{self:?}");
    }
}

impl Auditor {
    async fn new(world: World, postgres: Option<Arc<PostgresFixture>>) -> Self {
        Self { site: story(&world, async || {}).await, postgres }
    }

    /// Runs the program with the keys of a folder.
    fn run_with(&self, keys: &std::path::Path, arguments: &[&str]) -> Ran {
        let mut command = Command::new(environment::chancery());
        command.env_clear().args(arguments).stdin(Stdio::null());
        command.args(["--master-key", keys.join("master.key").to_str().unwrap()]);
        match &self.postgres {
            Some(fixture) => {
                command.env("CHANCERY_DATABASE", fixture.url()).arg("--data").arg(self.site.world().keys());
            }
            None => {
                command.arg("--data").arg(self.site.world().file().parent().unwrap());
            }
        }
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ran = Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        for personal in ["ada@example.org", "Lovelace", "192.0.2.", "Mozilla", "stolen"] {
            assert!(!ran.out.contains(personal) && !ran.err.contains(personal), "{personal} is shown: {ran:?}");
        }
        ran
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(self.site.world().keys(), arguments)
    }
}

async fn history(auditor: &Auditor, uid: &str) {
    let told = auditor.run(&["audit", "history", uid]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let lines = told.lines();
    for words in [
        "An account was asked for, under an address that had none, by somebody who had not proved to be anyone.",
        "The mail server took the mail with a link, by the job mail, because of 2.",
        "All use of the account was stopped, by the administrator ",
        "led to 2.",
    ] {
        assert!(lines.iter().any(|line| line.contains(words)), "{words}: {}", told.out);
    }
    assert!(told.out.contains("[sealed: subject, inputs, details]"), "{}", told.out);

    let objects = auditor.run(&["audit", "history", uid, "--json"]).objects();
    let of_type = |name: &str| objects.iter().find(|object| object["type"] == name).unwrap().clone();
    let (asked, sent) = (of_type("account.email_link_requested"), of_type("account.email_link_sent"));
    assert_eq!(sent["because_of"], asked["position"]);
    assert_eq!(sent["request"], of_type("account.created")["position"], "the request is followed back");
    assert_eq!(led_to(&asked), ["account.email_link_sent"]);
    let newest = |name: &str| objects.iter().rfind(|object| object["type"] == name).unwrap();
    let [reset, mailed] = ["account.email_link_requested", "account.email_link_sent"].map(newest);
    assert_eq!((led_to(reset), &mailed["because_of"]), (vec!["account.email_link_sent"], &reset["position"]));
    let expired = newest("account.email_link_expired");
    assert_eq!((led_to(mailed), &expired["because_of"]), (vec!["account.email_link_expired"], &mailed["position"]));
    assert_eq!(
        expired["request"],
        newest("account.password_reset_requested")["position"],
        "mail and expiry go back to it"
    );
    assert_eq!((&sent["actor"]["kind"], &sent["actor"]["id"]), (&"worker".into(), &"mail".into()));
    assert_eq!(sent["sealed"], serde_json::json!(["subject", "inputs"]));

    let suspended = of_type("account.suspended");
    let (position, recorded) = (suspended["position"].as_str().unwrap(), suspended["recorded"].as_str().unwrap());
    let from = auditor.run(&["audit", "history", uid, "--json", "--from", position]).objects();
    assert_eq!(from[0]["type"], "account.suspended");
    let to = auditor.run(&["audit", "history", uid, "--json", "--to", position]).objects();
    assert_eq!(to.last().unwrap()["type"], "account.suspended");
    assert_eq!(from.len() + to.len(), objects.len() + 1);
    let (before, after) = (
        auditor.run(&["audit", "history", uid, "--json", "--to", recorded]).objects(),
        auditor.run(&["audit", "history", uid, "--json", "--from", recorded]).objects(),
    );
    assert_eq!(before.len() + after.len(), objects.len(), "ranges of times meet");

    auditor.run(&["audit", "history", "n2222222"]).refused(1, "no account has or had the uid n2222222");
    auditor.run(&["audit", "history", "ada"]).refused(2, "a uid is the letter n");
    auditor
        .run(&["audit", "history", uid, "--from", "yesterday"])
        .refused(2, "write a position (1234 or 1.1234), a date");
    auditor.run(&["audit", "history", uid, "--from", "7.1"]).refused(2, "this log is in epoch 2");
}

/// The types of what an event led to.
fn led_to(event: &Value) -> Vec<&str> {
    event["led_to"].as_array().unwrap().iter().map(|led| led["type"].as_str().unwrap()).collect()
}

/// An account that began with an application's invitation goes back to that.
async fn invited(auditor: &Auditor, uid: &str) {
    let replayed = auditor.run(&["audit", "replay", "--json"]).objects();
    let invited = replayed.iter().find(|object| object["type"] == "application.person_invited").unwrap();
    let objects = auditor.run(&["audit", "history", uid, "--json"]).objects();
    for event_type in ["account.created", "account.email_link_requested", "account.email_link_sent"] {
        let event = objects.iter().find(|object| object["type"] == event_type).unwrap();
        assert_eq!(event["request"], invited["position"], "{event}");
        assert_eq!(event["correlation"], invited["correlation"]);
    }
    let confirmed = objects.iter().find(|object| object["type"] == "account.email_confirmed").unwrap();
    assert_eq!(confirmed["request"], confirmed["position"], "whoever followed the link began a request of their own");
    let told = auditor.run(&["audit", "history", uid]);
    let words = format!("in the request that began with {}", invited["position"].as_str().unwrap());
    assert!(told.out.contains(&words), "{words}: {}", told.out);
}

async fn state(auditor: &Auditor, uid: &str) {
    let history = auditor.run(&["audit", "history", uid, "--json"]).objects();
    let position = |name: &str| {
        let found = history.iter().find(|object| object["type"] == name).unwrap();
        found["position"].as_str().unwrap().to_owned()
    };
    let suspended = auditor.run(&["audit", "state", uid, "--at", &position("account.suspended"), "--json"]).objects();
    let part = |state: &Value, name: &str| {
        state["parts"].as_array().unwrap().iter().find(|part| part["part"] == name).unwrap().clone()
    };
    assert_eq!(part(&suspended[0], "suspension")["standing"], "suspended");
    assert_eq!(part(&suspended[0], "suspension")["set_by"]["position"], *position("account.suspended"));
    assert_eq!(part(&suspended[0], "password")["set_by"]["type"], "account.password_set");
    assert_eq!(part(&suspended[0], "identity")["sealed"], true);
    let now = auditor.run(&["audit", "state", uid, "--json"]).objects();
    assert_eq!(part(&now[0], "suspension")["standing"], "not suspended");
    let first = auditor.run(&["audit", "state", uid, "--at", &position("account.created"), "--json"]).objects();
    assert_eq!(part(&first[0], "password")["standing"], "none");
    assert_eq!(part(&first[0], "phase")["standing"], "asked for, not confirmed");
    auditor.run(&["audit", "state", uid, "--at", "1"]).refused(1, "did not exist yet at 2.1");
    // At a time: what was recorded at it is in it, what was recorded later is not.
    let recorded = |event: &Value| event["recorded"].as_str().unwrap().to_owned();
    let suspended = history.iter().position(|object| object["type"] == "account.suspended").unwrap();
    let earlier = history[..suspended].iter().rfind(|event| recorded(event) < recorded(&history[suspended])).unwrap();
    for time in [recorded(&history[0]), recorded(earlier), recorded(&history[suspended]), "2026-06-01".to_owned()] {
        let at = auditor.run(&["audit", "state", uid, "--at", &time, "--json"]).objects();
        let newest = history.iter().rfind(|event| recorded(event) <= time).unwrap();
        assert_eq!(at[0]["as_of"]["position"], newest["position"], "{time}");
    }
    auditor.run(&["audit", "state", uid, "--at", "2026-05-04"]).refused(1, "did not exist yet at 2.");
    let text = auditor.run(&["audit", "state", uid]);
    assert!(text.code == Some(0) && text.out.contains("identity     stands, sealed"), "{}", text.out);
}

async fn replay_and_query(auditor: &Auditor) {
    let rows = auditor.site.events().await;
    let objects = auditor.run(&["audit", "replay", "--json"]).objects();
    assert_eq!(objects.len(), rows.len());
    for (object, row) in objects.iter().zip(&rows) {
        assert_eq!(object["position"], format!("2.{}", row.position));
        assert_eq!((&object["type"], &object["stream"]), (&(*row.event_type).into(), &row.stream.to_string().into()));
    }
    assert_eq!(auditor.run(&["audit", "replay", "--until", "2.7"]).lines().len(), 7);
    let time = rows[9].recorded.to_string();
    let until = auditor.run(&["audit", "replay", "--until", &time]).lines().len();
    assert_eq!(until, rows.iter().filter(|row| row.recorded <= rows[9].recorded).count());

    let count = |event_type: &str| rows.iter().filter(|row| row.event_type == event_type).count() as u64;
    let counted = auditor.run(&["audit", "query", "--type", "account.signed_in", "--json"]).objects();
    assert_eq!(counted[0]["count"], count("account.signed_in"));
    for arguments in [
        &["--count-by", "day,type"][..],
        &["--count-by", "type", "--type", "account.signed_in,account.signed_out"],
        &["--count-by", "day", "--from", "2026-05-05", "--to", "2026-06-01"],
        &["--type", "account.mail_refused"],
        &[],
    ] {
        let over = |source| auditor.run(&[&["audit", "query", "--over", source][..], arguments].concat());
        let (log, model) = (over("log"), over("model"));
        assert_eq!(log.code, Some(0), "{log:?}");
        assert_eq!(log.out, model.out, "{arguments:?}");
    }
    let days = auditor.run(&["audit", "query", "--count-by", "day,type", "--json"]).objects();
    assert_eq!(days.iter().map(|day| day["count"].as_u64().unwrap()).sum::<u64>(), rows.len() as u64);

    let part = ["audit", "query", "--over", "model", "--from", "2026-05-05T10:00:00Z"];
    auditor.run(&part).refused(2, "the read model counts whole days");
    auditor.run(&["audit", "query", "--type", "account.sigend_in"]).refused(2, "did you mean account.signed_in?");
}

async fn verify_and_projections(auditor: &Auditor) {
    let clean = auditor.run(&["audit", "verify"]);
    assert!(
        clean.code == Some(0) && clean.out.contains("everything that follows from the log is as the log says"),
        "{clean:?}"
    );
    let elsewhere = tempfile::tempdir().unwrap();
    let blind = auditor.run_with(elsewhere.path(), &["audit", "verify"]);
    assert!(blind.code == Some(3) && blind.out.contains("NOT CHECKED  sealed parts"), "{blind:?}");
    auditor.run_with(elsewhere.path(), &["audit", "state", "n2222222"]).refused(3, "master.key is missing");
    let other = tempfile::tempdir().unwrap();
    chancery_eventstore::keys::FileKeys::create(
        &other.path().join("master.key"),
        &other.path().join("credentials.key"),
    )
    .unwrap();
    auditor.run_with(other.path(), &["audit", "verify"]).refused(3, "wrapped by another master key");

    let status = auditor.run(&["projections", "status"]);
    let head = auditor.site.events().await.len();
    let fields = |name: &str| {
        let line = status.out.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{status:?}"));
        line.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(fields("activity")[1..4], ["1".to_owned(), format!("2.{head}"), "0".to_owned()]);
    assert_eq!(fields("event_counts").last().unwrap(), "-");
    auditor
        .run(&["projections", "rebuild", "sessions_v1"])
        .refused(2, "there are account_changes_v1, activity_v1 and event_counts_v1");
    for name in ["account_changes_v1", "activity_v1", "event_counts_v1"] {
        let compared = auditor.run(&["projections", "rebuild", name, "--verify"]);
        assert_eq!((compared.code, compared.out), (Some(0), format!("{name} is what a rebuild would give\n")));
        let rebuilt = auditor.run(&["projections", "rebuild", name]);
        assert!(
            rebuilt.code == Some(0) && rebuilt.out.starts_with(&format!("{name} is rebuilt and live")),
            "{rebuilt:?}"
        );
    }
    assert_eq!(auditor.run(&["audit", "verify"]).code, Some(0));

    let tampered = sql("UPDATE event_counts_v1 SET count = count + 1 WHERE event_type = 'account.suspended'");
    assert!(auditor.site.db.execute(tampered).await.unwrap() > 0);
    let differs = auditor.run(&["audit", "verify"]);
    assert!(differs.code == Some(1) && differs.out.contains("event_counts_v1: 2 account.suspended"), "{differs:?}");
    let compared = auditor.run(&["projections", "rebuild", "event_counts_v1", "--verify"]);
    assert!(
        compared.code == Some(1) && compared.out.contains("differs from what a rebuild would give"),
        "{compared:?}"
    );
    assert_eq!(auditor.run(&["projections", "rebuild", "event_counts_v1"]).code, Some(0));
    assert_eq!(auditor.run(&["audit", "verify", "--json"]).objects()[0]["divergences"], serde_json::json!([]));
}

async fn a_first_day(world: World, postgres: Option<Arc<PostgresFixture>>) {
    let auditor = Auditor::new(world, postgres).await;
    let uid = uid_of(&auditor.site, "bob@example.org").await.to_string();
    history(&auditor, &uid).await;
    invited(&auditor, &uid_of(&auditor.site, "dave@example.org").await.to_string()).await;
    state(&auditor, &uid).await;
    replay_and_query(&auditor).await;
    verify_and_projections(&auditor).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_day_on_sqlite() {
    a_first_day(World::sqlite().await, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_day_on_postgresql() {
    let (world, fixture) = World::postgres_with_fixture().await;
    a_first_day(world, Some(fixture)).await;
}
