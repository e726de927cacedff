//! Parts that several commands share.

use minicbor::{Decode, Encode};

use crate::account::events::{
    AccountEvent, Credential, EmailLinkRepeated, EmailLinkRequested, LinkPurpose, PasswordReason, PasswordSet, Proof,
    SessionsEnded, SignedIn,
};
use crate::account::{Account, EndReason, LinkStanding, MAX_OPEN_LINKS, MAX_SESSIONS, Session, reached};
use crate::aggregate::Context;
use crate::ids::{BrowserTag, KeyId, LinkId, SessionId};
use crate::values::{Language, PasswordRule};

/// A link that a request may lead to, minted before the decision.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct NewLink {
    /// Its random id.
    #[n(0)]
    pub id: LinkId,
    /// The browser that asks.
    #[n(1)]
    pub browser: Option<BrowserTag>,
    /// Where that browser wants to go, validated, at most [`MAX_TARGET`](crate::account::MAX_TARGET) bytes.
    #[n(2)]
    pub target: Option<String>,
    /// The language of its mail.
    #[n(3)]
    pub language: Language,
}

impl NewLink {
    /// The same with nothing beside it: no code is typed for it, and it leads nowhere but to its page.
    pub(super) fn alone(&self) -> Self {
        Self { browser: None, target: None, ..self.clone() }
    }
}

/// A session that a command may open, minted before the decision.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct NewSession {
    /// Its random id.
    #[n(0)]
    pub id: SessionId,
    /// The hash of its secret.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secret_hash: [u8; 32],
    /// Whether the browser signed in to this account before.
    #[n(2)]
    pub known_browser: bool,
    /// On a computer that others use.
    #[n(3)]
    pub public_computer: bool,
    /// The session that is least recently used, by the volatile record of use: it makes room if need be.
    #[n(4)]
    pub least_recent: Option<SessionId>,
}

/// A password that satisfied the rule, hashed and sealed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct NewPassword {
    /// The sealed hash.
    #[n(0)]
    pub credential: Credential,
    /// The rule that it satisfied; the decision refuses another one than the policy's.
    #[n(1)]
    pub rule: PasswordRule,
}

/// What became of a typed password: computed against one version of the secret, and worth nothing against another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PasswordVerdict {
    /// The credential that it was compared with.
    #[n(0)]
    pub credential: KeyId,
    /// Whether it was right.
    #[n(1)]
    pub right: bool,
}

/// Why a typed password proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unproved {
    /// The account cannot be used, or has no password.
    NotUsable,
    /// The verdict is about another password than the one in force.
    Stale,
    /// It was wrong.
    Wrong,
}

/// Why a link cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
    /// It has been used.
    #[error("the link has been used")]
    Used,
    /// Another link of its purpose has been used.
    #[error("another link has been used instead")]
    Superseded,
    /// It is for something else.
    #[error("the link is for something else")]
    AnotherPurpose,
}

impl Account {
    /// Whether a typed password is the one in force.
    pub(super) fn judge_password(&self, verdict: PasswordVerdict) -> Result<(), Unproved> {
        match self.password.as_ref().filter(|_| self.is_usable()) {
            None => Err(Unproved::NotUsable),
            Some(password) if password.credential.key != verdict.credential => Err(Unproved::Stale),
            Some(_) if !verdict.right => Err(Unproved::Wrong),
            Some(_) => Ok(()),
        }
    }

    /// A new link of a purpose, or the newest open one again where [`MAX_OPEN_LINKS`] are open.
    pub(super) fn request_link(&self, purpose: LinkPurpose, link: &NewLink, context: Context<'_>) -> AccountEvent {
        let usable: Vec<_> = self.links.usable(purpose, context.moment()).collect();
        match usable.last() {
            Some(newest) if usable.len() >= MAX_OPEN_LINKS => AccountEvent::EmailLinkRepeated(EmailLinkRepeated {
                link: newest.id,
                browser: link.browser,
                language: Some(link.language),
            }),
            _ => AccountEvent::EmailLinkRequested(EmailLinkRequested {
                link: link.id,
                purpose,
                browser: link.browser,
                target: link.target.clone(),
                language: link.language,
                valid_until: context.now.plus(context.policy.mail_queue_limit()),
            }),
        }
    }

