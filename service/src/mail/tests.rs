use std::time::Duration;

use chancery_domain::account::FactorKind;
use chancery_domain::values::{DeviceName, Language};
use chancery_domain::{FactorId, Timestamp};
use mail_parser::{MessageParser, MimeHeaders};
use secrecy::SecretString;

use super::text::PARAGRAPH_COLUMNS;
use super::{
    Letter, Mail, MailError, MailSettings, PasswordChange, RecoveryNews, Rendered, SecurityChange, SecurityLink,
    Sender, ToldDevice, WHOLE_URL_COLUMNS,
};

/// 2026-11-24T14:05:09Z.
const MOMENT: Timestamp = Timestamp::from_seconds(1_795_529_109);
/// As long as a URL may be on a host of 30 characters: 76.
const LINK: &str = "https://accounts.ministry-example.test/l/0123456789abcdefghjkmnpqrstvwxyz012";
const DISOWN: &str = "https://accounts.ministry-example.test/n/0123456789abcdefghjkmnpqrstvwxyz012";
const LOST: &str = "https://accounts.ministry-example.test/lost-password";
const SECURITY: &str = "https://accounts.ministry-example.test/account/security";
const HELP: &str = "https://accounts.ministry-example.test/help";
const CODE: &str = "K7QM-2XPD";

fn settings() -> MailSettings {
    settings_of("Chancery", "no-reply@ministry-example.test", None)
}

fn settings_of(service: &str, address: &str, reply_to: Option<&str>) -> MailSettings {
    let sender = Sender { name: None, address };
    MailSettings::new(service, sender, reply_to, "accounts.ministry-example.test").expect("settings")
}

fn mails() -> Vec<(&'static str, Mail)> {
    let (link_url, code) = (SecretString::from(LINK), SecretString::from(CODE));
    let (valid_for, at, lost_password_url) = (Duration::from_mins(90), MOMENT, LOST.to_owned());
    let changed = |how| Mail::PasswordChanged { at, how, disown_url: SecretString::from(DISOWN) };
    vec![
        ("confirm", Mail::ConfirmAddress { link_url: link_url.clone(), code: code.clone(), valid_for }),
        ("repeated", Mail::RegistrationRepeated { lost_password_url: LOST.to_owned() }),
        ("reset", Mail::ResetPassword { link_url, code, valid_for }),
        ("changed", changed(PasswordChange::Change)),
        ("changed-by-reset", changed(PasswordChange::Reset)),
        ("locked", Mail::SignInLocked { at, lost_password_url }),
        ("security-factor-added", security(SecurityChange::FactorAdded)),
        ("security-factor-renamed", security(SecurityChange::FactorRenamed)),
        ("security-factor-removed", security(SecurityChange::FactorRemoved)),
        ("security-all-removed", security(SecurityChange::AllRemoved)),
        ("security-reset", security(SecurityChange::Reset)),
        ("security-counter", security(SecurityChange::CounterWentBack)),
        ("security-failed", security(SecurityChange::SecondFactorFailed)),
        ("security-blocked", security(SecurityChange::Blocked)),
        ("security-unblocked", security(SecurityChange::Unblocked)),
        ("security-pin-changed", security(SecurityChange::PinChanged)),
        ("security-request-denied", security(SecurityChange::RequestDenied)),
        ("security-codes-issued", security(SecurityChange::RecoveryCodesIssued)),
        ("security-code-used", security(SecurityChange::RecoveryCodeUsed { left: 9 })),
        ("security-last-code-used", security(SecurityChange::RecoveryCodeUsed { left: 0 })),
        ("security-always-on", security(SecurityChange::AlwaysOn)),
        ("security-always-off", security(SecurityChange::AlwaysOff)),
        ("security-disowned", security(SecurityChange::Disowned)),
        ("security-suspended", security(SecurityChange::Suspended)),
        ("security-resumed", security(SecurityChange::Resumed)),
        ("security-many-resumed", many_resumed()),
        ("signed-in", Mail::SignedIn { at, disown_url: SecretString::from(DISOWN) }),
        ("suspend-factors", Mail::SuspendFactors { link_url: SecretString::from(LINK), valid_for }),
        ("security-recovery-cancelled", security(SecurityChange::RecoveryCancelled)),
        ("security-recovered", security(SecurityChange::Recovered)),
        ("recover-account", Mail::RecoverAccount { link_url: SecretString::from(LINK), valid_for }),
        ("sms-ends", sms_ends(false, Some("Messages can be read on their way."))),
        ("sms-ends-last", sms_ends(true, None)),
        ("recovery-asked", recovery(RecoveryNews::Asked { ends: MOMENT }, None)),
        ("recovery-waits", recovery(RecoveryNews::Waits { ends: MOMENT }, None)),
        ("recovery-over", recovery(RecoveryNews::Over { until: MOMENT }, None)),
        ("recovery-asked-device", recovery(RecoveryNews::Asked { ends: MOMENT }, Some(told("Security key 2")))),
        ("recovery-waits-device", recovery(RecoveryNews::Waits { ends: MOMENT }, Some(told("Security key 2")))),
        ("recovery-over-device", recovery(RecoveryNews::Over { until: MOMENT }, Some(told("Security key 2")))),
    ]
}

