//! Telephones that are sent codes: added, asked, counted once, and what keeps them from being pumped.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::DomainEvent;
use chancery_domain::events::READS;
use chancery_eventstore::Position;
use chancery_eventstore::db::sql;
use chancery_service::mail::Capacity;
use chancery_service::sms::{Message, SmsError, SmsOffer, SmsSender, SmsTransport};
use chancery_service::throttle::{Limit, Limits};
use chancery_tests::environment;
use chancery_tests::site::volatile::copy;
use chancery_tests::site::{Browser, NUMBER, PASSWORD, Setup, TestSite, World, count};
use chancery_workers::Fact;
use chancery_workers::admin;
use chancery_workers::jobs::SendSms;
use chancery_workers::runner::Runner;
use secrecy::ExposeSecret as _;

const ADA: &str = "ada@example.org";

/// Long enough that a code is good no more.
const TOO_LONG: Duration = Duration::from_secs(240);
/// Long enough that another message is sent.
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

/// Somebody who has an account and a telephone, and a moment later.
async fn registered_with_phone<'a>(site: &'a TestSite, email: &str, number: &str) -> Browser<'a> {
    let mut browser = site.registered(email).await;
    browser.add_number(number).await;
    site.clock.advance(TOO_LONG);
    browser
}

/// Somebody who knows the password, in a browser at this address, to whose telephone a code is sent.
async fn asks_for_code<'a>(site: &'a TestSite, address: &str) -> Browser<'a> {
    let mut browser = site.browser_at(address);
    browser.sign_in(ADA, PASSWORD).await;
    browser.ask_for_code().await;
    browser
}

async fn added_and_used(world: World) {
    let (one, two) = world.two_nodes().await;
    one.age().await;
    let mut ada = one.registered(ADA).await;
    let before = ada.cookies.clone();
    let page = ada.begin_number("+32 470 12-34-56").await;
    assert_eq!(page.path, "/account/security/phone/code");
    assert!(page.text().contains("+32470123456"), "{}", page.text());
    let messages = two.messages_to(NUMBER).await;
    let [message] = &messages[..] else { panic!("{messages:?}") };
    let code = one.sms_code(NUMBER).await;
    assert_eq!(message.lines().last(), Some(format!("@login.example.org #{code}").as_str()));
    assert!(code.len() == 11 && code.split('-').all(|group| group.len() == 3), "{code}");
    let wrong = ada.finish_number("AAA-AAA-AAA").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A wrong one is typed again without another message; on another node too, and as people type.
    let page = ada.on(&two).finish_number(&code.to_lowercase().replace('-', " ")).await;
    assert!(page.path.starts_with("/account/security?done=added"), "{}: {}", page.path, page.text());
    assert_eq!(ada.cookies, before);
    assert!(!ada.is_signed_in().await, "the first device lifts the session, under another secret");

    one.clock.advance(TOO_LONG);
    let mut elsewhere = two.browser_at("198.51.100.1");
    let page = elsewhere.sign_in(ADA, PASSWORD).await;
    assert_eq!(page.path, "/login/verify");
    let text = page.text();
    let (sms, password) = (text.find("Mobile Phone + SMS").unwrap(), text.find("Password").unwrap());
    assert!(sms < password && text.contains("Soon deprecated"), "{text}");
    let page = elsewhere.get("/login/verify?method=sms").await;
    assert!(page.text().contains("number ending in 456") && !page.text().contains("0123456"), "{}", page.text());
    assert!(page.find_form("/login/verify").is_none(), "nothing can be typed yet");
    assert_eq!(one.messages_to(NUMBER).await.len(), 1, "a page that is looked at sends nothing");
    assert_eq!(elsewhere.ask_for_code().await.path, "/login/verify?method=sms");
    assert_eq!(elsewhere.on(&one).ask_for_code().await.path, "/login/verify?method=sms");
    assert_eq!(one.messages_to(NUMBER).await.len(), 2, "a moment later not once more");
    let old = elsewhere.answer_sms(&code).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY, "the code that added it");
    let code = one.sms_code(NUMBER).await;
    let mut elsewhere = elsewhere.on(&one);
    let page = elsewhere.answer_sms(&code).await;
    assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, "/account"));
    let page = elsewhere.get("/account/security").await;
    assert!(page.text().contains("Mobile phone Mobile Phone + SMS Number ending in 456"), "{}", page.text());
    one.settle().await;
    world.assert_clean().await;
}

