//! Invitations: the mail, what becomes of them, and that nothing tells whether an address has an account.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::application::{ApplicationEvent, Scope};
use chancery_eventstore::KeyError;
use chancery_tests::environment;
use chancery_tests::site::{Answer, Program, Setup, TestSite, World};
use serde_json::{Value, json};

const KNOWN: &str = "known@example.org";
const UNKNOWN: &str = "unknown@example.org";
const UNCONFIRMED: &str = "unconfirmed@example.org";
const SUSPENDED: &str = "suspended@example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A site with an account of each kind.
async fn site() -> TestSite {
    with_accounts(TestSite::new().await).await
}

/// The same, and one on PostgreSQL whose jobs are fed by NATS.
async fn sites() -> [TestSite; 2] {
    let [by_log, by_nats] = TestSite::fed_by_log_and_nats().await;
    [with_accounts(by_log).await, with_accounts(by_nats).await]
}

async fn with_accounts(site: TestSite) -> TestSite {
    let _ = site.registered(KNOWN).await;
    let suspended = site.registered(SUSPENDED).await;
    let session = suspended.cookie("chancery-session").unwrap();
    let session = chancery_service::secrets::sessions::SessionSecret::parse(session).unwrap();
    let uid = site.app.signed_in(&session).await.unwrap().unwrap().account.state.identity.unwrap().uid;
    let suspend = chancery_service::accounts::administer::Measure::Suspend;
    site.app.administer("root", &uid, &suspend, "stolen").await.unwrap();
    site.browser_at("198.51.100.77").register(UNCONFIRMED).await;
    site.settle().await;
    site.mails.clear();
    // A new day: what was counted so far is forgotten.
    site.after(2 * DAY).await;
    site
}

async fn state(program: &Program<'_>, id: &str) -> String {
    program.get(&format!("/v1/invitations/{id}")).await.text_of("state")
}

#[tokio::test]
async fn an_invitation_is_a_registrations_mail_and_is_accepted_when_that_ends() {
    for site in sites().await {
        let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
        let body = json!({ "email": UNKNOWN, "first_name": "Zoë", "last_name": "Λάμδα", "mail_language": "de" });
        let answer = program.with("idempotency-key", "one").post("/v1/invitations", body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
        let id = answer.text_of("id");
        assert_eq!(answer.header("location"), format!("/v1/invitations/{id}"));
        let position = answer.text_of("position");
        assert_eq!(program.get(&format!("/v1/invitations/{id}?at-least={position}")).await.status, StatusCode::OK);
        assert_eq!(state(&program, &id).await, "open");

        site.settle().await;
        let mail = site.mails.to(UNKNOWN).pop().unwrap();
        assert!(
            !mail.raw.contains("Zo") && mail.text.contains("Minuten"),
            "nothing that the sender typed; {}",
            mail.text
        );
        let mut zoe = site.browser_at("198.51.100.1");
        let page = zoe.get(&mail.link()).await;
        assert_eq!(page.form(&mail.link()).fields["first_name"], "Zoë");
        assert_eq!(state(&program, &id).await, "open");
        zoe.follow_link(&mail.link()).await;
        site.settle().await;
        assert!(zoe.is_signed_in().await);
        assert_eq!(state(&program, &id).await, "accepted");
        site.after(30 * DAY).await;
        assert_eq!(state(&program, &id).await, "accepted", "what became of it stays");
        let (again, path) = (program.with("idempotency-key", "again"), format!("/v1/invitations/{id}/resend"));
        assert_eq!(again.post(&path, Value::Null).await.problem(), "invalid-request", "it takes no body");
        let answer = again.send(axum::http::Method::POST, &path, None).await;
        assert_eq!((answer.status, answer.problem()), (StatusCode::CONFLICT, "invitation-closed"));

        let types = site.event_types().await;
        let count = |name: &str| types.iter().filter(|event_type| *event_type == name).count();
        assert_eq!((count("invitation.accepted"), count("invitation.ended")), (1, 0));
        let invited =
            site.events().await.into_iter().find(|row| row.event_type == "application.person_invited").unwrap();
        let created = site.events().await.into_iter().rfind(|row| row.event_type == "account.created").unwrap();
        assert_eq!(created.causing, Some(invited.position));
        site.world().assert_clean().await;
    }
}

/// How often the ports were called since the last time that this was asked.
fn called(site: &TestSite) -> Value {
    let calls = site.ports.calls();
    json!({ "draws": calls.draws, "readings": calls.readings, "waits": calls.waits, "asked": calls.asked })
}

/// All that an application can see of an invitation, with ids and positions taken out, and what its answers took.
async fn seen(site: &TestSite, program: &Program<'_>, answer: &Answer) -> Value {
    let id = answer.text_of("id");
    called(site);
    let mut read = program.get(&format!("/v1/invitations/{id}")).await.json;
    let for_reading = called(site);
    read["id"] = Value::Null;
    let path = format!("/v1/invitations/{id}/resend");
    let again = program.with("idempotency-key", &format!("again {id}").replace(' ', "-"));
    let again = again.send(axum::http::Method::POST, &path, None).await;
    let for_again = called(site);
    let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "status": answer.status.as_u16(), "members": answer.json.as_object().unwrap().keys().collect::<Vec<_>>(),
        "headers": names(answer), "read": read, "again": again.status.as_u16(), "again headers": names(&again),
        "called": [for_reading, for_again],
    })
}

