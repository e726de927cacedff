//! From the form to the first sign-in, on both databases: the one story that everything else is about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chancery_domain::account::Account;
use chancery_domain::values::Uid;
use chancery_domain::{Aggregate as _, StreamId};
use chancery_eventstore::verify::Options;
use chancery_projections::Rebuild;
use chancery_service::accounts::administer::Measure;
use chancery_service::password_hash::HashParameters;
use chancery_service::throttle::Limits;
use chancery_tests::audit::assert_clean;
use chancery_tests::site::{PASSWORD, SentMail, Setup, TestSite, World};
use chancery_tests::store::commands::Dice;

async fn story(site: &TestSite) {
    let mut ada = site.browser();
    let page = ada.register("ada@example.org").await;
    assert_eq!(page.path, "/check-mail", "{}", page.text());
    site.settle().await;
    let mail = site.mails.to("ada@example.org").pop().expect("a mail");
    let page = ada.follow_link(&mail.link()).await;
    assert_eq!(page.path, "/account?done=welcome", "{}", page.text());
    let page = ada.sign_out().await;
    assert_eq!(page.header("clear-site-data"), "\"cache\"");
    assert!(!ada.is_signed_in().await);
    let page = ada.sign_in("ada@example.org", PASSWORD).await;
    assert_eq!(page.path, "/account", "{}", page.text());
    assert!(ada.is_signed_in().await);
    let page = ada.lose_password("ADA@example.org").await;
    assert_eq!(page.path, "/check-mail", "{}", page.text());
    site.settle().await;
    let mail = site.mails.to("ada@example.org").pop().expect("a mail");
    let page = ada.follow_link(&mail.link()).await;
    assert_eq!(page.path, "/account?done=password-reset", "{}", page.text());
    site.settle().await;
    let types = site.event_types().await;
    let of_account: Vec<&str> = types.iter().filter_map(|name| name.strip_prefix("account.")).collect();
    assert_eq!(
        of_account,
        [
            "created",
            "privacy_statement_accepted",
            "email_link_requested",
            "email_link_sent",
            "email_confirmed",
            "privacy_statement_accepted",
            "password_set",
            "signed_in",
            "signed_out",
            "signed_in",
            "password_reset_requested",
            "email_link_requested",
            "email_link_sent",
            "password_set",
            "sessions_ended",
            "signed_in",
        ]
    );
    let subjects: Vec<String> = site.mails.sent().into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
}

#[tokio::test]
async fn on_sqlite() {
    story(&TestSite::new().await).await;
}

#[tokio::test]
async fn on_postgresql() {
    story(&World::postgres().await.site(Setup::default()).await).await;
}

