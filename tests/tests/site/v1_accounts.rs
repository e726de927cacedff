//! Accounts and their changes, as programs see them.

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::{Method, StatusCode};
use chancery_domain::application::Scope;
use chancery_eventstore::db::sql;
use chancery_eventstore::verify::Options;
use chancery_projections::Rebuild;
use chancery_tests::audit::assert_clean;
use chancery_tests::site::program::read;
use chancery_tests::site::{Browser, Program, Setup, TestSite, World};
use futures::StreamExt;
use serde_json::{Value, json};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn reader(site: &TestSite) -> Program<'_> {
    site.program("Rooms", &[Scope::AccountsRead]).await
}

async fn found(program: &Program<'_>, email: &str) -> Value {
    program.post("/v1/accounts/search", json!({ "email": email })).await.json["accounts"].clone()
}

#[tokio::test]
async fn an_account_is_told_with_its_fields_and_nothing_else() {
    let site = TestSite::new().await;
    let program = reader(&site).await;
    let mut ada = site.registered("Ada@example.org").await;
    let accounts = found(&program, "ada@EXAMPLE.org").await;
    let uid = accounts[0]["uid"].as_str().unwrap().to_owned();
    let answer = program.get(&format!("/v1/accounts/{uid}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json, accounts[0]);
    let names: Vec<&String> = answer.json.as_object().unwrap().keys().collect();
    let told = ["confirmed", "created", "email", "first_name", "id", "last_name", "mail_language", "state", "uid"];
    assert_eq!(names, told);
    assert_eq!(answer.json["email"], "Ada@example.org");
    assert_eq!((&answer.json["state"], &answer.json["mail_language"]), (&json!("active"), &json!("en")));
    assert_eq!(answer.json["created"], "2026-05-05T10:00:00.500Z");

    // A sign-in is nobody's business: the tag stays.
    let tag = answer.header("etag").to_owned();
    assert!(tag.starts_with("\"1."), "{tag}");
    ada.sign_out().await;
    ada.sign_in("ada@example.org", chancery_tests::site::PASSWORD).await;
    let known = program.with("if-none-match", &tag);
    let again = known.get(&format!("/v1/accounts/{uid}")).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (StatusCode::NOT_MODIFIED, "", tag.as_str()));
    assert_eq!(program.with("if-match", &tag).get(&format!("/v1/accounts/{uid}")).await.status, StatusCode::OK);
    language(&mut ada, "el").await;
    let answer = known.get(&format!("/v1/accounts/{uid}")).await;
    assert_eq!((answer.status, &answer.json["mail_language"]), (StatusCode::OK, &json!("el")));
    let answer = program.with("if-match", &tag).get(&format!("/v1/accounts/{uid}")).await;
    assert_eq!((answer.status.as_u16(), answer.problem()), (412, "precondition-failed"));
    for condition in ["if-match", "if-none-match"] {
        let answer = program.with(condition, "\"7.1\"").get(&format!("/v1/accounts/{uid}")).await;
        let told = (answer.status.as_u16(), answer.problem(), &answer.json["epoch"]);
        assert_eq!(told, (409, "epoch-changed", &json!(1)), "{condition}");
    }

    assert_eq!(found(&program, "nobody@example.org").await, json!([]));
    for uid in ["n2222222", "nobody", "%20"] {
        assert_eq!(program.get(&format!("/v1/accounts/{uid}")).await.problem(), "not-found");
    }
}

async fn language(browser: &mut Browser<'_>, tag: &str) {
    let page = browser.get("/account").await;
    browser.submit(&page.form("/account/language").with("mail_language", tag)).await;
}

#[tokio::test]
async fn a_read_is_as_new_as_is_asked_or_says_what_to_do() {
    let site = TestSite::new().await;
    let program = reader(&site).await;
    let _ = site.registered("ada@example.org").await;
    let uid = found(&program, "ada@example.org").await[0]["uid"].as_str().unwrap().to_owned();
    let head = site.app.store.backend().head().await.unwrap();
    let path = |at: &str| format!("/v1/accounts/{uid}?at-least={at}");
    assert_eq!(program.get(&path(&format!("1.{}", head.position))).await.status, StatusCode::OK);
    let answer = program.get(&path(&format!("1.{}", head.position.0 + 1))).await;
    assert_eq!((answer.status.as_u16(), answer.problem()), (409, "position-unknown"));
    assert_eq!(answer.text_of("position"), format!("1.{}", head.position));
    for path in [path("2.1"), "/v1/accounts/changes?at-least=2.1".into(), "/v1/accounts/changes?after=0.1".into()] {
        let answer = program.get(&path).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (409, "epoch-changed"));
        assert_eq!(answer.json["epoch"], 1);
    }
    // What follows the log may be behind: the answer waits, and not for ever.
    let changes = format!("/v1/accounts/changes?at-least=1.{}", head.position);
    assert_eq!(program.get(&changes).await.status, StatusCode::OK);
    site.db.execute(sql("UPDATE projection_cursors SET position = 1 WHERE name = 'account_changes_v1'")).await.unwrap();
    let answer = program.get(&changes).await;
    assert_eq!((answer.status.as_u16(), answer.problem(), answer.header("retry-after")), (409, "not-yet", "1"));
    assert_eq!(answer.text_of("position"), "1.1");
    let (waited, ()) = futures::join!(program.get(&changes), site.settle());
    assert_eq!(waited.status, StatusCode::OK);
}

