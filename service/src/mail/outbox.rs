//! Mails that stay on this machine: for development, without a mail server.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use mail_parser::MessageParser;

use super::{MailError, MailTransport, Rendered};

/// How many mails are kept; older ones are removed.
const KEPT: usize = 200;

/// Keeps the newest mails as `.eml` files in a folder, readable by their owner only, for the page `/dev/mail`.
///
/// A mail that is sent again (the same `Message-ID`) replaces the one before it.
#[derive(Clone)]
pub struct OutboxTransport {
    state: Arc<Mutex<State>>,
}

struct State {
    folder: PathBuf,
    next: u64,
    /// Oldest first.
    mails: VecDeque<Kept>,
}

struct Kept {
    file: PathBuf,
    mail: Arc<OutboxMail>,
}

/// A mail in the outbox, as a mail program would read it from the bytes that were sent.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// Its name in the outbox and in URLs: the part of its `Message-ID` before the `@`.
    pub id: String,
    /// When it was written, as its `Date` says (RFC 3339).
    pub date: String,
    /// Whom it is for.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: String,
    /// Its HTML part.
    pub html: String,
    /// The bytes that would have left.
    pub raw: Vec<u8>,
}

/// The folder of the outbox cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the folder {} cannot hold the development mails", folder.display())]
pub struct OutboxError {
    folder: PathBuf,
    source: io::Error,
}

impl OutboxTransport {
    /// The outbox in `folder`, which is made if it is missing, with the mails that are there. A file that is no mail of
    /// an outbox is left alone.
    ///
    /// # Errors
    /// If the folder cannot be made or read.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, OutboxError> {
        let folder = folder.into();
        let state = State::read(&folder).map_err(|source| OutboxError { folder, source })?;
        Ok(Self { state: Arc::new(Mutex::new(state)) })
    }

    /// The mails, newest first.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<OutboxMail>> {
        self.state().mails.iter().rev().map(|kept| Arc::clone(&kept.mail)).collect()
    }

    /// The mail with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<OutboxMail>> {
        self.state().mails.iter().find(|kept| kept.mail.id == id).map(|kept| Arc::clone(&kept.mail))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn read(folder: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let file = entry?.path();
            let Some(number) = number(&file) else { continue };
            if let Some(mail) = OutboxMail::parse(fs::read(&file)?) {
                found.push((number, Kept { file, mail: Arc::new(mail) }));
            }
        }
        found.sort_by_key(|(number, _)| *number);
        let next = found.last().map_or(0, |(number, _)| number + 1);
        let mut state =
            Self { folder: folder.to_owned(), next, mails: found.into_iter().map(|(_, kept)| kept).collect() };
        state.prune()?;
        Ok(state)
    }

    fn add(&mut self, mail: OutboxMail) -> io::Result<()> {
        let file = self.folder.join(format!("{:012}-{}.eml", self.next, mail.id));
        write_whole(&file, &mail.raw)?;
        self.next += 1;
        if let Some(before) = self.mails.iter().position(|kept| kept.mail.id == mail.id)
            && let Some(before) = self.mails.remove(before)
        {
            fs::remove_file(before.file)?;
        }
        self.mails.push_back(Kept { file, mail: Arc::new(mail) });
        self.prune()
    }

    fn prune(&mut self) -> io::Result<()> {
        while self.mails.len() > KEPT
            && let Some(oldest) = self.mails.pop_front()
        {
            fs::remove_file(oldest.file)?;
        }
        Ok(())
    }
}

/// The number that a mail's file name begins with.
fn number(file: &Path) -> Option<u64> {
    let name = file.file_name()?.to_str()?.strip_suffix(".eml")?;
    name.split_once('-')?.0.parse().ok()
}

/// Writes the file under another name first, so that a crash never leaves half a mail.
fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = file.with_extension("part");
    let mut writer = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    writer.write_all(bytes)?;
    fs::rename(unfinished, file)
}

impl OutboxMail {
    /// The mail in these bytes, or `None` if they are none with an id, a text and an HTML part.
    fn parse(raw: Vec<u8>) -> Option<Self> {
        let parsed = MessageParser::default().parse(&raw)?;
        let id = parsed.message_id()?.split('@').next()?.to_owned();
        let to = parsed.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default().to_owned();
        let (date, subject) = (parsed.date()?.to_rfc3339(), parsed.subject().unwrap_or_default().to_owned());
        let (text, html) = (parsed.body_text(0)?.into_owned(), parsed.body_html(0)?.into_owned());
        Some(Self { id, date, to, subject, text, html, raw })
    }
}

#[async_trait]
impl MailTransport for OutboxTransport {
    async fn send(&self, mail: &Rendered) -> Result<(), MailError> {
        let mail = OutboxMail::parse(mail.raw().to_vec())
            .ok_or_else(|| MailError::unavailable("the development outbox cannot read a mail that was just written"))?;
        let outbox = self.clone();
        tokio::task::spawn_blocking(move || outbox.state().add(mail))
            .await
            .map_err(|_| MailError::unavailable("the program is stopping"))?
            .map_err(|error| MailError::unavailable(format!("the development outbox cannot be written: {error}")))
    }

    async fn check(&self) -> Result<(), MailError> {
        Ok(())
    }
}
