//! What jobs are given: an event of whichever aggregate.

use chancery_domain::account::{Account, AccountEvent};
use chancery_domain::application::{Application, ApplicationEvent};
use chancery_domain::campaign::{Campaign, CampaignEvent};
use chancery_domain::events::Stored;
use chancery_domain::{Aggregate, DecodeError, DomainEvent, Subject};

/// An event that a job acts on.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "the largest says all of a new device, and few facts are held at once")]
pub enum Fact {
    /// About an account.
    Account(AccountEvent),
    /// About an application.
    Application(ApplicationEvent),
    /// About the campaign by which codes by SMS end.
    Campaign(CampaignEvent),
}

impl DomainEvent for Fact {
    fn event_type(&self) -> &'static str {
        match self {
            Self::Account(event) => event.event_type(),
            Self::Application(event) => event.event_type(),
            Self::Campaign(event) => event.event_type(),
        }
    }

    fn schema_version(&self) -> u16 {
        match self {
            Self::Account(event) => event.schema_version(),
            Self::Application(event) => event.schema_version(),
            Self::Campaign(event) => event.schema_version(),
        }
    }

    fn encode(&self) -> Option<Vec<u8>> {
        match self {
            Self::Account(event) => event.encode(),
            Self::Application(event) => event.encode(),
            Self::Campaign(event) => event.encode(),
        }
    }

    fn stored(&self, readers: u16) -> Stored {
        match self {
            Self::Account(event) => event.stored(readers),
            Self::Application(event) => event.stored(readers),
            Self::Campaign(event) => event.stored(readers),
        }
    }

    fn decode(event_type: &str, schema_version: u16, subject: Subject<'_>) -> Result<Self, DecodeError> {
        match event_type.split_once('.') {
            Some((aggregate, _)) if aggregate == Account::NAME => {
                AccountEvent::decode(event_type, schema_version, subject).map(Self::Account)
            }
            Some((aggregate, _)) if aggregate == Application::NAME => {
                ApplicationEvent::decode(event_type, schema_version, subject).map(Self::Application)
            }
            Some((aggregate, _)) if aggregate == Campaign::NAME => {
                CampaignEvent::decode(event_type, schema_version, subject).map(Self::Campaign)
            }
            _ => Err(DecodeError::UnknownType(event_type.to_owned())),
        }
    }
}
