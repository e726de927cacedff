//! No answer, no limit and no header tells whether an address has an account.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use chancery_service::accounts::administer::Measure;
use chancery_tests::site::{ANSWER_AFTER, Browser, Calls, Form, PASSWORD, Page, TestSite};

const KNOWN: &str = "known@example.org";
const UNCONFIRMED: &str = "never@example.org";
const SUSPENDED: &str = "stop@example.org";
/// Has a second factor, of which nobody learns before the password.
const FACTOR: &str = "second@example.org";
const UNKNOWN: &str = "nobody@example.org";

async fn site() -> TestSite {
    let site = TestSite::new().await;
    site.registered(KNOWN).await;
    site.browser_at("203.0.113.1").register(UNCONFIRMED).await;
    site.registered(FACTOR).await.add_totp().await;
    site.registered(SUSPENDED).await;
    let uid = uid_of(&site, SUSPENDED).await;
    site.app.administer("root", &uid, &Measure::Suspend, "stolen").await.unwrap();
    site.settle().await;
    site.mails.clear();
    // A new day: what was counted so far is forgotten.
    site.after(Duration::from_secs(2 * 24 * 3600)).await;
    site
}

async fn uid_of(site: &TestSite, email: &str) -> chancery_domain::values::Uid {
    let normalised = chancery_domain::values::EmailAddress::parse(email).unwrap().normalised();
    let claim = chancery_service::accounts::email_claim(&normalised);
    let account = site.app.store.find::<chancery_domain::account::Account>(&claim).await.unwrap().unwrap();
    account.state.identity.unwrap().uid
}

/// What an outsider sees of an answer, to the byte: everything but what is random, and the typed name itself.
fn seen(page: &Page, name: &str) -> String {
    let mut headers: Vec<String> = page
        .headers
        .iter()
        .filter(|(name, _)| !["date", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", hide(value.to_str().unwrap_or("?"))))
        .collect();
    headers.sort();
    let body = RANDOM.iter().fold(page.body.clone(), |body, before| mask(&body, before));
    format!("{}\n{}\n{body}", page.status, headers.join("\n")).replace(name, "NAME")
}

/// What stands before the random parts of a page, each of which ends with its attribute.
const RANDOM: [&str; 7] = [
    " nonce=\"",
    " data-challenge=\"",
    " name=\"csrf\" value=\"",
    " name=\"command\" value=\"",
    " name=\"challenge\" value=\"",
    " name=\"wait\" value=\"",
    " name=\"statement\" value=\"",
];

fn mask(body: &str, before: &str) -> String {
    let mut parts = body.split(before);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |masked, part| format!("{masked}{before}*\"{}", part.split_once('"').unwrap().1))
}

/// What is seen of a form's own answer, how long it took, and of the page that it leads to.
async fn seen_after(browser: &mut Browser<'_>, form: &Form, name: &str, site: &TestSite) -> Vec<String> {
    let before = site.app.now();
    let answer = browser.post(form).await;
    let mut all = vec![format!("{:?} {}", site.app.now().since(before), seen(&answer, name))];
    if answer.status.is_redirection() {
        all.push(seen(&browser.get(answer.header("location")).await, name));
    }
    all
}

/// Random parts of headers: nonces and cookies.
fn hide(value: &str) -> String {
    value
        .split_inclusive(['=', ';', '\'', ' '])
        .map(|part| if part.len() > 20 && !part.contains('-') || part.len() > 40 { "*" } else { part })
        .collect::<String>()
        .split('\'')
        .map(|part| if part.starts_with("nonce-") { "nonce" } else { part })
        .collect::<Vec<_>>()
        .join("'")
}

async fn arrived_at<'a>(site: &'a TestSite, n: usize) -> Browser<'a> {
    site.browser_at(&format!("198.51.100.{n}"))
}

