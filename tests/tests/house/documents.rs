//! What the documents say is what the program does, where a test can tell.

use chancery_domain::events::known_types;
use chancery_domain::values::Language;
use chancery_service::texts::Texts;
use chancery_tests::environment;
use chancery_tests::site::World;

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
