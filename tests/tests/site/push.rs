//! An app that is told that a request waits, though it is closed: by a push service of the test's own, which checks who
//! writes and reads what its browser would.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_eventstore::db::sql;
use chancery_service::outgoing::{Guard, Opened, Outgoing};
use chancery_service::push::PushSender;
use chancery_tests::environment;
use chancery_tests::site::{Browser, PASSWORD, PIN, Phone, PushService, Setup, TestSite, World};
use chancery_workers::admin::dead;
use serde_json::json;

const ADA: &str = "ada@example.org";
const TWO_MINUTES: Duration = Duration::from_secs(120);

fn setup(seed: u64) -> Setup {
    let guard = Guard::new(vec![Opened::Host("localhost".to_owned())], true);
    Setup { push: Some(PushSender::new(Outgoing::new(guard, None).expect("a client"))), seed, ..Setup::default() }
}

async fn site() -> TestSite {
    site_on(World::sqlite().await).await
}

async fn site_on(world: World) -> TestSite {
    let site = world.site(setup(1)).await;
    site.age().await;
    site
}

/// Somebody with an app that wants to be told.
async fn told_person(site: &TestSite, service: &PushService) -> (Phone, String) {
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    let answer = site.device_message("requests", phone.asks_at(site.millis())).await;
    let key = answer.text_of("push");
    let kept = site.device_message("push", phone.subscribes(site.millis(), service, &key)).await;
    assert_eq!((kept.status, kept.json), (StatusCode::OK, json!({ "state": "kept" })));
    (phone, key)
}

/// A browser that the account does not know, on its page that waits.
async fn asks<'a>(site: &'a TestSite, address: &str) -> Browser<'a> {
    let mut stranger = site.browser_at(address);
    stranger.sign_in(ADA, PASSWORD).await;
    stranger.ask_phones().await;
    site.settle().await;
    stranger
}

async fn told_in_words_that_name_nobody_and_only_the_browser_can_read(world: World) {
    let (site, service) = (site_on(world).await, PushService::start().await);
    let (phone, key) = told_person(&site, &service).await;
    let mut stranger = asks(&site, "198.51.100.1").await;
    let told = service.told();
    assert_eq!(told.len(), 1);
    let request = phone.request(&site).await;
    assert_eq!(
        told[0].content,
        json!({ "request": request, "title": "Chancery", "text": "Somebody wants to sign in", "language": "en" })
    );
    assert_eq!(told[0].header("content-encoding"), "aes128gcm");
    assert_eq!((told[0].header("ttl").as_str(), told[0].header("urgency").as_str()), ("120", "high"));
    let topic = told[0].header("topic");
    assert!(topic.len() == 32 && topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    // Who writes: signed for this push service, by the key that the app subscribed for, for minutes.
    let claims = told[0].claims(&key);
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(service.origin()), &json!(site.public_url)));
    let life = claims["exp"].as_i64().expect("a time") - site.app.now().seconds();
    assert!((1..=3600).contains(&life), "{life} s");
    // Nothing waits for it: the page goes on by the app.
    let page = stranger.get("/login/verify?method=pin").await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(stranger.go_on(&page).await.path, "/account");
    site.settle().await;
    assert_eq!(service.told().len(), 1);
}

#[tokio::test]
async fn a_request_is_told_in_words_that_name_nobody_and_only_the_browser_can_read() {
    told_in_words_that_name_nobody_and_only_the_browser_can_read(World::sqlite().await).await;
}

#[tokio::test]
async fn a_request_is_told_fed_by_nats() {
    told_in_words_that_name_nobody_and_only_the_browser_can_read(World::nats(&environment::nats()).await).await;
}

