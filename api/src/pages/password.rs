//! The rules for a new password, as a list that is ticked off.

use chancery_domain::values::{PasswordRule, UnmetRule};

use super::Chrome;

/// The rule in force and what the server found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRules {
    rule: PasswordRule,
    unmet: Option<Vec<UnmetRule>>,
}

impl PasswordRules {
    /// The rules before a password was sent.
    #[must_use]
    pub const fn open(rule: PasswordRule) -> Self {
        Self { rule, unmet: None }
    }

    /// The rules after a password was held against them; `unmet` are those that it does not meet.
    #[must_use]
    pub const fn judged(rule: PasswordRule, unmet: Vec<UnmetRule>) -> Self {
        Self { rule, unmet: Some(unmet) }
    }

    pub(super) fn list(&self) -> Vec<RuleState> {
        let state = |&requirement| RuleState {
            rule: self.rule,
            requirement,
            met: self.unmet.as_ref().map(|unmet| !unmet.contains(&requirement)),
        };
        self.rule.requirements().iter().map(state).collect()
    }
}

/// One requirement and whether the password that was sent meets it.
pub(super) struct RuleState {
    rule: PasswordRule,
    requirement: UnmetRule,
    met: Option<bool>,
}

impl RuleState {
    /// What the script checks while the person types, as `data-rule`; nothing where only the server can tell.
    pub const fn script_name(&self) -> Option<&'static str> {
        match self.requirement {
            UnmetRule::TooShort => Some("at-least"),
            UnmetRule::TooLong => Some("at-most"),
            UnmetRule::NoUpperCase => Some("upper"),
            UnmetRule::NoLowerCase => Some("lower"),
            UnmetRule::NoDigit => Some("digit"),
            UnmetRule::NoSpecial => Some("special"),
            UnmetRule::PersonName | UnmetRule::EmailLocalPart | UnmetRule::ServiceName | UnmetRule::Leaked => None,
        }
    }

    /// The number of characters that the requirement names, or 0.
    pub const fn bound(&self) -> usize {
        match self.requirement {
            UnmetRule::TooShort => self.rule.min_characters(),
            UnmetRule::TooLong => PasswordRule::MAX_CHARACTERS,
            _ => 0,
        }
    }

    pub fn text(&self, chrome: &Chrome) -> String {
        let counted = |id| chrome.texts().text(id, &[("count", self.bound().into())]);
        match self.requirement {
            UnmetRule::TooShort => counted("rule-at-least"),
            UnmetRule::TooLong => counted("rule-at-most"),
            UnmetRule::NoUpperCase => chrome.t("rule-upper-case"),
            UnmetRule::NoLowerCase => chrome.t("rule-lower-case"),
            UnmetRule::NoDigit => chrome.t("rule-digit"),
            UnmetRule::NoSpecial => chrome.t("rule-special"),
            UnmetRule::PersonName => chrome.t("rule-person-name"),
            UnmetRule::EmailLocalPart => chrome.t("rule-email"),
            UnmetRule::ServiceName => chrome.t("rule-service-name"),
            UnmetRule::Leaked => chrome.t("rule-leaked"),
        }
    }

    /// The value of `data-state`, from which the style sheet draws the mark.
    pub const fn mark(&self) -> &'static str {
        match self.met {
            Some(true) => "met",
            Some(false) => "unmet",
            None => "open",
        }
    }

    /// What a screen reader says of the mark.
    pub fn mark_text(&self, chrome: &Chrome) -> String {
        match self.met {
            Some(true) => chrome.t("rule-met"),
            Some(false) => chrome.t("rule-unmet"),
            None => String::new(),
        }
    }
}
