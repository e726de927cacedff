//! A machine is lost, and the log is put back from a backup: everything acknowledged before it is there, whatever was
//! destroyed since is destroyed again, and nothing that anybody held of the old epoch is worth anything.

mod at_rest;
mod beside;
mod erased;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chancery_tests::audit::ANOTHER;
use chancery_tests::environment;
use chancery_tests::postgres::{Server, program};
use chancery_tests::served::{OnPostgres, Person, Served};
use chancery_tests::site::{PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;
use serde_json::Value;
use sqlx::Connection as _;
use tempfile::TempDir;

const ADA: &str = "ada@example.org";
const REASON: [&str; 2] = ["--reason", "the machine burnt down"];

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].concat().iter().map(|byte| char::from(*byte)).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What lies on another machine: backups, keys, the ledger.
struct Safe(TempDir);

impl Safe {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program on a data folder.
    fn command(data: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(environment::chancery());
        command.env_clear().args(arguments).arg("--data").arg(data).stdin(Stdio::null());
        command
    }

    fn run(data: &Path, arguments: &[&str]) -> Output {
        Self::command(data, arguments).output().unwrap()
    }

    /// A failure of one line on standard error.
    fn refused(data: &Path, arguments: &[&str], code: i32, words: &str) {
        let output = Self::run(data, arguments);
        let (code_found, err) = (output.status.code(), String::from_utf8(output.stderr).unwrap());
        assert_eq!((code_found, output.stdout.len(), err.lines().count()), (Some(code), 0, 1), "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
    }

    /// Backs up, with whatever the database needs besides.
    fn back_up(&self, data: &Path, besides: &[&str]) -> String {
        let (backup, keys) = (self.at("backup"), self.at("keys"));
        let arguments = [&["backup", text(&backup), "--keys-to", text(&keys)], besides].concat();
        let output = Self::run(data, &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        said(&output)
    }

    /// The arguments of a restore from the safe.
    fn restore(&self) -> Vec<String> {
        let (backup, keys, ledger) = (self.at("backup"), self.at("keys"), self.at("ledger"));
        let from = ["restore", text(&backup), "--keys-from", text(&keys), "--ledger", text(&ledger)];
        from.iter().chain(&REASON).map(ToString::to_string).collect()
    }
}

async fn registered(service: &Served, sink: &SmtpSink, first_name: &str, email: &str) -> Person {
    let mut person = service.person();
    assert_eq!(person.register(first_name, "Lovelace", email), "/check-mail");
    let link = sink.mail_to(email).await.link();
    assert_eq!(person.follow_link(&path_of(&link)), "/account?done=welcome");
    person
}

fn path_of(link: &str) -> String {
    link[link.find("/l/").unwrap()..].trim().to_owned()
}

/// The facts of the log in their order, without what names the epoch.
fn facts(data: &Path, besides: &[&str]) -> Vec<Value> {
    let output = Safe::run(data, &[&["audit", "replay", "--json"], besides].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let line = |line: &str| {
        let mut fact: Value = serde_json::from_str(line).unwrap();
        let fields = fact.as_object_mut().unwrap();
        for field in ["position", "because_of"] {
            fields.remove(field);
        }
        fact
    };
    String::from_utf8(output.stdout).unwrap().lines().map(line).collect()
}

fn types(facts: &[Value]) -> Vec<&str> {
    facts.iter().map(|fact| fact["type"].as_str().unwrap()).collect()
}

fn verified(data: &Path, besides: &[&str]) {
    let output = Safe::run(data, &[&["audit", "verify"], besides].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

/// What the people do: before the backup they have sessions, an open link and its code; after it the link is used, a
/// session is ended, and the password changes.
struct People {
    ada: Person,
    phone: Person,
    stranger: Person,
    link: String,
    code: String,
}

impl People {
    async fn before(service: &Served, sink: &SmtpSink) -> Self {
        let ada = registered(service, sink, "Ada", ADA).await;
        let mut phone = service.person();
        assert!(phone.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
        let mut stranger = service.person();
        sink.clear();
        let form = form_of(&stranger.get("/lost-password"), "/lost-password").solved().with("name", ADA);
        assert_eq!(stranger.post(&form), "/check-mail");
        let mail = sink.mail_to(ADA).await;
        Self { ada, phone, stranger, link: path_of(&mail.link()), code: mail.code() }
    }

    fn after(&mut self) {
        let page = self.phone.get("/account");
        self.phone.submit(&form_of(&page, "/sign-out"));
        assert!(!self.phone.is_signed_in());
        let form = form_of(&self.ada.get(&self.link), &self.link);
        let form = form.with("new_password", ANOTHER).with("confirm_password", ANOTHER);
        assert_eq!(self.ada.post(&form), "/account?done=password-reset");
        assert!(self.ada.sign_in(ADA, ANOTHER).contains("Ada Lovelace"));
    }

    /// Nothing of the old epoch is worth anything, neither what stood at the backup nor what came after it.
    async fn have_nothing(&mut self, service: &Served, sink: &SmtpSink) {
        assert!(!self.ada.is_signed_in(), "a session of the epoch before");
        assert!(!self.phone.is_signed_in(), "a session that was ended after the backup");
        let page = self.stranger.ask("GET", "/check-mail", "");
        assert!(page.status == 303 || !page.text.contains("name=\"code\""), "it waits for nothing: {}", page.text);
        // Who asks again is shown where a code is typed, and the old one is worth nothing there.
        sink.clear();
        let form = form_of(&self.stranger.get("/lost-password"), "/lost-password").solved().with("name", ADA);
        assert_eq!(self.stranger.post(&form), "/check-mail");
        let (new, old) = (sink.mail_to(ADA).await.code(), self.code.clone());
        assert_ne!(new, old);
        let mut typed = |code: &str| {
            let form = form_of(&self.stranger.get("/check-mail"), "/check-mail").with("code", code);
            self.stranger.ask("POST", &form.action, &form.body())
        };
        let refused = typed(&old);
        assert_eq!((refused.status, refused.location.as_str()), (422, ""), "{}", refused.text);
        let taken = typed(&new);
        assert!(taken.status == 303 && taken.location.starts_with("/l/"), "{} {}", taken.status, taken.location);
        for password in [PASSWORD, ANOTHER] {
            assert!(
                !self.ada.sign_in(ADA, password).contains("Ada Lovelace"),
                "{password} was replaced or never known"
            );
        }
        // The link was used after the backup, and asks for another.
        let problem = self.ada.ask("GET", &self.link, "");
        assert_eq!(problem.status, 410, "{}", problem.text);
        sink.clear();
        let again = form_of(&problem.text, "/link/again");
        assert_eq!(self.ada.post(&again), "/check-mail");
        let link = path_of(&sink.mail_to(ADA).await.link());
        assert_ne!(link, self.link);
        assert_eq!(self.ada.follow_link(&link), "/account?done=password-reset");
        let page = self.ada.get("/account");
        assert!(page.contains("Ada Lovelace"), "{page}");
        assert_eq!(page.matches("name=\"session\"").count(), 0, "no other session is listed");
        assert!(service.person().sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_is_lost_and_the_log_comes_back() {
    let (sink, safe) = (SmtpSink::start().await, Safe::new());
    let ledger = safe.at("ledger");
    let arguments = ["--smtp", &sink.url(), "--mail-from", "no-reply@example.org", "--destroyed-keys", text(&ledger)];
    let mut service = Served::start(&arguments);
    let data = service.folder().join("data");
    let mut people = People::before(&service, &sink).await;
    let printed = safe.back_up(&data, &["--destroyed-keys", text(&ledger)]);
    let before = facts(&safe.at("backup"), &["--master-key", text(&safe.at("keys/master.key"))]);
    people.after();
    assert!(ledger.exists());
    service.kill();
    fs::remove_dir_all(&data).unwrap();

    for (name, mode) in
        [("backup", 0o700), ("backup/chancery.db", 0o600), ("keys/master.key", 0o600), ("ledger", 0o600)]
    {
        assert_eq!(fs::metadata(safe.at(name)).unwrap().permissions().mode() & 0o777, mode, "{name}");
    }
    assert!(!safe.at("backup/master.key").exists() && !safe.at("backup/credentials.key").exists());
    // Without the ledger nothing is put back, and nothing is left behind.
    let (backup, keys) = (safe.at("backup"), safe.at("keys"));
    let without = [&["restore", text(&backup), "--keys-from", text(&keys)], &REASON[..]].concat();
    Safe::refused(&data, &without, 2, "name the one of each machine with --ledger");
    assert!(!data.join("chancery.db").exists());

    let restore = safe.restore();
    let restore: Vec<&str> = restore.iter().map(String::as_str).collect();
    let restored = Safe::run(&data, &restore);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    let words = said(&restored);
    assert!(words.contains("destroyed since: 1\n"), "{words}");
    assert!(words.contains("the log is in epoch 2"), "{words}");
    assert!(!data.join("restoring").exists());
    assert_eq!(fs::metadata(data.join("chancery.db")).unwrap().permissions().mode() & 0o777, 0o600);
    verified(&data, &[]);
    let after = facts(&data, &[]);
    assert_eq!(after[..before.len()], before[..], "everything acknowledged before the backup is back");
    let own = ["account.password_destroyed", "log.restored", "log.epoch_begun"];
    assert_eq!(types(&after[before.len()..]), own);
    let correlated = |fact: &Value| fact["correlation"].clone();
    assert!(after[before.len()..].iter().map(correlated).collect::<Vec<_>>().windows(2).all(|two| two[0] == two[1]));
    Safe::refused(&data, &restore, 1, "there is a database at");

    let position = printed.split("newest event: ").nth(1).unwrap().trim();
    assert!(position.starts_with(&format!("1.{}.", before.len())), "{printed}");
    service.again().unwrap();
    people.have_nothing(&service, &sink).await;
    service.stop();
    verified(&data, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_of_postgresql_comes_back() {
    let server = Server::start(&[]).await;
    let (sink, safe) = (SmtpSink::start().await, Safe::new());
    let database = OnPostgres::new(&server, &sink).await;
    let ledger = safe.at("ledger");
    let mut service = database.serve_with(&["--destroyed-keys", text(&ledger)]);
    let data = service.folder().join("data");
    let besides: Vec<&str> = database.arguments().iter().map(String::as_str).collect();
    let mut people = People::before(&service, &sink).await;
    let printed = safe.back_up(&data, &[&besides[..], &["--destroyed-keys", text(&ledger)]].concat());
    assert!(printed.contains("now dump the database into it: pg_dump"), "{printed}");
    let (whole, dump) = (server.url_of(&database.database), server.folder().join("database.dump"));
    server.run(&[&program("pg_dump"), "--format=custom", "--file", text(&dump), &whole]);
    let before = facts(&data, &besides);
    people.after();
    service.kill();
    fs::remove_dir_all(&data).unwrap();
    let maintenance = server.url_of("postgres");
    server.run(&[&program("dropdb"), "--force", "--maintenance-db", &maintenance, &database.database]);
    server.run(&[&program("createdb"), "--maintenance-db", &maintenance, "--template=template0", &database.database]);
    server.run(&[&program("pg_restore"), "--exit-on-error", "--dbname", &whole, text(&dump)]);

    let restore = safe.restore();
    let restore: Vec<&str> = restore.iter().map(String::as_str).chain(besides.iter().copied()).collect();
    // Killed as soon as it has done the first step, and the next; it is run again.
    let mut watch = sqlx::PgConnection::connect(&whole).await.unwrap();
    for step in ["account.password_destroyed", "log.restored"] {
        let mut child = Safe::command(&data, &restore).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let done = "SELECT EXISTS (SELECT FROM chancery.events WHERE event_type = $1)";
        while child.try_wait().unwrap().is_none()
            && !sqlx::query_scalar::<_, bool>(done).bind(step).fetch_one(&mut watch).await.unwrap()
        {}
        let _ = child.kill();
        child.wait().unwrap();
    }
    let restored = Safe::run(&data, &restore);
    let words = said(&restored);
    // The last kill may have come too late.
    assert!(restored.status.code() == Some(0) || words.contains("in epoch 2, and the backup in epoch 1"), "{words}");
    verified(&data, &besides);
    let after = facts(&data, &besides);
    assert_eq!(after[..before.len()], before[..], "everything acknowledged before the backup is back");
    let mut own = types(&after[before.len()..]);
    own.dedup();
    assert_eq!(own, ["account.password_destroyed", "log.restored", "log.epoch_begun"]);
    assert_eq!(types(&after).iter().filter(|name| **name == "account.password_destroyed").count(), 1);
    assert_eq!(types(&after).iter().filter(|name| **name == "log.epoch_begun").count(), 1);
    Safe::refused(&data, &restore, 1, "in epoch 2, and the backup in epoch 1");
    service.again().unwrap();
    people.have_nothing(&service, &sink).await;
    service.stop();
    verified(&data, &besides);
}
