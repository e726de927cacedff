//! Mailed links: which are open, until when, and what became of the last ones.

use minicbor::{Decode, Encode};

use super::events::{AccountEvent, EmailLinkRepeated, LinkPurpose};
use crate::ids::{BrowserTag, LinkId};
use crate::policy::Policy;
use crate::time::{Moment, Timestamp};
use crate::values::Language;

/// Open links of one purpose; beyond that the newest one is mailed again.
pub const MAX_OPEN_LINKS: usize = 5;

/// The longest target that a link leads on to, in bytes.
pub const MAX_TARGET: usize = 384;

/// Browsers that a link remembers besides the one that asked for it first; beyond that the oldest is forgotten, so that
/// whoever asked last can type the code of the mail that this led to.
pub const MAX_ASKED_AGAIN: usize = 5;

/// Closed links that an account remembers, so that an old one can say what became of it.
const MAX_CLOSED: usize = 12;

/// A link that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OpenLink {
    /// Its id.
    #[n(0)]
    pub id: LinkId,
    /// What it is for.
    #[n(1)]
    pub purpose: LinkPurpose,
    /// The browser that asked.
    #[n(2)]
    pub browser: Option<BrowserTag>,
    /// Where that browser wanted to go.
    #[n(3)]
    pub target: Option<String>,
    /// The language of its last mail.
    #[n(4)]
    pub language: Language,
    /// When it was asked for.
    #[n(5)]
    pub requested: Timestamp,
    /// Whether its sending is recorded.
    #[n(6)]
    pub sent: bool,
    /// Until when it can be used.
    #[n(7)]
    pub valid_until: Timestamp,
    /// Browsers that asked when so many links were open that this one was mailed again, oldest first.
    #[n(8)]
    pub asked_again: Vec<BrowserTag>,
}

impl OpenLink {
    /// Whether it can be used at a moment: its time is not over, and it was asked for in the log's present epoch.
    #[must_use]
    pub fn is_usable(&self, at: impl Into<Moment>) -> bool {
        let at = at.into();
        at.epoch_began <= self.requested && at.now < self.valid_until
    }

    /// Whether a browser asked for a mail with this link: then it may type the code of that.
    #[must_use]
    pub fn is_asked_by(&self, browser: BrowserTag) -> bool {
        self.browser == Some(browser) || self.asked_again.contains(&browser)
    }

    fn ask_again(&mut self, repeated: &EmailLinkRepeated) {
        self.language = repeated.language.unwrap_or(self.language);
        let Some(browser) = repeated.browser.filter(|browser| self.browser != Some(*browser)) else { return };
        self.asked_again.retain(|earlier| *earlier != browser);
        self.asked_again.push(browser);
        if self.asked_again.len() > MAX_ASKED_AGAIN {
            self.asked_again.remove(0);
        }
    }

    /// Until when it can be used once a mail with it was sent at `now`: the policy's time, in full, from the sending.
    ///
    /// Mailed again, it lives on; but whoever asks again and again must not keep an old mail alive for ever. So no
    /// repetition lets it outlive a link that waited in the mail queue up to its limit. One whose time is over stays so.
    #[must_use]
    pub fn valid_if_sent(&self, now: Timestamp, policy: &Policy) -> Timestamp {
        if now >= self.valid_until {
            return self.valid_until;
        }
        let valid_until = now.plus(policy.link_validity());
        if !self.sent {
            return valid_until;
        }
        let most = self.requested.plus(policy.mail_queue_limit()).plus(policy.link_validity());
        valid_until.min(most).max(self.valid_until)
    }
}

/// How a link's life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Closing {
    /// It did what it was for.
    #[n(0)]
    Used,
    /// Another link of its purpose did.
    #[n(1)]
    Superseded,
    /// Its time was over.
    #[n(2)]
    Expired,
}

/// A link that can no longer be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ClosedLink {
    /// Its id.
    #[n(0)]
    pub id: LinkId,
    /// How its life ended.
    #[n(1)]
    pub closing: Closing,
    /// What it was for.
    #[n(2)]
    pub purpose: LinkPurpose,
}

/// How a link stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkStanding<'a> {
    /// It can be used.
    Open(&'a OpenLink),
    /// It did what it was for.
    Used,
    /// Another one did.
    Superseded,
    /// Its time is over, it is of an earlier epoch of the log, or so old that nothing else is remembered of it.
    Expired,
}

/// The account's links.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Links {
    /// Links that can be used until their time is over, oldest first.
    #[n(0)]
    pub open: Vec<OpenLink>,
    /// The last ones that no longer can, oldest first.
    #[n(1)]
    pub closed: Vec<ClosedLink>,
    /// When a link was last asked for.
    #[n(2)]
    pub last_request: Option<Timestamp>,
}

