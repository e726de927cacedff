//! Logs that earlier builds wrote, kept as they were written, with their keys: every build after them reads them to the
//! last byte. What a row's parts are bound to, how keys are wrapped and derived, by which HMAC an address is reserved: none
//! of it can change without a test here that fails.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use chancery_tests::served::Served;
use chancery_tests::site::{PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;
use tempfile::TempDir;

const ADA: &str = "ada@example.org";
const NEW_PASSWORD: &str = "Another-horse8battery";

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/logs")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let name = file.file_name();
        if file.file_type().unwrap().is_file() && !name.to_string_lossy().ends_with(".lock") {
            let kept = to.join(name);
            fs::copy(file.path(), &kept).unwrap();
            // As the service wants its keys; a repository does not keep that.
            fs::set_permissions(kept, Permissions::from_mode(0o600)).unwrap();
        }
    }
}

fn serve(folder: TempDir, sink: &SmtpSink) -> Served {
    Served::start_in(folder, 0, &["--smtp", &sink.url(), "--mail-from", "no-reply@example.org"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kept_log_is_verified_and_goes_on() {
    let mut count = 0;
    for log in fs::read_dir(kept()).unwrap() {
        count += 1;
        let folder = TempDir::new().unwrap();
        copy(&log.unwrap().path(), &folder.path().join("data"));
        let sink = SmtpSink::start().await;
        let mut served = serve(folder, &sink);
        let mut ada = served.person();
        assert!(ada.sign_in(ADA, NEW_PASSWORD).contains("Ada Lovelace"), "her name and her password are there");
        // The address is taken: by the same HMAC as then.
        assert_eq!(served.person().register("Eve", "Example", ADA), "/check-mail");
        assert!(sink.mail_to(ADA).await.text().contains("already"), "and the mail says so");
        served.stop();
        served.assert_clean(&[]);
    }
    assert!(count > 0);
}

/// Each release leaves one: `cargo nextest run -p chancery-tests --run-ignored only -E 'test(leaves_a_log)'`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes into the repository"]
async fn leaves_a_log() {
    let sink = SmtpSink::start().await;
    let mut served = serve(TempDir::new().unwrap(), &sink);
    let mut ada = served.person();
    ada.register("Ada", "Lovelace", ADA);
    ada.follow_link(&sink.mail_to(ADA).await.path());
    let sign_out = form_of(&ada.get("/account"), "/sign-out");
    ada.submit(&sign_out);
    assert!(!ada.sign_in(ADA, "Wrong-horse7battery").contains("Ada Lovelace"));
    assert!(ada.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    let change = form_of(&ada.get("/account"), "/account/password");
    let change = change.with("current_password", PASSWORD).with("new_password", NEW_PASSWORD);
    ada.submit(&change.with("confirm_password", NEW_PASSWORD));
    served.person().register("Grace", "Hopper", "grace@example.org");
    sink.mail_to("grace@example.org").await;
    let register = ["application", "register", "--name", "Library", "--scope", "accounts:read"];
    assert!(served.beside(register).status.success());
    served.stop();
    copy(&served.folder().join("data"), &kept().join(env!("CARGO_PKG_VERSION")));
}
