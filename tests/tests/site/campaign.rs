//! The end of codes by SMS: what people meet at each stage, and that an account is taken into a stage once, whoever does it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::Timestamp;
use chancery_domain::account::AccountEvent;
use chancery_domain::campaign::{CAMPAIGN_STREAM, CampaignStage, OperatorsWords, Plan, PlanRefusal};
use chancery_domain::values::Language;
use chancery_eventstore::{EventRow, Position, PostgresOptions, Version};
use chancery_service::campaign::administer::Change;
use chancery_service::campaign::status::{CampaignStatus, status_at};
use chancery_tests::seeding::{has_more, people_with_phones};
use chancery_tests::site::{Browser, NUMBER, PASSWORD, Setup, TestSite, World};
use futures::future::{join, join_all};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";
const EVE: &str = "eve@example.org";
const OTHERS_NUMBER: &str = "+32470123457";
const EVES_NUMBER: &str = "+32470123458";

const DAY: Duration = Duration::from_secs(24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);
/// Long enough that another message is sent, and a code is good no more.
const LATER: Duration = Duration::from_secs(240);

fn second() -> Setup {
    Setup { seed: 2, ..Setup::default() }
}

/// Ten days between the stages, the first of which begins at once.
fn plan(now: Timestamp) -> Plan {
    Plan {
        dates: [0, 10, 20, 30].map(|days| now.plus(DAY * days)),
        grace: 7 * 24 * 3600,
        rate: 1_000,
        words: vec![OperatorsWords { language: Language::English, words: "Messages cost us too much.".to_owned() }],
    }
}

async fn start(site: &TestSite) -> u16 {
    site.app.plan_campaign("operator", plan(site.app.now()), "decided").await.unwrap().unwrap()
}

async fn change(site: &TestSite, change: Change) {
    site.app.change_campaign("operator", change, "a reason").await.unwrap().unwrap();
}

/// How it stands, behind which event and when; a replay gives the same numbers.
async fn stands(site: &TestSite) -> (Position, Timestamp, CampaignStatus) {
    let status = site.app.campaign_status().await.unwrap();
    let (head, now) = (site.app.store.backend().head().await.unwrap().position, site.app.now());
    assert_eq!(status, status_at(&site.app.store, head, Some(now)).await.unwrap());
    (head, now, status)
}

/// The accounts at each stage, which a replay counts as well.
async fn told(site: &TestSite) -> BTreeMap<CampaignStage, u64> {
    stands(site).await.2.tally.stages
}

/// The subjects of the mails to somebody that are about the end of SMS.
fn mails(site: &TestSite, to: &str) -> Vec<String> {
    let mails = site.mails.to(to).into_iter().filter(|mail| mail.subject.contains("Codes by SMS end"));
    mails
        .map(|mail| if mail.says("last warning") { "last warning".to_owned() } else { "announced".to_owned() })
        .collect()
}

/// Signs in with the password and a code by SMS, in a browser of their own.
async fn by_sms<'a>(site: &'a TestSite, email: &str, number: &str) -> (Browser<'a>, chancery_tests::site::Page) {
    let mut browser = site.browser_at("198.51.100.9");
    assert_eq!(browser.sign_in(email, PASSWORD).await.path, "/login/verify");
    browser.ask_for_code().await;
    let code = site.sms_code(number).await;
    let page = browser.answer_sms(&code).await;
    (browser, page)
}

