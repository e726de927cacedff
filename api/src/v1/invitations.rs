//! Invitations. Nothing that is answered here, and no time that it takes, depends on whether an address has an account.

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_domain::application::Invitee;
use chancery_domain::invitation::InvitationPhase;
use chancery_domain::values::{EmailAddress, Language, PersonName};
use chancery_service::applications::authenticate::NotAdmitted;
use chancery_service::applications::invitation::{InvitationId, InvitationStanding};
use chancery_service::applications::invite::{InviteRefused, Invited, Request};
use chancery_service::applications::resend::ResendRefused;
use chancery_service::domains::DomainKind;
use chancery_service::throttle::LimitReached;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{Newness, moment};
use super::admitted::{Admitted, Needed, ToInvite, refusal};
use super::input::{self, Asked};
use super::kinds::Kind;
use super::problem::{FieldProblem, Problem};
use super::refusals::Refusals;
use crate::http::in_work::PlaceInWork;
use crate::site::Site;

/// Who is invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// The address. The mail goes there, and proves it.
    #[schema(format = "email", max_length = 254, example = "ada@example.org")]
    pub email: String,
    /// First name; whoever opens the link can correct it.
    #[schema(min_length = 1, example = "Ada")]
    pub first_name: String,
    /// Last name; whoever opens the link can correct it.
    #[schema(min_length = 1, example = "Lovelace")]
    pub last_name: String,
    /// The language of the mail; English where it is left out.
    #[serde(default)]
    pub mail_language: MailLanguage,
}

/// A language of mails.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailLanguage {
    /// German.
    De,
    /// Greek.
    El,
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl From<MailLanguage> for Language {
    fn from(language: MailLanguage) -> Self {
        match language {
            MailLanguage::De => Self::German,
            MailLanguage::El => Self::Greek,
            MailLanguage::En => Self::English,
            MailLanguage::Fr => Self::French,
        }
    }
}

/// What a command is answered with.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// The invitation's id.
    #[schema(example = "2c1f1d2b7a4e90533839616263646566")]
    pub id: String,
    /// From this position on every read takes it into account.
    #[schema(example = "1.42")]
    pub position: String,
}

/// How an invitation stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InvitationState {
    /// It can be accepted. That of an address that has an account already stays open until its time is over.
    Open,
    /// Whoever was invited has an account because of it.
    Accepted,
    /// Its time is over.
    Ended,
}

/// An invitation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: String,
    /// How it stands.
    pub state: InvitationState,
    /// When it was made.
    pub invited: DateTime<Utc>,
    /// When its time is over.
    pub ends: DateTime<Utc>,
}

impl From<InvitationStanding> for Invitation {
    fn from(standing: InvitationStanding) -> Self {
        Self {
            id: standing.id.to_string(),
            state: match standing.phase {
                InvitationPhase::Open => InvitationState::Open,
                InvitationPhase::Accepted => InvitationState::Accepted,
                InvitationPhase::Ended => InvitationState::Ended,
            },
            invited: moment(standing.invited),
            ends: moment(standing.ends),
        }
    }
}

/// Invite a person
///
/// A mail goes to the address with a link that ends a registration, or with the word that there is an account already.
/// Which of them, the application is not told.
#[utoipa::path(
    post,
    path = "/v1/invitations",
    operation_id = "invite",
    tag = "Invitations",
    params(("Idempotency-Key" = String, Header, description = "A random key: the same request with the same key is carried out once.", min_length = 1, max_length = 255, pattern = r"^[\x21-\x7E]+$")),
    request_body = NewInvitation,
    responses(
        (status = 202, description = "The person is invited.", body = Accepted, headers(("Location" = String, description = "The invitation."))),
        Refusals,
    ),
    security(("secret" = ["accounts:invite"])),
)]
pub async fn invite(
    State(site): State<Site>,
    admitted: Admitted<ToInvite>,
    Extension(place): Extension<PlaceInWork>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let key = input::idempotency_key(&headers)?;
    let invitee = checked(&site, place.without(input::json(&headers, body)).await??)?;
    let request = Request { key, details: admitted.details(), id: admitted.request };
    match site.app.invite(&admitted.caller, &request, &invitee).await? {
        Ok(invited) => Ok(accepted(invited)),
        Err(InviteRefused::Limit(reached)) => Err(limited(&site, reached)),
        Err(InviteRefused::NotAllowed) => Err(not_allowed()),
    }
}

