//! What the documents say is what the program does, where a test can tell.

use chancery_domain::events::known_types;
use chancery_tests::environment;
use chancery_tests::site::World;

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