/// All changes, a few at a time.
async fn all(program: &Program<'_>, limit: u32) -> Vec<Value> {
    let (mut changes, mut after) = (Vec::new(), String::new());
    loop {
        let page = program.get(&format!("/v1/accounts/changes?limit={limit}{after}")).await;
        assert_eq!((page.status, &page.json["epoch"]), (StatusCode::OK, &json!(1)), "{}", page.text);
        let new = page.json["changes"].as_array().unwrap().clone();
        if new.is_empty() {
            return changes;
        }
        changes.extend(new);
        after = format!("&after={}", page.text_of("next"));
    }
}

#[tokio::test]
async fn changes_come_in_order_without_a_gap_and_with_tombstones() {
    for world in [World::sqlite().await, World::postgres().await] {
        let site = world.site(Setup::default()).await;
        site.age().await;
        let program = reader(&site).await;
        let mut ada = site.registered("ada@example.org").await;
        site.browser_at("198.51.100.2").register("never@example.org").await;
        site.settle().await;
        let never = found(&program, "never@example.org").await[0].clone();
        assert_eq!((&never["state"], &never["confirmed"]), (&json!("unconfirmed"), &Value::Null));
        language(&mut ada, "fr").await;
        ada.sign_out().await;
        site.settle().await;
        let told = all(&program, 500).await;
        let fields: Vec<Vec<&str>> = told
            .iter()
            .map(|change| change["fields"].as_array().unwrap().iter().filter_map(Value::as_str).collect())
            .collect();
        let everything = vec!["uid", "first_name", "last_name", "email", "mail_language", "state", "created"];
        let expected = [everything.clone(), vec!["state", "confirmed"], everything.clone(), vec!["mail_language"]];
        assert_eq!(fields, expected);
        let uid = found(&program, "ada@example.org").await[0]["uid"].clone();
        assert!([0, 1, 3].into_iter().all(|n| told[n]["uid"] == uid));
        assert_eq!((&told[2]["uid"], &told[2]["id"]), (&never["uid"], &never["id"]));

        // The one whom nobody confirmed lapses: what is left of it is a tombstone, by the id that says nothing.
        site.after(9 * DAY).await;
        let told = all(&program, 1).await;
        let last = told.last().unwrap();
        assert_eq!((&last["id"], &last["uid"], &last["gone"]), (&never["id"], &Value::Null, &json!(true)));
        assert_eq!(told.iter().filter(|change| change["id"] == never["id"]).count(), 1);
        assert_eq!(
            program.get(&format!("/v1/accounts/{}", never["uid"].as_str().unwrap())).await.problem(),
            "not-found"
        );
        assert_eq!(all(&program, 500).await, told);

        // Built anew beside the live one it is the same.
        let backend = std::sync::Arc::clone(site.app.store.backend());
        let rebuild = Rebuild::new(site.db.clone(), backend, site.changes.projection()).in_batches_of(3);
        rebuild.run(|_| {}).await.unwrap();
        assert_eq!(all(&program, 500).await, told);
        assert_clean(&world.verify(Options::default()).await);
        let changed = sql(
            "UPDATE account_changes_v1 SET fields = 1 WHERE position = (SELECT max(position) FROM account_changes_v1)",
        );
        site.db.execute(changed).await.unwrap();
        let report = world.verify(Options::default()).await;
        assert_eq!(report.divergences.len(), 1, "{report:?}");
    }
}