#[tokio::test]
async fn every_form_answers_the_same_for_every_name() {
    let site = site().await;
    let names = [UNKNOWN, KNOWN, UNCONFIRMED, SUSPENDED, FACTOR];
    let mut answers: Vec<Vec<String>> = Vec::new();
    for (n, name) in names.into_iter().enumerate() {
        let mut seen_here = Vec::new();
        let mut browser = arrived_at(&site, n).await;
        let form = browser.get("/lost-password").await.form("/lost-password").solved().with("name", name);
        seen_here.extend(seen_after(&mut browser, &form, name, &site).await);
        let mut browser = arrived_at(&site, 20 + n).await;
        let form = browser.get("/login").await.form("/login").with("name", name);
        let page = browser.submit(&form).await;
        seen_here.push(seen(&page, name));
        let form = page.form("/login/password").with("password", "Wrong-horse7battery");
        seen_here.extend(seen_after(&mut browser, &form, name, &site).await);
        let mut browser = arrived_at(&site, 40 + n).await;
        let form = browser.registration(name).await;
        seen_here.extend(seen_after(&mut browser, &form, name, &site).await);
        assert_eq!(seen_here.len(), 6, "two answers with where they lead, and two pages");
        answers.push(seen_here);
    }
    for (name, answer) in names.into_iter().zip(&answers) {
        assert_eq!(answer, &answers[0], "{name} is answered as {UNKNOWN} is");
    }
    site.settle().await;
    assert!(site.mails.to(SUSPENDED).is_empty());
    let subjects: Vec<String> = site.mails.to(KNOWN).into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects.len(), 2, "a reset, and a word about the second registration: {subjects:?}");
}

#[tokio::test]
async fn the_number_of_mails_until_the_limit_is_the_same_for_every_name() {
    let site = site().await;
    let mut limits = Vec::new();
    for (n, name) in [UNKNOWN, KNOWN, UNCONFIRMED, SUSPENDED].into_iter().enumerate() {
        // After the forms of the first kind, only what is kept for resets is left for the second.
        for (register, most) in [(true, 3), (false, 1)] {
            let mut allowed = 0;
            let refused = loop {
                // A new browser each time, of one network.
                let mut browser = arrived_at(&site, 100 + n).await;
                let page = if register { browser.register(name).await } else { browser.lose_password(name).await };
                if page.status == StatusCode::TOO_MANY_REQUESTS {
                    break page;
                }
                assert_eq!(page.path, "/check-mail");
                allowed += 1;
            };
            assert_eq!(allowed, most, "{name}");
            assert!(refused.text().contains("An e-mail that you received earlier still works"), "{}", refused.text());
            assert!(refused.header("retry-after").parse::<u32>().unwrap() > 3000);
            limits.push((register, seen(&refused, name)));
        }
    }
    for limit in &limits {
        let first = limits.iter().find(|other| other.0 == limit.0).unwrap();
        assert_eq!(limit, first, "what is over the limit is one page for all");
    }
}

/// Every form about a name, after the one by which it was begun. Those that make an account of an unknown address come
/// last.
const FORMS: [(&str, &str); 7] = [
    ("/lost-password", "/lost-password"),
    ("/lost-password", "/check-mail"),
    ("/lost-password", "/check-mail/again"),
    ("/login", "/login/password"),
    ("/register", "/register"),
    ("/register", "/check-mail"),
    ("/register", "/check-mail/again"),
];

/// One of them, filled in; what would prove something is wrong.
async fn filled_in(browser: &mut Browser<'_>, (begun, action): (&str, &str), name: &str) -> Form {
    match (begun, action) {
        ("/lost-password", "/lost-password") => browser.get(action).await.form(action).solved().with("name", name),
        ("/register", "/register") => browser.registration(name).await,
        ("/login", _) => {
            // The first failures are recorded behind their answers, for names that have a log; not the third.
            browser.sign_in(name, "Wrong-horse6battery").await;
            let page = browser.sign_in(name, "Wrong-horse7battery").await;
            page.form(action).with("password", "Wrong-horse8battery")
        }
        _ => {
            let registers = begun == "/register";
            let page = if registers { browser.register(name).await } else { browser.lose_password(name).await };
            let form = page.form(action);
            if action == "/check-mail" { form.with("code", "ABCD-EFGH") } else { form }
        }
    }
}

