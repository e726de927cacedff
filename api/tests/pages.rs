//! Every page in every state and language holds what all of them must hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use chancery_api::pages::{Chrome, Errors, FormKeys, LoginPasswordPage, paths, render};
use chancery_domain::values::Language;

mod samples;

fn every(check: impl Fn(&str, &str)) {
    for language in Language::ALL {
        for (name, html) in samples::all(language) {
            check(&format!("{}/{name}", language.tag()), &html);
        }
    }
}

/// The values of the attribute, unescaped as far as ids go.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(start.as_str()).skip(1).filter_map(|rest| rest.split_once('"')).map(|(value, _)| value).collect()
}

#[test]
fn a_page_says_its_language_once_and_holds_the_landmarks() {
    every(|name, html| {
        let tag = name.split_once('/').map_or("", |(tag, _)| tag);
        assert!(html.contains(&format!("<html lang=\"{tag}\" dir=\"ltr\">")), "{name}");
        for landmark in ["<header ", "<main ", "<footer ", "<h1>", "<title>", "aria-current=\"true\""] {
            assert_eq!(html.matches(landmark).count(), 1, "{name}: {landmark}");
        }
    });
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    every(|name, html| {
        let ids = values(html, "id");
        let set: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), set.len(), "{name}: an id twice in {ids:?}");
        for attribute in ["for", "aria-labelledby", "aria-describedby", "data-show-password"] {
            for value in values(html, attribute) {
                for id in value.split_whitespace() {
                    assert!(set.contains(id), "{name}: {attribute} names {id}, which is not there");
                }
            }
        }
        for target in values(html, "href").into_iter().filter_map(|href| href.strip_prefix('#')) {
            assert!(set.contains(target), "{name}: a link to #{target}, which is not there");
        }
    });
}

#[test]
fn every_form_is_a_post_with_its_keys() {
    every(|name, html| {
        for form in html.split("<form ").skip(1) {
            let form = form.split_once("</form>").map_or(form, |(form, _)| form);
            assert!(form.starts_with("method=\"post\" action=\"/"), "{name}");
            for key in ["csrf", "command", "target"] {
                assert_eq!(values(form, "name").iter().filter(|it| **it == key).count(), 1, "{name}: {key}");
            }
        }
    });
}

#[test]
fn a_strict_content_security_policy_blocks_nothing() {
    every(|name, html| {
        let html = html.split(" srcdoc=").next().unwrap_or(html);
        assert!(!html.contains(" style=\"") && !html.contains("<style") && !html.contains("javascript:"), "{name}");
        for rest in html.split(" on").skip(1) {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_lowercase());
            assert!(!after.starts_with('='), "{name}: an event handler");
        }
        for tag in ["<script ", "<link rel=\"stylesheet\" "] {
            let rest = html.split(tag).nth(1).expect("it is there");
            let element = rest.split_once('>').map_or("", |(element, _)| element);
            assert!(element.contains("nonce=\"bm9uY2U\""), "{name}: {tag}");
        }
        assert_eq!(html.matches("<script").count(), 1, "{name}");
        for address in values(html, "href").into_iter().chain(values(html, "src")) {
            let inside =
                address.starts_with('/') || address.starts_with('#') || address.starts_with("http://localhost");
            assert!(inside, "{name}: {address} is of another origin");
        }
    });
}

#[test]
fn what_a_wrong_field_says_belongs_to_it_and_the_first_one_has_the_focus() {
    every(|name, html| {
        let errors = html.matches("class=\"error\"").count();
        let invalid = html.matches("aria-invalid=\"true\"").count() + html.matches("id=\"check-error\"").count();
        assert_eq!(errors, invalid, "{name}");
        if errors > 0 {
            assert!(html.contains("role=\"alert\""), "{name}");
            assert_eq!(html.matches(" autofocus").count(), 1, "{name}");
        }
    });
}

#[test]
fn what_a_person_typed_is_text_and_never_markup() {
    let hostile = "\"><script>alert(1)</script><b x='";
    let page = LoginPasswordPage {
        chrome: Chrome::new(Language::Greek, Arc::from(hostile), hostile.to_owned(), hostile),
        form: FormKeys {
            csrf: hostile.to_owned(),
            command: hostile.to_owned(),
            extra: vec![("t", hostile.to_owned())],
        },
        name: hostile.to_owned(),
        failed: true,
        public_computer: false,
        public_idle: std::time::Duration::from_secs(900),
        errors: Errors::default(),
        check: None,
    };
    let html = render(&page).expect("a page");
    assert!(
        !html.contains("<script>") && !html.contains("<b x") && html.matches("&#60;script&#62;").count() >= 8,
        "{html}"
    );
}

#[test]
fn the_language_switch_keeps_the_query() {
    let page = |here: &str| {
        let page = chancery_api::pages::HelpPage {
            chrome: Chrome::new(Language::English, Arc::from("Chancery"), String::new(), here),
        };
        render(&page).expect("a page")
    };
    assert!(page(paths::HELP).contains("href=\"/help?lang=el\""));
    assert!(page("/help?a=b").contains("href=\"/help?a=b&#38;lang=el\""));
}
