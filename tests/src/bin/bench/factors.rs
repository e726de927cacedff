//! What a second factor costs the server, beside the bare cryptographic operations; and the page that lists twenty devices.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use aws_lc_rs::{digest, hmac};
use axum::http::StatusCode;
use chancery_tests::site::{Browser, Form, PASSWORD, PIN, Page, Phone, STEP, SoftKey, TestSite, User, World};

use crate::Effort;
use crate::accounts::{age, setup};
use crate::clock::Stopwatch;
use crate::report::{Line, Table, allowed, median, percentile};
use crate::served::cpu_seconds;

/// People who sign in, in turn.
const PEOPLE: usize = 20;

/// Longer than a session lives, so that none has to make room and no challenge is remembered.
const A_DAY: Duration = Duration::from_secs(24 * 3600);

/// Somebody with a passkey and a telephone.
struct Owner {
    email: String,
    key: SoftKey,
    phone: Phone,
}

/// What is sent and measured: forms of browsers, and what a telephone says before.
struct Sent<'a> {
    browser: Browser<'a>,
    form: Form,
    said: Option<serde_json::Value>,
}

/// One way of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    PasskeyFirst,
    KeyAfterPassword,
    QrCode,
    PinCode,
}

const WAYS: [Way; 4] = [Way::PasskeyFirst, Way::KeyAfterPassword, Way::QrCode, Way::PinCode];

/// Measures the process itself: the site runs in it, its browsers do next to nothing while they send, and no job runs.
pub async fn measure(effort: Effort) -> Table {
    let site = World::sqlite().await.site(setup()).await;
    age(&site).await;
    let mut owners = Vec::new();
    for n in 0..PEOPLE {
        owners.push(owner(&site, format!("owner{n}@example.org")).await);
    }
    let mut rounds: [Vec<f64>; WAYS.len()] = Default::default();
    for repetition in 1..=effort.repetitions {
        for (way, costs) in WAYS.into_iter().zip(&mut rounds) {
            costs.push(cost(&site, &mut owners, way, effort.run).await);
        }
        let shown: Vec<String> = rounds.iter().map(|costs| milliseconds(costs[costs.len() - 1])).collect();
        eprintln!("{repetition}/{}: {shown:?}", effort.repetitions);
    }
    let (signature, mac) = (bare_signature(effort.run), bare_mac(effort.run));
    let [first, after, qr, pin] = rounds.map(median);
    let line = |what: &str, cost: f64, bare: f64, floor: f64, aim: f64| Line {
        what: format!("{what}, CPU time"),
        measured: milliseconds(cost),
        beside: format!("{} bare, {floor} ms allowed", milliseconds(bare)),
        ratio: floor / (cost * 1e3),
        floor: Some(1.0),
        aim: Some((floor / aim * 10.0).round() / 10.0),
    };
    let mut pages = security_page(&site, effort.run).await;
    Table {
        heading: "Second factors on SQLite, in one process with the browsers that send; CPU time is that of all its threads. A \
                  passkey that comes first is its question and its answer, a PIN is what the telephone says and the form that \
                  goes on; the others are the one form. Bare is one verification of an ECDSA signature on P-256, for the QR \
                  code one HMAC-SHA-256, for the PIN both. A ratio is what is allowed divided by what was measured."
            .to_owned(),
        lines: vec![
            line("a sign-in by a passkey that comes first", first, signature, 3.0, 1.0),
            line("a sign-in by a key after the password", after, signature, 3.0, 1.0),
            line("a QR code", qr, mac, 1.0, 0.3),
            line("a PIN", pin, signature + mac, 1.0, 0.3),
            allowed("`/account/security` with 20 devices, p99", percentile(&mut pages, 0.99), 10.0, 3.0),
        ],
    }
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.3} ms", seconds * 1e3)
}

async fn owner(site: &TestSite, email: String) -> Owner {
    let (mut browser, phone) = site.registered_with_phone(&email).await;
    let mut key = SoftKey::new();
    browser.add_key("passkey", &mut key, User::Verified).await;
    Owner { email, key, phone }
}

