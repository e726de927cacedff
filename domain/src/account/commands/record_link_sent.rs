//! The mail job reports that a mail server took a link's mail.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, EmailLinkSent};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::LinkId;

/// Records a sending: from now on the link is valid for the policy's time, counted from here. See
/// [`OpenLink::valid_if_sent`](crate::account::OpenLink::valid_if_sent).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordLinkSent {
    /// The link.
    #[n(0)]
    pub link: LinkId,
}

impl Command for RecordLinkSent {
    command_shape!("record-link-sent" v 1: (), Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), Refusal> {
        // One of an earlier epoch stays void, whenever its mail went out.
        let Some(link) = account.links.find(self.link).filter(|link| context.epoch_began <= link.requested) else {
            return Decision::accept(Vec::new(), ());
        };
        let valid_until = link.valid_if_sent(context.now, context.policy);
        if link.sent && valid_until <= link.valid_until {
            return Decision::accept(Vec::new(), ());
        }
        Decision::accept(vec![AccountEvent::EmailLinkSent(EmailLinkSent { link: self.link, valid_until })], ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::LinkPurpose;
    use crate::policy::Policy;
    use crate::time::Timestamp;

    fn record(link: u8) -> RecordLinkSent {
        RecordLinkSent { link: link_id(link) }
    }

    fn until(valid_until: Timestamp) -> AccountDecision<(), Refusal> {
        Decision::accept(vec![AccountEvent::EmailLinkSent(EmailLinkSent { link: link_id(1), valid_until })], ())
    }

    #[test]
    fn validity_is_counted_from_the_sending() {
        let story = unconfirmed().after(600);
        let decision = story.when(&record(1));
        assert_eq!(decision, until(unconfirmed().after(600 + 90 * 60).now));
        let link = story.then(decision.events).account.links.open.remove(0);
        assert!(link.sent);
        assert_eq!(link.valid_until, unconfirmed().after(600 + 90 * 60).now);
    }

    #[test]
    fn a_mail_that_waited_long_carries_a_link_of_the_full_validity() {
        let last = unconfirmed().after(24 * 3600 - 1);
        assert_eq!(last.when(&record(1)), until(last.clone().after(90 * 60).now));
        let longer = Policy { link_validity: 48 * 3600, ..Policy::default() };
        let story = unconfirmed().under(longer).after(600);
        assert_eq!(story.when(&record(1)), until(story.clone().after(48 * 3600).now));
    }

    #[test]
    fn a_link_whose_time_is_over_does_not_come_back() {
        let limit = unconfirmed().after(24 * 3600);
        assert_eq!(limit.when(&record(1)), until(limit.now));
        assert_eq!(limit.clone().after(3600).when(&record(1)), until(limit.now));
        let story = unconfirmed().then([sent(1, BEGINNING)]).after(90 * 60);
        assert_eq!(story.when(&record(1)), Decision::accept(vec![], ()));
    }

    #[test]
    fn no_repetition_lets_a_link_outlive_one_that_waited_for_its_only_mail() {
        let mut story = unconfirmed();
        for _ in 0..40 {
            story = story.clone().then(story.when(&record(1)).events).after(3600);
        }
        let valid_until = story.account.links.open[0].valid_until;
        assert_eq!(valid_until, unconfirmed().after(24 * 3600 + 90 * 60).now);
    }

    #[test]
    fn the_same_sending_twice_is_recorded_once() {
        let story = unconfirmed().then([sent(1, BEGINNING)]);
        assert_eq!(story.when(&record(1)), Decision::accept(vec![], ()));
    }

    #[test]
    fn a_link_that_is_mailed_again_lives_on() {
        let story = unconfirmed().then([sent(1, BEGINNING)]).after(3600);
        assert_eq!(story.when(&record(1)), until(story.clone().after(90 * 60).now));
    }

    #[test]
    fn a_shorter_validity_of_a_new_policy_takes_nothing_away() {
        let shorter = Policy { link_validity: 60, ..Policy::default() };
        let story = unconfirmed().then([sent(1, BEGINNING)]).after(1).under(shorter);
        assert_eq!(story.when(&record(1)), Decision::accept(vec![], ()));
    }

    #[test]
    fn a_link_that_is_closed_or_unknown_stays_so() {
        for story in [nothing(), active(), lapsed(), unconfirmed().then([expired(1)])] {
            assert_eq!(story.when(&record(1)), Decision::accept(vec![], ()));
        }
        assert_eq!(unconfirmed().when(&record(9)), Decision::accept(vec![], ()));
    }

    #[test]
    fn other_links_are_left_alone() {
        let story = unconfirmed().then([requested(2, LinkPurpose::Registration, BEGINNING)]);
        let after = story.clone().then(story.when(&record(1)).events).account;
        assert!(!after.links.open[1].sent);
    }
}
