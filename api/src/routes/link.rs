//! A mailed link's page. A GET looks; only the button's POST uses it, and signs in the browser that posts.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_domain::account::LinkPurpose as Purpose;
use chancery_domain::account::commands::LinkRefusal;
use chancery_domain::values::{Password, PersonName};
use chancery_service::accounts::complete_link::{Entered, LinkForm, LinkFormRefused, SignedInBrowser};
use chancery_service::accounts::link::{LinkView, OpenLinkView};
use chancery_service::accounts::new_password::TypedPassword;
use chancery_service::accounts::renew_link::RenewRefused;
use chancery_service::secrets::forms::FormCommand;

use super::forms::CHECK;
use super::login::place_of;
use super::register::accepted_statement;
use super::verify::second_step_next;
use super::{lost, recovery};
use crate::http::answer::Reply;
use crate::http::cookies::Cookie;
use crate::http::form::PostedForm;
use crate::http::visit::Visit;
use crate::pages::{
    Errors, Field, FormKeys, LinkPage, LinkProblemPage, LinkPurpose, LinkState, LinkValues, MessageKind, PasswordRules,
    Problem, fields, paths,
};

/// The hidden field that names the link to renew.
const LINK: &str = "link";

/// Where to return, in the query that leads to the account's page.
pub const RETURN_TO: &str = "return";

pub async fn show(visit: Visit, Path(token): Path<String>) -> Reply {
    match visit.site.app.view_link(&token).await {
        Ok(LinkView::Open(open)) if open.link.purpose == Purpose::Suspension => {
            Ok(lost::link_page(&visit, &open, None))
        }
        Ok(LinkView::Open(open)) if open.link.purpose == Purpose::Recovery => {
            Ok(recovery::link_page(&visit, &open, None))
        }
        Ok(LinkView::Open(open)) => {
            let shown = Shown { values: identity_values(&open), ..Shown::default() };
            page(&visit, StatusCode::OK, &open, shown).await
        }
        Ok(view) => problem(&visit, &token, view).await,
        Err(failure) => Err(visit.failed(&failure)),
    }
}

fn identity_values(open: &OpenLinkView) -> LinkValues {
    let identity = open.account.state.identity.as_ref();
    LinkValues {
        first_name: identity.map_or_else(String::new, |identity| identity.first_name.as_str().to_owned()),
        last_name: identity.map_or_else(String::new, |identity| identity.last_name.as_str().to_owned()),
        privacy: false,
    }
}

/// The canonical path of an open link: whatever the mail program did to it is left behind.
pub fn action(visit: &Visit, open: &OpenLinkView) -> String {
    let token = visit.site.app.link_token(open.link.id, open.link.purpose);
    format!("{}{}", paths::LINK_PREFIX, token.expose())
}

/// What was filled in so far, and what is wrong with it.
#[derive(Default)]
struct Shown {
    values: LinkValues,
    public_computer: bool,
    rules: Option<PasswordRules>,
    errors: Errors,
}

async fn page(visit: &Visit, status: StatusCode, open: &OpenLinkView, shown: Shown) -> Reply {
    let policy = visit.site.app.policy().await.map_err(|failure| visit.failed(&failure))?;
    let action = action(visit, open);
    let identity = open.account.state.identity.as_ref();
    let masked = identity.map_or_else(String::new, |identity| identity.email.masked());
    let uid = identity.map_or_else(String::new, |identity| identity.uid.as_str().to_owned());
    let mut form = visit.keys(&action);
    if open.link.purpose == Purpose::Registration {
        let app = &visit.site.app;
        form.extra
            .push((fields::STATEMENT, app.statement_field(&form.command, &app.statement_in_force(visit.language))));
    }
    let page = LinkPage {
        chrome: visit.chrome_at(&action),
        form,
        action,
        purpose: match open.link.purpose {
            Purpose::Registration => LinkPurpose::Registration(shown.values),
            Purpose::Reset | Purpose::Suspension | Purpose::Recovery => LinkPurpose::Reset,
        },
        masked_email: masked,
        uid,
        rules: shown.rules.unwrap_or_else(|| PasswordRules::open(policy.policy.password_rule)),
        public_computer: shown.public_computer,
        public_idle: Duration::from_secs(policy.policy.session_public.into()),
        errors: shown.errors,
    };
    Ok(visit.page(status, &page))
}

