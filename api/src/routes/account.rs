//! "My account".

use std::time::Duration;

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_domain::SessionId;
use chancery_domain::account::commands::Which;
use chancery_domain::values::{Language, Password};
use chancery_projections::PastSignIn;
use chancery_service::accounts::change_password::ChangeRefused;
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::factors::recovery::open_recovery;
use uuid::Uuid;

use super::link::{RETURN_TO, keep_session, typed_password};
use super::login::{path_in, place_of};
use super::recovery;
use super::verify::{is_on_a_phone, verify_first};
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{
    AccountForms, AccountNotice, AccountPage, Browser, Errors, Field, MessageKind, PasswordRules, Problem, SessionRow,
    SignInRow, SmsEnds, fields, paths,
};

/// The front door: whoever is signed in meets the account, anybody else the sign-in.
pub async fn home(visit: Visit) -> Reply {
    Ok(visit.see_other(paths::ACCOUNT))
}

/// A GET of what only a button posts to: the way back.
pub async fn back(visit: Visit) -> Reply {
    Ok(visit.see_other(paths::ACCOUNT))
}

/// The signed-in person; anybody else is led to the sign-in and from there back.
pub async fn person(visit: &Visit) -> Result<SignedInPerson, Response> {
    let person = person_at(visit, paths::ACCOUNT).await?;
    let (factors, session) = (&person.account.state.factors, &person.session);
    if person.account.state.recovery.factor_owed || factors.stands_in_for(session) {
        // After a recovery, and after the last sign-in by SMS, a device is added before anything else.
        return Err(visit.see_other(paths::SECURITY));
    }
    Ok(person)
}

/// The same on a page to which the sign-in is to lead back.
pub async fn person_at(visit: &Visit, page: &str) -> Result<SignedInPerson, Response> {
    let ended = match &visit.session {
        Some(secret) => match visit.site.app.signed_in(secret).await {
            Ok(Some(person)) => return Ok(person),
            Ok(None) => true,
            Err(failure) => return Err(visit.failed(&failure)),
        },
        None => false,
    };
    Err(visit.see_other(&format!("{}?{}target={page}", paths::LOGIN, if ended { "ended&" } else { "" })))
}

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let person = person(&visit).await?;
    let done = query.as_deref().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("done=")));
    let return_to = path_in(query.as_deref(), RETURN_TO).as_deref().and_then(place_of);
    let notice = match done {
        Some("welcome") => Some(AccountNotice::Welcome { return_to }),
        Some("asked-again") => Some(AccountNotice::AskedAgain),
        Some("password-reset") => Some(AccountNotice::PasswordReset { return_to }),
        Some("password-changed") => Some(AccountNotice::PasswordChanged),
        Some("language-changed") => Some(AccountNotice::LanguageChanged),
        Some("sms-ends") => match SmsEnds::of(&person.account.state.factors) {
            Some(SmsEnds::On(moment)) => Some(AccountNotice::SmsEnds(moment)),
            _ => None,
        },
        Some("session-ended") => Some(AccountNotice::SessionEnded),
        _ => None,
    };
    page(&visit, StatusCode::OK, &person, notice, None, Errors::default()).await
}

async fn page(
    visit: &Visit,
    status: StatusCode,
    person: &SignedInPerson,
    notice: Option<AccountNotice>,
    rules: Option<PasswordRules>,
    errors: Errors,
) -> Reply {
    let app = &visit.site.app;
    let failed = |failure| visit.failed(&failure);
    let Some(identity) = &person.account.state.identity else {
        return Ok(visit.see_other(paths::LOGIN));
    };
    let policy = app.policy().await.map_err(failed)?;
    let kept = Duration::from_secs(policy.policy.network_data_retention.into());
    let recent = visit.site.activity.recent(person.account.stream, visit.now().minus(kept)).await;
    let recent = recent.map_err(|error| visit.failed(&error.into()))?;
    let browser = |sign_in: &PastSignIn| sign_in.user_agent.as_deref().map(Browser::from_user_agent);
    let mut sessions = Vec::new();
    for open in app.open_sessions(&person.account).await.map_err(failed)? {
        sessions.push(SessionRow {
            id: open.session.id.to_string(),
            began: open.session.began,
            last_used: open.last_used,
            browser: recent.iter().find(|sign_in| sign_in.session == open.session.id).and_then(browser),
            public_computer: open.session.public_computer,
            current: open.session.id == person.session.id,
            end: visit.keys(paths::ACCOUNT_SESSION_END),
        });
    }
    sessions.sort_by_key(|row| (!row.current, std::cmp::Reverse(row.last_used)));
    let shown = identity.email.display_safe();
    let page = AccountPage {
        chrome: visit.chrome_at(paths::ACCOUNT),
        forms: AccountForms {
            password: visit.keys(paths::ACCOUNT_PASSWORD),
            language: visit.keys(paths::ACCOUNT_LANGUAGE),
            sign_out: visit.keys(paths::SIGN_OUT),
            sign_out_everywhere: visit.keys(paths::SIGN_OUT_EVERYWHERE),
        },
        first_name: identity.first_name.as_str().to_owned(),
        last_name: identity.last_name.as_str().to_owned(),
        email: identity.email.as_str().to_owned(),
        email_punycode: (shown != identity.email.as_str()).then_some(shown),
        uid: identity.uid.as_str().to_owned(),
        mail_language: identity.language,
        has_factor: !person.account.state.factors.is_empty(),
        on_a_phone: is_on_a_phone(visit),
        notice,
        recovery: recovery::notice(visit, open_recovery(&person.account.state, &policy.policy, visit.now())),
        sessions,
        sign_ins: recent.iter().map(|sign_in| SignInRow { at: sign_in.at, browser: browser(sign_in) }).collect(),
        rules: rules.unwrap_or_else(|| PasswordRules::open(policy.policy.password_rule)),
        errors,
    };
    Ok(visit.page(status, &page))
}

