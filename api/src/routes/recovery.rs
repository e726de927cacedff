//! Recovering an account whose devices are lost: with the password, mailed links and a waiting time.

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_domain::account::{OpenRecovery, RecoveryStanding, SignInMethod};
use chancery_domain::values::Password;
use chancery_service::accounts::disown::DisownView;
use chancery_service::accounts::link::{LinkView, OpenLinkView};
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::factors::mobile_app::id_of;
use chancery_service::factors::phone::CodeNotSent;
use chancery_service::factors::recovery::{Recovered, RecoveryRefused, RecoveryView, open_recovery};
use chancery_service::factors::verify::AnswerRefused;

use super::link::{self, end_replaced, keep_session};
use super::security::factor_id;
use super::verify::{answer_in, chosen_in, device_named, refused, too_many};
use crate::http::answer::Reply;
use crate::http::visit::Visit;
use crate::pages::{
    Errors, Field, MessageKind, Objection, Problem, QrShown, RecoveryNotice, RecoveryPage, RecoveryState, SmsShown,
    Way, fields, paths,
};

fn page(visit: &Visit, status: StatusCode, state: RecoveryState, errors: Errors) -> Response {
    visit.page(status, &RecoveryPage { chrome: visit.chrome(), state, errors })
}

/// What the pages of a sign-in and of an account say of a recovery.
pub fn notice(visit: &Visit, open: Option<OpenRecovery>) -> Option<RecoveryNotice> {
    let open = open?;
    let (ready, moment) = match open.standing(visit.now()) {
        RecoveryStanding::Waiting => (false, open.ends),
        RecoveryStanding::Ready => (true, open.until()),
        RecoveryStanding::Lapsed => return None,
    };
    Some(RecoveryNotice { everything: open.factor.is_none(), ready, moment })
}

/// The same in somebody's session.
pub async fn notice_of(visit: &Visit, person: &SignedInPerson) -> Result<Option<RecoveryNotice>, Response> {
    let policy = visit.site.app.policy().await.map_err(|failure| visit.failed(&failure))?.policy;
    Ok(notice(visit, open_recovery(&person.account.state, &policy, visit.now())))
}

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let asked = Asked { chosen: chosen_in(query.as_deref()), device: device_named(query.as_deref()) };
    standing(&visit, StatusCode::OK, asked, Errors::default()).await
}

/// How, and by which device, a suspended one is to object.
#[derive(Default)]
struct Asked {
    chosen: Option<Way>,
    device: Option<String>,
}

/// How the recovery of the account stands whose password was typed; a browser in which none was begins anew.
async fn standing(visit: &Visit, status: StatusCode, asked: Asked, errors: Errors) -> Reply {
    let view = visit.site.app.view_recovery(&visit.client).await.map_err(|failure| visit.failed(&failure))?;
    let form = || visit.keys(paths::LOGIN_RECOVERY);
    let (status, state) = match view {
        None => return Ok(visit.see_other(paths::LOGIN)),
        Some(RecoveryView::Off) => (StatusCode::NOT_FOUND, RecoveryState::Off),
        Some(RecoveryView::None { wait }) => (status, RecoveryState::Ask { form: form(), wait }),
        Some(RecoveryView::Waiting { ends, factor, ways }) => {
            let objection = objection(visit, ways, asked).await?;
            (status, RecoveryState::Waiting { ends, everything: factor.is_none(), objection })
        }
        Some(RecoveryView::Ready { until, ways }) => {
            let objection = objection(visit, ways, asked).await?;
            (status, RecoveryState::Ready { form: form(), until, objection })
        }
    };
    Ok(page(visit, status, state, errors))
}

