//! How much is too much: each limit is met, says so, and stands in nobody else's way.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_service::password_hash::Priority;
use chancery_service::person_check::PersonCheckSettings;
use chancery_service::throttle::Limits;
use chancery_tests::site::{Browser, PASSWORD, Page, Setup, TestSite, World};

const ADA: &str = "ada@example.org";
const WRONG: &str = "Wrong-horse7battery";
const FULL: StatusCode = StatusCode::TOO_MANY_REQUESTS;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

async fn site(set: impl FnOnce(&mut Limits)) -> TestSite {
    let mut limits = Limits::default();
    set(&mut limits);
    let site = World::sqlite().await.site(Setup { limits, ..Setup::default() }).await;
    site.age().await;
    site
}

#[tokio::test]
async fn many_networks_together_lock_out_unknown_browsers_and_not_the_owner() {
    let site = site(|limits| limits.sign_in_unknown_browsers.max = 20).await;
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    for n in 0..20 {
        let refused = site.browser_at(&format!("198.51.100.{n}")).sign_in(ADA, WRONG).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "try {n}");
    }
    let mut stranger = site.browser_at("203.0.113.5");
    assert_eq!(stranger.sign_in(ADA, PASSWORD).await.status, FULL, "from yet another network");
    // The first failure of each network is recorded behind its answer. On a slow machine all of them would come between the
    // owner's hash and append, which gives up after eight.
    site.answered().await;
    let page = ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(page.path, "/account", "the owner's known browser: {} {}", page.status, page.body);
    // The way back for an owner whose browser is not known.
    assert_eq!(stranger.lose_password(ADA).await.path, "/check-mail");
    site.settle().await;
    let link = site.mails.link_to(ADA);
    let new = "Staple-horse9battery";
    let form = stranger.get(&link).await.form(&link).with("new_password", new).with("confirm_password", new);
    assert!(stranger.submit(&form).await.path.starts_with("/account"), "however many failures a stranger made");
    site.clock.advance(HOUR);
    assert_eq!(site.browser_at("203.0.113.7").sign_in(ADA, new).await.path, "/account?done=asked-again");
}

#[tokio::test]
async fn a_network_that_tries_too_many_names_waits_even_with_a_proof_of_work() {
    let site = site(|limits| (limits.spraying_checked.max, limits.spraying.max) = (3, 6)).await;
    site.registered(ADA).await;
    site.clock.advance(2 * HOUR);
    let mut sprayer = site.browser_at("198.51.100.1");
    let mut statuses = Vec::new();
    for n in 0..8 {
        let page = sprayer.get("/login").await;
        let page = sprayer.submit(&page.form("/login").with("name", &format!("person{n}@example.org"))).await;
        let mut form = page.form("/login/password").with("password", WRONG);
        if form.fields.contains_key("challenge") {
            form = form.solved();
        }
        statuses.push(sprayer.submit(&form).await.status);
    }
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    assert_eq!(statuses, [wrong, wrong, wrong, wrong, wrong, wrong, FULL, FULL]);
    assert_eq!(site.browser_at("203.0.113.5").sign_in(ADA, PASSWORD).await.path, "/account", "others are not bothered");
}

/// A stranger behind the same address sprays. Neither a proof of work nor the network's forms without scripts stand in the
/// way of a browser that the account knows, not even once it counts as a stranger by its own mistakes.
#[tokio::test]
async fn an_owners_known_browser_is_asked_for_nothing_where_its_network_sprays() {
    let site = site(|limits| {
        limits.spraying_checked.max = 3;
        limits.sign_in_known_browser.max = 1;
        limits.forms_without_scripts.max = 0;
    })
    .await;
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    site.clock.advance(2 * HOUR);
    for n in 0..3 {
        site.browser().sign_in(&format!("person{n}@example.org"), WRONG).await;
    }
    let password_page = async |browser: &mut Browser<'_>| {
        let page = browser.get("/login").await;
        browser.submit(&page.form("/login").with("name", ADA)).await.form("/login/password")
    };
    let unknown = password_page(&mut site.browser()).await;
    assert!(unknown.fields.contains_key("challenge"), "the network does spray");
    let form = password_page(&mut ada).await;
    assert!(!form.fields.contains_key("challenge"), "{form:?}");
    assert_eq!(ada.submit(&form.with("password", PASSWORD)).await.path, "/account");
    ada.sign_out().await;

    assert_eq!(ada.sign_in(ADA, WRONG).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = password_page(&mut ada).await;
    let page = ada.submit(&form.with("password", PASSWORD)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "its own allowance is used up: {}", page.text());
    let form = page.form("/login/password").with("password", PASSWORD);
    assert!(form.fields.contains_key("challenge"));
    site.clock.advance(16 * site.app.person_check.wait(0));
    // The third time, when everybody is asked again for a second factor.
    assert_eq!(ada.submit(&form).await.path, "/account?done=asked-again", "without scripts");
}

