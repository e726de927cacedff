//! Two servers whose settings state different policies: both decide by the one in the log, and the older one does not start
//! again after a crash.

use chancery_tests::postgres::Server;
use chancery_tests::served::{OnPostgres, Person};
use chancery_tests::site::{PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;

const ADA: &str = "ada@example.org";
/// Good enough for `eu-login` only.
const SHORT: [&str; 2] = ["Other-cow7x", "Third-cow8y"];
/// Good enough for `nist` only.
const LONG: &str = "staple horse battery";

/// Changes the password; the answer's status.
fn change(person: &mut Person, current: &str, new: &str) -> u16 {
    let form = form_of(&person.get("/account"), "/account/password").with("current_password", current);
    let form = form.with("new_password", new).with("confirm_password", new);
    person.ask("POST", &form.action, &form.body()).status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policy_in_the_log_is_every_servers() {
    let server = Server::start(&[]).await;
    let sink = SmtpSink::start().await;
    let database = OnPostgres::new(&server, &sink).await;
    let mut older = database.serve();
    let mut ada = older.person();
    assert_eq!(ada.register("Ada", "Lovelace", ADA), "/check-mail");
    let link = sink.mail_to(ADA).await.link();
    assert_eq!(ada.follow_link(link[link.find("/l/").unwrap()..].trim()), "/account?done=welcome");
    assert_eq!(change(&mut ada, PASSWORD, LONG), 422, "the older one's own policy is in force");
    assert_eq!(change(&mut ada, PASSWORD, SHORT[0]), 303);

    let keys = ["master.key", "credentials.key"].map(|name| older.folder().join("data").join(name));
    let [master, credentials] = keys.each_ref().map(|key| key.to_str().unwrap());
    let keys = ["--master-key", master, "--credentials-key", credentials];
    let newer = database.serve_with(&[&keys[..], &["--policy-revision", "2", "--password-rule", "nist"]].concat());
    assert_eq!(change(&mut ada, SHORT[0], SHORT[1]), 422, "the older one decides by the newer one's policy");
    assert_eq!(change(&mut ada, SHORT[0], LONG), 303);

    older.kill();
    let refused = older.again().unwrap_err();
    for words in [
        "the policy in force has revision 2, higher than this node's 1",
        "password_rule is nist in force and eu-login here",
    ] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    let mut ada = newer.person();
    assert!(ada.sign_in(ADA, LONG).contains("Ada Lovelace"), "the newer one goes on");
    assert_eq!(change(&mut ada, LONG, SHORT[1]), 422);
    let arguments: Vec<&str> = database.arguments().iter().map(String::as_str).collect();
    newer.assert_clean(&[&arguments[..], &["--master-key", master]].concat());
}