/// With a driven clock: draws, readings of the clock, a password's hash (which reads it three times), waits until an answer,
/// what the database is asked on the way to it, and when it comes.
#[tokio::test]
async fn every_name_makes_the_same_calls_to_the_ports() {
    let site = site().await;
    let mut calls: BTreeMap<_, Vec<(Calls, Duration)>> = BTreeMap::new();
    for (n, name) in [UNKNOWN, KNOWN, UNCONFIRMED, SUSPENDED, FACTOR, "n2222222"].into_iter().enumerate() {
        for (m, (begun, action)) in FORMS.into_iter().enumerate() {
            if begun == "/register" && !name.contains('@') {
                continue;
            }
            // Each from a network of its own: none meets what another one was counted for.
            let mut browser = arrived_at(&site, 200 + 8 * n + m).await;
            let form = filled_in(&mut browser, (begun, action), name).await;
            let is_proof = ["/login/password", "/check-mail"].contains(&action);
            let status = if is_proof { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::SEE_OTHER };
            let times: &[&str] = if is_proof { &["first"] } else { &["first", "answer lost"] };
            for time in times {
                site.settle().await;
                let sent = site.app.now();
                site.ports.calls();
                let answer = browser.post(&form).await;
                assert_eq!(answer.status, status, "{action} after {begun} for {name}: {}", answer.text());
                let mut made = site.ports.calls();
                // The hash's thread reads the clock for the last of its three times when it has answered.
                for _ in 0..100_000 {
                    if made.hashing.is_multiple_of(3) {
                        break;
                    }
                    std::thread::yield_now();
                    made.hashing += site.ports.calls().hashing;
                }
                calls.entry((begun, action, *time)).or_default().push((made, site.app.now().since(sent)));
            }
        }
    }
    for (form, calls) in calls {
        let (made, took) = &calls[0];
        assert!(made.draws > 0 && made.waits == 1 && !made.asked.is_empty(), "{form:?}: {calls:?}");
        assert_eq!(*took, ANSWER_AFTER, "{form:?}");
        assert!(calls.iter().all(|other| other == &calls[0]), "{form:?}: {calls:?}");
    }
}

/// What 30 browsers of as many networks are answered that send a form for one name at the same moment, and how often.
async fn answers_at_once(site: &TestSite, action: &str, name: &str) -> BTreeMap<String, usize> {
    let mut filled_in = Vec::new();
    for n in 0..30 {
        let mut browser = arrived_at(site, 150 + n).await;
        let form = match action {
            "/register" => browser.registration(name).await,
            _ => browser.get(action).await.form(action).solved().with("name", name),
        };
        filled_in.push((browser, form));
    }
    let sent = filled_in.iter_mut().map(|(browser, form)| browser.post(form));
    let mut answers = BTreeMap::new();
    for page in futures::future::join_all(sent).await {
        let answer = format!("{} {} {}", page.status, page.header("location"), page.header("retry-after"));
        *answers.entry(answer).or_default() += 1;
    }
    answers
}

#[tokio::test]
async fn many_forms_at_once_are_answered_the_same_for_every_name() {
    for action in ["/lost-password", "/register"] {
        for name in [KNOWN, UNCONFIRMED, SUSPENDED, UNKNOWN] {
            let site = site().await;
            let before = site.event_types().await;
            let answers = answers_at_once(&site, action, name).await;
            assert_eq!(answers, BTreeMap::from([("303 See Other /check-mail ".to_owned(), 30)]), "{action} for {name}");
            site.settle().await;
            let expected = name == SUSPENDED || (name == UNKNOWN && action == "/lost-password");
            assert_eq!(site.mails.to(name).is_empty(), expected, "{action} for {name}: one of them at least is mailed");
            if (action, name) == ("/lost-password", UNKNOWN) {
                assert_eq!(site.event_types().await, before, "no account, and nothing else");
            }
        }
    }
}

