//! `chancery application`: registered beside a running service, listed, rotated, narrowed and stopped.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use chancery::settings::{Settings, Sources};
use chancery::wiring::{self, Credentials, Opening};
use chancery_domain::application::Scope;
use chancery_eventstore::Position;
use chancery_service::App;
use chancery_service::applications::authenticate::NotAdmitted;
use chancery_service::ports::{SystemClock, SystemRandom};
use chancery_service::secrets::applications::ApplicationSecret;

fn settings(folder: &Path) -> Settings {
    let data = folder.join("data").display().to_string();
    let flags = BTreeMap::from([("data", data.into()), ("hash_memory", "64KiB".to_owned().into())]);
    Settings::load(&Sources { flags, folder: folder.to_owned(), ..Sources::default() }).expect("right settings")
}

async fn service(settings: &Settings) -> (wiring::Database, Arc<App>) {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let database = wiring::database(settings, Opening::Service).await.expect("a database");
    let store = wiring::store(settings, &database, Opening::Service, Credentials::With, &*clock).await;
    let (store, url) = (store.expect("a log"), settings.public_url_on(8080));
    let app = wiring::app(settings, store, &url, settings.hash_pool(), clock, random).await.expect("an app");
    let proposed = app.propose_policy(settings.policy_revision, &settings.policy().expect("right")).await;
    proposed.expect("a policy").expect("in force");
    (database, Arc::new(app))
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.env_clear().env("SUDO_USER", "operator-7").current_dir(folder).stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.arg("application").args(arguments).output().expect("started");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// The secret that a command printed.
fn secret(printed: &str) -> ApplicationSecret {
    let line = printed.lines().find(|line| line.starts_with("chancery_as1_")).expect("a secret");
    ApplicationSecret::parse(line).expect("one of ours")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_lives_beside_a_running_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_database, app) = service(&settings(folder.path())).await;
    let run = |arguments: &[&str]| run(folder.path(), arguments);
    let admitted = async |secret: &ApplicationSecret, scope| app.admit(secret, scope).await.expect("asked").map(|_| ());
    assert_eq!(run(&["list"]).1, "no application is registered\n");
    let register = ["register", "--name", "Room booking", "--scope", "accounts:read,accounts:invite"];
    let (code, printed, errors) = run(&register);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let first = secret(&printed);
    assert_eq!(admitted(&first, Scope::AccountsInvite).await, Ok(()));
    let taken = "chancery: there is an application 'room booking' already\n".to_owned();
    let again = ["register", "--name", "room booking", "--scope", "accounts:read"];
    assert_eq!(run(&again), (Some(1), String::new(), taken));

    let second = secret(&run(&["rotate-secret", "Room booking"]).1);
    assert_eq!(admitted(&first, Scope::AccountsRead).await, Ok(()));
    assert_eq!(run(&["retire-secret", "Room booking"]).0, Some(0));
    assert_eq!(admitted(&first, Scope::AccountsRead).await, Err(NotAdmitted::Unknown));
    let none = "chancery: Room booking has no second secret\n".to_owned();
    assert_eq!(run(&["retire-secret", "Room booking"]), (Some(1), String::new(), none));

    assert_eq!(run(&["set-scopes", "Room booking", "--scope", "accounts:read"]).0, Some(0));
    assert_eq!(admitted(&second, Scope::AccountsInvite).await, Err(NotAdmitted::Scope(Scope::AccountsInvite)));
    let disable = ["disable", "Room booking", "--reason", "the secret leaked"];
    let done = "Room booking is disabled, and what it held open is cut, in force at once\n".to_owned();
    assert_eq!(run(&disable), (Some(0), done, String::new()));
    assert_eq!(admitted(&second, Scope::AccountsRead).await, Err(NotAdmitted::Disabled));
    let listed = run(&["list"]).1;
    let line = listed.lines().nth(1).expect("one application");
    assert!(
        line.starts_with("Room booking ") && line.contains(" disabled ") && line.contains(" accounts:read "),
        "{line}"
    );
    assert_eq!(run(&["enable", "Room booking", "--reason", "rotated"]).0, Some(0));
    assert_eq!(admitted(&second, Scope::AccountsRead).await, Ok(()));

    let rows = app.store.backend().read(Position::START, 100).await.expect("the log");
    let row = rows.iter().find(|row| row.event_type == "application.disabled").expect("an event");
    let details = app.store.open_details(row).await.expect("opened").expect("details");
    assert_eq!(details.note.as_deref(), Some("operator-7: the secret leaked"));
}

#[test]
fn what_cannot_be_used_is_one_line_that_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    for (arguments, word) in [
        (&["register", "--name", "x"][..], "--scope"),
        (&["register", "--name", "x", "--scope", "accounts:write"], "accounts:invite"),
        (&["register", "--name", " ", "--scope", "accounts:read"], "1 to 64"),
        (&["disable", "x"], "--reason"),
        (&["disable", "x", "--reason", ""], "one line"),
        (&[], "chancery --help"),
    ] {
        let (code, printed, errors) = run(folder.path(), arguments);
        assert_eq!((code, printed.as_str(), errors.lines().count()), (Some(2), "", 1), "{arguments:?}: {errors}");
        assert!(errors.contains(word), "{errors}");
    }
    let (code, _, errors) = run(folder.path(), &["list"]);
    assert_eq!((code, errors.lines().count()), (Some(1), 1));
}
