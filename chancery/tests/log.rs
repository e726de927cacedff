//! What the binary does to a log: how one is begun, `check`, `migrate` and `account`.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chancery::settings::{Settings, Sources};
use chancery::wiring::{self, Credentials, Opening};
use chancery_domain::Actor;
use chancery_domain::account::{AccountEvent, EndReason};
use chancery_domain::values::{EmailAddress, Language, PersonName};
use chancery_eventstore::db::sql;
use chancery_eventstore::{Position, oldest_build};
use chancery_service::App;
use chancery_service::accounts::register::Registration;
use chancery_service::client::Client;
use chancery_service::ports::{Clock, SystemClock, SystemRandom};
use chancery_service::secrets::devices::KnownTo;
use chancery_workers::admin;
use chancery_workers::timers::Rate;

fn settings(folder: &Path) -> Settings {
    let flags = BTreeMap::from([
        ("data", folder.join("data").display().to_string().into()),
        ("hash_memory", "64KiB".to_owned().into()),
    ]);
    let sources = Sources { flags, folder: folder.to_owned(), ..Sources::default() };
    Settings::load(&sources).expect("right settings")
}

/// A service as `serve` would make it.
async fn service(settings: &Settings) -> Result<(wiring::Database, Arc<App>), String> {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let opening = Opening::Service;
    let database = wiring::database(settings, opening).await.map_err(|error| error.line())?;
    let store = wiring::store(settings, &database, opening, Credentials::With, &*clock).await;
    let store = store.map_err(|error| error.line())?;
    let url = settings.public_url_on(8080);
    let app = wiring::app(settings, store, &url, settings.hash_pool(), clock, random).await;
    let app = app.map_err(|error| error.line())?;
    let proposed = app.propose_policy(settings.policy_revision, &settings.policy().expect("right")).await;
    proposed.map_err(|error| error.to_string())?.map_err(|refusal| refusal.to_string())?;
    Ok((database, Arc::new(app)))
}

/// Registers somebody and tells the uid.
async fn register(app: &Arc<App>) -> String {
    let client = Client {
        address: [127, 0, 0, 1].into(),
        user_agent: None,
        browser: app.new_browser_secret(),
        proof: None,
        known: KnownTo::parse(""),
        request: app.new_id(),
    };
    let keys = app.form_keys(&client.browser, "/register");
    let form = app.check_form(&client.browser, "/register", &keys.command.to_string(), &keys.token).expect("our form");
    let registration = Registration {
        first_name: PersonName::parse("Ann").expect("a name"),
        last_name: PersonName::parse("Example").expect("a name"),
        email: EmailAddress::parse("ann@example.org").expect("an address"),
        language: Language::English,
        target: None,
        statement: app.statement_in_force(Language::English),
    };
    app.register(&client, form, &registration).await.expect("registered").expect("below the limits");
    // What a form leads to happens behind its answer.
    app.tasks.wait().await;
    for row in app.store.backend().read(Position::START, 100).await.expect("the log") {
        if row.event_type == "account.created"
            && let AccountEvent::Created(created) = app.store.open_event(&row).await.expect("opened")
        {
            return created.uid.to_string();
        }
    }
    panic!("no account was created");
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.env_clear().env("SUDO_USER", "operator-7").current_dir(folder).stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.args(arguments).output().expect("started");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it exists").permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_suspended_beside_a_running_service_and_the_log_tells_by_whom_and_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_database, app) = service(&settings(folder.path())).await.expect("a service");
    let uid = register(&app).await;

    let suspend = ["account", "suspend", &uid, "--reason", "the phone was stolen"];
    let done = format!("{uid} is suspended and its sessions have ended, in force at once\n");
    assert_eq!(run(folder.path(), &suspend), (Some(0), done, String::new()));
    let refused = format!("chancery: {uid} is suspended already, or gone\n");
    assert_eq!(run(folder.path(), &suspend), (Some(1), String::new(), refused));
    let resume = ["account", "resume", &uid, "--reason", "found again"];
    assert_eq!(run(folder.path(), &resume).0, Some(0));
    let end = ["account", "end-sessions", &uid, "--reason", "sold with its cookies"];
    assert_eq!(run(folder.path(), &end).0, Some(0));
    let nobody = ["account", "end-sessions", "n2222222", "--reason", "x"];
    let refused = "chancery: there is no account n2222222\n".to_owned();
    assert_eq!(run(folder.path(), &nobody), (Some(1), String::new(), refused));

    let rows = app.store.backend().read(Position::START, 100).await.expect("the log");
    let mut told = Vec::new();
    for row in rows.iter().filter(|row| matches!(row.actor, Actor::Administrator(_))) {
        let reason = match app.store.open_event(row).await.expect("opened") {
            AccountEvent::Suspended(given) | AccountEvent::Resumed(given) => given.reason,
            AccountEvent::SessionsEnded(ended) if ended.reason == EndReason::Administrator => {
                ended.note.expect("the administrator's words")
            }
            _ => continue,
        };
        let details = app.store.open_details(row).await.expect("opened").expect("kept");
        assert_eq!(details.note, Some(format!("operator-7: {reason}")));
        told.push((row.event_type.as_str(), reason));
    }
    let expected = [
        ("account.suspended", "the phone was stolen"),
        ("account.resumed", "found again"),
        ("account.sessions_ended", "sold with its cookies"),
    ];
    assert_eq!(told, expected.map(|(event_type, reason)| (event_type, reason.to_owned())));
}

