//! `chancery settings`: every setting, its value, and where that came from.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::json;

use crate::cli::print;
use crate::error::CommandError;
use crate::settings::{Origin, Settings, Shown, ShownValue};

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Print a JSON list in place of TOML.
    #[arg(long)]
    json: bool,
}

/// Prints the settings: as a configuration file with comments, or as JSON.
///
/// # Errors
/// Standard output cannot be written to.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let text = if arguments.json { as_json(settings) } else { as_toml(settings) };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn as_toml(settings: &Settings) -> String {
    let lines: Vec<(&Shown, String)> = settings.report().iter().map(|shown| (shown, assignment(shown))).collect();
    let width = lines.iter().map(|(_, line)| line.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    let mut group = "";
    for (shown, line) in lines {
        if shown.setting.group != group {
            let gap = if group.is_empty() { "" } else { "\n" };
            group = shown.setting.group;
            let _ = writeln!(text, "{gap}# {group}");
        }
        let _ = writeln!(text, "{line:width$}  # {}", origin(&shown.origin));
    }
    text
}

/// A line of the configuration file, commented out where the file could not hold it.
fn assignment(shown: &Shown) -> String {
    let key = shown.setting.key();
    match &shown.value {
        ShownValue::Text(text) => match text.parse::<u32>() {
            Ok(number) => format!("{key} = {number}"),
            Err(_) => format!("{key} = {}", toml::Value::from(text.as_str())),
        },
        ShownValue::Redacted(text) => format!("# {key} = {}", toml::Value::from(text.as_str())),
        ShownValue::Secret => format!("# {key}: a secret, not shown"),
        ShownValue::Absent(words) => format!("# {key}: {words}"),
    }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::File(path, line) => crate::error::one_line(&format!("{}, line {line}", path.display())),
        Origin::Environment => "environment".to_owned(),
        Origin::Flag => "flag".to_owned(),
    }
}

fn as_json(settings: &Settings) -> String {
    let entry = |shown: &Shown| {
        let (value, redacted) = match &shown.value {
            ShownValue::Text(text) => (Some(text.as_str()), false),
            ShownValue::Redacted(text) => (Some(text.as_str()), true),
            ShownValue::Secret => (None, true),
            ShownValue::Absent(_) => (None, false),
        };
        let (origin, file, line) = match &shown.origin {
            Origin::Default => ("default", None, None),
            Origin::File(path, line) => ("file", Some(path.display().to_string()), Some(*line)),
            Origin::Environment => ("environment", None, None),
            Origin::Flag => ("flag", None, None),
        };
        json!({
            "name": shown.setting.key(),
            "value": value,
            "redacted": redacted,
            "origin": origin,
            "file": file,
            "line": line,
        })
    };
    let entries: Vec<_> = settings.report().iter().map(entry).collect();
    format!("{:#}\n", serde_json::Value::from(entries))
}
