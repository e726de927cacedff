//! Signing in: the name, then the password. Both pages are the same for every name.

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use chancery_domain::values::{Password, SignInName};
use chancery_service::accounts::complete_link::Entered;
use chancery_service::accounts::sign_in::SignInRefused;
use chancery_service::factors::AskedNext;
use chancery_service::factors::adaptive::AfterName;

use super::forms::{CHECK, TARGET, WithoutScripts};
use super::link::{end_replaced, keep_session};
use super::verify::second_step_next;
use crate::http::answer::Reply;
use crate::http::target::local_target;
use crate::http::visit::Visit;
use crate::pages::{
    Errors, Field, LoginNamePage, LoginNotice, LoginPasswordPage, MessageKind, PasskeyForms, Problem, fields, paths,
};

/// The target that a query names, if it is one and not where everybody goes who wants to go nowhere else.
pub fn target_in(query: Option<&str>) -> Option<String> {
    path_in(query, TARGET).filter(|target| target != paths::ACCOUNT)
}

/// The value in a query, as it stands there.
pub fn value_in<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The path of our own that a query names, if it is one.
pub fn path_in(query: Option<&str>, name: &str) -> Option<String> {
    let value = value_in(query?, name)?;
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
    let shown = NameShown { notice, ..NameShown::default() };
    name_page(&visit, StatusCode::OK, shown, target_in(query.as_deref())).await
}

/// A GET of the second page, after a reload or a bookmark: begin with the name.
pub async fn restart(visit: Visit) -> Reply {
    Ok(visit.see_other(paths::LOGIN))
}

/// What the first page has to say of the last try.
#[derive(Default)]
pub struct NameShown<'a> {
    pub name: &'a str,
    pub errors: Errors,
    pub notice: Option<LoginNotice>,
    pub public_computer: bool,
}

pub async fn name_page(visit: &Visit, status: StatusCode, shown: NameShown<'_>, target: Option<String>) -> Reply {
    let NameShown { name, errors, notice, public_computer } = shown;
    let mut form = visit.keys(paths::LOGIN);
    let goes_on = target.as_deref().and_then(place_of).map(LoginNotice::GoesOnTo);
    let app = &visit.site.app;
    let policy = app.policy().await.map_err(|failure| visit.failed(&failure))?.policy;
    let public_idle = std::time::Duration::from_secs(policy.session_public.into());
    let passkey = app.offers_passkey_first(&policy).then(|| {
        let (mut answer, question) = (visit.keys(paths::LOGIN_PASSKEY), visit.keys(paths::LOGIN_PASSKEY_QUESTION));
        answer.extra.extend(target.clone().map(|target| (TARGET, target)));
        PasskeyForms { answer, question, public_computer, public_idle }
    });
    form.extra.extend(target.map(|target| (TARGET, target)));
    let chrome = visit.chrome_at(&form.aside(paths::LOGIN));
    let page = LoginNamePage { chrome, form, passkey, name: name.to_owned(), errors, notice: notice.or(goes_on) };
    Ok(visit.page(status, &page))
}

