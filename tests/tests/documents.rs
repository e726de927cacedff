//! What the documents say is what the program does, where a test can tell.

use chancery_domain::account::AccountEvent;
use chancery_domain::network::NetworkEvent;
use chancery_domain::policy::PolicyEvent;
use chancery_tests::environment;

#[test]
fn the_auditors_are_told_of_every_event() {
    let text = std::fs::read_to_string(environment::repository().join("docs/audit.md")).expect("the document");
    let told: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(event_type, _)| event_type)
        .collect();
    let types = [AccountEvent::TYPES, NetworkEvent::TYPES, PolicyEvent::TYPES];
    let mut known: Vec<&str> = types.into_iter().flatten().map(|(event_type, _)| *event_type).collect();
    let mut listed: Vec<&str> = told.iter().copied().filter(|name| name.contains('.')).collect();
    known.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, known);
}
