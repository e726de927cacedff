//! Files that hold one secret each.

use std::path::Path;

use zeroize::Zeroizing;

use super::{SettingsError, file};

/// Reads a file that only its owner may read, of at most `largest` bytes.
///
/// # Errors
/// `setting` names the file in the sentence: it does not exist, is no file, is larger, is empty, or its mode gives
/// others any right to it.
pub fn read_secret_file(setting: &str, path: &Path, largest: u64) -> Result<Zeroizing<Vec<u8>>, SettingsError> {
    let refuse = |reason: String| SettingsError::new(format!("{setting}: {reason}"));
    let (mut open, metadata) = file::open(path).map_err(refuse)?;
    if file::others_may_read(&metadata) {
        return Err(refuse(format!("others can read {0}: run 'chmod 600 {0}'", path.display())));
    }
    let bytes = file::read_at_most(path, &mut open, largest).map_err(refuse)?;
    if bytes.is_empty() {
        return Err(refuse(format!("{} is empty", path.display())));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_a_private_small_file_with_content_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        let read = || read_secret_file("master-key", &path, 8).map(|bytes| bytes.to_vec()).map_err(|e| e.to_string());
        let shown = path.display().to_string();

        assert!(read().expect_err("missing").starts_with(&format!("master-key: {shown} cannot be read: ")));
        write(&path, b"12345678").expect("written");
        for mode in [0o604, 0o640, 0o660, 0o601] {
            set_permissions(&path, Permissions::from_mode(mode)).expect("mode");
            assert_eq!(read(), Err(format!("master-key: others can read {shown}: run 'chmod 600 {shown}'")));
        }
        set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
        assert_eq!(read(), Ok(b"12345678".to_vec()));
        write(&path, b"123456789").expect("written");
        assert_eq!(read(), Err(format!("master-key: {shown} is larger than 8 bytes")));
        write(&path, b"").expect("written");
        assert_eq!(read(), Err(format!("master-key: {shown} is empty")));
        let sentence = read_secret_file("master-key", folder.path(), 8).expect_err("a folder").to_string();
        assert!(sentence.ends_with(" is not a file"), "{sentence}");
    }
}
