//! Signing in: the name, then the password. Both pages are the same for every name.

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_domain::values::{Password, SignInName};
use chancery_service::accounts::sign_in::SignInRefused;

use super::forms::{CHECK, TARGET};
use super::link::{end_replaced, keep_session};
use crate::http::answer::Reply;
use crate::http::target::local_target;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, LoginNamePage, LoginNotice, LoginPasswordPage, MessageKind, Problem, fields, paths};

/// The target that a query names, if it is one and not where everybody goes who wants to go nowhere else.
pub fn target_in(query: Option<&str>) -> Option<String> {
    path_in(query, TARGET).filter(|target| target != paths::ACCOUNT)
}

/// The path of our own that a query names, if it is one.
pub fn path_in(query: Option<&str>, name: &str) -> Option<String> {
    let value = query?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let decoded = percent_encoding::percent_decode_str(value).decode_utf8().ok()?;
    local_target(&decoded)
}

/// What a person is told of a target: its path, without what only machines read. Nothing of the account's own page,
/// to which everybody goes who wants to go nowhere else.
pub fn place_of(target: &str) -> Option<String> {
    let place = target.split(['?', '#']).next().unwrap_or_default();
    (![paths::ACCOUNT, "/"].contains(&place)).then(|| place.to_owned())
}

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let ended = query.as_deref().is_some_and(|query| query.split('&').any(|pair| pair == "ended"));
    let notice = ended.then_some(LoginNotice::SessionEnded);
    Ok(name_page(&visit, StatusCode::OK, "", Errors::default(), notice, target_in(query.as_deref())))
}

/// A GET of the second page, after a reload or a bookmark: begin with the name.
pub async fn restart(visit: Visit) -> Reply {
    Ok(visit.see_other(paths::LOGIN))
}

fn name_page(
    visit: &Visit,
    status: StatusCode,
    name: &str,
    errors: Errors,
    notice: Option<LoginNotice>,
    target: Option<String>,
) -> Response {
    let mut form = visit.keys(paths::LOGIN);
    let goes_on = target.as_deref().and_then(place_of).map(LoginNotice::GoesOnTo);
    form.extra.extend(target.map(|target| (TARGET, target)));
    let chrome = visit.chrome_at(&form.aside(paths::LOGIN));
    let page = LoginNamePage { chrome, form, name: name.to_owned(), errors, notice: notice.or(goes_on) };
    visit.page(status, &page)
}

pub async fn name(visit: Visit, body: Body) -> Reply {
    let (posted, _) = visit.read_form(body, paths::LOGIN, &[Field::Name.name(), TARGET]).await?;
    let (typed, target) = (posted.get(Field::Name.name()), local_target(posted.get(TARGET)));
    match SignInName::parse(typed) {
        Ok(name) => password_page(&visit, StatusCode::OK, name.as_typed(), Shown::default(), target).await,
        Err(wrong) => {
            let mut errors = Errors::default();
            errors.add(Field::Name, Problem::SignInName(wrong));
            Ok(name_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, typed, errors, None, target))
        }
    }
}

/// What the second page has to say of the last try.
#[derive(Default)]
struct Shown {
    failed: bool,
    public_computer: bool,
    check: bool,
    errors: Errors,
}

async fn password_page(visit: &Visit, status: StatusCode, name: &str, shown: Shown, target: Option<String>) -> Reply {
    let app = &visit.site.app;
    let policy = app.policy().await.map_err(|failure| visit.failed(&failure))?;
    let mut form = visit.keys(paths::LOGIN_PASSWORD);
    let needed =
        shown.check || app.sign_in_needs_check(&visit.client).await.map_err(|failure| visit.failed(&failure))?;
    let check = if needed { Some(visit.new_check(&mut form, &shown.errors).await?) } else { None };
    form.extra.extend(target.map(|target| (TARGET, target)));
    let page = LoginPasswordPage {
        chrome: visit.chrome_at(&form.aside(paths::LOGIN)),
        form,
        name: name.to_owned(),
        failed: shown.failed,
        public_computer: shown.public_computer,
        public_idle: std::time::Duration::from_secs(policy.policy.session_public.into()),
        errors: shown.errors,
        check,
    };
    Ok(visit.page(status, &page))
}

pub async fn password(mut visit: Visit, body: Body) -> Reply {
    let own: Vec<&str> = [Field::Name.name(), Field::Password.name(), fields::PUBLIC_COMPUTER, TARGET]
        .into_iter()
        .chain(CHECK)
        .collect();
    let (posted, command) = visit.read_form(body, paths::LOGIN_PASSWORD, &own).await?;
    let target = local_target(posted.get(TARGET));
    let Ok(name) = SignInName::parse(posted.get(Field::Name.name())) else {
        return Ok(visit.see_other(paths::LOGIN));
    };
    let public_computer = posted.has(fields::PUBLIC_COMPUTER);
    let typed = posted.get(Field::Password.name());
    let mut errors = Errors::default();
    if typed.is_empty() {
        errors.add(Field::Password, Problem::Missing);
    }
    let with_check = posted.has(fields::CHALLENGE);
    if with_check {
        visit.passes_check(&posted, &mut errors).await?;
    }
    if !errors.is_empty() {
        let shown = Shown { public_computer, check: with_check, errors, ..Shown::default() };
        return password_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, name.as_typed(), shown, target).await;
    }
    let app = visit.site.app.clone();
    let password = Password::from_typed(typed);
    let outcome = app.sign_in(&visit.client, command, &name, &password, public_computer, with_check).await;
    let response = match outcome {
        Ok(Ok(signed_in)) => {
            end_replaced(&visit, command).await?;
            keep_session(&mut visit, &signed_in);
            return Ok(visit.see_other(target.as_deref().unwrap_or(paths::ACCOUNT)));
        }
        Ok(Err(SignInRefused::Wrong)) => {
            let shown = Shown { failed: true, public_computer, ..Shown::default() };
            password_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, name.as_typed(), shown, target).await?
        }
        Ok(Err(SignInRefused::CheckNeeded)) => {
            let mut errors = Errors::default();
            errors.add(Field::Check, Problem::Missing);
            let shown = Shown { public_computer, check: true, errors, ..Shown::default() };
            password_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, name.as_typed(), shown, target).await?
        }
        Ok(Err(SignInRefused::Limit(reached))) => {
            visit.message(MessageKind::TooManyTries { retry: visit.wait(reached) })
        }
        Err(failure) => visit.failed(&failure),
    };
    Ok(visit.when_due(response).await)
}
