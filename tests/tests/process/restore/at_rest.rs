//! A backup that is put back while nothing runs: what the log says of it, and what is refused.

use std::fs;
use std::process::{Child, Stdio};

use chancery_domain::log::KnownHead;
use chancery_eventstore::backup::Manifest;
use chancery_tests::audit::{last_known, last_seen};
use chancery_tests::served::Served;
use chancery_tests::smtp::SmtpSink;
use tempfile::TempDir;

use super::{People, REASON, Safe, facts, said, text, types, verified};

/// A log with a password that was changed after its backup, and nothing running.
async fn backed_up() -> (Safe, TempDir) {
    (backed_up_service().await.0, TempDir::new().unwrap())
}

/// The same, with the service as it was stopped.
async fn backed_up_service() -> (Safe, Served) {
    let (sink, safe) = (SmtpSink::start().await, Safe::new());
    let ledger = safe.at("ledger");
    let mut service = Served::start(&[
        "--smtp",
        &sink.url(),
        "--mail-from",
        "no-reply@example.org",
        "--destroyed-keys",
        text(&ledger),
    ]);
    let mut people = People::before(&service, &sink).await;
    safe.back_up(&service.folder().join("data"), &["--destroyed-keys", text(&ledger)]);
    people.after();
    service.stop();
    (safe, service)
}

/// Where the old history ended, as far as anybody knows: what the operator says, what the data folder remembers, or the
/// backup itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_epoch_names_the_newest_event_that_anybody_knew() {
    let (safe, service) = backed_up_service().await;
    let data = service.folder().join("data");
    let newest = Manifest::read(&safe.at("backup")).unwrap().newest();
    let manifest = KnownHead { epoch: newest.epoch, position: newest.position.0, record: newest.record };
    let seen = last_seen(&data);
    assert!(seen.position > manifest.position, "{seen:?} {manifest:?}");
    let restore = safe.restore();
    let restore: Vec<&str> = restore.iter().map(String::as_str).collect();
    let told = KnownHead { epoch: 1, position: seen.position + 7, record: [0xab; 32] };
    let typed = format!("1.{}.{}", told.position, "ab".repeat(32));

    let elsewhere = TempDir::new().unwrap();
    let [empty, another] = ["empty", "another"].map(|name| elsewhere.path().join(name));
    for (data, besides, expected) in
        [(&another, &["--last-known-head", &typed][..], &told), (&empty, &[], &manifest), (&data, &[], &seen)]
    {
        // The machine that is restored on lost its database and nothing else.
        for name in ["chancery.db", "chancery.db-wal", "chancery.db-shm"] {
            let _ = fs::remove_file(data.join(name));
        }
        let restored = Safe::run(data, &[&restore[..], besides].concat());
        assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
        assert_eq!(last_known(data).await.as_ref(), Some(expected), "{besides:?}");
        verified(data, &[]);
    }
}

