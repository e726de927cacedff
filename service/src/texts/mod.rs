//! Everything that Chancery says to a person, in that person's language.
//!
//! The texts live in Fluent files, `service/locales/<language>/`: `common.ftl` (moments, spans, names of languages),
//! `pages.ftl`, `authenticator.ftl`, `sms.ftl` and `mails.ftl`. They are built into the binary.
//!
//! Fluent's bidirectional isolation marks are switched off: they would end up in subject lines and beside URLs. What a
//! person typed is isolated where it is shown instead: by `<bdi>` in pages, by [`isolate`] in the middle of plain text.

mod link;
mod number;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_domain::values::Language;
use chrono::{Datelike, Timelike};
use fluent_templates::LanguageIdentifier;
pub use fluent_templates::fluent_bundle::FluentValue as Value;
use unic_langid::langid;

pub use link::LinkText;

fluent_templates::static_loader! {
    static LOADER = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| {
            bundle.set_use_isolating(false);
            number::follow_language(bundle);
        },
    };
}

static ENGLISH: LanguageIdentifier = langid!("en");
static FRENCH: LanguageIdentifier = langid!("fr");
static GERMAN: LanguageIdentifier = langid!("de");
static GREEK: LanguageIdentifier = langid!("el");

const SECONDS_PER_MINUTE: u64 = 60;
const SECONDS_PER_HOUR: u64 = 60 * SECONDS_PER_MINUTE;
const SECONDS_PER_DAY: u64 = 24 * SECONDS_PER_HOUR;

fn identifier(language: Language) -> &'static LanguageIdentifier {
    match language {
        Language::English => &ENGLISH,
        Language::French => &FRENCH,
        Language::German => &GERMAN,
        Language::Greek => &GREEK,
    }
}

/// The texts of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    language: Language,
}

impl Texts {
    /// The texts of `language`.
    #[must_use]
    pub const fn of(language: Language) -> Self {
        Self { language }
    }

    /// The language that these texts are in.
    #[must_use]
    pub const fn language(self) -> Language {
        self.language
    }

    /// The message `id` (or `id.attribute`) with its variables filled in. Nothing is escaped: that is the template's
    /// task.
    ///
    /// A message that is missing or lacks a variable is a fault of the program, which tests find: debug builds panic,
    /// release builds log it and show the English text or, failing that, the id.
    #[must_use]
    pub fn text(self, id: &str, arguments: &[(&str, Value<'_>)]) -> String {
        let arguments: HashMap<&str, Value<'_>> = arguments.iter().cloned().collect();
        match LOADER.lookup_single_language(identifier(self.language), id, Some(&arguments)) {
            Ok(text) => text,
            Err(error) => {
                debug_assert!(false, "message {id} in {}: {error}", self.language.tag());
                tracing::error!(id, language = self.language.tag(), %error, "a text is missing");
                LOADER.lookup_single_language(&ENGLISH, id, Some(&arguments)).unwrap_or_else(|_| id.to_owned())
            }
        }
    }

    /// The message `id`, which holds one link, cut at its `<a>` and `</a>`.
    #[must_use]
    pub fn link_text(self, id: &str, arguments: &[(&str, Value<'_>)]) -> LinkText {
        LinkText::cut(&self.text(id, arguments))
    }

    /// A whole number as the language writes it: `12,345`, `12 345`, `12.345`.
    #[must_use]
    pub fn number(self, number: u64) -> String {
        number::grouped(number, number::separator(self.language))
    }

    /// A moment to the minute, in UTC, named as such: `24 November 2026, 14:05 UTC`.
    /// RFC 3339 where the calendar ends.
    #[must_use]
    pub fn moment(self, moment: Timestamp) -> String {
        let Some(date) = moment.to_datetime() else { return moment.to_string() };
        let time = format!("{:02}:{:02}", date.hour(), date.minute());
        self.text(
            "moment",
            &[
                ("day", date.day().into()),
                ("month", date.month().into()),
                // As text: a year is never grouped.
                ("year", date.year().to_string().into()),
                ("time", time.into()),
            ],
        )
    }

    /// A span in the largest unit that states it exactly: `7 days`, `2 hours`, `90 minutes`, `10 seconds`.
    /// Parts of a second count as a whole one, so that no wait is understated.
    #[must_use]
    pub fn span(self, span: Duration) -> String {
        let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
        let (id, count) = match seconds {
            s if s > 0 && s.is_multiple_of(SECONDS_PER_DAY) => ("span-days", s / SECONDS_PER_DAY),
            s if s > 0 && s.is_multiple_of(SECONDS_PER_HOUR) => ("span-hours", s / SECONDS_PER_HOUR),
            s if s > 0 && s.is_multiple_of(SECONDS_PER_MINUTE) => ("span-minutes", s / SECONDS_PER_MINUTE),
            s => ("span-seconds", s),
        };
        self.text(id, &[("count", count.into())])
    }

    /// A span for a person who has to wait: rounded up to whole minutes from two minutes on, to whole hours from two
    /// hours on.
    #[must_use]
    pub fn wait(self, span: Duration) -> String {
        let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
        let unit = match seconds {
            s if s >= 2 * SECONDS_PER_HOUR => SECONDS_PER_HOUR,
            s if s >= 2 * SECONDS_PER_MINUTE => SECONDS_PER_MINUTE,
            _ => 1,
        };
        self.span(Duration::from_secs(seconds.div_ceil(unit) * unit))
    }
}

/// `text` between the marks FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (Unicode Standard Annex 9): for what a
/// person typed, in the middle of a plain-text sentence, so that its direction does not reorder the sentence.
#[must_use]
pub fn isolate(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}
