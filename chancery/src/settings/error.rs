//! What is wrong with the settings, in one sentence.

/// A setting that cannot be used. Its text is one line, says what to do, and never repeats a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

impl SettingsError {
    /// An error with this sentence, whose line breaks become spaces.
    #[must_use]
    pub fn new(sentence: impl AsRef<str>) -> Self {
        Self(crate::error::one_line(sentence.as_ref()))
    }
}
