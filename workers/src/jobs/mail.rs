//! `mail`: tells people by mail.
//!
//! Acts on requested and repeated links, on a second registration for an account's address, on a password that was
//! changed or reset, on the first lock of a day, on a sign-in from a browser that the account does not know, and on what
//! happens to second factors. A repeat sends the same mail: the
//! same `Message-ID` (from the event's position), the same link (a MAC over its id). A link that can no longer be used is
//! not mailed; one that never was is dead.

use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::account::commands::Changed;
use chancery_domain::account::{AccountEvent, FactorKind, Identity, LinkPurpose, LinkStanding, PasswordReason};
use chancery_domain::campaign::CampaignStage;
use chancery_domain::policy::Policy;
use chancery_domain::values::Language;
use chancery_domain::{LinkId, StreamId, Timestamp};
use chancery_eventstore::{EventRow, Purpose, ReadError, Version};
use chancery_service::accounts::LoadedAccount;
use chancery_service::mail::{
    Letter, Mail, MailError, Mailer, PasswordChange, RecoveryNews, SecurityChange, SecurityLink, help_path,
};
use chancery_service::{App, Failure, trace};
use secrecy::SecretString;
use tracing::Instrument as _;

use crate::fact::Fact;
use crate::job::{Context, Job, Outcome, backoff};

/// What reading the account and recording what became of its mail may take.
const BESIDES: Duration = Duration::from_secs(60);

/// Why a mail is not sent any more.
const TOO_LATE: &str = "too-late";

/// The job.
#[derive(Clone)]
pub struct SendMail {
    mailer: Mailer,
}

impl SendMail {
    /// The job, which sends by this mailer.
    #[must_use]
    pub const fn new(mailer: Mailer) -> Self {
        Self { mailer }
    }
}

/// A mail to be sent.
struct Draft {
    mail: Mail,
    name: &'static str,
    language: Language,
    link: Option<LinkId>,
    /// Until when it is worth sending.
    until: Timestamp,
}

#[async_trait]
impl Job for SendMail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        matches!(
            event_type,
            "account.email_link_requested"
                | "account.email_link_repeated"
                | "account.registration_repeated"
                | "account.password_set"
                | "account.sign_in_locked"
                | "account.signed_in"
                | "account.factor_added"
                | "account.factor_renamed"
                | "account.factor_removed"
                | "account.factors_reset"
                | "account.factor_counter_went_back"
                | "account.second_factor_failed"
                | "account.factor_blocked"
                | "account.factor_unblocked"
                | "account.factor_pin_changed"
                | "account.app_request_denied"
                | "account.recovery_codes_issued"
                | "account.recovery_code_used"
                | "account.recovery_codes_removed"
                | "account.sign_in_options_changed"
                | "account.change_disowned"
                | "account.factors_suspended"
                | "account.factor_resumed"
                | "account.recovery_requested"
                | "account.recovery_cancelled"
                | "account.recovery_completed"
                | "account.sms_deprecated"
        )
    }

    fn due(&self, event: &Fact, decided: Timestamp, _: &Policy) -> Option<Timestamp> {
        let Fact::Account(event) = event else { return None };
        let acts = match event {
            AccountEvent::EmailLinkRequested(_)
            | AccountEvent::EmailLinkRepeated(_)
            | AccountEvent::RegistrationRepeated
            | AccountEvent::RecoveryRequested(_) => true,
            AccountEvent::PasswordSet(set) => set.reason != PasswordReason::Registration,
            AccountEvent::SignInLocked(locked) => locked.owner_told,
            AccountEvent::SignedIn(signed_in) => signed_in.is_news(),
            AccountEvent::SmsDeprecated(deprecated) => deprecated.stage != CampaignStage::Off,
            event => SecurityChange::of(event).is_some(),
        };
        acts.then_some(decided)
    }

    fn at_once(&self) -> usize {
        self.mailer.capacity().at_once
    }

    /// The transport gives up before the lease is over: only it knows whether the mail is worth another try.
    fn lease(&self) -> Duration {
        self.mailer.capacity().within + BESIDES
    }

    async fn act(&self, context: &Context, row: &EventRow, event: &Fact) -> Outcome {
        let Fact::Account(event) = event else { return Outcome::Done };
        let app = &context.app;
        let (account, policy) = match (app.account(row.stream).await, app.policy().await) {
            (Ok(Some(account)), Ok(policy)) => (account, policy.policy),
            (Ok(None), _) => return Outcome::Done,
            (Err(failure), _) | (_, Err(failure)) => return failure.into(),
        };
        let Some(identity) = &account.state.identity else { return Outcome::Done };
        match is_told_before(app, row, event).await {
            Ok(false) => {}
            Ok(true) => return Outcome::Done,
            Err(failure) => return failure.into(),
        }
        let Some(mut draft) = draft(app, &account, identity, row, event, &policy) else {
            return without_mail(app, &account, row, event).await;
        };
        if let Mail::Security { .. } | Mail::Recovery { .. } = draft.mail {
            let told = match app.told_devices(row, event).await {
                Ok(told) => told,
                Err(failure) => return failure.into(),
            };
            match &mut draft.mail {
                Mail::Security { devices, help_url, .. } => {
                    // What became of one device leads to the page of its kind.
                    if let [device] = told.as_slice() {
                        *help_url = help_of(app, device.kind);
                    }
                    *devices = told;
                }
                Mail::Recovery { device, .. } => *device = told.into_iter().next(),
                _ => {}
            }
        }
        if app.now() >= draft.until {
            return Outcome::Dead { reason: TOO_LATE.to_owned() };
        }
        let id = app
            .store
            .service_mac(Purpose::Pseudonym, &[b"message id", &app.log.bytes(), &row.position.0.to_be_bytes()]);
        if let (Mail::SmsEnds { words, .. }, AccountEvent::SmsDeprecated(deprecated)) = (&mut draft.mail, event) {
            *words = match app.campaign().await {
                Ok(campaign) => campaign.words(deprecated.campaign, draft.language),
                Err(failure) => return failure.into(),
            };
        }
        let letter = Letter {
            id: &id[..16],
            to: identity.email.as_str(),
            language: draft.language,
            mail: &draft.mail,
            date: row.decided,
        };
        let span = trace::mail(draft.name, row.correlation);
        let sent = self.mailer.deliver(letter).instrument(span.clone()).await;
        trace::delivered(&span, sent.as_ref().map_or_else(MailError::outcome, |()| "sent"));
        drop(span);
        let recorded = match sent {
            Ok(()) => match draft.link {
                Some(link) => app.record_link_sent(row, link).await,
                None => Ok(()),
            },
            Err(MailError::Refused { reply }) => {
                return match app.record_mail_refused(row, draft.name, draft.link, reply.code).await {
                    Ok(()) => Outcome::Dead { reason: format!("refused {reply}") },
                    Err(failure) => failure.into(),
                };
            }
            Err(MailError::Retry { reply }) => return again(app, context, &draft, format!("later {reply}")),
            Err(MailError::Unavailable { reason }) => {
                tracing::warn!(reason, "the mail server cannot be used");
                return again(app, context, &draft, "mail-server-unavailable".to_owned());
            }
        };
        match recorded {
            Ok(()) => Outcome::Done,
            Err(failure) => failure.into(),
        }
    }
}

