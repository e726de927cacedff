//! Who may ask `/v1`, held against every operation that the interface describes.

use axum::http::{Method, StatusCode};
use chancery_domain::application::Scope;
use chancery_tests::site::{Answer, Program, Setup, TestSite, World};
use serde_json::json;

/// An operation, and the scope that it needs.
struct Operation {
    method: Method,
    path: String,
    scope: Scope,
}

/// Every operation of the description, with values in its path that lead nowhere.
fn operations() -> Vec<Operation> {
    let description = serde_json::to_value(chancery_api::v1::description()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["secret"][0].as_str().unwrap();
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.replace("{uid}", "n2222222").replace("{id}", "00000000000000000000000000000000"),
                scope: scope.parse().unwrap(),
            });
        }
    }
    assert_eq!(operations.len(), 6, "a new operation is a line in docs/applications.md");
    operations
}

async fn ask(program: &Program<'_>, operation: &Operation) -> Answer {
    let program = program.with("idempotency-key", "key");
    let body = (operation.method == Method::POST && !operation.path.ends_with("resend"))
        .then(|| json!({ "email": "ada@example.org" }));
    program.send(operation.method.clone(), &operation.path, body).await
}

/// What every refusal is.
fn is_problem(answer: &Answer, status: u16, name: &str) {
    assert_eq!((answer.status.as_u16(), answer.problem()), (status, name), "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json["status"], status);
    assert!(answer.text_of("instance").starts_with("urn:uuid:"));
    assert!(answer.text_of("type").starts_with("https://login.example.org/v1/#problem-"));
}

#[tokio::test]
async fn nobody_is_admitted_without_a_secret_that_is_valid() {
    let site = TestSite::new().await;
    let ada = site.registered("ada@example.org").await;
    let mut program = site.program("Rooms", &Scope::ALL).await;
    let right = program.secret.clone().unwrap();
    for operation in &operations() {
        program.secret = None;
        let answer = ask(&program, operation).await;
        is_problem(&answer, 401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"chancery\"");
        // Not even the session of somebody who is signed in.
        let cookies: Vec<String> = ada.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = ask(&program.with("cookie", &cookies.join("; ")), operation).await;
        is_problem(&answer, 401, "unauthenticated");
        for wrong in [
            format!("Basic {right}"),
            right.clone(),
            format!("Bearer {}", right.to_uppercase()),
            format!("Bearer {right}x"),
            format!("Bearer {}", &right[..right.len() - 1]),
            "Bearer chancery_as1_0000000000000000000000000000000000000000000000000000".to_owned(),
            "Bearer".to_owned(),
        ] {
            let answer = ask(&program.with("authorization", &wrong), operation).await;
            is_problem(&answer, 401, "unauthenticated");
            assert!(answer.header("www-authenticate").contains("invalid_token"), "{wrong}");
        }
    }
    program.secret = Some(right);
    let answer = program.get("/v1/accounts/n2222222").await;
    is_problem(&answer, 404, "not-found");
}

#[tokio::test]
async fn what_an_operator_takes_away_is_refused_in_the_next_request() {
    let site = TestSite::new().await;
    let program = site.program("Rooms", &Scope::ALL).await;
    for operation in &operations() {
        let others: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| *scope != operation.scope).collect();
        site.app.set_application_scopes("root", &program.name, &others).await.unwrap();
        let answer = ask(&program, operation).await;
        is_problem(&answer, 403, "scope-missing");
        assert!(answer.header("www-authenticate").contains(&format!("scope=\"{}\"", operation.scope)));
        site.app.set_application_scopes("root", &program.name, &Scope::ALL).await.unwrap();
        assert!(!matches!(ask(&program, operation).await.status.as_u16(), 401 | 403));
        site.app.disable_application("root", &program.name, "leaked").await.unwrap();
        is_problem(&ask(&program, operation).await, 403, "application-disabled");
        site.app.enable_application("root", &program.name, "mended").await.unwrap();
        assert!(!matches!(ask(&program, operation).await.status.as_u16(), 401 | 403));
    }
}

