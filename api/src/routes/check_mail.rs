//! "Check your mail": the page that waits. It never tells whether a link was used, and is given a session by its code only.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_domain::account::LinkPurpose;
use chancery_domain::values::{EmailAddress, PersonName, SignInName};
use chancery_service::Failure;
use chancery_service::accounts::pending::Pending;
use chancery_service::accounts::register::Registration;
use chancery_service::accounts::renew_link::{RenewRefused, Wanted};
use chancery_service::secrets::forms::FormCommand;
use chancery_service::throttle::LimitReached;

use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{CheckMailNotice, CheckMailPage, Errors, Field, MailPurpose, MessageKind, Problem, paths};

pub async fn show(visit: Visit) -> Reply {
    let notice = (visit.here != paths::CHECK_MAIL).then_some(CheckMailNotice::SentAgain);
    let Some(pending) = waiting(&visit).await? else { return Ok(visit.see_other(paths::LOGIN)) };
    page(&visit, StatusCode::OK, &pending, "", Errors::default(), notice).await
}

async fn waiting(visit: &Visit) -> Result<Option<Pending>, Response> {
    visit.site.app.pending(&visit.client.browser).await.map_err(|failure| visit.failed(&failure))
}

async fn page(
    visit: &Visit,
    status: StatusCode,
    pending: &Pending,
    code: &str,
    errors: Errors,
    notice: Option<CheckMailNotice>,
) -> Reply {
    let policy = visit.site.app.policy().await.map_err(|failure| visit.failed(&failure))?;
    let page = CheckMailPage {
        chrome: visit.chrome_at(paths::CHECK_MAIL),
        form: visit.keys(paths::CHECK_MAIL),
        again: visit.keys(paths::CHECK_MAIL_AGAIN),
        purpose: match pending.purpose {
            LinkPurpose::Registration => MailPurpose::Registration,
            LinkPurpose::Reset | LinkPurpose::Suspension | LinkPurpose::Recovery => MailPurpose::Reset,
        },
        address: shown(&pending.typed),
        validity: policy.policy.link_validity(),
        code: code.to_owned(),
        errors,
        notice,
        target: pending.target.clone(),
    };
    Ok(visit.page(status, &page))
}

/// A typed name for the eyes; where it is an address, as all pages show addresses.
fn shown(typed: &str) -> String {
    EmailAddress::parse(typed).map_or_else(|_| typed.to_owned(), |email| email.display_safe())
}

pub async fn enter_code(visit: Visit, body: Body) -> Reply {
    let (posted, _) = visit.read_form(body, paths::CHECK_MAIL, &[Field::Code.name()]).await?;
    let Some(pending) = waiting(&visit).await? else { return Ok(visit.see_other(paths::LOGIN)) };
    let typed = posted.get(Field::Code.name());
    let mut errors = Errors::default();
    if typed.trim().is_empty() {
        errors.add(Field::Code, Problem::Missing);
        return page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &pending, typed, errors, None).await;
    }
    let response = match visit.site.app.enter_code(&visit.client, &pending, typed).await {
        Ok(Ok(Some(token))) => visit.see_other(&format!("{}{}", paths::LINK_PREFIX, token.expose())),
        Ok(Ok(None)) => {
            errors.add(Field::Code, Problem::CodeWrong);
            page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &pending, typed, errors, None).await?
        }
        Ok(Err(reached)) => visit.message(MessageKind::TooManyCodes { retry: visit.wait(reached) }),
        Err(failure) => visit.failed(&failure),
    };
    Ok(visit.when_due(response).await)
}

pub async fn again(visit: Visit, body: Body) -> Reply {
    let (_, command) = visit.read_form(body, paths::CHECK_MAIL_AGAIN, &[]).await?;
    let Some(pending) = waiting(&visit).await? else { return Ok(visit.see_other(paths::LOGIN)) };
    let response = match send_again(&visit, command, &pending).await {
        Ok(Ok(())) => visit.see_other(&format!("{}?again", paths::CHECK_MAIL)),
        Ok(Err(reached)) => visit.message(MessageKind::MailLimit { retry: visit.wait(reached) }),
        Err(failure) => visit.failed(&failure),
    };
    Ok(visit.when_due(response).await)
}

/// Does again what was asked for at first.
async fn send_again(
    visit: &Visit,
    command: FormCommand,
    pending: &Pending,
) -> Result<Result<(), LimitReached>, Failure> {
    let app = &visit.site.app;
    if let Some(stream) = pending.account {
        let Some(account) = app.account(stream).await? else { return Ok(Ok(())) };
        let wanted = Wanted::Path(pending.target.clone());
        return Ok(match app.renew_for(&visit.client, command, account, pending.language, wanted).await? {
            Err(RenewRefused::Limit(reached)) => Err(reached),
            Ok(()) | Err(RenewRefused::Gone) => Ok(()),
        });
    }
    match pending.purpose {
        LinkPurpose::Registration => {
            let names = (PersonName::parse(&pending.first_name), PersonName::parse(&pending.last_name));
            let (Ok(email), (Ok(first_name), Ok(last_name))) = (EmailAddress::parse(&pending.typed), names) else {
                return Ok(Ok(()));
            };
            let (language, target) = (pending.language, pending.target.clone());
            let Some(statement) = pending.statement.clone() else { return Ok(Ok(())) };
            let registration = Registration { first_name, last_name, email, language, target, statement };
            app.register(&visit.client, command, &registration).await
        }
        LinkPurpose::Reset | LinkPurpose::Suspension | LinkPurpose::Recovery => match SignInName::parse(&pending.typed)
        {
            Ok(name) => {
                app.request_reset(&visit.client, command, &name, pending.language, pending.target.as_deref()).await
            }
            Err(_) => Ok(Ok(())),
        },
    }
}
