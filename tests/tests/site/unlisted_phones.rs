//! Telephones of the build that kept no list of them: they are listed by events, and a campaign finds them from then on.

use std::collections::BTreeMap;
use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_domain::campaign::{CampaignStage, Plan};
use chancery_domain::events::{LISTED, READS};
use chancery_eventstore::db::sql;
use chancery_eventstore::verify::Options;
use chancery_service::campaign::status::status_at;
use chancery_tests::environment;
use chancery_tests::seeding::{has_more, people_with_unlisted_phones, skip_to_the_end};
use chancery_tests::site::{NUMBER, TestSite, World, count};
use chancery_workers::jobs::are_listed;
use futures::future::join;

const ADA: &str = "ada@example.org";
const PEOPLE: u64 = 40;
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What every live process is known to read.
fn everyone_reads(sites: [&TestSite; 2], generation: u16) {
    for site in sites {
        site.app.store.readers().hear(generation, Timestamp(i64::MAX));
    }
}

/// As a process finds it that is the first of its build: the job never ran.
async fn forget_the_job(site: &TestSite) {
    site.db.execute(sql("DELETE FROM job_floors WHERE job = 'list-telephones'")).await.unwrap();
}

/// Both nodes do at once all that is due.
async fn settle(one: &TestSite, two: &TestSite) {
    join(one.settle(), two.settle()).await;
}

/// How many the campaign has to do with, by the list; a replay of the log, which needs none, gives the same numbers.
async fn listed(site: &TestSite) -> (u64, u64, BTreeMap<CampaignStage, u64>) {
    let now = site.app.campaign_status().await.unwrap();
    let head = site.app.store.backend().head().await.unwrap().position;
    assert_eq!(now, status_at(&site.app.store, head, Some(site.app.now())).await.unwrap());
    (now.tally.waiting, now.tally.moved_before, now.tally.stages)
}

async fn what_was_left_out_is_listed_and_meets_a_campaign(world: World) {
    world.let_years_go_by().await;
    let (one, two) = world.two_nodes().await;
    one.age().await;
    let mut ada = one.registered(ADA).await;
    ada.add_number(NUMBER).await;
    settle(&one, &two).await;
    people_with_unlisted_phones(&one.app.store, PEOPLE, one.app.now()).await;
    skip_to_the_end(world.db()).await;
    forget_the_job(&one).await;
    assert_eq!(one.app.campaign_status().await.unwrap().tally.waiting, 1, "only who was listed with the telephone");
    let report = world.verify(Options::default()).await;
    let missing = |meaning: &str| meaning.contains("(account with a telephone)") && meaning.contains("is missing");
    assert_eq!(report.divergences.len() as u64, PEOPLE, "{report:#?}");
    assert!(report.divergences.iter().all(|found| missing(&found.meaning)), "{report:#?}");

    // While a process lives that would refuse them, none is listed, and a campaign waits.
    everyone_reads([&one, &two], LISTED - 1);
    let dates = [0, 10, 20, 30].map(|days| one.app.now().plus(DAY * days));
    let plan = Plan { dates, grace: 7 * 24 * 3600, rate: 1_000, words: Vec::new() };
    one.app.plan_campaign("operator", plan, "decided").await.unwrap().unwrap();
    settle(&one, &two).await;
    one.after(SECOND).await;
    assert_eq!(count(&one, "account.telephone_listed").await, 0);
    assert_eq!(one.app.campaign().await.unwrap().stage(), None);
    let head = one.app.store.backend().head().await.unwrap().position;
    assert!(!are_listed(&one.db, head).await.unwrap());

    // When it has ended each is listed once, whoever does it, and however often it is looked for.
    everyone_reads([&one, &two], READS);
    one.clock.advance(SECOND * 60);
    settle(&one, &two).await;
    assert!(are_listed(&two.db, head).await.unwrap());
    assert_eq!(count(&one, "account.telephone_listed").await as u64, PEOPLE);
    world.assert_clean().await;
    forget_the_job(&two).await;
    settle(&one, &two).await;
    assert_eq!(count(&one, "account.telephone_listed").await as u64, PEOPLE, "and whoever was listed before by none");

    // From there on the campaign is theirs.
    one.after(SECOND).await;
    let more = (0..PEOPLE).filter(|number| has_more(*number)).count() as u64;
    let told = BTreeMap::from([(CampaignStage::Announce, PEOPLE - more + 1)]);
    assert_eq!(listed(&one).await, (0, more, told));
    for _ in 0..3 {
        one.after(DAY * 10).await;
        settle(&one, &two).await;
    }
    assert_eq!(listed(&two).await, (0, 0, BTreeMap::from([(CampaignStage::Off, PEOPLE + 1)])));
    assert_eq!(count(&one, "campaign.stage_started").await, 4);
    world.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_left_out_is_listed_and_meets_a_campaign_on_sqlite() {
    what_was_left_out_is_listed_and_meets_a_campaign(World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_left_out_is_listed_and_meets_a_campaign_on_two_nodes() {
    what_was_left_out_is_listed_and_meets_a_campaign(World::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_left_out_is_listed_and_meets_a_campaign_fed_by_nats() {
    what_was_left_out_is_listed_and_meets_a_campaign(World::nats(&environment::nats()).await).await;
}
