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
            for rest in html.split(tag).skip(1) {
                let element = rest.split_once('>').map_or("", |(element, _)| element);
                assert!(element.contains("nonce=\"bm9uY2U\""), "{name}: {tag}");
            }
        }
        let has_key = html.contains("data-security-key=") || html.contains("data-accepted-keys=");
        let of_app = if html.contains("data-app=") { 6 } else { 0 };
        assert_eq!(html.matches("<script").count(), 1 + usize::from(has_key) + of_app, "{name}");
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
        // What is not typed has no field to be invalid.
        let untyped = ["check", "security_key"].map(|id| html.matches(&format!("id=\"{id}-error\"")).count());
        let invalid = html.matches("aria-invalid=\"true\"").count() + untyped.iter().sum::<usize>();
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

/// The fields of a page in their order, each with what browsers and password managers fill in. A name without a field is
/// there for them alone.
type Fills = &'static [(&'static str, &'static str)];

const NAMES: [(&str, &str); 2] = [("first_name", "given-name"), ("last_name", "family-name")];
const NEW: [(&str, &str); 2] = [("new_password", "new-password"), ("confirm_password", "new-password")];
const PASSWORD: (&str, &str) = ("password", "current-password");
const PIN: (&str, &str) = ("pin", "off");
/// For password managers alone.
const OWNER: (&str, &str) = ("", "username");

/// By page, whose states begin with its name; the longest name that fits counts, and what fits none has no such field.
const FILLS: [(&str, Fills); 38] = [
    (
        "authenticator",
        &[("uid", "off"), ("code", "off"), PIN, ("challenge", "off"), PIN, ("number", "off"), PIN, PIN, PIN, PIN],
    ),
    ("register", &[NAMES[0], NAMES[1], ("email", "email"), ("confirm_email", "email"), ("mail_language", "language")]),
    ("check-mail", &[("code", "one-time-code")]),
    ("link-registration", &[NAMES[0], NAMES[1], OWNER, NEW[0], NEW[1]]),
    ("link-statement-changed", &[NAMES[0], NAMES[1], OWNER, NEW[0], NEW[1]]),
    ("link-reset", &[OWNER, NEW[0], NEW[1]]),
    ("link-damaged", &[("name", "username")]),
    ("login-name", &[("name", "username webauthn")]),
    ("login-name-no-passkey", &[("name", "username")]),
    ("login-passkey", &[("name", "username webauthn")]),
    ("login-password", &[("name", "username"), PASSWORD]),
    ("lost-password", &[("name", "username")]),
    ("lost-link", &[PASSWORD]),
    ("account", &[("mail_language", "language"), OWNER, ("current_password", "current-password"), NEW[0], NEW[1]]),
    ("verify-app-code", &[("app_code", "one-time-code")]),
    ("recovery-object-phone", &[("app_code", "one-time-code")]),
    ("recovery-object-send", &[]),
    ("recovery-object-sms", &[("sms_code", "one-time-code")]),
    ("mobile-add", &[("device_name", "off"), PIN, ("confirm_pin", "off")]),
    ("verify-sms", &[("sms_code", "one-time-code")]),
    ("phone", &[("phone_number", "tel")]),
    ("phone-code", &[("device_name", "off"), ("sms_code", "one-time-code")]),
    ("verify-totp", &[("one_time_code", "one-time-code")]),
    ("verify-session-totp", &[("one_time_code", "one-time-code")]),
    ("verify-session-password", &[PASSWORD]),
    ("verify-asked-by-owner", &[("one_time_code", "one-time-code")]),
    ("verify-asked-by-operator", &[("one_time_code", "one-time-code")]),
    ("verify-recovery-waits", &[("one_time_code", "one-time-code")]),
    ("verify-recovery-ready", &[("one_time_code", "one-time-code")]),
    ("verify-recovery-device", &[("one_time_code", "one-time-code")]),
    ("verify-recovery-code", &[("recovery_code", "off")]),
    ("recovery-object", &[("one_time_code", "one-time-code")]),
    ("recovery-begin", &[PASSWORD]),
    ("recovery-complete", &[PASSWORD]),
    ("totp", &[("device_name", "off"), ("one_time_code", "one-time-code")]),
    ("recovery-codes", &[("recovery_code", "off")]),
    ("device", &[("device_name", "off")]),
    ("key", &[("device_name", "off")]),
];

fn filled(html: &str) -> Vec<(&str, &str)> {
    let fields = html.split('<').filter(|tag| tag.starts_with("input ") || tag.starts_with("select "));
    let value = |tag| move |attribute: &str| values(tag, attribute).first().copied();
    fields.filter_map(|tag| Some((value(tag)("name").unwrap_or_default(), value(tag)("autocomplete")?))).collect()
}

#[test]
fn every_field_says_what_fills_it_in() {
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for (name, html) in samples::all(Language::English) {
        let fits = |page: &str| name.strip_prefix(page).is_some_and(|state| state.is_empty() || state.starts_with('-'));
        let page = FILLS.iter().filter(|(page, _)| fits(page)).max_by_key(|(page, _)| page.len());
        let filled = filled(&html);
        if filled != page.map_or(&[][..], |(_, fills)| fills) {
            wrong.push(format!("{name}: {filled:?}"));
        }
        seen.extend(page.map(|(page, _)| *page));
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(seen.len(), FILLS.len(), "every page of the table is there");
}