#[test]
fn an_account_command_says_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for (arguments, start) in [
        (
            &["account", "suspend", "n2222222"][..],
            "chancery: the following required arguments were not provided: --reason <TEXT>",
        ),
        (
            &["account", "suspend", "ann@example.org", "--reason", "x"],
            "chancery: invalid value 'ann@example.org' for '<UID>': a uid is",
        ),
        (
            &["account", "suspend", "n2222222", "--reason", " "],
            "chancery: invalid value ' ' for '--reason <TEXT>': it must be one line",
        ),
        (&["account"], "chancery: name a command: see 'chancery --help'"),
    ] {
        let (code, out, err) = run(folder.path(), arguments);
        assert_eq!((code, out.as_str(), err.lines().count()), (Some(2), "", 1), "{err}");
        assert!(err.starts_with(start), "{err}");
    }
    let (code, _, err) = run(folder.path(), &["account", "suspend", "n2222222", "--reason", "x"]);
    let sentence = "chancery: there is no database at ./data/chancery.db: 'chancery serve' makes it; --data names another folder, --database PostgreSQL\n";
    assert_eq!((code, err.as_str()), (Some(1), sentence));
    assert!(!folder.path().join("data").exists(), "a command beside the service makes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_begun_for_its_owner_alone_and_by_one_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = settings(folder.path());
    let (database, app) = service(&settings).await.expect("a service");
    let data = folder.path().join("data");
    assert_eq!(mode(&data), 0o700);
    for name in ["chancery.db", "master.key", "credentials.key"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    let sentence = service(&settings).await.expect_err("one is enough");
    assert!(sentence.contains("is in use by another `chancery serve`"), "{sentence}");
    app.store.close().await;
    drop((database, app));
    service(&settings).await.expect("the next one");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_never_made_beside_a_log_and_another_logs_keys_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = settings(folder.path());
    drop(service(&first).await.expect("a service"));
    let master = folder.path().join("data/master.key");
    let credentials = folder.path().join("data/credentials.key");
    let own = [&master, &credentials].map(|path| fs::read(path).expect("a key file"));

    fs::remove_file(&master).expect("removed");
    fs::remove_file(&credentials).expect("removed");
    let sentence = service(&first).await.expect_err("no keys");
    assert!(sentence.contains("master.key is missing, and it cannot be made anew"), "{sentence}");
    assert!(!master.exists() && !credentials.exists());
    let restore = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).expect("put back");
        fs::set_permissions(path, Permissions::from_mode(0o600)).expect("mode");
    };
    restore(&credentials, &own[1]);

    let other = tempfile::tempdir().expect("a folder");
    drop(service(&settings(other.path())).await.expect("another service"));
    fs::copy(other.path().join("data/master.key"), &master).expect("copied");
    let sentence = service(&first).await.expect_err("another's key");
    assert!(sentence.contains("is not the key file that this log was begun with"), "{sentence}");
    let (code, out, err) = run(folder.path(), &["check"]);
    let wrong: Vec<&str> = out.lines().filter(|line| line.starts_with("FAIL")).collect();
    let line = "FAIL  keys       ./data/master.key is not the key file that this log was begun with (SQLite at \
                ./data/chancery.db): name the right one with --master-key";
    assert_eq!((code, wrong, err.as_str()), (Some(1), vec![line], ""), "{out}");

    restore(&master, &own[0]);
    fs::set_permissions(&master, Permissions::from_mode(0o640)).expect("mode");
    let sentence = service(&first).await.expect_err("open to others");
    assert!(sentence.starts_with("others may read the key file"), "{sentence}");
    fs::set_permissions(&master, Permissions::from_mode(0o600)).expect("mode");
    service(&first).await.expect("all is well again");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_prints_a_line_for_each_thing_and_fails_when_one_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |out: &str, name: &str| {
        let found = out.lines().find(|line| line.split_whitespace().nth(1) == Some(name));
        found.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
    };
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!((code, err.as_str()), (Some(1), ""));
    assert!(line(&out, "database").starts_with("FAIL database there is no database at ./data/chancery.db"), "{out}");
    assert_eq!(line(&out, "keys"), "- keys without a database");
    assert!(line(&out, "disk").starts_with("FAIL disk ./data: "), "{out}");

    let (database, app) = service(&settings(folder.path())).await.expect("a service");
    register(&app).await;
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let names: Vec<_> = out.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let all = [
        "database",
        "role",
        "keys",
        "log",
        "ledger",
        "models",
        "jobs",
        "clock",
        "disk",
        "mail",
        "sms",
        "templates",
        "domains",
        "privacy",
    ];
    assert_eq!(names, all, "{out}");
    assert!(out.lines().all(|line| line.starts_with("ok ")), "{out}");
    assert_eq!(line(&out, "mail"), "ok mail no mail server: mails are shown at /dev/mail");
    let sms = "ok sms no gateway: messages are shown at /dev/sms; 0 of 5000 messages of the day were sent";
    assert_eq!(line(&out, "sms"), sms);
    let head = app.store.backend().head().await.expect("a head");
    let newest = format!("ok log {}, epoch {1}, newest event {1}.{2}.", head.log, head.epoch, head.position.0);
    assert!(line(&out, "log").starts_with(&newest), "{out}");
    assert!(line(&out, "ledger").starts_with("ok ledger 0 destroyed keys in "), "{out}");
    assert_eq!(
        line(&out, "privacy"),
        format!("ok privacy the statement has the version {}", app.settings.privacy_version)
    );

    assert_eq!(line(&out, "models"), "ok models none has begun: 'chancery serve' moves them");
    let cursor = |position: i64, error: &'static str| {
        sql("INSERT INTO projection_cursors (name, position, error) VALUES ('activity_v1', $1, $2) \
             ON CONFLICT (name) DO UPDATE SET position = excluded.position, error = excluded.error")
        .bind(position)
        .bind(error)
    };
    for (behind, error, expected) in [
        (0, "", "ok models activity_v1 is up to date"),
        (1000, "", "ok models activity_v1 is 1000 events behind"),
        (1001, "", "FAIL models activity_v1 is 1001 events behind"),
        (0, "unknown", "FAIL models activity_v1 is 0 events behind and halts: unknown"),
    ] {
        database.db.execute(cursor(head.position.0 - behind, error)).await.expect("written");
        let (code, out, _) = run(folder.path(), &["check"]);
        assert_eq!((line(&out, "models").as_str(), code), (expected, Some(i32::from(expected.starts_with("FAIL")))));
    }
    database.db.execute(cursor(head.position.0, "")).await.expect("written");

    // A port that nobody listens on: it was ours and is free again.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    fs::set_permissions(folder.path().join("data/chancery.db"), Permissions::from_mode(0o644)).expect("mode");
    fs::write(folder.path().join("statement"), "We keep your name.").expect("written");
    fs::write(folder.path().join("domains"), "no domain").expect("written");
    let smtp = format!("smtp-cleartext://127.0.0.1:{port}");
    let arguments = ["check", "--smtp", &smtp, "--privacy-statement", "statement", "--disposable-domains", "domains"];
    let (code, out, _) = run(folder.path(), &arguments);
    assert_eq!(code, Some(1), "{out}");
    assert_eq!(line(&out, "role"), "FAIL role others can use the database: run 'chmod 600 ./data/chancery.db'");
    assert!(
        line(&out, "mail").starts_with(&format!("FAIL mail 127.0.0.1 port {port}: the mail server cannot be used")),
        "{out}"
    );
    assert!(
        line(&out, "domains").starts_with("FAIL domains domains: the list of disposable domains cannot be used"),
        "{out}"
    );
    assert_ne!(
        line(&out, "privacy"),
        format!("ok privacy the statement has the version {}", app.settings.privacy_version)
    );
    assert!(line(&out, "privacy").starts_with("ok "), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_names_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, planned, err) = run(folder.path(), &["migrate", "--dry-run"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(planned.starts_with("-- 0001_log\n-- oldest build that may run on it: 1\n"), "{planned}");
    assert!(planned.contains("CREATE TABLE events"), "{planned}");
    let named = |line: &&str| line.starts_with("-- oldest build that may run on it: ");
    let migrations = planned.lines().filter(|line| line.starts_with("-- 00")).count();
    assert_eq!(planned.lines().filter(named).count(), migrations, "each names one: {planned}");
    let last = format!("-- oldest build that may run on it: {}", oldest_build());
    assert_eq!(planned.lines().rfind(named), Some(&*last), "{planned}");
    assert!(!folder.path().join("data").exists(), "nothing was made");
    assert_eq!(run(folder.path(), &["migrate"]).0, Some(1));
    drop(service(&settings(folder.path())).await.expect("a service"));
    let done = "SQLite at ./data/chancery.db is up to date\n".to_owned();
    assert_eq!(run(folder.path(), &["migrate", "--dry-run"]), (Some(0), String::new(), String::new()));
    assert_eq!(run(folder.path(), &["migrate"]), (Some(0), done, String::new()));

    let url = "postgres://chancery@127.0.0.1:1/chancery";
    let (code, _, err) = run(folder.path(), &["migrate", "--database", url]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("chancery: migrating needs the owner of the database"), "{err}");
    let owner = folder.path().join("owner");
    fs::write(&owner, "postgres://chancery:hunter2@127.0.0.1:1/chancery\n").expect("written");
    fs::set_permissions(&owner, Permissions::from_mode(0o600)).expect("mode");
    let arguments = ["migrate", "--database", url, "--owner-url-file", "owner"];
    let (code, _, err) = run(folder.path(), &arguments);
    assert!(
        code == Some(2) && err.starts_with("chancery: database and owner-url-file both name the role chancery"),
        "{err}"
    );
    fs::write(&owner, "postgres://owner:hunter2@127.0.0.1:1/chancery\n").expect("written");
    let (code, _, err) = run(folder.path(), &arguments);
    assert!(code == Some(1) && err.starts_with("chancery: cannot migrate: the database cannot be reached"), "{err}");
    assert!(err.lines().count() == 1 && !err.contains("hunter2"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_items_are_listed_shown_and_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (database, _app) = service(&settings(folder.path())).await.expect("a service");
    let jobs = |arguments: &[&str]| run(folder.path(), &[&["jobs"], arguments].concat());
    let nothing = "nothing waits and nothing is dead\n".to_owned();
    assert_eq!(jobs(&[]), (Some(0), nothing, String::new()));

    let minutes_ago =
        |minutes: u64| SystemClock.now().plus(Duration::from_secs(5)).minus(Duration::from_secs(60 * minutes + 5));
    for (id, position, state, reason) in
        [("i1", 7_i64, "dead", "550 5.1.1"), ("i2", 8, "dead", "552"), ("i3", 9, "waiting", "")]
    {
        let item = sql(
            "INSERT INTO jobs (id, job, position, state, attempts, next_at, lease_until, leased_by, reason, created) \
                        VALUES ($1, 'mail', $2, $3, 4, 0, 0, '', $4, $5)",
        );
        let item =
            item.bind(id).bind(position).bind(state).bind(reason).bind(minutes_ago(90 + position.unsigned_abs()));
        database.db.execute(item).await.expect("stored");
    }
    let (code, out, err) = jobs(&[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let lines: Vec<_> = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let right = [
        "job state items oldest",
        "mail dead 2 1h 38m",
        "mail waiting 1 1h 39m",
        "",
        "Dead; 'chancery jobs requeue' tries them again:",
        "i2 mail event 8 tried 4 times 1h 38m 552",
        "i1 mail event 7 tried 4 times 1h 37m 550 5.1.1",
    ];
    assert_eq!(lines, right);
    let (code, out, _) = jobs(&["show", "i1"]);
    assert!(code == Some(0) && out.contains("reason   550 5.1.1\n") && out.contains("next     never"), "{out}");
    let missing = "chancery: there is no item i9: it may be done\n".to_owned();
    assert_eq!(jobs(&["show", "i9"]), (Some(1), String::new(), missing));

    assert_eq!(jobs(&["requeue", "i1"]), (Some(0), "i1 is tried again\n".to_owned(), String::new()));
    let not_dead = "chancery: there is no dead item i1\n".to_owned();
    assert_eq!(jobs(&["requeue", "i1"]), (Some(1), String::new(), not_dead));
    let all = "dead items that are tried again: 1\n".to_owned();
    assert_eq!(jobs(&["requeue", "--all-dead"]), (Some(0), all, String::new()));
    assert_eq!(admin::dead(&database.db, 9).await.expect("read"), []);
    for arguments in [&["requeue"][..], &["requeue", "i1", "--all-dead"], &["show"]] {
        assert_eq!(jobs(arguments).0, Some(2), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_should_have_been_done_long_ago_fails_the_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let (database, app) = service(&settings(folder.path())).await.expect("a service");
    let (db, now) = (&database.db, SystemClock.now());
    let head = app.store.backend().head().await.expect("the head").position;
    db.execute(sql("INSERT INTO job_floors (job, position) VALUES ('mail', $1)").bind(head)).await.expect("stored");
    let line = || {
        let (_, out, _) = run(folder.path(), &["check"]);
        let line = out.lines().find(|line| line.split_whitespace().nth(1) == Some("jobs"));
        line.unwrap_or_else(|| panic!("no line: {out}")).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    // What is due soon after it was tried seven times, and what was due a while ago, is not late.
    let items = [
        ("i1", 7_i64, now.plus(minutes(5))),
        ("i2", 0, now.minus(minutes(9))),
        ("i3", 8, now.plus(minutes(5))),
        ("i4", 0, now.minus(minutes(11))),
    ];
    let right = [
        "ok jobs nothing is dead or late; 1 wait",
        "ok jobs nothing is dead or late; 2 wait",
        "FAIL jobs mail has 1 that should have been done 10 minutes ago",
        "FAIL jobs mail has 2 that should have been done 10 minutes ago",
    ];
    for ((position, (id, attempts, next_at)), right) in (1_i64..).zip(items).zip(right) {
        let item = sql(
            "INSERT INTO jobs (id, job, position, state, attempts, next_at, lease_until, leased_by, reason, created) \
                        VALUES ($1, 'mail', $2, 'waiting', $3, $4, 0, '', '', 0)",
        );
        let item = item.bind(id).bind(position).bind(attempts).bind(next_at);
        db.execute(item).await.expect("stored");
        assert_eq!(line(), right, "with {id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_timer_is_told_and_goes_on_when_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let (database, _app) = service(&settings(folder.path())).await.expect("a service");
    let timers = |arguments: &[&str]| run(folder.path(), &[&["timers"], arguments].concat());
    assert_eq!(timers(&["status"]).1, "no timer has acted yet\n");

    let rate = Rate { max: 1, window: Duration::from_secs(3600) };
    let now = SystemClock.now();
    rate.take(&database.db, "lapse-registrations", now).await.expect("taken");
    assert_eq!(timers(&["status"]).1, "lapse-registrations  runs, acted 1 times within its rate\n");
    let running = "chancery: no timer lapse-registrations has stopped\n".to_owned();
    assert_eq!(timers(&["resume", "lapse-registrations"]), (Some(1), String::new(), running));
    rate.take(&database.db, "lapse-registrations", now).await.expect("taken");
    let stopped = format!(
        "lapse-registrations  STOPPED at {now}: more than 1 in 3600 s; 'chancery timers resume lapse-registrations' lets it go on\n"
    );
    assert_eq!(timers(&["status"]).1, stopped);
    assert_eq!(
        timers(&["resume", "lapse-registrations"]),
        (Some(0), "lapse-registrations goes on\n".to_owned(), String::new())
    );
    assert_eq!(timers(&["status"]).1, "lapse-registrations  runs, acted 0 times within its rate\n");
}