/// Every name's status at "Lost your password?" and at "Create an account".
async fn statuses(site: &TestSite) -> Vec<(StatusCode, StatusCode)> {
    let mut statuses = Vec::new();
    for (n, name) in [UNKNOWN, KNOWN, UNCONFIRMED, SUSPENDED].into_iter().enumerate() {
        let reset = arrived_at(site, 220 + n).await.lose_password(name).await.status;
        statuses.push((reset, arrived_at(site, 230 + n).await.register(name).await.status));
    }
    statuses
}

/// Every name's status at the sign-in, and at the page that waits for the code of a reset.
async fn statuses_of_proofs(site: &TestSite) -> Vec<(StatusCode, StatusCode)> {
    let mut statuses = Vec::new();
    for (n, name) in [UNKNOWN, KNOWN, UNCONFIRMED, SUSPENDED].into_iter().enumerate() {
        let sign_in = arrived_at(site, 240 + n).await.sign_in(name, PASSWORD).await.status;
        let mut browser = arrived_at(site, 250 + n).await;
        let page = browser.lose_password(name).await;
        let code = browser.submit(&page.form("/check-mail").with("code", "ABCD-EFGH")).await.status;
        statuses.push((sign_in, code));
    }
    statuses
}

#[tokio::test]
async fn accounts_that_cannot_be_read_are_answered_as_if_they_were_not_there() {
    let site = site().await;
    let damage = "UPDATE states SET state = x'00' WHERE aggregate = 'account'";
    site.db.execute(chancery_eventstore::db::sql(damage)).await.unwrap();
    assert_eq!(statuses(&site).await, [(StatusCode::OK, StatusCode::OK); 4]);
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    assert_eq!(statuses_of_proofs(&site).await, [(wrong, wrong); 4]);
}

#[tokio::test]
async fn a_password_that_cannot_be_opened_is_answered_as_if_there_were_none() {
    let site = site().await;
    let damage = chancery_eventstore::db::sql("UPDATE keys SET wrapped = zeroblob(length(wrapped)) WHERE class = $1");
    site.db.execute(damage.bind(chancery_eventstore::KeyClass::Credential as i64)).await.unwrap();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    assert_eq!(statuses_of_proofs(&site).await, [(wrong, wrong); 4]);
}

/// What "send again" is answered where two of its forms are sent in this order.
async fn sent_again(site: &TestSite, n: usize, action: &str, name: &str, order: &[usize]) -> Vec<StatusCode> {
    let mut browser = arrived_at(site, n).await;
    let page = if action == "/register" { browser.register(name).await } else { browser.lose_password(name).await };
    let again = "/check-mail/again";
    let forms = [page.form(again), browser.get("/check-mail").await.form(again)];
    let mut answers = Vec::new();
    for place in order {
        site.settle().await;
        answers.push(browser.post(&forms[*place]).await.status);
    }
    answers
}

/// Whether the log remembers a form depends on the name's account, so that it must not decide what counts.
#[tokio::test]
async fn send_again_counts_the_same_for_every_name_however_often_one_form_is_sent() {
    const DONE: StatusCode = StatusCode::SEE_OTHER;
    const FULL: StatusCode = StatusCode::TOO_MANY_REQUESTS;
    let site = site().await;
    for (n, name) in [UNKNOWN, KNOWN, UNCONFIRMED, SUSPENDED].into_iter().enumerate() {
        for (m, action) in ["/register", "/lost-password"].into_iter().enumerate() {
            let one = sent_again(&site, 100 + 2 * n + m, action, name, &[0; 6]).await;
            assert_eq!(one, [DONE; 6], "{action} for {name}: an answer that was lost ends in the same place");
            let two = sent_again(&site, 120 + 2 * n + m, action, name, &[0, 1, 0, 1, 0, 1, 0]).await;
            let expected = match action {
                "/register" => [DONE, DONE, FULL, DONE, FULL, DONE, FULL],
                // One more, which is kept for resets.
                _ => [DONE, DONE, DONE, FULL, DONE, FULL, DONE],
            };
            assert_eq!(two, expected, "{action} for {name}");
        }
    }
}

