//! All devices lost: whoever knows the password is mailed a link, and suspends them there.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_domain::values::Password;
use chancery_service::accounts::link::{LinkView, OpenLinkView};
use chancery_service::factors::suspend::SuspensionRefused;

use super::link;
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, LostPage, LostState, MessageKind, Problem, paths};

fn page(visit: &Visit, status: StatusCode, state: LostState, errors: Errors) -> Response {
    visit.page(status, &LostPage { chrome: visit.chrome(), state, errors })
}

pub async fn show(visit: Visit) -> Reply {
    let step = visit.site.app.second_step(&visit.client).await.map_err(|failure| visit.failed(&failure))?;
    let Some(step) = step.filter(|step| !step.by_browser) else { return Ok(visit.see_other(paths::LOGIN)) };
    let state = LostState::Ask { form: visit.keys(paths::LOGIN_LOST), recovery: step.recovers };
    Ok(page(&visit, StatusCode::OK, state, Errors::default()))
}

pub async fn ask(visit: Visit, body: Body) -> Reply {
    let (_, command) = visit.read_form(body, paths::LOGIN_LOST, &[]).await?;
    let asked = visit.site.app.request_suspension(&visit.client, command).await;
    let state = match asked.map_err(|failure| visit.failed(&failure))? {
        Ok(()) => LostState::Sent,
        Err(SuspensionRefused::NoneThere) => LostState::NoneThere,
        Err(SuspensionRefused::Limit(reached)) => {
            return Ok(visit.message(MessageKind::MailLimit { retry: visit.wait(reached) }));
        }
        Err(SuspensionRefused::Gone | SuspensionRefused::WrongPassword | SuspensionRefused::Link) => {
            return Ok(visit.see_other(paths::LOGIN));
        }
    };
    Ok(page(&visit, StatusCode::OK, state, Errors::default()))
}

/// The page of a link that can be used; with what is wrong with the password that was typed.
pub fn link_page(visit: &Visit, open: &OpenLinkView, problem: Option<Problem>) -> Response {
    let action = link::action(visit, open);
    let identity = open.account.state.identity.as_ref();
    let mut errors = Errors::default();
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if let Some(problem) = problem {
        errors.add(Field::Password, problem);
    }
    let state = LostState::Link {
        form: visit.keys(&action),
        action,
        masked_email: identity.map_or_else(String::new, |identity| identity.email.masked()),
    };
    page(visit, status, state, errors)
}

/// The page of a link that can no longer be used.
pub fn over(visit: &Visit) -> Response {
    page(visit, StatusCode::GONE, LostState::Over, Errors::default())
}

pub async fn suspend(visit: Visit, token: &str, body: Body) -> Reply {
    let action = format!("{}{token}", paths::LINK_PREFIX);
    let (posted, command) = visit.read_form(body, &action, &[Field::Password.name()]).await?;
    let app = visit.site.app.clone();
    let typed = posted.get(Field::Password.name());
    let problem = if typed.is_empty() {
        Problem::Missing
    } else {
        let told = app.suspend_factors(&visit.client, command, token, &Password::from_typed(typed)).await;
        match told.map_err(|failure| visit.failed(&failure))? {
            Ok(()) => return Ok(page(&visit, StatusCode::OK, LostState::Done, Errors::default())),
            Err(SuspensionRefused::WrongPassword) => Problem::PasswordWrong,
            Err(SuspensionRefused::NoneThere) => {
                return Ok(page(&visit, StatusCode::OK, LostState::NoneThere, Errors::default()));
            }
            Err(SuspensionRefused::Limit(reached)) => {
                return Ok(visit.message(MessageKind::TooManyTries { retry: visit.wait(reached) }));
            }
            Err(SuspensionRefused::Gone | SuspensionRefused::Link) => return Ok(over(&visit)),
        }
    };
    match app.view_link(token).await.map_err(|failure| visit.failed(&failure))? {
        LinkView::Open(open) => Ok(link_page(&visit, &open, Some(problem))),
        _ => Ok(over(&visit)),
    }
}