#[tokio::test]
async fn a_telephone_is_added_and_asked_on_sqlite() {
    added_and_used(World::sqlite().await).await;
}

#[tokio::test]
async fn a_telephone_is_added_and_asked_on_two_nodes() {
    added_and_used(World::postgres().await).await;
}

#[tokio::test]
async fn a_telephone_is_added_and_asked_fed_by_nats() {
    added_and_used(World::nats(&environment::nats()).await).await;
}

#[tokio::test]
async fn the_code_stands_in_no_event_no_row_and_no_mail() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    ada.add_number(NUMBER).await;
    site.clock.advance(HALF_A_MINUTE);
    asks_for_code(&site, "198.51.100.1").await;
    let codes: Vec<String> = [site.sms_code(NUMBER).await, site.messages_to(NUMBER).await[1].clone()]
        .iter()
        .map(|text| text.rsplit('#').next().unwrap().replace('-', "").to_lowercase())
        .collect();
    for row in site.app.store.backend().read(Position::START, 1000).await.unwrap() {
        let fact: Fact = match site.app.store.open_event(&row).await {
            Ok(fact) => fact,
            Err(_) => continue,
        };
        let told = fact.stored(READS).subject.unwrap_or_default();
        let told = String::from_utf8_lossy(&told).replace('-', "").to_lowercase();
        assert!(codes.iter().all(|code| !told.contains(code)), "{}", row.event_type);
    }
    for mail in site.mails.to(ADA) {
        let told = mail.text.replace('-', "").to_lowercase();
        assert!(codes.iter().all(|code| !told.contains(code)), "{told}");
    }
    let rows = copy(&site).await.0;
    assert!(!rows.is_empty());
    for (kind, _, sealed, _) in rows {
        let row = String::from_utf8_lossy(&sealed).replace('-', "").to_lowercase();
        assert!(codes.iter().all(|code| !row.contains(code)), "a row of kind {kind}");
    }
}

#[tokio::test]
async fn one_code_opens_one_session_whatever_becomes_of_the_rows() {
    let site = TestSite::new().await;
    registered_with_phone(&site, ADA, NUMBER).await;
    let mut browser = asks_for_code(&site, "198.51.100.1").await;
    let code = site.sms_code(NUMBER).await;
    let page = browser.get("/login/verify?method=sms").await;
    let form = page.form("/login/verify").with("sms_code", &code);
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let before = count(&site, "account.signed_in").await;
    let sent = futures::future::join(one.post(&form), two.post(&form)).await;
    assert!(sent.0.status == StatusCode::SEE_OTHER || sent.1.status == StatusCode::SEE_OTHER);
    assert_eq!(count(&site, "account.signed_in").await, before + 1);
    // A new step of the same browser, whose row of codes is still there: the account remembers the challenge.
    browser.sign_in(ADA, PASSWORD).await;
    let page = browser.answer_sms(&code).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("used already"), "{}", page.text());
    // Nobody else's browser takes it.
    let mut stranger = asks_for_code(&site, "203.0.113.1").await;
    assert_eq!(stranger.answer_sms(&code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(count(&site, "account.signed_in").await, before + 1);
}

#[tokio::test]
async fn a_code_is_good_for_four_minutes_and_the_one_before_it_too() {
    let site = TestSite::new().await;
    registered_with_phone(&site, ADA, NUMBER).await;
    let mut browser = asks_for_code(&site, "198.51.100.1").await;
    let first = site.sms_code(NUMBER).await;
    site.clock.advance(TOO_LONG - Duration::from_secs(1));
    browser.ask_for_code().await;
    let second = site.sms_code(NUMBER).await;
    assert_ne!(first, second);
    site.clock.advance(Duration::from_secs(1));
    let page = browser.answer_sms(&first).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "its time is over");
    site.clock.advance(TOO_LONG);
    browser.sign_in(ADA, PASSWORD).await;
    browser.ask_for_code().await;
    let form = browser.get("/login/verify?method=sms").await.form("/login/verify");
    let form = form.with("sms_code", &site.sms_code(NUMBER).await);
    site.clock.advance(TOO_LONG);
    let page = browser.submit(&form).await;
    assert!(page.find_form("/login/verify").is_none() && page.text().contains("too long"), "{}", page.text());
    browser.ask_for_code().await;
    let second = site.sms_code(NUMBER).await;
    site.clock.advance(HALF_A_MINUTE);
    browser.ask_for_code().await;
    assert_eq!(browser.answer_sms(&second).await.path, "/account", "a late message is worth as much");
}

