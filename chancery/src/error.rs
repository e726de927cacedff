//! How a command fails: one line on standard error that says what to do, and an exit code.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use crate::settings::SettingsError;

/// The exit code of a command line, or a setting, that cannot be used.
pub const EXIT_USAGE: u8 = 2;
/// The exit code of a command that was understood and failed.
pub const EXIT_FAILURE: u8 = 1;

/// The exit code of a verification, or a question to the log, that could not be carried through: neither yes nor no.
pub const EXIT_UNCHECKED: u8 = 3;

/// Why a command did not do what was asked.
///
/// `Display` is the sentence alone; [`CommandError::line`] adds the causes.
#[derive(Debug)]
pub struct CommandError {
    sentence: String,
    exit: u8,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CommandError {
    /// The command line or a setting cannot be used; exit code 2.
    #[must_use]
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), exit: EXIT_USAGE, source: None }
    }

    /// The command failed; exit code 1.
    #[must_use]
    pub fn failure(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), exit: EXIT_FAILURE, source: None }
    }

    /// The command failed with an error whose own words, with those of its causes, are sentence enough; exit code 1.
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(Some(error), |error| (*error).source());
        Self::failure(causes.map(ToString::to_string).fold(String::new(), |line, cause| match line.as_str() {
            "" => cause,
            // Some libraries' errors say their cause themselves.
            said if said.contains(&cause) => line,
            said => format!("{said}: {cause}"),
        }))
    }

    /// What was asked could not be looked at, so that nothing is known; exit code 3.
    #[must_use]
    pub fn unchecked(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), exit: EXIT_UNCHECKED, source: None }
    }

    /// The same failure with exit code 3: it kept something from being looked at.
    #[must_use]
    pub fn as_unchecked(self) -> Self {
        Self { exit: if self.exit == EXIT_USAGE { EXIT_USAGE } else { EXIT_UNCHECKED }, ..self }
    }

    /// The same with its cause, whose text follows the sentence.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The sentence and every cause, on one line.
    #[must_use]
    pub fn line(&self) -> String {
        one_line(&Self::of(self).sentence)
    }

    /// The exit code: 1, 2 or 3.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<SettingsError> for CommandError {
    fn from(error: SettingsError) -> Self {
        Self::usage(error.to_string())
    }
}

/// The text on one line: each run of white space becomes one space, other control characters are left out, so that
/// odd input can neither break the line nor command the terminal.
#[must_use]
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.chars().filter(|c| !c.is_control()).collect::<String>());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_the_sentence_and_every_cause() {
        let cause = std::io::Error::other("the disk\nis on fire");
        let error = CommandError::failure("cannot write the log").because(cause);
        assert_eq!(error.to_string(), "cannot write the log");
        assert_eq!(error.line(), "cannot write the log: the disk is on fire");
        assert_eq!(CommandError::of(&error).line(), error.line());
    }

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        let cause = std::io::Error::other("the disk is on fire");
        let error = CommandError::failure("cannot write, since the disk is on fire").because(cause);
        assert_eq!(error.line(), "cannot write, since the disk is on fire");
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        assert_eq!(one_line("a\u{1b}[31m\r\nb\u{7} \u{0} c"), "a[31m b c");
    }
}
