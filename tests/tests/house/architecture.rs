//! The house's rules that no compiler holds: which crate may know which, and what no file may contain.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::{fs, path::Path};

use chancery_tests::environment::repository;
use serde_json::Value;

/// Each crate of the workspace with those of the workspace that it may name. Dependencies run one way; `workers` and
/// `api` never meet.
const DIRECTION: [(&str, &[&str]); 8] = [
    ("chancery-domain", &[]),
    ("chancery-eventstore", &["chancery-domain"]),
    ("chancery-projections", &["chancery-domain", "chancery-eventstore"]),
    ("chancery-service", &["chancery-domain", "chancery-eventstore", "chancery-projections"]),
    ("chancery-workers", &["chancery-domain", "chancery-eventstore", "chancery-projections", "chancery-service"]),
    ("chancery-api", &["chancery-domain", "chancery-eventstore", "chancery-projections", "chancery-service"]),
    ("chancery", &LIBRARIES),
    ("chancery-tests", &LIBRARIES),
];

const LIBRARIES: [&str; 6] = [
    "chancery-domain",
    "chancery-eventstore",
    "chancery-projections",
    "chancery-service",
    "chancery-workers",
    "chancery-api",
];

/// What the domain may not reach, not even through others: no database, network, mail or runtime.
const UNKNOWN_TO_DOMAIN: [&str; 9] =
    ["sqlx", "axum", "tokio", "async-nats", "lettre", "hyper", "reqwest", "aws-lc-rs", "tracing"];

/// What a crate names, and what each package of the whole graph is built from.
#[derive(Default)]
struct Graph {
    /// Workspace crate to the names of all its dependencies, those of its tests included.
    named: BTreeMap<String, BTreeSet<String>>,
    /// Package id to the ids that it is built from, tests' dependencies left out.
    built_from: BTreeMap<String, BTreeSet<String>>,
    /// Package id to name.
    names: BTreeMap<String, String>,
}

impl Graph {
    fn parse(metadata: &Value) -> Self {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        let members: BTreeSet<String> = list(&metadata["workspace_members"]).iter().map(text).collect();
        let mut graph = Self::default();
        for package in list(&metadata["packages"]) {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            if members.contains(&id) {
                let named = list(&package["dependencies"]).iter().map(|dependency| text(&dependency["name"])).collect();
                graph.named.insert(name.clone(), named);
            }
            graph.names.insert(id, name);
        }
        for node in list(&metadata["resolve"]["nodes"]) {
            let built_from = list(&node["deps"])
                .iter()
                .filter(|dependency| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev"))
                .map(|dependency| text(&dependency["pkg"]))
                .collect();
            graph.built_from.insert(text(&node["id"]), built_from);
        }
        graph
    }

    /// The names of all packages that this one is built from, directly or through others.
    fn reach(&self, name: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&String> = self.names.iter().filter(|(_, other)| *other == name).map(|(id, _)| id).collect();
        while let Some(id) = open.pop() {
            for next in self.built_from.get(id).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        seen.into_iter().filter_map(|id| self.names.get(id)).map(String::as_str).collect()
    }
}

/// Each violation as one sentence.
fn violations(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (name, named) in &graph.named {
        let Some((_, allowed)) = DIRECTION.iter().find(|(known, _)| known == name) else {
            found.push(format!("{name} has no place in the direction of dependencies"));
            continue;
        };
        let members = named.iter().filter(|other| graph.named.contains_key(*other));
        for other in members.filter(|other| !allowed.contains(&other.as_str())) {
            found.push(format!("{name} must not depend on {other}"));
        }
    }
    for name in graph.reach("chancery-domain").intersection(&BTreeSet::from(UNKNOWN_TO_DOMAIN)) {
        found.push(format!("chancery-domain must not be built from {name}"));
    }
    found
}

/// What cargo says of the workspace and of all that it is built from.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

/// What the library for keys calls dangerous stays off, but for keeping what it asked between two requests: a key that verified
/// its user once must do so ever after.
#[test]
fn keys_are_judged_by_the_librarys_own_rules() {
    let metadata = metadata();
    let nodes = metadata["resolve"]["nodes"].as_array().expect("the packages");
    let mut dangerous = Vec::new();
    for node in nodes.iter().filter(|node| node["id"].as_str().is_some_and(|id| id.contains("webauthn-rs"))) {
        let features = node["features"].as_array().into_iter().flatten().filter_map(Value::as_str);
        dangerous.extend(features.filter(|feature| feature.contains("danger")));
    }
    dangerous.dedup();
    assert_eq!(dangerous, ["danger-allow-state-serialisation"]);
}

#[test]
fn dependencies_run_one_way() {
    let graph = Graph::parse(&metadata());
    assert_eq!(graph.named.len(), DIRECTION.len(), "every crate of the workspace is judged");
    assert!(graph.reach("chancery").contains("sqlx"), "the graph is followed through others");
    assert_eq!(violations(&graph), Vec::<String>::new());
}

/// A graph in cargo's format: each package with the packages it is built from.
fn graph_of(packages: &[(&str, &[&str])]) -> Graph {
    let text = |names: &[&str], shape: &dyn Fn(&str) -> Value| names.iter().map(|name| shape(name)).collect::<Value>();
    let members: Vec<&str> =
        packages.iter().map(|(name, _)| *name).filter(|name| name.starts_with("chancery")).collect();
    Graph::parse(&serde_json::json!({
        "workspace_members": members,
        "packages": packages.iter().map(|(name, needs)| serde_json::json!({
            "id": name, "name": name, "dependencies": text(needs, &|need| serde_json::json!({"name": need})),
        })).collect::<Value>(),
        "resolve": {"nodes": packages.iter().map(|(name, needs)| serde_json::json!({
            "id": name,
            "deps": text(needs, &|need| serde_json::json!({"pkg": need, "dep_kinds": [{"kind": null}]})),
        })).collect::<Value>()},
    }))
}

#[test]
fn a_dependency_against_the_direction_is_found() {
    let graph = graph_of(&[
        ("chancery-domain", &["uuid", "helper"]),
        ("helper", &["tokio"]),
        ("tokio", &[]),
        ("uuid", &[]),
        ("chancery-eventstore", &["chancery-domain", "chancery-service"]),
        ("chancery-service", &["chancery-eventstore"]),
        ("chancery-workers", &["chancery-api"]),
        ("chancery-api", &["chancery-service"]),
        ("chancery-extra", &[]),
    ]);
    assert_eq!(
        violations(&graph),
        [
            "chancery-eventstore must not depend on chancery-service",
            "chancery-extra has no place in the direction of dependencies",
            "chancery-workers must not depend on chancery-api",
            "chancery-domain must not be built from tokio",
        ]
    );
}

/// The files under version control with one of these endings, and those that would be at the next commit.
pub fn files(endings: &[&str]) -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(repository())
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .expect("paths are UTF-8")
        .split_terminator('\0')
        .filter(|path| Path::new(path).extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)))
        // A file that was deleted but not yet committed is still listed.
        .filter_map(|path| Some((path.to_owned(), fs::read_to_string(repository().join(path)).ok()?)))
        .collect()
}