#[tokio::test]
async fn two_secrets_are_valid_and_a_retired_one_is_worth_nothing() {
    let site = TestSite::new().await;
    let mut program = site.program("Rooms", &[Scope::AccountsRead]).await;
    let first = program.secret.clone().unwrap();
    let next = async |site: &TestSite| {
        let secret = site.app.rotate_application_secret("root", &"rooms".parse().unwrap()).await.unwrap().unwrap();
        secret.expose().to_string()
    };
    let second = next(&site).await;
    let statuses = async |program: &mut Program<'_>, secrets: &[&String]| {
        let mut statuses = Vec::new();
        for secret in secrets {
            program.secret = Some((*secret).clone());
            statuses.push(program.get("/v1/accounts/n2222222").await.status.as_u16());
        }
        statuses
    };
    assert_eq!(statuses(&mut program, &[&first, &second]).await, [404, 404]);
    let third = next(&site).await;
    assert_eq!(statuses(&mut program, &[&first, &second, &third]).await, [401, 404, 404]);
    site.app.retire_application_secret("root", &program.name).await.unwrap();
    assert_eq!(statuses(&mut program, &[&first, &second, &third]).await, [401, 401, 404]);
}

#[tokio::test]
async fn the_log_and_the_tables_hold_no_secret() {
    let site = TestSite::new().await;
    let program = site.program("Rooms", &Scope::ALL).await;
    let secret = program.secret.clone().unwrap();
    assert_eq!(secret.len(), "chancery_as1_".len() + 52);
    let _ = program.get("/v1/accounts/n2222222").await;
    let file = std::fs::read(site.world().file()).unwrap();
    let wal = std::fs::read(site.world().file().with_extension("db-wal")).unwrap_or_default();
    for needle in [secret.as_bytes(), &secret.as_bytes()[13..], b"Rooms"] {
        let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(&file) && !holds(&wal), "in the clear");
    }
}

