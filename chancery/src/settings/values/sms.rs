//! Where messages to telephones go.

use chancery_service::sms::Country;

use super::Value;

impl Value for Country {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "a country by its two letters, such as BE".to_owned())
    }
}
