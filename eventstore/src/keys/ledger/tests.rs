//! The ledger of destroyed keys: only ever added to, whole after every kill, and read strictly.

use std::os::unix::fs::PermissionsExt;

use super::*;

const LOG: Uuid = Uuid::from_u128(7);

fn key(n: u8) -> KeyId {
    KeyId::from_bytes([n; 16])
}

fn ids(path: &Path) -> Vec<KeyId> {
    Destroyed::read(path).unwrap().ids
}

#[tokio::test]
async fn what_is_added_stays_in_order_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("destroyed-keys");
    let ledger = Arc::new(Ledger::new(path.clone(), LOG));
    assert_eq!(ledger.held().unwrap(), Destroyed::none(LOG));
    assert!(!path.exists(), "looking makes nothing");
    ledger.add([key(3), key(1)]).await;
    // Another process of the same folder.
    Arc::new(Ledger::new(path.clone(), LOG)).add([key(2), key(3)]).await;
    assert_eq!(Destroyed::read(&path).unwrap(), Destroyed { log: LOG, ids: vec![key(1), key(2), key(3)] });
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(&header(LOG)) && text.ends_with(&format!("{}\n{}\n", key(2), key(3))), "{text}");
}

#[tokio::test]
async fn a_kill_at_any_byte_leaves_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("destroyed-keys");
    let whole = format!("{}{}\n{}\n", header(LOG), key(1), key(2));
    for cut in 0..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let before = if cut < header(LOG).len() { Vec::new() } else { ids(&path) };
        assert_eq!(Ledger::new(path.clone(), LOG).held().unwrap().ids, before, "cut at {cut}");
        write(&path, LOG, &[key(9)]).unwrap();
        let expected: Vec<KeyId> = before.into_iter().chain([key(9)]).collect();
        assert_eq!(ids(&path), expected, "cut at {cut}");
        assert_eq!((fs::metadata(&path).unwrap().len() - header(LOG).len() as u64) % LINE, 0);
    }
}

#[test]
fn what_we_did_not_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("destroyed-keys");
    let whole = format!("{}{}\n{}\n", header(LOG), key(1), key(0xab));
    fs::write(&path, &whole).unwrap();
    assert_eq!(ids(&path), [key(1), key(0xab)]);
    for (text, at) in [
        (String::new(), 1),
        ("chancery-destroyed-keys 2\n".to_owned(), 1),
        (whole.replace("log ", "Log "), 2),
        (whole.replace("-0000-", "-000-"), 2),
        (whole.replace("abab", "ABAB"), 4),
        (whole.replace("\n0101", "\n01"), 3),
        (format!("{whole}\n"), 5),
        (format!("{whole}{}", "0".repeat(200)), 5),
        (whole.replace("0101", "0\u{e9}1"), 3),
    ] {
        fs::write(&path, &text).unwrap();
        let refused = Destroyed::read(&path).unwrap_err();
        assert!(matches!(refused, LedgerError::Damaged { line, .. } if line == at), "{refused:?} for {text:?}");
    }
    fs::write(&path, b"\xff\xfe\n").unwrap();
    assert!(matches!(Destroyed::read(&path), Err(LedgerError::Damaged { line: 1, .. })));
    fs::write(&path, "another file\n").unwrap();
    assert!(matches!(write(&path, LOG, &[key(1)]), Err(LedgerError::Damaged { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "another file\n", "it is left alone");
}

#[tokio::test]
async fn a_ledger_of_another_log_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("destroyed-keys");
    write(&path, Uuid::from_u128(8), &[key(1)]).unwrap();
    let ledger = Arc::new(Ledger::new(path.clone(), LOG));
    assert!(matches!(ledger.held(), Err(LedgerError::OtherLog { .. })));
    ledger.add([key(2)]).await;
    assert_eq!(ids(&path), [key(1)]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not there yet/destroyed-keys");
    let ledger = Arc::new(Ledger::new(path.clone(), LOG));
    ledger.add([key(1)]).await;
    ledger.add([key(2)]).await;
    assert_eq!(*ledger.waiting(), [key(1), key(2)]);
    fs::create_dir(path.parent().unwrap()).unwrap();
    while ids_if_any(&path).is_none() {
        tokio::time::advance(AGAIN).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(ids(&path), [key(1), key(2)]);
}

fn ids_if_any(path: &Path) -> Option<Vec<KeyId>> {
    Destroyed::read(path).ok().map(|held| held.ids)
}

#[tokio::test]
async fn what_others_wrote_is_taken_over_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("destroyed-keys");
    let ledger = Arc::new(Ledger::new(path.clone(), LOG));
    ledger.take_over(&Destroyed { log: LOG, ids: vec![key(1), key(2)] }).unwrap();
    assert_eq!(ids(&path), [key(1), key(2)]);
    ledger.add([key(3)]).await;
    ledger.take_over(&Destroyed { log: LOG, ids: vec![key(2), key(4)] }).unwrap();
    assert_eq!(ids(&path), [key(1), key(2), key(3), key(4)]);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2 + 4, "each once");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn ledgers_are_put_together() {
    let one = Destroyed { log: LOG, ids: vec![key(1), key(3)] };
    let other = Destroyed { log: LOG, ids: vec![key(2), key(3)] };
    assert_eq!(one.and(other).ids(), [key(1), key(2), key(3)]);
}
