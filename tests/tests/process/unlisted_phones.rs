//! The binary on a log whose accounts got their telephones by a build that kept no list of them.

use std::fs;
use std::path::Path;

use chancery_eventstore::db::sql;
use chancery_service::ports::{Clock as _, SystemClock};
use chancery_tests::generator::uid;
use chancery_tests::seeding::{has_more, people_with_unlisted_phones};
use chancery_tests::served::{Served, log_in};

const PEOPLE: u64 = 40;

const PLAN: &str = r#"
announce = "2127-01-10"
no-new-numbers = "2127-02-01"
last-warning = "2127-02-15"
off = "2127-03-01"
grace-days = 14
accounts-a-second = 50
"#;

/// Adds the accounts as that build did, which had no job to list them.
async fn as_it_was_left(data: &Path) {
    let (store, db) = log_in(data).await;
    people_with_unlisted_phones(&store, PEOPLE, SystemClock.now()).await;
    db.execute(sql("DELETE FROM job_floors WHERE job = 'list-telephones'")).await.unwrap();
    store.close().await;
}

fn beside(served: &Served, arguments: &[&str]) -> (Option<i32>, String) {
    let output = served.beside(arguments);
    let said = [&output.stdout[..], &output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_counts_what_is_listed_and_says_while_that_is_not_all() {
    let mut served = Served::start(&[]);
    served.stop();
    as_it_was_left(&served.folder().join("data")).await;
    let file = served.folder().join("plan.toml");
    fs::write(&file, PLAN).unwrap();
    let plan = ["campaign", "plan", file.to_str().unwrap()];
    let found = |alone: u64, more: u64, said: &str| {
        said.contains(&format!("{alone:>9}  accounts have nothing but SMS"))
            && said.contains(&format!("{more:>9}  accounts have something else besides SMS"))
    };

    let (code, said) = beside(&served, &plan);
    assert_eq!(code, Some(0), "{said}");
    assert!(found(0, 0, &said) && said.contains("These are not all"), "{said}");
    let (code, said) = beside(&served, &["audit", "verify"]);
    assert!(code != Some(0) && said.contains("(account with a telephone)"), "{said}");

    served.again().unwrap();
    let more = (0..PEOPLE).filter(|number| has_more(*number)).count() as u64;
    let (code, said) = beside(&served, &plan);
    assert_eq!(code, Some(0), "{said}");
    assert!(found(PEOPLE - more, more, &said) && !said.contains("not all"), "{said}");
    served.stop();
    served.assert_clean(&[]);
    let (_, said) = beside(&served, &["audit", "history", uid(5).as_str()]);
    assert!(said.contains("The account was listed among those with a telephone"), "{said}");
}
