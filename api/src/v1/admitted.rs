//! The application that asks: by the secret that it sends as a Bearer token, and by nothing else. Cookies are not looked at.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use chancery_domain::ActorDetails;
use chancery_domain::application::Scope;
use chancery_domain::values::Uid;
use chancery_service::applications::authenticate::{Caller, NotAdmitted};
use chancery_service::applications::read_account::Seen;
use chancery_service::secrets::applications::ApplicationSecret;
use uuid::Uuid;

use super::kinds::Kind;
use super::problem::Problem;
use super::quota::Left;
use crate::http::trace::RequestId;
use crate::http::trusted::client_of;
use crate::site::Site;

/// A scope that a handler needs, as a type.
pub trait Needed: Send + Sync {
    /// The scope.
    const SCOPE: Scope;

    /// The account that a request is about, if it may be read at the moment at which the application is judged.
    fn account(_: &Parts) -> Option<Uid> {
        None
    }
}

/// [`Scope::AccountsRead`].
#[derive(Clone, Copy, Debug)]
pub struct ToRead;

/// [`Scope::AccountsRead`], of one account, whose uid the path ends with.
#[derive(Clone, Copy, Debug)]
pub struct ToReadOne;

/// [`Scope::AccountsInvite`].
#[derive(Clone, Copy, Debug)]
pub struct ToInvite;

impl Needed for ToRead {
    const SCOPE: Scope = Scope::AccountsRead;
}

impl Needed for ToReadOne {
    const SCOPE: Scope = Scope::AccountsRead;

    fn account(parts: &Parts) -> Option<Uid> {
        // What is to be as new as something is read after that has come.
        parts.uri.query().is_none().then(|| parts.uri.path().rsplit('/').next())?.and_then(|uid| Uid::parse(uid).ok())
    }
}

impl Needed for ToInvite {
    const SCOPE: Scope = Scope::AccountsInvite;
}

/// The place where the answer's rate limit headers are noted.
#[derive(Clone, Debug, Default)]
pub struct Noted(pub Arc<OnceLock<Left>>);

/// An application that proved to be itself, has the scope, and has not asked too often.
#[derive(Debug)]
pub struct Admitted<N> {
    /// The application.
    pub caller: Caller,
    /// The address of its machine, and what that calls itself.
    machine: (IpAddr, Option<HeaderValue>),
    /// The request's id.
    pub request: Uuid,
    /// The account that the request is about, where it was read along with the application.
    pub account: Option<Arc<Seen>>,
    needed: PhantomData<N>,
}

impl<N> Admitted<N> {
    /// What is known of its machine.
    pub fn details(&self) -> ActorDetails {
        let (address, agent) = &self.machine;
        ActorDetails::of_request(*address, agent.as_ref().and_then(|agent| agent.to_str().ok()))
    }
}

/// What an application that may not ask is told.
#[must_use]
pub fn refusal(not: NotAdmitted) -> Problem {
    match not {
        NotAdmitted::Unknown => Problem::unauthenticated(true),
        NotAdmitted::Disabled => Problem::new(Kind::ApplicationDisabled, "an operator disabled the application"),
        NotAdmitted::Scope(scope) => Problem::scope_missing(scope),
    }
}

/// The secret of an `Authorization: Bearer …`.
fn secret_of(parts: &Parts) -> Result<ApplicationSecret, Problem> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Problem::unauthenticated(parts.headers.contains_key(header::AUTHORIZATION)));
    };
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    });
    token.and_then(ApplicationSecret::parse).ok_or_else(|| Problem::unauthenticated(true))
}

/// Asks who comes, and along with that for the account that the request is about, where nobody learns by the time of a
/// refusal whether there is one: of applications that were seen to read accounts before. Whether they still may is judged anew.
async fn admit<N: Needed>(
    parts: &Parts,
    site: &Site,
    secret: &ApplicationSecret,
) -> Result<(Caller, Option<Arc<Seen>>), Problem> {
    let readers = || site.programs.readers.lock().unwrap_or_else(PoisonError::into_inner);
    let (account, hash) = (N::account(parts), secret.hash());
    let known = readers().contains(&hash);
    let admitted = match account {
        Some(uid) if known => site.app.admit_to_account(secret, &uid).await?,
        _ => site.app.admit(secret, N::SCOPE).await?.map(|caller| (caller, None)),
    };
    let reads = matches!(&admitted, Ok((caller, _)) if caller.reads_accounts());
    if reads && !known {
        readers().insert(hash);
    } else if known && !reads {
        readers().remove(&hash);
    }
    admitted.map_err(refusal)
}

impl<N: Needed> FromRequestParts<Site> for Admitted<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let secret = secret_of(parts)?;
        let (caller, account) = admit::<N>(parts, site, &secret).await?;
        let left = site.programs.quota.take(caller.stream);
        if let Some(Noted(noted)) = parts.extensions.get() {
            let _ = noted.set(left);
        }
        if let Some(wait) = left.wait {
            return Err(Problem::retry(Kind::RateLimited, "the application asks too often", wait));
        }
        let address = client_of(&parts.extensions, &parts.headers, &site.trusted_proxies);
        let machine = (address, parts.headers.get(header::USER_AGENT).cloned());
        let request = parts.extensions.get().map_or_else(|| site.app.new_id(), |RequestId(id)| *id);
        Ok(Self { caller, machine, request, account, needed: PhantomData })
    }
}