#[tokio::test]
async fn a_telephone_is_added_by_whoever_holds_it_and_sits_in_that_session() {
    let site = TestSite::new().await;
    let (mut ada, mut eve) = (site.registered(ADA).await, site.registered("eve@example.org").await);
    ada.begin_number(NUMBER).await;
    let code = site.sms_code(NUMBER).await;
    // Begun in another session, the code is nobody's.
    assert_eq!(eve.get("/account/security/phone/code").await.path, "/account/security/phone?done=ended");
    eve.begin_number("+32470999999").await;
    assert_eq!(eve.finish_number(&code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = ada.get("/account/security/phone/code").await;
    let form = page.form("/account/security/phone/code").with("sms_code", &code);
    site.clock.advance(TOO_LONG);
    assert_eq!(ada.submit(&form).await.path, "/account/security/phone?done=ended");
    assert_eq!(count(&site, "account.factor_added").await, 0);
    // The same number twice is one too many; another one is not.
    ada.add_number(NUMBER).await;
    site.clock.advance(HALF_A_MINUTE);
    let page = ada.begin_number(NUMBER).await;
    assert!(page.text().contains("belongs to your account already"), "{}", page.text());
    ada.add_number("+32470999998").await;
    assert_eq!(count(&site, "account.factor_added").await, 2);
}

#[tokio::test]
async fn a_stolen_cookie_adds_no_telephone() {
    let site = TestSite::new().await;
    let mut ada = registered_with_phone(&site, ADA, NUMBER).await;
    site.clock.advance(Duration::from_secs(600));
    let page = ada.get("/account/security/phone").await;
    assert!(page.path.starts_with("/account/verify?"), "{}", page.path);
    // More is proved by the telephone that is there.
    let target = "/account/verify?target=%2Faccount%2Fsecurity%2Fphone&method=sms";
    let page = ada.get(target).await;
    let page = ada.submit(&page.form("/account/verify/sms")).await;
    assert!(page.path.starts_with("/account/verify?target="), "{}", page.path);
    let code = site.sms_code(NUMBER).await;
    let page = ada.submit(&page.form("/account/verify").with("sms_code", &code)).await;
    assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, "/account/security/phone"));
}

#[tokio::test]
async fn a_wrong_number_is_told_and_nothing_is_sent() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    for (number, told) in [
        ("0470 12 34 56", "Begin with +"),
        ("+32 1", "not a telephone number"),
        ("+32 2 299 11 11", "not the number of a mobile phone"),
        ("+33 6 12 34 56 78", "No messages are sent to this country"),
        ("", "Enter the number"),
    ] {
        let page = ada.begin_number(number).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
        assert!(page.text().contains(told), "{number}: {}", page.text());
    }
    site.settle().await;
    assert!(site.messages.list().is_empty());
    assert_eq!(count(&site, "account.sms_code_requested").await, 0);
}

#[tokio::test]
async fn where_no_messages_are_sent_nobody_adds_a_telephone() {
    let setup = Setup { sms: SmsOffer::default(), ..Setup::default() };
    let site = World::sqlite().await.site(setup).await;
    let mut ada = site.registered(ADA).await;
    let page = ada.get("/account/security").await;
    assert!(!page.body.contains("/account/security/phone"), "{}", page.text());
    let page = ada.get("/account/security/phone").await;
    assert_eq!(page.path, "/account/security?done=no-messages");
}

/// Each limit for itself, the others out of reach.
fn only(limit: impl Fn(&mut Limits)) -> Setup {
    let mut limits = Limits::default();
    for each in [&mut limits.sms_number, &mut limits.sms_account, &mut limits.sms_network, &mut limits.sms_range] {
        each.max = 1000;
    }
    limit(&mut limits);
    Setup { limits, ..Setup::default() }
}

