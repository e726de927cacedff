//! Which accounts changed, and in which fields: asked once, waited for, or followed as a stream of events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use chancery_eventstore::Position;
use chancery_projections::Field;
use chancery_service::applications::changes::{SeenChange, SeenChanges};
use chancery_service::position::LogPosition;
use futures::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::admitted::{Admitted, ToRead};
use super::follow::{Follower, Held};
use super::input::{self, Asked};
use super::problem::Problem;
use super::refusals::Refusals;
use crate::http::in_work::PlaceInWork;
use crate::site::Site;

/// Changes in one answer where nothing else is asked for.
const USUAL: u32 = 100;

/// The most changes in one answer.
const MOST: u32 = 500;

/// The longest that an answer waits for a change.
const LONGEST: u64 = 30;

/// How often a stream without changes says that it is there, and notices that nobody listens.
const ALIVE: Duration = Duration::from_secs(15);

/// Where to go on, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The position that the last answer named as `next`, or that of the last change; everything from the beginning
    /// where it is left out.
    #[param(pattern = r"^(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})$", example = "1.42", required = false)]
    after: Option<String>,
    /// The most changes in the answer.
    #[param(minimum = 1, maximum = 500, default = 100, required = false)]
    limit: Option<u32>,
    /// For how many seconds the answer waits for a change where there is none yet.
    #[param(minimum = 0, maximum = 30, default = 0, required = false)]
    wait: Option<u64>,
    /// The position that a command was answered with: the answer takes it into account, or is a problem that says what
    /// to do.
    #[serde(rename = "at-least")]
    #[param(pattern = r"^(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})$", example = "1.42", required = false)]
    at_least: Option<String>,
}

/// A field of an account.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangedField {
    /// `uid`.
    Uid,
    /// `first_name`.
    FirstName,
    /// `last_name`.
    LastName,
    /// `email`.
    Email,
    /// `mail_language`.
    MailLanguage,
    /// `state`.
    State,
    /// `created`.
    Created,
    /// `confirmed`.
    Confirmed,
}

impl From<Field> for ChangedField {
    fn from(field: Field) -> Self {
        match field {
            Field::Uid => Self::Uid,
            Field::FirstName => Self::FirstName,
            Field::LastName => Self::LastName,
            Field::Email => Self::Email,
            Field::MailLanguage => Self::MailLanguage,
            Field::State => Self::State,
            Field::Created => Self::Created,
            Field::Confirmed => Self::Confirmed,
        }
    }
}

/// A change of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Change {
    /// Where it stands.
    #[schema(example = "1.42")]
    pub position: String,
    /// The account's `id`.
    pub id: Uuid,
    /// The account's user ID; null once it is gone, and while the service cannot read it.
    pub uid: Option<String>,
    /// The fields that changed.
    pub fields: Vec<ChangedField>,
    /// Whether the account is gone: nobody ever confirmed it. Forget what you hold of it.
    pub gone: bool,
}

/// Changes, in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangesPage {
    /// The log's epoch. Where it is not the one that you know, start over.
    pub epoch: i64,
    /// The changes. None is left out, and none stands twice.
    pub changes: Vec<Change>,
    /// Where to go on: `after` of the next request.
    #[schema(example = "1.42")]
    pub next: String,
}

