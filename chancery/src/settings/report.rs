//! Every setting with its value and its origin, fit for eyes that may not see a secret.

use super::TABLE;
use super::sources::{Origin, Texts};
use super::table::{Exposure, Setting};
use super::values::for_eyes;

/// A value as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownValue {
    /// The text as given.
    Text(String),
    /// A text in which a password was replaced; it cannot be used again.
    Redacted(String),
    /// There is a secret.
    Secret,
    /// There is nothing; the words say what that means.
    Absent(&'static str),
}

/// One setting.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Which.
    pub setting: &'static Setting,
    /// Its value.
    pub value: ShownValue,
    /// Where that came from.
    pub origin: Origin,
}

/// All of them, in the table's order.
#[derive(Clone, Debug)]
pub struct Report(Vec<Shown>);

impl Report {
    pub(super) fn new(texts: &Texts) -> Self {
        let shown = |(setting, given): (&'static Setting, &super::sources::Text)| Shown {
            setting,
            value: show(setting, &given.text),
            origin: given.origin.clone(),
        };
        Self(texts.iter().map(shown).collect())
    }

    /// The settings in the table's order.
    pub fn iter(&self) -> impl Iterator<Item = &Shown> {
        self.0.iter()
    }

    /// How a sentence names the setting as the operator set it: its flag, its variable, or its key with file and line.
    #[must_use]
    pub fn place(&self, field: &str) -> String {
        self.find(field).map_or_else(|| field.to_owned(), |shown| shown.origin.place(shown.setting))
    }

    /// Where the setting's value came from.
    #[must_use]
    pub fn origin(&self, field: &str) -> &Origin {
        self.find(field).map_or(&Origin::Default, |shown| &shown.origin)
    }

    fn find(&self, field: &str) -> Option<&Shown> {
        debug_assert!(TABLE.iter().any(|setting| setting.field == field), "{field} is no setting");
        self.0.iter().find(|shown| shown.setting.field == field)
    }
}

fn show(setting: &'static Setting, text: &str) -> ShownValue {
    if text.is_empty() {
        return ShownValue::Absent(setting.fallback_text());
    }
    match setting.exposure {
        Exposure::Open => ShownValue::Text(text.to_owned()),
        Exposure::Secret => ShownValue::Secret,
        Exposure::MayHoldPassword => match for_eyes(text) {
            Some((_, false)) => ShownValue::Text(text.to_owned()),
            Some((shown, true)) => ShownValue::Redacted(shown),
            None => ShownValue::Secret,
        },
    }
}
