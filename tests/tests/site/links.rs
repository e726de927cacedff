//! Mailed links and their codes: who may use them, when, and what every other case is told.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use chancery_domain::policy::Policy;
use chancery_tests::site::{Browser, PASSWORD, Page, Setup, TestSite, World};

const ADA: &str = "ada@example.org";
const MINUTE: Duration = Duration::from_secs(60);

async fn requested(site: &TestSite) -> (Browser<'_>, String) {
    let mut desktop = site.browser();
    desktop.register(ADA).await;
    site.settle().await;
    (desktop, site.mails.link_to(ADA))
}

async fn enter_code(browser: &mut Browser<'_>, code: &str) -> Page {
    let page = browser.get("/check-mail").await;
    browser.submit(&page.form("/check-mail").with("code", code)).await
}

#[tokio::test]
async fn looking_uses_nothing_up() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site).await;
    for _ in 0..10 {
        let mut scanner = site.browser_at("198.51.100.7");
        assert_eq!(scanner.get(&link).await.status, StatusCode::OK);
        assert_eq!(scanner.send(Method::HEAD, &link, None).await.status, StatusCode::OK);
    }
    let mut ada = site.browser_at("192.0.2.9");
    assert_eq!(ada.follow_link(&link).await.path, "/account?done=welcome");
}

/// The form's page names the account for password managers, by a name that signs in, and sends it nowhere.
#[tokio::test]
async fn a_password_manager_learns_the_name_that_the_new_password_belongs_to() {
    let site = TestSite::new().await;
    let (mut browser, registration) = requested(&site).await;
    let uid = chancery_tests::audit::uid_of(&site, ADA).await.as_str().to_owned();
    // At the third sign-in everybody is asked again for a second factor.
    let again = "/account?done=asked-again";
    for (link, done, account) in [(Some(registration), "welcome", "/account"), (None, "password-reset", again)] {
        let link = match link {
            Some(link) => link,
            None => {
                browser.sign_out().await;
                browser.lose_password(ADA).await;
                site.settle().await;
                site.mails.link_to(ADA)
            }
        };
        let page = browser.get(&link).await;
        let named = page.body.lines().find(|line| line.contains("autocomplete=\"username\"")).unwrap();
        assert!(named.contains(&format!("value=\"{uid}\"")) && !named.contains("name=\""), "{named}");
        assert_eq!(browser.follow_link(&link).await.path, format!("/account?done={done}"));
        assert_eq!(site.browser().sign_in(&uid, PASSWORD).await.path, account);
    }
}

#[tokio::test]
async fn what_mail_programs_do_to_a_link_is_undone() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site).await;
    let token = link.strip_prefix("/l/").unwrap();
    for mangled in [
        token.to_uppercase(),
        format!("{token}."),
        format!("{token}%3E"),
        format!("%22{token}%22"),
        format!("{}%3D%0D%0A{}", &token[..10], &token[10..]),
        format!("{token})"),
    ] {
        let page = site.browser().get(&format!("/l/{mangled}")).await;
        assert_eq!(page.status, StatusCode::OK, "{mangled}");
        assert!(page.find_form(&link).is_some(), "the form leads to the link as it was: {mangled}");
    }
}

#[tokio::test]
async fn a_link_that_is_none_says_so_and_asks_for_the_address() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site).await;
    let other = TestSite::new().await;
    let (_, foreign) = requested(&other).await;
    let cut = &link[..link.len() - 1];
    let flipped = format!("{cut}{}", if link.ends_with('0') { '8' } else { '0' });
    for wrong in [cut, &flipped, &foreign, "/l/x", "/l/00000000000000000000000000000000"] {
        let page = site.browser().get(wrong).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{wrong}");
        assert!(page.find_form("/lost-password").is_some(), "{wrong}");
    }
}

