//! The make of a key: what it is called by, and which makes an operator takes.

use axum::http::StatusCode;
use chancery_domain::account::{AccountEvent, Attestation, FactorAdded, FactorKind};
use chancery_domain::policy::{Policy, RequiredAttestation};
use chancery_eventstore::verify::Options;
use chancery_service::factors::webauthn::Roots;
use chancery_tests::site::{Browser, PASSWORD, Setup, SoftKey, TestSite, User, World, of_make};

const ADA: &str = "ada@example.org";

/// "YubiKey 5 Series", and one that nobody knows.
const YUBIKEY: [u8; 16] = *b"\xee\x88\x28\x79\x72\x1c\x49\x13\x97\x75\x3d\xfc\xce\x97\x07\x2a";
const UNKNOWN: [u8; 16] = [7; 16];

/// The devices that were added.
async fn added(site: &TestSite) -> Vec<FactorAdded> {
    let mut added = Vec::new();
    for row in site.events().await.iter().filter(|row| row.event_type == "account.factor_added") {
        match site.app.store.open_event(row).await.unwrap() {
            AccountEvent::FactorAdded(event) => added.push(event),
            other => panic!("{other:?}"),
        }
    }
    added
}

/// Adds a key of this make, under this name or the one that the page proposes; its name.
async fn name_of(site: &TestSite, browser: &mut Browser<'_>, make: [u8; 16], name: Option<&str>) -> String {
    let page = browser.key_page("second").await;
    let told = of_make(&SoftKey::new().create(&page, User::Verified), make);
    let form = page.form("/account/security/key").with("security_key", &told);
    let form = name.map_or(form.clone(), |name| form.with("device_name", name));
    let page = browser.submit(&form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let added = added(site).await.pop().unwrap();
    assert_eq!(added.webauthn.unwrap().attestation, Attestation::None);
    added.name.to_string()
}

#[tokio::test]
async fn a_key_that_tells_its_make_is_called_by_it_where_its_owner_gave_no_name() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    assert_eq!(name_of(&site, &mut ada, [0; 16], None).await, "Security key");
    assert_eq!(name_of(&site, &mut ada, YUBIKEY, None).await, "YubiKey 5 Series");
    assert_eq!(name_of(&site, &mut ada, YUBIKEY, None).await, "YubiKey 5 Series 2");
    assert_eq!(name_of(&site, &mut ada, UNKNOWN, None).await, "Security key 2");
    assert_eq!(name_of(&site, &mut ada, YUBIKEY, Some("Blue key")).await, "Blue key");
    let list = ada.get("/account/security").await.text();
    assert!(list.contains("YubiKey 5 Series 2") && list.contains("Blue key"), "{list}");
}

/// A policy that asks for attestation by these roots, and by these makes if any are named.
fn asking(roots: &Roots, aaguids: &[[u8; 16]]) -> Policy {
    let aaguids = aaguids.iter().map(|aaguid| (*aaguid).into()).collect();
    Policy { attestation: Some(RequiredAttestation { roots: roots.fingerprints(), aaguids }), ..Policy::default() }
}

/// That a key is refused, beside its field.
async fn is_refused(browser: &mut Browser<'_>, kind: &str, told: impl AsyncFnOnce(&mut Browser<'_>) -> String) {
    let told = told(browser).await;
    let page = browser.key_page(kind).await;
    let page = browser.post_key(&page, &told).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}: {}", page.text());
    assert!(page.text().contains("takes only certain makes of keys"), "{kind}: {}", page.text());
}

