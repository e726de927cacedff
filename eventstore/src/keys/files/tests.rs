//! Key files: made once, for their owner's eyes only, and read strictly.

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn master(&self) -> PathBuf {
        self.folder.path().join("master.key")
    }

    fn credentials(&self) -> PathBuf {
        self.folder.path().join("credentials.key")
    }

    fn create(&self) -> Result<FileKeys, KeyFileError> {
        FileKeys::create(&self.master(), &self.credentials())
    }

    fn open(&self) -> Result<FileKeys, KeyFileError> {
        FileKeys::open(&self.master(), CredentialKeys::From(&self.credentials()))
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

const CLASSES: [KeyClass; 4] = [KeyClass::Data, KeyClass::Credential, KeyClass::Network, KeyClass::Service];

fn id() -> KeyId {
    KeyId::from_bytes([1; 16])
}

#[test]
fn are_made_for_their_owner_only_and_read_back() {
    let files = Files::new();
    let made = files.create().unwrap();
    for path in [files.master(), files.credentials()] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let read = files.open().unwrap();
    for class in CLASSES {
        assert!(made.fingerprint(class).is_some());
        assert_eq!(made.fingerprint(class), read.fingerprint(class));
    }
    // Personal data, credentials and service keys are wrapped under keys of their own.
    let fingerprints = [KeyClass::Data, KeyClass::Credential, KeyClass::Service].map(|class| read.fingerprint(class));
    assert!(
        fingerprints[0] != fingerprints[1] && fingerprints[1] != fingerprints[2] && fingerprints[0] != fingerprints[2]
    );
    assert_eq!(read.fingerprint(KeyClass::Data), read.fingerprint(KeyClass::Network));
}

#[test]
fn are_never_overwritten() {
    let files = Files::new();
    fs::write(files.master(), "something else").unwrap();
    assert!(matches!(files.create(), Err(KeyFileError::Unwritable(path, _)) if path == files.master()));
    assert_eq!(fs::read_to_string(files.master()).unwrap(), "something else");

    let files = Files::new();
    files.create().unwrap();
    let before = fs::read(files.credentials()).unwrap();
    assert!(files.create().is_err());
    assert_eq!(fs::read(files.credentials()).unwrap(), before);
}

/// Not even through a link that leads nowhere yet.
#[test]
fn are_not_made_through_a_link() {
    let files = Files::new();
    let elsewhere = files.folder.path().join("elsewhere");
    symlink(&elsewhere, files.master()).unwrap();
    assert!(matches!(files.create(), Err(KeyFileError::Unwritable(..))));
    assert!(!elsewhere.exists());
}

#[test]
fn that_others_may_read_or_write_are_refused() {
    for open in [0o640, 0o620, 0o604, 0o602, 0o610, 0o601] {
        let files = Files::new();
        files.create().unwrap();
        mode(&files.master(), open);
        assert!(matches!(files.open(), Err(KeyFileError::TooOpen(path)) if path == files.master()), "{open:o}");
        mode(&files.master(), 0o400);
        assert!(files.open().is_ok());
        mode(&files.credentials(), open);
        let error = files.open().unwrap_err();
        assert!(matches!(&error, KeyFileError::TooOpen(path) if *path == files.credentials()), "{open:o}");
        assert!(error.to_string().contains("chmod 600"), "it says what to do: {error}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let files = Files::new();
    let error = files.open().unwrap_err();
    assert!(matches!(&error, KeyFileError::Unreadable(path, _) if *path == files.master()));
    assert!(error.to_string().contains("master.key"));
}

#[test]
fn a_file_that_is_no_key_file_is_refused() {
    let files = Files::new();
    files.create().unwrap();
    let good = fs::read_to_string(files.master()).unwrap();
    let digits = "0".repeat(64);
    let wrong = [
        String::new(),
        good.replace("personal", "private"),
        format!("personal = {digits}0\nservice = {digits}\n"),
        format!("personal = {}\nservice = {digits}\n", &digits[1..]),
        format!("personal = {}\nservice = {digits}\n", "g".repeat(64)),
        format!("personal {digits}\nservice = {digits}\n"),
    ];
    for text in wrong {
        fs::write(files.master(), &text).unwrap();
        let error = files.open().unwrap_err();
        assert!(matches!(error, KeyFileError::Malformed(_, "personal")), "{text:?}: {error:?}");
    }
    fs::write(files.master(), good.replace("service", "servant")).unwrap();
    let error = files.open().unwrap_err();
    assert!(matches!(error, KeyFileError::Malformed(_, "service")));
    assert!(error.to_string().contains("`service = <64 hexadecimal digits>`"), "{error}");
    // One file does not pass for the other.
    fs::write(files.master(), &good).unwrap();
    fs::write(files.credentials(), &good).unwrap();
    assert!(matches!(files.open(), Err(KeyFileError::Malformed(_, "credentials"))));
}

#[test]
fn an_error_repeats_no_key() {
    let files = Files::new();
    let secret = "5ec2e7".repeat(11);
    fs::write(files.master(), format!("personal = {secret}\n")).unwrap();
    mode(&files.master(), 0o600);
    let error = files.open().unwrap_err();
    assert!(matches!(error, KeyFileError::Malformed(..)));
    assert!(!format!("{error} {error:?}").contains("5ec2e7"));
}

#[test]
fn debug_shows_no_key() {
    let shown = format!("{:?}", Files::new().create().unwrap());
    assert_eq!(shown.matches("SecretKey(…)").count(), 3, "{shown}");
}

#[tokio::test]
async fn a_wrapped_key_opens_under_the_same_files_for_the_same_class_id_and_owner() {
    let files = Files::new();
    let keys = files.create().unwrap();
    let key = SecretKey::from_bytes([42; 32]);
    let owner = Some(StreamId::from_bytes([3; 16]));
    for class in CLASSES {
        let wrapped = keys.wrap(class, id(), owner, &key).await.unwrap();
        assert!(!wrapped.windows(32).any(|window| window == key.expose()), "the key is not in sight");
        let reopened = files.open().unwrap();
        assert_eq!(reopened.unwrap(class, id(), owner, &wrapped).await.unwrap(), key);

        assert!(matches!(keys.unwrap(class, id(), None, &wrapped).await, Err(KeyError::Tampered(_))));
        assert!(keys.unwrap(class, KeyId::from_bytes([9; 16]), owner, &wrapped).await.is_err());
        for other in CLASSES.into_iter().filter(|other| *other != class) {
            assert!(keys.unwrap(other, id(), owner, &wrapped).await.is_err(), "{class:?} as {other:?}");
        }
    }
}

#[tokio::test]
async fn anothers_master_key_and_a_changed_key_are_told_apart() {
    let (own, foreign) = (Files::new(), Files::new());
    let (own, foreign) = (own.create().unwrap(), foreign.create().unwrap());
    let wrapped = own.wrap(KeyClass::Data, id(), None, &SecretKey::from_bytes([42; 32])).await.unwrap();
    let error = foreign.unwrap(KeyClass::Data, id(), None, &wrapped).await.unwrap_err();
    assert!(matches!(error, KeyError::OtherWrappingKey(found) if found == id()), "{error:?}");
    for index in 32..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[index] ^= 1;
        let error = own.unwrap(KeyClass::Data, id(), None, &changed).await.unwrap_err();
        assert!(matches!(error, KeyError::Tampered(found) if found == id()), "byte {index}: {error:?}");
    }
    assert!(matches!(own.unwrap(KeyClass::Data, id(), None, &[]).await, Err(KeyError::Tampered(_))));
}

#[tokio::test]
async fn audit_and_jobs_do_without_the_credentials_key() {
    let files = Files::new();
    files.create().unwrap();
    fs::remove_file(files.credentials()).unwrap();
    let keys = FileKeys::open(&files.master(), CredentialKeys::Without).unwrap();
    let key = SecretKey::from_bytes([42; 32]);
    assert_eq!(keys.fingerprint(KeyClass::Credential), None);
    let wrapped = keys.wrap(KeyClass::Credential, id(), None, &key).await;
    assert!(matches!(wrapped, Err(KeyError::NoWrappingKey(KeyClass::Credential))));
    let unwrapped = keys.unwrap(KeyClass::Credential, id(), None, &[0; 92]).await;
    assert!(matches!(unwrapped, Err(KeyError::NoWrappingKey(KeyClass::Credential))));
    assert!(keys.wrap(KeyClass::Service, id(), None, &key).await.is_ok());
}