fn two_of(limit: Limit) -> Limit {
    Limit { max: 2, ..limit }
}

#[tokio::test]
async fn messages_are_limited_by_number_account_network_range_and_day() {
    let setups = [
        ("number", only(|limits| limits.sms_number = two_of(limits.sms_number))),
        ("account", only(|limits| limits.sms_account = two_of(limits.sms_account))),
        ("network", only(|limits| limits.sms_network = two_of(limits.sms_network))),
        ("range", only(|limits| limits.sms_range = two_of(limits.sms_range))),
        ("day", only(|limits| limits.sms_day = two_of(limits.sms_day))),
    ];
    for (name, setup) in setups {
        let site = World::sqlite().await.site(setup).await;
        site.age().await;
        let (mut ada, beside) = (site.registered(ADA).await, site.registered("eve@example.org").await);
        let mut eve = site.browser_at("203.0.113.9");
        eve.cookies = beside.cookies.clone();
        // What each has in common with the two before: the number, the account, the network, the range, nothing.
        let (mut third, number) = match name {
            "number" => (eve.clone(), "+32470123456"),
            "account" => (ada.clone(), "+4915123456789"),
            "network" => (beside, "+4915123456789"),
            "range" => (eve.clone(), "+32470129999"),
            _ => (eve.clone(), "+4915123456789"),
        };
        for _ in 0..2 {
            let page = ada.begin_number("+32470123456").await;
            assert_eq!(page.path, "/account/security/phone/code", "{name}");
            site.clock.advance(HALF_A_MINUTE);
        }
        let page = third.begin_number(number).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        // What they have not in common stays possible, but for the budget.
        let page = eve.begin_number("+4915199999999").await;
        let expected = if name == "day" { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
        assert_eq!(page.status, expected, "{name}");
        site.settle().await;
        let sent = site.messages.list().len();
        assert_eq!(sent, if name == "day" { 2 } else { 3 }, "{name}");
    }
}

#[tokio::test]
async fn a_stranger_who_knows_the_password_does_not_use_up_the_owners_messages() {
    let site = World::sqlite().await.site(only(|limits| limits.sms_account = two_of(limits.sms_account))).await;
    site.age().await;
    let mut ada = registered_with_phone(&site, ADA, NUMBER).await;
    let mut stranger = site.browser_at("203.0.113.1");
    stranger.sign_in(ADA, PASSWORD).await;
    let mut sent = 0;
    while stranger.ask_for_code().await.status != StatusCode::TOO_MANY_REQUESTS {
        sent += 1;
        assert!(sent < 5, "they are limited");
        site.clock.advance(HALF_A_MINUTE);
    }
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.ask_for_code().await.path, "/login/verify?method=sms");
    assert_eq!(ada.answer_sms(&site.sms_code(NUMBER).await).await.path, "/account");
}

#[tokio::test]
async fn a_stranger_who_adds_the_owners_number_does_not_use_up_the_owners_messages() {
    let site = World::sqlite().await.site(only(|limits| limits.sms_number = two_of(limits.sms_number))).await;
    site.age().await;
    let mut ada = registered_with_phone(&site, ADA, NUMBER).await;
    let mut eve = site.registered("eve@example.org").await;
    let mut sent = 0;
    while eve.begin_number(NUMBER).await.status != StatusCode::TOO_MANY_REQUESTS {
        sent += 1;
        assert!(sent < 5, "they are limited");
        site.clock.advance(HALF_A_MINUTE);
    }
    ada.sign_out().await;
    for mut browser in [ada, site.browser_at("203.0.113.1")] {
        browser.sign_in(ADA, PASSWORD).await;
        assert_eq!(browser.ask_for_code().await.path, "/login/verify?method=sms");
        assert_eq!(browser.answer_sms(&site.sms_code(NUMBER).await).await.path, "/account");
    }
}

/// A gateway that says what it is told to say.
struct Scripted(std::sync::Mutex<Vec<Result<(), SmsError>>>, std::sync::Mutex<Vec<(String, String)>>);

