//! A backup that is made while people sign in: it keeps none of them from it, and has all that was acknowledged before it
//! began.

use std::sync::mpsc;
use std::thread;

use chancery_tests::served::{Person, Served};
use chancery_tests::site::PASSWORD;
use chancery_tests::smtp::SmtpSink;

use super::{ADA, Safe, facts, registered, said, text, types};

/// People who sign in all the while, each from a browser of their own.
const PEOPLE: usize = 2;
/// How often each of them does at most.
const TIMES: usize = 100;
/// Backups that are made until somebody was let in beside one.
const BACKUPS: usize = 10;

/// Signs in again and again, and tells of each time, as long as anybody listens.
fn signs_in(mut person: Person, tell: &mpsc::Sender<()>) {
    for _ in 0..TIMES {
        let page = person.sign_in(ADA, PASSWORD);
        assert!(page.contains("Ada Lovelace"), "{page}");
        if tell.send(()).is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_beside_people_who_sign_in_has_whatever_was_acknowledged_before_it() {
    let (sink, safe) = (SmtpSink::start().await, Safe::new());
    let service = Served::start(&["--smtp", &sink.url(), "--mail-from", "no-reply@example.org"]);
    let _ada = registered(&service, &sink, "Ada", ADA).await;
    let (data, keys) = (service.folder().join("data"), safe.at("keys"));
    let (tell, told) = mpsc::channel();
    let people: Vec<_> = (0..PEOPLE)
        .map(|_| {
            let (person, tell) = (service.person(), tell.clone());
            thread::spawn(move || signs_in(person, &tell))
        })
        .collect();
    drop(tell);

    // Whoever ends a registration is signed in, too.
    let (mut acknowledged, mut beside) = (1, 0);
    for number in 0..BACKUPS {
        told.recv().expect("people sign in");
        acknowledged += 1 + told.try_iter().count();
        let backup = safe.at(&format!("backup-{number}"));
        let made = Safe::run(&data, &["backup", text(&backup), "--keys-to", text(&keys)]);
        beside = told.try_iter().count();
        assert_eq!(made.status.code(), Some(0), "{}", said(&made));
        let copied = facts(&backup, &["--master-key", text(&keys.join("master.key"))]);
        let held = types(&copied).iter().filter(|name| **name == "account.signed_in").count();
        assert!(held >= acknowledged, "{held} of {acknowledged} sign-ins are in the copy");
        acknowledged += beside;
        if beside > 0 {
            break;
        }
    }
    assert!(beside > 0, "nobody was let in beside a backup");
    drop(told);
    for person in people {
        person.join().expect("everybody was let in each time");
    }
    service.assert_clean(&[]);
}