async fn problem(visit: &Visit, token: &str, view: LinkView) -> Reply {
    let renew = || {
        let mut keys = visit.keys(paths::LINK_AGAIN);
        keys.extra.push((LINK, token.to_owned()));
        keys
    };
    let state = match view {
        LinkView::Used(Purpose::Suspension)
        | LinkView::Superseded(Purpose::Suspension)
        | LinkView::Expired(Purpose::Suspension) => return Ok(lost::over(visit)),
        LinkView::Used(Purpose::Recovery)
        | LinkView::Superseded(Purpose::Recovery)
        | LinkView::Expired(Purpose::Recovery) => return Ok(recovery::link_over(visit)),
        LinkView::Used(_) => LinkState::Used(renew()),
        LinkView::Superseded(_) => LinkState::Superseded(renew()),
        LinkView::Expired(_) | LinkView::Open(_) => LinkState::Expired(renew()),
        LinkView::OtherPurpose => LinkState::OtherPurpose(renew()),
        LinkView::Lapsed => LinkState::Lapsed,
        // A link's MAC of 104 bits is what keeps it from being guessed; counting those that are none only sheds load, and
        // so stands in no way of a link that is right.
        LinkView::Damaged => return damaged(visit).await,
    };
    Ok(visit.page(StatusCode::GONE, &LinkProblemPage { chrome: visit.chrome(), state }))
}

/// The page of a link that is none.
pub async fn damaged(visit: &Visit) -> Reply {
    let may_guess = visit.site.app.may_guess_links(&visit.client).await.map_err(|failure| visit.failed(&failure))?;
    if let Err(reached) = may_guess {
        return Ok(visit.message(MessageKind::TooManyTries { retry: visit.wait(reached) }));
    }
    let mut form: FormKeys = visit.keys(paths::LOST_PASSWORD);
    let check = visit.new_check(&mut form, &Errors::default()).await?;
    let state = LinkState::Damaged { form, name: String::new(), errors: Errors::default(), check };
    Ok(visit.page(StatusCode::NOT_FOUND, &LinkProblemPage { chrome: visit.chrome(), state }))
}

pub async fn submit(mut visit: Visit, Path(token): Path<String>, body: Body) -> Reply {
    match visit.site.app.read_link_token(&token).map(|link| link.purpose) {
        Some(Purpose::Suspension) => return lost::suspend(visit, &token, body).await,
        Some(Purpose::Recovery) => return recovery::recover(visit, &token, body).await,
        Some(Purpose::Registration | Purpose::Reset) | None => {}
    }
    let own: Vec<&str> =
        [Field::FirstName, Field::LastName, Field::Privacy, Field::NewPassword, Field::ConfirmPassword]
            .iter()
            .map(|field| field.name())
            .chain([fields::PUBLIC_COMPUTER, fields::STATEMENT])
            .collect();
    let action = format!("{}{token}", paths::LINK_PREFIX);
    let (posted, command) = visit.read_form(body, &action, &own).await?;
    let app = visit.site.app.clone();
    let view = app.view_link(&token).await.map_err(|failure| visit.failed(&failure))?;
    let mut errors = Errors::default();
    let purpose = app.read_link_token(&token).map(|link| link.purpose);
    let registers = purpose == Some(Purpose::Registration);
    let names = registers.then(|| names(&posted, &mut errors));
    let statement = registers.then(|| accepted_statement(&visit, &posted, &mut errors)).flatten();
    let password = typed_password(&posted);
    let public_computer = posted.has(fields::PUBLIC_COMPUTER);
    let values = LinkValues {
        first_name: posted.get(Field::FirstName.name()).to_owned(),
        last_name: posted.get(Field::LastName.name()).to_owned(),
        privacy: statement.is_some(),
    };
    if posted.get(Field::NewPassword.name()).is_empty() {
        errors.add(Field::NewPassword, Problem::Missing);
    }
    let names = match names {
        Some(None) => None,
        Some(Some(names)) => Some(Some(names)),
        None => Some(None),
    };
    // A field is wrong: say so beside it, and everything that is wrong with the password at once.
    let (Some(names), true) = (names, errors.is_empty()) else {
        let LinkView::Open(open) = view else { return problem(&visit, &token, view).await };
        let rules = judged(&visit, &open, &values, &password, &mut errors).await?;
        let shown = Shown { values, public_computer, rules, errors };
        return page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &open, shown).await;
    };
    let language = statement.map_or(visit.language, |statement| statement.language);
    let filled = LinkForm { password, names, language, public_computer };
    match app.complete_link(&visit.client, command, &token, &filled).await {
        Ok(Ok(Entered::SecondFactorNext { proof, target })) => {
            let target = target.filter(|target| target.began_here).map(|target| target.path);
            Ok(second_step_next(&mut visit, &proof, target.as_deref()))
        }
        Ok(Ok(Entered::SignedIn(signed_in, _))) => {
            end_replaced(&visit, command).await?;
            Ok(go_on(&mut visit, signed_in, purpose))
        }
        Ok(Err(LinkFormRefused::Password(_))) => {
            let LinkView::Open(open) = view else { return problem(&visit, &token, view).await };
            let rules = judged(&visit, &open, &values, &filled.password, &mut errors).await?;
            let shown = Shown { values, public_computer, rules, errors };
            page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &open, shown).await
        }
        Ok(Err(LinkFormRefused::Link(LinkRefusal::Used | LinkRefusal::Superseded))) => {
            let page = LinkProblemPage { chrome: visit.chrome(), state: LinkState::PasswordSet };
            Ok(visit.page(StatusCode::GONE, &page))
        }
        Ok(Err(LinkFormRefused::Link(LinkRefusal::AnotherPurpose))) => {
            problem(&visit, &token, LinkView::OtherPurpose).await
        }
        Ok(Err(LinkFormRefused::Link(LinkRefusal::Expired))) => {
            let purpose = purpose.unwrap_or(Purpose::Registration);
            problem(&visit, &token, LinkView::Expired(purpose)).await
        }
        Ok(Err(LinkFormRefused::Gone)) => problem(&visit, &token, view).await,
        Err(failure) => Err(visit.failed(&failure)),
    }
}