/// Follow changes
///
/// Which accounts changed, and in which fields, in the order of the log. With `Accept: text/event-stream` the answer is a
/// stream of Server-Sent Events named `change`, each with a change as its data and its position as its id; a client that
/// comes back with that as `Last-Event-ID` misses nothing. What an application holds open is cut when it may not ask any
/// more.
#[utoipa::path(
    get,
    path = "/v1/accounts/changes",
    operation_id = "followChanges",
    tag = "Accounts",
    params(
        Wanted,
        ("Last-Event-ID" = Option<String>, Header, description = "For streams: the id of the last event, in place of `after`."),
    ),
    responses(
        (status = 200, description = "The changes.", content((ChangesPage = "application/json"), (String = "text/event-stream"))),
        Refusals,
    ),
    security(("secret" = ["accounts:read"])),
)]
pub async fn follow(
    State(site): State<Site>,
    admitted: Admitted<ToRead>,
    Asked(wanted): Asked<Wanted>,
    Extension(place): Extension<PlaceInWork>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = wanted.limit.unwrap_or(USUAL);
    let wait = wanted.wait.unwrap_or(0);
    if !(1..=MOST).contains(&limit) || wait > LONGEST {
        return Err(Problem::invalid(format!("limit is 1 to {MOST}, wait is 0 to {LONGEST}")));
    }
    let streams = wants_events(&headers);
    let after = position(&site, "after", wanted.after.as_deref()).await?;
    let last = headers.get("last-event-id").filter(|_| streams).map(|value| value.to_str().unwrap_or_default());
    let after = position(&site, "Last-Event-ID", last).await?.or(after).unwrap_or(Position::START);
    if let Some(at_least) = position(&site, "at-least", wanted.at_least.as_deref()).await? {
        let come = site.app.changes_have_come(site.programs.watch.changes(), at_least).await?;
        come.map_err(|not| Problem::not_as_new(not, site.app.log))?;
    }
    let caller = admitted.caller;
    let held = if streams || wait > 0 { Some(site.programs.watch.hold(caller.stream)?) } else { None };
    if held.is_some() {
        place.give_up();
    }
    let (app, watch) = (site.app.clone(), site.programs.watch.clone());
    let mut follower = Follower::new(app, watch, caller, site.draining.clone(), after);
    let log = site.app.log;
    if streams {
        let open = Open { follower, _held: held, limit, log, draining: site.draining.clone() };
        return Ok(Sse::new(events(open)).into_response());
    }
    let page = follower.next(limit, Duration::from_secs(wait)).await?;
    let SeenChanges { changes, next } = page;
    let changes = changes.into_iter().map(|change| told(change, log)).collect();
    let page = ChangesPage { epoch: log.epoch, changes, next: log.position(next).to_string() };
    Ok(axum::Json(page).into_response())
}

/// A position that the request names, of this epoch and within the log.
async fn position(site: &Site, parameter: &str, text: Option<&str>) -> Result<Option<Position>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let given: LogPosition = input::position(parameter, text)?;
    let position = site.app.log.accept(given)?;
    site.app.has_come(position).await?.map_err(|not| Problem::not_as_new(not, site.app.log))?;
    Ok(Some(position))
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(',')).filter_map(|entry| entry.split(';').next());
    types.any(|entry| entry.trim().eq_ignore_ascii_case("text/event-stream"))
}

fn told(change: SeenChange, log: chancery_service::app::LogIdentity) -> Change {
    Change {
        position: log.position(change.position).to_string(),
        id: change.id.into(),
        uid: change.uid.map(|uid| uid.as_str().to_owned()),
        gone: change.fields.is_empty(),
        fields: change.fields.into_iter().map(ChangedField::from).collect(),
    }
}

/// A stream that is open.
struct Open {
    follower: Follower,
    _held: Option<Held>,
    limit: u32,
    log: chancery_service::app::LogIdentity,
    draining: tokio_util::sync::CancellationToken,
}

/// The stream: it ends when the application may not be told any more, or the service stops. Whoever comes back is told
/// why, or goes on elsewhere.
fn events(open: Open) -> impl Stream<Item = Result<Event, Infallible>> {
    let batches = stream::unfold((open, true), |(mut open, first)| async move {
        if open.draining.is_cancelled() {
            return None;
        }
        // The first word comes at once, so that a client knows that it is heard.
        let patience = if first { Duration::ZERO } else { ALIVE };
        let page = open.follower.next(open.limit, patience).await.ok()?;
        let log = open.log;
        let mut events: Vec<Result<Event, Infallible>> = Vec::with_capacity(page.changes.len() + 1);
        if page.changes.is_empty() {
            events.push(Ok(Event::default().comment(format!("epoch {}", log.epoch))));
        }
        for change in page.changes {
            let change = told(change, log);
            let event = Event::default().event("change").id(change.position.clone());
            // It is made of texts and numbers: there is nothing that JSON cannot say.
            events.push(Ok(event.json_data(&change).unwrap_or_else(|_| Event::default().comment("unreadable"))));
        }
        Some((stream::iter(events), (open, false)))
    });
    futures::StreamExt::flatten(batches)
}