#[async_trait::async_trait]
impl SmsTransport for Scripted {
    async fn send(&self, message: &Message) -> Result<(), SmsError> {
        self.1.lock().unwrap().push((message.id.clone(), message.text.expose_secret().to_owned()));
        self.0.lock().unwrap().remove(0)
    }

    fn capacity(&self) -> Capacity {
        Capacity { at_once: 1, within: Duration::from_secs(10) }
    }
}

#[tokio::test]
async fn a_message_is_sent_again_as_it_was_and_given_up_when_nobody_could_type_its_code() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    site.settle().await;
    let gateway = std::sync::Arc::new(Scripted(
        std::sync::Mutex::new(vec![
            Err(SmsError::Unavailable { reason: "away".to_owned() }),
            Err(SmsError::Retry { status: 503 }),
            Ok(()),
            Err(SmsError::Refused { status: 400 }),
        ]),
        std::sync::Mutex::default(),
    ));
    let job = std::sync::Arc::new(SendSms::new(Some(SmsSender::new(std::sync::Arc::clone(&gateway) as _))));
    let runner = Runner::new(std::sync::Arc::clone(&site.app), site.db.clone(), job, "worker-9".to_owned());
    let feed = site.feed("sms");
    let dead = async || -> Vec<String> {
        let rows: Vec<(String,)> = site
            .db
            .fetch(sql("SELECT reason FROM jobs WHERE job = 'sms' AND state = 'dead' ORDER BY position"))
            .await
            .unwrap();
        rows.into_iter().map(|(reason,)| reason).collect()
    };
    ada.begin_number(NUMBER).await;
    while runner.dispatch(&*feed).await.unwrap() > 0 {}
    for pause in [0, 5, 10] {
        site.clock.advance(Duration::from_secs(pause));
        assert_eq!(runner.execute().await.unwrap(), 1);
    }
    let sent = std::mem::take(&mut *gateway.1.lock().unwrap());
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|again| again == &sent[0]), "the same message each time");
    assert_eq!(runner.execute().await.unwrap(), 0);
    assert_eq!(dead().await, Vec::<String>::new());

    // Refused for good: somebody has to look at it.
    site.clock.advance(HALF_A_MINUTE);
    ada.begin_number(NUMBER).await;
    while runner.dispatch(&*feed).await.unwrap() > 0 {}
    runner.execute().await.unwrap();
    assert_eq!(dead().await, ["refused 400"]);
    assert!(admin::counts(&site.db).await.unwrap().iter().any(|count| count.job == "sms"));

    // Nobody could type it any more.
    site.clock.advance(HALF_A_MINUTE);
    ada.begin_number(NUMBER).await;
    while runner.dispatch(&*feed).await.unwrap() > 0 {}
    site.clock.advance(TOO_LONG);
    runner.execute().await.unwrap();
    assert_eq!(dead().await, ["refused 400", "too-late"]);
    assert!(gateway.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_telephone_that_is_removed_or_suspended_is_sent_nothing_and_lets_nobody_in() {
    let site = TestSite::new().await;
    let mut ada = registered_with_phone(&site, ADA, NUMBER).await;
    let mut browser = asks_for_code(&site, "198.51.100.1").await;
    let code = site.sms_code(NUMBER).await;
    let page = browser.get("/login/verify?method=sms").await;
    let form = page.form("/login/verify").with("sms_code", &code);
    // In flight while its owner removes it.
    let page = ada.device_page().await;
    assert_eq!(ada.submit(&page.form("/account/security/device/remove")).await.path, "/account/security?done=removed");
    let page = browser.submit(&form).await;
    assert_ne!(page.path, "/account");
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn guesses_are_limited() {
    let site = TestSite::new().await;
    registered_with_phone(&site, ADA, NUMBER).await;
    let mut browser = asks_for_code(&site, "198.51.100.1").await;
    let mut tries = 0;
    while browser.answer_sms("AAA-AAA-AAA").await.status == StatusCode::UNPROCESSABLE_ENTITY {
        tries += 1;
    }
    assert!((1..=10).contains(&tries), "{tries}");
    assert_eq!(browser.answer_sms(&site.sms_code(NUMBER).await).await.status, StatusCode::TOO_MANY_REQUESTS);
}