async fn objection(visit: &Visit, ways: Vec<SignInMethod>, asked: Asked) -> Result<Option<Objection>, Response> {
    let ways: Vec<Way> = ways.into_iter().filter_map(Way::of).collect();
    if ways.is_empty() {
        return Ok(None);
    }
    // Where only one way is possible, it begins at once.
    let only = if let [only] = ways[..] { Some(only) } else { None };
    let chosen = asked.chosen.filter(|way| ways.contains(way)).or(only);
    let question = match chosen {
        Some(Way::SecurityKey) => {
            let question = visit.site.app.objection_question(&visit.client, Way::SecurityKey.method()).await;
            question.map_err(|failure| visit.failed(&failure))?
        }
        _ => None,
    };
    let challenge = match chosen {
        Some(way @ Way::MobileAppQrCode) => {
            let challenges = visit.site.app.objection_qr_challenges(&visit.client).await;
            let here = paths::with_query(paths::LOGIN_RECOVERY, fields::METHOD, way.name());
            QrShown::of(challenges.map_err(|failure| visit.failed(&failure))?, asked.device.as_deref(), &here)
        }
        _ => None,
    };
    let sms = match chosen {
        Some(Way::Sms) => {
            let to = visit.site.app.sent_to_object(&visit.client).await.map_err(|failure| visit.failed(&failure))?;
            let (form, action) = (visit.keys(paths::LOGIN_RECOVERY_SMS), paths::LOGIN_RECOVERY_SMS);
            to.map(|to| SmsShown { form, action, to })
        }
        _ => None,
    };
    Ok(Some(Objection { form: visit.keys(paths::LOGIN_RECOVERY_CANCEL), ways, chosen, question, challenge, sms }))
}

pub async fn ask(visit: Visit, body: Body) -> Reply {
    let (_, command) = visit.read_form(body, paths::LOGIN_RECOVERY, &[]).await?;
    let asked = visit.site.app.request_recovery_link(&visit.client, command).await;
    match asked.map_err(|failure| visit.failed(&failure))? {
        Ok(()) => Ok(page(&visit, StatusCode::OK, RecoveryState::Sent, Errors::default())),
        Err(RecoveryRefused::Limit(reached)) => {
            Ok(visit.message(MessageKind::MailLimit { retry: visit.wait(reached) }))
        }
        // The page says how it stands, or leads to the sign-in.
        Err(_) => standing(&visit, StatusCode::OK, Asked::default(), Errors::default()).await,
    }
}

/// A GET of what only a button posts to: the way back.
pub async fn back(visit: Visit) -> Reply {
    Ok(visit.see_other(paths::LOGIN_RECOVERY))
}

/// Sends a code to a suspended telephone.
pub async fn send(visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::LOGIN_RECOVERY_SMS, &[fields::DEVICE]).await?;
    let device = factor_id(posted.get(fields::DEVICE));
    let sent = visit.site.app.send_code_to_object(&visit.client, command, device, visit.language).await;
    Ok(match sent.map_err(|failure| visit.failed(&failure))? {
        Ok(()) => visit.see_other(&paths::with_query(paths::LOGIN_RECOVERY, fields::METHOD, Way::Sms.name())),
        Err(CodeNotSent::Limit(reached)) => too_many(&visit, reached),
        // The page says how it stands, or leads to the sign-in.
        Err(CodeNotSent::Gone | CodeNotSent::NotThisWay) => visit.see_other(paths::LOGIN_RECOVERY),
    })
}

pub async fn object(visit: Visit, body: Body) -> Reply {
    let answers = [Field::SecurityKey, Field::OneTimeCode, Field::AppCode, Field::SmsCode].map(Field::name);
    let own = [&[fields::METHOD, fields::DEVICE][..], &answers].concat();
    let (posted, command) = visit.read_form(body, paths::LOGIN_RECOVERY_CANCEL, &own).await?;
    let mut errors = Errors::default();
    let Some((way, answer)) = answer_in(&posted, false, &mut errors) else {
        return standing(&visit, StatusCode::OK, Asked::default(), errors).await;
    };
    let asked = Asked { chosen: Some(way), device: answer.device.map(id_of) };
    if !errors.is_empty() {
        return standing(&visit, StatusCode::UNPROCESSABLE_ENTITY, asked, errors).await;
    }
    let told = visit.site.app.object_to_recovery(&visit.client, command, answer).await;
    match told.map_err(|failure| visit.failed(&failure))? {
        Ok(()) => Ok(page(&visit, StatusCode::OK, RecoveryState::Cancelled, Errors::default())),
        Err(AnswerRefused::TookTooLong) => standing(&visit, StatusCode::OK, asked, Errors::default()).await,
        Err(refusal) => match refused(way, answer, refusal).map_err(|reached| too_many(&visit, reached))? {
            Some(shown) => standing(&visit, StatusCode::UNPROCESSABLE_ENTITY, asked, shown.errors).await,
            None => Ok(visit.see_other(paths::LOGIN)),
        },
    }
}

