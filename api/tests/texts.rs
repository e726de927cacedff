//! No template of a page or a mail has text of its own, and no message is without use.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `text` without what stands between `open` and `close`; `U+0000` marks the place.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        kept.push_str(before);
        kept.push('\0');
        rest = after.split_once(close).unwrap_or_else(|| panic!("{open} without {close}")).1;
    }
    kept + rest
}

/// What a template would show or say by itself: its text nodes, and its attributes that are read to people.
fn own_words(template: &str) -> Vec<String> {
    const SPOKEN: [&str; 9] = [
        "alt",
        "aria-description",
        "aria-label",
        "aria-placeholder",
        "aria-roledescription",
        "aria-valuetext",
        "label",
        "placeholder",
        "title",
    ];
    // A literal in an expression would be text all the same; the widths of `main` are class names.
    const WIDTHS: [&str; 3] = ["narrow", "wide", "reading"];
    let literals = template.split("{{ \"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(literal, _)| literal);
    let literals: Vec<_> = literals.filter(|literal| !WIDTHS.contains(literal)).map(str::to_owned).collect();
    let mut html = without(template, "{#", "#}");
    html = without(&html, "{%", "%}");
    html = without(&html, "{{", "}}");
    // A mail brings its styles along.
    html = without(&html, "<style>", "</style>");
    let mut words = literals;
    let mut rest = html.as_str();
    while let Some((text, after)) = rest.split_once('<') {
        words.push(text.to_owned());
        let (tag, after) = after.split_once('>').expect("a tag ends");
        for piece in tag.split_whitespace() {
            if let Some((name, value)) = piece.split_once('=')
                && SPOKEN.contains(&name)
            {
                words.push(value.to_owned());
            }
        }
        rest = after;
    }
    words.push(rest.to_owned());
    words.retain(|text| text.chars().any(char::is_alphanumeric));
    words
}

#[test]
fn no_template_has_text_of_its_own() {
    let pages = files(&root().join("templates"), "html");
    let mails = files(&root().join("../service/templates"), "html");
    assert!(pages.len() > 10 && !mails.is_empty(), "the templates are found");
    for path in pages.into_iter().chain(mails) {
        let words = own_words(&read(&path));
        assert!(words.is_empty(), "{} has text of its own: {words:?}", path.display());
    }
}

#[test]
fn text_of_its_own_would_be_found() {
    let found = |template| !own_words(template).is_empty();
    assert!(found("<p>Hello</p>"));
    assert!(found("<p>{{ \"Hello\" }}</p>"));
    assert!(found("{% if x %}Yes{% endif %}<br>"));
    assert!(found(r#"<input placeholder="Name">"#));
    assert!(found(r#"<img alt="Seal {{ x }}">"#));
    assert!(!found(
        r#"{# note #}<p class="a">{{ chrome.t("b") }} – {% if c %}{% endif %}</p><a title="{{ d }}">·</a>"#
    ));
}

/// The messages of pages and of what they share with mails.
fn messages() -> BTreeSet<String> {
    let folder = root().join("../service/locales/en");
    let text: String =
        ["pages.ftl", "authenticator.ftl", "sms.ftl", "common.ftl"].map(|file| read(&folder.join(file))).concat();
    let line = |line: &str| {
        let (id, _) = line.split_once(" =")?;
        let is_id = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        is_id.then(|| id.to_owned())
    };
    text.lines().filter_map(line).collect()
}

/// What stands between quotation marks in `text`, and what precedes the opening one.
fn quoted(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let marks: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    let pieces: Vec<_> = marks.windows(2).map(|pair| (&text[..pair[0]], &text[pair[0] + 1..pair[1]])).collect();
    pieces.into_iter()
}

#[test]
fn every_message_is_used() {
    let mut sources = files(&root().join("templates"), "html");
    for folder in ["src", "../service/src", "../workers/src"] {
        sources.extend(files(&root().join(folder), "rs"));
    }
    let mut unused = messages();
    for path in sources {
        let text = read(&path);
        for (_, literal) in quoted(&text) {
            unused.remove(literal);
        }
    }
    assert!(unused.is_empty(), "no page says {unused:?}");
}

#[test]
fn every_message_that_is_used_exists() {
    const CALLS: [&str; 8] = [".t(", ".t1(", ".text(", ".linked(", "link_text(", " t(", "(t(", "counted("];
    let messages = messages();
    let mut sources = files(&root().join("templates"), "html");
    sources.extend(files(&root().join("src"), "rs"));
    let mut used = 0;
    for path in sources {
        let text = read(&path);
        for (before, id) in quoted(&text) {
            if CALLS.iter().any(|call| before.trim_end().ends_with(call)) {
                assert!(messages.contains(id), "{}: there is no message {id}", path.display());
                used += 1;
            }
        }
    }
    assert!(used > 100, "the uses are found");
}
