//! What is recorded of keys and of what is proved, and which keys are none of those that were asked for.

use axum::http::StatusCode;
use chancery_domain::ChallengeId;
use chancery_domain::account::{AccountEvent, Attachment, Device, FactorAdded, Proof, SignedIn};
use chancery_tests::site::{PASSWORD, PIN, Page, STEP, SoftKey, TestSite, User, asked, with_data};
use serde_json::json;

const ADA: &str = "ada@example.org";

/// The last event of a type.
async fn last(site: &TestSite, event_type: &str) -> AccountEvent {
    let rows = site.events().await;
    let row = rows.iter().rfind(|row| row.event_type == event_type).unwrap();
    site.app.store.open_event(row).await.unwrap()
}

async fn last_added(site: &TestSite) -> FactorAdded {
    match last(site, "account.factor_added").await {
        AccountEvent::FactorAdded(added) => added,
        other => panic!("{other:?}"),
    }
}

/// The proof beside the password in the last sign-in.
async fn last_proof(site: &TestSite) -> Proof {
    match last(site, "account.signed_in").await {
        AccountEvent::SignedIn(SignedIn { proofs, .. }) => proofs[1],
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_browser_and_key_tell_is_recorded() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let own = Device { os: "Android 17".into(), manufacturer: String::new(), model: "Model 3".into() };
    for (attachment, recorded, device) in [
        ("platform", Attachment::Platform, own),
        // Of a key that is carried from one device to another the browser knows nothing.
        ("cross-platform", Attachment::CrossPlatform, Device::default()),
    ] {
        let page = ada.key_page("second").await;
        // Backed up, and able to be (flags 3 and 4).
        let told = with_data(&SoftKey::new().create(&page, User::Verified), |data| data[32] |= 0b1_1000);
        let mut told: serde_json::Value = serde_json::from_str(&told).unwrap();
        told["authenticatorAttachment"] = json!(attachment);
        told["response"]["transports"] = json!(["usb", "nfc", "usb"]);
        told.as_object_mut().unwrap().remove("extensions");
        told["clientExtensionResults"] = json!({ "credProps": { "rk": true } });
        told["device"] = json!({ "os": "Android 17", "model": "Model 3" });
        let page = ada.post_key(&page, &told.to_string()).await;
        assert!(page.path.starts_with("/account/security?done=added"), "{}", page.text());
        let added = last_added(&site).await;
        assert_eq!(added.device, device, "{attachment}");
        let key = added.webauthn.unwrap();
        assert_eq!((key.attachment, key.transports), (Some(recorded), vec!["usb".to_owned(), "nfc".to_owned()]));
        assert_eq!((key.discoverable, key.backup_eligible, added.proof.backed_up), (Some(true), true, Some(true)));
    }
}

/// What the page's script says of the device is signed by nobody, and kept for ever: what is no name is left out.
#[tokio::test]
async fn what_no_device_can_tell_is_left_out_and_refuses_no_key() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    for (device, os, model) in [
        (json!({ "os": "Linux", "model": "x".repeat(65) }), "Linux", String::new()),
        (json!({ "os": "Linux", "model": "é".repeat(64) }), "Linux", "é".repeat(64)),
        (json!({ "os": "a\u{0}b", "model": " Model 3\n" }), "", String::new()),
        (json!({ "model": " Model 3 " }), "", "Model 3".to_owned()),
        (json!({}), "", String::new()),
    ] {
        let page = ada.key_page("second").await;
        let told = with_data(&SoftKey::new().create(&page, User::Verified), |_| ());
        let mut told: serde_json::Value = serde_json::from_str(&told).unwrap();
        told["authenticatorAttachment"] = json!("platform");
        told["device"] = device.clone();
        let page = ada.post_key(&page, &told.to_string()).await;
        assert!(page.path.starts_with("/account/security?done=added"), "{device}: {}", page.text());
        let expected = Device { os: os.to_owned(), manufacturer: String::new(), model };
        assert_eq!(last_added(&site).await.device, expected, "{device}");
    }
}

/// A key of ES256 in COSE (RFC 9053, section 2.1): of kind EC2 (1: 2), algorithm -7 (3: -7), on P-256 (-1: 1).
const ES256: [u8; 6] = [0x01, 0x02, 0x03, 0x26, 0x20, 0x01];

