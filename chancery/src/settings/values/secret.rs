//! Passwords.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::Value;
use crate::settings::{Exposure, SettingsError, read_secret_file};

/// The longest secret that is taken, in bytes.
const LONGEST: u64 = 4096;

/// A secret text: wiped when dropped, never shown by `Debug`, without `Display`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself, for the one place that uses it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Reads a private file of one line; its line break does not belong to the secret.
    ///
    /// # Errors
    /// `setting` names the file in the sentence: see [`read_secret_file`]; or it is not one line of UTF-8.
    pub fn from_file(setting: &str, path: &Path) -> Result<Self, SettingsError> {
        let bytes = read_secret_file(setting, path, LONGEST)?;
        let text = std::str::from_utf8(&bytes).ok().map(|text| text.strip_suffix('\n').unwrap_or(text));
        text.map(|text| text.strip_suffix('\r').unwrap_or(text))
            .and_then(|text| Self::from_text(text).ok())
            .ok_or_else(|| SettingsError::new(format!("{setting}: {} is not one line of text", path.display())))
    }
}

impl Value for Secret {
    const EXPOSURE: Exposure = Exposure::Secret;

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.len() as u64 > LONGEST || text.chars().any(char::is_control) {
            return Err(format!("a line of text of 1 to {LONGEST} bytes"));
        }
        Ok(Self(text.into()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_one_line_and_its_line_break_is_no_part_of_the_secret() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("password");
        let read = |content: &[u8]| {
            write(&path, content).expect("written");
            set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
            Secret::from_file("smtp-password-file", &path).map(|secret| secret.expose().to_owned())
        };
        assert_eq!(read(b" hunter2 \n"), Ok(" hunter2 ".to_owned()));
        assert_eq!(read(b"hunter2\r\n"), Ok("hunter2".to_owned()));
        assert_eq!(read(b"hunter2"), Ok("hunter2".to_owned()));
        for content in [&b"\n"[..], b"hunter2\nhunter3\n", b"hunter\xff"] {
            let sentence = read(content).expect_err("refused").to_string();
            assert!(sentence.ends_with("is not one line of text") && !sentence.contains("hunter"), "{sentence}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::from_text("hunter2").expect("right")), "Secret([redacted])");
    }
}
