//! The privacy statement as a page showed it: a form carries it back, so that nobody accepts words that were never seen.

use chancery_domain::values::Language;
use chancery_eventstore::Purpose;
use chancery_eventstore::seal::same_mac;
use data_encoding::BASE64URL_NOPAD;
use minicbor::{Decode, Encode};

use crate::app::App;

/// Which statement was shown.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ShownStatement {
    /// Its version.
    #[n(0)]
    pub version: String,
    /// The language in which it was shown.
    #[n(1)]
    pub language: Language,
}

impl App {
    /// The statement in force, as a page in this language shows it.
    #[must_use]
    pub fn statement_in_force(&self, language: Language) -> ShownStatement {
        ShownStatement { version: self.settings.privacy_version.clone(), language }
    }

    /// A hidden field by which the form with this command id tells what was shown with it.
    #[must_use]
    pub fn statement_field(&self, command: &str, shown: &ShownStatement) -> String {
        format!("{}.{}.{}", self.statement_mac(command, shown), shown.language.tag(), shown.version)
    }

    /// What was shown with a form, if the field came with it and the statement is still in force.
    #[must_use]
    pub fn accepted_statement(&self, command: &str, field: &str) -> Option<ShownStatement> {
        let (mac, shown) = field.split_once('.')?;
        let (language, version) = shown.split_once('.')?;
        let shown = ShownStatement { version: version.to_owned(), language: Language::from_tag(language)? };
        let ours = same_mac(mac.as_bytes(), self.statement_mac(command, &shown).as_bytes());
        (ours && shown.version == self.settings.privacy_version).then_some(shown)
    }

    fn statement_mac(&self, command: &str, shown: &ShownStatement) -> String {
        let parts: [&[u8]; 5] = [
            b"statement",
            &self.log.bytes(),
            command.as_bytes(),
            shown.language.tag().as_bytes(),
            shown.version.as_bytes(),
        ];
        BASE64URL_NOPAD.encode(&self.store.service_mac(Purpose::Browser, &parts)[..16])
    }
}
