//! What messages say.

use chancery_domain::values::Language;
use secrecy::SecretString;
use url::Url;
use zeroize::Zeroizing;

use crate::secrets::sms_codes::SmsCode;
use crate::texts::Texts;

/// The message with a code. Its last line binds the code to the origin, so that browsers fill it in there and nowhere else
/// (Origin-bound one-time codes delivered via SMS, section 3).
#[must_use]
pub fn code_message(language: Language, service: &str, public_url: &str, code: &SmsCode) -> SecretString {
    let shown = code.shown();
    let text = Texts::of(language)
        .text("sms-code", &[("service", service.into()), ("code", shown.as_str().to_owned().into())]);
    let text = Zeroizing::new(text);
    let host = Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    match host {
        Some(host) => SecretString::from(format!("{}\n\n@{host} #{}", *text, *shown)),
        None => SecretString::from(text.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_message_says_the_code_and_binds_it_to_the_origin_in_its_last_line() {
        let code = SmsCode::from_mac(&[0x5a; 32]);
        for language in Language::ALL {
            let text = code_message(language, "Chancery", "https://login.example.org:8443", &code);
            let text = text.expose_secret();
            let lines: Vec<&str> = text.lines().collect();
            assert!(lines[0].contains(code.shown().as_str()) && lines[0].contains("Chancery"), "{text}");
            assert_eq!(lines[1..], ["", &format!("@login.example.org #{}", *code.shown())], "{text}");
            // Two parts at most, in the alphabet that it needs (3GPP TS 23.038 and 23.040: 67 or 153 characters a part).
            let room = if text.is_ascii() { 2 * 153 } else { 2 * 67 };
            assert!(text.chars().count() <= room, "{} characters: {text}", text.chars().count());
        }
    }
}
