//! What bad input gets: a clear answer, and nothing is lost.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use chancery_tests::site::{Browser, Form, PASSWORD, TestSite};

const ADA: &str = "ada@example.org";

fn with(name: &'static str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_str(value).unwrap());
    headers
}

async fn raw(browser: &mut Browser<'_>, action: &str, body: &str) -> StatusCode {
    browser.send(Method::POST, action, Some(body.to_owned())).await.status
}

#[tokio::test]
async fn bodies_that_are_no_form_of_ours() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let form = browser.registration(ADA).await;
    let body = form.body();
    for (what, body, status) in [
        ("a field twice", format!("{body}&email=b%40example.org"), StatusCode::BAD_REQUEST),
        ("an unknown field", format!("{body}&admin=1"), StatusCode::BAD_REQUEST),
        ("broken UTF-8", body.replace("Lovelace", "%FF%FE"), StatusCode::BAD_REQUEST),
        ("NUL", body.replace("Lovelace", "Love%00lace"), StatusCode::BAD_REQUEST),
        ("a name of a megabyte", body.replace("Lovelace", &"a".repeat(1 << 20)), StatusCode::PAYLOAD_TOO_LARGE),
        ("nothing at all", String::new(), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(raw(&mut browser, "/register", &body).await, status, "{what}");
    }
    let mut odd = browser.clone();
    odd.headers.extend(with("content-type", "application/json"));
    assert_eq!(raw(&mut odd, "/register", "{}").await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    odd.headers.extend(with("content-type", "multipart/form-data; boundary=x"));
    assert_eq!(raw(&mut odd, "/register", &body).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(site.event_types().await.iter().all(|name| !name.starts_with("account.")), "nothing happened");
    assert_eq!(browser.submit(&form).await.path, "/check-mail", "and nothing was lost");
}

#[tokio::test]
async fn every_wrong_field_is_named_beside_it_and_what_was_typed_stays() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let form = browser.registration(ADA).await;
    let wrong = form
        .clone()
        .with("first_name", "A\u{202e}da")
        .with("last_name", "")
        .with("email", "ada@@example.org")
        .with("confirm_email", "eve@example.org")
        .with("mail_language", "tlh")
        .without("privacy");
    let page = browser.submit(&wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["first_name", "last_name", "email", "confirm_email", "mail_language", "privacy"] {
        let marked = page.body.contains(&format!("href=\"#{field}\""));
        assert!(marked, "{field} is in the summary");
    }
    let again = page.form("/register");
    assert_eq!(again.fields["email"], "ada@@example.org");
    assert_eq!(page.body.matches("autofocus").count(), 1, "the first wrong field has the focus");
    assert_ne!(again.fields["command"], form.fields["command"], "the new form is a new command");
}

#[tokio::test]
async fn addresses_that_are_refused_on_the_form() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    for (address, word) in [
        ("someone@mailinator.com", "disposable"),
        ("someone@x.MAILINATOR.com", "disposable"),
        ("someone@institution.example", "internal"),
    ] {
        let form = browser.registration(address).await;
        let page = browser.submit(&form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{address}");
        assert!(page.text().to_lowercase().contains(word), "{address}: {}", page.text());
    }
    assert!(site.mails.sent().is_empty());
}

#[tokio::test]
async fn posts_from_elsewhere_are_refused() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let page = ada.get("/account").await;
    let mut forms: Vec<Form> = ["/sign-out", "/account/password", "/account/language", "/sign-out/everywhere"]
        .into_iter()
        .map(|action| page.form(action))
        .collect();
    ada.add_totp().await;
    let device = ada.device_page().await;
    forms.extend(["rename", "remove"].map(|what| device.form(&format!("/account/security/device/{what}"))));
    forms.push(ada.get("/account/security/totp").await.form("/account/security/totp"));
    forms.push(ada.get("/account/security/mobile/add").await.form("/account/security/mobile/add"));
    let (_, pair) = ada.pair_phone().await;
    forms.extend(["pair", "cancel"].map(|what| pair.form(&format!("/account/security/mobile/{what}"))));
    forms.push(ada.key_page("passkey").await.form("/account/security/key"));
    forms.push(ada.get("/account/verify").await.form("/account/verify"));
    forms.push(ada.get("/account/security").await.form("/account/security/codes"));
    forms.push(ada.get("/account/security").await.form("/account/security/always"));
    forms.push(ada.get("/account/security/panic").await.form("/account/security/panic"));
    let codes = ada.new_codes().await;
    forms.extend(["confirm", "file"].map(|what| codes.form(&format!("/account/security/codes/{what}"))));
    let login = ada.get("/login").await;
    forms.extend(["/login/passkey", "/login/passkey/question"].map(|action| login.form(action)));
    for form in &forms {
        for origin in
            ["https://evil.example", "null", "http://login.example.org", "https://login.example.org.evil.example"]
        {
            let mut browser = ada.clone();
            browser.headers.extend(with("origin", origin));
            assert_eq!(browser.post(form).await.status, StatusCode::FORBIDDEN, "{} from {origin}", form.action);
        }
        let stranger = &mut site.browser_at("198.51.100.1");
        stranger.get("/login").await;
        assert_eq!(stranger.post(form).await.status, StatusCode::FORBIDDEN, "another browser's token");
        let forged = form.clone().with("csrf", "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(ada.post(&forged).await.status, StatusCode::FORBIDDEN);
        let moved = Form { action: "/account/language".to_owned(), ..form.clone() };
        if form.action != moved.action {
            assert_ne!(ada.post(&moved).await.status, StatusCode::SEE_OTHER, "a token is for one action");
        }
    }
    assert!(ada.is_signed_in().await);
    let mut headerless = ada.clone();
    headerless.headers.extend(with("sec-fetch-site", "cross-site"));
    headerless.headers.extend(with("origin", "https://evil.example"));
    assert_eq!(headerless.post(&forms[0]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_proof_of_work_is_good_once_and_for_its_form_only() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let form = browser.registration(ADA).await;
    assert_eq!(browser.submit(&form).await.path, "/check-mail");
    let second = form.clone().with("email", "b@example.org").with("confirm_email", "b@example.org");
    assert_eq!(browser.submit(&second).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Another form with the first one's solution.
    let other = browser.registration("c@example.org").await;
    let stolen = other.with("challenge", &form.fields["challenge"]).with("pow", &form.fields["pow"]);
    assert_eq!(browser.submit(&stolen).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A solution that is none.
    let other = browser.registration("c@example.org").await;
    assert_eq!(browser.submit(&other.with("pow", "999999")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.settle().await;
    assert_eq!(site.mails.sent().len(), 1);
}

/// A wrong proof, a wait that is not over and a wrong field are told at once: no account was looked at. A form that was taken
/// before is answered when every form is, since what became of it is asked once more then.
#[tokio::test]
async fn only_what_could_tell_something_waits_for_its_answer() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let mut sprayer = site.browser_at("198.51.100.1");
    for n in 0..site.app.limits.spraying_checked.max {
        sprayer.sign_in(&format!("person{n}@example.org"), "Wrong-horse7battery").await;
    }
    let login = sprayer.get("/login").await.form("/login").with("name", ADA);
    let password = sprayer.submit(&login).await.form("/login/password").with("password", PASSWORD);
    let wait = async |browser: &mut Browser<'_>, form: &Form| {
        let sent = site.app.now();
        assert_eq!(browser.submit(form).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        site.app.now().since(sent)
    };
    for form in [password.with("pow", "1"), sprayer.registration(ADA).await.with("pow", "999999")] {
        assert!(wait(&mut sprayer, &form).await.is_zero(), "a wrong proof: {form:?}");
    }
    let mut browser = site.browser_at("203.0.113.5");
    for (form, field, typed) in [
        (browser.registration(ADA).await, "first_name", ""),
        (browser.registration(ADA).await, "pow", ""),
        (browser.get("/lost-password").await.form("/lost-password").solved(), "name", ""),
        (browser.get("/lost-password").await.form("/lost-password").with("name", ADA), "pow", "999999"),
    ] {
        assert!(wait(&mut browser, &form.with(field, typed)).await.is_zero(), "{field}");
    }
    let taken = browser.registration(ADA).await;
    assert_eq!(browser.submit(&taken).await.path, "/check-mail");
    let taken = taken.with("email", "b@example.org").with("confirm_email", "b@example.org");
    assert!(!wait(&mut browser, &taken).await.is_zero(), "taken before");

    // In a browser that an account knows a look is taken at which one that is.
    ada.sign_out().await;
    let mut known = site.browser_at("198.51.100.1");
    known.cookies = ada.cookies.clone();
    let login = known.get("/login").await.form("/login").with("name", "somebody@example.org");
    let password = known.submit(&login).await.form("/login/password").with("password", PASSWORD);
    assert!(!wait(&mut known, &password.with("pow", "1")).await.is_zero(), "known to some account");
}

#[tokio::test]
async fn without_scripts_the_form_waits_and_then_works() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let form = browser.registration(ADA).await.with("pow", "");
    let page = browser.submit(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("second"), "it says how long: {}", page.text());
    let form = browser.registration(ADA).await.with("pow", "");
    site.clock.advance(site.app.person_check.wait(2));
    assert_eq!(browser.submit(&form).await.path, "/check-mail");
}

#[tokio::test]
async fn host_and_forwarding_headers_of_strangers_change_nothing() {
    let site = TestSite::new().await;
    let mut browser = site.browser_at("198.51.100.1");
    browser.headers.extend(with("host", "evil.example"));
    browser.headers.extend(with("x-forwarded-host", "evil.example"));
    browser.register(ADA).await;
    site.settle().await;
    let mail = site.mails.to(ADA).pop().unwrap();
    assert!(mail.raw.contains("https://login.example.org/l/"));
    assert!(!mail.raw.contains("evil.example"));
    // An untrusted peer that claims another address each time meets the limit of its own.
    let mut statuses = Vec::new();
    for n in 0..4 {
        let mut liar = site.browser_at("203.0.113.9");
        liar.headers.extend(with("x-forwarded-for", &format!("192.0.2.{n}")));
        statuses.push(liar.register("victim@example.org").await.status);
    }
    assert_eq!(statuses.pop(), Some(StatusCode::TOO_MANY_REQUESTS));
}

#[tokio::test]
async fn cookies_of_another_installation_are_worth_nothing() {
    let (other, site) = (TestSite::new().await, TestSite::new().await);
    // The same person with the same address has an account at both.
    let (theirs, mut ours) = (other.registered(ADA).await, site.registered(ADA).await);
    let mut browser = theirs.on(&site);
    assert!(browser.cookie("chancery-session").is_some() && browser.cookie("chancery-known").is_some());
    assert!(!browser.is_signed_in().await);
    assert_eq!(browser.get("/register").await.status, StatusCode::OK);
    ours.sign_out().await;
    for _ in 0..site.app.limits.sign_in_network.max {
        let page = browser.sign_in(ADA, "Wrong-horse7battery").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(browser.sign_in(ADA, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS, "it is a stranger's");
    assert_eq!(ours.sign_in(ADA, PASSWORD).await.path, "/account", "at the same address, with a cookie of ours");
    for garbage in ["", "x", "%00", &"A".repeat(5000)] {
        let mut browser = site.browser();
        for name in ["browser", "proof", "session", "known", "language"] {
            browser.cookies.insert(format!("__Host-chancery-{name}"), garbage.to_owned());
        }
        for path in ["/account", "/login/verify"] {
            assert_eq!(browser.get(path).await.path.split('?').next(), Some("/login"), "{garbage}");
        }
    }
}

#[tokio::test]
async fn forms_about_second_factors_are_as_strict_as_all_others() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    ada.add_totp().await;
    let device = ada.device_page().await;
    let (_, pair) = ada.pair_phone().await;
    let mut forms = vec![
        ada.get("/account/security/totp").await.form("/account/security/totp"),
        ada.key_page("second").await.form("/account/security/key"),
        ada.get("/account/security/mobile/add").await.form("/account/security/mobile/add"),
        pair.form("/account/security/mobile/pair"),
        pair.form("/account/security/mobile/cancel"),
        ada.get("/account/verify").await.form("/account/verify"),
        device.form("/account/security/device/rename"),
        device.form("/account/security/device/remove"),
    ];
    let codes = ada.new_codes().await;
    forms.extend(["confirm", "file"].map(|what| codes.form(&format!("/account/security/codes/{what}"))));
    let forged = forms.last().unwrap().clone().with("codes", "<script>");
    assert_eq!(ada.post(&forged).await.status, StatusCode::BAD_REQUEST);
    forms.push(ada.get("/account/security/panic").await.form("/account/security/panic"));
    let always = ada.get("/account/security").await.form("/account/security/always");
    assert_eq!(ada.post(&always.clone().with("always", "perhaps")).await.status, StatusCode::BAD_REQUEST);
    forms.push(always);
    let mut stranger = site.browser_at("198.51.100.1");
    stranger.sign_in(ADA, PASSWORD).await;
    forms.push(stranger.get("/login/verify?method=totp").await.form("/login/verify"));
    let before = site.event_types().await;
    for form in &forms {
        let mut browser = if form.action == "/login/verify" { stranger.clone() } else { ada.clone() };
        let body = form.body();
        for (what, body) in [
            ("an unknown field", format!("{body}&admin=1")),
            ("a field twice", format!("{body}&command=x")),
            ("NUL", format!("{body}%00")),
        ] {
            assert_eq!(
                raw(&mut browser, &form.action, &body).await,
                StatusCode::BAD_REQUEST,
                "{what}: {}",
                form.action
            );
        }
    }
    let device = |path: &str| forms.iter().find(|form| form.action == path).unwrap().clone();
    for (device, expected) in [
        (device("/account/security/device/remove").with("device", "x"), "/account/security?done=gone"),
        (device("/account/security/device/rename").with("device", "0"), "/account/security?done=gone"),
    ] {
        assert_eq!(ada.post(&device).await.header("location"), expected);
    }
    for name in ["", "a\u{202e}b", &"a".repeat(33)] {
        let page = ada.post(&device("/account/security/device/rename").with("device_name", name)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
    }
    for answer in ["", "x", "1234567", "000000"] {
        let form = device("/login/verify").with("one_time_code", answer);
        assert_eq!(stranger.clone().post(&form).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
    }
    let odd = device("/login/verify").with("method", "levitation").with("one_time_code", "000000");
    assert_eq!(stranger.clone().post(&odd).await.status, StatusCode::OK, "the choice is offered again");
    let types = site.event_types().await;
    let more: Vec<&String> = types.iter().filter(|name| *name != "account.second_factor_failed").collect();
    assert_eq!(more.len(), before.len(), "nothing happened but that answers were wrong");
}
