//! What an operator settles before a campaign begins.

use std::time::Duration;

use minicbor::{Decode, Encode};

use crate::time::Timestamp;
use crate::values::Language;

/// The longest time in which one last sign-in by SMS is possible.
pub const MAX_GRACE: Duration = Duration::from_secs(90 * 24 * 3600);

/// The most accounts a second.
pub const MAX_RATE: u32 = 100_000;

/// The longest words in one language, in characters.
pub const MAX_WORDS: usize = 1_000;

/// A stage of the campaign, in order. Numbers are stored and never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum CampaignStage {
    /// People are told, by mail and at each sign-in by SMS.
    #[n(0)]
    Announce,
    /// No number is added any more.
    #[n(1)]
    NoNewNumbers,
    /// People who have nothing else are told once more.
    #[n(2)]
    LastWarning,
    /// No telephone counts any more.
    #[n(3)]
    Off,
}

impl CampaignStage {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Announce, Self::NoNewNumbers, Self::LastWarning, Self::Off];

    /// The one that comes after it.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Announce => Some(Self::NoNewNumbers),
            Self::NoNewNumbers => Some(Self::LastWarning),
            Self::LastWarning => Some(Self::Off),
            Self::Off => None,
        }
    }

    /// What an operator calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Announce => "announce",
            Self::NoNewNumbers => "no new numbers",
            Self::LastWarning => "last warning",
            Self::Off => "off",
        }
    }

    /// What each account is told in it: that no number can be added is nothing to anybody who has one.
    #[must_use]
    pub const fn told(self) -> Self {
        match self {
            Self::Announce | Self::NoNewNumbers => Self::Announce,
            Self::LastWarning => Self::LastWarning,
            Self::Off => Self::Off,
        }
    }
}

/// Why SMS ends and what to use instead, in an operator's words.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OperatorsWords {
    /// In which language.
    #[n(0)]
    pub language: Language,
    /// The words: one paragraph.
    #[n(1)]
    pub words: String,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Plan {
    /// When each stage begins at the earliest, in their order.
    #[n(0)]
    pub dates: [Timestamp; 4],
    /// For how long after the end one last sign-in by SMS is possible for who has nothing else, in seconds.
    #[n(1)]
    pub grace: u32,
    /// How many accounts are told within a second at most.
    #[n(2)]
    pub rate: u32,
    /// What people are told besides the dates, in each language that the operator has words for.
    #[n(3)]
    pub words: Vec<OperatorsWords>,
}

/// Why a plan is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// One is going on, or paused.
    #[error("a campaign is going on: end it first")]
    GoingOn,
    /// Its dates are not in the order of the stages, or the last one is over.
    #[error(
        "the dates must be in this order, with some time between them: announce, no new numbers, last warning, off; \
         and SMS cannot have ended in the past"
    )]
    Dates,
    /// The grace time is too short or too long.
    #[error("the grace time must be from 1 hour to 90 days")]
    Grace,
    /// There is no rate, or it is too high.
    #[error("the rate must be from 1 to 100000 accounts a second")]
    Rate,
    /// The words are missing, too long, not one paragraph, or there twice in a language.
    #[error("the words must be one paragraph of 1 to 1000 characters, once for each language")]
    Words,
}

impl Plan {
    /// When a stage begins at the earliest.
    #[must_use]
    pub const fn date(&self, stage: CampaignStage) -> Timestamp {
        self.dates[stage as usize]
    }

    /// The same where the stage before it began at some other time than was planned.
    pub(super) fn no_sooner(&self, stage: CampaignStage, before: CampaignStage, began: Timestamp) -> Timestamp {
        let between = self.date(stage).since(self.date(before));
        self.date(stage).max(began.plus(between))
    }

    /// For how long after the end one last sign-in by SMS is possible.
    #[must_use]
    pub const fn grace(&self) -> Duration {
        Duration::from_secs(self.grace as u64)
    }

    /// The operator's words in a language.
    #[must_use]
    pub fn words(&self, language: Language) -> Option<&str> {
        self.words.iter().find(|words| words.language == language).map(|words| words.words.as_str())
    }

    /// Whether it can be carried out from now on.
    ///
    /// # Errors
    /// [`PlanRefusal`] says what is wrong with it.
    pub fn check(&self, now: Timestamp) -> Result<(), PlanRefusal> {
        if !self.dates.is_sorted_by(|one, next| one < next) || self.date(CampaignStage::Off) <= now {
            return Err(PlanRefusal::Dates);
        }
        if !(Duration::from_secs(3600)..=MAX_GRACE).contains(&self.grace()) {
            return Err(PlanRefusal::Grace);
        }
        if !(1..=MAX_RATE).contains(&self.rate) {
            return Err(PlanRefusal::Rate);
        }
        let is_paragraph =
            |words: &str| (1..=MAX_WORDS).contains(&words.chars().count()) && !words.chars().any(char::is_control);
        let is_there_twice =
            |language| self.words.iter().filter(|words: &&OperatorsWords| words.language == language).count() > 1;
        if Language::ALL.into_iter().any(is_there_twice) || !self.words.iter().all(|words| is_paragraph(&words.words)) {
            return Err(PlanRefusal::Words);
        }
        Ok(())
    }
}
