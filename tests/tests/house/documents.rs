//! What the documents say is what the program does, where a test can tell.

use chancery_domain::events::known_types;
use chancery_domain::values::Language;
use chancery_service::texts::Texts;
use chancery_tests::site::World;
use chancery_tests::{environment, speed};

use super::architecture::files;

#[test]
fn the_auditors_are_told_of_every_event() {
    let text = std::fs::read_to_string(environment::repository().join("docs/audit.md")).expect("the document");
    let told: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(event_type, _)| event_type)
        .collect();
    let mut known: Vec<&str> = known_types().map(|(event_type, _)| event_type).collect();
    let mut listed: Vec<&str> = told.iter().copied().filter(|name| name.contains('.')).collect();
    known.sort_unstable();
    known.dedup();
    listed.sort_unstable();
    assert_eq!(listed, known);
    for event_type in listed {
        let has_words = chancery_service::audit::sentences::sentence(event_type, 1).is_some();
        assert!(has_words, "{event_type} has no sentence for 'chancery audit history'");
    }
}

#[tokio::test]
async fn the_auditors_are_told_of_every_read_model() {
    let text = std::fs::read_to_string(environment::repository().join("docs/audit.md")).expect("the document");
    let world = World::sqlite().await;
    let models = chancery_projections::all(&world.store().await, world.db());
    let (verified, status) = text.split_once("### Read models").expect("the section of read models");
    for name in models.iter().map(|model| model.name()) {
        assert!(verified.contains(&format!("`{name}`")), "{name} is not among what is compared");
        assert!(status.lines().any(|line| line.starts_with(name)), "{name} is not in the sample of its status");
    }
}

#[test]
fn the_auditors_are_shown_every_part_of_an_account() {
    let text = std::fs::read_to_string(environment::repository().join("docs/audit.md")).expect("the document");
    let (_, sample) = text.split_once("$ chancery audit state ").expect("the sample of a state");
    let (_, parts) = sample.split_once("\n\n").expect("the parts, below the line that says of what");
    let parts = parts.lines().take_while(|line| *line != "```");
    // There may be one blank in a name; two end it.
    let shown: Vec<&str> = parts.map(|line| line.split("  ").next().unwrap_or_default()).collect();
    assert_eq!(shown, chancery_service::audit::state::part_names());
}

/// The tables of fields and bytes in a text, without what marks a line as a comment.
fn layouts(text: &str) -> Vec<String> {
    let lines: Vec<&str> =
        text.lines().map(|line| line.trim_start().trim_start_matches(['/', '!']).trim_start()).collect();
    let heads = lines.iter().enumerate().filter(|(_, line)| **line == "| Field | Bytes |");
    heads
        .map(|(at, _)| {
            lines[at..].iter().take_while(|line| line.starts_with('|')).copied().collect::<Vec<_>>().join("\n")
        })
        .collect()
}

/// An auditor needs no source to read a row: the document has the tables that stand beside the code, and every label.
#[test]
fn the_auditors_are_told_of_every_byte() {
    let read = |path: &str| std::fs::read_to_string(environment::repository().join(path)).expect("a file");
    let told = read("docs/audit.md");
    let sources =
        ["seal.rs", "record.rs", "store/load.rs", "keys/files.rs"].map(|path| read(&format!("eventstore/src/{path}")));
    let beside_the_code: Vec<String> = sources.iter().flat_map(|source| layouts(source)).collect();
    assert_eq!(beside_the_code.len(), 2, "of what is sealed, and of the record");
    assert_eq!(layouts(&told), beside_the_code);
    let mut labels: Vec<&str> = sources.iter().flat_map(|source| source.split("b\"chancery ").skip(1)).collect();
    for label in &mut labels {
        *label = label.split('"').next().unwrap_or_default();
        assert!(told.contains(&format!("`chancery {label}`")), "{label}");
    }
    labels.sort_unstable();
    labels.dedup();
    let expected = ["commitment v1", "part v1", "row v1", "state v1", "wrapped key v1", "wrapping key fingerprint v1"];
    assert_eq!(labels, expected);
}

/// The documents, each with its name.
fn documents() -> Vec<(String, String)> {
    let folder = std::fs::read_dir(environment::repository().join("docs")).expect("the documents");
    let paths = folder.map(|entry| entry.expect("a file").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let name = |path: &std::path::Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    paths.map(|path| (name(&path), std::fs::read_to_string(&path).expect("a document"))).collect()
}

/// What stands between two marks, wherever they stand.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Vec<&'t str> {
    text.split(before).skip(1).map(|rest| rest.split(after).next().unwrap_or_default()).collect()
}

/// Whether a table has a line with a figure: what was measured, and its ratio to what stands beside it.
fn has_figures(table: &str) -> bool {
    let lines = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let ratios: Vec<Option<f64>> = lines.map(|line| line.split('|').nth(4)?.trim().parse().ok()).collect();
    !ratios.is_empty() && ratios.iter().all(|ratio| ratio.is_some_and(|ratio| ratio.is_finite() && ratio > 0.0))
}

