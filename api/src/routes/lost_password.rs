//! "Lost your password?".

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use chancery_domain::values::SignInName;
use chancery_eventstore::Priority;

use super::forms::{CHECK, TARGET, WithoutScripts};
use super::register::passes_once;
use crate::http::answer::Reply;
use crate::http::target::local_target;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, LostPasswordPage, MessageKind, Problem, paths};

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    form(&visit, StatusCode::OK, "", Errors::default(), super::login::target_in(query.as_deref())).await
}

async fn form(visit: &Visit, status: StatusCode, name: &str, errors: Errors, target: Option<String>) -> Reply {
    let mut keys = visit.keys(paths::LOST_PASSWORD);
    let check = visit.new_check(&mut keys, &errors).await?;
    keys.extra.extend(target.map(|target| (TARGET, target)));
    let chrome = visit.chrome_at(&keys.aside(paths::LOST_PASSWORD));
    let page = LostPasswordPage { chrome, form: keys, name: name.to_owned(), errors, check };
    Ok(visit.page(status, &page))
}

pub async fn submit(visit: Visit, body: Body) -> Reply {
    let own: Vec<&str> = [Field::Name.name(), TARGET].into_iter().chain(CHECK).collect();
    let (posted, command) = visit.read_form(body, paths::LOST_PASSWORD, &own).await?;
    let typed = posted.get(Field::Name.name());
    let target = local_target(posted.get(TARGET));
    let mut errors = Errors::default();
    let name = SignInName::parse(typed).map_err(|wrong| errors.add(Field::Name, Problem::SignInName(wrong))).ok();
    visit.site.app.is_open_to(Priority::Registration).map_err(|failure| visit.failed(&failure))?;
    passes_once(&visit, &posted, command, typed, &mut errors, WithoutScripts::Patient).await?;
    let Some(name) = name.filter(|_| errors.is_empty()) else {
        return form(&visit, StatusCode::UNPROCESSABLE_ENTITY, typed, errors, target).await;
    };
    let app = &visit.site.app;
    let response = match app.request_reset(&visit.client, command, &name, visit.language, target.as_deref()).await {
        Ok(Ok(())) => visit.see_other(paths::CHECK_MAIL),
        Ok(Err(reached)) => visit.message(MessageKind::MailLimit { retry: visit.wait(reached) }),
        Err(failure) => visit.turned_away_with(&posted, &failure).await,
    };
    Ok(visit.when_due(response).await)
}