impl Links {
    /// A link that nothing closed yet, whether or not its time is over.
    #[must_use]
    pub fn find(&self, link: LinkId) -> Option<&OpenLink> {
        self.open.iter().find(|open| open.id == link)
    }

    /// How a link stands at a moment. Decided by comparing times: the record of an expiry follows, it is not the rule.
    #[must_use]
    pub fn standing(&self, link: LinkId, at: impl Into<Moment>) -> LinkStanding<'_> {
        if let Some(open) = self.find(link) {
            return if open.is_usable(at) { LinkStanding::Open(open) } else { LinkStanding::Expired };
        }
        match self.closed.iter().find(|closed| closed.id == link).map(|closed| closed.closing) {
            Some(Closing::Used) => LinkStanding::Used,
            Some(Closing::Superseded) => LinkStanding::Superseded,
            Some(Closing::Expired) | None => LinkStanding::Expired,
        }
    }

    /// The links of a purpose that can be used at a moment, oldest first.
    pub fn usable(&self, purpose: LinkPurpose, at: impl Into<Moment>) -> impl DoubleEndedIterator<Item = &OpenLink> {
        let at = at.into();
        self.open.iter().filter(move |link| link.purpose == purpose && link.is_usable(at))
    }

    pub(super) fn evolve(&mut self, decided: Timestamp, event: &AccountEvent) {
        match event {
            AccountEvent::EmailLinkRequested(requested) => {
                self.last_request = Some(decided);
                self.open.push(OpenLink {
                    id: requested.link,
                    purpose: requested.purpose,
                    browser: requested.browser,
                    target: requested.target.clone(),
                    language: requested.language,
                    requested: decided,
                    sent: false,
                    valid_until: requested.valid_until,
                    asked_again: Vec::new(),
                });
                self.keep_to_the_bound(requested.purpose, decided);
            }
            AccountEvent::EmailLinkRepeated(repeated) => {
                self.last_request = Some(decided);
                if let Some(link) = self.open.iter_mut().find(|link| link.id == repeated.link) {
                    link.ask_again(repeated);
                }
            }
            AccountEvent::EmailLinkSent(sent) => {
                if let Some(link) = self.open.iter_mut().find(|link| link.id == sent.link) {
                    link.sent = true;
                    link.valid_until = sent.valid_until;
                }
            }
            AccountEvent::EmailLinkExpired(expired) => self.close(expired.link, Closing::Expired),
            AccountEvent::EmailConfirmed(used) => self.close_purpose(LinkPurpose::Registration, Some(used.link)),
            // However it was set: a link that could set another one is not wanted any more.
            AccountEvent::PasswordSet(set) => self.close_purpose(LinkPurpose::Reset, set.link),
            AccountEvent::FactorsSuspended(suspended) => {
                self.close_purpose(LinkPurpose::Suspension, Some(suspended.link));
            }
            AccountEvent::RecoveryRequested(requested) => self.close_purpose(LinkPurpose::Recovery, requested.link),
            AccountEvent::RecoveryCompleted(completed) => self.close_purpose(LinkPurpose::Recovery, completed.link),
            AccountEvent::RecoveryCancelled(_) => self.close_purpose(LinkPurpose::Recovery, None),
            _ => {}
        }
    }

    fn close(&mut self, link: LinkId, closing: Closing) {
        if let Some(index) = self.open.iter().position(|open| open.id == link) {
            let open = self.open.remove(index);
            self.closed.push(ClosedLink { id: open.id, closing, purpose: open.purpose });
            if self.closed.len() > MAX_CLOSED {
                self.closed.remove(0);
            }
        }
    }

    fn close_purpose(&mut self, purpose: LinkPurpose, used: Option<LinkId>) {
        let ids: Vec<_> = self.open.iter().filter(|link| link.purpose == purpose).map(|link| link.id).collect();
        for id in ids {
            self.close(id, if Some(id) == used { Closing::Used } else { Closing::Superseded });
        }
    }

    /// Links whose time is over stay open until a job records that; a new request may come before it. One of them makes
    /// room, never one that can still be used.
    fn keep_to_the_bound(&mut self, purpose: LinkPurpose, now: Timestamp) {
        let of_purpose = || self.open.iter().filter(|link| link.purpose == purpose);
        if of_purpose().count() > MAX_OPEN_LINKS {
            let over = of_purpose().find(|link| link.valid_until <= now).or_else(|| of_purpose().next());
            if let Some(id) = over.map(|link| link.id) {
                self.close(id, Closing::Expired);
            }
        }
    }
}