#[tokio::test]
async fn a_subscription_is_taken_from_the_device_itself_for_allowed_services_only() {
    let (site, service) = (site().await, PushService::start().await);
    let (phone, key) = told_person(&site, &service).await;
    let right = phone.subscribes(site.millis(), &service, &key);
    let mut elsewhere = right.clone();
    elsewhere["endpoint"] = json!("https://push.example.net/a");
    let refused = site.device_message("push", elsewhere).await;
    assert_eq!((refused.status, refused.problem()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields"));
    assert!(refused.text.contains("\"endpoint\""), "{}", refused.text);
    let other_key = right["public_key"].as_str().expect("a key").to_owned();
    let refused = site.device_message("push", phone.subscribes(site.millis(), &service, &other_key)).await;
    assert!(refused.text.contains("\"push\""), "for another key than the service's: {}", refused.text);
    // What was signed is what is kept.
    let mut moved = right.clone();
    moved["endpoint"] = json!(format!("{}/another", service.origin()));
    let refused = site.device_message("push", moved).await;
    assert_eq!((refused.status, refused.problem()), (StatusCode::NOT_FOUND, "device-gone"));
    let late = site.device_message("push", phone.subscribes(site.millis() - 121_000, &service, &key)).await;
    assert_eq!((late.status, late.problem()), (StatusCode::FORBIDDEN, "wrong-clock"));
    // The second takes the place of the first.
    assert_eq!(site.device_message("push", right).await.status, StatusCode::OK);
    asks(&site, "198.51.100.1").await;
    assert_eq!(service.told().len(), 1);
}

#[tokio::test]
async fn one_that_is_gone_is_forgotten_until_the_app_says_it_anew() {
    let (site, service) = (site().await, PushService::start().await);
    let (phone, key) = told_person(&site, &service).await;
    for gone in [StatusCode::NOT_FOUND, StatusCode::GONE] {
        let before = service.told().len();
        service.answers(&[gone]);
        for address in ["198.51.100.1", "198.51.100.2"] {
            asks(&site, address).await;
            site.after(TWO_MINUTES).await;
        }
        assert_eq!(service.told().len(), before + 1, "told once, and forgotten");
        let again = site.device_message("push", phone.subscribes(site.millis(), &service, &key)).await;
        assert_eq!(again.status, StatusCode::OK);
    }
    asks(&site, "198.51.100.3").await;
    assert_eq!(service.told().len(), 3);
}

#[tokio::test]
async fn what_may_come_again_does_only_while_the_request_can_be_answered() {
    let (site, service) = (site().await, PushService::start().await);
    told_person(&site, &service).await;
    service.answers(&[StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE]);
    asks(&site, "198.51.100.1").await;
    for _ in 0..4 {
        site.after(Duration::from_secs(15)).await;
    }
    let told = service.told();
    assert_eq!(told.len(), 3, "twice in vain, and then taken");
    assert!(told.windows(2).all(|two| two[0].header("topic") == two[1].header("topic")));
    let lives: Vec<u64> = told.iter().map(|told| told.header("ttl").parse().expect("seconds")).collect();
    assert!(lives.is_sorted_by(|one, two| one > two) && lives[0] <= 120, "what is left of the request: {lives:?}");
    site.after(TWO_MINUTES).await;
    // Refused to the end, it is given up with the request, and nobody has to look at it.
    service.answers(&[StatusCode::SERVICE_UNAVAILABLE; 99]);
    asks(&site, "198.51.100.2").await;
    for _ in 0..12 {
        site.after(Duration::from_secs(15)).await;
    }
    let tried = service.told().len();
    assert!((3 + 4..=3 + 6).contains(&tried), "{tried}");
    site.after(Duration::from_secs(3600)).await;
    assert_eq!(service.told().len(), tried);
    assert!(dead(&site.db, 10).await.expect("listed").is_empty());
}

#[tokio::test]
async fn each_device_is_told_by_itself_and_none_that_was_removed() {
    let (site, service, other) = (site().await, PushService::start().await, PushService::start().await);
    let (phone, key) = told_person(&site, &service).await;
    let mut ada = site.browser();
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_phone(&phone, PIN).await.path, "/account");
    let tablet = ada.add_phone().await;
    let kept = site.device_message("push", tablet.subscribes(site.millis(), &other, &key)).await;
    assert_eq!(kept.status, StatusCode::OK);
    // What is refused for good is not repeated, and keeps nobody else from being told.
    service.answers(&[StatusCode::FORBIDDEN]);
    asks(&site, "198.51.100.1").await;
    assert_eq!((service.told().len(), other.told().len()), (1, 1));
    site.after(TWO_MINUTES).await;
    assert_eq!((service.told().len(), other.told().len()), (1, 1));
    // The phone's page is the account's first device.
    let page = ada.device_page().await;
    let page = ada.submit(&page.form("/account/security/device/remove")).await;
    assert_eq!(page.path, "/account/security?done=removed", "{}", page.text());
    asks(&site, "198.51.100.2").await;
    assert_eq!((service.told().len(), other.told().len()), (1, 2));
}

#[tokio::test]
async fn another_key_of_the_service_is_subscribed_for_anew() {
    let world = World::sqlite().await;
    let (before, service) = (world.site(setup(1)).await, PushService::start().await);
    before.age().await;
    let (phone, old) = told_person(&before, &service).await;
    let destroyed = sql("UPDATE keys SET wrapped = NULL, destroyed = 1 WHERE purpose = 'push'");
    before.db.execute(destroyed).await.expect("destroyed");
    let site = world.site(setup(2)).await;
    asks(&site, "198.51.100.1").await;
    assert_eq!(service.told().len(), 0, "the push service would take nothing signed by another key");
    let new = site.device_message("requests", phone.asks_at(site.millis())).await.text_of("push");
    assert_ne!(new, old);
    let kept = site.device_message("push", phone.subscribes(site.millis(), &service, &new)).await;
    assert_eq!(kept.status, StatusCode::OK);
    asks(&site, "198.51.100.2").await;
    assert_eq!(service.told().len(), 1);
    assert!(service.told()[0].claims(&new)["exp"].is_number());
    site.world().assert_clean().await;
}

#[tokio::test]
async fn what_nobody_answers_is_noted_though_nobody_looks() {
    let site = site().await;
    let (mut ada, _phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    site.settle().await;
    let told =
        |site: &TestSite| site.mails.to(ADA).iter().filter(|mail| mail.says("second factor was then wrong")).count();
    let noted = async || site.event_types().await.iter().filter(|name| *name == "account.second_factor_failed").count();
    asks(&site, "198.51.100.1").await;
    site.after(TWO_MINUTES - Duration::from_secs(1)).await;
    assert_eq!((noted().await, told(&site)), (0, 0));
    site.after(Duration::from_secs(1)).await;
    assert_eq!((noted().await, told(&site)), (1, 1), "no page and no phone has looked");
    asks(&site, "198.51.100.2").await;
    site.after(TWO_MINUTES).await;
    assert_eq!((noted().await, told(&site)), (2, 1), "once a day");
    // In a browser that the account knows it is nothing to tell.
    ada.sign_in(ADA, PASSWORD).await;
    ada.ask_phones().await;
    site.after(TWO_MINUTES).await;
    assert_eq!(noted().await, 2);
    site.world().assert_clean().await;
}