pub async fn password(mut visit: Visit, body: Body) -> Reply {
    let own = [Field::CurrentPassword.name(), Field::NewPassword.name(), Field::ConfirmPassword.name()];
    let (posted, command) = visit.read_form(body, paths::ACCOUNT_PASSWORD, &own).await?;
    // The same form again, its answer lost: the session that it was sent in has ended with it.
    let by_form = visit.site.app.signed_in_by_form(&visit.client, command).await;
    let person = match by_form.map_err(|failure| visit.failed(&failure))? {
        Some(person) => person,
        None => person(&visit).await?,
    };
    let mut errors = Errors::default();
    for field in [Field::CurrentPassword, Field::NewPassword] {
        if posted.get(field.name()).is_empty() {
            errors.add(field, Problem::Missing);
        }
    }
    if !errors.is_empty() {
        return page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, None, None, errors).await;
    }
    let current = Password::from_typed(posted.get(Field::CurrentPassword.name()));
    let typed = typed_password(&posted);
    let app = visit.site.app.clone();
    match app.change_password(&visit.client, &person, command, &current, &typed).await {
        Ok(Ok(signed_in)) => {
            keep_session(&mut visit, &signed_in);
            Ok(visit.see_other(&format!("{}?done=password-changed", paths::ACCOUNT)))
        }
        Ok(Err(ChangeRefused::WrongPassword)) => {
            errors.add(Field::CurrentPassword, Problem::PasswordWrong);
            page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, None, None, errors).await
        }
        Ok(Err(ChangeRefused::NewPassword(refused))) => {
            let rule = app.policy().await.map_err(|failure| visit.failed(&failure))?.policy.password_rule;
            if !refused.unmet.is_empty() {
                errors.add(Field::NewPassword, Problem::PasswordRules);
            }
            if refused.differs {
                errors.add(Field::ConfirmPassword, Problem::PasswordsDiffer);
            }
            let rules = Some(PasswordRules::judged(rule, refused.unmet));
            page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, None, rules, errors).await
        }
        Ok(Err(ChangeRefused::Limit(reached))) => {
            Ok(visit.message(MessageKind::TooManyTries { retry: visit.wait(reached) }))
        }
        Ok(Err(ChangeRefused::ProveMore)) => Ok(verify_first(&visit, paths::ACCOUNT)),
        Ok(Err(ChangeRefused::NoSession)) => Ok(visit.see_other(&format!("{}?ended", paths::LOGIN))),
        Err(failure) => Err(visit.failed(&failure)),
    }
}

pub async fn language(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::ACCOUNT_LANGUAGE, &[Field::MailLanguage.name()]).await?;
    let person = person(&visit).await?;
    let Some(language) = Language::from_tag(posted.get(Field::MailLanguage.name())) else {
        let mut errors = Errors::default();
        errors.add(Field::MailLanguage, Problem::LanguageUnknown);
        return page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, None, None, errors).await;
    };
    match visit.site.app.change_mail_language(&visit.client, &person, command, language).await {
        Ok(()) => Ok(visit.see_other(&format!("{}?done=language-changed", paths::ACCOUNT))),
        Err(failure) => Err(visit.failed(&failure)),
    }
}

pub async fn end_session(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::ACCOUNT_SESSION_END, &[fields::SESSION]).await?;
    let person = person(&visit).await?;
    let Ok(id) = Uuid::try_parse(posted.get(fields::SESSION)) else {
        return Ok(visit.message(MessageKind::BadRequest));
    };
    match visit.site.app.end_sessions(&visit.client, &person, command, Which::One(SessionId::from(id))).await {
        Ok(true) => Ok(visit.see_other(&format!("{}?done=session-ended", paths::ACCOUNT))),
        Ok(false) => Ok(visit.see_other(&format!("{}?ended", paths::LOGIN))),
        Err(failure) => Err(visit.failed(&failure)),
    }
}