/// Whatever people did, the inline rows are what the events give, byte for byte, and the reservations are those that the
/// states hold.
async fn histories(world: World) {
    let site = world.site(Setup { limits: generous(), ..Setup::default() }).await;
    site.age().await;
    // A node whose hashes cost more: each sign-in there makes the hash anew.
    let hash = HashParameters { memory_kib: 16, iterations: 1, parallelism: 1 };
    let costlier = world.site(Setup { limits: generous(), hash, seed: 2, ..Setup::default() }).await;
    let mut dice = Dice::new();
    println!("{dice:?} gives this history again");
    let mut browsers = [site.browser_at("198.51.100.1"), costlier.browser_at("203.0.113.5")];
    let mut passwords: BTreeMap<String, String> = BTreeMap::new();
    let mut uids: BTreeSet<Uid> = BTreeSet::new();
    site.registered("surely@example.org").await;
    site.browser().register("never@example.org").await;
    for step in 0..160 {
        let browser = &mut browsers[usize::from(dice.below(2) == 1)];
        let name = format!("person{}@example.org", dice.below(4));
        let new = format!("Correct-horse{step}battery");
        let password = passwords.get(&name).cloned().unwrap_or_else(|| PASSWORD.to_owned());
        match dice.below(14) {
            0 | 1 => drop(browser.register(&name).await),
            2 | 3 => {
                site.settle().await;
                let mails = site.mails.to(&name);
                let link = mails.iter().rev().find(|mail| mail.text.contains("/l/")).map(SentMail::link);
                if let Some(link) = link
                    && browser.get(&link).await.find_form(&link).is_some()
                {
                    browser.follow_link(&link).await;
                    passwords.insert(name, PASSWORD.to_owned());
                }
            }
            4 | 5 => {
                let page = browser.sign_in(&name, &password).await;
                uids.extend(page.text().split_whitespace().filter_map(|word| Uid::parse(word).ok()));
            }
            6 => drop(browser.sign_in(&name, "Wrong-horse7battery").await),
            7 => drop(browser.lose_password(&name).await),
            8 if browser.is_signed_in().await => drop(browser.sign_out().await),
            9 if browser.is_signed_in().await => {
                let page = browser.get("/account").await;
                let form = page.form("/account/password").with("current_password", &password);
                browser.submit(&form.with("new_password", &new).with("confirm_password", &new)).await;
                passwords.insert(name, new);
            }
            10 if browser.is_signed_in().await => {
                let form = browser.get("/account").await.form("/account/language");
                browser.submit(&form.with("mail_language", ["el", "fr"][dice.below(2) as usize])).await;
            }
            11 | 12 if !uids.is_empty() => {
                let uid = uids.iter().nth(dice.below(uids.len() as u64) as usize).expect("one of them");
                let measure = &[Measure::Suspend, Measure::Resume, Measure::Resume][dice.below(3) as usize];
                // One who is suspended already, or is not, is left alone.
                site.app.administer("root", uid, measure, "the dice fell so").await.expect("it is decided");
            }
            _ => site.after(Duration::from_secs([60, 3600, 2 * 24 * 3600][dice.below(3) as usize])).await,
        }
    }
    site.after(Duration::from_secs(8 * 24 * 3600)).await;
    let rows = site.events().await;
    for type_ in
        ["account.password_set", "account.signed_in", "account.registration_lapsed", "account.email_link_expired"]
    {
        assert!(rows.iter().any(|row| row.event_type == type_), "the histories are of some interest: no {type_}");
    }
    let streams: BTreeSet<StreamId> =
        rows.iter().filter(|row| row.event_type.starts_with("account.")).map(|row| row.stream).collect();
    for stream in streams {
        let store = &site.app.store;
        let refolded = store.refold::<Account>(stream).await.expect("the stream folds");
        let stored = store.backend().state(stream).await.expect("the row is read").expect("there is one");
        assert_eq!(stored.version, refolded.loaded.version, "{stream}");
        assert_eq!(stored.sealed, refolded.sealed, "{stream}");
        for claim in refolded.loaded.state.claims() {
            let holder = store.backend().reserved(claim.kind, &store.claim_mac(&claim)).await.expect("it is read");
            assert_eq!(holder, Some(stream), "{claim:?}");
        }
    }
    // So do all the other tables, the read models included.
    assert_clean(&site.world().verify(Options::default()).await);
    for model in chancery_projections::all(&site.app.store, &site.db) {
        let backend = Arc::clone(site.app.store.backend());
        Rebuild::new(site.db.clone(), backend, model).in_batches_of(50).run(|_| {}).await.expect("it is rebuilt");
    }
    assert_clean(&site.world().verify(Options::default()).await);
}

/// Limits that a busy history does not meet.
fn generous() -> Limits {
    let mut limits = Limits::default();
    for limit in [
        &mut limits.mail_network_hour,
        &mut limits.mail_network_day,
        &mut limits.mail_address_day,
        &mut limits.sign_in_network,
        &mut limits.spraying_checked,
    ] {
        limit.max = 10_000;
    }
    limits
}

#[tokio::test]
async fn histories_on_sqlite() {
    histories(World::sqlite().await).await;
}

#[tokio::test]
async fn histories_on_postgresql() {
    histories(World::postgres().await).await;
}