#[tokio::test]
async fn nothing_that_an_application_sees_depends_on_the_address() {
    let site = site().await;
    let mut seen_at = Vec::new();
    for (n, address) in [UNKNOWN, KNOWN, UNCONFIRMED, SUSPENDED].into_iter().enumerate() {
        let program = site.program(&format!("Rooms {n}"), &[Scope::AccountsInvite]).await;
        called(&site);
        let answer = program.invite(address, "key").await;
        let mut story = vec![called(&site)];
        story.push(seen(&site, &program, &answer).await);
        site.settle().await;
        story.push(seen(&site, &program, &answer).await);
        let id = answer.text_of("id");
        called(&site);
        let repeated = program.invite(address, "key").await;
        story.push(json!([repeated.json == answer.json, called(&site)]));
        seen_at.push((address, id, program, story));
    }
    let first = seen_at[0].3.clone();
    for (address, _, _, story) in &seen_at {
        assert_eq!(story, &first, "{address}");
    }
    // Nobody follows the mails: all of them end at the same time after they were made.
    for (days, expected) in [(6, "open"), (2, "ended"), (30, "ended")] {
        site.after(days * DAY).await;
        for (address, id, program, _) in &seen_at {
            assert_eq!(state(program, id).await, expected, "{address}");
        }
    }
    site.world().assert_clean().await;
    // Whoever can invite only is not told a uid in any other way either.
    let program = &seen_at[0].2;
    for path in ["/v1/accounts/changes", "/v1/accounts/n2222222"] {
        assert_eq!(program.get(path).await.problem(), "scope-missing");
    }
}

/// On a quiet log, how far it moved between two invitations would tell what the first one led to.
#[tokio::test]
async fn who_may_not_see_accounts_is_not_told_how_the_log_moves_on() {
    let site = site().await;
    let inviter = site.program("Rooms", &[Scope::AccountsInvite]).await;
    let reader = site.program("Books", &Scope::ALL).await;
    let number = |answer: &Answer| answer.text_of("position").split_once('.').unwrap().1.parse::<i64>().unwrap();
    let mut told = Vec::new();
    for n in 0..8 {
        let answer = inviter.invite(&format!("p{n}@example.org"), &format!("k{n}")).await;
        told.push((number(&answer), answer.text_of("id")[..16].to_owned()));
    }
    let head = site.app.store.backend().head().await.unwrap().position.0;
    assert!(told.iter().all(|(number, _)| *number > 1_000_000 * head), "{told:?}");
    assert!(!told.is_sorted() || !told.iter().rev().is_sorted(), "{told:?}");
    let id = inviter.invite("p0@example.org", "k0").await.text_of("id");
    for at in [1, head, head + 1, head + 1000] {
        let answer = inviter.get(&format!("/v1/invitations/{id}?at-least=1.{at}")).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (409, "position-unknown"), "{at}");
        assert_eq!(answer.json["position"], Value::Null);
    }
    let answer = reader.invite("p9@example.org", "k9").await;
    assert_eq!(number(&answer), head + 1, "who may see accounts can follow them from there");
}

