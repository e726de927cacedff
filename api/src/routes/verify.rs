//! What is asked for after the password; the same page asks in a session, see [`super::prove_more`].

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::{StatusCode, header};
use axum::response::Response;
use chancery_domain::account::SignInMethod;
use chancery_domain::values::SignInName;
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::factors::AskedBy;
use chancery_service::factors::mobile_app::{RequestOver, RequestRefused, RequestStanding, device_of, id_of};
use chancery_service::factors::verify::{Answer, AnswerRefused};
use chancery_service::secrets::browsers::ProofSecret;
use chancery_service::throttle::LimitReached;

use super::forms::TARGET;
use super::link::{end_replaced, keep_session};
use super::login::{password_next, target_in, value_in};
use super::recovery;
use crate::http::answer::Reply;
use crate::http::cookies::Cookie;
use crate::http::form::PostedForm;
use crate::http::target::local_target;
use crate::http::visit::Visit;
use crate::pages::{
    Browser, Errors, Field, MessageKind, Problem, QrShown, RecoveryNotice, RequestShown, SmsEnds, SmsShown,
    VerifyNotice, VerifyPage, Way, fields, paths,
};

/// From the right password to what comes after it.
///
/// What was proved is found by a cookie that only this answer sets, since whoever sat here before may know the pre-session
/// cookie. That one stays: forms in other tabs, the mail that is waited for and a POST that is sent again go by it.
pub fn second_step_next(visit: &mut Visit, proof: &ProofSecret, target: Option<&str>) -> Response {
    let secure = visit.is_secure();
    visit.cookies.push(Cookie::Proof.set(&proof.to_cookie(), secure));
    visit.see_other(&target.map_or_else(
        || paths::LOGIN_VERIFY.to_owned(),
        |target| paths::with_query(paths::LOGIN_VERIFY, TARGET, target),
    ))
}

/// To the proof that a page asks for first, and from there back to the page.
pub fn verify_first(visit: &Visit, page: &str) -> Response {
    visit.see_other(&paths::with_query(paths::ACCOUNT_VERIFY, TARGET, page))
}

/// What the page has to say of the last answer.
#[derive(Default)]
pub struct Shown {
    pub(super) chosen: Option<Way>,
    pub device: Option<String>,
    pub(super) notice: Option<VerifyNotice>,
    pub errors: Errors,
}

impl Shown {
    /// The way and the device that were answered.
    pub(super) fn of(way: Way, answer: Answer<'_>) -> Self {
        Self { chosen: Some(way), device: answer.device.map(id_of), ..Self::default() }
    }
}

/// About what it asks.
pub(super) struct About {
    pub(super) action: &'static str,
    pub(super) name: Option<String>,
    pub(super) ways: Vec<Way>,
    pub(super) by_browser: bool,
    pub(super) lost_key: bool,
    pub(super) asked_by: Option<AskedBy>,
    pub(super) recovery: Option<RecoveryNotice>,
    pub(super) sms_ends: Option<SmsEnds>,
    pub(super) target: Option<String>,
}

