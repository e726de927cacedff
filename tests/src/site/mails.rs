//! Mails that a test receives.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chancery_service::mail::{Capacity, MailError, MailTransport, Rendered};

/// A mail as it was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMail {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: String,
    /// Its source.
    pub raw: String,
}

impl SentMail {
    /// The path of the link in it.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn link(&self) -> String {
        let start = self.text.find("/l/").unwrap_or_else(|| panic!("no link in {}", self.text));
        self.text[start..].split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// The path of the link in it by which a change is disowned.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn not_me(&self) -> String {
        let start = self.text.find("/n/").unwrap_or_else(|| panic!("no such link in {}", self.text));
        self.text[start..].split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// The code in it.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn code(&self) -> String {
        let is_code = |word: &&str| {
            word.len() == 9 && word.as_bytes()[4] == b'-' && word.chars().all(|c| c == '-' || c.is_ascii_alphanumeric())
        };
        let word = self.text.split_whitespace().map(|word| word.trim_matches('.')).find(is_code);
        word.unwrap_or_else(|| panic!("no code in {}", self.text)).to_owned()
    }

    /// Whether its text says these words, wherever its lines break.
    #[must_use]
    pub fn says(&self, words: &str) -> bool {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ").contains(words)
    }

    /// Its `Message-ID`.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn message_id(&self) -> String {
        let line = self.raw.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:"));
        line.unwrap_or_else(|| panic!("no Message-ID in {}", self.raw)).to_owned()
    }
}

/// A transport that keeps what it is given, and answers as it is told.
#[derive(Debug, Default)]
pub struct MemoryMails {
    sent: Mutex<Vec<SentMail>>,
    answers: Mutex<Vec<Result<(), MailError>>>,
}

impl MemoryMails {
    /// Everything that was handed over, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<SentMail> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The mails to an address, oldest first.
    #[must_use]
    pub fn to(&self, address: &str) -> Vec<SentMail> {
        self.sent().into_iter().filter(|mail| mail.to == address).collect()
    }

    /// The path of the newest link to an address.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn link_to(&self, address: &str) -> String {
        let mails = self.to(address);
        // Mails of other kinds are sent at the same time, in any order.
        let newest = mails.iter().rfind(|mail| mail.text.contains("/l/"));
        newest.unwrap_or_else(|| panic!("no mail with a link to {address}")).link()
    }

    /// Forgets what was handed over.
    pub fn clear(&self) {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What the next mails are answered with; `Ok` after that. A mail that is not answered with `Ok` is not kept.
    pub fn answer(&self, answers: impl IntoIterator<Item = Result<(), MailError>>) {
        let mut next: Vec<_> = answers.into_iter().collect();
        next.reverse();
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

#[async_trait]
impl MailTransport for MemoryMails {
    async fn send(&self, mail: &Rendered) -> Result<(), MailError> {
        let answer = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        answer.unwrap_or(Ok(()))?;
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(SentMail {
            to: mail.recipient().to_owned(),
            subject: mail.subject().to_owned(),
            text: mail.text().to_owned(),
            raw: String::from_utf8_lossy(mail.raw()).into_owned(),
        });
        Ok(())
    }

    fn capacity(&self) -> Capacity {
        Capacity { at_once: 4, within: Duration::from_secs(30) }
    }

    async fn check(&self) -> Result<(), MailError> {
        Ok(())
    }
}
