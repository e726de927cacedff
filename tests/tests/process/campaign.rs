//! `chancery campaign` beside a running service, from the plan to an end before its time.

use std::fs;
use std::path::Path;

use chancery_service::ports::{Clock as _, SystemClock};
use chancery_tests::nats::until;
use chancery_tests::seeding::{has_more, people_with_phones, skip_to_the_end};
use chancery_tests::served::{Served, log_in};

const PEOPLE: u64 = 40;

/// Adds the accounts to the data of a service that does not run.
async fn seed(data: &Path) {
    let (store, db) = log_in(data).await;
    people_with_phones(&store, PEOPLE, SystemClock.now()).await;
    skip_to_the_end(&db).await;
    store.close().await;
}

fn beside(served: &Served, arguments: &[&str]) -> (Option<i32>, String) {
    let output = served.beside(arguments);
    let said = [&output.stdout[..], &output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

fn refused(served: &Served, arguments: &[&str], why: &str) {
    let (code, said) = beside(served, arguments);
    assert!(code != Some(0) && said.contains(why), "{arguments:?}: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_planned_begun_and_ended_before_its_last_stage() {
    let mut served = Served::start(&[]);
    served.stop();
    seed(&served.folder().join("data")).await;
    served.again().unwrap();
    let end = ["campaign", "end", "--reason", "people need it"];
    refused(&served, &end, "there is no campaign that could be ended");

    let file = served.folder().join("plan.toml");
    let plan = format!(
        "announce = \"{}\"\nno-new-numbers = \"2127-02-01\"\nlast-warning = \"2127-02-15\"\n\
         off = \"2127-03-01\"\ngrace-days = 14\naccounts-a-second = 50\n",
        SystemClock.now()
    );
    fs::write(&file, plan).unwrap();
    let (code, said) = beside(&served, &["campaign", "start", file.to_str().unwrap(), "--reason", "decided"]);
    assert!(code == Some(0) && said.contains("Campaign 1 is in force."), "{said}");
    let alone = (0..PEOPLE).filter(|number| !has_more(*number)).count() as u64;
    let status = || beside(&served, &["campaign", "status"]).1;
    let announced = format!("{alone:>9}  accounts were told: announce");
    until("all are told", async || status().contains(&announced)).await;

    let (code, said) = beside(&served, &end);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the campaign is ended: what has begun stays as it is, in force at once"), "{said}");
    let said = status();
    assert!(said.contains(": ended\n") && said.contains(&announced), "{said}");
    assert!(said.contains(&format!("{:>9}  accounts were told: off", 0)), "{said}");
    refused(&served, &end, "there is no campaign that could be ended");
    refused(&served, &["campaign", "pause", "--reason", "late"], "no campaign is going on");
    refused(&served, &["campaign", "start", "--reason", "late"], "no campaign is paused: name a plan");
    served.stop();
    served.assert_clean(&[]);
}