#[tokio::test]
async fn a_node_that_cannot_decide_says_so_to_every_name() {
    let busy = StatusCode::SERVICE_UNAVAILABLE;
    let site = site().await;
    site.app.clock_agrees.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(statuses(&site).await, [(busy, busy); 4]);
}

#[tokio::test]
async fn one_form_sent_for_two_names_tells_nothing_of_the_first() {
    for first in [KNOWN, UNKNOWN] {
        let site = site().await;
        let mut browser = arrived_at(&site, 7).await;
        let page = browser.get("/lost-password").await;
        let form = page.form("/lost-password").solved();
        let page = browser.submit(&form.clone().with("name", first)).await;
        assert_eq!(page.path, "/check-mail");
        let page = browser.submit(&form.with("name", "second@example.org")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "the proof of work is spent, whatever it was for");
    }
}

#[tokio::test]
async fn the_same_form_sent_again_ends_in_the_same_place() {
    for name in [KNOWN, UNKNOWN] {
        let site = site().await;
        let mut browser = arrived_at(&site, 7).await;
        let page = browser.get("/lost-password").await;
        let form = page.form("/lost-password").solved().with("name", name);
        assert_eq!(browser.submit(&form).await.path, "/check-mail");
        assert_eq!(browser.submit(&form).await.path, "/check-mail");
        site.settle().await;
        assert!(site.mails.to(name).len() <= 1, "one mail at the most");
    }
}

#[tokio::test]
async fn mail_goes_to_the_stored_address_only() {
    let site = TestSite::new().await;
    let mut zoe = site.browser();
    zoe.register("Zoe@bücher.example").await;
    site.settle().await;
    zoe.follow_link(&site.mails.link_to("Zoe@xn--bcher-kva.example")).await;
    site.settle().await;
    site.mails.clear();
    site.browser_at("198.51.100.1").register("zoe@BÜCHER.example").await;
    site.browser_at("198.51.100.2").lose_password("ZOE@xn--bcher-kva.example").await;
    site.settle().await;
    let recipients: Vec<String> = site.mails.sent().into_iter().map(|mail| mail.to).collect();
    assert_eq!(recipients.len(), 2);
    assert!(recipients.iter().all(|to| to == "Zoe@xn--bcher-kva.example"), "never to the variant: {recipients:?}");
}

#[tokio::test]
async fn a_mail_to_an_unproved_address_carries_nothing_that_its_sender_typed() {
    let site = TestSite::new().await;
    let mut stranger = site.browser();
    let form = stranger.registration("victim@example.org").await;
    let form = form.with("first_name", "Buy Cheap").with("last_name", "Watches Now");
    stranger.submit(&form).await;
    site.settle().await;
    let mail = site.mails.to("victim@example.org").pop().unwrap();
    for typed in ["Buy", "Cheap", "Watches", "Now"] {
        assert!(!mail.raw.contains(typed), "{typed}");
    }
}

#[tokio::test]
async fn signing_in_says_one_sentence_for_every_cause() {
    let site = site().await;
    let mut texts = std::collections::HashSet::new();
    for (n, (name, password)) in [
        (KNOWN, "Wrong-horse7battery"),
        (FACTOR, "Wrong-horse7battery"),
        (UNKNOWN, PASSWORD),
        (UNCONFIRMED, PASSWORD),
        (SUSPENDED, PASSWORD),
        ("n2222222", PASSWORD),
        ("no name at all", PASSWORD),
    ]
    .into_iter()
    .enumerate()
    {
        let mut browser = arrived_at(&site, 60 + n).await;
        let page = browser.sign_in(name, password).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().contains("(external)"));
        texts.insert(page.text().replace(name, "NAME"));
    }
    assert_eq!(texts.len(), 1, "{texts:#?}");
}
