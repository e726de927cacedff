//! The configuration file: one flat TOML table, its keys the settings' names.

use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::table::{Exposure, Setting};
use super::{SettingsError, TABLE, suggest, values};

/// The largest configuration file that is read, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;

/// One setting found in the file.
pub(super) struct FileEntry {
    pub setting: &'static Setting,
    pub text: Zeroizing<String>,
    /// Counted from 1.
    pub line: usize,
}

/// Reads the file's settings, in no particular order.
pub(super) fn read(path: &Path) -> Result<Vec<FileEntry>, SettingsError> {
    let refuse = |reason: String| SettingsError::new(format!("configuration file {reason}"));
    let (mut file, metadata) = open(path).map_err(refuse)?;
    let bytes = read_at_most(path, &mut file, LARGEST_FILE).map_err(refuse)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| refuse(format!("{} is not UTF-8", path.display())))?;
    let entries = parse(path, text)?;
    match entries.iter().find(|entry| holds_secret(entry)) {
        Some(entry) if others_may_read(&metadata) => Err(refuse(format!(
            "{} sets {}, a secret, but others can read it: run 'chmod 600 {}'",
            path.display(),
            entry.setting.key(),
            path.display(),
        ))),
        _ => Ok(entries),
    }
}

fn holds_secret(entry: &FileEntry) -> bool {
    match entry.setting.exposure {
        Exposure::Open => false,
        Exposure::MayHoldPassword => values::for_eyes(&entry.text).is_some_and(|(_, has_password)| has_password),
        Exposure::Secret => !entry.text.is_empty(),
    }
}

fn parse(path: &Path, text: &str) -> Result<Vec<FileEntry>, SettingsError> {
    let line_at = |offset: usize| text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
    let refuse = |line: usize, reason: String| SettingsError::new(format!("{}, line {line}: {reason}", path.display()));

    // Only the parser's own words: its full rendering repeats the line, which may hold a secret.
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(span.start));
        refuse(line, format!("this is not TOML: {}", error.message()))
    })?;

    let mut entries: Vec<FileEntry> = Vec::new();
    for (name, value) in table.get_ref() {
        let line = line_at(name.span().start);
        let name = name.get_ref().as_ref();
        let key = name.replace('_', "-");
        let Some(setting) = TABLE.iter().find(|setting| setting.key() == key) else {
            let advice = match suggest::nearest(&key, TABLE.iter().map(Setting::key)) {
                Some(known) => format!("did you mean '{known}'?"),
                None => "'chancery settings' lists those that are".to_owned(),
            };
            return Err(refuse(line, format!("'{name}' is no setting; {advice}")));
        };
        if let Some(earlier) = entries.iter().find(|entry| entry.setting.field == setting.field) {
            return Err(refuse(line, format!("'{key}' is set on line {} already", earlier.line)));
        }
        let text = value_text(value.get_ref()).ok_or_else(|| {
            refuse(
                line,
                format!(
                    "'{key}' takes a text, a number, true or false, or a list of texts, not this {}",
                    kind(value.get_ref())
                ),
            )
        })?;
        entries.push(FileEntry { setting, text, line });
    }
    Ok(entries)
}

/// The value as the text that a flag would have been given.
fn value_text(value: &DeValue<'_>) -> Option<Zeroizing<String>> {
    let text = match value {
        DeValue::String(text) => text.clone().into_owned(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok()?.to_string(),
        DeValue::Boolean(choice) => choice.to_string(),
        DeValue::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            items?.join(",")
        }
        _ => return None,
    };
    Some(Zeroizing::new(text))
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::Array(_) => "list",
        DeValue::Integer(_) => "number: it is too large",
        other => other.type_str(),
    }
}

/// Opens a regular file; a folder, a pipe or a device is refused with a sentence.
pub(super) fn open(path: &Path) -> Result<(File, Metadata), String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    // Asked before the opening, which would wait for ever for a pipe's other end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(format!("{} is not a file", path.display()));
    }
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    Ok((file, metadata))
}

/// Reads an open file of at most `largest` bytes; a larger one is refused.
pub(super) fn read_at_most(path: &Path, file: &mut File, largest: u64) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = file.take(largest + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if bytes.len() as u64 > largest {
        return Err(format!("{} is larger than {largest} bytes", path.display()));
    }
    Ok(bytes)
}

/// Whether anybody but the file's owner can read, write or run it.
pub(super) fn others_may_read(metadata: &Metadata) -> bool {
    metadata.mode() & 0o077 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        parse(Path::new("chancery.toml"), text).err().expect("refused").to_string()
    }

    #[test]
    fn texts_numbers_choices_and_lists_are_read_with_their_lines() {
        let text = "# a comment\nlisten = \"[::1]:80\"\n\npolicy_revision = 0x10\ninternal-domains = [\n \"a.eu\",\n \"b.eu\" ]\n\
                    second-factor-required = true\n";
        let entries = parse(Path::new("f"), text).expect("right");
        let mut found: Vec<_> = entries.iter().map(|e| (e.line, e.setting.field, e.text.as_str())).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                (2, "listen", "[::1]:80"),
                (4, "policy_revision", "16"),
                (5, "internal_domains", "a.eu,b.eu"),
                (8, "second_factor_required", "true")
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, sentence) in [
            ("\nlisten = ", "chancery.toml, line 2: this is not TOML: "),
            ("\n\nlisten_ = \"x\"", "chancery.toml, line 3: 'listen_' is no setting; did you mean 'listen'?"),
            ("colour = 1", "chancery.toml, line 1: 'colour' is no setting; 'chancery settings' lists those that are"),
            ("smtp-user = \"a\"\nsmtp_user = \"b\"", "chancery.toml, line 2: 'smtp-user' is set on line 1 already"),
            ("listen = \"a\"\nlisten = \"b\"", "chancery.toml, line 2: this is not TOML: duplicate key"),
            (
                "listen = 1.5",
                "line 1: 'listen' takes a text, a number, true or false, or a list of texts, not this float",
            ),
            ("[listen]\nx = 1", "takes a text, a number, true or false, or a list of texts, not this table"),
            ("[mail]\nsmtp = \"x\"", "line 1: 'mail' is no setting"),
            ("internal-domains = [1]", "not this list"),
            ("hash-queue = 99999999999999999999", "not this number: it is too large"),
        ] {
            let found = refusal(text);
            assert!(found.contains(sentence), "{text:?} gave {found:?}");
        }
    }

    #[test]
    fn a_broken_line_is_never_repeated() {
        assert!(!refusal("smtp-password = \"hunter2").contains("hunter2"));
        assert!(!refusal("smtp-password = hunter2").contains("hunter2"));
    }
}
