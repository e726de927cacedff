//! Security keys and trusted platforms: added, asked for after the password, and refused in whatever is not the owner's own
//! answer to the question of the moment.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::account::{AccountEvent, Attestation, FactorKind};
use chancery_eventstore::verify::Options;
use chancery_tests::site::{Browser, ORIGIN, PASSWORD, Setup, SoftKey, TestSite, User, World, asked, count};

const ADA: &str = "ada@example.org";
const EVE: &str = "eve@example.org";

/// The device that was added last.
async fn added_last(site: &TestSite) -> chancery_domain::account::FactorAdded {
    let rows = site.events().await;
    let row = rows.iter().rfind(|row| row.event_type == "account.factor_added").unwrap();
    match site.app.store.open_event(row).await.unwrap() {
        AccountEvent::FactorAdded(added) => added,
        other => panic!("{other:?}"),
    }
}

/// A browser that has typed the right password and is asked for more.
async fn past_password<'a>(site: &'a TestSite, address: &str, email: &str) -> Browser<'a> {
    let mut browser = site.browser_at(address);
    assert_eq!(browser.sign_in(email, PASSWORD).await.path, "/login/verify");
    browser
}

async fn added_and_used(world: World) {
    let (one, two) = world.two_nodes().await;
    one.age().await;
    let mut ada = one.registered(ADA).await;
    let page = ada.get("/account/security/key").await;
    assert!(page.text().contains("This device") && page.text().contains("after the password"), "{}", page.text());
    let before = ada.cookies.clone();
    let mut key = SoftKey::new();
    ada.add_key("second", &mut key, User::Present).await;
    assert_ne!(ada.cookies, before, "the first device lifts the session, under another secret");
    let list = ada.on(&two).get("/account/security").await;
    assert!(list.text().contains("Security key Security Key or Trusted Platform"), "{}", list.text());
    let next = ada.key_page("second").await;
    assert!(next.body.contains("value=\"Security key 2\""), "the next one has a name of its own");
    let excluded = next.body.contains("excludeCredentials&#34;:[{");
    assert!(excluded, "the browser is told which keys are there: {}", next.body);

    let added = added_last(&one).await;
    let told = added.webauthn.unwrap();
    assert_eq!((added.kind, told.rp_id.as_str()), (FactorKind::SecurityKey, "login.example.org"));
    assert_eq!((told.aaguid, told.attestation, told.backup_eligible), ([0; 16], Attestation::Own, false));
    assert_eq!((added.proof.counter, added.proof.user_verified), (Some(0), Some(false)));

    let mut elsewhere = past_password(&two, "198.51.100.1", ADA).await;
    assert!(elsewhere.get("/login/verify").await.text().contains("Security Key or Trusted Platform"));
    let page = elsewhere.asks_key().await;
    let answer = key.answer(&page, User::Present);
    let page = elsewhere.on(&one).answer_key(&page, &answer).await;
    assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, "/account"));

    // Whoever proves more by the key may rename it and take it away.
    one.clock.advance(Duration::from_secs(600));
    let mut ada = ada.on(&two);
    assert!(ada.get("/account/security/key?key=second").await.path.starts_with("/account/verify?target="));
    assert_eq!(ada.prove_key(&mut key, User::Present).await.path, "/account/security");
    let form = ada.device_page().await.form("/account/security/device/rename").with("device_name", "Blue key");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=renamed");
    let form = ada.device_page().await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=removed");
    assert_eq!(two.browser_at("198.51.100.2").sign_in(ADA, PASSWORD).await.path, "/account?done=asked-again");
    one.settle().await;
    let report = world.verify(Options::default()).await;
    assert!(report.divergences.is_empty(), "{:?}", report.divergences);
}

#[tokio::test]
async fn a_key_is_added_asked_for_renamed_and_removed_on_sqlite() {
    added_and_used(World::sqlite().await).await;
}

#[tokio::test]
async fn a_key_is_added_asked_for_renamed_and_removed_on_two_nodes() {
    added_and_used(World::postgres().await).await;
}

#[tokio::test]
async fn a_passkey_verifies_its_user_or_is_none() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let mut key = SoftKey::new();
    for kind in ["passkey", "device"] {
        let page = ada.key_page(kind).await;
        assert!(page.body.contains("residentKey&#34;:&#34;required"), "found without a name: {}", page.body);
        let told = key.create(&page, User::Present);
        let page = ada.post_key(&page, &told).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().contains("unable to verify who uses it"), "{}", page.text());
    }
    assert_eq!(count(&site, "account.factor_added").await, 0);
    ada.add_key("passkey", &mut key, User::Verified).await;
    let added = added_last(&site).await;
    assert_eq!((added.kind, added.proof.user_verified), (FactorKind::Passkey, Some(true)));

    let mut browser = past_password(&site, "198.51.100.1", ADA).await;
    let page = browser.asks_key().await;
    let answer = key.answer(&page, User::Present);
    let page = browser.answer_key(&page, &answer).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "after the password, too");
    assert!(page.body.contains("userVerification&#34;:&#34;required"), "the browser is told: {}", page.body);
    let answer = key.answer(&page, User::Verified);
    assert_eq!(browser.answer_key(&page, &answer).await.path, "/account");
}

