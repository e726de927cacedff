//! How many requests are worked on at once: above that they are turned away, those that are worth the least first. What
//! waits without work to do (an idle connection, an application that is told of changes) does not count.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::Response;
use chancery_eventstore::Priority;
use chancery_service::network::NetworkKey;
use chancery_service::places::{NetworkShare, NetworkShares, Place, Places};
use chancery_service::secrets::devices::KnownTo;
use chancery_service::secrets::sessions::SessionSecret;

use super::cookies::Cookie;
use super::trace::RequestId;
use super::trusted::client_of;
use super::visit::Visit;
use crate::pages::paths;
use crate::site::Site;
use crate::v1;

/// Requests that one node works on at once.
const MOST: usize = 4096;

/// The part of them that one network may have.
const OF_ONE_NETWORK: usize = MOST / 4;

/// When it is worth trying again.
pub const RETRY: Duration = Duration::from_secs(2);

/// The requests in work.
#[derive(Clone, Debug)]
pub struct InWork {
    places: Places,
    networks: NetworkShares,
    of_one_network: usize,
}

impl Default for InWork {
    fn default() -> Self {
        Self::new(MOST, OF_ONE_NETWORK)
    }
}

#[derive(Debug)]
struct Taken {
    _place: Place,
    _share: NetworkShare,
}

impl InWork {
    /// Room for so many requests, of one network for so many.
    #[must_use]
    pub fn new(most: usize, of_one_network: usize) -> Self {
        Self { places: Places::new(most), networks: NetworkShares::default(), of_one_network }
    }

    /// Takes a place, if there is one for what is worth this much: among all and among those of its network.
    fn take(&self, priority: Priority, network: NetworkKey) -> Option<Taken> {
        let place = self.places.take(priority)?;
        let share = self.networks.take(network, priority.share(self.of_one_network))?;
        Some(Taken { _place: place, _share: share })
    }
}

/// There is no room for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace;

/// A request's place among those in work, which stands in its extensions.
#[derive(Clone, Debug)]
pub struct PlaceInWork {
    in_work: InWork,
    priority: Priority,
    network: NetworkKey,
    taken: Arc<Mutex<Option<Taken>>>,
}

impl PlaceInWork {
    fn take(in_work: &InWork, priority: Priority, network: NetworkKey) -> Result<Self, NoPlace> {
        let place = Self { in_work: in_work.clone(), priority, network, taken: Arc::default() };
        place.take_again()?;
        Ok(place)
    }

    fn hold(&self, taken: Option<Taken>) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = taken;
    }

    fn take_again(&self) -> Result<(), NoPlace> {
        let taken = self.in_work.take(self.priority, self.network).ok_or(NoPlace)?;
        self.hold(Some(taken));
        Ok(())
    }

    /// Gives the place up before the answer: the request waits from here on, which is bounded elsewhere.
    pub fn give_up(&self) {
        self.hold(None);
    }

    /// Waits for what the client has still to send, its body, and holds no place meanwhile: whoever sends slowly keeps
    /// nobody out.
    ///
    /// # Errors
    /// When it is there, there is no room for the request.
    pub async fn without<T>(&self, arrives: impl Future<Output = T>) -> Result<T, NoPlace> {
        self.give_up();
        let arrived = arrives.await;
        self.take_again()?;
        Ok(arrived)
    }
}

/// What a request is worth, by its path and its cookies. Nobody has proved anything yet: a cookie that has the form of
/// ours may be anybody's, and only what the request does finds out. So this is no more than an order.
fn worth(uri: &Uri, headers: &HeaderMap, secure: bool) -> Priority {
    let path = uri.path();
    let is_of = |of: &str| path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let again = [paths::CHECK_MAIL_AGAIN, paths::LINK_AGAIN].contains(&path);
    if again || [paths::REGISTER, paths::LOST_PASSWORD, "/v1/invitations"].into_iter().any(is_of) {
        return Priority::Registration;
    }
    if v1::is_ours(uri) {
        return Priority::UnknownBrowser;
    }
    let is_signed_in = || Cookie::Session.read(headers, secure).and_then(SessionSecret::parse).is_some();
    if (path == "/" || [paths::ACCOUNT, paths::SIGN_OUT].into_iter().any(is_of)) && is_signed_in() {
        return Priority::Session;
    }
    match Cookie::Known.read(headers, secure).map(KnownTo::parse) {
        Some(known) if known != KnownTo::default() => Priority::KnownBrowser,
        _ => Priority::UnknownBrowser,
    }
}

