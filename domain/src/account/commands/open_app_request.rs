//! The account's phones are asked whether it is their owner who signs in.

use minicbor::{Decode, Encode};

use super::record_wrong_pin::AppRefusal;
use super::{AccountDecision, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, AppRequestOpened, FactorKind, SignInMethod};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::ChallengeId;

/// Notes that a request waits for an answer by one of the account's phones. It opens nothing: what is proved, and what led to
/// the request, is judged when the answer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OpenAppRequest {
    /// The challenge of the request.
    #[n(0)]
    pub challenge: ChallengeId,
    /// The way that was chosen on the page.
    #[n(1)]
    pub method: SignInMethod,
    /// Whether the browser that asks had signed in to this account before.
    #[n(2)]
    pub known_browser: bool,
}

impl Command for OpenAppRequest {
    command_shape!("open-app-request" v 1: (), AppRefusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), AppRefusal> {
        let asked = account.factors.counting().any(|factor| factor.kind == FactorKind::MobileApp);
        if !(asked && account.is_usable()) {
            return Decision::refuse(AppRefusal::Gone);
        }
        let Self { challenge, method, known_browser } = *self;
        Decision::accept(
            vec![AccountEvent::AppRequestOpened(AppRequestOpened { challenge, method, known_browser })],
            (),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::SuspensionReason;
    use crate::account::commands::testing::*;
    use crate::account::events::FactorSuspended;

    const CHALLENGE: ChallengeId = ChallengeId::from_bytes([7; 16]);
    const METHOD: SignInMethod = SignInMethod::MobileAppPinCode;

    fn open() -> OpenAppRequest {
        OpenAppRequest { challenge: CHALLENGE, method: METHOD, known_browser: false }
    }

    fn phone() -> Story {
        active().then([factor_added(1, 0, FactorKind::MobileApp)])
    }

    #[test]
    fn a_phone_that_counts_is_asked_and_nothing_of_the_account_changes() {
        let opened = AppRequestOpened { challenge: CHALLENGE, method: METHOD, known_browser: false };
        let decision = phone().when(&open());
        assert_eq!(decision, Decision::accept(vec![AccountEvent::AppRequestOpened(opened)], ()));
        let before = phone().account;
        let after = phone().then(decision.events).account;
        assert_eq!(Account { events: before.events, ..after }, before);
    }

    #[test]
    fn nobody_is_asked_where_no_phone_counts() {
        let reason = SuspensionReason::Lost;
        let lost = AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(1), reason });
        for story in [
            active(),
            active().then([factor_added(1, 0, FactorKind::Totp)]),
            phone().then([lost]),
            phone().then([AccountEvent::Suspended(reason_given())]),
        ] {
            assert_eq!(story.when(&open()), Decision::refuse(AppRefusal::Gone));
        }
    }
}
