//! Telephones that are sent codes by SMS: adding one, and what is asked of one.

use askama::Template;
use chancery_service::factors::phone::{PhoneShown, SentTo};
use chancery_service::texts::isolate;

use super::{Addable, Chrome, Errors, Field, FormKeys, paths};

/// "Add a mobile phone": its number. Posts to [`paths::SECURITY_PHONE`].
#[derive(Debug, Template)]
#[template(path = "phone.html")]
pub struct PhonePage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
    /// The number as typed.
    pub number: String,
    /// Whether the code of the number before was not typed in time.
    pub ended: bool,
    /// What is wrong.
    pub errors: Errors,
}

/// The code that was sent there. Posts to [`paths::SECURITY_PHONE_CODE`], and for another message to
/// [`paths::SECURITY_PHONE`].
#[derive(Debug, Template)]
#[template(path = "phone_code.html")]
pub struct PhoneCodePage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
    /// The keys of the form that asks for another message.
    pub again: FormKeys,
    /// The number.
    pub number: String,
    /// The device's name as typed, or a proposal.
    pub name: String,
    /// What is wrong.
    pub errors: Errors,
}

impl PhoneCodePage {
    fn sent(&self) -> String {
        self.chrome.t1("phone-code-text", "number", isolate(&self.number))
    }
}

/// The telephones that can be sent a code, as a part of the page "Choose your verification method". Posts to
/// [`paths::LOGIN_SMS`] or [`paths::ACCOUNT_SMS`].
#[derive(Clone, Debug)]
pub struct SmsShown {
    /// The keys of the form that asks for a message.
    pub form: FormKeys,
    /// Where it posts to.
    pub action: &'static str,
    /// The telephones, and where a code was sent.
    pub to: SentTo,
}

impl SmsShown {
    /// Where the code was sent that can be typed.
    pub(super) fn sent(&self, chrome: &Chrome) -> Option<String> {
        Some(about(chrome, "verify-sms-sent", self.to.phones.get(self.to.last?)?))
    }

    /// Each telephone by its id, with what its button says.
    pub(super) fn buttons(&self, chrome: &Chrome) -> Vec<(String, String)> {
        let button = |phone: &PhoneShown| {
            let device = uuid::Uuid::from(phone.device).to_string();
            (device, about(chrome, "verify-sms-send", phone))
        };
        self.to.phones.iter().map(button).collect()
    }
}

/// A sentence about a telephone.
fn about(chrome: &Chrome, id: &str, phone: &PhoneShown) -> String {
    let (name, ending) = (isolate(&phone.name), phone.ending.as_str());
    chrome.texts().text(id, &[("name", name.into()), ("ending", ending.into())])
}