fn sms_ends(is_last: bool, words: Option<&str>) -> Mail {
    let security_url = SECURITY.to_owned();
    let words = words.map(ToOwned::to_owned);
    Mail::SmsEnds { off: MOMENT, is_last, words, security_url, help_url: format!("{HELP}/mobile-phone") }
}

fn recovery(what: RecoveryNews, device: Option<ToldDevice>) -> Mail {
    Mail::Recovery { at: MOMENT, what, device, cancel_url: SecretString::from(DISOWN) }
}

fn security(what: SecurityChange) -> Mail {
    let nothing_to_disown = [
        SecurityChange::CounterWentBack,
        SecurityChange::SecondFactorFailed,
        SecurityChange::Blocked,
        SecurityChange::RequestDenied,
        SecurityChange::Disowned,
        SecurityChange::Suspended,
        SecurityChange::RecoveryCancelled,
    ];
    let link = if nothing_to_disown.contains(&what) {
        SecurityLink::Look(SECURITY.to_owned())
    } else {
        SecurityLink::Disown(SecretString::from(DISOWN))
    };
    let help_url = match what {
        SecurityChange::RecoveryCodeUsed { .. } => format!("{HELP}/recovery-codes"),
        SecurityChange::FactorRemoved | SecurityChange::Blocked => format!("{HELP}/security-key"),
        _ => HELP.to_owned(),
    };
    Mail::Security { at: MOMENT, what, devices: vec![told("Security key 2")], link, help_url }
}

fn told(called: &str) -> ToldDevice {
    let name = |name| DeviceName::parse(name).expect("a name");
    let (id, kind) = (FactorId::from_bytes([7; 16]), FactorKind::SecurityKey);
    ToldDevice { id, kind, name: name(called), new_name: Some(name("Old key")) }
}

fn many_resumed() -> Mail {
    let Mail::Security { at, what, link, help_url, .. } = security(SecurityChange::Resumed) else { unreachable!() };
    let devices = vec![told("Security key 2"), told("Τηλέφωνο"), told("טלפון")];
    Mail::Security { at, what, devices, link, help_url }
}

fn letter(mail: &Mail, language: Language) -> Letter<'_> {
    Letter { id: &[0xab; 16], to: "anna@example.org", language, mail, date: MOMENT }
}

fn render(settings: &MailSettings, mail: &Mail, language: Language) -> Rendered {
    Rendered::new(settings, letter(mail, language)).expect("a mail")
}

/// Every mail in every language, with its name.
fn every_mail(settings: &MailSettings) -> Vec<(String, Language, Rendered)> {
    let mut all = Vec::new();
    for language in Language::ALL {
        for (name, mail) in mails() {
            all.push((format!("{name}.{}", language.tag()), language, render(settings, &mail, language)));
        }
    }
    all
}

/// What the HTML shows: without its head and tags, references decoded, each block on a line.
fn shown(html: &str) -> String {
    let (_, body) = html.split_once("<body>").expect("a body");
    let mut shown = String::new();
    let mut rest = body;
    while let Some((text, tag)) = rest.split_once('<') {
        shown.push_str(text);
        let (tag, after) = tag.split_once('>').expect("a whole tag");
        if !tag.starts_with("/") {
            shown.push('\n');
        }
        rest = after;
    }
    let mut decoded = String::new();
    let mut rest = shown.as_str();
    while let Some((text, reference)) = rest.split_once("&#") {
        decoded.push_str(text);
        let (number, after) = reference.split_once(';').expect("a whole reference");
        decoded.push(char::from_u32(number.parse().expect("a number")).expect("a character"));
        rest = after;
    }
    decoded.push_str(rest);
    decoded
}

fn words(text: &str) -> Vec<&str> {
    text.split_ascii_whitespace().collect()
}

#[test]
fn what_each_mail_says_in_each_language() {
    for (name, _, mail) in every_mail(&settings()) {
        insta::assert_snapshot!(name, format!("Subject: {}\n\n{}", mail.subject(), mail.text()));
    }
}

