//! `remind-recoveries`: tells people every day of a recovery that waits, or can be completed.
//!
//! Acts on a recovery that was asked for, a day after that, and comes back each day until it was cancelled or completed, or
//! has lapsed. At its end it does nothing but say so: what cannot be undone is left to the person who comes back. A repeat
//! on the same day sends the same mail, with the same `Message-ID` (from the event's position and the day).

use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::account::{AccountEvent, RecoveryStanding};
use chancery_domain::policy::Policy;
use chancery_eventstore::{EventRow, Purpose};
use chancery_service::mail::{Letter, Mail, MailError, Mailer, RecoveryNews};
use chancery_service::trace;
use tracing::Instrument as _;

use super::mail::disown_url;
use crate::fact::Fact;
use crate::job::{Context, Job, Outcome};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What reading the account may take.
const BESIDES: Duration = Duration::from_secs(60);

/// The job.
#[derive(Clone)]
pub struct RemindRecoveries {
    mailer: Mailer,
}

impl RemindRecoveries {
    /// The job, which sends by this mailer.
    #[must_use]
    pub const fn new(mailer: Mailer) -> Self {
        Self { mailer }
    }
}

#[async_trait]
impl Job for RemindRecoveries {
    fn name(&self) -> &'static str {
        "remind-recoveries"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        event_type == "account.recovery_requested"
    }

    fn due(&self, event: &Fact, decided: Timestamp, _: &Policy) -> Option<Timestamp> {
        matches!(event, Fact::Account(AccountEvent::RecoveryRequested(_))).then(|| decided.plus(DAY))
    }

    fn at_once(&self) -> usize {
        self.mailer.capacity().at_once
    }

    /// The transport gives up before the lease is over: only it knows whether the mail is worth another try.
    fn lease(&self) -> Duration {
        self.mailer.capacity().within + BESIDES
    }

    async fn act(&self, context: &Context, row: &EventRow, fact: &Fact) -> Outcome {
        let Fact::Account(event) = fact else { return Outcome::Done };
        let (app, now) = (&context.app, context.app.now());
        let account = match app.account(row.stream).await {
            Ok(Some(account)) => account,
            Ok(None) => return Outcome::Done,
            Err(failure) => return failure.into(),
        };
        let open = account.state.recovery.at(now).filter(|open| open.requested == row.decided);
        let (Some(open), Some(identity)) = (open, &account.state.identity) else { return Outcome::Done };
        let days = u32::try_from(now.since(row.decided).as_secs() / DAY.as_secs()).unwrap_or(u32::MAX);
        let next = Outcome::Later(row.decided.plus(DAY.saturating_mul(days.saturating_add(1))));
        if account.state.suspended {
            return next;
        }
        let what = match open.standing(now) {
            RecoveryStanding::Waiting => RecoveryNews::Waits { ends: open.ends },
            RecoveryStanding::Ready | RecoveryStanding::Lapsed => RecoveryNews::Over { until: open.until() },
        };
        let device = match app.told_devices(row, event).await {
            Ok(told) => told.into_iter().next(),
            Err(failure) => return failure.into(),
        };
        let mail = Mail::Recovery { at: row.decided, what, device, cancel_url: disown_url(app, row) };
        let (position, day) = (row.position.0.to_be_bytes(), days.to_be_bytes());
        let id = app.store.service_mac(Purpose::Pseudonym, &[b"reminder id", &app.log.bytes(), &position, &day]);
        let letter = Letter {
            id: &id[..16],
            to: identity.email.as_str(),
            language: identity.language,
            mail: &mail,
            date: row.decided.plus(DAY.saturating_mul(days)),
        };
        let span = trace::mail(mail.name(), row.correlation);
        let sent = self.mailer.deliver(letter).instrument(span.clone()).await;
        trace::delivered(&span, sent.as_ref().map_or_else(MailError::outcome, |()| "sent"));
        match sent {
            // The mail that told of it at once says in the log that the mailbox refuses mails.
            Ok(()) | Err(MailError::Refused { .. }) => next,
            Err(MailError::Retry { reply }) => Outcome::Retry { reason: format!("later {reply}") },
            Err(MailError::Unavailable { reason }) => {
                tracing::warn!(reason, "the mail server cannot be used");
                Outcome::Retry { reason: "mail-server-unavailable".to_owned() }
            }
        }
    }
}