/// Nothing is mailed. That is well, unless it was promised: a link whose time went by in the queue without a mail.
async fn without_mail(app: &App, account: &LoadedAccount, row: &EventRow, event: &AccountEvent) -> Outcome {
    let link = match event {
        AccountEvent::EmailLinkRequested(requested) => requested.link,
        AccountEvent::EmailLinkRepeated(repeated) => repeated.link,
        _ => return Outcome::Done,
    };
    // What was asked for in an earlier epoch is void: whoever waits for it asks again.
    if row.decided < app.log.began || account.state.links.standing(link, app.moment()) != LinkStanding::Expired {
        return Outcome::Done;
    }
    match was_sent(app, row.stream, link).await {
        Ok(true) => Outcome::Done,
        Ok(false) => Outcome::Dead { reason: TOO_LATE.to_owned() },
        Err(error) => Failure::from(error).into(),
    }
}

/// Whether a mail server ever took the link's mail. An account does not remember that of a link whose time is over; the
/// log does.
async fn was_sent(app: &App, stream: StreamId, link: LinkId) -> Result<bool, ReadError> {
    for row in app.store.backend().read_stream(stream, Version(0), u32::MAX).await? {
        if row.event_type == "account.email_link_sent"
            && let AccountEvent::EmailLinkSent(sent) = app.store.open_event(&row).await?
            && sent.link == link
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn again(app: &App, context: &Context, draft: &Draft, reason: String) -> Outcome {
    if app.now().plus(backoff(context.attempts)) >= draft.until {
        return Outcome::Dead { reason };
    }
    Outcome::Retry { reason }
}

fn draft(
    app: &App,
    account: &LoadedAccount,
    identity: &Identity,
    row: &EventRow,
    event: &AccountEvent,
    policy: &Policy,
) -> Option<Draft> {
    let lost_password_url = format!("{}/lost-password", app.settings.public_url);
    let help_url = format!("{}/help", app.settings.public_url);
    let notice = |mail, name| Draft {
        mail,
        name,
        language: identity.language,
        link: None,
        until: row.decided.plus(policy.mail_queue_limit()),
    };
    match event {
        AccountEvent::EmailLinkRequested(requested) => {
            link(app, account, requested.link, Some(requested.language), policy)
        }
        AccountEvent::EmailLinkRepeated(repeated) => link(app, account, repeated.link, repeated.language, policy),
        AccountEvent::RegistrationRepeated => {
            Some(notice(Mail::RegistrationRepeated { lost_password_url }, "registration-repeated"))
        }
        AccountEvent::PasswordSet(set) => {
            let how = match set.reason {
                PasswordReason::Registration => return None,
                PasswordReason::Reset => PasswordChange::Reset,
                PasswordReason::Change => PasswordChange::Change,
            };
            let mail = Mail::PasswordChanged { at: row.decided, how, disown_url: disown_url(app, row) };
            Some(notice(mail, "password-changed"))
        }
        event if SecurityChange::of(event).is_some() => SecurityChange::of(event).map(|what| {
            let link = match Changed::by(event) {
                Some(_) => SecurityLink::Disown(disown_url(app, row)),
                None => SecurityLink::Look(format!("{}/account/security", app.settings.public_url)),
            };
            // What a code was used for is told of codes; whoever has nothing left is told of everything.
            let of_codes = matches!(what, SecurityChange::RecoveryCodeUsed { .. });
            let help_url = if of_codes { format!("{help_url}/recovery-codes") } else { help_url };
            notice(Mail::Security { at: row.decided, what, devices: Vec::new(), link, help_url }, "security")
        }),
        AccountEvent::SignedIn(_) => {
            Some(notice(Mail::SignedIn { at: row.decided, disown_url: disown_url(app, row) }, "signed-in"))
        }
        AccountEvent::RecoveryRequested(requested) => {
            let (at, what) = (row.decided, RecoveryNews::Asked { ends: requested.ends });
            Some(notice(Mail::Recovery { at, what, device: None, cancel_url: disown_url(app, row) }, "recovery"))
        }
        // Whoever moved since is left alone, and so is whoever has been told more.
        AccountEvent::SmsDeprecated(deprecated) => {
            let told = account.state.factors.sms_alone()?;
            let is_newest = (told.campaign, told.stage) == (deprecated.campaign, deprecated.stage);
            let (off, is_last) = (deprecated.off, deprecated.stage == CampaignStage::LastWarning);
            let security_url = format!("{}/account/security", app.settings.public_url);
            let help_url = help_of(app, FactorKind::Phone);
            let mail = Mail::SmsEnds { off, is_last, words: None, security_url, help_url };
            is_newest.then(|| notice(mail, "sms-ends"))
        }
        AccountEvent::SignInLocked(_) => {
            Some(notice(Mail::SignInLocked { at: row.decided, lost_password_url }, "sign-in-locked"))
        }
        _ => None,
    }
}

/// The page that tells how a device of a kind is added.
fn help_of(app: &App, kind: FactorKind) -> String {
    format!("{}{}", app.settings.public_url, help_path(kind))
}

/// The link by which the owner says that the change of an event was somebody else's.
pub(super) fn disown_url(app: &App, row: &EventRow) -> SecretString {
    SecretString::from(format!("{}/n/{}", app.settings.public_url, app.disown_token(row.position).expose()))
}

/// Whether an event is one of several by which one command removed everything, or put everything in force again, and not
/// the first, which tells of all.
async fn is_told_before(app: &App, row: &EventRow, event: &AccountEvent) -> Result<bool, Failure> {
    let first_of = match SecurityChange::of(event) {
        Some(SecurityChange::AllRemoved) => "account.factor_removed",
        Some(SecurityChange::Resumed) => "account.factor_resumed",
        _ => return Ok(false),
    };
    let before = app.store.backend().read_stream(row.stream, Version(row.version.0 - 2), 1).await?;
    Ok(before.first().is_some_and(|before| before.command == row.command && before.event_type == first_of))
}

fn link(
    app: &App,
    account: &LoadedAccount,
    link: LinkId,
    language: Option<Language>,
    policy: &Policy,
) -> Option<Draft> {
    if account.state.suspended {
        return None;
    }
    let now = app.now();
    let LinkStanding::Open(open) = account.state.links.standing(link, app.moment()) else { return None };
    let token = app.link_token(open.id, open.purpose);
    let link_url = SecretString::from(format!("{}/l/{}", app.settings.public_url, token.expose()));
    let code = SecretString::from(app.link_code(open.id).expose());
    // Counted as the record of the sending will count it.
    let left = open.valid_if_sent(now, policy).since(now).as_secs();
    let valid_for = Duration::from_secs(if left < 60 { left } else { left - left % 60 });
    let (mail, name) = match open.purpose {
        LinkPurpose::Registration => (Mail::ConfirmAddress { link_url, code, valid_for }, "confirm-address"),
        LinkPurpose::Reset => (Mail::ResetPassword { link_url, code, valid_for }, "reset-password"),
        LinkPurpose::Suspension => (Mail::SuspendFactors { link_url, valid_for }, "suspend-factors"),
        LinkPurpose::Recovery => (Mail::RecoverAccount { link_url, valid_for }, "recover-account"),
    };
    Some(Draft {
        mail,
        name,
        language: language.unwrap_or(open.language),
        link: Some(open.id),
        until: open.valid_until,
    })
}
