//! Mails that stay on this machine: for development, without a mail server.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mail_parser::MessageParser;

use super::{Capacity, MailError, MailTransport, Rendered};

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

    fn capacity(&self) -> Capacity {
        Capacity { at_once: 4, within: Duration::from_secs(10) }
    }

    async fn check(&self) -> Result<(), MailError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;
    use std::time::Duration;

    use chancery_domain::Timestamp;
    use chancery_domain::values::Language;

    use super::OutboxTransport;
    use crate::mail::{Letter, Mail, MailError, MailSettings, Mailer, Sender};

    const LINK: &str = "http://localhost:8080/l/0123456789abcdefghjkmnpqrstvwxyz01";

    fn mailer(outbox: &OutboxTransport) -> Mailer {
        let sender = Sender { name: None, address: "no-reply@localhost" };
        let settings = MailSettings::new("Chancery", sender, None, "localhost").expect("settings");
        Mailer::new(settings, Arc::new(outbox.clone()))
    }

    async fn send(mailer: &Mailer, id: u8, to: &str) -> Result<(), MailError> {
        let valid_for = Duration::from_mins(90);
        let mail = &Mail::ResetPassword { link_url: LINK.into(), code: "K7QM-2XPD".into(), valid_for };
        let date = Timestamp::from_seconds(1_795_529_109);
        mailer.deliver(Letter { id: &[id; 8], to, language: Language::Greek, mail, date }).await
    }

    #[tokio::test]
    async fn the_outbox_keeps_mails_over_a_restart_readable_by_their_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("outbox");
        let outbox = OutboxTransport::open(&folder).expect("an outbox");
        let sender = mailer(&outbox);
        sender.check().await.expect("always");
        send(&sender, 1, "anna@example.org").await.expect("kept");
        send(&sender, 2, "άννα@example.org").await.expect("kept");

        let list = outbox.list();
        let to: Vec<_> = list.iter().map(|mail| mail.to.as_str()).collect();
        assert_eq!(to, ["άννα@example.org", "anna@example.org"], "newest first");
        let mail = outbox.get("0101010101010101").expect("by the id in its Message-ID");
        assert_eq!(mail.subject, "Ορίστε νέο κωδικό πρόσβασης για την υπηρεσία Chancery");
        assert_eq!(mail.date, "2026-11-24T14:05:09Z");
        assert!(mail.text.lines().any(|line| line == LINK) && mail.html.contains(LINK));
        assert!(mail.raw.starts_with(b"Message-ID: <0101010101010101@"));
        assert!(outbox.get("0101").is_none());

        assert_eq!(fs::metadata(&folder).expect("the folder").permissions().mode() & 0o777, 0o700);
        for entry in fs::read_dir(&folder).expect("the folder") {
            let entry = entry.expect("a file");
            assert_eq!(entry.metadata().expect("its data").permissions().mode() & 0o777, 0o600, "{entry:?}");
            assert!(entry.file_name().to_string_lossy().ends_with(".eml"), "{entry:?}");
        }
        fs::write(folder.join("000000000009-x.eml"), "no mail").expect("a foreign file");
        let again = OutboxTransport::open(&folder).expect("an outbox");
        assert!(again.list() == list, "the same mails in the same order");
        send(&mailer(&again), 3, "last@example.org").await.expect("kept");
        assert_eq!(again.list()[0].to, "last@example.org");
    }

    #[tokio::test]
    async fn the_outbox_shows_a_repeated_mail_once_and_keeps_the_newest_two_hundred() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = OutboxTransport::open(folder.path()).expect("an outbox");
        let sender = mailer(&outbox);
        for id in 0..=204 {
            send(&sender, id, &format!("n{id}@example.org")).await.expect("kept");
            send(&sender, id, &format!("n{id}@example.org")).await.expect("kept");
        }
        let list = outbox.list();
        assert_eq!(
            (list.len(), list[0].to.as_str(), list[199].to.as_str()),
            (200, "n204@example.org", "n5@example.org")
        );
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 200);
        assert_eq!(OutboxTransport::open(folder.path()).expect("an outbox").list().len(), 200);
    }

    #[test]
    fn an_outbox_that_cannot_be_is_one_sentence() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error = OutboxTransport::open(file.path()).err().expect("no folder");
        assert!(error.to_string().contains("cannot hold the development mails"), "{error}");
    }
}
