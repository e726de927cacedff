//! Many at once: guesses, sign-ins beside a change of password, two nodes, a flood.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::KeyId;
use chancery_domain::account::Account;
use chancery_domain::account::commands::Which;
use chancery_domain::values::{EmailAddress, Password, SignInName};
use chancery_service::accounts::email_claim;
use chancery_service::accounts::new_password::TypedPassword;
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::accounts::sign_in::SignInRefused;
use chancery_service::client::Client;
use chancery_service::password_hash::HashParameters;
use chancery_service::secrets::devices::KnownTo;
use chancery_service::secrets::forms::FormCommand;
use chancery_tests::audit::uid_of;
use chancery_tests::site::{PASSWORD, Setup, TestSite, World};
use futures::future::join_all;

const ADA: &str = "ada@example.org";

fn client(site: &TestSite, address: &str) -> Client {
    Client {
        address: address.parse().unwrap(),
        user_agent: None,
        browser: site.app.new_browser_secret(),
        proof: None,
        known: KnownTo::default(),
        request: site.app.new_id(),
    }
}

fn form(site: &TestSite, client: &Client) -> FormCommand {
    let keys = site.app.form_keys(&client.browser, "/login/password");
    site.app.check_form(&client.browser, "/login/password", &keys.command.to_string(), &keys.token).unwrap()
}

async fn sign_in(site: &TestSite, client: &Client, password: &str) -> Result<(), SignInRefused> {
    sign_in_as(site, client, ADA, password).await
}

async fn sign_in_as(site: &TestSite, client: &Client, name: &str, password: &str) -> Result<(), SignInRefused> {
    let name = SignInName::parse(name).unwrap();
    let password = Password::from_typed(password);
    let form = form(site, client);
    site.app.sign_in(client, form, &name, &password, false, false).await.unwrap().map(|_| ())
}

async fn person(site: &TestSite, client: &Client, password: &str) -> SignedInPerson {
    let name = SignInName::parse(ADA).unwrap();
    let form = form(site, client);
    let typed = Password::from_typed(password);
    let signed_in = site.app.sign_in(client, form, &name, &typed, false, false).await.unwrap().unwrap();
    site.app.signed_in(&signed_in.session().unwrap()).await.unwrap().unwrap()
}

async fn two_nodes(world: World) -> (TestSite, TestSite) {
    // What one network may try over all names has tests of its own.
    let mut limits = chancery_service::throttle::Limits::default();
    limits.spraying.max = 1_000_000;
    limits.spraying_checked.max = 1_000_000;
    let one = world.site(Setup { limits, ..Setup::default() }).await;
    one.age().await;
    let two = world.site(Setup { seed: 2, limits, ..Setup::default() }).await;
    one.registered(ADA).await;
    (one, two)
}

/// The key that is looked for each time that something is compared with Ada's password, and for nothing else.
async fn password_key(site: &TestSite) -> KeyId {
    let claim = email_claim(&EmailAddress::parse(ADA).unwrap().normalised());
    let account = site.app.store.find::<Account>(&claim).await.unwrap().unwrap();
    account.state.password.unwrap().credential.key
}

/// Of 200 guesses at once, on two nodes, as many are told to be wrong as the limit allows for each name that was typed; and
/// whichever was, as many are compared with the password as it allows for one.
async fn guesses(world: World, by: usize) {
    let (one, two) = two_nodes(world).await;
    let both = [ADA.to_owned(), uid_of(&one, ADA).await.to_string()];
    let names = &both[..by];
    let limit = one.app.limits.sign_in_network.max as usize;
    let key = password_key(&one).await;
    let looked_for = || one.ports.looked_for(key) + two.ports.looked_for(key);
    let before = looked_for();
    let clients: Vec<Client> = (0..200).map(|_| client(&one, "198.51.100.1")).collect();
    let guesses = clients.iter().enumerate().map(|(n, client)| {
        let node = if n % 2 == 0 { &one } else { &two };
        sign_in_as(node, client, &names[n / 2 % by], "Wrong-horse7battery")
    });
    let outcomes = join_all(guesses).await;
    let wrong = outcomes.iter().filter(|outcome| matches!(outcome, Err(SignInRefused::Wrong))).count();
    let refused = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(SignInRefused::Limit(_) | SignInRefused::CheckNeeded)))
        .count();
    assert_eq!(wrong, by * limit);
    assert_eq!(refused, 200 - wrong);
    // And the right password among them would not have been, either.
    for name in names {
        assert!(matches!(sign_in_as(&one, &clients[0], name, PASSWORD).await, Err(SignInRefused::Limit(_))));
    }
    assert_eq!(looked_for() - before, limit, "compared with the password");
    one.world().assert_clean().await;
}

