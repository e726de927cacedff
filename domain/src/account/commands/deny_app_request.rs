//! Whoever holds the device says that a request to sign in was not theirs.

use minicbor::{Decode, Encode};

use super::record_wrong_pin::AppRefusal;
use super::{AccountDecision, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, AppRequestDenied, EndReason, SessionsEnded};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::{ChallengeId, FactorId, KeyId, SessionId};
use crate::time::Timestamp;

/// Makes the password worthless, which somebody else knows, and ends the session in which it was asked, which somebody else
/// has. The device stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DenyAppRequest {
    /// The device on which it was said.
    #[n(0)]
    pub factor: FactorId,
    /// The key of the secret with which its signature was checked.
    #[n(1)]
    pub credential: KeyId,
    /// The challenge of the request.
    #[n(2)]
    pub challenge: ChallengeId,
    /// Whether the browser that asked had signed in to this account before.
    #[n(3)]
    pub known_browser: bool,
    /// The session in which it was asked; `None` where it was asked before there was one.
    #[n(4)]
    pub session: Option<SessionId>,
    /// When that session ends at the latest. It may go on under another id before anybody answers, and ends no later then: by
    /// that it is found. Two sessions that end in the same microsecond both end now, which is one too many rather than too few.
    #[n(5)]
    pub ends: Option<Timestamp>,
}