pub(super) async fn page(
    visit: &Visit,
    status: StatusCode,
    person: Option<&SignedInPerson>,
    about: About,
    mut shown: Shown,
) -> Reply {
    let mut form = visit.keys(about.action);
    form.extra.extend(about.target.clone().map(|target| (TARGET, target)));
    // Where only one way is possible, it begins at once.
    let only = if let [only] = about.ways[..] { Some(only) } else { None };
    let chosen = shown.chosen.filter(|way| about.ways.contains(way)).or(only);
    // No other site's link asks anybody's phones: there is one of our own to choose the way by.
    let chosen = chosen.filter(|way| !(way.asks_phones() && visit.is_from_another_site()));
    let question = match chosen {
        Some(Way::SecurityKey) => {
            let question = visit.site.app.question(&visit.client, person, Way::SecurityKey.method()).await;
            question.map_err(|failure| visit.failed(&failure))?
        }
        _ => None,
    };
    let challenge = match chosen {
        Some(way @ Way::MobileAppQrCode) => {
            let challenges = visit.site.app.qr_challenges(&visit.client, person).await;
            let here = paths::with_query(&form.aside(about.action), fields::METHOD, way.name());
            QrShown::of(challenges.map_err(|failure| visit.failed(&failure))?, shown.device.as_deref(), &here)
        }
        _ => None,
    };
    let sms = match chosen {
        Some(Way::Sms) => {
            let to = visit.site.app.sent_to(&visit.client, person).await.map_err(|failure| visit.failed(&failure))?;
            let action = if person.is_some() { paths::ACCOUNT_SMS } else { paths::LOGIN_SMS };
            let mut form = visit.keys(action);
            form.extra.extend(about.target.map(|target| (TARGET, target)));
            to.map(|to| SmsShown { form, action, to })
        }
        _ => None,
    };
    let mut notice = shown.notice;
    if sms.as_ref().is_some_and(|sms| sms.to.last.is_none()) && !shown.errors.is_empty() {
        // What was typed answers a code whose time is over: there is no field any more to be corrected.
        (notice, shown.errors) = (Some(VerifyNotice::TookTooLong), Errors::default());
    }
    let request = match chosen {
        Some(way) if way.asks_phones() => {
            let asked = asked_phones(visit, person, way, false).await?;
            let over = asked.as_ref().ok().and_then(Option::as_ref).map(|shown| shown.standing);
            if let (None, Some(RequestStanding::Over(over))) = (notice, over) {
                notice = Some(VerifyNotice::RequestOver(over));
            }
            asked.unwrap_or_else(|told| {
                notice = Some(told);
                None
            })
        }
        _ => None,
    };
    // The last phone was blocked while the page waited for it: its ways are none any more, and the page says why.
    if notice.is_none() && shown.chosen.is_some_and(|way| way.asks_phones() && !about.ways.contains(&way)) {
        let standing = visit.site.app.request_standing(&visit.client, person).await;
        let standing = standing.map_err(|failure| visit.failed(&failure))?;
        let blocked = standing.filter(|standing| *standing == RequestStanding::Over(RequestOver::Blocked));
        notice = blocked.map(|_| VerifyNotice::RequestOver(RequestOver::Blocked));
    }
    let page = VerifyPage {
        chrome: visit.chrome_at(&form.aside(about.action)),
        form,
        action: about.action,
        name: about.name,
        ways: about.ways,
        chosen,
        question,
        challenge,
        request,
        sms,
        by_browser: about.by_browser,
        sms_ends: about.sms_ends,
        lost_key: about.lost_key,
        asked_by: about.asked_by,
        recovery: about.recovery,
        notice,
        errors: shown.errors,
    };
    Ok(visit.page(status, &page))
}

/// Asks the account's phones, for a page that shows so; else what the page says instead.
async fn asked_phones(
    visit: &Visit,
    person: Option<&SignedInPerson>,
    way: Way,
    anew: bool,
) -> Result<Result<Option<RequestShown>, VerifyNotice>, Response> {
    let asked = visit.site.app.ask_phones(&visit.client, person, way.method(), anew).await;
    let state = if person.is_some() { paths::ACCOUNT_VERIFY_STATE } else { paths::LOGIN_VERIFY_STATE };
    let browser = || Browser::from_user_agent(visit.client.user_agent.as_deref().unwrap_or_default()).named();
    let shown = |view| RequestShown::of(view, state, browser(), visit.client.address.to_string());
    match asked.map_err(|failure| visit.failed(&failure))? {
        Ok(view) => Ok(Ok(view.map(shown))),
        Err(RequestRefused::Limit(reached)) => Err(too_many(visit, reached)),
        Err(RequestRefused::Full(until)) => Ok(Err(VerifyNotice::Full(until))),
        Err(RequestRefused::Paused(until)) => Ok(Err(VerifyNotice::Paused(until))),
    }
}

/// Asks the phones anew, and leads back to the page, which a GET may then show again and again.
pub(super) async fn again(
    visit: &Visit,
    person: Option<&SignedInPerson>,
    way: Way,
    page: &str,
    target: Option<&str>,
) -> Reply {
    // What is to be said of a refusal the page says.
    let _ = asked_phones(visit, person, way, true).await?;
    let page = paths::with_query(page, fields::METHOD, way.name());
    Ok(visit.see_other(&target.map_or_else(|| page.clone(), |target| paths::with_query(&page, TARGET, target))))
}

/// The way whose phones are to be asked anew.
pub(super) fn asked_again(posted: &PostedForm) -> Option<Way> {
    let way = Way::from_name(posted.get(fields::METHOD)).filter(|way| way.field().is_none());
    way.filter(|_| posted.get(fields::AGAIN) == "yes")
}

/// Whether a browser is one of a telephone's, as far as it says so: only there the app may be beside it.
pub fn is_on_a_phone(visit: &Visit) -> bool {
    let hint = visit.headers.get("sec-ch-ua-mobile").is_some_and(|hint| hint == "?1");
    hint || visit.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).is_some_and(is_mobile)
}

/// Whether a `User-Agent` is that of a browser on a telephone or tablet, by the word that all of them have.
fn is_mobile(user_agent: &str) -> bool {
    user_agent.contains("Mobi") || user_agent.contains("Android")
}