#[tokio::test]
async fn guessing_links_is_throttled() {
    let site = TestSite::new().await;
    let mut guesser = site.browser();
    for _ in 0..site.app.limits.link_guesses.max {
        assert_eq!(guesser.get("/l/guess").await.status, StatusCode::NOT_FOUND);
    }
    let page = guesser.get("/l/guess").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(site.browser_at("198.51.100.1").get("/l/guess").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_button_with_a_link_that_is_none_is_a_guess_like_any_other() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site).await;
    let mut guesser = site.browser();
    site.clock.advance(91 * MINUTE);
    let form = guesser.get(&link).await.form("/link/again");
    for n in 0..site.app.limits.link_guesses.max {
        let page = guesser.submit(&form.clone().with("link", &format!("guess{n}"))).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{}", page.text());
        assert!(page.find_form("/lost-password").is_some(), "it asks for the address: {}", page.text());
    }
    let page = guesser.submit(&form.clone().with("link", "guess")).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guesser.submit(&form).await.path, "/check-mail", "the real one still works");
}

#[tokio::test]
async fn a_public_computer_gets_a_short_session_and_never_becomes_known() {
    for public in [true, false] {
        let site = TestSite::new().await;
        let (mut ada, link) = requested(&site).await;
        let form = ada.get(&link).await.form(&link).with("new_password", PASSWORD).with("confirm_password", PASSWORD);
        let form = form.with("privacy", "on");
        let form = if public { form.with("public_computer", "yes") } else { form };
        let mut lost = ada.clone();
        for browser in [&mut lost, &mut ada] {
            assert_eq!(browser.submit(&form).await.path, "/account?done=welcome");
            assert_eq!(browser.cookie("chancery-known").is_none(), public);
        }
        site.clock.advance(15 * MINUTE);
        assert_eq!(!ada.is_signed_in().await, public);
    }
}

#[tokio::test]
async fn who_accepts_a_statement_accepts_the_one_that_the_page_led_to() {
    let site = TestSite::new().await;
    let (mut ada, link) = requested(&site).await;
    let page = ada.get(&link).await;
    assert!(page.text().contains("You are asked here even if"), "it says why once more: {}", page.text());
    let form = page.form(&link);
    assert!(form.fields["statement"].ends_with(&site.app.settings.privacy_version));
    let filled = |form: chancery_tests::site::Form| {
        form.with("new_password", PASSWORD).with("confirm_password", PASSWORD).with("privacy", "yes")
    };
    // The page was opened while an earlier version was in force.
    for old in [filled(form.clone()).with("statement", "test-0"), filled(form).without("statement")] {
        let page = ada.submit(&old).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().contains("The privacy statement has changed"), "{}", page.text());
        assert!(!page.form(&link).fields.contains_key("privacy"), "nobody accepts the new one unasked");
        assert!(!site.event_types().await.contains(&"account.email_confirmed".to_owned()));
    }
    let form = ada.get(&link).await.form(&link);
    assert_eq!(ada.submit(&filled(form)).await.path, "/account?done=welcome");
}

