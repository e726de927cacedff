//! A balancer without stickiness: a form made by one node is posted to the other, and so is every step of a person's way.

use axum::http::StatusCode;
use chancery_tests::site::{Browser, PASSWORD, Page, TestSite, World};

const ADA: &str = "ada@example.org";
const ANOTHER: &str = "Another-8-horse-stapled";

/// Two nodes over one database, each with connections of its own.
async fn nodes() -> [TestSite; 2] {
    let (one, two) = World::postgres().await.two_nodes().await;
    one.age().await;
    [one, two]
}

/// Asks one node for the page with a form, fills it in, and posts it to the other.
async fn across<'a>(
    browser: &mut Browser<'a>,
    [one, other]: [&'a TestSite; 2],
    path: &str,
    action: &str,
    filled: impl AsyncFnOnce(chancery_tests::site::Form) -> chancery_tests::site::Form,
) -> Page {
    *browser = browser.on(one);
    let form = filled(browser.get(path).await.form(action)).await;
    *browser = browser.on(other);
    browser.submit(&form).await
}

#[tokio::test]
async fn a_person_check_is_made_on_one_node_and_counts_once_on_all() {
    let [one, two] = nodes().await;
    let mut ada = one.browser();
    let form = ada.registration(ADA).await;
    let mut ada = ada.on(&two);
    let unsolved = ada.submit(&form.clone().without("pow")).await;
    assert_eq!(unsolved.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unsolved.text());
    assert_eq!(ada.submit(&form).await.path, "/check-mail");
    two.settle().await;
    assert_eq!(one.mails.to(ADA).len(), 1);

    // What was handed out once is taken once, whichever node is asked again: for somebody else it is no check any more.
    let again = form.with("email", "bob@example.org").with("confirm_email", "bob@example.org");
    for node in [&one, &two] {
        let page = ada.on(node).submit(&again).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
        node.settle().await;
    }
    assert!(one.mails.to("bob@example.org").is_empty());
}

#[tokio::test]
async fn every_step_is_taken_on_another_node_than_the_one_before() {
    let [one, two] = nodes().await;
    let (there, back) = ([&one, &two], [&two, &one]);
    let mut ada = one.browser();
    let page = across(&mut ada, there, "/register", "/register", async |form| form.registering(ADA)).await;
    assert_eq!(page.path, "/check-mail", "{}", page.text());
    two.settle().await;

    // The code is typed on the page that one node made, and judged by the other; the link's page and its button too.
    let mail = one.mails.to(ADA).pop().unwrap();
    let page =
        across(&mut ada, there, "/check-mail", "/check-mail", async |form| form.with("code", &mail.code())).await;
    assert_eq!((page.path.as_str(), page.status), (mail.link().as_str(), StatusCode::OK), "{}", page.text());
    let with = |password: &'static str| {
        async move |form: chancery_tests::site::Form| {
            form.with("new_password", password).with("confirm_password", password).with("privacy", "on")
        }
    };
    let page = across(&mut ada, back, &mail.link(), &mail.link(), with(PASSWORD)).await;
    assert_eq!(page.path, "/account?done=welcome", "{}", page.text());
    assert!(ada.on(&one).is_signed_in().await && ada.on(&two).is_signed_in().await);

    let page = across(&mut ada, there, "/account", "/sign-out", async |form| form).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!ada.on(&one).is_signed_in().await && !ada.on(&two).is_signed_in().await);

    // The name on one node, the password on the other.
    let page = across(&mut ada, back, "/login", "/login", async |form| form.with("name", ADA)).await;
    let mut ada = ada.on(&two);
    let page = ada.submit(&page.form("/login/password").with("password", PASSWORD)).await;
    assert_eq!(page.path, "/account", "{}", page.text());
    ada.sign_out().await;

    let lost = async |form: chancery_tests::site::Form| form.solved().with("name", ADA);
    let page = across(&mut ada, there, "/lost-password", "/lost-password", lost).await;
    assert_eq!(page.path, "/check-mail", "{}", page.text());
    one.settle().await;
    let link = one.mails.link_to(ADA);
    let page = across(&mut ada, back, &link, &link, with(ANOTHER)).await;
    assert_eq!(page.path, "/account?done=password-reset", "{}", page.text());
    // The link is used up on either node.
    for node in [&one, &two] {
        assert_eq!(node.browser().get(&link).await.status, StatusCode::GONE);
    }
}