#[tokio::test]
async fn a_key_that_verified_its_user_once_does_so_ever_after() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let mut key = SoftKey::new();
    ada.add_key("second", &mut key, User::Verified).await;
    let mut browser = past_password(&site, "198.51.100.1", ADA).await;
    let page = browser.asks_key().await;
    let answer = key.answer(&page, User::Present);
    let page = browser.answer_key(&page, &answer).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = key.answer(&page, User::Verified);
    assert_eq!(browser.answer_key(&page, &answer).await.path, "/account");
}

#[tokio::test]
async fn nothing_but_the_owners_answer_to_this_question_signs_in() {
    let site = TestSite::new().await;
    let (mut ada, mut key) = (site.registered(ADA).await, SoftKey::new());
    ada.add_key("second", &mut key, User::Present).await;
    let (mut eve, mut hers) = (site.registered(EVE).await, SoftKey::new());
    eve.add_key("second", &mut hers, User::Present).await;
    let mut evil = past_password(&site, "198.51.100.7", EVE).await;
    let her_question = asked(&evil.asks_key().await);

    let signed_in = count(&site, "account.signed_in").await;
    let mut browser = past_password(&site, "198.51.100.1", ADA).await;
    for what in 0..9 {
        // A browser with a clean record for each: what is tried here is not how often.
        if what % 3 == 0 {
            site.clock.advance(Duration::from_secs(3_601));
            browser = past_password(&site, "198.51.100.1", ADA).await;
        }
        let page = browser.asks_key().await;
        let answer = match what {
            0 => key.answer_at("https://evil.example", &page, User::Present, |_| ()),
            1 => key.answer_at("https://login.example.org:8443", &page, User::Present, |_| ()),
            2 => key.answer_at("https://other.login.example.org", &page, User::Present, |_| ()),
            3 => key.answer_at(ORIGIN, &page, User::Present, |asked| asked.rp_id = "example.org".to_owned()),
            4 => key.answer_at(ORIGIN, &page, User::Present, |asked| asked.challenge = vec![0; 16]),
            // Her key to his question, and her own answer to her own.
            5 => hers.answer_at(ORIGIN, &page, User::Present, |asked| {
                asked.allow_credentials = her_question.allow_credentials.clone();
            }),
            6 => hers.answer_at(ORIGIN, &page, User::Present, |asked| *asked = her_question.clone()),
            7 => "{\"id\":\"x\"}".to_owned(),
            _ => format!("[{}]", "1,".repeat(10_000)),
        };
        let page = browser.answer_key(&page, &answer).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {}", page.text());
        assert!(page.text().contains("This key was not accepted"), "{what}: {}", page.text());
        assert!(!browser.is_signed_in().await, "{what}");
    }
    let page = browser.asks_key().await;
    // Her handle on his answer.
    let answer = key.answer(&page, User::Present);
    let mut told: serde_json::Value = serde_json::from_str(&answer).unwrap();
    told["response"]["userHandle"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
    let page = browser.answer_key(&page, &told.to_string()).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = browser.answer_key(&page, "").await;
    assert!(page.text().contains("no answer from a key"), "{}", page.text());
    assert_eq!(count(&site, "account.signed_in").await, signed_in);
    site.clock.advance(Duration::from_secs(3_601));
    let mut browser = past_password(&site, "198.51.100.1", ADA).await;
    let page = browser.asks_key().await;
    let answer = key.answer(&page, User::Present);
    assert_eq!(browser.answer_key(&page, &answer).await.path, "/account", "his own does");
}

#[tokio::test]
async fn what_a_stranger_sends_in_place_of_a_key_does_not_keep_the_owner_out() {
    let site = TestSite::new().await;
    let (mut ada, mut key) = (site.registered(ADA).await, SoftKey::new());
    ada.add_key("second", &mut key, User::Present).await;
    let mut stranger = past_password(&site, "203.0.113.9", ADA).await;
    for _ in 0..10 {
        let page = stranger.asks_key().await;
        assert_eq!(stranger.answer_key(&page, "{}").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let page = stranger.asks_key().await;
    assert_eq!(stranger.answer_key(&page, "{}").await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut elsewhere = past_password(&site, "198.51.100.1", ADA).await;
    let page = elsewhere.asks_key().await;
    let answer = key.answer(&page, User::Present);
    assert_eq!(elsewhere.answer_key(&page, &answer).await.path, "/account");
}

#[tokio::test]
async fn an_answer_counts_once_wherever_it_is_sent() {
    let site = TestSite::new().await;
    let (mut ada, mut key) = (site.registered(ADA).await, SoftKey::new());
    ada.add_key("second", &mut key, User::Present).await;
    let signed_in = count(&site, "account.signed_in").await;
    let mut browser = past_password(&site, "198.51.100.1", ADA).await;
    let pages = [browser.asks_key().await, browser.asks_key().await];
    let answer = key.answer(&pages[0], User::Present);
    let forms = pages.each_ref().map(|page| page.form("/login/verify").with("security_key", &answer));
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let sent = futures::future::join(one.post(&forms[0]), two.post(&forms[1])).await;
    let opened = [sent.0, sent.1].iter().filter(|page| page.header("location") == "/account").count();
    assert_eq!((opened, count(&site, "account.signed_in").await), (1, signed_in + 1));
    // The same answer to what another browser is asked.
    let mut stranger = past_password(&site, "198.51.100.2", ADA).await;
    let page = stranger.asks_key().await;
    assert_eq!(stranger.answer_key(&page, &answer).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A question that nobody answered for four minutes is replaced by another.
    let first = asked(&stranger.asks_key().await).challenge;
    assert_eq!(asked(&stranger.asks_key().await).challenge, first, "it is the same while it can be answered");
    site.clock.advance(Duration::from_secs(241));
    let page = stranger.asks_key().await;
    assert_ne!(asked(&page).challenge, first);
    let answer = key.answer(&page, User::Present);
    assert_eq!(stranger.answer_key(&page, &answer).await.path, "/account");
}

#[tokio::test]
async fn a_key_is_added_once_by_what_this_session_was_asked() {
    let site = TestSite::new().await;
    let (mut ada, mut key) = (site.registered(ADA).await, SoftKey::new());
    let mut thief = site.browser_at("198.51.100.1");
    thief.sign_in(ADA, PASSWORD).await;
    let theirs = thief.key_page("second").await;
    let page = ada.key_page("second").await;
    let of_theirs = key.create(&theirs, User::Present);
    let page = ada.post_key(&page, &of_theirs).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "made for another session");
    for (origin, rp_id) in [("https://evil.example", "login.example.org"), (ORIGIN, "evil.example")] {
        let page = ada.key_page("second").await;
        let told = key.create_at(origin, &page, User::Present, |asked| asked.rp.id = rp_id.to_owned());
        assert_eq!(ada.post_key(&page, &told).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{origin}, {rp_id}");
    }
    // A wrong answer spends the question, and one of another kind is none.
    let page = ada.key_page("second").await;
    let told = key.create(&page, User::Present);
    assert_eq!(ada.post_key(&page, "{}").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ada.post_key(&page, &told).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = ada.key_page("second").await;
    let told = key.create(&page, User::Verified);
    let form = page.form("/account/security/key").with("security_key", &told).with("key", "passkey");
    let page = ada.submit(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    assert_eq!(count(&site, "account.factor_added").await, 0);
    // What is wrong with the name costs nothing, and it is kept.
    let page = ada.key_page("second").await;
    let told = key.create(&page, User::Present);
    let long = "x".repeat(33);
    let form = page.form("/account/security/key").with("security_key", &told);
    let page = ada.submit(&form.clone().with("device_name", &long)).await;
    assert!(page.body.contains(&long));
    assert!(ada.submit(&form).await.path.starts_with("/account/security?done=added"));
    assert_eq!(count(&site, "account.factor_added").await, 1);
}

#[tokio::test]
async fn where_people_come_by_an_ip_address_no_key_is_offered_in_vain() {
    let setup = Setup { public_url: "https://192.0.2.1".to_owned(), ..Setup::default() };
    let site = World::sqlite().await.site(setup).await;
    site.age().await;
    let mut ada = site.registered(ADA).await;
    let page = ada.key_page("device").await;
    assert_eq!(page.path, "/account/security?done=not-here");
    assert!(page.text().contains("cannot be used at the address"), "{}", page.text());
}

#[tokio::test]
async fn an_app_is_not_offered_where_only_the_key_beside_it_proves_enough() {
    let site = TestSite::new().await;
    site.age().await;
    let mut ada = site.registered(ADA).await;
    ada.add_key("second", &mut SoftKey::new(), User::Present).await;
    ada.add_totp().await;
    site.clock.advance(Duration::from_secs(600));
    let page = ada.get("/account/security/key?key=second").await;
    assert!(page.path.starts_with("/account/verify?target="), "{}", page.path);
    assert!(page.text().contains("Use your security key or trusted platform"), "{}", page.text());
    assert!(!page.text().contains("one-time code"), "{}", page.text());
    let page = past_password(&site, "198.51.100.1", ADA).await.get("/login/verify").await;
    assert!(page.text().contains("one-time code"), "to sign in it is enough: {}", page.text());
}
