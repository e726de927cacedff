//! The end of codes by SMS: a campaign that an operator plans, starts, pauses and ends, and that workers carry out account by
//! account. An aggregate with one stream.
//!
//! The stream holds the plan, the stages and the pauses. What became of an account stands in the account's own events (see
//! [`SmsDeprecated`](crate::account::SmsDeprecated)), so that the campaign stays small however many people there are.

pub mod commands;
mod events;
#[cfg(test)]
mod frozen;
mod plan;

use minicbor::{Decode, Encode};

pub use events::{CampaignEvent, CampaignPlanned, ReasonGiven, StageStarted};
pub use plan::{CampaignStage, MAX_GRACE, MAX_RATE, MAX_WORDS, OperatorsWords, Plan, PlanRefusal};

use crate::aggregate::{Aggregate, Claim, DecodeError, from_cbor, to_cbor};
use crate::ids::{KeyId, StreamId};
use crate::time::Timestamp;
use crate::values::Language;

/// The stream of the campaign: there is one in a log.
pub const CAMPAIGN_STREAM: StreamId = StreamId::from_bytes(*b"chancery-sms-end");

/// A campaign that was planned.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Planned {
    /// Its number: the first one has 1.
    #[n(0)]
    pub number: u16,
    /// What is to happen, and when.
    #[n(1)]
    pub plan: Plan,
    /// The stage that it is in, and since when; `None` before the first one.
    #[n(2)]
    pub stage: Option<(CampaignStage, Timestamp)>,
    /// Whether it stands still.
    #[n(3)]
    pub paused: bool,
    /// Whether an operator ended it: no further stage begins, and no further account is told. What has begun stays.
    #[n(4)]
    pub ended: bool,
    /// The version of the event that set it going last: who works because of an earlier one has nothing left to do.
    #[n(5)]
    pub set_going: u64,
}

impl Planned {
    /// Whether workers carry it out now.
    #[must_use]
    pub const fn is_going(&self) -> bool {
        !self.paused && !self.ended
    }

    /// The stage that comes next, and when it begins at the earliest. None begins sooner after the one before it than was
    /// planned: what a pause or an outage held up moves, and is not made up for in a rush.
    #[must_use]
    pub fn next(&self) -> Option<(CampaignStage, Timestamp)> {
        match self.stage {
            None => Some((CampaignStage::Announce, self.plan.date(CampaignStage::Announce))),
            Some((stage, began)) => {
                let next = stage.next()?;
                Some((next, self.plan.no_sooner(next, stage, began)))
            }
        }
    }

    /// When SMS ends, as far as that is known now.
    #[must_use]
    pub fn off(&self) -> Timestamp {
        let Some((mut stage, mut began)) = self.stage else { return self.plan.date(CampaignStage::Off) };
        while let Some(next) = stage.next() {
            (stage, began) = (next, self.plan.no_sooner(next, stage, began));
        }
        began
    }
}

/// The campaign's state, folded from its events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Campaign {
    /// The one that was planned last.
    #[n(0)]
    pub planned: Option<Planned>,
    /// How many events it is folded from, which is the version of the last.
    #[n(1)]
    pub events: u64,
}

impl Campaign {
    /// The campaign, if workers carry it out now.
    #[must_use]
    pub fn going(&self) -> Option<&Planned> {
        self.planned.as_ref().filter(|planned| planned.is_going())
    }

    /// The stage that was begun last, be it that the campaign has been paused or ended since.
    #[must_use]
    pub fn stage(&self) -> Option<CampaignStage> {
        Some(self.planned.as_ref()?.stage?.0)
    }

    /// The operator's words in a language, of the campaign of this number while it is the newest.
    #[must_use]
    pub fn words(&self, number: u16, language: Language) -> Option<String> {
        let planned = self.planned.as_ref().filter(|planned| planned.number == number)?;
        planned.plan.words(language).map(ToOwned::to_owned)
    }

    /// Whether numbers can be added.
    #[must_use]
    pub fn takes_new_numbers(&self) -> bool {
        self.stage().is_none_or(|stage| stage < CampaignStage::NoNewNumbers)
    }
}

impl Aggregate for Campaign {
    const NAME: &'static str = "campaign";
    const FOLD_VERSION: u16 = 1;
    type Event = CampaignEvent;

    fn evolve(&mut self, decided: Timestamp, event: &CampaignEvent) {
        self.events += 1;
        let set_going = self.events;
        match (event, &mut self.planned) {
            (CampaignEvent::Planned(CampaignPlanned { number, plan }), planned) => {
                let (number, plan) = (*number, plan.clone());
                *planned = Some(Planned { number, plan, stage: None, paused: false, ended: false, set_going });
            }
            (CampaignEvent::StageStarted(started), Some(planned)) => planned.stage = Some((started.stage, decided)),
            (CampaignEvent::Paused(_), Some(planned)) => planned.paused = true,
            (CampaignEvent::Resumed(_), Some(planned)) => (planned.paused, planned.set_going) = (false, set_going),
            (CampaignEvent::Ended(_), Some(planned)) => planned.ended = true,
            (
                CampaignEvent::StageStarted(_)
                | CampaignEvent::Paused(_)
                | CampaignEvent::Resumed(_)
                | CampaignEvent::Ended(_),
                None,
            )
            | (CampaignEvent::Redacted, _) => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        to_cbor(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        from_cbor(Self::NAME, bytes)
    }

    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        Vec::new()
    }

    fn is_tombstone(&self) -> bool {
        false
    }
}