#[tokio::test]
async fn a_link_is_good_until_the_very_end_of_its_time() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site).await;
    site.clock.advance(90 * MINUTE - Duration::from_secs(1));
    assert_eq!(site.browser().get(&link).await.status, StatusCode::OK);
    // The record comes from a job; the rule does not wait for it.
    site.clock.advance(Duration::from_secs(1));
    let page = site.browser().get(&link).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(!site.event_types().await.contains(&"account.email_link_expired".to_owned()));
    site.settle().await;
    assert!(site.event_types().await.contains(&"account.email_link_expired".to_owned()));
    assert_eq!(site.browser().get(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_link_may_live_longer_than_its_mail_may_wait() {
    let policy = Policy { link_validity: 48 * 3600, ..Policy::default() };
    let site = World::sqlite().await.site(Setup { policy, ..Setup::default() }).await;
    site.age().await;
    let (mut desktop, link) = requested(&site).await;
    site.after(47 * 60 * MINUTE).await;
    let mail = site.mails.to(ADA).pop().unwrap();
    assert!(mail.text.contains("2 days"), "{}", mail.text);
    // So does the page that waits for it.
    assert_eq!(enter_code(&mut desktop, &mail.code()).await.path, link);
    site.after(60 * MINUTE).await;
    assert_eq!(site.browser().get(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_expired_link_leads_to_a_new_one_by_one_button() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site).await;
    site.after(91 * MINUTE).await;
    let mut ada = site.browser_at("192.0.2.9");
    let page = ada.get(&link).await;
    let page = ada.submit(&page.form("/link/again")).await;
    assert_eq!(page.path, "/check-mail", "{}", page.text());
    assert!(!page.text().contains(ADA), "whoever has the link sees the address masked");
    site.settle().await;
    let fresh = site.mails.to(ADA).pop().unwrap();
    assert_ne!(fresh.link(), link);
    // The code works on the page that followed, too.
    let page = enter_code(&mut ada, &fresh.code()).await;
    assert_eq!(page.path, fresh.link());
}

#[tokio::test]
async fn all_open_links_of_a_purpose_die_when_one_is_used() {
    let site = TestSite::new().await;
    let (mut desktop, first) = requested(&site).await;
    desktop.register(ADA).await;
    site.settle().await;
    let second = site.mails.link_to(ADA);
    assert_ne!(first, second);
    assert_eq!(site.browser().get(&first).await.status, StatusCode::OK, "a new request never kills an open link");
    let mut phone = site.browser_at("192.0.2.9");
    assert_eq!(phone.follow_link(&second).await.path, "/account?done=welcome");
    for (link, words) in [(&first, "another"), (&second, "used")] {
        let page = site.browser().get(link).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert!(page.text().to_lowercase().contains(words), "{}", page.text());
    }
}

#[tokio::test]
async fn a_sixth_request_mails_the_newest_open_link_again() {
    let site = TestSite::new().await;
    for n in 1..=6 {
        site.browser_at(&format!("198.51.100.{n}")).register(ADA).await;
        site.settle().await;
    }
    let links: Vec<String> = site.mails.to(ADA).iter().map(chancery_tests::site::SentMail::link).collect();
    assert_eq!(links.len(), 6);
    assert_eq!(links[4], links[5]);
    assert_eq!(links.iter().collect::<std::collections::HashSet<_>>().len(), 5);
}

#[tokio::test]
async fn whoever_asks_after_five_strangers_gets_a_mail_of_their_own() {
    let site = TestSite::new().await;
    let mut stranger = site.browser_at("198.51.100.1");
    for n in 1..=5 {
        stranger = site.browser_at(&format!("198.51.100.{n}"));
        let form = stranger.registration(ADA).await.with("mail_language", "el").with("target", "/privacy");
        stranger.submit(&form).await;
        site.settle().await;
    }
    let mut ada = site.browser_at("192.0.2.9");
    let form = ada.registration(ADA).await.with("mail_language", "fr").with("target", "/help");
    ada.submit(&form).await;
    site.settle().await;
    let [.., theirs, own] = &site.mails.to(ADA)[..] else { panic!("six mails") };
    assert_eq!(own.link(), theirs.link());
    let is_french = |text: &str| text.contains("Merci de ne pas répondre");
    assert!(is_french(&own.text) && !is_french(&theirs.text), "{}", own.text);

    // The code of that mail is hers to type, and works for the stranger who asked before as it always did.
    assert_eq!(enter_code(&mut stranger, &own.code()).await.path, own.link());
    let page = enter_code(&mut ada, &own.code()).await;
    assert_eq!(page.path, own.link(), "{}", page.text());
    // She goes on to where she wanted to go, not to where the stranger did, and mails keep coming in her language.
    assert_eq!(ada.follow_link(&own.link()).await.path, "/help");
    let account = ada.get("/account").await;
    assert_eq!(account.form("/account/language").fields["mail_language"], "fr");
}

#[tokio::test]
async fn only_the_browser_that_posts_the_page_is_signed_in() {
    let site = TestSite::new().await;
    let (mut desktop, link) = requested(&site).await;
    let before = desktop.get("/check-mail").await;
    let mut phone = site.browser_at("192.0.2.9");
    assert_eq!(phone.follow_link(&link).await.path, "/account?done=welcome");
    assert!(!desktop.is_signed_in().await);
    let after = desktop.get("/check-mail").await;
    assert_eq!(after.text(), before.text(), "the page that waits is never told");
    // A right code after the link was used gets the wrong code's answer.
    let code = site.mails.to(ADA).pop().unwrap().code();
    let right = enter_code(&mut desktop, &code).await;
    let wrong = enter_code(&mut desktop, "0000-0000").await;
    assert_eq!(right.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(right.text(), wrong.text());
    assert_eq!(desktop.sign_in(ADA, PASSWORD).await.path, "/account");
}

#[tokio::test]
async fn a_code_works_in_the_browser_that_began_and_nowhere_else() {
    let site = TestSite::new().await;
    let (mut desktop, link) = requested(&site).await;
    let code = site.mails.to(ADA).pop().unwrap().code();
    // Somebody else who asked for the same address, elsewhere.
    let mut other = site.browser_at("198.51.100.7");
    other.register(ADA).await;
    assert_eq!(enter_code(&mut other, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
    let page = enter_code(&mut desktop, &typed).await;
    assert_eq!(page.path, link);
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn codes_are_counted_for_each_address() {
    let site = TestSite::new().await;
    let (mut desktop, _) = requested(&site).await;
    let code = site.mails.to(ADA).pop().unwrap().code();
    for _ in 0..site.app.limits.code_tries.max {
        assert_eq!(enter_code(&mut desktop, "0000-0000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let refused = enter_code(&mut desktop, &code).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text().contains("The link in the e-mail still works"), "{}", refused.text());
    let link = site.mails.link_to(ADA);
    assert_eq!(desktop.get(&link).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_lost_answer_strands_nobody() {
    let site = TestSite::new().await;
    let (mut desktop, link) = requested(&site).await;
    let page = desktop.get(&link).await;
    let form = page.form(&link).with("new_password", PASSWORD).with("confirm_password", PASSWORD).with("privacy", "on");
    // The answer is lost: the browser never sees the cookie.
    let mut lost = desktop.clone();
    assert_eq!(lost.post(&form).await.status, StatusCode::SEE_OTHER);
    let page = desktop.submit(&form).await;
    assert_eq!(page.path, "/account?done=welcome", "{}", page.text());
    assert_eq!(site.event_types().await.iter().filter(|name| *name == "account.signed_in").count(), 1);
    // Another browser with the same form, were it to have it, is told to sign in.
    let mut stranger = site.browser_at("198.51.100.7");
    assert_eq!(stranger.post(&form).await.status, StatusCode::FORBIDDEN);
    // After two minutes it is a link that was used.
    site.clock.advance(Duration::from_secs(121));
    let mut late = site.browser();
    late.cookies = lost.cookies.into_iter().filter(|(name, _)| name.contains("browser")).collect();
    assert_eq!(late.post(&form).await.status, StatusCode::GONE);
    assert!(!late.is_signed_in().await);
}

#[tokio::test]
async fn two_browsers_with_one_link_end_with_one_password() {
    let site = TestSite::new().await;
    let (mut desktop, link) = requested(&site).await;
    let mut phone = site.browser_at("192.0.2.9");
    let page = desktop.get(&link).await;
    assert_eq!(phone.follow_link(&link).await.path, "/account?done=welcome");
    let form = page.form(&link).with("privacy", "on");
    let form = form.with("new_password", "Other-horse7battery").with("confirm_password", "Other-horse7battery");
    let page = desktop.submit(&form).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text().contains("Your password is set"), "{}", page.text());
    assert!(!desktop.is_signed_in().await);
    assert_eq!(desktop.sign_in(ADA, PASSWORD).await.path, "/account");
}

#[tokio::test]
async fn a_registration_lapses_and_its_address_is_free() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site).await;
    site.after(Duration::from_secs(7 * 24 * 3600)).await;
    site.settle().await;
    assert!(site.event_types().await.contains(&"account.registration_lapsed".to_owned()));
    let page = site.browser().get(&link).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.body.contains("href=\"/register\""), "it points to the form: {}", page.text());
    let mut ada = site.browser();
    ada.register(ADA).await;
    site.settle().await;
    assert_eq!(ada.follow_link(&site.mails.link_to(ADA)).await.path, "/account?done=welcome");
}

#[tokio::test]
async fn whoever_opens_the_link_has_the_last_word_on_the_names() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site).await;
    let mut ada = site.browser_at("192.0.2.9");
    let page = ada.get(&link).await;
    let form = page.form(&link);
    assert_eq!(form.fields["first_name"], "Ada");
    let form = form.with("last_name", "Byron").with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    let refused = ada.submit(&form.clone()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "the statement is accepted here, by its owner");
    let again = refused.form(&link);
    assert_eq!(again.fields["last_name"], "Byron", "what was typed stays");
    let again = again.with("privacy", "on").with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    let page = ada.submit(&again).await;
    assert!(page.text().contains("Ada Byron"), "{}", page.text());
}