/// Lets a request in or turns it away at once. One that asks for our health is let in whatever else is in work.
pub async fn bounded(site: &Site, in_work: &InWork, mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/health/") {
        return next.run(request).await;
    }
    let priority = worth(request.uri(), request.headers(), site.origin.is_secure());
    let network = client_of(request.extensions(), request.headers(), &site.trusted_proxies).into();
    let Ok(place) = PlaceInWork::take(in_work, priority, network) else { return turned_away(site, request).await };
    request.extensions_mut().insert(place.clone());
    let response = next.run(request).await;
    place.give_up();
    response
}

async fn turned_away(site: &Site, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    if v1::is_ours(&parts.uri) {
        let id = parts.extensions.get().map_or_else(|| site.app.new_id(), |RequestId(id)| *id);
        return v1::turned_away(site, id);
    }
    let Ok(visit) = Visit::from_request_parts(&mut parts, site).await;
    visit.turned_away()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::header;
    use data_encoding::BASE64URL_NOPAD;

    use super::*;

    fn network(n: u8) -> NetworkKey {
        NetworkKey::from(IpAddr::from([192, 0, 2, n]))
    }

    fn of(path: &str, cookies: &str) -> Priority {
        let headers = HeaderMap::from_iter([(header::COOKIE, cookies.parse().unwrap())]);
        worth(&path.parse().unwrap(), &headers, false)
    }

    #[test]
    fn a_request_is_worth_what_its_path_leads_to() {
        let session = format!("chancery-session={}", BASE64URL_NOPAD.encode(&[7; 32]));
        for (path, priority) in [
            ("/register", Priority::Registration),
            ("/lost-password", Priority::Registration),
            ("/check-mail/again", Priority::Registration),
            ("/v1/invitations/1/resend", Priority::Registration),
            ("/v1/accounts", Priority::UnknownBrowser),
            ("/login", Priority::UnknownBrowser),
            ("/login/password", Priority::UnknownBrowser),
            ("/check-mail", Priority::UnknownBrowser),
            ("/registered", Priority::UnknownBrowser),
            ("/accounts", Priority::UnknownBrowser),
            ("/", Priority::Session),
            ("/account/password", Priority::Session),
            ("/sign-out", Priority::Session),
            ("/sign-out/everywhere", Priority::Session),
        ] {
            assert_eq!(of(path, &session), priority, "{path}");
        }
    }

    #[test]
    fn a_path_of_people_who_are_signed_in_is_worth_more_only_with_a_session() {
        let known = format!("chancery-known={}", BASE64URL_NOPAD.encode(&[7; 32]));
        for path in ["/", "/account", "/sign-out"] {
            for cookies in ["", "chancery-session=x", "chancery-session=", "chancery-known=x"] {
                assert_eq!(of(path, cookies), Priority::UnknownBrowser, "{path} {cookies}");
            }
            assert_eq!(of(path, &known), Priority::KnownBrowser, "{path}");
        }
        assert_eq!(of("/login/password", &known), Priority::KnownBrowser);
        assert_eq!(of("/register", &known), Priority::Registration);
        assert_eq!(of("/v1/accounts", &known), Priority::UnknownBrowser, "nobody reads a program's cookies");
    }

    #[test]
    fn signing_out_finds_a_place_where_signing_in_finds_none() {
        // What bounds all requests, and what bounds those of one network.
        for in_work in [InWork::new(8, 800), InWork::new(800, 8)] {
            let of = |priority| std::iter::from_fn(|| in_work.take(priority, network(1))).collect::<Vec<_>>();
            let taken = Priority::ALL.map(of);
            assert_eq!(taken.each_ref().map(Vec::len), [4, 2, 1, 1]);
        }
    }

    #[test]
    fn one_network_has_a_part_only() {
        let in_work = InWork::new(8, 2);
        let first: Vec<_> = std::iter::from_fn(|| in_work.take(Priority::Session, network(1))).collect();
        assert_eq!(first.len(), 2);
        let others: Vec<_> = (2..8).map_while(|n| in_work.take(Priority::Session, network(n))).collect();
        assert_eq!(others.len(), 6, "what it is refused stays free for others");
    }

    #[test]
    fn a_request_that_waits_gives_its_place_up() {
        let in_work = InWork::new(1, 1);
        let take = |n| PlaceInWork::take(&in_work, Priority::Session, network(n));
        let place = take(1).unwrap();
        assert_eq!(take(2).unwrap_err(), NoPlace);
        place.give_up();
        assert!(take(2).is_ok());
    }

    #[tokio::test]
    async fn a_body_on_its_way_takes_no_place_and_needs_one_when_it_is_there() {
        let in_work = InWork::new(1, 1);
        let take = |n| PlaceInWork::take(&in_work, Priority::Session, network(n));
        let place = take(1).unwrap();
        let other = place.without(async { take(2).unwrap() }).await;
        assert_eq!(other.map(|_| ()), Err(NoPlace), "the other has the place");
    }
}