#[tokio::test]
async fn forms_without_scripts_are_fewer() {
    let site = site(|limits| limits.forms_without_scripts.max = 2).await;
    let mut browser = site.browser();
    let mut pages = Vec::new();
    for n in 0..3 {
        let form = browser.registration(&format!("person{n}@example.org")).await.with("pow", "");
        site.clock.advance(site.app.person_check.wait(10));
        pages.push(browser.submit(&form).await);
    }
    assert_eq!((pages[0].path.as_str(), pages[1].path.as_str()), ("/check-mail", "/check-mail"));
    assert_eq!(pages[2].status, FULL);
    assert!(pages[2].text().contains("Switch scripts on"), "{}", pages[2].text());
    let form = browser.registration("person3@example.org").await;
    assert_eq!(browser.submit(&form).await.path, "/check-mail", "with a proof of work it goes on");
}

/// What strangers behind the same address send without scripts costs somebody there a longer wait, and no way back in.
#[tokio::test]
async fn without_scripts_lost_password_works_whatever_the_network_sent() {
    let site = site(|limits| limits.forms_without_scripts.max = 1).await;
    site.registered(ADA).await;
    site.clock.advance(2 * HOUR);
    site.mails.clear();
    let usual = site.app.person_check.wait(0);
    let mut stranger = site.browser();
    for expected in ["/check-mail", "/register"] {
        let form = stranger.registration("person@example.org").await.with("pow", "");
        site.clock.advance(usual);
        assert_eq!(stranger.submit(&form).await.path, expected, "one was allowed");
    }

    let mut ada = site.browser();
    let form = ada.get("/lost-password").await.form("/lost-password").with("name", ADA);
    site.clock.advance(usual);
    let page = ada.submit(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    let form = page.form("/lost-password");
    assert_eq!(form.fields["name"], ADA, "what was typed is kept");
    assert_eq!(asked_for(&site, &page).1, 16 * usual);
    site.clock.advance(16 * usual);
    assert_eq!(ada.submit(&form).await.path, "/check-mail");
    site.settle().await;
    assert_eq!(site.mails.to(ADA).len(), 1);
}

#[tokio::test]
async fn a_form_with_a_mistake_takes_none_of_what_a_network_may_send_without_scripts() {
    let site = site(|limits| limits.forms_without_scripts.max = 1).await;
    let mut browser = site.browser();
    for email in ["no address", "no address", "person@example.org"] {
        let form = browser.registration(email).await.with("pow", "");
        site.clock.advance(site.app.person_check.wait(0));
        let page = browser.submit(&form).await;
        assert_eq!(page.path, if email.contains('@') { "/check-mail" } else { "/register" }, "{}", page.text());
    }
    let form = browser.registration("person2@example.org").await.with("pow", "");
    site.clock.advance(site.app.person_check.wait(0));
    assert_eq!(browser.submit(&form).await.status, FULL);
}

/// Asks for a new password until it is refused; how often that worked.
async fn resets(browser: &mut Browser<'_>, name: &str) -> u32 {
    let mut sent = 0;
    loop {
        let page = browser.lose_password(name).await;
        if page.status == FULL {
            assert!(page.text().contains("mail"), "it says that an earlier mail still works: {}", page.text());
            return sent;
        }
        sent += 1;
    }
}

#[tokio::test]
async fn mails_are_bounded_by_the_hour_the_day_the_network_and_the_address() {
    let site = site(|limits| {
        limits.mail_address_day.max = 10;
        limits.mail_reset_reserve.max = 0;
    })
    .await;
    for name in [ADA, "nobody@example.org"] {
        if name == ADA {
            site.registered(ADA).await;
            site.after(48 * HOUR).await;
        }
        let mut browser = site.browser_at("198.51.100.1");
        assert_eq!(resets(&mut browser, name).await, 3, "in an hour");
        site.after(61 * MINUTE).await;
        assert_eq!(resets(&mut browser, name).await, 3, "in the next");
        site.after(61 * MINUTE).await;
        assert_eq!(resets(&mut browser, name).await, 0, "no more on this day");
        // From everywhere together.
        let mut elsewhere = 0;
        for n in 2..9 {
            elsewhere += resets(&mut site.browser_at(&format!("198.51.100.{n}")), name).await;
        }
        assert_eq!(elsewhere, 4, "an address gets ten a day");
        site.after(25 * HOUR).await;
        assert_eq!(resets(&mut browser, name).await, 3, "on the next day");
        site.after(48 * HOUR).await;
    }
}

#[tokio::test]
async fn a_network_writes_to_so_many_addresses_an_hour() {
    let site = site(|limits| limits.mail_network_addresses.max = 4).await;
    let mut browser = site.browser_at("198.51.100.1");
    for n in 0..4 {
        assert_eq!(browser.register(&format!("person{n}@example.org")).await.path, "/check-mail");
    }
    assert_eq!(browser.register("person4@example.org").await.status, FULL);
    assert_eq!(site.browser_at("203.0.113.5").register("person4@example.org").await.path, "/check-mail");
    site.clock.advance(HOUR);
    assert_eq!(browser.register("person5@example.org").await.path, "/check-mail");
}

#[tokio::test]
async fn strangers_cannot_use_up_what_the_owners_browser_may_ask_for() {
    let site = site(|limits| {
        limits.mail_address_day.max = 4;
        limits.mail_reset_reserve.max = 0;
    })
    .await;
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    site.after(48 * HOUR).await;
    for n in 0..3 {
        resets(&mut site.browser_at(&format!("198.51.100.{n}")), ADA).await;
    }
    assert_eq!(resets(&mut site.browser_at("203.0.113.5"), ADA).await, 0, "the address has had its share");
    site.settle().await;
    site.mails.clear();
    assert_eq!(ada.lose_password(ADA).await.path, "/check-mail");
    site.settle().await;
    assert_eq!(site.mails.to(ADA).len(), 1);
}

#[tokio::test]
async fn the_last_use_of_a_session_is_written_once_a_minute() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let used = async || {
        let statement = chancery_eventstore::db::sql("SELECT expires, sealed FROM volatile_rows WHERE kind = 2");
        site.db.fetch::<(i64, Vec<u8>)>(statement).await.expect("the rows are read")
    };
    site.clock.advance(2 * MINUTE);
    ada.get("/account").await;
    let first = used().await;
    for seconds in [20, 20, 19] {
        site.clock.advance(Duration::from_secs(seconds));
        assert!(ada.is_signed_in().await);
        assert_eq!(used().await, first);
    }
    site.clock.advance(Duration::from_secs(2));
    assert!(ada.is_signed_in().await);
    assert_ne!(used().await, first);
}