#[tokio::test]
async fn other_origins_are_told_nothing_and_no_cookie_is_set() {
    let site = TestSite::new().await;
    let program = site.program("Rooms", &Scope::ALL).await;
    let stranger = program.with("origin", "https://evil.example").with("sec-fetch-site", "cross-site");
    for operation in &operations() {
        let answer = ask(&stranger, operation).await;
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
        assert!(answer.headers.get("set-cookie").is_none());
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-store");
        let preflight = stranger.with("access-control-request-method", "POST");
        let answer = preflight.send(Method::OPTIONS, &operation.path, None).await;
        is_problem(&answer, 405, "method-not-allowed");
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-allow")));
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_none_are_problems_too() {
    let site = TestSite::new().await;
    let program = site.program("Rooms", &Scope::ALL).await;
    for path in ["/v1/nothing", "/v1/accounts", "/v1/accounts/a/b", "/v1/invitations/1/2/3"] {
        let answer = program.get(path).await;
        is_problem(&answer, 404, "not-found");
        assert!(answer.headers.get("set-cookie").is_none());
    }
    let answer = program.send(Method::DELETE, "/v1/invitations", None).await;
    is_problem(&answer, 405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn bodies_are_bounded_typed_and_strict() {
    let site = TestSite::new().await;
    let program = site.program("Rooms", &Scope::ALL).await;
    let search = "/v1/accounts/search";
    let answer = program.with("content-type", "text/plain").post(search, json!({ "email": "a@example.org" })).await;
    is_problem(&answer, 415, "unsupported-media-type");
    let answer = program.post(search, json!({ "email": "a".repeat(16 * 1024) })).await;
    is_problem(&answer, 413, "too-large");
    for body in
        [json!({}), json!({ "email": 1 }), json!({ "email": "a@example.org", "more": 1 }), json!([]), json!(null)]
    {
        is_problem(&program.post(search, body).await, 422, "invalid-fields");
    }
    let answer = program.post(search, json!({ "email": "nobody" })).await;
    is_problem(&answer, 422, "invalid-fields");
    assert_eq!(answer.json["errors"][0]["field"], "email");
    is_problem(&program.send(Method::POST, search, None).await, 415, "unsupported-media-type");
    let answer = program.with("content-type", "application/json").send(Method::POST, search, None).await;
    is_problem(&answer, 400, "invalid-request");
    for query in ["?more=1", "?at-least=1.1&at-least=1.1", "?at-least=nonsense", "?at-least=-1.1"] {
        is_problem(&program.get(&format!("/v1/accounts/n2222222{query}")).await, 400, "invalid-request");
    }
}

#[tokio::test]
async fn each_application_has_a_quota_and_is_told_what_is_left() {
    let mut setup = Setup::default();
    setup.limits.api_requests.max = 3;
    let site = World::sqlite().await.site(setup).await;
    let (rooms, books) = (site.program("Rooms", &Scope::ALL).await, site.program("Books", &Scope::ALL).await);
    for left in ["2", "1", "0"] {
        let answer = rooms.get("/v1/accounts/n2222222").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.header("ratelimit-policy"), "\"requests\";q=3;w=60");
        assert!(answer.header("ratelimit").starts_with(&format!("\"requests\";r={left};t=")));
    }
    let answer = rooms.get("/v1/accounts/n2222222").await;
    is_problem(&answer, 429, "rate-limited");
    assert_eq!(answer.header("retry-after"), "20");
    assert!(answer.header("ratelimit").starts_with("\"requests\";r=0;"));
    assert_eq!(books.get("/v1/accounts/n2222222").await.status, StatusCode::NOT_FOUND);
    site.clock.advance(std::time::Duration::from_secs(20));
    assert_eq!(rooms.get("/v1/accounts/n2222222").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_problem_type_has_an_anchor_that_explains_it() {
    let site = TestSite::new().await;
    let mut program = site.program("Rooms", &Scope::ALL).await;
    program.secret = None;
    let page = program.get("/v1/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.headers.get("set-cookie").is_none());
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'nonce-") && !policy.contains("unsafe"), "{policy}");
    let description = program.get("/v1/openapi.json").await;
    assert_eq!(description.text_of("openapi"), "3.1.0");
    let refusals = description.json["paths"]["/v1/accounts/{uid}"]["get"]["responses"].as_object().unwrap();
    let mut names = 0;
    for (status, response) in refusals.iter().filter(|(status, _)| status.as_str() >= "400") {
        let described = response["description"].as_str().unwrap();
        for name in described.split('`').skip(1).step_by(2) {
            assert!(page.text.contains(&format!("id=\"problem-{name}\"")), "{status}: {name}");
            names += 1;
        }
    }
    assert!(names > 20);
    let ids: Vec<&str> = page.text.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "no anchor stands twice");
    assert_eq!(program.get("/v1").await.header("location"), "/v1/");
}

#[tokio::test]
async fn obeyed_by_another_node_in_the_very_next_request() {
    let world = World::postgres().await;
    let one = world.site(Setup::default()).await;
    let two = world.site(Setup { seed: 2, ..Setup::default() }).await;
    let program = one.program("Rooms", &Scope::ALL).await;
    let there = program.on(&two);
    let status = async || there.get("/v1/accounts/n2222222").await.status.as_u16();
    for _ in 0..25 {
        assert_eq!(status().await, 404);
        one.app.disable_application("root", &program.name, "leaked").await.unwrap();
        assert_eq!(status().await, 403);
        one.app.enable_application("root", &program.name, "mended").await.unwrap();
        assert_eq!(status().await, 404);
        one.app.set_application_scopes("root", &program.name, &[Scope::AccountsInvite]).await.unwrap();
        assert_eq!(status().await, 403);
        one.app.set_application_scopes("root", &program.name, &Scope::ALL).await.unwrap();
    }
    let secret = one.app.rotate_application_secret("root", &program.name).await.unwrap().unwrap();
    one.app.retire_application_secret("root", &program.name).await.unwrap();
    assert_eq!(status().await, 401);
    let mut renewed = there.clone();
    renewed.secret = Some(secret.expose().to_string());
    assert_eq!(renewed.get("/v1/accounts/n2222222").await.status, StatusCode::NOT_FOUND);
}
