//! What each mail says: the one source of its text and its HTML, so that both always say the same.

use chancery_domain::values::{DeviceName, Language};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::settings::MailSettings;
use super::{Mail, PasswordChange, RecoveryNews, SecurityChange, SecurityLink};
use crate::texts::{Texts, Value, isolate};

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
    /// A page to read, by its address alone: it asks for nothing.
    Address(String),
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

/// What a person called a device, for the middle of a sentence. ASCII keeps the sentence's own direction.
fn set_off(name: &DeviceName) -> String {
    if name.as_str().is_ascii() { name.as_str().to_owned() } else { isolate(name.as_str()) }
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
            Mail::PasswordChanged { at, how, disown_url } => {
                let (why, not_me) = match how {
                    PasswordChange::Change => ("mail-changed-by-change", "mail-changed-not-me"),
                    PasswordChange::Reset => ("mail-changed-by-reset", "mail-changed-by-reset-not-me"),
                };
                vec![
                    Block::Paragraph(self.say_with(why, &[("at", self.texts.moment(*at).into())])),
                    self.paragraph("mail-changed-me"),
                    self.paragraph(not_me),
                    self.link("mail-disown-action", disown_url.expose_secret()),
                    self.paragraph("mail-disown-effect"),
                ]
            }
            Mail::SignedIn { at, disown_url } => vec![
                Block::Paragraph(self.say_with("mail-signed-in-why", &[("at", self.texts.moment(*at).into())])),
                self.paragraph("mail-security-me"),
                self.paragraph("mail-disown-not-me"),
                self.link("mail-disown-action", disown_url.expose_secret()),
                self.paragraph("mail-signed-in-effect"),
            ],
            Mail::SuspendFactors { link_url, valid_for } => vec![
                self.paragraph("mail-suspend-why"),
                self.link("mail-suspend-action", link_url.expose_secret()),
                Block::Paragraph(self.say_with("mail-link-validity", &[("span", self.texts.span(*valid_for).into())])),
                self.paragraph("mail-suspend-not-me"),
            ],
            Mail::RecoverAccount { link_url, valid_for } => vec![
                self.paragraph("mail-recover-why"),
                self.link("mail-recover-action", link_url.expose_secret()),
                Block::Paragraph(
                    self.say_with("mail-recover-validity", &[("span", self.texts.span(*valid_for).into())]),
                ),
                self.paragraph("mail-recover-not-me"),
            ],
            Mail::Recovery { at, what, device, cancel_url } => {
                let about = if device.is_some() { "-device" } else { "" };
                let name = device.as_ref().map(|device| set_off(&device.name)).unwrap_or_default();
                let (why, then, moment) = match what {
                    RecoveryNews::Asked { ends } => ("asked", "mail-recovery-ends".to_owned(), ends),
                    RecoveryNews::Waits { ends } => ("waits", "mail-recovery-ends".to_owned(), ends),
                    RecoveryNews::Over { until } => ("over", format!("mail-recovery-until{about}"), until),
                };
                let why = self.say_with(
                    &format!("mail-recovery-{why}{about}"),
                    &[("at", self.texts.moment(*at).into()), ("device", name.into())],
                );
                let then = self.say_with(&then, &[("moment", self.texts.moment(*moment).into())]);
                vec![
                    Block::Paragraph(why),
                    Block::Paragraph(then),
                    self.paragraph("mail-recovery-not-me"),
                    self.link("mail-recovery-cancel", cancel_url.expose_secret()),
                    self.paragraph(&format!("mail-recovery-effect{about}")),
                ]
            }
            Mail::SignInLocked { at, lost_password_url } => vec![
                Block::Paragraph(self.say_with("mail-locked-why", &[("at", self.texts.moment(*at).into())])),
                self.paragraph("mail-locked-not-me"),
                self.paragraph("mail-locked-me"),
                self.link("mail-lost-password-action", lost_password_url),
                self.paragraph("mail-locked-often"),
            ],
            Mail::SmsEnds { off, is_last, words, security_url, help_url } => {
                let why = if *is_last { "mail-sms-ends-last" } else { "mail-sms-ends-why" };
                let why = self.say_with(why, &[("moment", self.texts.moment(*off).into())]);
                let mut blocks = vec![Block::Paragraph(why)];
                blocks.extend(words.iter().cloned().map(Block::Paragraph));
                blocks.extend([self.paragraph("mail-sms-ends-what"), self.link("mail-sms-ends-action", security_url)]);
                blocks.extend(self.help("mail-sms-ends-how", help_url));
                blocks
            }
            Mail::Security { at, what, devices, link, help_url } => {
                let left = if let SecurityChange::RecoveryCodeUsed { left } = what { u32::from(*left) } else { 0 };
                let names: Vec<String> = devices.iter().map(|device| set_off(&device.name)).collect();
                let new_name = devices.iter().find_map(|device| device.new_name.as_ref()).map(set_off);
                let why = self.say_with(
                    what.text_id(),
                    &[
                        ("at", self.texts.moment(*at).into()),
                        ("left", left.into()),
                        ("devices", names.join(", ").into()),
                        ("count", names.len().into()),
                        ("name", new_name.unwrap_or_default().into()),
                    ],
                );
                let mut blocks = vec![Block::Paragraph(why)];
                match (link, what) {
                    (SecurityLink::Disown(url), _) => blocks.extend([
                        self.paragraph("mail-security-me"),
                        self.paragraph("mail-disown-not-me"),
                        self.link("mail-disown-action", url.expose_secret()),
                        self.paragraph("mail-disown-effect"),
                    ]),
                    (SecurityLink::Look(url), SecurityChange::Disowned) => {
                        blocks.extend([self.paragraph("mail-security-anew"), self.link("mail-security-action", url)])
                    }
                    (SecurityLink::Look(url), SecurityChange::RequestDenied) => {
                        blocks.push(self.paragraph("mail-security-denied-anew"));
                        blocks.push(self.link("mail-security-action", url));
                    }
                    (SecurityLink::Look(url), _) => blocks.extend([
                        self.paragraph("mail-security-me"),
                        self.paragraph("mail-security-not-me"),
                        self.link("mail-security-action", url),
                    ]),
                }
                if let Some(how) = what.help_id() {
                    blocks.extend(self.help(how, help_url));
                }
                blocks
            }
        }
    }

    fn help(&self, how: &str, url: &str) -> [Block; 2] {
        [self.paragraph(how), Block::Address(url.to_owned())]
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