    /// Whether a link can be used for a purpose now.
    pub(super) fn check_link(
        &self,
        link: LinkId,
        purpose: LinkPurpose,
        context: Context<'_>,
    ) -> Result<(), LinkRefusal> {
        match self.links.standing(link, context.moment()) {
            LinkStanding::Open(open) if open.purpose == purpose => Ok(()),
            LinkStanding::Open(_) => Err(LinkRefusal::AnotherPurpose),
            LinkStanding::Used => Err(LinkRefusal::Used),
            LinkStanding::Superseded => Err(LinkRefusal::Superseded),
            LinkStanding::Expired => Err(LinkRefusal::Expired),
        }
    }

    /// The events that open a session, ending another one first where too many are open.
    pub(super) fn open_session(
        &self,
        session: &NewSession,
        proofs: Vec<Proof>,
        ended_before: &[SessionId],
        context: Context<'_>,
    ) -> Vec<AccountEvent> {
        let policy = context.policy;
        let lifetime = if session.public_computer { policy.session_public } else { policy.session_absolute };
        let open: Vec<_> = self
            .sessions
            .open
            .iter()
            .filter(|open| context.now < open.expires && !ended_before.contains(&open.id))
            .collect();
        let mut events = Vec::new();
        if open.len() >= MAX_SESSIONS {
            // One of an earlier epoch is nobody's any more, and goes first.
            let void = open.iter().find(|open| !open.is_open(context.moment())).map(|open| open.id);
            let named = session.least_recent.filter(|id| open.iter().any(|open| open.id == *id));
            let ended = void.or(named).unwrap_or(open[0].id);
            events.push(AccountEvent::SessionsEnded(SessionsEnded {
                sessions: vec![ended],
                reason: EndReason::TooMany,
                browsers_forgotten: false,
                note: None,
            }));
        }
        let (level, strengths) = reached(proofs.iter().copied());
        events.push(AccountEvent::SignedIn(SignedIn {
            session: session.id,
            secret_hash: session.secret_hash,
            proofs,
            known_browser: session.known_browser,
            public_computer: session.public_computer,
            idle: policy.session_idle.min(lifetime),
            expires: context.now.plus(std::time::Duration::from_secs(lifetime.into())),
            level,
            strengths,
            continues: None,
        }));
        events
    }

    /// The event by which a session goes on under another secret, after more was proved or the password changed in it. It
    /// lives no longer.
    pub(super) fn continue_session(
        &self,
        session: &Session,
        next: &NewSession,
        proofs: Vec<Proof>,
        context: Context<'_>,
    ) -> Vec<AccountEvent> {
        // The level is that of all that was ever proved in it; the proofs themselves are those of now.
        let (level, strengths) = reached(proofs.iter().copied().chain(session.proved(self.factors.devices.iter())));
        let next = NewSession { public_computer: session.public_computer, ..next.clone() };
        let mut events = self.open_session(&next, proofs, &[session.id], context);
        if let Some(AccountEvent::SignedIn(signed_in)) = events.last_mut() {
            signed_in.expires = session.expires;
            signed_in.level = level.max(session.level);
            signed_in.strengths = strengths;
            signed_in.continues = Some(session.id);
        }
        events
    }

    /// The event that ends all sessions; `None` if there is none to end and no browser to forget.
    pub(super) fn end_all_sessions(&self, reason: EndReason, browsers_forgotten: bool) -> Option<AccountEvent> {
        let sessions: Vec<_> = self.sessions.open.iter().map(|session| session.id).collect();
        (!sessions.is_empty() || browsers_forgotten).then_some(AccountEvent::SessionsEnded(SessionsEnded {
            sessions,
            reason,
            browsers_forgotten,
            note: None,
        }))
    }
}

impl NewPassword {
    pub(super) fn set(&self, reason: PasswordReason, link: Option<LinkId>) -> AccountEvent {
        AccountEvent::PasswordSet(PasswordSet { credential: self.credential.clone(), reason, rule: self.rule, link })
    }
}