/// Guesses by either name of an account are guesses at its one password: with the limit used up by both together, nothing
/// is compared any more, and what is told is what a wrong password is told.
async fn both_names(world: World) {
    let (one, two) = two_nodes(world).await;
    let uid = uid_of(&one, ADA).await;
    let names = [ADA, uid.as_str()];
    let stranger = client(&one, "198.51.100.1");
    for n in 0..one.app.limits.sign_in_network.max as usize {
        let told = sign_in_as(&one, &stranger, names[n % 2], "Wrong-horse7battery").await;
        assert!(matches!(told, Err(SignInRefused::Wrong)));
    }
    for name in names {
        let told = sign_in_as(&two, &stranger, name, PASSWORD).await;
        assert!(matches!(told, Err(SignInRefused::Wrong)), "{name} by itself was tried half as often as it may be");
    }
    let clients: Vec<Client> = (0..16).map(|_| client(&one, "198.51.100.1")).collect();
    let tries = clients.iter().enumerate().map(|(n, client)| {
        let node = if n % 2 == 0 { &one } else { &two };
        sign_in_as(node, client, names[n / 2 % 2], PASSWORD)
    });
    assert!(join_all(tries).await.iter().all(Result::is_err));
    let elsewhere = client(&two, "198.51.100.2");
    assert!(sign_in_as(&two, &elsewhere, uid.as_str(), PASSWORD).await.is_ok(), "another network");
    one.world().assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_names_of_an_account_share_its_limit_on_sqlite() {
    both_names(World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_names_of_an_account_share_its_limit_on_postgresql() {
    both_names(World::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_guesses_by_one_name_on_sqlite() {
    guesses(World::sqlite().await, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_guesses_by_both_names_on_sqlite() {
    guesses(World::sqlite().await, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_guesses_by_one_name_on_postgresql() {
    guesses(World::postgres().await, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_guesses_by_both_names_on_postgresql() {
    guesses(World::postgres().await, 2).await;
}

/// A password that is changed while a sign-in with the old one is between hash and append never lets it in after the
/// change was acknowledged.
async fn replaced_passwords(world: World) {
    const RACES: usize = 1000;
    let (one, two) = two_nodes(world).await;
    let owner = client(&one, "192.0.2.1");
    let mut password = PASSWORD.to_owned();
    let mut owner_person = person(&one, &owner, &password).await;
    let mut let_in = 0;
    for race in 0..RACES {
        let next = format!("Correct-horse{race}battery");
        let typed = TypedPassword { password: Password::from_typed(&next), confirmation: Password::from_typed(&next) };
        let keys = one.app.form_keys(&owner.browser, "/account/password");
        let change = one.app.check_form(&owner.browser, "/account/password", &keys.command.to_string(), &keys.token);
        let current = Password::from_typed(&password);
        let change = one.app.change_password(&owner, &owner_person, change.unwrap(), &current, &typed);
        let thief = client(&two, &format!("10.{}.{}.1", race / 250, race % 250));
        let name = SignInName::parse(ADA).unwrap();
        let old = Password::from_typed(&password);
        let thief_form = form(&two, &thief);
        let stolen = two.app.sign_in(&thief, thief_form, &name, &old, false, false);
        let (changed, stolen) = tokio::join!(change, stolen);
        let changed = changed.unwrap().unwrap();
        owner_person = one.app.signed_in(&changed.session).await.unwrap().unwrap();
        // It may have been let in before the change; then the change ended it.
        if let Ok(stolen) = stolen.unwrap() {
            let_in += 1;
            assert!(two.app.signed_in(&stolen.session().unwrap()).await.unwrap().is_none(), "race {race}");
        }
        password = next;
        if race % 50 == 49 {
            // The counters of browsers that are not known to the account, and the session's idle time.
            one.clock.advance(Duration::from_secs(3600));
            owner_person = person(&one, &owner, &password).await;
        }
    }
    assert!((1..RACES).contains(&let_in), "the race is one: some sign-ins come in time, and some too late");
    one.world().assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_password_never_opens_a_session_that_lasts_on_sqlite() {
    replaced_passwords(World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_password_never_opens_a_session_that_lasts_on_postgresql() {
    replaced_passwords(World::postgres().await).await;
}

/// One form sent twice at the same moment with different new passwords: one of them is told that its own counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_new_passwords_in_one_form_the_one_that_counts_is_told_so() {
    let (one, two) = two_nodes(World::postgres().await).await;
    let owner = client(&one, "192.0.2.1");
    let mut password = PASSWORD.to_owned();
    for round in 0..100 {
        let owner_person = person(&one, &owner, &password).await;
        let keys = one.app.form_keys(&owner.browser, "/account/password");
        let form = one.app.check_form(&owner.browser, "/account/password", &keys.command.to_string(), &keys.token);
        let (form, current) = (form.unwrap(), Password::from_typed(&password));
        let words = [format!("Left-horse{round}battery"), format!("Right-horse{round}battery")];
        let typed = words.each_ref().map(|word| TypedPassword {
            password: Password::from_typed(word),
            confirmation: Password::from_typed(word),
        });
        let (left, right) = tokio::join!(
            one.app.change_password(&owner, &owner_person, form, &current, &typed[0]),
            two.app.change_password(&owner, &owner_person, form, &current, &typed[1]),
        );
        let told: Vec<&String> = words
            .iter()
            .zip([left, right])
            .filter(|(_, told)| matches!(told, Ok(Ok(_))))
            .map(|(word, _)| word)
            .collect();
        assert_eq!(told.len(), 1, "round {round}");
        password = told[0].clone();
        assert_eq!(sign_in(&two, &owner, &password).await, Ok(()), "round {round}");
        one.clock.advance(Duration::from_secs(3600));
    }
    one.world().assert_clean().await;
}

/// What one node acknowledged, the other obeys in the very next request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_is_true_between_nodes() {
    let (one, two) = two_nodes(World::postgres().await).await;
    let name = SignInName::parse(ADA).unwrap();
    for round in 0..100 {
        let here = client(&one, &format!("10.1.{round}.1"));
        let typed = Password::from_typed(PASSWORD);
        let opened = one.app.sign_in(&here, form(&one, &here), &name, &typed, false, false).await.unwrap().unwrap();
        let opened = opened.session().unwrap();
        let person = two.app.signed_in(&opened).await.unwrap().expect("told to one, true on the other");
        let done = match round % 3 {
            0 => two.app.sign_out(&here, &person, form(&two, &here)).await.map(|()| true).unwrap(),
            1 => two.app.end_sessions(&here, &person, form(&two, &here), Which::One(person.session.id)).await.unwrap(),
            _ => two.app.end_sessions(&here, &person, form(&two, &here), Which::All).await.unwrap(),
        };
        assert!(done);
        assert!(one.app.signed_in(&opened).await.unwrap().is_none(), "round {round}");
    }
    one.world().assert_clean().await;
}

/// A flood from one network leaves others able to sign in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_one_network_leaves_others_in_peace() {
    let setup = Setup {
        // So slow that the flood outlasts any disk.
        hash: HashParameters { iterations: 4, ..HashParameters::default() },
        limits: {
            let mut limits = chancery_service::throttle::Limits::default();
            limits.spraying.max = 1_000_000;
            limits.spraying_checked.max = 1_000_000;
            limits
        },
        ..Setup::default()
    };
    let site = World::sqlite().await.site(setup).await;
    site.age().await;
    site.registered(ADA).await;
    let site = Arc::new(site);
    let flood = {
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            let tries = (0..150).map(|n| {
                let site = Arc::clone(&site);
                async move {
                    let client = client(&site, "198.51.100.1");
                    let name = SignInName::parse(&format!("person{n}@example.org")).unwrap();
                    let password = Password::from_typed("Wrong-horse7battery");
                    let form = form(&site, &client);
                    site.app.sign_in(&client, form, &name, &password, false, false).await.is_err()
                }
            });
            join_all(tries).await.into_iter().filter(|busy| *busy).count()
        })
    };
    while site.app.hashing.queued() < 50 {
        assert!(!flood.is_finished(), "the flood was turned away");
        tokio::task::yield_now().await;
    }
    let others: Vec<_> = (0..5).map(|n| client(&site, &format!("203.0.113.{n}"))).collect();
    let queued = site.app.hashing.queued();
    for other in &others {
        assert_eq!(sign_in(&site, other, PASSWORD).await, Ok(()));
    }
    assert!(site.app.hashing.queued() > 0, "the flood of {queued} was still waiting when all others were in");
    flood.await.unwrap();
    site.world().assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_pressed_in_many_browsers_sets_one_password() {
    let site = TestSite::new().await;
    site.browser().register(ADA).await;
    site.settle().await;
    let link = site.mails.link_to(ADA);
    // Each has the page open before the first one presses.
    let mut opened = Vec::new();
    for n in 0..12 {
        let mut browser = site.browser_at(&format!("192.0.2.{n}"));
        let form = browser.get(&link).await.form(&link).with("privacy", "on");
        opened.push((browser, form.with("new_password", PASSWORD).with("confirm_password", PASSWORD)));
    }
    let presses = opened.iter_mut().map(|(browser, form)| async move {
        let page = browser.submit(form).await;
        (page.status, browser.is_signed_in().await)
    });
    let outcomes = join_all(presses).await;
    assert_eq!(outcomes.iter().filter(|(_, signed_in)| *signed_in).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|(status, _)| [StatusCode::OK, StatusCode::GONE].contains(status)), "{outcomes:?}");
    assert_eq!(site.event_types().await.iter().filter(|name| *name == "account.password_set").count(), 1);
    site.world().assert_clean().await;
}