#[tokio::test]
async fn an_account_that_cannot_be_read_does_not_keep_the_others_from_being_told() {
    let site = TestSite::new().await;
    let program = reader(&site).await;
    let (mut ada, _bob) = (site.registered("ada@example.org").await, site.registered("bob@example.org").await);
    site.settle().await;
    let id = |accounts: Value| accounts[0]["id"].as_str().unwrap().to_owned();
    let (ada_id, bob_id) = (id(found(&program, "ada@example.org").await), id(found(&program, "bob@example.org").await));
    let stream: chancery_domain::StreamId = bob_id.parse::<uuid::Uuid>().unwrap().into();
    let damage = sql("UPDATE states SET state = x'00' WHERE stream = $1").bind(stream.as_bytes().as_slice());
    site.db.execute(damage).await.unwrap();

    let changes = all(&program, 100).await;
    let of = |id: &str| changes.iter().filter(|change| change["id"] == id).collect::<Vec<_>>();
    assert!(of(&ada_id).len() >= 2 && of(&ada_id).iter().all(|change| change["uid"].is_string()), "{changes:?}");
    assert!(of(&bob_id).len() >= 2, "{changes:?}");
    for change in of(&bob_id) {
        assert_eq!((&change["uid"], &change["gone"]), (&Value::Null, &json!(false)), "it is not gone: {change}");
    }
    // One who waits is told too.
    let next = program.get("/v1/accounts/changes").await.text_of("next");
    let change = async {
        language(&mut ada, "fr").await;
        site.settle().await;
    };
    let path = format!("/v1/accounts/changes?wait=30&after={next}");
    let (answer, ()) = futures::join!(program.get(&path), change);
    assert_eq!(answer.json["changes"][0]["id"], json!(ada_id), "{}", answer.text);
}

#[tokio::test]
async fn a_read_model_of_changes_holds_nothing_personal() {
    let site = TestSite::new().await;
    let _ = site.registered("ada@example.org").await;
    let rows: Vec<(i64, Vec<u8>, i64)> =
        site.db.fetch(sql("SELECT position, stream, fields FROM account_changes_v1")).await.unwrap();
    assert_eq!(rows.len(), 2);
    for parameter in ["limit=0", "limit=501", "wait=31", "after=1", "after=1.99999999", "more=1"] {
        let answer = reader_of(&site).await.get(&format!("/v1/accounts/changes?{parameter}")).await;
        assert!(matches!(answer.status.as_u16(), 400 | 409), "{parameter}: {}", answer.text);
    }
}

async fn reader_of(site: &TestSite) -> Program<'_> {
    let name = format!("Rooms {}", site.app.new_id());
    site.program(&name, &[Scope::AccountsRead]).await
}

/// What an operator may do to an application, by the problem that it meets from then on, and the status.
const TAKEN: [(&str, u16); 3] = [("scope-missing", 403), ("application-disabled", 403), ("unauthenticated", 401)];

/// Narrows, disables or rotates it.
async fn take_from(program: &Program<'_>, site: &TestSite, problem: &str) {
    match problem {
        "scope-missing" => {
            site.app.set_application_scopes("root", &program.name, &[Scope::AccountsInvite]).await.unwrap();
        }
        "application-disabled" => {
            site.app.disable_application("root", &program.name, "leaked").await.unwrap();
        }
        _ => {
            site.app.rotate_application_secret("root", &program.name).await.unwrap().unwrap();
            site.app.retire_application_secret("root", &program.name).await.unwrap();
        }
    }
}

