use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_domain::values::Language;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};
use fluent_syntax::parser;

use super::{LOADER, Texts, identifier, isolate};

/// Message (or `message.attribute`) to the variables that it uses and whether it holds a link.
type Messages = BTreeMap<String, (BTreeSet<String>, usize)>;

fn in_expression(expression: &Expression<String>, variables: &mut BTreeSet<String>, links: &mut usize) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, variables, links),
        Expression::Select { selector, variants } => {
            in_inline(selector, variables, links);
            for variant in variants {
                in_pattern(&variant.value, variables, links);
            }
        }
    }
}

fn in_inline(inline: &InlineExpression<String>, variables: &mut BTreeSet<String>, links: &mut usize) {
    match inline {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.clone());
        }
        InlineExpression::Placeable { expression } => in_expression(expression, variables, links),
        _ => {}
    }
}

fn in_pattern(pattern: &Pattern<String>, variables: &mut BTreeSet<String>, links: &mut usize) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => *links += value.matches("<a>").count(),
            PatternElement::Placeable { expression } => in_expression(expression, variables, links),
        }
    }
}

fn messages(language: Language, file: &str) -> Messages {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language.tag()).join(file);
    let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let resource: Resource<String> =
        parser::parse(source).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
    let mut found = Messages::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let values = message.value.iter().map(|value| (message.id.name.clone(), value));
        let attributes = message.attributes.iter().map(|a| (format!("{}.{}", message.id.name, a.id.name), &a.value));
        for (id, pattern) in values.chain(attributes) {
            let (mut variables, mut links) = (BTreeSet::new(), 0);
            in_pattern(pattern, &mut variables, &mut links);
            assert!(found.insert(id.clone(), (variables, links)).is_none(), "{id} twice in {}", path.display());
        }
    }
    found
}

const FILES: [&str; 5] = ["common.ftl", "pages.ftl", "authenticator.ftl", "sms.ftl", "mails.ftl"];

#[test]
fn all_languages_have_all_messages_with_the_same_variables_and_links() {
    for file in FILES {
        let english = messages(Language::English, file);
        for language in Language::ALL {
            let other = messages(language, file);
            let name = format!("{}/{file}", language.tag());
            let missing: Vec<_> = english.keys().filter(|id| !other.contains_key(*id)).collect();
            let extra: Vec<_> = other.keys().filter(|id| !english.contains_key(*id)).collect();
            assert!(missing.is_empty() && extra.is_empty(), "{name}: missing {missing:?}, extra {extra:?}");
            for (id, shape) in &english {
                assert_eq!(&other[id], shape, "{name}: {id} has other variables or links than in English");
            }
        }
    }
}

#[test]
fn no_message_is_in_two_files() {
    let mut all = BTreeSet::new();
    for file in FILES {
        for id in messages(Language::English, file).into_keys() {
            assert!(all.insert(id.clone()), "{id} is in two files");
        }
    }
}

#[test]
fn the_loader_holds_every_file() {
    for language in Language::ALL {
        for file in FILES {
            for (id, (variables, _)) in messages(language, file) {
                let arguments: std::collections::HashMap<_, _> =
                    variables.iter().map(|name| (name.as_str(), super::Value::from(2))).collect();
                let text = LOADER.lookup_single_language(identifier(language), &id, Some(&arguments));
                assert!(!text.unwrap_or_else(|error| panic!("{id}: {error}")).trim().is_empty(), "{id} is empty");
            }
        }
    }
}

/// 2026-11-24T14:05:09Z.
const MOMENT: Timestamp = Timestamp::from_seconds(1_795_529_109);

#[test]
fn moments_follow_the_language() {
    let written: Vec<_> = Language::ALL.iter().map(|&l| Texts::of(l).moment(MOMENT)).collect();
    assert_eq!(
        written,
        [
            "24. November 2026, 14:05 Uhr UTC",
            "24 Νοεμβρίου 2026, 14:05 UTC",
            "24 November 2026, 14:05 UTC",
            "24 novembre 2026 à 14:05 UTC",
        ]
    );
    assert_eq!(Texts::of(Language::French).moment(Timestamp::from_seconds(0)), "1er janvier 1970 à 00:00 UTC");
}

#[test]
fn a_moment_beyond_the_calendar_is_still_written() {
    assert!(!Texts::of(Language::Greek).moment(Timestamp(i64::MAX)).is_empty());
}

#[test]
fn spans_use_the_largest_exact_unit_and_the_plural() {
    let english = Texts::of(Language::English);
    let cases = [
        (0, "0 seconds"),
        (1, "1 second"),
        (60, "1 minute"),
        (5_400, "90 minutes"),
        (7_200, "2 hours"),
        (604_800, "7 days"),
    ];
    for (seconds, text) in cases {
        assert_eq!(english.span(Duration::from_secs(seconds)), text);
    }
    assert_eq!(english.span(Duration::from_millis(1_001)), "2 seconds");
    assert_eq!(Texts::of(Language::French).span(Duration::ZERO), "0 seconde");
    assert_eq!(Texts::of(Language::Greek).span(Duration::from_secs(5_400)), "90 λεπτά");
    assert_eq!(Texts::of(Language::German).span(Duration::from_secs(86_400)), "1 Tag");
}

#[test]
fn a_wait_is_rounded_up() {
    let english = Texts::of(Language::English);
    for (seconds, text) in [(7, "7 seconds"), (119, "119 seconds"), (121, "3 minutes"), (7_201, "3 hours")] {
        assert_eq!(english.wait(Duration::from_secs(seconds)), text);
    }
}

#[test]
fn numbers_follow_the_language() {
    let written: Vec<_> = Language::ALL.iter().map(|&l| Texts::of(l).number(1_234_567)).collect();
    assert_eq!(written, ["1.234.567", "1.234.567", "1,234,567", "1\u{202f}234\u{202f}567"]);
    assert_eq!(Texts::of(Language::English).number(999), "999");
    assert_eq!(Texts::of(Language::German).span(Duration::from_secs(1_234 * 86_400)), "1.234 Tage");
}

#[test]
fn no_text_carries_isolation_marks_but_the_isolated_one() {
    assert!(!Texts::of(Language::English).moment(MOMENT).contains('\u{2068}'));
    assert_eq!(isolate("שלום"), "\u{2068}שלום\u{2069}");
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "message no-such-message")]
fn a_missing_message_fails_a_test() {
    let _ = Texts::of(Language::English).text("no-such-message", &[]);
}