/// The ways of a page, but for those that are none here.
pub(super) fn offered(visit: &Visit, ways: Vec<SignInMethod>) -> Vec<Way> {
    let ways = ways.into_iter().filter_map(Way::of);
    ways.filter(|way| *way != Way::OnMobile || is_on_a_phone(visit)).collect()
}

/// How the request of a sign-in stands, for the script that waits.
pub async fn state(visit: Visit) -> Reply {
    standing(&visit, None).await
}

pub(super) async fn standing(visit: &Visit, person: Option<&SignedInPerson>) -> Reply {
    let standing = visit.site.app.request_standing(&visit.client, person).await;
    let standing = standing.map_err(|failure| visit.failed(&failure))?;
    let name = standing.map_or("over", RequestShown::state_name);
    Ok(visit.json(format!("\"{name}\"")))
}

pub fn chosen_in(query: Option<&str>) -> Option<Way> {
    value_in(query?, fields::METHOD).and_then(Way::from_name)
}

/// The device that a query names.
pub fn device_named(query: Option<&str>) -> Option<String> {
    value_in(query?, fields::DEVICE).map(str::to_owned)
}

/// The page that says that no code can be sent.
pub fn sms_not_sent(page: &str) -> String {
    paths::with_query(page, "done", "not-this-way")
}

/// What the query says of what was done before.
pub(super) fn noticed(query: Option<&str>) -> Option<VerifyNotice> {
    (value_in(query?, "done")? == "not-this-way").then_some(VerifyNotice::NotThisWay)
}

pub fn too_many(visit: &Visit, reached: LimitReached) -> Response {
    visit.message(MessageKind::TooManyTries { retry: visit.wait(reached) })
}

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Reply {
    let (chosen, device) = (chosen_in(query.as_deref()), device_named(query.as_deref()));
    let shown = Shown { chosen, device, notice: noticed(query.as_deref()), ..Shown::default() };
    second_step(&visit, StatusCode::OK, shown, target_in(query.as_deref())).await
}

/// The page of a sign-in; a browser of which nothing is asked begins anew.
async fn second_step(visit: &Visit, status: StatusCode, shown: Shown, target: Option<String>) -> Reply {
    let step = visit.site.app.second_step(&visit.client).await.map_err(|failure| visit.failed(&failure))?;
    let Some(step) = step else { return Ok(visit.see_other(paths::LOGIN)) };
    if let (true, Some(Way::Password), Ok(name)) = (step.by_browser, shown.chosen, SignInName::parse(&step.name)) {
        return password_next(visit, &name, target).await;
    }
    let about = About {
        action: paths::LOGIN_VERIFY,
        name: Some(step.name),
        ways: offered(visit, step.ways),
        by_browser: step.by_browser,
        lost_key: false,
        asked_by: step.asked_by,
        recovery: recovery::notice(visit, step.recovery),
        sms_ends: SmsEnds::of(&step.factors),
        target,
    };
    page(visit, status, None, about, shown).await
}

/// The fields of the page, whichever way is chosen.
pub(super) const OWN: [&str; 10] = [
    fields::METHOD,
    fields::AGAIN,
    fields::DEVICE,
    TARGET,
    Field::AppCode.name(),
    Field::SecurityKey.name(),
    Field::OneTimeCode.name(),
    Field::RecoveryCode.name(),
    Field::SmsCode.name(),
    Field::Password.name(),
];

/// The answer in a form; what is wrong with it before it is looked at goes into `errors`.
pub fn answer_in<'a>(posted: &'a PostedForm, typed_password: bool, errors: &mut Errors) -> Option<(Way, Answer<'a>)> {
    let way = Way::from_name(posted.get(fields::METHOD))?;
    let given = way.field().map_or("", |field| posted.get(field.name()));
    if let Some(field) = way.field().filter(|_| given.is_empty() && (way != Way::Password || typed_password)) {
        errors.add(field, Problem::Missing);
    }
    Some((way, Answer { way: way.method(), given, device: device_of(posted.get(fields::DEVICE)) }))
}

