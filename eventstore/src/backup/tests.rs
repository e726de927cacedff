//! Manifests are read strictly, and files never take another's place.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

fn newest_event() -> Seen {
    Seen { log: Uuid::from_u128(7), epoch: 2, position: Position(40), record: [9; 32] }
}

#[test]
fn a_manifest_is_read_as_it_was_written_and_not_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Manifest::read(folder.path()), Err(BackupError::NoManifest(_))));
    let file = CopiedFile { bytes: 5, sha256: "ab".to_owned() };
    let manifest = Manifest::new(Kind::Sqlite, &newest_event(), "2026-05-03T10:00:00Z".to_owned(), Some(file));
    manifest.write(folder.path()).unwrap();
    assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
    assert_eq!(manifest.newest(), newest_event());
    let path = folder.path().join(MANIFEST);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let whole = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("chancery-backup 1", "chancery-backup 2"),
        ("\"position\": 40", "\"position\": 0"),
        ("\"epoch\": 2", "\"epoch\": -2"),
        ("0909", "09"),
        ("\"sqlite\"", "\"postgresql\""),
        ("\"sqlite\"", "\"oracle\""),
        ("\"made\"", "\"maid\""),
        ("}\n", ""),
    ] {
        fs::write(&path, whole.replace(from, to)).unwrap();
        let refused = Manifest::read(folder.path());
        assert!(matches!(refused, Err(BackupError::Malformed { .. })), "{from} {to}: {refused:?}");
    }
}

#[test]
fn a_secret_is_copied_once_and_replaces_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
    fs::write(&from, "secret").unwrap();
    assert!(copy_secret(&from, &to).unwrap());
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(copy_secret(&from, &to).unwrap(), "it is there already");
    fs::write(&from, "another").unwrap();
    assert!(!copy_secret(&from, &to).unwrap());
    assert_eq!(fs::read_to_string(&to).unwrap(), "secret");
}

#[test]
fn a_copy_is_told_by_its_hash_and_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
    fs::write(&from, "abc").unwrap();
    let copied = copy_with_hash(&from, &to).unwrap();
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned();
    assert_eq!(copied, CopiedFile { bytes: 3, sha256 });
    assert_eq!(hash_of(&to).unwrap(), copied);
    assert!(copy_with_hash(&from, &to).is_err());
}

#[test]
fn where_a_folder_lies_is_told_whatever_links_lead_there() {
    let folder = tempfile::tempdir().unwrap();
    let [outer, inner, link] = ["a", "a/b", "c"].map(|name| folder.path().join(name));
    assert_eq!(new_folder(&inner).unwrap(), Folder::New);
    assert_eq!(new_folder(&outer).unwrap(), Folder::Filled);
    assert_eq!(fs::metadata(&outer).unwrap().permissions().mode() & 0o777, 0o700);
    std::os::unix::fs::symlink(&inner, &link).unwrap();
    for (one, other, within) in
        [(&inner, &outer, true), (&link, &outer, true), (&outer, &inner, false), (&link, &inner, true)]
    {
        assert_eq!(is_within(one, other).unwrap(), within, "{one:?} {other:?}");
    }
}