impl Command for DenyAppRequest {
    command_shape!("deny-app-request" v 2: (), AppRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), AppRefusal> {
        if let Err(refusal) = account.app(self.factor, self.credential) {
            return Decision::refuse(refusal);
        }
        // What was answered a moment ago is over, whatever volatile row says that it is not.
        if account.factors.remembers(self.challenge) {
            return Decision::refuse(AppRefusal::Gone);
        }
        let Self { factor, challenge, known_browser, session, ends, .. } = *self;
        let denied = AppRequestDenied { factor, challenge, known_browser };
        let mut events = vec![AccountEvent::AppRequestDenied(denied)];
        let live = || account.sessions.live(context.moment());
        let asked_in = live().filter(|open| Some(open.id) == session);
        let mut sessions: Vec<_> = asked_in.map(|open| open.id).collect();
        if sessions.is_empty() {
            sessions = live().filter(|open| Some(open.expires) == ends).map(|open| open.id).collect();
        }
        if !sessions.is_empty() {
            let (reason, browsers_forgotten, note) = (EndReason::Disowned, false, None);
            events.push(AccountEvent::SessionsEnded(SessionsEnded { sessions, reason, browsers_forgotten, note }));
        }
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::MAX_REMEMBERED_PROOFS;
    use crate::account::commands::testing::*;
    use crate::account::commands::{FactorVerdict, PasswordVerdict, ProofRefusal, ProveMore, SignIn, SignInRefusal};
    use crate::account::events::{FactorKind, PasswordReason, Proof, SignInMethod};

    fn phone() -> Story {
        active().then([factor_added(1, 0, FactorKind::MobileApp)])
    }

    fn challenge(n: u8) -> ChallengeId {
        ChallengeId::from_bytes([n; 16])
    }

    fn deny(n: u8) -> DenyAppRequest {
        let (factor, credential) = (factor_id(1), credential(101).key);
        DenyAppRequest { factor, credential, challenge: challenge(n), known_browser: false, session: None, ends: None }
    }

    #[test]
    fn the_password_goes_and_the_device_stays() {
        let decision = phone().when(&deny(7));
        let denied = AppRequestDenied { factor: factor_id(1), challenge: challenge(7), known_browser: false };
        assert_eq!(decision, Decision::accept(vec![AccountEvent::AppRequestDenied(denied)], ()));
        let account = phone().then(decision.events).account;
        assert_eq!(account.password, None);
        assert!(!account.secret_keys_sorted().contains(&credential(1).key), "its key goes with it");
        assert!(account.factors.by_id(factor_id(1)).unwrap().counts());
    }

    #[test]
    fn the_session_in_which_it_was_asked_ends_and_no_other() {
        let story = phone().then([1, 2].map(|n| signed_in(n, SignInMethod::Password, BEGINNING)));
        let denied = AppRequestDenied { factor: factor_id(1), challenge: challenge(7), known_browser: false };
        let denied = AccountEvent::AppRequestDenied(denied);
        let in_session = |n| DenyAppRequest { session: Some(session_id(n)), ..deny(7) };
        let decision = story.when(&in_session(2));
        let events = vec![denied.clone(), ended([2], EndReason::Disowned, false)];
        assert_eq!(decision, Decision::accept(events, ()));
        let account = story.clone().then(decision.events).account;
        assert_eq!(account.sessions.open.iter().map(|open| open.id).collect::<Vec<_>>(), [session_id(1)]);
        assert_eq!(account.password, None);
        let alone = Decision::accept(vec![denied], ());
        assert_eq!(story.when(&deny(7)), alone, "behind the password there is none yet");
        assert_eq!(story.when(&in_session(9)), alone, "it is over already");
        assert_eq!(story.after(12 * 3600).when(&in_session(2)), alone, "its time is over");
    }

    #[test]
    fn the_session_ends_though_it_has_gone_on_under_another_id() {
        let goes_on = |story: Story, from, to| {
            let password = Some(PasswordVerdict { credential: credential(1).key, right: true });
            let (session, next) = (session_id(from), new_session(to));
            let story = story.after(60);
            let events = story.when(&ProveMore { session, password, factor: None, next }).events;
            story.then(events)
        };
        let story = phone().then([signed_in(1, SignInMethod::Password, BEGINNING)]).after(60);
        let now = story.now;
        let story = story.then([signed_in(2, SignInMethod::Password, now)]);
        let asked = DenyAppRequest { ends: Some(story.account.sessions.open[1].expires), ..deny(7) };
        // It was asked in the second one, which has gone on twice when it is denied.
        let story = goes_on(goes_on(story, 2, 3), 3, 4);
        let decision = story.when(&DenyAppRequest { session: Some(session_id(2)), ..asked });
        assert_eq!(decision.events[1..], [ended([4], EndReason::Disowned, false)]);
        let account = story.then(decision.events).account;
        assert_eq!(
            account.sessions.open.iter().map(|open| open.id).collect::<Vec<_>>(),
            [session_id(1)],
            "and no other"
        );
    }

    #[test]
    fn it_is_heard_however_much_was_proved_a_moment_ago() {
        let denied = |n| {
            AccountEvent::AppRequestDenied(AppRequestDenied {
                factor: factor_id(1),
                challenge: challenge(n),
                known_browser: false,
            })
        };
        let all = u8::try_from(MAX_REMEMBERED_PROOFS).unwrap();
        let story = phone().then((100..100 + all).map(denied)).then([password_set(2, PasswordReason::Reset, None)]);
        assert!(!story.account.factors.has_room_for_a_proof(story.now));
        let decision = story.when(&deny(7));
        assert_eq!(decision, Decision::accept(vec![denied(7)], ()));
        let account = story.then(decision.events).account;
        assert_eq!(account.password, None);
        assert_eq!(account.factors.remembered.len(), MAX_REMEMBERED_PROOFS, "the memory does not grow by it");
        assert!(account.factors.remembers(challenge(100)), "nor is anything forgotten for it");
    }

    #[test]
    fn what_was_denied_is_never_approved() {
        let story = phone();
        let story = story.clone().then(story.when(&deny(7)).events);
        let story = story.then([password_set(2, PasswordReason::Reset, None)]);
        let approve = |n| {
            let method = SignInMethod::MobileAppPinCode;
            let proof = Proof { factor: Some(factor_id(1)), challenge: Some(challenge(n)), ..Proof::by(method) };
            SignIn {
                verdict: Some(PasswordVerdict { credential: credential(2).key, right: true }),
                session: new_session(n),
                rehashed: None,
                factor: Some(FactorVerdict { proof, credential: credential(101).key, right: true, code: None }),
            }
        };
        assert_eq!(story.when(&approve(7)), Decision::refuse(SignInRefusal::Proof(ProofRefusal::Used)));
        assert!(story.when(&approve(8)).outcome.is_ok(), "the method stays");
        assert_eq!(story.when(&deny(7)), Decision::refuse(AppRefusal::Gone), "once");
    }
}
