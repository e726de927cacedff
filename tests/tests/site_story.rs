//! From the form to the first sign-in, on both databases: the one story that everything else is about.

use chancery_tests::site::{PASSWORD, Setup, TestSite, World};

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