/// What is wrong with the marks of figures, in sentences.
fn unmeasured(documents: &[(String, String)], sections: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let (_, speed) = documents.iter().find(|(name, _)| name == "speed.md").expect("the page of figures");
    for section in sections {
        let (begin, end) = (speed::begin(section), speed::end(section));
        match speed::table(speed, section) {
            _ if speed.matches(&begin).count() > 1 || speed.matches(&end).count() > 1 => {
                wrong.push(format!("{section} stands in speed.md twice"));
            }
            None => wrong.push(format!("{section} was not measured: speed.md does not have it")),
            // Said where a reader looks for it.
            Some(table) if table.trim() == "Not measured yet." => {}
            Some(table) if !has_figures(table) => wrong.push(format!("{section} has no figures in speed.md")),
            Some(_) => {}
        }
    }
    for (name, text) in documents {
        let marks = [between(text, "⟨", "⟩"), between(text, "<!-- bench ", " -->"), between(text, "<!-- end ", " -->")];
        for mark in marks.concat() {
            if !sections.contains(&mark) {
                wrong.push(format!("{name} names the section {mark}, which nothing measures"));
            }
        }
    }
    wrong
}

/// A figure in a document is marked with the section that measured it.
#[test]
fn every_figure_that_is_marked_was_measured() {
    let wrong = unmeasured(&documents(), &speed::SECTIONS);
    assert!(wrong.is_empty(), "run tests/bench with the names of the sections: {wrong:#?}");
}

#[test]
fn a_mark_without_its_figures_is_noticed() {
    let row = "| one | 7/s | 9/s | 0.78 | 0.7 | – |\n";
    let page = format!("<!-- bench one -->\nOf one.\n\n| What | Measured |\n|---|---|\n{row}<!-- end one -->\n");
    let found = |page: &str, other: &str, sections: &[&str]| {
        unmeasured(&[("speed.md".to_owned(), page.to_owned()), ("scale.md".to_owned(), other.to_owned())], sections)
    };
    assert!(found(&page, "Seven a second. ⟨one⟩", &["one"]).is_empty());
    assert_eq!(found(&page, "", &["one", "two"]), ["two was not measured: speed.md does not have it"]);
    let empty = ["one has no figures in speed.md"];
    for ratio in ["–", "0.00", "NaN", "inf"] {
        assert_eq!(found(&page.replace("0.78", ratio), "", &["one"]), empty, "{ratio}");
    }
    assert_eq!(found(&page.replace(row, ""), "", &["one"]), empty);
    let not_yet = "<!-- bench one -->\nNot measured yet.\n<!-- end one -->\n";
    assert!(found(not_yet, "", &["one"]).is_empty(), "said to whoever looks for it");
    assert_eq!(found(&page.repeat(2), "", &["one"]), ["one stands in speed.md twice"]);
    let strange = found(&page.replace("<!-- end one -->\n", "<!-- end on -->\n"), "Nine. ⟨nine⟩", &["one"]);
    assert_eq!(strange.len(), 3, "{strange:?}");
}

/// Whether a text says the name of the service that this one is modelled on, however it is written; the name of a password
/// rule, which an operator types, is another matter.
fn says_eu_login(text: &str) -> bool {
    let text = text.to_lowercase().replace("`eu-login`", "");
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|pair| pair == ["eu", "login"]) || words.contains(&"eulogin")
}

/// The service is called what its operator calls it. Only the first page of all says what it is modelled on.
#[test]
fn no_text_calls_the_service_eu_login() {
    let read: Vec<_> = files(&["ftl", "md", "html"])
        .into_iter()
        .filter(|(path, _)| {
            ["service/locales/", "docs/", "api/", "service/templates/"].iter().any(|in_it| path.starts_with(in_it))
        })
        .collect();
    for (what, least) in [("ftl", 20), ("md", 9), ("html", 30)] {
        assert!(read.iter().filter(|(path, _)| path.ends_with(what)).count() >= least, "the {what} files are found");
    }
    let found: Vec<_> = read.iter().filter(|(_, text)| says_eu_login(text)).map(|(path, _)| path).collect();
    assert!(found.is_empty(), "{found:?}");
    // In the labels of its methods the service's own name stands there.
    let named = [("service", "Anemone".into())];
    for language in Language::ALL {
        for id in ["way-mobile-app", "way-mobile-app-pin-code", "way-mobile-app-qr-code"] {
            let label = Texts::of(language).text(id, &named);
            assert!(label.contains("Anemone") && !says_eu_login(&label), "{}: {label}", language.tag());
        }
    }
}

#[test]
fn the_name_would_be_found() {
    for text in
        ["EU Login Mobile App", "your EU-Login", "EU\u{a0}Login", "EULogin", "eu\nlogin", "`eu-login`: EU Login"]
    {
        assert!(says_eu_login(text), "{text}");
    }
    for text in ["`eu-login` (10 characters)", "a new login", "EU, then log in"] {
        assert!(!says_eu_login(text), "{text}");
    }
}