/// The CPU time of one sign-in, in seconds. What is sent is made before, a round at a time.
async fn cost(site: &TestSite, owners: &mut [Owner], way: Way, run: Duration) -> f64 {
    let (watch, mut count, mut spent) = (Stopwatch::start(), 0, 0.0);
    while watch.elapsed() < run {
        site.clock.advance(A_DAY);
        let mut asked = Vec::new();
        if way == Way::PasskeyFirst {
            // The question is a part of what is measured, and its page is not.
            let mut pages = Vec::new();
            for n in 0..owners.len() {
                let mut browser = site.browser_at(&format!("10.0.0.{n}"));
                let page = browser.get("/login").await;
                pages.push((browser, page));
            }
            let before = cpu_seconds("self");
            let mut questions = Vec::new();
            for (browser, page) in &mut pages {
                questions.push(browser.post(&page.form("/login/passkey/question")).await);
            }
            spent += cpu_seconds("self") - before;
            for (((browser, page), question), owner) in pages.into_iter().zip(questions).zip(&mut *owners) {
                let answer = owner.key.answer_first(&question.body, User::Verified, |_| ());
                let form = page.form("/login/passkey").with("security_key", &answer);
                asked.push(Sent { browser, form, said: None });
            }
        } else {
            for (n, owner) in owners.iter_mut().enumerate() {
                asked.push(prepared(site, n, owner, way).await);
            }
        }
        let before = cpu_seconds("self");
        for Sent { browser, form, said } in &mut asked {
            if let Some(said) = said.take() {
                assert_eq!(site.device_message("requests/approve", said).await.status, StatusCode::OK);
            }
            let answer = browser.post(form).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{way:?}: {}", answer.text());
        }
        spent += cpu_seconds("self") - before;
        count += asked.len();
    }
    spent / count as f64
}

/// What is sent after the password, which is typed now.
async fn prepared<'a>(site: &'a TestSite, n: usize, owner: &mut Owner, way: Way) -> Sent<'a> {
    let mut browser = site.browser_at(&format!("10.0.0.{n}"));
    assert_eq!(browser.sign_in(&owner.email, PASSWORD).await.path, "/login/verify");
    let form = |page: &Page| page.form("/login/verify");
    match way {
        Way::QrCode => {
            let page = browser.get("/login/verify?method=qr").await;
            let code = owner.phone.code(PIN, &page.challenge().1);
            Sent { form: form(&page).with("app_code", &code), browser, said: None }
        }
        Way::PinCode => {
            let page = browser.ask_phones().await;
            let request = owner.phone.request(site).await;
            let said = owner.phone.approves(&request, &page.number(), PIN);
            Sent { form: form(&page), browser, said: Some(said) }
        }
        Way::KeyAfterPassword | Way::PasskeyFirst => {
            let page = browser.asks_key().await;
            let answer = owner.key.answer(&page, User::Verified);
            Sent { form: form(&page).with("security_key", &answer), browser, said: None }
        }
    }
}

/// How long the list of twenty devices takes, half of them telephones, whose numbers are opened for it.
async fn security_page(site: &TestSite, run: Duration) -> Vec<Duration> {
    let mut browser = site.registered("many@example.org").await;
    let mut apps = Vec::new();
    for n in 0..10 {
        apps.push(browser.add_totp().await);
        browser.add_number(&format!("+3247012345{n}")).await;
        if n % 4 == 3 {
            // More than a few are not added within a few minutes.
            site.clock.advance(Duration::from_secs(301));
            site.clock.advance(STEP);
            let proved = browser.prove_totp(&apps[0].code(site)).await;
            assert_eq!(proved.path, "/account/security", "{}", proved.text());
        }
    }
    let (watch, mut times) = (Stopwatch::start(), Vec::new());
    while watch.elapsed() < run {
        let one = Stopwatch::start();
        let page = browser.get("/account/security").await;
        times.push(one.elapsed());
        assert_eq!(page.body.matches("/account/security/device?device=").count(), 20, "{}", page.text());
    }
    times
}

/// One verification of a signature over what an authenticator signs, of 69 bytes and up.
fn bare_signature(run: Duration) -> f64 {
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
    let message = [7; 69];
    let signed = pair.sign(&random, &message).expect("a signature");
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, pair.public_key().as_ref());
    bare(run, || public.verify(&message, signed.as_ref()).expect("the signature is right"))
}

/// One HMAC over what a response of OCRA is made of.
fn bare_mac(run: Duration) -> f64 {
    let key = hmac::Key::new(hmac::HMAC_SHA256, digest::digest(&digest::SHA256, b"a key").as_ref());
    bare(run, || {
        std::hint::black_box(hmac::sign(&key, &[7; 155]));
    })
}

/// The CPU time of one such operation, in seconds.
fn bare(run: Duration, operation: impl Fn()) -> f64 {
    let (watch, before, mut count) = (Stopwatch::start(), cpu_seconds("self"), 0_u32);
    while watch.elapsed() < run {
        for _ in 0..100 {
            operation();
        }
        count += 100;
    }
    (cpu_seconds("self") - before) / f64::from(count)
}