#[tokio::test]
async fn what_a_signed_in_page_says_to_the_browser() {
    let site = TestSite::new().await;
    let page = site.registered(ADA).await.get("/account").await;
    let expected = [
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("strict-transport-security", "max-age=63072000"),
    ];
    for (name, value) in expected {
        assert_eq!(page.header(name), value, "{name}");
    }
    let csp = page.header("content-security-policy");
    for rule in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(csp.contains(rule), "{rule} in {csp}");
    }
    assert!(!csp.contains("unsafe"), "{csp}");
    for feature in ["camera=()", "geolocation=()", "microphone=()"] {
        assert!(page.header("permissions-policy").contains(feature), "{}", page.header("permissions-policy"));
    }
}

/// What a form with a person check asks for: the highest number of its challenge, and how long it must wait without scripts.
fn asked_for(site: &TestSite, page: &Page) -> (u64, Duration) {
    let form = page.form(&page.path);
    let challenge: serde_json::Value = serde_json::from_str(&form.fields["challenge"]).expect("the challenge is JSON");
    let ready: i64 = form.fields["wait"].split('.').next().expect("a moment").parse().expect("a moment");
    let wait = chancery_domain::Timestamp(ready).since(site.app.now());
    (challenge["maxnumber"].as_u64().expect("a number"), wait)
}

#[tokio::test]
async fn the_person_check_costs_more_for_a_network_under_load_and_not_for_others() {
    let usual = PersonCheckSettings { doubling: 4, base_cost: 20, highest_cost: 100, ..PersonCheckSettings::default() };
    let site = World::sqlite().await.site(Setup { person_check: usual, ..Setup::default() }).await;
    site.age().await;
    let mut busy = site.browser_at("198.51.100.1");
    let mut asked = Vec::new();
    for page in ["/register", "/lost-password"].into_iter().cycle().take(18) {
        asked.push(asked_for(&site, &busy.get(page).await));
    }
    let expected: Vec<_> = (1..=18)
        .map(|given: u32| {
            let doublings = given / usual.doubling;
            ((20 << doublings).min(100), usual.wait * (1 << doublings))
        })
        .collect();
    assert_eq!(asked, expected);
    assert_eq!(asked_for(&site, &site.browser_at("203.0.113.5").get("/register").await), (20, usual.wait));
    // The load goes by.
    site.clock.advance(10 * MINUTE);
    assert_eq!(asked_for(&site, &busy.get("/register").await), (20, usual.wait));
}