#[test]
fn the_bytes_of_a_mail() {
    let (_, confirm) = mails().swap_remove(0);
    for language in [Language::English, Language::Greek] {
        let mail = render(&settings(), &confirm, language);
        let raw = String::from_utf8(mail.raw().to_vec()).expect("ASCII");
        insta::assert_snapshot!(format!("raw.{}", language.tag()), raw.replace("\r\n", "\n"));
    }
}

#[test]
fn the_same_letter_gives_the_same_bytes_and_another_id_another_message_id() {
    for (_, mail) in mails() {
        let first = render(&settings(), &mail, Language::Greek);
        assert_eq!(first.raw(), render(&settings(), &mail, Language::Greek).raw());
        let other = Letter { id: &[0xac; 16], ..letter(&mail, Language::Greek) };
        assert_ne!(first.id(), Rendered::new(&settings(), other).expect("a mail").id());
    }
}

#[test]
fn every_server_can_take_every_mail() {
    for (name, _, mail) in every_mail(&settings()) {
        assert!(mail.raw().is_ascii(), "{name} needs 8BITMIME");
        let raw = String::from_utf8_lossy(mail.raw());
        for line in raw.split_terminator("\r\n") {
            assert!(!line.contains(['\r', '\n']), "{name}: a bare line end in {line:?}");
            assert!(line.len() <= 998, "{name}: a line of {} octets", line.len());
        }
    }
}

#[test]
fn no_line_of_a_text_is_over_its_columns_and_what_was_wrapped_is_whole() {
    for (name, _, mail) in every_mail(&settings()) {
        for line in mail.text().lines() {
            let columns = line.chars().count();
            assert!(columns <= WHOLE_URL_COLUMNS, "{name}: {columns} columns: {line}");
            assert!(line.starts_with("https://") || columns <= PARAGRAPH_COLUMNS, "{name}: {line}");
        }
    }
}

#[test]
fn a_url_stands_in_one_piece_in_the_raw_bytes() {
    assert_eq!(LINK.len(), WHOLE_URL_COLUMNS);
    for (name, _, mail) in every_mail(&settings()) {
        let url = [LINK, DISOWN, SECURITY].into_iter().find(|url| mail.text().contains(url)).unwrap_or(LOST);
        let raw = String::from_utf8_lossy(mail.raw());
        let (text, html) = raw.split_once("Content-Type: text/html").expect("an HTML part");
        assert!(text.contains(&format!("\r\n\r\n{url}\r\n\r\n")), "{name}: alone on its line of the text");
        assert!(html.contains(&format!("\r\nhref=\"{url}\">")), "{name}: as the button's target");
        assert!(html.contains(&format!("\r\n{url}\r\n")), "{name}: in full below the button");
        let help = mail.text().lines().find(|line| line.starts_with(HELP)).map(str::to_owned);
        if let Some(help) = &help {
            assert!(text.contains(&format!("\r\n\r\n{help}\r\n\r\n")), "{name}: alone on its line of the text");
            assert!(html.contains(&format!("\r\nhref=\"{help}\">\r\n{help}\r\n")), "{name}: to be clicked");
        }
        let addresses = 1 + usize::from(help.is_some());
        assert_eq!(mail.text().matches("http").count(), addresses, "{name}: one address to open");
        assert_eq!(mail.html().matches("href=").count(), addresses, "{name}: no other link");
    }
}

#[test]
fn both_parts_say_the_same() {
    for (name, _, mail) in every_mail(&settings()) {
        let html = shown(mail.html());
        let in_html = words(&html);
        let mut position = 0;
        for word in words(mail.text()).into_iter().filter(|word| *word != "--") {
            let found = in_html[position..].iter().position(|other| *other == word);
            position += 1 + found.unwrap_or_else(|| panic!("{name}: {word} is missing from the HTML after {position}"));
        }
    }
}

#[test]
fn the_html_loads_nothing_and_names_its_language() {
    for (name, language, mail) in every_mail(&settings()) {
        let html = mail.html();
        for foreign in ["<img", "<link", "<script", "<iframe", "url(", "@import", "src=", "background="] {
            assert!(!html.contains(foreign), "{name}: {foreign}");
        }
        assert!(html.starts_with(&format!("<!DOCTYPE html>\n<html lang=\"{}\"", language.tag())), "{name}");
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
    }
}

