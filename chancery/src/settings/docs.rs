//! The table of settings in the manual, which a test holds to what the program does.
#![cfg(test)]

use std::fmt::Write as _;
use std::path::PathBuf;

use super::{Exposure, Fallback, TABLE};

const BEGIN: &str = "<!-- settings:begin -->";
const END: &str = "<!-- settings:end -->";

fn table() -> String {
    let mut text = String::new();
    let mut group = "";
    for setting in TABLE {
        if setting.group != group {
            group = setting.group;
            let _ = write!(text, "\n### {group}\n\n| Setting | Value | Default | What it does |\n|---|---|---|---|\n");
        }
        let fallback = match setting.fallback {
            Fallback::Value(value) => format!("`{value}`"),
            Fallback::Absent(words) => words.to_owned(),
        };
        let never_a_flag = match setting.exposure {
            Exposure::Open => "",
            Exposure::MayHoldPassword => " With a password: by environment or file only.",
            Exposure::Secret => " By environment or file only.",
        };
        let (key, value_name, doc) = (setting.key(), setting.value_name, setting.doc());
        let _ = writeln!(text, "| `{key}` | {value_name} | {fallback} | {doc}{never_a_flag} |");
    }
    text.push('\n');
    text
}

/// Run with `BLESS=1` to write the table into the manual.
#[test]
#[expect(clippy::disallowed_methods, reason = "whoever starts the test asks for the manual to be written")]
fn the_manual_lists_the_settings_that_exist() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/operate.md");
    let manual = std::fs::read_to_string(&path).expect("the manual");
    let (head, rest) = manual.split_once(BEGIN).expect("the table's begin");
    let (found, tail) = rest.split_once(END).expect("the table's end");
    let right = format!("\n{}", table());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{head}{BEGIN}{right}{END}{tail}")).expect("written");
    } else {
        assert_eq!(found, right, "docs/operate.md has drifted: run this test with BLESS=1");
    }
}

#[test]
fn every_setting_is_named_once_and_described_in_sentences() {
    let mut keys: Vec<_> = TABLE.iter().map(super::Setting::key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), TABLE.len());
    for setting in TABLE {
        assert!(setting.doc().ends_with('.'), "{}", setting.key());
        assert!(!setting.value_name.is_empty() && !setting.fallback_text().is_empty(), "{}", setting.key());
    }
}
