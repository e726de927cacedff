//! Somebody has lost the password.

use minicbor::{Decode, Encode};

use super::{AccountDecision, NewLink, Refusal, command_shape};
use crate::account::events::{AccountEvent, LinkPurpose, PasswordResetRequested};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};

/// Asks for a mail by which a new password can be set. The sender has proved nothing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestPasswordReset {
    /// The link that may be mailed.
    #[n(0)]
    pub link: NewLink,
    /// By the uid rather than the address.
    #[n(1)]
    pub by_uid: bool,
}

/// Which mail goes to the account's address. The sender is never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetMail {
    /// A link that sets a new password.
    Reset,
    /// A link that ends the registration, which was never done.
    Registration,
    /// None: the account is suspended.
    None,
}

impl Command for RequestPasswordReset {
    command_shape!("request-password-reset" v 1: ResetMail, Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<ResetMail, Refusal> {
        match account.phase {
            Phase::Absent | Phase::Lapsed => Decision::refuse(Refusal::NotNow),
            Phase::Unconfirmed | Phase::Active if account.suspended => Decision::accept(Vec::new(), ResetMail::None),
            Phase::Unconfirmed => Decision::accept(
                vec![account.request_link(LinkPurpose::Registration, &self.link, context)],
                ResetMail::Registration,
            ),
            Phase::Active => Decision::accept(
                vec![
                    AccountEvent::PasswordResetRequested(PasswordResetRequested {
                        by_uid: self.by_uid,
                        #[cfg(feature = "next-build")]
                        by_next_build: true,
                    }),
                    account.request_link(LinkPurpose::Reset, &self.link, context),
                ],
                ResetMail::Reset,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::MAX_OPEN_LINKS;
    use crate::account::commands::testing::*;

    fn asked(by_uid: bool) -> AccountEvent {
        AccountEvent::PasswordResetRequested(PasswordResetRequested { by_uid })
    }

    fn request(link: u8) -> RequestPasswordReset {
        RequestPasswordReset { link: new_link(link), by_uid: false }
    }

    #[test]
    fn an_active_account_gets_a_reset_link() {
        for by_uid in [false, true] {
            let decision = active().when(&RequestPasswordReset { by_uid, ..request(2) });
            let events = vec![asked(by_uid), requested(2, LinkPurpose::Reset, BEGINNING)];
            assert_eq!(decision, Decision::accept(events, ResetMail::Reset));
        }
    }

    #[test]
    fn an_unconfirmed_account_gets_its_registrations_link() {
        let events = vec![requested(2, LinkPurpose::Registration, BEGINNING)];
        assert_eq!(unconfirmed().when(&request(2)), Decision::accept(events, ResetMail::Registration));
    }

    #[test]
    fn five_open_links_and_the_newest_is_mailed_again() {
        let open = 2..2 + u8::try_from(MAX_OPEN_LINKS).unwrap();
        let story = active().then(open.map(|n| requested(n, LinkPurpose::Reset, BEGINNING)));
        let decision = story.when(&request(9));
        assert_eq!(decision, Decision::accept(vec![asked(false), repeated(6)], ResetMail::Reset));
        assert_eq!(story.clone().then(decision.events).account.links.open, story.account.links.open);
    }

    #[test]
    fn open_links_of_an_earlier_epoch_are_not_mailed_again() {
        let open = 2..2 + u8::try_from(MAX_OPEN_LINKS).unwrap();
        let story = active().then(open.map(|n| requested(n, LinkPurpose::Reset, BEGINNING))).after(1).in_a_new_epoch();
        let decision = story.when(&request(9));
        let events = vec![asked(false), requested(9, LinkPurpose::Reset, story.now)];
        assert_eq!(decision, Decision::accept(events, ResetMail::Reset));
        let open = story.then(decision.events).account.links.open;
        let open: Vec<_> = open.iter().filter(|link| link.purpose == LinkPurpose::Reset).map(|link| link.id).collect();
        assert_eq!(open, [3, 4, 5, 6, 9].map(link_id), "the oldest makes room");
    }

    #[test]
    fn a_suspended_account_gets_no_mail() {
        let unconfirmed = unconfirmed().then([AccountEvent::Suspended(reason_given())]);
        for story in [unconfirmed, suspended()] {
            assert_eq!(story.when(&request(9)), Decision::accept(vec![], ResetMail::None));
        }
    }

    #[test]
    fn there_must_be_an_account() {
        for story in [nothing(), lapsed()] {
            assert_eq!(story.when(&request(2)), Decision::refuse(Refusal::NotNow));
        }
    }
}
