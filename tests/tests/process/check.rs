//! What `chancery check` says of a mail server that answers, and of a clock that is wrong.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chancery_tests::served::Served;
use chancery_tests::smtp::{Offer, SmtpSink};
use chancery_tests::store::postgres::PostgresFixture;

/// Its exit code, its line of this name, and every other that says that something is wrong.
fn check(served: &Served, arguments: &[&str], name: &str) -> (Option<i32>, Vec<String>) {
    let output = served.beside([&["check"], arguments].concat());
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(err, "");
    let lines = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let told = lines.filter(|words| words.first() == Some(&"FAIL") || words.get(1) == Some(&name));
    (output.status.code(), told.map(|words| words.join(" ")).collect())
}

/// Writes a file that only its owner may read; its path.
fn written(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_is_tried_as_far_as_its_sign_in_and_gets_no_mail() {
    let credentials = Some(("chancery".to_owned(), "hunter2".to_owned()));
    let sink = SmtpSink::start_with(Offer { starttls: true, credentials, ..Offer::default() }).await;
    let served = Served::start(&[]);
    let folder = served.folder();
    let (url, authority) = (sink.url(), written(&folder, "authority", sink.certificate()));
    let smtp = ["--smtp", &url, "--smtp-ca", &authority, "--smtp-user", "chancery", "--smtp-password-file"];
    let with = |password: &str| {
        let file = written(&folder, "password", password);
        check(&served, &[&smtp[..], &[file.as_str()]].concat(), "mail")
    };
    let place = format!("localhost port {}", sink.addr().port());

    assert_eq!(with("hunter2"), (Some(0), vec![format!("ok mail {place} takes mails from us")]));
    let (code, told) = with("hunter3");
    let start = format!("FAIL mail {place}: the mail server cannot be used: signing in: ");
    assert!(code == Some(1) && told.len() == 1 && told[0].starts_with(&start), "{code:?} {told:?}");
    let commands = sink.commands();
    assert!(!commands.iter().any(|command| command.starts_with("MAIL")), "{commands:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_differs_from_the_databases_is_told_and_keeps_a_service_from_starting() {
    let (postgres, folder) = (PostgresFixture::new().await, tempfile::tempdir().unwrap());
    let config = written(folder.path(), "chancery.toml", &format!("database = \"{}\"\n", postgres.url()));
    let mut served = Served::start(&["--config", &config]);
    let (code, told) = check(&served, &["--config", &config], "clock");
    let right = told.len() == 1 && told[0].starts_with("ok clock within ");
    assert!(code == Some(0) && right, "{code:?} {told:?}");
    served.stop();

    // A test cannot set the machine's clock, but in a database of its own it can have another function tell the time.
    let ahead = "ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO true_time;
        CREATE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql
        AS 'SELECT pg_catalog.true_time() + interval ''1 hour'''";
    postgres.run(ahead.to_owned()).await.unwrap();
    let (code, told) = check(&served, &["--config", &config], "clock");
    let wrong = told.len() == 1
        && told[0].starts_with("FAIL clock it differs from the database's by ")
        && told[0].ends_with(" s: above 5 s the service refuses commands");
    assert!(code == Some(1) && wrong, "{code:?} {told:?}");
    let refused = served.again().unwrap_err();
    assert!(refused.contains("this machine's clock and the database's differ by "), "{refused}");
}
