//! What the binary under test says of its own command line.

use std::process::{Command, Stdio};

use crate::environment;

/// Every command that can be given, by its words, such as `audit verify`: as the binary's own help lists them.
///
/// # Panics
/// If the binary does not print its help.
#[must_use]
pub fn commands() -> Vec<String> {
    let mut found = Vec::new();
    collect(&[], &mut found);
    found
}

fn collect(words: &[String], found: &mut Vec<String>) {
    let help = help(words);
    let within = subcommands(&help);
    // The program itself serves where no command is given: that is a command of its own.
    if !words.is_empty() && (within.is_empty() || may_stand_alone(&help)) {
        found.push(words.join(" "));
    }
    for name in within {
        collect(&[words, &[name]].concat(), found);
    }
}

fn help(words: &[String]) -> String {
    let mut command = Command::new(environment::chancery());
    command.env_clear().args(words).arg("-h").stdin(Stdio::null());
    let output = command.output().expect("the binary starts");
    assert!(output.status.success(), "chancery {} -h: {}", words.join(" "), output.status);
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The commands that a command's help lists.
fn subcommands(help: &str) -> Vec<String> {
    let Some((_, listed)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let listed = listed.lines().take_while(|line| !line.is_empty());
    // What a description goes on with stands further in than the names.
    let names = listed.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Whether a command that has others below it does something without any of them.
fn may_stand_alone(help: &str) -> bool {
    help.lines().any(|line| line.starts_with("Usage: ") && line.ends_with(" [COMMAND]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "\
List what the jobs have to do, and try again what is dead

Usage: chancery jobs [OPTIONS] [COMMAND]

Commands:
  show     Print one item
  requeue  Try dead items again, from now on, in a sentence
           that goes on
  help     Print this message or the help of the given subcommand(s)

Options:
  -h, --help  Print help
";

    #[test]
    fn a_help_lists_its_commands() {
        assert_eq!(subcommands(HELP), ["show", "requeue"]);
        assert!(may_stand_alone(HELP));
        assert!(!may_stand_alone(&HELP.replace("[COMMAND]", "<COMMAND>")));
        assert!(subcommands(&HELP.replace("Commands:", "Arguments:")).is_empty());
    }

    #[test]
    fn the_binary_is_walked_to_its_leaves() {
        let found = commands();
        for command in ["serve", "work", "check", "jobs", "jobs show", "audit verify", "log new-epoch"] {
            assert!(found.iter().any(|one| one == command), "{command}: {found:?}");
        }
        for group in ["audit", "log", "help", "chancery"] {
            assert!(!found.iter().any(|one| one == group), "{group}: {found:?}");
        }
    }
}
