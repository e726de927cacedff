//! Looking at a mailed link. Looking uses nothing up.

use chancery_domain::account::{Account, LinkPurpose, LinkStanding, OpenLink, Phase};
use chancery_domain::{BrowserTag, LinkId};
use chancery_eventstore::{Purpose, StreamKey};

use super::pending::Pending;
use super::{LoadedAccount, link_claim};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::links::LinkToken;
use crate::throttle::LimitReached;

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
    /// Its registration lapsed: begin anew.
    Lapsed,
    /// It is cut, guessed or of another installation.
    Damaged,
}

/// A link that can be used.
#[derive(Clone, Debug)]
pub struct OpenLinkView {
    /// The link.
    pub link: OpenLink,
    /// Its account.
    pub account: LoadedAccount,
    /// Whether this very browser asked for it: only then it goes on to the target.
    pub same_browser: bool,
}

impl App {
    /// How the link of a token stands.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn view_link(&self, token: &str, browser: BrowserTag) -> Result<LinkView, Failure> {
        let Some((id, purpose)) = self.read_link_token(token) else { return Ok(LinkView::Damaged) };
        let Some(account) = self.account_of_link(id).await? else { return Ok(LinkView::Lapsed) };
        if account.state.phase == Phase::Lapsed || matches!(account.key, StreamKey::Gone) {
            return Ok(LinkView::Lapsed);
        }
        if account.state.suspended {
            return Ok(LinkView::Expired(purpose));
        }
        Ok(match account.state.links.standing(id, self.now()) {
            LinkStanding::Open(link) => LinkView::Open(Box::new(OpenLinkView {
                same_browser: link.browser == Some(browser),
                link: link.clone(),
                account,
            })),
            LinkStanding::Used => LinkView::Used(purpose),
            LinkStanding::Superseded => LinkView::Superseded(purpose),
            LinkStanding::Expired => LinkView::Expired(purpose),
        })
    }

    /// The account that a link was mailed to.
    pub(crate) async fn account_of_link(&self, link: LinkId) -> Result<Option<LoadedAccount>, Failure> {
        Ok(self.store.find::<Account>(&link_claim(link)).await?)
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
        let now = self.now();
        let link = account.iter().filter(|account| !account.state.suspended).find_map(|account| {
            let open = account.state.links.open.iter();
            open.filter(|link| now < link.valid_until && link.browser == Some(tag))
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