/// The page of a mailed link that can be used; with what is wrong with the password that was typed.
pub fn link_page(visit: &Visit, open: &OpenLinkView, problem: Option<Problem>) -> Response {
    let action = link::action(visit, open);
    let account = &open.account.state;
    let mut errors = Errors::default();
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if let Some(problem) = problem {
        errors.add(Field::Password, problem);
    }
    let everything = account.recovery.open.filter(|open| open.factor.is_none());
    let completes = everything.is_some_and(|open| open.standing(visit.now()) == RecoveryStanding::Ready);
    let masked_email = account.identity.as_ref().map_or_else(String::new, |identity| identity.email.masked());
    let state = RecoveryState::Link { form: visit.keys(&action), action, masked_email, completes };
    page(visit, status, state, errors)
}

/// The page of a mailed link that can no longer be used.
pub fn link_over(visit: &Visit) -> Response {
    page(visit, StatusCode::GONE, RecoveryState::LinkOver, Errors::default())
}

pub async fn recover(mut visit: Visit, token: &str, body: Body) -> Reply {
    let action = format!("{}{token}", paths::LINK_PREFIX);
    let (posted, command) = visit.read_form(body, &action, &[Field::Password.name()]).await?;
    let app = visit.site.app.clone();
    let typed = posted.get(Field::Password.name());
    let waits = |visit: &Visit, ends| {
        let state = RecoveryState::Waiting { ends, everything: true, objection: None };
        page(visit, StatusCode::OK, state, Errors::default())
    };
    let problem = if typed.is_empty() {
        Problem::Missing
    } else {
        let told = app.recover(&visit.client, command, token, &Password::from_typed(typed)).await;
        match told.map_err(|failure| visit.failed(&failure))? {
            Ok(Recovered::Waits(ends)) | Err(RecoveryRefused::Waiting(ends)) => return Ok(waits(&visit, ends)),
            Ok(Recovered::Completed(signed_in)) => {
                end_replaced(&visit, command).await?;
                keep_session(&mut visit, &signed_in);
                return Ok(visit.see_other(paths::SECURITY));
            }
            Err(RecoveryRefused::WrongPassword) => Problem::PasswordWrong,
            Err(RecoveryRefused::Limit(reached)) => return Ok(too_many(&visit, reached)),
            Err(RecoveryRefused::Off) => {
                return Ok(page(&visit, StatusCode::NOT_FOUND, RecoveryState::Off, Errors::default()));
            }
            Err(RecoveryRefused::Gone | RecoveryRefused::Link) => return Ok(link_over(&visit)),
        }
    };
    match app.view_link(token).await.map_err(|failure| visit.failed(&failure))? {
        LinkView::Open(open) => Ok(link_page(&visit, &open, Some(problem))),
        _ => Ok(link_over(&visit)),
    }
}

/// The page of the link in a mail about a recovery; `None` where the link is about something else.
pub fn cancel_page(visit: &Visit, view: &DisownView) -> Option<Response> {
    let (status, state) = match view {
        DisownView::Recovery(open) => {
            let token = visit.site.app.disown_token(open.position);
            let action = format!("{}{}", paths::DISOWN_PREFIX, token.expose());
            let identity = open.account.state.identity.as_ref();
            let state = RecoveryState::Cancel {
                form: visit.keys(&action),
                action,
                masked_email: identity.map_or_else(String::new, |identity| identity.email.masked()),
                device: open.device.as_ref().map(|device| device.name.to_string()),
                ends: open.ends,
            };
            (StatusCode::OK, state)
        }
        DisownView::RecoveryCancelled => (StatusCode::OK, RecoveryState::Cancelled),
        DisownView::RecoveryOver => (StatusCode::GONE, RecoveryState::Over),
        DisownView::Open(_) | DisownView::Used | DisownView::Expired | DisownView::Damaged => return None,
    };
    Some(page(visit, status, state, Errors::default()))
}
