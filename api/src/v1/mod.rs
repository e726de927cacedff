//! `/v1`: what programs may ask. JSON in and out, problems as RFC 9457 has them, no cookies, no answers for other origins.

mod accounts;
mod admitted;
mod authenticator;
mod changes;
mod device;
mod etag;
mod follow;
mod input;
mod invitations;
mod kinds;
mod problem;
mod quota;
mod reference;
mod refusals;
mod window;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chancery_eventstore::Db;
use chancery_projections::AccountChanges;
use chancery_service::App;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::admitted::Noted;
use self::follow::Watch;
use self::kinds::Kind;
use self::problem::{Problem, ProblemBody};
use self::quota::Quota;
use crate::http::in_work::NoPlace;
use crate::http::trace::RequestId;
use crate::site::Site;

/// The page that describes the interface.
pub const PAGE: &str = "/v1/";

/// What the routes of programs share.
#[derive(Debug)]
pub struct Programs {
    quota: Quota,
    /// The hashes of secrets whose applications saw accounts the last time that they asked. It decides nothing but in how
    /// many statements they are looked up the next time.
    readers: Mutex<HashSet<[u8; 32]>>,
    /// Looks at the log for applications that wait: it must be run.
    pub watch: Arc<Watch>,
}

impl Programs {
    /// What the routes of programs need, over this database.
    #[must_use]
    pub fn new(app: &App, db: Db) -> Arc<Self> {
        let quota = Quota::new(app.limits.api_requests, Arc::clone(&app.clock));
        Arc::new(Self { quota, readers: Mutex::default(), watch: Watch::new(AccountChanges::new(db)) })
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Chancery for programs",
        description = "Who has an account, what changes about that, and how to invite people. An operator registers an \
                       application by `chancery application register`; its secret goes into every request as a Bearer \
                       token."
    ),
    tags(
        (name = "Accounts", description = "With the scope `accounts:read` an application sees every account."),
        (name = "Invitations", description = "With the scope `accounts:invite`. Nothing here tells whether an address has an account."),
    ),
    components(schemas(ProblemBody)),
    modifiers(&Secret),
)]
struct Description;

struct Secret;

impl Modify for Secret {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The application's secret.")).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("secret", SecurityScheme::Http(scheme));
    }
}

fn described() -> (Router<Site>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(changes::follow))
        .routes(routes!(accounts::search))
        .routes(routes!(accounts::read))
        .routes(routes!(invitations::invite))
        .routes(routes!(invitations::read))
        .routes(routes!(invitations::resend))
        .split_for_parts()
}

/// The description of the interface (OpenAPI 3.1), made from the handlers.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    described().1
}

/// The routes.
pub fn router() -> Router<Site> {
    let (routes, openapi) = described();
    let reference: Arc<reference::Reference> = Arc::new(reference::Reference::of(&openapi));
    let json: Arc<str> = openapi.to_json().unwrap_or_default().into();
    routes
        .route(PAGE, get(move |site: State<Site>| reference::show(site, Arc::clone(&reference))))
        .route("/v1", get(async || axum::response::Redirect::permanent(PAGE)))
        .route(
            "/v1/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json.to_string()) }),
        )
        .merge(authenticator::routes())
        .merge(device::routes())
}

/// Whether a path belongs to programs, the authenticator among them.
#[must_use]
pub fn is_ours(uri: &Uri) -> bool {
    uri.path() == "/v1" || uri.path().starts_with(PAGE) || authenticator::version(uri.path()).is_some()
}

/// The answer to a path that does not exist, or not by this method.
pub fn no_such_path(site: &Site, request: uuid::Uuid, uri: &Uri, method: bool) -> Response {
    let problem = if authenticator::version(uri.path()).is_some_and(|version| version != authenticator::VERSION) {
        Problem::new(
            Kind::AppOutdated,
            format!("the authenticator's messages are of version {}", authenticator::VERSION),
        )
    } else if method {
        Problem::new(Kind::MethodNotAllowed, "the path has no such method")
    } else {
        Problem::not_found("path")
    };
    written(site, request, problem.into_response())
}

/// The answer to a request for which there is no room.
pub fn turned_away(site: &Site, request: uuid::Uuid) -> Response {
    written(site, request, Problem::from(NoPlace).into_response())
}

/// A request of a program that is on its way.
pub struct Asking {
    id: uuid::Uuid,
    noted: Noted,
}

impl Asking {
    /// Begins one, if the path belongs to programs.
    pub fn begin(site: &Site, request: &mut Request) -> Option<Self> {
        is_ours(request.uri()).then(|| {
            let id = request.extensions().get().map_or_else(|| site.app.new_id(), |RequestId(id)| *id);
            let noted = Noted::default();
            request.extensions_mut().insert(noted.clone());
            Self { id, noted }
        })
    }

    /// Writes the quota's headers, and a problem's body.
    pub fn answered(self, site: &Site, response: Response) -> Response {
        let mut response = written(site, self.id, response);
        if let Some(left) = self.noted.0.get() {
            site.programs.quota.write(left, response.headers_mut());
        }
        response
    }
}

fn written(site: &Site, request: uuid::Uuid, mut response: Response) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    metrics::counter!("chancery_api_problems_total", "kind" => problem.kind.name()).increment(1);
    let body = problem.body(&site.app.settings.public_url, request);
    let body = serde_json::to_vec(&body).unwrap_or_default();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = body.into();
    response
}
