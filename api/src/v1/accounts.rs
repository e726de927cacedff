//! Accounts, as programs see them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_domain::Timestamp;
use chancery_domain::values::{EmailAddress, Uid};
use chancery_service::App;
use chancery_service::applications::authenticate::Caller;
use chancery_service::applications::read_account::{Answer, Seen, SeenAccount, Standing};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::admitted::{Admitted, ToRead, ToReadOne};
use super::etag::{self, Conditions};
use super::input::{self, Asked};
use super::kinds::Kind;
use super::problem::{FieldProblem, Problem};
use super::refusals::Refusals;
use crate::http::answer::roomy;
use crate::site::Site;

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccountState {
    /// Asked for; nobody has proved to own the address, and whoever asked typed the names.
    Unconfirmed,
    /// Its owner has proved the address.
    Active,
    /// An administrator stopped all use of it.
    Suspended,
}

/// An account. Sessions, networks and sign-ins are never told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Account {
    /// A name that says nothing of the person, by which changes tell of the account even when it is gone.
    pub id: Uuid,
    /// The account's name for ever.
    #[schema(example = "n7k2m9qx")]
    pub uid: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The address, exactly as mail goes to it.
    pub email: String,
    /// The language of mails, as a BCP 47 tag.
    #[schema(example = "en")]
    pub mail_language: String,
    /// How it stands.
    pub state: AccountState,
    /// When it was asked for.
    pub created: DateTime<Utc>,
    /// When its address was proved; null before.
    pub confirmed: Option<DateTime<Utc>>,
}

/// A moment as it is told. Every moment of the log is within the calendar.
pub(super) fn moment(at: Timestamp) -> DateTime<Utc> {
    at.to_datetime().unwrap_or_default()
}

impl From<&SeenAccount> for Account {
    fn from(seen: &SeenAccount) -> Self {
        Self {
            id: seen.id.into(),
            uid: seen.uid.as_str().to_owned(),
            first_name: seen.first_name.clone(),
            last_name: seen.last_name.clone(),
            email: seen.email.clone(),
            mail_language: seen.mail_language.tag().to_owned(),
            state: match seen.standing {
                Standing::Unconfirmed => AccountState::Unconfirmed,
                Standing::Active => AccountState::Active,
                Standing::Suspended => AccountState::Suspended,
            },
            created: moment(seen.created),
            confirmed: seen.confirmed.map(moment),
        }
    }
}

/// How new an answer must be.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Newness {
    /// The position that a command was answered with: the answer takes it into account, or is a problem that says what
    /// to do.
    #[serde(rename = "at-least")]
    #[param(pattern = r"^(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})$", example = "1.42", required = false)]
    pub at_least: Option<String>,
}

impl Newness {
    /// Holds what stands in the log's own state against it: that is always as new as the log.
    pub(super) async fn hold(&self, app: &App, caller: &Caller) -> Result<(), Problem> {
        let Some(text) = &self.at_least else { return Ok(()) };
        let position = app.position_from(caller, input::position("at-least", text)?)?;
        let not = |not| match caller.reads_accounts() {
            true => Problem::not_as_new(not, app.log),
            // How far the log has come is no business of whoever may not see accounts.
            false => Problem::new(Kind::PositionUnknown, "the log has not come to this position"),
        };
        app.has_come(position).await?.map_err(not)
    }
}

/// Read an account
///
/// The account with a user ID, as it is now. The entity tag changes with what is told here and with nothing else.
#[utoipa::path(
    get,
    path = "/v1/accounts/{uid}",
    operation_id = "readAccount",
    tag = "Accounts",
    params(
        ("uid" = String, Path, description = "The account's user ID.", example = "n7k2m9qx"),
        Newness,
        ("If-None-Match" = Option<String>, Header, description = "Entity tags that are known: if the account still has one of them, it is not sent again."),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the account must have one."),
    ),
    responses(
        (status = 200, description = "The account.", body = Account, headers(("ETag" = String, description = "The account's entity tag."))),
        (status = 304, description = "The account is as it is known.", headers(("ETag" = String, description = "The account's entity tag."))),
        Refusals,
    ),
    security(("secret" = ["accounts:read"])),
)]
pub async fn read(
    State(site): State<Site>,
    admitted: Admitted<ToReadOne>,
    Path(uid): Path<String>,
    Asked(newness): Asked<Newness>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    newness.hold(&site.app, &admitted.caller).await?;
    let uid = Uid::parse(&uid).map_err(|_| Problem::not_found("account"))?;
    let seen = match admitted.account {
        Some(seen) => seen,
        None => {
            let account = site.app.account_by_uid(&uid).await?.ok_or_else(|| Problem::not_found("account"))?;
            Arc::new(Seen::from(account))
        }
    };
    let Answer { body, tag } = answer(&seen, site.app.log.epoch)?;
    let mut response = match etag::judge(&conditions, tag, site.app.log)? {
        etag::Verdict::Send => {
            let mut response = roomy(body.clone());
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        etag::Verdict::NotModified => StatusCode::NOT_MODIFIED.into_response(),
    };
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    Ok(response)
}

/// The answer that tells of an account: made once, since its tag follows from it, and an epoch is the process's.
fn answer(seen: &Seen, epoch: i64) -> Result<&Answer, Problem> {
    if let Some(answer) = seen.answer.get() {
        return Ok(answer);
    }
    let body = serde_json::to_vec(&Account::from(&seen.account)).map_err(|error| internal(&error))?;
    let tag = etag::of(epoch, &body);
    Ok(seen.answer.get_or_init(|| Answer { body, tag }))
}

fn internal(error: &serde_json::Error) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "an answer cannot be written");
    Problem::new(Kind::Internal, "an error that is not the request's")
}

/// What is searched for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// The whole address. Case does not matter.
    #[schema(format = "email", max_length = 254, example = "ada@example.org")]
    pub email: String,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    /// The accounts: one or none, since no two have the same address.
    #[schema(max_items = 1)]
    pub accounts: Vec<Account>,
}

/// Search an account by its address
///
/// The address stands in the body, since URLs are logged. Only a whole address is found.
#[utoipa::path(
    post,
    path = "/v1/accounts/search",
    operation_id = "searchAccounts",
    tag = "Accounts",
    params(Newness),
    request_body = Search,
    responses((status = 200, description = "The accounts with this address.", body = Found), Refusals),
    security(("secret" = ["accounts:read"])),
)]
pub async fn search(
    State(site): State<Site>,
    admitted: Admitted<ToRead>,
    Asked(newness): Asked<Newness>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let search: Search = input::json(&headers, body).await?;
    newness.hold(&site.app, &admitted.caller).await?;
    let email = EmailAddress::parse(&search.email)
        .map_err(|error| Problem::fields(vec![FieldProblem { field: "email", detail: error.to_string() }]))?;
    let found = site.app.account_by_email(&email).await?;
    Ok(axum::Json(Found { accounts: found.iter().map(Account::from).collect() }).into_response())
}
