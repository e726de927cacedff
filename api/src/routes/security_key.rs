//! Adding a security key or trusted platform: which, its name, and what the browser has of it.

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::factors::enrolment::{Called, EnrolmentRefused};
use chancery_service::factors::webauthn::{PASSKEY, PLATFORM, SECURITY_KEY, Webauthn};

use super::login::value_in;
use super::security::{added, adder, device_name, manager, not_added, proposed};
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, KeyKind, KeyPage, KeysPage, Problem, fields, paths};

fn method(kind: KeyKind) -> &'static Webauthn {
    match kind {
        KeyKind::ThisDevice => &PLATFORM,
        KeyKind::Passkey => &PASSKEY,
        KeyKind::AfterPassword => &SECURITY_KEY,
    }
}

/// The address of the page on which a kind is added.
fn place(kind: KeyKind) -> String {
    format!("{}?{}={}", paths::SECURITY_KEY, fields::KEY, kind.name())
}

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let kind = query.as_deref().and_then(|query| value_in(query, fields::KEY)).and_then(KeyKind::from_name);
    let Some(kind) = kind else {
        manager(&visit, paths::SECURITY_KEY).await?;
        return Ok(visit.page(StatusCode::OK, &KeysPage { chrome: visit.chrome_at(paths::SECURITY_KEY) }));
    };
    let person = manager(&visit, &place(kind)).await?;
    let shown = Shown { name: proposed(&visit, &person, kind.proposal_id()), ..Shown::default() };
    page(&visit, StatusCode::OK, &person, kind, shown).await
}

/// What the page has to say of the last try.
#[derive(Default)]
struct Shown {
    name: String,
    begun_anew: bool,
    errors: Errors,
}

async fn page(visit: &Visit, status: StatusCode, person: &SignedInPerson, kind: KeyKind, shown: Shown) -> Reply {
    let begun = visit.site.app.begin_enrolment(person, method(kind)).await;
    let question = match begun.map_err(|failure| visit.failed(&failure))? {
        Ok(question) => question.to_string(),
        Err(refusal) => return Ok(not_added(visit, refusal, &place(kind))),
    };
    let mut form = visit.keys(paths::SECURITY_KEY);
    form.extra.push((fields::KEY, kind.name().to_owned()));
    let Shown { name, begun_anew, errors } = shown;
    let page = KeyPage { chrome: visit.chrome_at(&place(kind)), form, kind, question, name, begun_anew, errors };
    Ok(visit.page(status, &page))
}

pub async fn add(mut visit: Visit, body: Body) -> Reply {
    let own = [fields::KEY, Field::DeviceName.name(), Field::SecurityKey.name()];
    let (posted, command) = visit.read_form(body, paths::SECURITY_KEY, &own).await?;
    let Some(kind) = KeyKind::from_name(posted.get(fields::KEY)) else {
        return Ok(visit.see_other(paths::SECURITY_KEY));
    };
    let person = adder(&visit, command).await?;
    let mut errors = Errors::default();
    let typed = posted.get(Field::DeviceName.name());
    let answer = posted.get(Field::SecurityKey.name());
    let name = device_name(typed, &mut errors);
    if answer.is_empty() && name.is_some() {
        errors.add(Field::SecurityKey, Problem::Missing);
    }
    let mut begun_anew = false;
    if let Some(name) = name.filter(|_| errors.is_empty()) {
        let app = visit.site.app.clone();
        let as_proposed = name.as_str() == proposed(&visit, &person, kind.proposal_id());
        let called = if as_proposed { Called::Proposed(&name) } else { Called::Given(&name) };
        match app.finish_enrolment(&visit.client, &person, command, method(kind), called, answer).await {
            Ok(Ok(lifted)) => return Ok(added(&mut visit, &person, lifted)),
            Ok(Err(EnrolmentRefused::Wrong)) => errors.add(Field::SecurityKey, Problem::SecurityKeyNotAdded),
            Ok(Err(EnrolmentRefused::AlreadyThere)) => errors.add(Field::SecurityKey, Problem::SecurityKeyThere),
            Ok(Err(EnrolmentRefused::NotTrusted)) => errors.add(Field::SecurityKey, Problem::SecurityKeyNotTrusted),
            Ok(Err(EnrolmentRefused::Gone)) => begun_anew = true,
            Ok(Err(refusal)) => return Ok(not_added(&visit, refusal, &place(kind))),
            Err(failure) => return Err(visit.failed(&failure)),
        }
    }
    let shown = Shown { name: typed.to_owned(), begun_anew, errors };
    page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &person, kind, shown).await
}
