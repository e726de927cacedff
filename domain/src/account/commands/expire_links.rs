//! A job records that links' time is over.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, LinkNamed};
use crate::aggregate::{Command, Context, Decision};

/// Records every link whose time is over, and those of an earlier epoch of the log. It makes the record, not the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ExpireLinks {}

impl Command for ExpireLinks {
    command_shape!("expire-links" v 1: (), Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), Refusal> {
        let expired = account.links.open.iter().filter(|link| !link.is_usable(context.moment()));
        Decision::accept(expired.map(|link| AccountEvent::EmailLinkExpired(LinkNamed { link: link.id })).collect(), ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::LinkStanding;
    use crate::account::commands::testing::*;
    use crate::account::events::LinkPurpose;

    #[test]
    fn every_link_whose_time_is_over_is_recorded_once() {
        // Links 1 and 3 are sent, of either purpose; link 2 waits in the queue.
        let story = unconfirmed()
            .then([requested(2, LinkPurpose::Registration, BEGINNING), requested(3, LinkPurpose::Reset, BEGINNING)])
            .then([sent(1, BEGINNING), sent(3, BEGINNING)])
            .after(90 * 60);
        let decision = story.when(&ExpireLinks {});
        assert_eq!(decision, Decision::accept(vec![expired(1), expired(3)], ()));
        let after = story.then(decision.events);
        assert_eq!(after.when(&ExpireLinks {}), Decision::accept(vec![], ()));
        assert_eq!(after.account.links.standing(link_id(1), after.now), LinkStanding::Expired);
        assert!(matches!(after.account.links.standing(link_id(2), after.now), LinkStanding::Open(_)));
    }

    #[test]
    fn a_link_of_an_earlier_epoch_is_over_at_once() {
        let story = unconfirmed().after(1).in_a_new_epoch().then([requested(2, LinkPurpose::Registration, BEGINNING)]);
        let story = story.clone().at(story.epoch_began).then([requested(3, LinkPurpose::Registration, BEGINNING)]);
        assert_eq!(story.when(&ExpireLinks {}), Decision::accept(vec![expired(1)], ()));
    }

    #[test]
    fn nothing_is_recorded_before_its_time() {
        let story = unconfirmed().then([sent(1, BEGINNING)]).after(90 * 60 - 1);
        assert_eq!(story.when(&ExpireLinks {}), Decision::accept(vec![], ()));
    }

    #[test]
    fn an_expiry_can_be_recorded_in_any_phase() {
        for story in [nothing(), lapsed()] {
            assert_eq!(story.when(&ExpireLinks {}), Decision::accept(vec![], ()));
        }
        assert_eq!(suspended().after(24 * 3600).when(&ExpireLinks {}), Decision::accept(vec![expired(2)], ()));
    }
}