/// Words that stand for work not done or rules set aside, split so that this file does not contain them.
const FORBIDDEN: [&str; 6] = [
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("#[", "allow("),
    concat!("#![", "allow("),
];

fn forbidden_words(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(number, line)| {
            let found = FORBIDDEN.iter().filter(move |word| line.contains(*word));
            found.map(move |word| format!("{path}:{}: {word}", number + 1))
        })
        .collect()
}

#[test]
fn no_file_sets_a_rule_aside_or_leaves_work_undone() {
    let files = files(&["rs", "md", "sql", "sh", "toml", "js", "mjs", "css", "ftl", "html"]);
    assert!(files.iter().any(|(path, _)| path == "tests/tests/house/architecture.rs"), "this file is among them");
    let found: Vec<String> = files.iter().flat_map(|(path, text)| forbidden_words(path, text)).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_forbidden_word_is_found_with_its_line() {
    for word in FORBIDDEN {
        assert_eq!(forbidden_words("a.rs", &format!("fine\nhere {word} there")), [format!("a.rs:2: {word}")]);
    }
}

/// A file of code longer than this holds more than one thing.
const LONGEST_FILE: usize = 500;

/// Files that are longer for a reason: the path and the reason.
const LONG_FILES: [(&str, &str); 0] = [];

#[test]
fn no_file_of_code_is_too_long() {
    let long: Vec<String> = files(&["rs"])
        .into_iter()
        .filter(|(path, _)| !LONG_FILES.iter().any(|(known, _)| known == path))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert_eq!(long, Vec::<String>::new(), "split them, or name them in LONG_FILES with the reason");
}

/// Whether a file of tests is a binary of its own, or named by the file above it.
fn is_built(path: &str, files: &BTreeMap<String, String>) -> bool {
    let module = path.trim_end_matches(".rs").trim_end_matches("/mod");
    let (above, name) = module.rsplit_once('/').unwrap_or_default();
    let named = |file: String| files.get(&file).is_some_and(|text| text.contains(&format!("mod {name};")));
    above == "tests/tests" && !path.ends_with("/mod.rs")
        || name == "main"
        || [".rs", "/main.rs", "/mod.rs"].iter().any(|ending| named(format!("{above}{ending}")))
}

/// A file of tests that no other names would neither be built nor missed.
#[test]
fn every_file_of_tests_is_built() {
    let files: BTreeMap<_, _> =
        files(&["rs"]).into_iter().filter(|(path, _)| path.starts_with("tests/tests/")).collect();
    let left_out: Vec<&String> = files.keys().filter(|path| !is_built(path, &files)).collect();
    assert_eq!(left_out, Vec::<&String>::new(), "name them in the main.rs or mod.rs beside them");
    assert!(!is_built("tests/tests/house/forgotten.rs", &files), "one that nobody names is found");
}

/// What leads to the log: a decision's commit, and what prepares and appends it.
const APPENDING: [&str; 5] = [".commit(", "store.begin_epoch(", "Batcher::", "Commit {", "Prepared {"];

/// The appends in a source: those of the store in code that is no test's.
fn appends(path: &str, text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default().lines().enumerate();
    let lines = code.filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|(number, line)| {
            let found = APPENDING.iter().filter(move |word| line.contains(*word));
            found.map(move |word| format!("{path}:{}: {word}", number + 1))
        })
        .collect()
}

/// Only `service` appends, by the store; a job, a page and a command call a use case.
#[test]
fn only_the_service_appends() {
    let files = files(&["rs"]);
    let in_crates = |crates: &[&str]| {
        let sources =
            files.iter().filter(|(path, _)| crates.iter().any(|name| path.starts_with(&format!("{name}/src/"))));
        sources.flat_map(|(path, text)| appends(path, text)).collect::<Vec<_>>()
    };
    assert_eq!(in_crates(&["domain", "projections", "workers", "api", "chancery"]), Vec::<String>::new());
    for word in [".commit(", "store.begin_epoch(", "Commit {"] {
        assert!(in_crates(&["service"]).iter().any(|found| found.ends_with(word)), "the service has {word}");
    }
    assert!(
        appends("a.rs", "// store.commit(\nstore.commit(x)\n#[cfg(test)]\nstore.commit(y)") == ["a.rs:2: .commit("]
    );
}
