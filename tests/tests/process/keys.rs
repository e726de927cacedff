//! Passkeys and security keys are made for one name: an address or a name by which they could not be used does not start.

use chancery_tests::postgres::Server;
use chancery_tests::served::{OnPostgres, Person, Served};
use chancery_tests::site::{PASSWORD, SoftKey, User};
use chancery_tests::smtp::SmtpSink;

const ADA: &str = "ada@example.org";

fn add_key(person: &mut Person, key: &mut SoftKey, origin: &str) {
    let page = person.page("/account/security/key?key=second");
    let told = key.create_at(origin, &page, User::Present, |_| ());
    let location = person.post(&page.form("/account/security/key").with("security_key", &told));
    assert!(location.starts_with("/account/security?done=added"), "{location}");
}

/// Signs in by password and key.
fn sign_in(person: &mut Person, key: &mut SoftKey, origin: &str) {
    person.sign_in(ADA, PASSWORD);
    let page = person.page("/login/verify?method=key");
    let answer = key.answer_at(origin, &page, User::Present, |_| ());
    assert_eq!(person.post(&page.form("/login/verify").with("security_key", &answer)), "/account");
}

/// Removes the key that was added last.
fn remove_key(person: &mut Person) {
    let list = person.get("/account/security");
    let device = list[list.rfind("/account/security/device?device=").unwrap()..].split('"').next().unwrap();
    let page = person.page(device);
    assert_eq!(person.post(&page.form("/account/security/device/remove")), "/account/security?done=removed");
}

async fn keys_are_kept(mut service: Served, sink: &SmtpSink) {
    let mut ada = service.person();
    assert_eq!(ada.register("Ada", "Lovelace", ADA), "/check-mail");
    let link = sink.mail_to(ADA).await.link();
    assert_eq!(ada.follow_link(link[link.find("/l/").unwrap()..].trim()), "/account?done=welcome");
    // While nobody has a key, any name is as good.
    service.stop();
    let at = |name: &str| format!("http://{name}:{}", service.port);
    let (plain, home, beside) = (at("localhost"), at("login.example.localhost"), at("new.login.example.localhost"));
    service.again_with(&["--public-url", &home]).unwrap();
    let (mut ada, mut key) = (service.person(), SoftKey::new());
    ada.sign_in(ADA, PASSWORD);
    add_key(&mut ada, &mut key, &home);
    service.stop();

    let lost = "1 passkey or security key, made for login.example.localhost, would be lost";
    let refused = service.again().unwrap_err();
    let sentence = format!("public-url is {plain}, outside login.example.localhost: {lost}");
    assert!(refused.contains(&sentence), "{sentence}: {refused}");
    let refused = service.again_with(&["--public-url", &home, "--rp-id", "example.localhost"]).unwrap_err();
    let sentence = format!("rp-id is example.localhost: {lost}; set rp-id to login.example.localhost");
    assert!(refused.contains(&sentence), "{sentence}: {refused}");

    // Under that name the key goes on, at another host, too; and one more counts.
    service.again_with(&["--public-url", &beside, "--rp-id", "login.example.localhost"]).unwrap();
    let mut ada = service.person();
    sign_in(&mut ada, &mut key, &beside);
    add_key(&mut ada, &mut SoftKey::new(), &beside);
    service.stop();
    let refused = service.again().unwrap_err();
    assert!(refused.contains("2 passkeys and security keys, made for"), "{refused}");

    // Nothing is left to lose.
    service.again_with(&["--public-url", &home]).unwrap();
    let mut ada = service.person();
    sign_in(&mut ada, &mut key, &home);
    remove_key(&mut ada);
    remove_key(&mut ada);
    service.stop();
    let refused = service.again_with(&["--rp-id", "example.org"]).unwrap_err();
    assert!(refused.contains("outside rp-id, which is example.org: no key could be made"), "{refused}");
    service.again().unwrap();
    let mut ada = service.person();
    ada.sign_in(ADA, PASSWORD);
    add_key(&mut ada, &mut key, &plain);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_kept_on_sqlite() {
    let sink = SmtpSink::start().await;
    let service = Served::start(&["--smtp", &sink.url(), "--mail-from", "no-reply@example.org"]);
    keys_are_kept(service, &sink).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_kept_on_postgresql() {
    let server = Server::start(&[]).await;
    let sink = SmtpSink::start().await;
    let database = OnPostgres::new(&server, &sink).await;
    keys_are_kept(database.serve(), &sink).await;
}
