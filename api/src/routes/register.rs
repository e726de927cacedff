//! "Create an account".

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_domain::values::{EmailAddress, Language, PersonName};
use chancery_eventstore::Priority;
use chancery_service::accounts::register::Registration;
use chancery_service::accounts::statement::ShownStatement;
use chancery_service::domains::DomainKind;
use chancery_service::secrets::forms::FormCommand;

use super::forms::{CHECK, TARGET, WithoutScripts};
use crate::http::answer::Reply;
use crate::http::form::PostedForm;
use crate::http::target::local_target;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, MessageKind, Problem, RegisterPage, RegisterValues, fields, paths};

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let values = RegisterValues { mail_language: visit.language, ..RegisterValues::default() };
    form(&visit, StatusCode::OK, values, Errors::default(), super::login::target_in(query.as_deref())).await
}

async fn form(
    visit: &Visit,
    status: StatusCode,
    values: RegisterValues,
    errors: Errors,
    target: Option<String>,
) -> Reply {
    let mut keys = visit.keys(paths::REGISTER);
    let check = visit.new_check(&mut keys, &errors).await?;
    let app = &visit.site.app;
    let shown = app.statement_in_force(visit.language);
    keys.extra.push((fields::STATEMENT, app.statement_field(&keys.command, &shown)));
    keys.extra.extend(target.map(|target| (TARGET, target)));
    let page =
        RegisterPage { chrome: visit.chrome_at(&keys.aside(paths::REGISTER)), form: keys, values, errors, check };
    Ok(visit.page(status, &page))
}

pub async fn submit(visit: Visit, body: Body) -> Reply {
    let own: Vec<&str> =
        [Field::FirstName, Field::LastName, Field::Email, Field::ConfirmEmail, Field::MailLanguage, Field::Privacy]
            .iter()
            .map(|field| field.name())
            .chain(CHECK)
            .chain([TARGET, fields::STATEMENT])
            .collect();
    let (posted, command) = visit.read_form(body, paths::REGISTER, &own).await?;
    let mut errors = Errors::default();
    let registration = check(&visit, &posted, &mut errors);
    visit.site.app.is_open_to(Priority::Registration).map_err(|failure| visit.failed(&failure))?;
    let typed_address = posted.get(Field::Email.name());
    let repeated = passes_once(&visit, &posted, command, typed_address, &mut errors, WithoutScripts::Bounded).await?;
    let Some(registration) = registration.filter(|_| errors.is_empty()) else {
        if repeated {
            return Ok(visit.when_due(visit.see_other(paths::CHECK_MAIL)).await);
        }
        let target = local_target(posted.get(TARGET));
        return form(&visit, StatusCode::UNPROCESSABLE_ENTITY, typed(&visit, &posted, &errors), errors, target).await;
    };
    let response: Response = match visit.site.app.register(&visit.client, command, &registration).await {
        Ok(Ok(())) => visit.see_other(paths::CHECK_MAIL),
        Ok(Err(reached)) => visit.message(MessageKind::MailLimit { retry: visit.wait(reached) }),
        Err(failure) => visit.turned_away_with(&posted, &failure).await,
    };
    Ok(visit.when_due(response).await)
}

/// Whether this very form was sent before: its answer was lost, and it ends in the same place. Its check was passed then; of
/// every other form it is now, and what is wrong is added.
///
/// The button pressed twice sends it while it is still worked on: where the check was passed a moment ago it is asked once
/// more when the answer is due.
pub async fn passes_once(
    visit: &Visit,
    posted: &PostedForm,
    command: FormCommand,
    typed: &str,
    errors: &mut Errors,
    without_scripts: WithoutScripts,
) -> Result<bool, Response> {
    let app = &visit.site.app;
    let is_repeated =
        async || app.is_pending(&visit.client.browser, command, typed).await.map_err(|failure| visit.failed(&failure));
    if is_repeated().await? {
        return Ok(true);
    }
    if visit.passes_check(posted, errors, without_scripts).await? {
        app.until_answer_is_due(visit.arrived).await;
        if is_repeated().await? {
            *errors = Errors::default();
            return Ok(true);
        }
    }
    Ok(false)
}

fn typed(visit: &Visit, posted: &PostedForm, errors: &Errors) -> RegisterValues {
    let field = |field: Field| posted.get(field.name()).to_owned();
    RegisterValues {
        first_name: field(Field::FirstName),
        last_name: field(Field::LastName),
        email: field(Field::Email),
        confirm_email: field(Field::ConfirmEmail),
        mail_language: Language::from_tag(posted.get(Field::MailLanguage.name())).unwrap_or(visit.language),
        // A tick for another statement is none for this one.
        privacy: posted.has(Field::Privacy.name()) && !errors.has(Field::Privacy),
    }
}

/// The statement that was accepted, if it is still the one that was shown with the form: the log records that one.
pub fn accepted_statement(visit: &Visit, posted: &PostedForm, errors: &mut Errors) -> Option<ShownStatement> {
    let shown = visit.site.app.accepted_statement(posted.get(fields::COMMAND), posted.get(fields::STATEMENT));
    if !posted.has(Field::Privacy.name()) {
        errors.add(Field::Privacy, Problem::Missing);
        return None;
    }
    if shown.is_none() {
        errors.add(Field::Privacy, Problem::StatementChanged);
    }
    shown
}

/// Holds every field against its rule, in the order in which they stand.
fn check(visit: &Visit, posted: &PostedForm, errors: &mut Errors) -> Option<Registration> {
    let mut name =
        |field: Field| PersonName::parse(posted.get(field.name())).map_err(|wrong| errors.add_name(field, &wrong)).ok();
    let (first_name, last_name) = (name(Field::FirstName), name(Field::LastName));
    let email = EmailAddress::parse(posted.get(Field::Email.name()))
        .map_err(|wrong| errors.add(Field::Email, Problem::Email(wrong)))
        .ok()
        .filter(|email| match visit.site.app.domains.classify(email) {
            DomainKind::Ordinary => true,
            DomainKind::Disposable => {
                errors.add(Field::Email, Problem::EmailDisposable);
                false
            }
            DomainKind::Internal => {
                errors.add(Field::Email, Problem::EmailInternal);
                false
            }
        });
    let confirmation = posted.get(Field::ConfirmEmail.name()).trim();
    if confirmation.is_empty() {
        errors.add(Field::ConfirmEmail, Problem::Missing);
    } else if confirmation != posted.get(Field::Email.name()).trim() {
        errors.add(Field::ConfirmEmail, Problem::EmailsDiffer);
    }
    let language = Language::from_tag(posted.get(Field::MailLanguage.name()));
    if language.is_none() {
        errors.add(Field::MailLanguage, Problem::LanguageUnknown);
    }
    let statement = accepted_statement(visit, posted, errors);
    Some(Registration {
        first_name: first_name?,
        last_name: last_name?,
        email: email?,
        language: language?,
        target: local_target(posted.get(TARGET)),
        statement: statement?,
    })
}
