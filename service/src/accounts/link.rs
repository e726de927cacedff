//! Looking at a mailed link. Looking uses nothing up.

use chancery_domain::account::{Account, LinkPurpose, LinkStanding, OpenLink, Phase};
use chancery_domain::{Aggregate as _, LinkId};
use chancery_eventstore::{Purpose, StreamKey, Version};

use super::pending::Pending;
use super::{LoadedAccount, link_claim};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::links::{LinkToken, MailedLink};
use crate::throttle::LimitReached;

/// Events that are read of an account's history at a time.
const HISTORY_PAGE: u32 = 500;

/// What a link's page shows.
#[derive(Clone, Debug)]
pub enum LinkView {
    /// It can be used.
    Open(Box<OpenLinkView>),
    /// It did what it was for.
    Used(LinkPurpose),
    /// Another one did.
    Superseded(LinkPurpose),
    /// Its time is over.
    Expired(LinkPurpose),
    /// It is for something else than its token says.
    OtherPurpose,
    /// Its registration lapsed: begin anew.
    Lapsed,
    /// It is cut, guessed, of another installation, or of an earlier epoch that knew more than the log does now.
    Damaged,
}

/// A link that can be used.
#[derive(Clone, Debug)]
pub struct OpenLinkView {
    /// The link.
    pub link: OpenLink,
    /// Its account.
    pub account: LoadedAccount,
}

impl App {
    /// How the link of a token stands.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn view_link(&self, token: &str) -> Result<LinkView, Failure> {
        let Some(MailedLink { id, purpose, is_void }) = self.read_link_token(token) else {
            return Ok(LinkView::Damaged);
        };
        let Some(account) = self.account_of_link(id).await? else {
            // Of an earlier epoch it may have been asked for in the part of the log that is lost, for whatever account.
            return Ok(if is_void { LinkView::Damaged } else { LinkView::Lapsed });
        };
        if account.state.phase == Phase::Lapsed || matches!(account.key, StreamKey::Gone) {
            return Ok(LinkView::Lapsed);
        }
        if account.state.suspended || is_void {
            return Ok(LinkView::Expired(purpose));
        }
        Ok(match account.state.links.standing(id, self.moment()) {
            LinkStanding::Open(link) if link.purpose != purpose => LinkView::OtherPurpose,
            LinkStanding::Open(link) => LinkView::Open(Box::new(OpenLinkView { link: link.clone(), account })),
            LinkStanding::Used => LinkView::Used(purpose),
            LinkStanding::Superseded => LinkView::Superseded(purpose),
            LinkStanding::Expired => LinkView::Expired(purpose),
        })
    }

    /// The account that a link was mailed to.
    pub(crate) async fn account_of_link(&self, link: LinkId) -> Result<Option<LoadedAccount>, Failure> {
        Ok(self.store.find::<Account>(&link_claim(link)).await?)
    }

    /// A link as it stood when it could still be used: of one that is closed the state tells only how that came. Reads
    /// the account's history then, which is worth it on rare ways only.
    pub(crate) async fn link_as_it_was(
        &self,
        account: &LoadedAccount,
        link: LinkId,
    ) -> Result<Option<OpenLink>, Failure> {
        if let Some(open) = account.state.links.find(link) {
            return Ok(Some(open.clone()));
        }
        let (mut state, mut version, mut found) = (Account::default(), Version(0), None);
        loop {
            let rows = self.store.backend().read_stream(account.stream, version, HISTORY_PAGE).await?;
            for row in &rows {
                state.evolve(row.decided, &self.store.open_event(row).await?);
                found = state.links.find(link).cloned().or(found);
                version = row.version;
            }
            if rows.len() < HISTORY_PAGE as usize {
                return Ok(found);
            }
        }
    }

    /// The token of the open link whose code was typed by the browser that asked for it; `None` for a wrong code, for
    /// one whose link was used, and for any code typed elsewhere. Tries are counted per address.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn enter_code(
        &self,
        client: &Client,
        pending: &Pending,
        typed: &str,
    ) -> Result<Result<Option<LinkToken>, LimitReached>, Failure> {
        let (account, typed_name) = self.pending_account(pending).await?;
        let counter = self.name_counter("code", &typed_name);
        if let Err(reached) = self.take(self.limits.code_tries, &counter).await? {
            return Ok(Err(reached));
        }
        let tag = self.browser_tag(&client.browser);
        let (now, moment) = (self.now(), self.moment());
        let link = account.iter().filter(|account| !account.state.suspended).find_map(|account| {
            let open = account.state.links.open.iter();
            open.filter(|link| link.is_usable(moment) && link.is_asked_by(tag))
                .filter(|link| self.is_link_code(link.id, typed))
                .map(|link| (link.id, link.purpose))
                .next()
        });
        Ok(Ok(match link {
            Some((id, purpose)) => {
                self.store.backend().give_back(&[counter], now).await?;
                Some(self.link_token(id, purpose))
            }
            None => None,
        }))
    }

    /// The key of a counter about a typed name, whether it has an account or not. The address and the uid of an account
    /// are counted apart: a shared counter would tell who knows the uid whose address it is.
    pub(crate) fn name_counter(&self, what: &str, typed: &str) -> [u8; 32] {
        self.counter(&[what.as_bytes(), typed.as_bytes()])
    }

    /// The key of a volatile counter.
    pub(crate) fn counter(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.store.service_mac(Purpose::Throttle, parts)
    }
}
