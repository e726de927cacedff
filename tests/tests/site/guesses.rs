//! What is a guess and what is none, however many come at once.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::values::{Password, SignInName};
use chancery_service::Failure;
use chancery_service::accounts::sign_in::SignInRefused;
use chancery_service::client::Client;
use chancery_service::password_hash::HashParameters;
use chancery_service::secrets::devices::KnownTo;
use chancery_tests::audit::uid_of;
use chancery_tests::site::{Form, PASSWORD, Setup, TestSite, World};
use futures::future::join_all;

const ADA: &str = "ada@example.org";
const NEW: &str = "Staple-horse9battery";

/// What a browser that has never been here is told.
async fn sign_in(
    site: &TestSite,
    address: &str,
    name: &str,
    password: &str,
) -> Result<Result<(), SignInRefused>, Failure> {
    let browser = site.app.new_browser_secret();
    let client = Client {
        address: address.parse().unwrap(),
        user_agent: None,
        browser,
        proof: None,
        known: KnownTo::default(),
        request: site.app.new_id(),
    };
    let keys = site.app.form_keys(&client.browser, "/login/password");
    let form = site.app.check_form(&client.browser, "/login/password", &keys.command.to_string(), &keys.token).unwrap();
    let (name, password) = (SignInName::parse(name).unwrap(), Password::from_typed(password));
    Ok(site.app.sign_in(&client, form, &name, &password, false, false).await?.map(|_| ()))
}

fn with_new(form: &Form, password: &str) -> Form {
    form.clone().with("new_password", password).with("confirm_password", password)
}

#[tokio::test]
async fn a_form_that_changed_the_password_is_no_way_to_guess_it() {
    let site = TestSite::new().await;
    let mut thief = site.registered(ADA).await;
    let form = thief.get("/account").await.form("/account/password").with("current_password", PASSWORD);
    assert_eq!(thief.submit(&with_new(&form, NEW)).await.path, "/account?done=password-changed");
    thief.cookies.retain(|name, _| !name.contains("known"));
    let max = site.app.limits.sign_in_network.max;
    for n in 0..max {
        let guess = thief.submit(&with_new(&form, &format!("Guessed-horse{n}battery"))).await;
        assert_eq!(guess.status, StatusCode::CONFLICT);
    }
    let guess = thief.submit(&with_new(&form, NEW)).await;
    assert_eq!(guess.status, StatusCode::TOO_MANY_REQUESTS, "by the counters of the sign-in");
    let failed = site.event_types().await.into_iter().filter(|name| name == "account.sign_in_failed").count();
    assert_eq!(failed, 5, "the first, each doubling, and the sum at the lock");
}

#[tokio::test]
async fn a_session_that_its_form_ended_is_stood_in_for_by_the_form_for_two_minutes() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let form = ada.get("/account").await.form("/account/password").with("current_password", PASSWORD);
    let before = ada.cookies.clone();
    let mut again = async |form: &Form| {
        ada.cookies = before.clone();
        ada.submit(form).await
    };
    assert_eq!(again(&with_new(&form, NEW)).await.path, "/account?done=password-changed");
    site.clock.advance(Duration::from_secs(120));
    assert_eq!(again(&with_new(&form, NEW)).await.path, "/account?done=password-changed");
    site.clock.advance(Duration::from_secs(1));
    let late = again(&with_new(&form, "Guessed-horse9battery")).await;
    assert_eq!(late.path, "/login?ended&target=/account", "{}", late.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_names_at_once_are_compared_no_further_than_the_proof_of_work() {
    let site = TestSite::new().await;
    let names: Vec<String> = (0..120).map(|n| format!("person{n}@example.org")).collect();
    let told = join_all(names.iter().map(|name| sign_in(&site, "198.51.100.1", name, PASSWORD))).await;
    let told: Vec<_> = told.into_iter().map(Result::unwrap).collect();
    let compared = told.iter().filter(|told| **told == Err(SignInRefused::Wrong)).count();
    let stopped = told.iter().filter(|told| **told == Err(SignInRefused::CheckNeeded)).count();
    assert!(compared <= site.app.limits.spraying_checked.max as usize, "{compared}");
    assert_eq!(compared + stopped, names.len());
}

/// A sign-in that hashes the password anew replaces the credential under the hands of those that read it before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_password_is_never_told_wrong_since_another_sign_in_hashed_it_anew() {
    let world = World::sqlite().await;
    let one = world.site(Setup::default()).await;
    one.age().await;
    let costlier = HashParameters { memory_kib: 16, iterations: 1, parallelism: 1 };
    let two = world.site(Setup { hash: costlier, seed: 2, ..Setup::default() }).await;
    for round in 0..6 {
        let name = format!("person{round}@example.org");
        one.registered(&name).await;
        let addresses: Vec<String> = (0..40).map(|n| format!("198.51.{round}.{n}")).collect();
        let told = join_all(addresses.iter().map(|address| sign_in(&two, address, &name, PASSWORD))).await;
        let wrong = told.iter().filter(|told| matches!(told, Ok(Err(_)))).count();
        assert_eq!(wrong, 0, "round {round}");
        // So many at once may well keep each other from opening a session.
        assert!(told.iter().all(|told| matches!(told, Ok(Ok(())) | Err(Failure::Busy { .. }))), "{told:?}");
    }
}

/// An account has two names. What is locked when both together were tried as often as one may be is the account, which is as
/// much an event as the lock of a name.
#[tokio::test]
async fn the_lock_of_an_account_by_both_its_names_is_an_event_and_told_once() {
    for world in [World::sqlite().await, World::postgres().await] {
        let site = world.site(Setup::default()).await;
        site.age().await;
        site.registered(ADA).await;
        let uid = uid_of(&site, ADA).await;
        let names = [ADA, uid.as_str()];
        let locks = async || {
            let types = site.event_types().await;
            types.into_iter().filter(|name| name == "account.sign_in_locked").count()
        };
        for n in 0..site.app.limits.sign_in_network.max as usize {
            let told = sign_in(&site, "198.51.100.1", names[n % 2], "Wrong-horse7battery").await;
            assert!(matches!(told, Ok(Err(SignInRefused::Wrong))));
        }
        assert_eq!(locks().await, 0);
        for name in names {
            let told = sign_in(&site, "198.51.100.1", name, PASSWORD).await;
            assert!(matches!(told, Ok(Err(SignInRefused::Wrong))), "what is told is what a wrong password is told");
            assert_eq!(locks().await, 1, "once for each window, whichever name meets it");
        }
        site.settle().await;
        assert_eq!(site.mails.to(ADA).len(), 2, "the registration, and one word of the lock");
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn a_session_gives_no_more_guesses_than_the_accounts_names_do() {
    let site = TestSite::new().await;
    let mut thief = site.registered(ADA).await;
    thief.cookies.retain(|name, _| !name.contains("known"));
    let uid = uid_of(&site, ADA).await;
    for _ in 0..site.app.limits.sign_in_network.max {
        let told = sign_in(&site, "192.0.2.1", uid.as_str(), "Wrong-horse7battery").await;
        assert!(matches!(told, Ok(Err(SignInRefused::Wrong))));
    }
    let form = thief.get("/account").await.form("/account/password").with("current_password", PASSWORD);
    let page = thief.submit(&with_new(&form, NEW)).await;
    assert_eq!(
        page.status,
        StatusCode::TOO_MANY_REQUESTS,
        "the address was never typed, and the account was guessed at"
    );
    assert!(thief.is_signed_in().await);
}
