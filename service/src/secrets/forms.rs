//! What every form carries: the command's key, made with the form, and a token that binds it to browser and action.

use std::time::Duration;

use chancery_eventstore::seal::same_mac;
use chancery_eventstore::volatile::VolatileKind;
use chancery_eventstore::{CommandId, Fingerprint, Purpose};
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::browsers::BrowserSecret;
use crate::app::{App, Failure};

/// The hidden fields of one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormKeys {
    /// The command's key.
    pub command: Uuid,
    /// Binds key, action and browser together: what a page elsewhere cannot know.
    pub token: String,
}

/// A posted form whose token was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormCommand {
    /// The command's key.
    pub key: Uuid,
    /// The id under which the log remembers it.
    pub id: CommandId,
}

impl App {
    /// Keys for a new form that posts to `action`.
    #[must_use]
    pub fn form_keys(&self, browser: &BrowserSecret, action: &str) -> FormKeys {
        let command = self.new_id();
        FormKeys { command, token: self.form_token(browser, action, command) }
    }

    /// Checks a posted form's keys; `None` if they were not made for this browser and action.
    #[must_use]
    pub fn check_form(&self, browser: &BrowserSecret, action: &str, command: &str, token: &str) -> Option<FormCommand> {
        let key = Uuid::try_parse(command).ok()?;
        if !same_mac(token.as_bytes(), self.form_token(browser, action, key).as_bytes()) {
            return None;
        }
        Some(FormCommand { key, id: self.store.command_id(browser.expose(), action, key) })
    }

    /// The same form as a command about one name. A form that names another one is another command: otherwise the answer
    /// to the second would tell whether the first led to an event. What keeps a form from being sent for many names is its
    /// row, see [`App::take_form`].
    pub(crate) fn form_about(&self, form: FormCommand, name: &str) -> FormCommand {
        let caller = [form.id.0.as_bytes().as_slice(), name.as_bytes()].concat();
        FormCommand { key: form.key, id: self.store.command_id(&caller, "name", form.key) }
    }

    /// Hands a form out that can be sent once. The row says nothing but that it is there, so that nothing is sealed.
    ///
    /// # Errors
    /// The database's.
    pub async fn hand_out(&self, browser: &BrowserSecret, command: &str, validity: Duration) -> Result<(), Failure> {
        let expires = self.now().plus(validity);
        Ok(self.store.backend().put(VolatileKind::Form, &self.form_row(browser, command), b"", expires).await?)
    }

    /// Takes a form that was handed out; `false` if it was sent before, expired, or was lost with the volatile rows.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_form(&self, browser: &BrowserSecret, command: &str) -> Result<bool, Failure> {
        let row = self.form_row(browser, command);
        Ok(self.store.backend().take(VolatileKind::Form, &row, self.now()).await?.is_some())
    }

    fn form_row(&self, browser: &BrowserSecret, command: &str) -> [u8; 32] {
        self.store.service_mac(Purpose::Throttle, &[b"form", &self.log.bytes(), browser.expose(), command.as_bytes()])
    }

    /// The fingerprint of a posted form's content.
    #[must_use]
    pub fn form_fingerprint(&self, fields: &[&str]) -> Fingerprint {
        let parts: Vec<&[u8]> = fields.iter().map(|field| field.as_bytes()).collect();
        self.store.fingerprint(&parts)
    }

    fn form_token(&self, browser: &BrowserSecret, action: &str, command: Uuid) -> String {
        let parts: [&[u8]; 5] = [b"form", &self.log.bytes(), browser.expose(), action.as_bytes(), command.as_bytes()];
        BASE64URL_NOPAD.encode(&self.store.service_mac(Purpose::Browser, &parts)[..16])
    }
}