async fn from_the_first_word_to_the_last_sign_in(world: World, one: TestSite, two: TestSite) {
    world.let_years_go_by().await;
    one.age().await;
    let mut ada = one.registered(ADA).await;
    ada.add_number(NUMBER).await;
    let mut bob = one.registered(BOB).await;
    bob.add_number(OTHERS_NUMBER).await;
    one.clock.advance(LATER);
    let (mut bob, _) = by_sms(&one, BOB, OTHERS_NUMBER).await;
    let app = bob.add_totp().await;
    one.registered(EVE).await;
    one.settle().await;
    assert!(!one.browser().get("/help/mobile-phone").await.text().contains("They end on"));
    let before = one.app.campaign_status().await.unwrap();
    assert_eq!((before.tally.waiting, before.tally.moved_before), (1, 1));
    assert_eq!(one.app.campaign_status().await.unwrap(), before, "looking changes nothing");
    let mut days = vec![stands(&one).await];

    // Announced: to whoever has nothing else.
    assert_eq!(start(&one).await, 1);
    let refused = two.app.plan_campaign("operator", plan(two.app.now()), "again").await.unwrap();
    assert_eq!(refused, Err(PlanRefusal::GoingOn));
    two.settle().await;
    one.settle().await;
    assert_eq!(mails(&one, ADA), ["announced"]);
    assert!(one.mails.to(ADA).iter().any(|mail| mail.text.contains("/help/mobile-phone\n")), "with its own page");
    assert!(one.mails.to(ADA).last().unwrap().says("Messages cost us too much."));
    assert!(mails(&one, BOB).is_empty() && mails(&one, EVE).is_empty(), "who moved is left alone");
    assert_eq!(told(&two).await, BTreeMap::from([(CampaignStage::Announce, 1)]));
    let announced = one.app.store.backend().head().await.unwrap().position;
    days.push(stands(&one).await);
    let help = two.browser().get("/help/mobile-phone").await.text();
    assert!(help.contains("Messages cost us too much.") && help.contains("They end on"), "{help}");
    one.clock.advance(LATER);
    let mut browser = two.browser_at("198.51.100.1");
    browser.sign_in(ADA, PASSWORD).await;
    let page = browser.get("/login/verify?method=sms").await;
    assert!(page.text().contains("Codes by SMS end on"), "{}", page.text());
    let (mut ada, page) = by_sms(&two, ADA, NUMBER).await;
    assert_eq!(page.path, "/account?done=sms-ends");
    assert!(page.text().contains("Please add one now") && page.body.contains("/account/security/totp"));

    // A number that was begun before is refused after.
    one.clock.advance(DAY * 10 - LATER - MINUTE);
    let mut eve = one.browser_at("198.51.100.2");
    eve.sign_in(EVE, PASSWORD).await;
    assert_eq!(eve.begin_number(EVES_NUMBER).await.path, "/account/security/phone/code");
    let code = one.sms_code(EVES_NUMBER).await;
    one.clock.advance(MINUTE);
    two.settle().await;
    assert!(!one.app.campaign().await.unwrap().takes_new_numbers());
    let page = eve.get("/account/security/phone/code").await;
    let page = eve.submit(&page.form("/account/security/phone/code").with("sms_code", &code)).await;
    assert_eq!(page.path, "/account/security?done=no-new-numbers", "{}", page.text());
    assert_eq!(eve.get("/account/security/phone").await.path, "/account/security?done=no-new-numbers");
    assert!(!eve.get("/account/security").await.body.contains("/account/security/phone\""));
    assert!(one.browser().get("/help/mobile-phone").await.text().contains("No telephone can be added"));

    days.push(stands(&two).await);

    // Paused: nothing begins, however much time goes by; what comes then comes as long after as was planned.
    change(&two, Change::Pause).await;
    one.after(DAY * 15).await;
    assert_eq!(one.app.campaign().await.unwrap().stage(), Some(CampaignStage::NoNewNumbers));
    days.push(stands(&one).await);
    change(&one, Change::Resume).await;
    one.settle().await;
    assert_eq!(mails(&one, ADA), ["announced", "last warning"]);
    assert_eq!(told(&one).await, BTreeMap::from([(CampaignStage::LastWarning, 1)]));
    days.push(stands(&one).await);
    one.after(DAY * 9).await;
    assert_eq!(one.app.campaign().await.unwrap().stage(), Some(CampaignStage::LastWarning));

    // Off: one last sign-in leads straight to another factor.
    two.after(DAY).await;
    one.settle().await;
    assert_eq!(told(&one).await, BTreeMap::from([(CampaignStage::Off, 2)]));
    let tally = one.app.campaign_status().await.unwrap().tally;
    assert_eq!((tally.last_sign_in, tally.recovery_only, tally.moved), (1, 0, 1));
    days.push(stands(&one).await);
    assert_eq!(tally.moved_to, BTreeMap::from([("one-time codes", 1)]));
    assert_eq!(mails(&one, ADA), ["announced", "last warning"]);
    assert!(mails(&one, BOB).is_empty());
    let mut browser = one.browser_at("198.51.100.3");
    let page = browser.sign_in(BOB, PASSWORD).await;
    assert!(!page.text().contains("Mobile Phone + SMS"), "{}", page.text());
    let code = app.code(&one);
    assert_eq!(browser.answer_totp(&code).await.status, StatusCode::OK);
    assert!(browser.get("/account/security").await.text().contains("Ended: codes by SMS"));
    assert!(!ada.is_signed_in().await, "days have gone by");
    let (mut ada, page) = by_sms(&two, ADA, NUMBER).await;
    assert_eq!(page.path, "/account/security", "{}", page.text());
    assert!(page.text().contains("Codes by SMS have ended"), "{}", page.text());
    assert_eq!(ada.get("/account").await.path, "/account/security", "and to nothing else");
    let app = ada.add_totp().await;
    assert_eq!(ada.get("/account").await.path, "/account");
    one.clock.advance(LATER);
    let mut browser = one.browser_at("198.51.100.4");
    let page = browser.sign_in(ADA, PASSWORD).await;
    assert!(!page.text().contains("Mobile Phone + SMS"), "{}", page.text());
    assert_eq!(browser.answer_totp(&app.code(&one)).await.path, "/account");

    // The numbers of any moment before are what they were, whatever came after.
    days.push(stands(&two).await);
    let then = status_at(&one.app.store, announced, None).await.unwrap();
    assert_eq!(then.tally.stages, BTreeMap::from([(CampaignStage::Announce, 1)]));
    assert_eq!((then.tally.moved_before, then.campaign.stage()), (1, Some(CampaignStage::Announce)));
    change(&two, Change::End).await;
    one.settle().await;
    two.settle().await;
    assert_eq!(told(&one).await, BTreeMap::from([(CampaignStage::Off, 2)]), "what is off stays off");
    for (day, (position, at, status)) in days.iter().enumerate() {
        let replayed = status_at(&two.app.store, *position, Some(*at)).await.unwrap();
        assert_eq!(replayed, *status, "day {day}");
    }
    let different = days.iter().enumerate().filter(|(day, (_, _, status))| *day > 0 && days[*day - 1].2 != *status);
    assert_eq!(different.count(), days.len() - 1, "each day has numbers, or a standing, of its own");
    world.assert_clean().await;
}

