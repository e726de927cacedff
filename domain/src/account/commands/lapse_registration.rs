//! A timer gives an address free that nobody ever proved.

use minicbor::{Decode, Encode};

use super::{AccountDecision, command_shape};
use crate::account::events::{AccountEvent, LinkPurpose};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};
use crate::time::Timestamp;

/// Lets a registration lapse: its reservation is released and its key destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LapseRegistration {}

/// Why a registration does not lapse now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LapseRefusal {
    /// It was confirmed, or lapsed already.
    #[error("there is no unconfirmed registration")]
    NotUnconfirmed,
    /// A link is open, or the last request is too recent.
    #[error("the registration cannot lapse before {0}")]
    NotBefore(Timestamp),
}

impl Account {
    /// When an unconfirmed registration may lapse: a while after its last request, never while a link is open.
    #[must_use]
    pub fn lapses(&self, context: Context<'_>) -> Option<Timestamp> {
        let identity = self.identity.as_ref().filter(|_| self.phase == Phase::Unconfirmed)?;
        let last = self.links.last_request.unwrap_or(identity.created);
        let open = self.links.usable(LinkPurpose::Registration, context.moment()).map(|link| link.valid_until).max();
        let due = last.plus(context.policy.registration_lapse());
        Some(open.map_or(due, |open| due.max(open)))
    }
}

impl Command for LapseRegistration {
    command_shape!("lapse-registration" v 1: (), LapseRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), LapseRefusal> {
        match account.lapses(context) {
            None => Decision::refuse(LapseRefusal::NotUnconfirmed),
            Some(due) if context.now < due => Decision::refuse(LapseRefusal::NotBefore(due)),
            Some(_) => Decision::accept(vec![AccountEvent::RegistrationLapsed], ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::account::commands::testing::*;
    use crate::aggregate::Aggregate;
    use crate::policy::Policy;

    const WEEK: u64 = 7 * 24 * 3600;

    fn accepted() -> AccountDecision<(), LapseRefusal> {
        Decision::accept(vec![AccountEvent::RegistrationLapsed], ())
    }

    fn not_before(seconds_after_beginning: u64) -> AccountDecision<(), LapseRefusal> {
        Decision::refuse(LapseRefusal::NotBefore(unconfirmed().after(seconds_after_beginning).now))
    }

    #[test]
    fn a_week_after_the_last_request_and_not_a_moment_before() {
        assert_eq!(unconfirmed().after(WEEK - 1).when(&LapseRegistration {}), not_before(WEEK));
        assert_eq!(unconfirmed().after(WEEK).when(&LapseRegistration {}), accepted());
    }

    #[test]
    fn a_new_request_and_a_repeated_one_begin_the_week_anew() {
        let later = BEGINNING.plus(std::time::Duration::from_secs(1000));
        for again in [requested(2, LinkPurpose::Registration, later), repeated(1)] {
            let story = unconfirmed().at(later).then([again]).at(BEGINNING);
            assert_eq!(story.clone().after(WEEK + 999).when(&LapseRegistration {}), not_before(WEEK + 1000));
            assert_eq!(story.after(WEEK + 1000).when(&LapseRegistration {}), accepted());
        }
    }

    #[test]
    fn never_while_a_link_is_open() {
        // A policy under which a link may outlive the week.
        let policy = Policy { registration_lapse: 3600, ..Policy::default() };
        let story = unconfirmed().under(policy);
        assert_eq!(story.clone().after(24 * 3600 - 1).when(&LapseRegistration {}), not_before(24 * 3600));
        assert_eq!(story.clone().after(24 * 3600).when(&LapseRegistration {}), accepted());
        // Its mail left the queue at the last moment: the person has the whole validity from then on.
        let story = story.after(24 * 3600 - 1);
        let story = story.clone().then([sent(1, story.now)]);
        let open = 24 * 3600 - 1 + 90 * 60;
        assert_eq!(story.clone().after(90 * 60 - 1).when(&LapseRegistration {}), not_before(open));
        assert_eq!(story.after(90 * 60).when(&LapseRegistration {}), accepted());
    }

    #[test]
    fn nothing_of_the_person_is_left() {
        let story = unconfirmed().after(WEEK);
        let after = story.clone().then(story.when(&LapseRegistration {}).events).account;
        assert!(after.is_tombstone());
        assert_eq!(after, Account { phase: Phase::Lapsed, ..Account::default() });
        assert!(after.claims().is_empty(), "the address is free again");
    }

    #[test]
    fn only_an_unconfirmed_registration_lapses() {
        for story in [nothing(), active(), suspended(), lapsed()] {
            let decision = story.after(WEEK).when(&LapseRegistration {});
            assert_eq!(decision, Decision::refuse(LapseRefusal::NotUnconfirmed));
        }
    }

    #[test]
    fn a_suspended_registration_lapses_like_any_other() {
        let story = unconfirmed().then([AccountEvent::Suspended(reason_given())]);
        assert_eq!(story.clone().after(WEEK - 1).when(&LapseRegistration {}), not_before(WEEK));
        assert_eq!(story.after(WEEK).when(&LapseRegistration {}), accepted());
    }
}