#[tokio::test]
async fn who_has_an_account_is_told_so_by_mail_and_who_is_suspended_nothing() {
    for site in sites().await {
        let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
        for address in [KNOWN, SUSPENDED, UNCONFIRMED] {
            program.invite(address, address).await;
        }
        site.settle().await;
        assert_eq!(site.mails.to(KNOWN).len(), 1);
        assert!(site.mails.to(KNOWN)[0].text.contains("/lost-password"));
        assert!(site.mails.to(SUSPENDED).is_empty());
        assert!(site.mails.to(UNCONFIRMED)[0].text.contains("/l/"));
        // Some are open still.
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn an_invitation_reaches_a_registration_that_waits() {
    for site in sites().await {
        let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
        let id = program.invite(UNCONFIRMED, "key").await.text_of("id");
        site.settle().await;
        site.browser_at("198.51.100.4").follow_link(&site.mails.link_to(UNCONFIRMED)).await;
        site.settle().await;
        assert_eq!(state(&program, &id).await, "accepted");
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn one_key_is_one_invitation() {
    let site = site().await;
    let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
    let sent = futures::future::join_all((0..8).map(|_| program.invite(UNKNOWN, "key"))).await;
    for answer in &sent {
        assert_eq!((answer.status, &answer.json), (StatusCode::ACCEPTED, &sent[0].json));
    }
    let other = program.invite(KNOWN, "key").await;
    assert_eq!((other.status.as_u16(), other.problem()), (422, "idempotency-key-reused"));
    let body = json!({ "email": UNKNOWN, "first_name": "Ada", "last_name": "Lovelace" });
    let none = program.post("/v1/invitations", body.clone()).await;
    assert_eq!((none.status.as_u16(), none.problem()), (400, "idempotency-key-missing"));
    for key in ["a b", &"k".repeat(256)] {
        let answer = program.with("idempotency-key", key).post("/v1/invitations", body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (400, "invalid-request"), "{key}");
    }
    // Another application's key of the same name is its own.
    let books = site.program("Books", &[Scope::AccountsInvite]).await;
    let theirs = books.invite(KNOWN, "key").await;
    assert_eq!(theirs.status, StatusCode::ACCEPTED);
    assert_eq!(books.get(&format!("/v1/invitations/{}", sent[0].text_of("id"))).await.status, StatusCode::NOT_FOUND);
    site.settle().await;
    assert_eq!(site.mails.to(UNKNOWN).len(), 1);
    let types = site.event_types().await;
    assert_eq!(types.iter().filter(|it| *it == "application.person_invited").count(), 2);
}

#[tokio::test]
async fn each_job_acts_once_however_often_it_runs() {
    for site in sites().await {
        let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
        program.invite(UNKNOWN, "key").await;
        site.settle().await;
        site.browser_at("198.51.100.1").follow_link(&site.mails.link_to(UNKNOWN)).await;
        site.settle().await;
        let before = site.event_types().await;
        let rows = site.events().await;
        for row in &rows {
            match row.event_type.as_str() {
                "application.person_invited" => {
                    let event: ApplicationEvent = site.app.store.open_event(row).await.unwrap();
                    site.app.carry_out_invitation(row, &event).await.unwrap();
                    assert_eq!(site.app.end_invitation(row, &event).await.unwrap(), None);
                }
                "account.email_confirmed" => site.app.accept_invitations(row).await.unwrap(),
                _ => {}
            }
        }
        assert_eq!(site.event_types().await, before);
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn the_key_of_who_was_invited_goes_with_the_invitation() {
    for site in sites().await {
        let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
        program.invite(KNOWN, "key").await;
        let row = site.events().await.into_iter().find(|row| row.event_type == "application.person_invited").unwrap();
        let ApplicationEvent::PersonInvited(invited) = site.app.store.open_event(&row).await.unwrap() else {
            panic!("an invitation")
        };
        let inputs = site.app.store.open_inputs(&row).await.unwrap().unwrap().arguments;
        for bytes in [&invited.sealed, &inputs] {
            assert!(!bytes.windows(KNOWN.len()).any(|window| window == KNOWN.as_bytes()), "the address is open");
        }
        let key = async || {
            let row = site.app.store.backend().data_key(invited.invitation).await.unwrap().unwrap();
            site.app.store.keys().unwrap(&row).await
        };
        assert!(key().await.is_ok());
        site.after(8 * DAY).await;
        assert!(matches!(key().await, Err(KeyError::Destroyed(_))));
        assert!(site.event_types().await.contains(&"invitation.ended".to_owned()));
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn what_was_taken_from_an_application_is_not_done_for_it() {
    for site in sites().await {
        let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
        program.invite(UNKNOWN, "key").await;
        site.app.disable_application("root", &program.name, "leaked").await.unwrap();
        site.settle().await;
        assert!(site.mails.to(UNKNOWN).is_empty());
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn a_mail_is_sent_once_more_within_the_mailboxs_limits() {
    for site in sites().await {
        let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
        let id = program.invite(UNKNOWN, "key").await.text_of("id");
        site.settle().await;
        for n in 0..5 {
            let program = program.with("idempotency-key", &format!("again-{n}"));
            let path = format!("/v1/invitations/{id}/resend");
            for _ in 0..2 {
                let answer = program.send(axum::http::Method::POST, &path, None).await;
                assert_eq!((answer.status, answer.text_of("id")), (StatusCode::ACCEPTED, id.clone()));
            }
            site.settle().await;
        }
        assert_eq!(site.mails.to(UNKNOWN).len(), 3, "three an hour; the application is not told");
        site.browser_at("198.51.100.1").follow_link(&site.mails.link_to(UNKNOWN)).await;
        site.settle().await;
        assert_eq!(state(&program, &id).await, "accepted");
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn an_application_invites_so_many_an_hour() {
    let mut setup = Setup::default();
    setup.limits.invitations.max = 4;
    let site = World::sqlite().await.site(setup).await;
    site.age().await;
    let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
    for n in 0..4 {
        let answer = program.invite(&format!("p{n}@example.org"), &format!("k{n}")).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
    }
    let answer = program.invite("p5@example.org", "k5").await;
    assert_eq!((answer.status.as_u16(), answer.problem()), (429, "rate-limited"));
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 3000);
    assert_eq!(program.invite("p0@example.org", "k0").await.status, StatusCode::ACCEPTED, "a repetition is none");
}

#[tokio::test]
async fn wrong_fields_are_named_the_same_for_every_address() {
    let site = site().await;
    let program = site.program("Rooms", &[Scope::AccountsInvite]).await.with("idempotency-key", "key");
    let wrong = json!({ "email": "x@mailinator.com", "first_name": "1", "last_name": "" });
    let answer = program.post("/v1/invitations", wrong).await;
    assert_eq!((answer.status.as_u16(), answer.problem()), (422, "invalid-fields"));
    let fields: Vec<&str> =
        answer.json["errors"].as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["first_name", "last_name", "email"]);
    for email in ["x@institution.example", "nobody"] {
        let body = json!({ "email": email, "first_name": "Ada", "last_name": "Lovelace" });
        assert_eq!(program.post("/v1/invitations", body).await.json["errors"][0]["field"], "email");
    }
    let body = json!({ "email": UNKNOWN, "first_name": "Ada", "last_name": "Lovelace", "mail_language": "xx" });
    assert_eq!(program.post("/v1/invitations", body).await.problem(), "invalid-fields");
    for id in ["1", "00000000000000010000000000000000", &"f".repeat(32), "x"] {
        assert_eq!(program.get(&format!("/v1/invitations/{id}")).await.problem(), "not-found", "{id}");
    }
}

#[tokio::test]
async fn the_same_story_on_postgres_and_fed_by_nats() {
    for world in [World::postgres().await, World::nats(&environment::nats()).await] {
        let site = world.site(Setup::default()).await;
        site.age().await;
        let program = site.program("Rooms", &[Scope::AccountsInvite]).await;
        let id = program.invite(UNKNOWN, "key").await.text_of("id");
        let ends = program.invite("other@example.org", "other").await.text_of("id");
        site.settle().await;
        site.browser_at("198.51.100.1").follow_link(&site.mails.link_to(UNKNOWN)).await;
        site.settle().await;
        assert_eq!(state(&program, &id).await, "accepted");
        site.after(8 * DAY).await;
        assert_eq!(state(&program, &ends).await, "ended");
        let applications = site.app.applications().await.unwrap();
        assert_eq!(applications.len(), 1);
        site.world().assert_clean().await;
    }
}