#[tokio::test]
async fn where_attestation_is_required_a_key_that_no_trusted_root_vouches_for_is_refused() {
    let ((mut key, root), (mut stranger, _)) = (SoftKey::attested(), SoftKey::attested());
    let roots = Roots::read(&root).unwrap();
    let policy = asking(&roots, &[]);
    let world = World::sqlite().await;
    let site = world.site(Setup { policy, attestation_roots: roots, ..Setup::default() }).await;
    site.age().await;
    let mut ada = site.registered(ADA).await;
    for kind in ["second", "passkey", "device"] {
        let page = ada.key_page(kind).await;
        assert!(page.body.contains("attestation&#34;:&#34;direct"), "the browser is asked for it: {}", page.body);
        is_refused(&mut ada, kind, async |ada| stranger.create(&ada.key_page(kind).await, User::Verified)).await;
        is_refused(&mut ada, kind, async |ada| SoftKey::new().create(&ada.key_page(kind).await, User::Verified)).await;
        is_refused(&mut ada, kind, async |ada| {
            of_make(&SoftKey::new().create(&ada.key_page(kind).await, User::Verified), YUBIKEY)
        })
        .await;
    }
    assert!(added(&site).await.is_empty());

    ada.add_key("passkey", &mut key, User::Verified).await;
    let told = added(&site).await.pop().unwrap();
    let webauthn = told.webauthn.unwrap();
    assert_eq!((told.kind, webauthn.attestation), (FactorKind::Passkey, Attestation::Trusted));
    assert!(webauthn.certificate_path[0].contains("CN="), "{:?}", webauthn.certificate_path);
    // It is used as any passkey is, first and after the password.
    let mut browser = site.browser_at("198.51.100.1");
    let (page, question) = browser.passkey_question().await;
    let answer = key.answer_first(&question, User::Verified, |_| ());
    assert_eq!(browser.answer_passkey(&page, &answer).await.path, "/account");
    let mut browser = site.browser_at("198.51.100.2");
    assert_eq!(browser.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    let page = browser.asks_key().await;
    let answer = key.answer(&page, User::Verified);
    assert_eq!(browser.answer_key(&page, &answer).await.path, "/account");
    site.settle().await;
    let report = world.verify(Options::default()).await;
    assert!(report.divergences.is_empty(), "{:?}", report.divergences);
}

#[tokio::test]
async fn a_make_that_the_operator_does_not_name_is_refused() {
    let (mut key, root) = SoftKey::attested();
    let roots = Roots::read(&root).unwrap();
    let policy = asking(&roots, &[YUBIKEY]);
    let setup = Setup { policy, attestation_roots: roots.clone(), ..Setup::default() };
    let site = World::sqlite().await.site(setup).await;
    site.age().await;
    let mut ada = site.registered(ADA).await;
    is_refused(&mut ada, "second", async |ada| key.create(&ada.key_page("second").await, User::Verified)).await;
    // Named, it is taken: what counts is the policy in force, not that of the node's start.
    let named = asking(&roots, &[YUBIKEY, *webauthn_authenticator_rs::softtoken::AAGUID.as_bytes()]);
    site.app.propose_policy(2, &named).await.unwrap().unwrap();
    ada.add_key("second", &mut key, User::Verified).await;
    assert_eq!(added(&site).await.pop().unwrap().kind, FactorKind::SecurityKey);
}

#[tokio::test]
async fn a_key_that_was_begun_before_attestation_was_required_needs_it_too() {
    let (mut key, root) = SoftKey::attested();
    let roots = Roots::read(&root).unwrap();
    let setup = Setup { attestation_roots: roots.clone(), ..Setup::default() };
    let site = World::sqlite().await.site(setup).await;
    site.age().await;
    let mut ada = site.registered(ADA).await;
    let page = ada.key_page("passkey").await;
    assert!(page.body.contains("attestation&#34;:&#34;none"), "{}", page.body);
    let told = SoftKey::new().create(&page, User::Verified);
    site.app.propose_policy(2, &asking(&roots, &[])).await.unwrap().unwrap();
    let page = ada.post_key(&page, &told).await;
    assert!(page.text().contains("takes only certain makes of keys"), "{}", page.text());
    ada.add_key("passkey", &mut key, User::Verified).await;
}
