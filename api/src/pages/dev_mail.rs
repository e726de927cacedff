//! The mails of a development server: a development aid.

use askama::Template;
use chancery_domain::Timestamp;

use super::Chrome;

/// One mail of the list.
#[derive(Clone, Debug)]
pub struct DevMailRow {
    /// What its address ends in: [`paths::DEV_MAIL`](super::paths::DEV_MAIL), `/`, id.
    pub id: String,
    /// When it was sent.
    pub at: Timestamp,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
}

/// All mails, newest first.
#[derive(Debug, Template)]
#[template(path = "dev_mail_list.html")]
pub struct DevMailListPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The mails.
    pub mails: Vec<DevMailRow>,
}

/// One mail: as a mail program would show it, its text, its source.
#[derive(Debug, Template)]
#[template(path = "dev_mail.html")]
pub struct DevMailPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// When, to whom, about what.
    pub mail: DevMailRow,
    /// The sender.
    pub from: String,
    /// The HTML part; shown in a frame that runs no script.
    pub html: String,
    /// The text part. Its links can be followed.
    pub text: String,
    /// The message as it went out.
    pub raw: String,
}

impl DevMailPage {
    /// The HTML part, with links that lead out of the frame.
    fn framed(&self) -> String {
        self.html.replacen("<head>", "<head><base target=\"_top\">", 1)
    }

    /// The text part in pieces: what is a link, and what is not.
    fn pieces(&self) -> Vec<(bool, &str)> {
        let mut pieces = Vec::new();
        let mut rest = self.text.as_str();
        while let Some(start) = rest.find("http://").into_iter().chain(rest.find("https://")).min() {
            let link = &rest[start..];
            let end = link.find(|c: char| c.is_whitespace() || "<>\"".contains(c)).unwrap_or(link.len());
            pieces.push((false, &rest[..start]));
            pieces.push((true, &link[..end]));
            rest = &link[end..];
        }
        pieces.push((false, rest));
        pieces
    }
}
