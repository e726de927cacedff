//! A mail as the server got it.

use mail_parser::{Message, MessageParser};

/// A mail as the server got it.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The parameters of MAIL FROM, such as `SMTPUTF8`.
    pub parameters: Vec<String>,
    /// The bytes, without what SMTP added to them (the doubled dots).
    pub raw: Vec<u8>,
    /// Whether they came encrypted.
    pub encrypted: bool,
    /// Who had signed in to send it.
    pub user: Option<String>,
}

impl ReceivedMail {
    fn parsed(&self) -> Message<'_> {
        MessageParser::default().parse(&self.raw).expect("a mail")
    }

    /// The header `name` as it stands in the mail, unfolded but not decoded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let parsed = self.parsed();
        let value = parsed.header_raw(name)?;
        Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The subject, decoded.
    #[must_use]
    pub fn subject(&self) -> String {
        self.parsed().subject().unwrap_or_default().to_owned()
    }

    /// The `Message-ID`, without angle brackets.
    #[must_use]
    pub fn message_id(&self) -> String {
        self.parsed().message_id().unwrap_or_default().to_owned()
    }

    /// The text part, decoded, with `\n` at the ends of lines.
    #[must_use]
    pub fn text(&self) -> String {
        self.parsed().body_text(0).expect("a text part").replace("\r\n", "\n")
    }

    /// The HTML part, decoded, with `\n` at the ends of lines.
    #[must_use]
    pub fn html(&self) -> String {
        self.parsed().body_html(0).expect("an HTML part").replace("\r\n", "\n")
    }

    /// The URLs that stand alone on a line of the text part: what the mail asks to open.
    #[must_use]
    pub fn links(&self) -> Vec<String> {
        let text = self.text();
        let alone = |line: &&str| (line.starts_with("http://") || line.starts_with("https://")) && !line.contains(' ');
        text.lines().filter(alone).map(ToOwned::to_owned).collect()
    }

    /// The only such URL.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[must_use]
    pub fn link(&self) -> String {
        let links = self.links();
        assert_eq!(links.len(), 1, "one link in {self:?}");
        links.into_iter().next().expect("the one link")
    }

    /// The path of that URL.
    ///
    /// # Panics
    /// As [`ReceivedMail::link`].
    #[must_use]
    pub fn path(&self) -> String {
        let link = self.link();
        link[link.find("/l/").expect("a link of ours")..].to_owned()
    }

    /// The code to type: the line of the text part that is nothing but capitals, digits and hyphens.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn code(&self) -> String {
        let text = self.text();
        let is_code = |line: &&str| {
            line.len() >= 6
                && line.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
                && line.bytes().any(|b| b != b'-')
        };
        text.lines().find(is_code).unwrap_or_else(|| panic!("a code in {text}")).to_owned()
    }
}

/// For a failing test's message: whom it is for and what it says.
impl std::fmt::Debug for ReceivedMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceivedMail")
            .field("to", &self.to)
            .field("subject", &self.subject())
            .field("raw", &String::from_utf8_lossy(&self.raw))
            .finish_non_exhaustive()
    }
}