#[tokio::test]
async fn a_network_that_was_given_very_many_forms_pays_the_highest_cost_and_is_not_refused() {
    let site = site(|limits| limits.forms.max = 5).await;
    site.registered(ADA).await;
    site.clock.advance(HOUR);
    // A stranger behind the same address.
    let mut stranger = site.browser();
    for _ in 0..6 {
        stranger.get("/lost-password").await;
    }
    let page = site.browser().get("/lost-password").await;
    assert_eq!(page.status, StatusCode::OK);
    let check = Setup::default().person_check;
    assert_eq!(asked_for(&site, &page), (check.highest_cost.into(), 16 * check.wait));
    site.mails.clear();
    assert_eq!(site.browser().lose_password(ADA).await.path, "/check-mail");
    site.settle().await;
    assert_eq!(site.mails.to(ADA).len(), 1, "lost password always works");
}

#[tokio::test]
async fn after_a_reset_a_browser_that_was_known_counts_as_a_stranger() {
    let site = site(|limits| limits.sign_in_network.max = 3).await;
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    let mut refused_after = Vec::new();
    for reset in [false, true] {
        if reset {
            let mut elsewhere = site.browser_at("203.0.113.5");
            elsewhere.lose_password(ADA).await;
            site.settle().await;
            assert_eq!(elsewhere.follow_link(&site.mails.link_to(ADA)).await.path, "/account?done=password-reset");
        }
        site.clock.advance(2 * HOUR);
        let mut tries = 0;
        while ada.sign_in(ADA, WRONG).await.status != FULL {
            tries += 1;
        }
        refused_after.push(tries);
    }
    // At first those of its own, and then a stranger's.
    assert_eq!(refused_after, [site.app.limits.sign_in_known_browser.max + 3, 3]);
}

/// Takes all places behind answers that something of this worth finds.
fn taken(site: &TestSite, priority: Priority) -> Vec<chancery_service::places::Place> {
    std::iter::from_fn(|| site.app.tasks.place(priority)).collect()
}

#[tokio::test]
async fn where_there_is_no_room_registrations_are_shed_first_and_signing_out_last() {
    const BUSY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
    let site = TestSite::new().await;
    site.age().await;
    let mut ada = site.registered(ADA).await;
    let mails = site.mails.to(ADA).len();
    let events = site.event_types().await;

    let mut held = taken(&site, Priority::Registration);
    for name in [ADA, "nobody@example.org"] {
        for asked in [
            site.browser_at("203.0.113.1").register(name).await,
            site.browser_at("203.0.113.1").lose_password(name).await,
        ] {
            assert_eq!((asked.status, asked.header("retry-after")), (BUSY, "2"), "{name}: {}", asked.body);
        }
    }
    let mut late = site.browser_at("203.0.113.6");
    let form = late.registration("late@example.org").await;
    assert_eq!(late.submit(&form).await.status, BUSY);
    site.settle().await;
    assert_eq!((site.mails.to(ADA).len(), site.event_types().await), (mails, events), "nothing was promised");
    assert_eq!(site.browser_at("203.0.113.2").sign_in(ADA, PASSWORD).await.path, "/account", "others get in");

    held.extend(taken(&site, Priority::UnknownBrowser));
    for name in [ADA, "nobody@example.org"] {
        assert_eq!(site.browser_at("203.0.113.3").sign_in(name, PASSWORD).await.status, BUSY, "{name}");
    }
    ada.sign_out().await;
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account?done=asked-again", "a browser that is known gets in");

    held.extend(taken(&site, Priority::Session));
    assert!(ada.is_signed_in().await);
    ada.sign_out().await;
    assert!(!ada.is_signed_in().await, "nobody is kept from signing out");
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, BUSY);

    drop(held);
    assert_eq!(late.submit(&form).await.path, "/check-mail", "its check was not used up");
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account");
    assert_eq!(site.browser_at("203.0.113.4").lose_password(ADA).await.path, "/check-mail");
    site.settle().await;
    assert_eq!(site.mails.to(ADA).len(), mails + 2, "the link, and a word of the browser that was not known");
}