#[tokio::test]
async fn from_the_first_word_to_the_last_sign_in_on_sqlite() {
    let world = World::sqlite().await;
    let (one, two) = (world.site(Setup::default()).await, world.site(second()).await);
    from_the_first_word_to_the_last_sign_in(world, one, two).await;
}

#[tokio::test]
async fn from_the_first_word_to_the_last_sign_in_on_two_nodes() {
    let (world, fixture) = World::postgres_with_fixture().await;
    let one = world.site(Setup::default()).await;
    let two = world.node(PostgresOptions::new(fixture.service())).await.site(second()).await;
    from_the_first_word_to_the_last_sign_in(world, one, two).await;
}

#[tokio::test]
async fn whoever_lets_the_grace_time_go_by_has_a_recovery_left() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    ada.add_number(NUMBER).await;
    site.settle().await;
    start(&site).await;
    for _ in 0..6 {
        site.after(DAY * 10).await;
    }
    let tally = site.app.campaign_status().await.unwrap().tally;
    assert_eq!((tally.last_sign_in, tally.recovery_only), (0, 1));
    told(&site).await;
    let mut browser = site.browser_at("198.51.100.1");
    let page = browser.sign_in(ADA, PASSWORD).await;
    assert!(!page.text().contains("Mobile Phone + SMS"), "{}", page.text());
    assert!(page.body.contains("/login/lost"), "{}", page.text());
    let page = browser.get("/login/lost").await;
    assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, "/login/lost"));
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_campaign_that_is_ended_early_goes_no_further() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    ada.add_number(NUMBER).await;
    site.settle().await;
    start(&site).await;
    site.settle().await;
    let announced = BTreeMap::from([(CampaignStage::Announce, 1)]);
    assert_eq!(told(&site).await, announced);
    change(&site, Change::End).await;
    let again = site.app.change_campaign("operator", Change::End, "again").await.unwrap();
    assert!(again.is_err(), "it is over");
    for _ in 0..5 {
        site.after(DAY * 10).await;
    }
    assert_eq!(told(&site).await, announced, "what had begun stays, and nothing else begins");
    assert_eq!(site.app.campaign().await.unwrap().stage(), Some(CampaignStage::Announce));
    assert_eq!(mails(&site, ADA), ["announced"]);
    let (mut ada, page) = by_sms(&site, ADA, NUMBER).await;
    assert!(ada.is_signed_in().await, "by SMS as ever: {}", page.text());
    assert_eq!(start(&site).await, 2, "another one may follow");
    site.world().assert_clean().await;
}

/// The event that set the campaign going, and how often each account was told of each stage.
async fn facts(site: &TestSite) -> (EventRow, BTreeMap<(String, CampaignStage), usize>) {
    let backend = site.app.store.backend();
    let cause = backend.read_stream(CAMPAIGN_STREAM, Version(0), 1).await.unwrap().remove(0);
    let mut told = BTreeMap::new();
    for row in backend.read(Position::START, u32::MAX).await.unwrap() {
        if row.event_type == "account.sms_deprecated"
            && let AccountEvent::SmsDeprecated(deprecated) = site.app.store.open_event(&row).await.unwrap()
        {
            *told.entry((row.stream.to_string(), deprecated.stage)).or_default() += 1;
        }
    }
    (cause, told)
}