/// Read an invitation
///
/// Whether it is open, accepted or ended.
#[utoipa::path(
    get,
    path = "/v1/invitations/{id}",
    operation_id = "readInvitation",
    tag = "Invitations",
    params(("id" = String, Path, description = "The invitation's id."), Newness),
    responses((status = 200, description = "The invitation.", body = Invitation), Refusals),
    security(("secret" = ["accounts:invite"])),
)]
pub async fn read(
    State(site): State<Site>,
    admitted: Admitted<ToInvite>,
    Path(id): Path<String>,
    Asked(newness): Asked<Newness>,
) -> Result<Response, Problem> {
    newness.hold(&site.app, &admitted.caller).await?;
    let standing = site.app.invitation(&admitted.caller, named(&id)?).await?;
    let standing = standing.ok_or_else(|| Problem::not_found("invitation"))?;
    Ok(axum::Json(Invitation::from(standing)).into_response())
}

/// Send an invitation's mail once more
///
/// Within the limits of the mailbox: whether a mail goes out, the application is not told.
#[utoipa::path(
    post,
    path = "/v1/invitations/{id}/resend",
    operation_id = "resendInvitation",
    tag = "Invitations",
    params(
        ("id" = String, Path, description = "The invitation's id."),
        ("Idempotency-Key" = String, Header, description = "A random key: the same request with the same key is carried out once.", min_length = 1, max_length = 255, pattern = r"^[\x21-\x7E]+$"),
    ),
    responses((status = 202, description = "The mail is asked for.", body = Accepted), Refusals),
    security(("secret" = ["accounts:invite"])),
)]
pub async fn resend(
    State(site): State<Site>,
    admitted: Admitted<ToInvite>,
    Path(id): Path<String>,
    Extension(place): Extension<PlaceInWork>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let key = input::idempotency_key(&headers)?;
    place.without(input::nothing(body)).await??;
    let request = Request { key, details: admitted.details(), id: admitted.request };
    match site.app.resend_invitation(&admitted.caller, &request, named(&id)?).await? {
        Ok(invited) => Ok(accepted(invited)),
        Err(ResendRefused::NoInvitation) => Err(Problem::not_found("invitation")),
        Err(ResendRefused::Closed(_)) => {
            Err(Problem::new(Kind::InvitationClosed, "the invitation was accepted, or its time is over"))
        }
        Err(ResendRefused::Limit(reached)) => Err(limited(&site, reached)),
        Err(ResendRefused::NotAllowed) => Err(not_allowed()),
    }
}

fn named(id: &str) -> Result<InvitationId, Problem> {
    id.parse().map_err(|_| Problem::not_found("invitation"))
}

fn accepted(invited: Invited) -> Response {
    let body = Accepted { id: invited.id.to_string(), position: invited.position.to_string() };
    let location = HeaderValue::from_str(&format!("/v1/invitations/{}", body.id));
    let mut response = (StatusCode::ACCEPTED, axum::Json(body)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Disabled or narrowed between the question whether it may and the decision.
fn not_allowed() -> Problem {
    refusal(NotAdmitted::Scope(ToInvite::SCOPE))
}

fn limited(site: &Site, reached: LimitReached) -> Problem {
    let wait = reached.until.since(site.app.now()).as_secs().max(1);
    Problem::retry(Kind::RateLimited, "the application has invited enough people for now", wait)
}

/// Holds every field against its rule: the same for every address, whatever is known of it.
fn checked(site: &Site, new: NewInvitation) -> Result<Invitee, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |field: &'static str, detail: String| errors.push(FieldProblem { field, detail });
    let mut name = |field: &'static str, typed: &str| {
        PersonName::parse(typed).map_err(|problems| wrong(field, problems.to_string())).ok()
    };
    let (first_name, last_name) = (name("first_name", &new.first_name), name("last_name", &new.last_name));
    let email = match EmailAddress::parse(&new.email) {
        Ok(email) => match site.app.domains.classify(&email) {
            DomainKind::Ordinary => Some(email),
            DomainKind::Disposable => {
                wrong("email", "the domain gives out disposable addresses".to_owned());
                None
            }
            DomainKind::Internal => {
                wrong("email", "people of this domain have internal accounts".to_owned());
                None
            }
        },
        Err(error) => {
            wrong("email", error.to_string());
            None
        }
    };
    match (first_name, last_name, email) {
        (Some(first_name), Some(last_name), Some(email)) => {
            Ok(Invitee { first_name, last_name, email, language: new.mail_language.into() })
        }
        _ => Err(Problem::fields(errors)),
    }
}