/// Whatever moment a restore is killed at, there is no database in its place or the whole one, and the next try goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_killed_anywhere_is_run_again() {
    let (safe, folder) = backed_up().await;
    let restore = safe.restore();
    let restore: Vec<&str> = restore.iter().map(String::as_str).collect();
    let steps = [
        "chancery.db.lock",
        "restoring",
        "restoring/chancery.db",
        "master.key",
        "credentials.key",
        "restoring/chancery.db-wal",
        "restoring/chancery.db-shm",
        "destroyed-keys",
        "chancery.db",
    ];
    let mut killed = 0;
    for (number, step) in steps.into_iter().enumerate() {
        let data = folder.path().join(number.to_string());
        let mut child: Child =
            Safe::command(&data, &restore).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !data.join(step).exists() && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        let _ = child.kill();
        killed += usize::from(child.wait().unwrap().code().is_none());
        if data.join("chancery.db").exists() {
            // It was put in its place as the last step: the whole of it is there.
            Safe::refused(&data, &restore, 1, "there is a database at");
        } else {
            let restored = Safe::run(&data, &restore);
            assert_eq!(restored.status.code(), Some(0), "killed at {step}: {}", said(&restored));
        }
        let facts = facts(&data, &[]);
        assert!(types(&facts).ends_with(&["account.password_destroyed", "log.restored", "log.epoch_begun"]), "{step}");
        verified(&data, &[]);
        // What a kill left behind does no harm to whatever starts then.
        let check = Safe::run(&data, &["check"]);
        assert!(said(&check).contains("ok    ledger"), "{}", said(&check));
    }
    assert!(killed >= steps.len() / 2, "{killed} of {} were killed on their way", steps.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_ledger_the_log_says_so_for_ever() {
    let (safe, folder) = backed_up().await;
    let data = folder.path().join("data");
    let (backup, keys) = (safe.at("backup"), safe.at("keys"));
    let from = [&["restore", text(&backup), "--keys-from", text(&keys), "--no-ledger"], &REASON[..]].concat();
    let restored = Safe::run(&data, &from);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    assert!(said(&restored).contains("without a ledger nobody knows"), "{}", said(&restored));
    let told = said(&Safe::run(&data, &["audit", "replay"]));
    assert!(
        told.contains("The database was put back from a backup without knowing all that had been destroyed"),
        "{told}"
    );
    assert!(types(&facts(&data, &[])).ends_with(&["log.restored_without_ledger", "log.epoch_begun"]));
    verified(&data, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_put_back_is_refused_in_one_line() {
    let (safe, folder) = backed_up().await;
    let data = folder.path().join("data");
    let [backup, keys, ledger] = ["backup", "keys", "ledger"].map(|name| safe.at(name));
    let whole =
        [&["restore", text(&backup), "--keys-from", text(&keys), "--ledger", text(&ledger)], &REASON[..]].concat();
    let besides = |more: &[&'static str]| [&whole[..], more].concat();
    Safe::refused(&data, &["restore", text(&keys), "--reason", "x"], 1, "is no finished backup");
    Safe::refused(&data, &["restore", text(&backup)], 2, "--reason <TEXT>");
    Safe::refused(&data, &besides(&["--last-known-head", "1.2"]), 2, "an event as 'chancery backup' prints it");
    let older = format!("1.1.{}", "ab".repeat(32));
    let older: &'static str = older.leak();
    Safe::refused(&data, &besides(&["--last-known-head", older]), 2, "the backup itself knows a newer event");
    Safe::refused(&data, &besides(&["--database", "postgres://x@127.0.0.1/x"]), 2, "this is a backup of SQLite");
    let keyless = [&["restore", text(&backup), "--ledger", text(&ledger)], &REASON[..]].concat();
    Safe::refused(&data, &keyless, 2, "is missing: name the folder with the backed up keys");

    // Another log's ledger, one that was changed, and one that lacks what the backup itself knows.
    let kept = fs::read_to_string(&ledger).unwrap();
    let log = kept.lines().nth(1).unwrap();
    fs::write(&ledger, kept.replace(log, "log 00000000-0000-0000-0000-000000000007")).unwrap();
    Safe::refused(&data, &whole, 1, "is of the log 00000000-0000-0000-0000-000000000007");
    fs::write(&ledger, format!("{kept}x\n")).unwrap();
    Safe::refused(&data, &whole, 1, "is no ledger of destroyed keys, or its line");
    fs::write(&ledger, &kept).unwrap();

    // The copy lost a byte.
    let (copy, bytes) = (backup.join("chancery.db"), fs::read(backup.join("chancery.db")).unwrap());
    let mut changed = bytes.clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&copy, changed).unwrap();
    Safe::refused(&data, &whole, 1, "is not the file that was backed up");
    fs::write(&copy, &bytes).unwrap();
    assert!(!data.join("chancery.db").exists());
    assert_eq!(Safe::run(&data, &whole).status.code(), Some(0));

    // Backups never lie with the keys, nor take another's place.
    let own = [text(&data.join("destroyed-keys")).to_owned(), text(&folder.path().join("b")).to_owned()];
    let new: &'static str = own[1].clone().leak();
    Safe::refused(&data, &["backup", text(&backup), "--keys-to", text(&keys)], 2, "is not empty");
    Safe::refused(&data, &["backup", new, "--keys-to", new], 2, "the keys must not lie with the backup");
    let within: &'static str = format!("{new}/keys").leak();
    fs::remove_dir_all(new).unwrap();
    Safe::refused(&data, &["backup", new, "--keys-to", within], 2, "the keys must not lie with the backup");
    let again = Safe::run(&data, &["backup", text(&folder.path().join("c")), "--keys-to", text(&keys)]);
    assert_eq!(again.status.code(), Some(0), "the same keys may be there: {}", said(&again));
}