/// Two nodes, and each of them twice, do all of it at the same moment.
async fn twice_at_once(world: World, one: TestSite, two: TestSite) {
    // More than each pass decides at once, twice over.
    const PEOPLE: u64 = 160;
    world.let_years_go_by().await;
    let alone = (0..PEOPLE).filter(|number| !has_more(*number)).count();
    people_with_phones(&one.app.store, PEOPLE, one.app.now()).await;
    chancery_tests::seeding::skip_to_the_end(world.db()).await;
    let both = join(
        one.app.plan_campaign("operator", plan(one.app.now()), "one"),
        two.app.plan_campaign("operator", plan(two.app.now()), "two"),
    );
    let (first, other) = both.await;
    let planned = [first.unwrap(), other.unwrap()];
    assert_eq!(planned.iter().filter(|planned| planned.is_ok()).count(), 1, "{planned:?}");
    for (stage, concerned) in [(CampaignStage::Announce, alone), (CampaignStage::Off, PEOPLE as usize)] {
        let (cause, _) = facts(&one).await;
        while one.app.campaign().await.unwrap().stage() != Some(stage) {
            let campaign = one.app.campaign().await.unwrap().planned.unwrap();
            let due = campaign.next().unwrap().1;
            one.clock.advance(due.since(one.app.now()));
            let starts = [&one, &two, &one, &two].map(|site| site.app.start_campaign_stage(&cause, &campaign));
            for started in join_all(starts).await {
                started.unwrap();
            }
        }
        let passes = [&one, &two, &one, &two].map(|site| site.app.deprecate_sms(&cause, [0; 32], u32::MAX));
        let told: u32 = join_all(passes).await.into_iter().map(|pass| pass.unwrap().told).sum();
        let (_, facts) = facts(&one).await;
        let of_stage: Vec<_> = facts.iter().filter(|((_, of), _)| *of == stage).map(|(_, count)| *count).collect();
        assert_eq!((of_stage.len(), of_stage.iter().max()), (concerned, Some(&1)), "{told}");
    }
    let stages = one.events().await.into_iter().filter(|row| row.event_type == "campaign.stage_started");
    assert_eq!(stages.count(), 4);
    told(&two).await;
    world.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_is_run_twice_at_once_on_sqlite() {
    let world = World::sqlite().await;
    let (one, two) = (world.site(Setup::default()).await, world.site(second()).await);
    twice_at_once(world, one, two).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_is_run_twice_at_once_on_two_nodes() {
    let (world, fixture) = World::postgres_with_fixture().await;
    let one = world.site(Setup::default()).await;
    let two = world.node(PostgresOptions::new(fixture.service())).await.site(second()).await;
    twice_at_once(world, one, two).await;
}

/// A pause that is acknowledged holds for accounts that were about to be told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_told_after_a_pause_was_acknowledged() {
    let world = World::sqlite().await;
    let site = world.site(Setup::default()).await;
    people_with_phones(&site.app.store, 2_000, site.app.now()).await;
    chancery_tests::seeding::skip_to_the_end(world.db()).await;
    start(&site).await;
    let (cause, _) = facts(&site).await;
    let campaign = site.app.campaign().await.unwrap().planned.unwrap();
    site.app.start_campaign_stage(&cause, &campaign).await.unwrap();
    let head = async || site.app.store.backend().head().await.unwrap().position;
    let (app, cause_of) = (site.app.clone(), cause.clone());
    let pass = tokio::spawn(async move { app.deprecate_sms(&cause_of, [0; 32], u32::MAX).await.unwrap() });
    change(&site, Change::Pause).await;
    let paused = head().await;
    let progress = pass.await.unwrap();
    let late = site.events().await.into_iter().filter(|row| row.position > paused);
    assert_eq!(late.filter(|row| row.event_type == "account.sms_deprecated").count(), 0);
    assert!(!progress.is_over, "it was stopped midway");
    let told_before = facts(&site).await.1.len();
    change(&site, Change::Resume).await;
    let rest = site.app.deprecate_sms(&cause, [0; 32], u32::MAX).await.unwrap();
    assert_eq!(told_before + rest.told as usize, 1_800);
    world.assert_clean().await;
}

/// At the plan's rate and no faster.
#[tokio::test]
async fn no_more_accounts_are_told_within_a_second_than_the_plan_says() {
    let world = World::sqlite().await;
    let site = world.site(Setup::default()).await;
    people_with_phones(&site.app.store, 40, site.app.now()).await;
    chancery_tests::seeding::skip_to_the_end(world.db()).await;
    let slow = Plan { rate: 10, ..plan(site.app.now()) };
    site.app.plan_campaign("operator", slow, "slowly").await.unwrap().unwrap();
    for second in 1..=3 {
        site.settle().await;
        assert_eq!(facts(&site).await.1.len(), 10 * second);
        site.clock.advance(Duration::from_millis(900));
        site.settle().await;
        assert_eq!(facts(&site).await.1.len(), 10 * second, "not yet");
        site.clock.advance(Duration::from_millis(100));
    }
    site.settle().await;
    assert_eq!(facts(&site).await.1.len(), 36, "all who have nothing else");
}
