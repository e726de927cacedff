//! Mails as the bytes that leave: headers, a text part and an HTML part.
//!
//! Everything but an address that needs SMTPUTF8 is ASCII with lines of at most 998 octets, so that every server takes
//! it. The text part is 7bit, or quoted-printable where its language needs it; the HTML part is 7bit with character
//! references. In both a URL of up to [`WHOLE_URL_COLUMNS`] stands in one piece in the raw bytes.

use std::fmt;
use std::time::{Duration, SystemTime};

use askama::Template;
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use zeroize::Zeroizing;

use super::address::deliverable;
use super::content::{Block, Content};
use super::error::{MailError, Reply};
use super::settings::MailSettings;
use super::{Letter, text};

/// The longest URL, in characters, that no transfer encoding breaks. Longer ones are whole only once decoded, in the
/// text part of languages that are not written in ASCII.
pub const WHOLE_URL_COLUMNS: usize = 76;

/// The longest line that every server takes (RFC 5322, section 2.1.1).
const LINE_OCTETS: usize = 998;

/// Where lines of the HTML part are broken, at the next space outside a tag.
const HTML_COLUMNS: usize = 72;

/// The `Message-ID` of a mail: the same for the same mail, however often it is sent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MessageId {
    local: String,
    host: String,
}

impl MessageId {
    /// The id of the mail that `id` makes the same mail, from the service at `settings`' host.
    #[must_use]
    pub fn new(id: &[u8], settings: &MailSettings) -> Self {
        Self { local: data_encoding::HEXLOWER.encode(id), host: settings.host.clone() }
    }

    /// Its part before the `@`: lower-case hexadecimal.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }
}

/// As in the header, with its angle brackets.
impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}@{}>", self.local, self.host)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageId({self})")
    }
}

/// A mail that is ready to leave. It may hold a live link, so its memory is wiped and `Debug` shows its id only.
pub struct Rendered {
    id: MessageId,
    envelope: Envelope,
    subject: String,
    text: Zeroizing<String>,
    html: Zeroizing<String>,
    raw: Zeroizing<Vec<u8>>,
}

#[derive(Template)]
#[template(path = "mail/mail.html")]
struct Page<'a> {
    language: &'a str,
    service: &'a str,
    content: &'a Content,
}

impl Rendered {
    /// The letter, written. The same letter always gives the same bytes.
    ///
    /// # Errors
    /// [`MailError::Refused`] with 553 5.1.3 if no mail can be written to the address.
    pub fn new(settings: &MailSettings, letter: Letter<'_>) -> Result<Self, MailError> {
        let to = deliverable(letter.to).ok_or(MailError::Refused { reply: Reply::BAD_ADDRESS })?;
        let content = Content::new(settings, letter.language, letter.mail);
        let id = MessageId::new(letter.id, settings);
        let text = text::lay_out(&content);
        let page = Page { language: letter.language.tag(), service: &settings.service, content: &content };
        // The template writes into a String, which cannot fail.
        let html = Zeroizing::new(ascii_html(&Zeroizing::new(page.render().map_err(unwritable)?)));
        let envelope = envelope(settings.from.email.clone(), to.clone())?;
        let raw = message(settings, &letter, to, &id, &content.subject, &text, &html).map_err(unwritable)?;
        Ok(Self { id, envelope, subject: content.subject, text, html, raw: Zeroizing::new(raw.formatted()) })
    }

    /// Its `Message-ID`.
    #[must_use]
    pub const fn id(&self) -> &MessageId {
        &self.id
    }

    /// The address that it goes to, in the form that servers get.
    #[must_use]
    pub fn recipient(&self) -> &str {
        self.envelope.to().first().map_or("", AsRef::as_ref)
    }

    /// Its subject, decoded.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its text part, decoded, with `\n` at the ends of lines.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its HTML part: all ASCII.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The bytes that leave, with CRLF at the ends of lines.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    pub(super) const fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("id", &self.id).finish_non_exhaustive()
    }
}

fn unwritable(error: impl fmt::Display) -> MailError {
    MailError::unavailable(format!("a mail cannot be written: {error}"))
}

fn envelope(from: Address, to: Address) -> Result<Envelope, MailError> {
    Envelope::new(Some(from), vec![to]).map_err(unwritable)
}

fn message(
    settings: &MailSettings,
    letter: &Letter<'_>,
    to: Address,
    id: &MessageId,
    subject: &str,
    text: &str,
    html: &str,
) -> Result<Message, lettre::error::Error> {
    let since_epoch = Duration::from_micros(letter.date.micros().try_into().unwrap_or(0));
    let mut message = Message::builder()
        .message_id(Some(id.to_string()))
        .date(SystemTime::UNIX_EPOCH + since_epoch)
        .from(settings.from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        // No holiday notices and no other automatic answers (RFC 3834, section 5).
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", letter.language.tag()));
    if let Some(reply_to) = &settings.reply_to {
        message = message.reply_to(reply_to.clone());
    }
    // A boundary that quoted-printable never produces (RFC 2045, section 6.7), and the same each time.
    let parts = MultiPart::alternative()
        .boundary(format!("=_{}", id.local()))
        .singlepart(part(ContentType::TEXT_PLAIN, text))
        .singlepart(part(ContentType::TEXT_HTML, html));
    message.multipart(parts)
}

const fn header_name(name: &'static str) -> HeaderName {
    HeaderName::new_from_ascii_str(name)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(header_name(name), value.to_owned())
}

/// A part in 7bit if it can be (lines of up to [`LINE_OCTETS`] are fine), else in quoted-printable.
fn part(kind: ContentType, content: &str) -> SinglePart {
    let body = if content.is_ascii() && content.lines().all(|line| line.len() <= LINE_OCTETS) {
        // lettre would choose quoted-printable from 77 octets on, which escapes each `=` and breaks long URLs.
        Body::dangerous_pre_encoded(content.replace('\n', "\r\n").into_bytes(), ContentTransferEncoding::SevenBit)
    } else {
        Body::new_with_encoding(content.to_owned(), ContentTransferEncoding::QuotedPrintable)
            .unwrap_or_else(|_| Body::new(content.to_owned()))
    };
    SinglePart::builder().content_type(kind).body(body)
}

/// The document in ASCII: other characters as character references, lines broken at spaces outside tags.
fn ascii_html(document: &str) -> String {
    let mut written = String::with_capacity(document.len() * 2);
    let (mut line_start, mut in_tag) = (0, false);
    for character in document.chars() {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ => {}
        }
        match character {
            ' ' if !in_tag && written.len() - line_start >= HTML_COLUMNS => written.push('\n'),
            _ if character.is_ascii() => written.push(character),
            _ => written.push_str(&format!("&#{};", u32::from(character))),
        }
        if written.ends_with('\n') {
            line_start = written.len();
        }
    }
    written
}
