//! How the end of codes by SMS stands with one account.

use minicbor::{Decode, Encode};

use super::events::{AccountEvent, FactorKind, SignInMethod};
use super::factors::{Factor, Factors};
use super::{Account, Phase, Session};
use crate::aggregate::{Claim, ClaimKind};
use crate::campaign::CampaignStage;
use crate::time::Timestamp;

/// What the account was told last, or what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SmsEnd {
    /// By which campaign.
    #[n(0)]
    pub campaign: u16,
    /// The stage.
    #[n(1)]
    pub stage: CampaignStage,
    /// When SMS ends, or has ended.
    #[n(2)]
    pub off: Timestamp,
    /// Until when one last sign-in by SMS is possible; `None` before the end, without one, and once it was used.
    #[n(3)]
    pub last_until: Option<Timestamp>,
}

impl Factors {
    /// Whether something else than a telephone counts.
    #[must_use]
    pub fn has_more_than_sms(&self) -> bool {
        self.counting().any(|factor| factor.kind != FactorKind::Phone)
    }

    /// The telephones that stand in for what the account has not got yet: SMS has ended, and nothing else counts. Whoever
    /// proved one may add another device, and nothing more.
    pub fn standing_in(&self) -> impl Iterator<Item = &Factor> {
        let nothing_counts = self.counting().next().is_none();
        self.devices.iter().filter(move |factor| factor.off && factor.suspended.is_none() && nothing_counts)
    }

    /// The devices that can be asked: those that count, and telephones for the one last sign-in by SMS.
    pub fn asked(&self, now: Timestamp) -> impl Iterator<Item = &Factor> {
        let last = self.sms.and_then(|sms| sms.last_until).is_some_and(|until| now < until);
        self.counting().chain(self.standing_in().filter(move |_| last))
    }

    /// What an account was told that has nothing but SMS, or had nothing else at the end.
    #[must_use]
    pub fn sms_alone(&self) -> Option<SmsEnd> {
        self.sms
            .filter(|_| !self.has_more_than_sms() && self.devices.iter().any(|factor| factor.kind == FactorKind::Phone))
    }

    /// Whether a second factor is to be added before anything else: SMS has ended, and nothing else counts.
    #[must_use]
    pub fn only_sms_is_left(&self) -> bool {
        self.standing_in().next().is_some()
    }

    /// Whether a session was begun with what only stands in.
    #[must_use]
    pub fn stands_in_for(&self, session: &Session) -> bool {
        self.standing_in().any(|factor| session.factors.contains(&factor.number))
    }

    pub(super) fn evolve_sms(&mut self, event: &AccountEvent) {
        match event {
            AccountEvent::SmsDeprecated(deprecated) => {
                let (campaign, stage) = (deprecated.campaign, deprecated.stage);
                self.sms = Some(SmsEnd { campaign, stage, off: deprecated.off, last_until: deprecated.last_until });
                if stage == CampaignStage::Off {
                    self.devices.iter_mut().filter(|factor| factor.kind == FactorKind::Phone).for_each(Factor::end);
                }
            }
            // It was the last one.
            AccountEvent::SignedIn(signed_in) if signed_in.proofs.iter().any(|by| by.method == SignInMethod::Sms) => {
                self.ends_last();
            }
            AccountEvent::FactorAdded(_) => self.ends_last(),
            AccountEvent::TelephoneListed => self.listed = true,
            _ => {}
        }
    }

    const fn ends_last(&mut self) {
        if let Some(sms) = &mut self.sms {
            sms.last_until = None;
        }
    }
}

impl Account {
    /// Whether it has a telephone, or was told that codes by SMS end: those are the accounts that a campaign is about.
    #[must_use]
    pub fn has_to_do_with_sms(&self) -> bool {
        self.factors.sms.is_some() || self.factors.devices.iter().any(|factor| factor.kind == FactorKind::Phone)
    }

    /// The reservation by which it is listed while it has to do with SMS.
    ///
    /// Its events claim the uid from the telephone on, also where an earlier build appended them and reserved nothing. Such an
    /// account is listed by an event of its own, from which on it claims another value: so the log says since when it is held.
    #[must_use]
    pub fn sms_claim(&self) -> Option<Claim> {
        let identity = self.identity.as_ref().filter(|_| self.has_to_do_with_sms())?;
        let mut value = identity.uid.as_str().as_bytes().to_vec();
        if self.factors.listed {
            value.push(b'+');
        }
        Some(Claim { kind: ClaimKind::SmsAccount, value })
    }

    /// Whether a stage of a campaign is something to this account. Before the end who has something else is left alone; at
    /// the end no telephone counts, whosever it is.
    #[must_use]
    pub fn is_concerned_by(&self, campaign: u16, stage: CampaignStage) -> bool {
        let mut phones = self.factors.devices.iter().filter(|factor| factor.kind == FactorKind::Phone && !factor.off);
        let was_told = self.factors.sms.is_some_and(|sms| (sms.campaign, sms.stage) >= (campaign, stage));
        self.phase == Phase::Active
            && !was_told
            && phones.next().is_some()
            && (stage == CampaignStage::Off || !self.factors.has_more_than_sms())
    }
}