/// What the page says of a refusal; `None` where nothing is asked of this browser any more.
pub fn refused(way: Way, answer: Answer<'_>, refused: AnswerRefused) -> Result<Option<Shown>, LimitReached> {
    let mut shown = Shown::of(way, answer);
    match refused {
        AnswerRefused::Gone => return Ok(None),
        AnswerRefused::Limit(reached) => return Err(reached),
        AnswerRefused::TookTooLong => shown.notice = Some(VerifyNotice::TookTooLong),
        AnswerRefused::NotThisWay => {
            shown = Shown { notice: Some(VerifyNotice::NotThisWay), ..Shown::default() };
        }
        AnswerRefused::NotAnsweredYet => shown.notice = Some(VerifyNotice::NotAnsweredYet),
        AnswerRefused::RequestOver(over) => shown.notice = Some(VerifyNotice::RequestOver(over)),
        AnswerRefused::Wrong => {
            let problem = match way {
                Way::MobileAppPinCode | Way::OnMobile => {
                    shown.notice = Some(VerifyNotice::Worthless);
                    return Ok(Some(shown));
                }
                Way::SecurityKey => Problem::SecurityKeyWrong,
                Way::MobileAppQrCode => Problem::AppCodeWrong,
                Way::Totp => Problem::OneTimeCodeWrong,
                Way::RecoveryCode => Problem::RecoveryCodeWrong,
                Way::Sms => Problem::SmsCodeWrong,
                Way::Password => Problem::PasswordWrong,
            };
            way.field().into_iter().for_each(|field| shown.errors.add(field, problem));
        }
        AnswerRefused::Used => {
            let problem = match way {
                Way::MobileAppPinCode | Way::OnMobile => {
                    shown.notice = Some(VerifyNotice::UsedBefore);
                    return Ok(Some(shown));
                }
                Way::SecurityKey => Problem::SecurityKeyUsed,
                Way::RecoveryCode => Problem::RecoveryCodeUsed,
                Way::MobileAppQrCode => Problem::AppCodeUsed,
                Way::Sms => Problem::SmsCodeUsed,
                Way::Totp | Way::Password => Problem::OneTimeCodeUsed,
            };
            way.field().into_iter().for_each(|field| shown.errors.add(field, problem));
        }
    }
    Ok(Some(shown))
}

/// Where a browser goes on after its second factor. Who was let in by SMS for the last time adds another one first.
fn landing(sms_ends: Option<SmsEnds>, target: Option<String>) -> String {
    match sms_ends {
        Some(SmsEnds::LastTime) => paths::SECURITY.to_owned(),
        // Nobody is kept from where they wanted to go by what can be done later.
        Some(SmsEnds::On(_)) if target.is_none() => format!("{}?done=sms-ends", paths::ACCOUNT),
        Some(SmsEnds::On(_)) | None => target.unwrap_or_else(|| paths::ACCOUNT.to_owned()),
    }
}

pub async fn answer(mut visit: Visit, body: Body) -> Reply {
    let (posted, command) = visit.read_form(body, paths::LOGIN_VERIFY, &OWN).await?;
    // A recovery code leads to where the device is replaced, and nowhere else.
    let by_recovery_code = posted.get(fields::METHOD) == Way::RecoveryCode.name();
    let target = local_target(posted.get(TARGET));
    let target = if by_recovery_code { Some(paths::SECURITY.to_owned()) } else { target };
    let app = visit.site.app.clone();
    // The same form again, its answer lost: what it answered is gone, and has led to a session.
    let before = app.answered_before(&visit.client, command).await;
    if let Some(signed_in) = before.map_err(|failure| visit.failed(&failure))? {
        keep_session(&mut visit, &signed_in);
        return Ok(visit.see_other(target.as_deref().unwrap_or(paths::ACCOUNT)));
    }
    if let Some(way) = asked_again(&posted) {
        return again(&visit, None, way, paths::LOGIN_VERIFY, target.as_deref()).await;
    }
    let mut errors = Errors::default();
    let Some((way, answer)) = answer_in(&posted, false, &mut errors) else {
        return second_step(&visit, StatusCode::OK, Shown::default(), target).await;
    };
    if !errors.is_empty() {
        let shown = Shown { errors, ..Shown::of(way, answer) };
        return second_step(&visit, StatusCode::UNPROCESSABLE_ENTITY, shown, target).await;
    }
    let sms_ends = match way {
        Way::Sms => app.second_step(&visit.client).await.map_err(|failure| visit.failed(&failure))?,
        _ => None,
    };
    let sms_ends = sms_ends.and_then(|step| SmsEnds::of(&step.factors));
    match app.answer_second_step(&visit.client, command, answer).await {
        Ok(Ok(signed_in)) => {
            end_replaced(&visit, command).await?;
            keep_session(&mut visit, &signed_in);
            Ok(visit.see_other(&landing(sms_ends, target)))
        }
        Ok(Err(refusal)) => match refused(way, answer, refusal).map_err(|reached| too_many(&visit, reached))? {
            Some(shown) => second_step(&visit, StatusCode::UNPROCESSABLE_ENTITY, shown, target).await,
            None => Ok(visit.see_other(paths::LOGIN)),
        },
        Err(failure) => Err(visit.failed(&failure)),
    }
}
