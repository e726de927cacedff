//! `sms`: sends promised codes to telephones.
//!
//! A repeat sends the same message: the same id (from the event's position), the same code (a MAC over its challenge). One
//! that could no longer be typed is not sent.

use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::account::AccountEvent;
use chancery_domain::policy::Policy;
use chancery_eventstore::{EventRow, Purpose};
use chancery_service::factors::phone::OPEN;
use chancery_service::sms::{Message, SmsError, SmsSender, code_message};
use chancery_service::trace;
use tracing::Instrument as _;

use crate::fact::Fact;
use crate::job::{Context, Job, Outcome, backoff};

/// What reading the account may take.
const BESIDES: Duration = Duration::from_secs(30);

/// Why a message is not sent any more.
const TOO_LATE: &str = "too-late";

/// The job.
#[derive(Clone, Debug)]
pub struct SendSms {
    sender: Option<SmsSender>,
}

impl SendSms {
    /// The job, which sends by this sender; without one what was promised waits for a process that has one.
    #[must_use]
    pub const fn new(sender: Option<SmsSender>) -> Self {
        Self { sender }
    }
}

#[async_trait]
impl Job for SendSms {
    fn name(&self) -> &'static str {
        "sms"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        event_type == "account.sms_code_requested"
    }

    fn due(&self, event: &Fact, decided: Timestamp, _: &Policy) -> Option<Timestamp> {
        matches!(event, Fact::Account(AccountEvent::SmsCodeRequested(_))).then_some(decided)
    }

    fn at_once(&self) -> usize {
        self.sender.as_ref().map_or(1, |sender| sender.capacity().at_once)
    }

    /// The transport gives up before the lease is over.
    fn lease(&self) -> Duration {
        self.sender.as_ref().map_or(BESIDES, |sender| sender.capacity().within + BESIDES)
    }

    async fn act(&self, context: &Context, row: &EventRow, event: &Fact) -> Outcome {
        let Fact::Account(AccountEvent::SmsCodeRequested(requested)) = event else { return Outcome::Done };
        let app = &context.app;
        let number = match app.account(row.stream).await {
            Ok(Some(account)) => app.promised_number(&account, requested).await,
            Ok(None) => Ok(None),
            Err(failure) => Err(failure),
        };
        let number = match number {
            Ok(Some(number)) => number,
            // The account or the telephone is gone, and with it whoever waits for the code.
            Ok(None) => return Outcome::Done,
            Err(failure) => return failure.into(),
        };
        // What was promised in an earlier epoch is void: whoever waits for it asks again.
        let until = row.decided.plus(OPEN);
        if row.decided < app.log.began {
            return Outcome::Done;
        }
        if app.now() >= until {
            return Outcome::Dead { reason: TOO_LATE.to_owned() };
        }
        let id =
            app.store.service_mac(Purpose::Pseudonym, &[b"sms id", &app.log.bytes(), &row.position.0.to_be_bytes()]);
        let code = app.sms_code(requested.challenge, &number);
        let settings = &app.settings;
        let message = Message {
            id: hex(&id[..16]),
            to: number,
            text: code_message(requested.language, &settings.service_name, &settings.public_url, &code),
            date: row.decided,
        };
        let reason = match self.send(&message, row).await {
            Ok(()) => return Outcome::Done,
            Err(SmsError::Refused { status }) => return Outcome::Dead { reason: format!("refused {status}") },
            Err(SmsError::Retry { status }) => format!("later {status}"),
            Err(SmsError::Unavailable { reason }) => {
                tracing::warn!(reason, "the gateway for messages cannot be used");
                "gateway-unavailable".to_owned()
            }
        };
        if app.now().plus(backoff(context.attempts)) >= until {
            return Outcome::Dead { reason };
        }
        Outcome::Retry { reason }
    }
}

impl SendSms {
    async fn send(&self, message: &Message, row: &EventRow) -> Result<(), SmsError> {
        let Some(sender) = &self.sender else {
            return Err(SmsError::Unavailable { reason: "this process has no sms-gateway".to_owned() });
        };
        let span = trace::sms(row.correlation);
        let sent = sender.send(message).instrument(span.clone()).await;
        trace::delivered(&span, sent.as_ref().map_or_else(SmsError::outcome, |()| "sent"));
        sent
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
