//! What each mail says: the one source of its text and its HTML, so that both always say the same.

use chancery_domain::values::Language;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::settings::MailSettings;
use super::{Mail, PasswordChange};
use crate::texts::{Texts, Value};

/// A mail before it is laid out.
pub(super) struct Content {
    pub subject: String,
    pub heading: String,
    pub blocks: Vec<Block>,
    pub footer: Vec<String>,
    /// Before the address in full, where a button stands above it.
    pub link_copy: String,
}

/// A part of a mail, set off from its neighbours.
pub(super) enum Block {
    Paragraph(String),
    /// A page to open, with the words for the button. The text part shows the address alone on its line.
    Link {
        label: String,
        url: Zeroizing<String>,
    },
    /// A code to type, alone on its line.
    Code(Zeroizing<String>),
}

impl Content {
    /// What `mail` says in `language`.
    pub(super) fn new(settings: &MailSettings, language: Language, mail: &Mail) -> Self {
        let words = Words { texts: Texts::of(language), service: &settings.service };
        let answers = if settings.reply_to.is_some() { "mail-footer-answers" } else { "mail-footer-no-answers" };
        let name = mail.name();
        Self {
            subject: words.say(&format!("mail-{name}.subject")),
            heading: words.say(&format!("mail-{name}.heading")),
            blocks: words.blocks(mail),
            footer: vec![
                words.say_with("mail-footer-sender", &[("host", settings.host.as_str().into())]),
                words.say(answers),
            ],
            link_copy: words.say("mail-link-copy"),
        }
    }
}

/// One language's words, with the service's name at hand.
struct Words<'a> {
    texts: Texts,
    service: &'a str,
}

impl Words<'_> {
    fn say(&self, id: &str) -> String {
        self.say_with(id, &[])
    }

    fn say_with(&self, id: &str, more: &[(&str, Value<'_>)]) -> String {
        let mut arguments = vec![("service", Value::from(self.service))];
        arguments.extend_from_slice(more);
        self.texts.text(id, &arguments)
    }

    fn paragraph(&self, id: &str) -> Block {
        Block::Paragraph(self.say(id))
    }

    fn link(&self, label: &str, url: &str) -> Block {
        Block::Link { label: self.say(label), url: Zeroizing::new(url.to_owned()) }
    }

    fn blocks(&self, mail: &Mail) -> Vec<Block> {
        match mail {
            Mail::ConfirmAddress { link_url, code, valid_for } => {
                let mut blocks = vec![
                    self.paragraph("mail-confirm-why"),
                    self.link("mail-confirm-action", link_url.expose_secret()),
                ];
                blocks.extend(self.validity_and_code(code.expose_secret(), *valid_for));
                blocks.push(self.paragraph("mail-confirm-not-me"));
                blocks
            }
            Mail::RegistrationRepeated { lost_password_url } => vec![
                self.paragraph("mail-repeated-why"),
                self.paragraph("mail-repeated-what"),
                self.link("mail-lost-password-action", lost_password_url),
                self.paragraph("mail-repeated-not-me"),
            ],
            Mail::ResetPassword { link_url, code, valid_for } => {
                let mut blocks = vec![
                    self.paragraph("mail-reset-why"),
                    self.link("mail-new-password-action", link_url.expose_secret()),
                ];
                blocks.extend(self.validity_and_code(code.expose_secret(), *valid_for));
                blocks.push(self.paragraph("mail-reset-effect"));
                blocks.push(self.paragraph("mail-reset-not-me"));
                blocks
            }
            Mail::PasswordChanged { at, how, lost_password_url } => {
                let (why, not_me) = match how {
                    PasswordChange::Change => ("mail-changed-by-change", "mail-changed-not-me"),
                    PasswordChange::Reset => ("mail-changed-by-reset", "mail-changed-by-reset-not-me"),
                };
                vec![
                    Block::Paragraph(self.say_with(why, &[("at", self.texts.moment(*at).into())])),
                    self.paragraph("mail-changed-me"),
                    self.paragraph(not_me),
                    self.link("mail-new-password-action", lost_password_url),
                ]
            }
            Mail::SignInLocked { at, lost_password_url } => vec![
                Block::Paragraph(self.say_with("mail-locked-why", &[("at", self.texts.moment(*at).into())])),
                self.paragraph("mail-locked-not-me"),
                self.paragraph("mail-locked-me"),
                self.link("mail-lost-password-action", lost_password_url),
                self.paragraph("mail-locked-often"),
            ],
        }
    }

    fn validity_and_code(&self, code: &str, valid_for: std::time::Duration) -> [Block; 4] {
        [
            Block::Paragraph(self.say_with("mail-link-validity", &[("span", self.texts.span(valid_for).into())])),
            self.paragraph("mail-code"),
            Block::Code(Zeroizing::new(code.to_owned())),
            self.paragraph("mail-code-secret"),
        ]
    }
}