fn place(data: &[u8]) -> usize {
    data.windows(ES256.len()).position(|window| window == ES256).unwrap()
}

/// EdDSA (-8) under the key of ES256.
fn mislabelled(data: &mut Vec<u8>) {
    let at = place(data) + 3;
    data.remove(at);
    data.insert(at, 0x27);
}

/// A key of EdDSA's own, of kind OKP (1: 1), on Ed25519 (-1: 6): its base point (RFC 8032, section 5.1).
fn on_ed25519(data: &mut Vec<u8>) {
    let at = place(data);
    data.truncate(at - 1);
    data.extend([0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20, 0x58]);
    data.extend([0x66; 31]);
}

#[tokio::test]
async fn a_key_whose_algorithm_was_not_asked_for_is_refused() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    for kind in ["second", "passkey"] {
        for change in [mislabelled as fn(&mut Vec<u8>), on_ed25519] {
            let page = ada.key_page(kind).await;
            let offered: serde_json::Value = serde_json::from_str(&question_of(&page)).unwrap();
            let mut offered = offered["pubKeyCredParams"].as_array().unwrap().iter();
            assert!(!offered.any(|param| param["alg"] == -8), "EdDSA is not asked for");
            let told = with_data(&SoftKey::new().create(&page, User::Verified), change);
            let page = ada.post_key(&page, &told).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}: {}", page.text());
        }
    }
    assert!(!site.event_types().await.iter().any(|name| name == "account.factor_added"));
    // As it was, it is taken, though nobody vouches for it: what was refused was the algorithm.
    let page = ada.key_page("second").await;
    let told = with_data(&SoftKey::new().create(&page, User::Verified), |_| ());
    assert!(ada.post_key(&page, &told).await.path.starts_with("/account/security?done=added"));
}

/// What the page asks of a new key.
fn question_of(page: &Page) -> String {
    let quoted = page.body.split("data-question=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    quoted.replace("&#34;", "\"").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Whatever becomes of the volatile rows, the event says what cannot count again.
#[tokio::test]
async fn the_sign_in_says_what_was_proved_by_which_device_and_what_cannot_count_again() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let app_id = last_added(&site).await.factor;
    let mut browser = site.browser_at("198.51.100.1");
    browser.sign_in(ADA, PASSWORD).await;
    assert_eq!(browser.answer_totp(&app.code(&site)).await.path, "/account");
    let proof = last_proof(&site).await;
    let step = u64::try_from(site.app.now().seconds()).unwrap() / STEP.as_secs();
    assert_eq!((proof.factor, proof.step, proof.challenge.is_some()), (Some(app_id), Some(step), true));

    let phone = ada.add_phone().await;
    let phone_id = last_added(&site).await.factor;
    let mut browser = site.browser_at("198.51.100.2");
    browser.sign_in(ADA, PASSWORD).await;
    let page = browser.ask_phones().await;
    let request = phone.request(&site).await;
    phone.approve(&site, &page, PIN).await;
    assert_eq!(browser.go_on(&page).await.path, "/account");
    let proof = last_proof(&site).await;
    let challenge = data_encoding::HEXLOWER.decode(request.as_bytes()).unwrap();
    let challenge = ChallengeId::from_bytes(challenge.try_into().unwrap());
    assert_eq!((proof.factor, proof.challenge), (Some(phone_id), Some(challenge)));

    let mut key = SoftKey::new();
    ada.add_key("second", &mut key, User::Verified).await;
    let added = last_added(&site).await;
    for counter in 1..3 {
        let mut browser = site.browser_at("198.51.100.3");
        browser.sign_in(ADA, PASSWORD).await;
        let page = browser.asks_key().await;
        let challenge = ChallengeId::from_bytes(asked(&page).challenge.try_into().unwrap());
        let answer = key.answer(&page, User::Verified);
        assert_eq!(browser.answer_key(&page, &answer).await.path, "/account");
        let proof = last_proof(&site).await;
        assert_eq!((proof.factor, proof.challenge), (Some(added.factor), Some(challenge)));
        assert!(proof.counter > added.proof.counter, "{counter}: {proof:?}");
        assert_eq!((proof.user_verified, proof.backed_up), (Some(true), Some(false)));
    }
}