fn names(posted: &PostedForm, errors: &mut Errors) -> Option<(PersonName, PersonName)> {
    let mut name =
        |field: Field| PersonName::parse(posted.get(field.name())).map_err(|wrong| errors.add_name(field, &wrong)).ok();
    let (first, last) = (name(Field::FirstName), name(Field::LastName));
    Some((first?, last?))
}

pub fn typed_password(posted: &PostedForm) -> TypedPassword {
    TypedPassword {
        password: Password::from_typed(posted.get(Field::NewPassword.name())),
        confirmation: Password::from_typed(posted.get(Field::ConfirmPassword.name())),
    }
}

/// The rules with what the typed password meets of them; adds what is wrong with it.
async fn judged(
    visit: &Visit,
    open: &OpenLinkView,
    values: &LinkValues,
    password: &TypedPassword,
    errors: &mut Errors,
) -> Result<Option<PasswordRules>, Response> {
    if password.password.characters() == 0 {
        return Ok(None);
    }
    let Some(identity) = &open.account.state.identity else { return Ok(None) };
    let rule = visit.site.app.policy().await.map_err(|failure| visit.failed(&failure))?.policy.password_rule;
    let typed = [&values.first_name, &values.last_name].map(|name| PersonName::parse(name).ok());
    let mut names = vec![&identity.first_name, &identity.last_name];
    names.extend(typed.iter().flatten());
    Ok(Some(match visit.site.app.check_password(rule, password, &names, identity) {
        Ok(()) => PasswordRules::judged(rule, Vec::new()),
        Err(refused) => {
            if !refused.unmet.is_empty() {
                errors.add(Field::NewPassword, Problem::PasswordRules);
            }
            if refused.differs {
                errors.add(Field::ConfirmPassword, Problem::PasswordsDiffer);
            }
            PasswordRules::judged(rule, refused.unmet)
        }
    }))
}

/// Ends the session that this browser had before it was signed in anew.
pub async fn end_replaced(visit: &Visit, form: FormCommand) -> Result<(), Response> {
    let Some(replaced) = &visit.session else { return Ok(()) };
    let ended = visit.site.app.end_replaced_session(&visit.client, form, replaced).await;
    ended.map_err(|failure| visit.failed(&failure))
}

/// Sets the cookies of a browser that is signed in from now on.
pub fn keep_session(visit: &mut Visit, signed_in: &SignedInBrowser) {
    let secure = visit.is_secure();
    visit.cookies.push(Cookie::Session.set(&signed_in.session.to_cookie(), secure));
    if let Some(known) = &signed_in.known {
        visit.cookies.push(Cookie::Known.set(&known.to_cookie(), secure));
    }
}

fn go_on(visit: &mut Visit, signed_in: SignedInBrowser, purpose: Option<Purpose>) -> Response {
    keep_session(visit, &signed_in);
    let done = if purpose == Some(Purpose::Reset) { "password-reset" } else { "welcome" };
    let account = format!("{}?done={done}", paths::ACCOUNT);
    match signed_in.target.filter(|target| place_of(&target.path).is_some()) {
        Some(target) if target.began_here => visit.see_other(&target.path),
        Some(target) => visit.see_other(&paths::with_query(&account, RETURN_TO, &target.path)),
        None => visit.see_other(&account),
    }
}

pub async fn again(visit: Visit, body: Body) -> Reply {
    let own: Vec<&str> = CHECK.iter().copied().chain([LINK]).collect();
    let (posted, command) = visit.read_form(body, paths::LINK_AGAIN, &own).await?;
    let token = posted.get(LINK);
    // Counted as a guess, as a GET of it would be.
    if visit.site.app.read_link_token(token).is_none() {
        return problem(&visit, token, LinkView::Damaged).await;
    }
    match visit.site.app.renew_link(&visit.client, command, token, visit.language).await {
        Ok(Ok(())) => Ok(visit.see_other(paths::CHECK_MAIL)),
        Ok(Err(RenewRefused::Limit(reached))) => {
            Ok(visit.message(MessageKind::MailLimit { retry: visit.wait(reached) }))
        }
        Ok(Err(RenewRefused::Gone)) => problem(&visit, token, LinkView::Lapsed).await,
        Err(failure) => Err(visit.failed(&failure)),
    }
}
