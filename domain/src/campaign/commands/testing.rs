//! Given events, when a command, then events or the exact refusal.

use crate::aggregate::{Aggregate, Command, Context, Decision};
use crate::campaign::events::{CampaignEvent, CampaignPlanned, ReasonGiven, StageStarted};
use crate::campaign::{Campaign, CampaignStage, OperatorsWords, Plan};
use crate::ids::StreamId;
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::values::Language;

/// 2026-05-03T10:00:00Z, when every story begins.
pub(in crate::campaign) const BEGINNING: Timestamp = Timestamp::from_seconds(1_777_802_400);

const DAY: i64 = 24 * 3600;

/// A story: what happened, and when it is.
#[derive(Clone)]
pub(in crate::campaign) struct Story {
    pub(in crate::campaign) campaign: Campaign,
    pub(in crate::campaign) now: Timestamp,
}

pub(super) fn nothing() -> Story {
    Story { campaign: Campaign::default(), now: BEGINNING }
}

/// A campaign in a stage, whose stages so far each began at their date.
pub(super) fn going(stage: Option<CampaignStage>) -> Story {
    let mut story = nothing().then([planned(1)]);
    for begun in CampaignStage::ALL.into_iter().filter(|begun| Some(*begun) <= stage) {
        story = story.at(plan().date(begun)).then([started(begun)]);
    }
    story
}

pub(super) fn paused() -> Story {
    going(Some(CampaignStage::Announce)).then([CampaignEvent::Paused(reason_given())])
}

pub(super) fn ended(stage: CampaignStage) -> Story {
    let story = going(Some(stage)).then([CampaignEvent::Ended(reason_given())]);
    Story { now: BEGINNING, ..story }
}

impl Story {
    pub(super) fn then(mut self, events: impl IntoIterator<Item = CampaignEvent>) -> Self {
        for event in events {
            self.campaign.evolve(self.now, &event);
        }
        self
    }

    pub(super) fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    pub(super) fn when<C: Command<Aggregate = Campaign>>(
        &self,
        command: &C,
    ) -> Decision<CampaignEvent, C::Outcome, C::Refusal> {
        let policy = Policy::default();
        let (now, epoch_began) = (self.now, Timestamp::default());
        let context = Context { stream: StreamId::from_bytes([1; 16]), now, epoch_began, policy: &policy };
        command.decide(&self.campaign, context)
    }
}

/// Ten days between the stages, and two weeks of grace.
pub(in crate::campaign) fn plan() -> Plan {
    Plan {
        dates: [10, 20, 30, 40].map(|day| Timestamp::from_seconds(BEGINNING.seconds() + day * DAY)),
        grace: 14 * 24 * 3600,
        rate: 500,
        words: vec![OperatorsWords {
            language: Language::English,
            words: "Messages can be read by others.".to_owned(),
        }],
    }
}

pub(in crate::campaign) fn planned(number: u16) -> CampaignEvent {
    CampaignEvent::Planned(CampaignPlanned { number, plan: plan() })
}

pub(in crate::campaign) fn started(stage: CampaignStage) -> CampaignEvent {
    CampaignEvent::StageStarted(StageStarted { stage })
}

pub(in crate::campaign) fn reason_given() -> ReasonGiven {
    ReasonGiven { reason: "the holidays".to_owned() }
}