pub async fn name(mut visit: Visit, body: Body) -> Reply {
    let (posted, _) = visit.read_form(body, paths::LOGIN, &[Field::Name.name(), TARGET]).await?;
    let (typed, target) = (posted.get(Field::Name.name()), local_target(posted.get(TARGET)));
    match SignInName::parse(typed) {
        Ok(name) => {
            let next = visit.site.app.begin_sign_in(&visit.client, &name).await;
            match next.map_err(|failure| visit.failed(&failure))? {
                AfterName::SecondFactor(proof) => Ok(second_step_next(&mut visit, &proof, target.as_deref())),
                AfterName::Password { looked_up } => {
                    let response = password_next(&visit, &name, target).await?;
                    Ok(if looked_up { visit.when_due(response).await } else { response })
                }
            }
        }
        Err(wrong) => {
            let mut errors = Errors::default();
            errors.add(Field::Name, Problem::SignInName(wrong));
            let shown = NameShown { name: typed, errors, ..NameShown::default() };
            name_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, shown, target).await
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

/// The page on which nothing was typed yet.
pub async fn password_next(visit: &Visit, name: &SignInName, target: Option<String>) -> Reply {
    password_page(visit, StatusCode::OK, name, Shown::default(), target).await
}

async fn password_page(
    visit: &Visit,
    status: StatusCode,
    name: &SignInName,
    shown: Shown,
    target: Option<String>,
) -> Reply {
    let app = &visit.site.app;
    let policy = app.policy().await.map_err(|failure| visit.failed(&failure))?;
    let mut form = visit.keys(paths::LOGIN_PASSWORD);
    let asked = app.sign_in_needs_check(&visit.client, name).await.map_err(|failure| visit.failed(&failure))?;
    let check = if shown.check || asked.needed { Some(visit.new_check(&mut form, &shown.errors).await?) } else { None };
    form.extra.extend(target.map(|target| (TARGET, target)));
    let page = LoginPasswordPage {
        chrome: visit.chrome_at(&form.aside(paths::LOGIN)),
        form,
        name: name.as_typed().to_owned(),
        failed: shown.failed,
        public_computer: shown.public_computer,
        public_idle: std::time::Duration::from_secs(policy.policy.session_public.into()),
        errors: shown.errors,
        check,
    };
    let response = visit.page(status, &page);
    Ok(if asked.looked_up { visit.when_due(response).await } else { response })
}

/// Where a browser goes on whose person signed in with the password alone.
fn landing(asked: AskedNext, target: Option<String>) -> String {
    match asked {
        AskedNext::MustAddFactor => format!("{}?done=must-add", paths::SECURITY),
        // Nobody is kept from where they wanted to go by what can be done later.
        AskedNext::AddFactor if target.is_none() => format!("{}?done=asked-again", paths::ACCOUNT),
        AskedNext::AddFactor | AskedNext::Nothing => target.unwrap_or_else(|| paths::ACCOUNT.to_owned()),
    }
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
        let known = visit.site.app.is_known_browser(&visit.client, &name).await;
        let known = known.map_err(|failure| visit.failed(&failure))?;
        let without_scripts = if known { WithoutScripts::Free } else { WithoutScripts::Bounded };
        visit.passes_check(&posted, &mut errors, without_scripts).await?;
    }
    if !errors.is_empty() {
        let shown = Shown { public_computer, check: with_check, errors, ..Shown::default() };
        let response = password_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &name, shown, target).await?;
        // Of a browser that knows some account it was asked whether it is this one.
        let is_looked_up = with_check && !visit.client.known.is_empty();
        return Ok(if is_looked_up { visit.when_due(response).await } else { response });
    }
    let app = visit.site.app.clone();
    let password = Password::from_typed(typed);
    let outcome = app.sign_in(&visit.client, command, &name, &password, public_computer, with_check).await;
    let response = match outcome {
        Ok(Ok(Entered::SecondFactorNext { proof, .. })) => {
            return Ok(second_step_next(&mut visit, &proof, target.as_deref()));
        }
        Ok(Ok(Entered::SignedIn(signed_in, asked))) => {
            end_replaced(&visit, command).await?;
            keep_session(&mut visit, &signed_in);
            return Ok(visit.see_other(&landing(asked, target)));
        }
        Ok(Err(SignInRefused::Wrong)) => {
            let shown = Shown { failed: true, public_computer, ..Shown::default() };
            password_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &name, shown, target).await?
        }
        Ok(Err(SignInRefused::CheckNeeded)) => {
            let mut errors = Errors::default();
            errors.add(Field::Check, Problem::Missing);
            let shown = Shown { public_computer, check: true, errors, ..Shown::default() };
            password_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &name, shown, target).await?
        }
        Ok(Err(SignInRefused::Limit(reached))) => {
            visit.message(MessageKind::TooManyTries { retry: visit.wait(reached) })
        }
        Err(failure) if with_check => visit.turned_away_with(&posted, &failure).await,
        Err(failure) => visit.failed(&failure),
    };
    Ok(visit.when_due(response).await)
}