/// Gives back what can be: not the old secret.
async fn give_back(program: &Program<'_>, site: &TestSite) {
    site.app.enable_application("root", &program.name, "mended").await.unwrap();
    site.app.set_application_scopes("root", &program.name, &[Scope::AccountsRead]).await.unwrap();
}

#[tokio::test]
async fn a_long_poll_is_answered_by_the_change_and_cut_with_the_application() {
    let site = TestSite::new().await;
    let program = reader(&site).await;
    let mut ada = site.registered("ada@example.org").await;
    let next = program.get("/v1/accounts/changes").await.text_of("next");
    let path = format!("/v1/accounts/changes?wait=30&after={next}");
    let change = async {
        site.clock.until_sleepers(0).await;
        language(&mut ada, "fr").await;
        site.settle().await;
    };
    let (answer, ()) = futures::join!(program.get(&path), change);
    assert_eq!(answer.json["changes"].as_array().unwrap().len(), 1, "{}", answer.text);

    let path = format!("/v1/accounts/changes?wait=30&after={}", answer.text_of("next"));
    for (problem, status) in TAKEN {
        let (answer, ()) = futures::join!(program.get(&path), take_from(&program, &site, problem));
        assert_eq!((answer.status.as_u16(), answer.problem()), (status, problem), "{}", answer.text);
        give_back(&program, &site).await;
    }
}

/// The next piece of a stream of events; `None` where it has ended.
async fn piece(stream: &mut BodyDataStream) -> Option<String> {
    let piece = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.expect("a word in time");
    piece.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn a_stream_goes_on_where_it_broke_off_and_is_cut_with_the_application() {
    let world = World::postgres().await;
    let one = world.site(Setup::default()).await;
    let two = world.site(Setup { seed: 2, ..Setup::default() }).await;
    one.age().await;
    let program = reader(&one).await.on(&two).with("accept", "text/event-stream");
    let mut ada = one.registered("ada@example.org").await;
    let response = program.open(Method::GET, "/v1/accounts/changes", None).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let (created, confirmed) = (piece(&mut stream).await.unwrap(), piece(&mut stream).await.unwrap());
    assert!(created.contains("event: change\n") && created.contains("first_name"), "{created}");
    assert!(confirmed.contains("confirmed"), "{confirmed}");
    let id = |piece: &str| piece.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();

    // A change on the other node, and one while nobody listens.
    language(&mut ada, "fr").await;
    one.settle().await;
    let changed = piece(&mut stream).await.unwrap();
    assert!(changed.contains("mail_language"), "{changed}");
    drop(stream);
    language(&mut ada, "de").await;
    one.settle().await;
    let again = program.with("last-event-id", &id(&changed));
    for (problem, status) in TAKEN {
        let mut stream =
            again.open(Method::GET, "/v1/accounts/changes?after=1.0", None).await.into_body().into_data_stream();
        let missed = piece(&mut stream).await.unwrap();
        assert!(missed.contains("mail_language") && id(&missed) != id(&changed), "{missed}");

        // Cut by an operator at the other node; whoever comes back is told why.
        take_from(&program, &one, problem).await;
        assert_eq!(piece(&mut stream).await, None, "{problem}");
        let answer = read(program.open(Method::GET, "/v1/accounts/changes", None).await).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (status, problem));
        give_back(&program, &one).await;
    }
}

#[tokio::test]
async fn so_many_requests_of_one_application_wait_and_no_more() {
    let site = TestSite::new().await;
    let program = reader(&site).await.with("accept", "text/event-stream");
    let mut open = Vec::new();
    for _ in 0..16 {
        let response = program.open(Method::GET, "/v1/accounts/changes", None).await;
        assert_eq!(response.status(), StatusCode::OK);
        open.push(response);
    }
    let answer = read(program.open(Method::GET, "/v1/accounts/changes", None).await).await;
    assert_eq!((answer.status.as_u16(), answer.problem()), (429, "too-many-open"));
    let mut plain = program.clone();
    plain.headers.clear();
    assert_eq!(plain.get("/v1/accounts/changes").await.status, StatusCode::OK, "one that does not wait is not held");
    open.pop();
    assert_eq!(program.open(Method::GET, "/v1/accounts/changes", None).await.status(), StatusCode::OK);
}