#[test]
fn the_headers_say_what_mail_programs_and_other_programs_need() {
    for (name, language, mail) in every_mail(&settings()) {
        let parsed = MessageParser::default().parse(mail.raw()).expect("a mail");
        let header = |name: &'static str| parsed.header_raw(name).map(str::trim);
        assert_eq!(parsed.message_id(), Some(format!("{}@accounts.ministry-example.test", "ab".repeat(16)).as_str()));
        assert_eq!(header("Date"), Some("Tue, 24 Nov 2026 14:05:09 +0000"), "{name}");
        assert_eq!(header("Auto-Submitted"), Some("auto-generated"), "{name}");
        assert_eq!(header("Content-Language"), Some(language.tag()), "{name}");
        assert_eq!(header("MIME-Version"), Some("1.0"), "{name}");
        assert_eq!(header("From"), Some("Chancery <no-reply@ministry-example.test>"), "{name}");
        assert_eq!(header("To"), Some("anna@example.org"), "{name}");
        for absent in ["Reply-To", "List-Id", "List-Unsubscribe", "Precedence", "Cc", "Bcc", "Sender"] {
            assert_eq!(header(absent), None, "{name}: {absent}");
        }
        let subject = parsed.subject().expect("a subject");
        assert!(subject.contains("Chancery"), "{name}: {subject}");
        assert_eq!(subject, mail.subject());
        assert_eq!(parsed.body_text(0).expect("text").replace("\r\n", "\n"), mail.text(), "{name}");
        assert_eq!(parsed.body_html(0).expect("html").replace("\r\n", "\n"), mail.html(), "{name}");
        let kinds: Vec<_> = parsed.parts.iter().filter_map(|part| part.content_type()?.subtype()).collect();
        assert_eq!(kinds, ["alternative", "plain", "html"], "{name}");
    }
}

#[test]
fn answers_go_where_the_operator_says() {
    let settings = settings_of("Λογαριασμοί", "a@example.org", Some("help@bücher.example"));
    for (name, mail) in mails() {
        for language in Language::ALL {
            let mail = render(&settings, &mail, language);
            let parsed = MessageParser::default().parse(mail.raw()).expect("a mail");
            let reply_to = parsed.reply_to().and_then(|to| to.first()).expect("an address");
            assert_eq!(reply_to.address(), Some("help@xn--bcher-kva.example"), "{name}");
            assert_eq!(parsed.from().and_then(|from| from.first()?.name()), Some("Λογαριασμοί"), "{name}");
            assert!(mail.raw().is_ascii(), "{name}");
        }
    }
    let answers = render(&settings, &mails()[0].1, Language::English);
    assert!(answers.text().contains("just answer this mail"));
}

#[test]
fn a_service_name_cannot_break_out_of_the_html() {
    let settings = settings_of("<b>&\"A", "a@example.org", None);
    let mail = render(&settings, &mails()[0].1, Language::German);
    assert!(!mail.html().contains("<b>"), "{}", mail.html());
    assert!(mail.text().contains("<b>&\"A"));
}

#[test]
fn an_address_that_needs_smtputf8_is_written_as_it_is() {
    let (_, mail) = mails().swap_remove(0);
    let to = |to| Rendered::new(&settings(), Letter { to, ..letter(&mail, Language::Greek) });
    let utf8 = to("άννα@παράδειγμα.ελ").expect("a mail");
    assert!(String::from_utf8_lossy(utf8.raw()).contains("\r\nTo: άννα@παράδειγμα.ελ\r\n"));
    let idna = to("anna@παράδειγμα.ελ").expect("a mail");
    assert!(idna.raw().is_ascii());
    assert_eq!(idna.recipient(), "anna@xn--hxajbheg2az3al.xn--qxam");
    let refused = to("anna@example.org\r\nBcc: x@example.org").expect_err("no address");
    assert!(matches!(refused, MailError::Refused { reply } if reply.to_string() == "553 5.1.3"), "{refused}");
}

#[test]
fn a_long_host_keeps_its_url_whole_once_decoded() {
    let long = format!("https://{}.example.test/l/{}", "accounts.department".repeat(4), "0".repeat(34));
    for language in Language::ALL {
        let mail = Mail::ResetPassword {
            link_url: long.clone().into(),
            code: CODE.into(),
            valid_for: Duration::from_mins(90),
        };
        let mail = render(&settings(), &mail, language);
        let parsed = MessageParser::default().parse(mail.raw()).expect("a mail");
        assert!(parsed.body_text(0).expect("text").lines().any(|line| line == long), "{}", language.tag());
        let raw = String::from_utf8_lossy(mail.raw());
        assert!(raw.contains(&format!("href=\"{long}\"")), "whole in the HTML part in any language");
    }
}

#[test]
fn debug_shows_no_secret() {
    let (_, mail) = mails().swap_remove(0);
    let written = format!("{mail:?} {:?}", render(&settings(), &mail, Language::English));
    assert!(!written.contains(CODE) && !written.contains("/l/") && !written.contains("anna@"), "{written}");
}
