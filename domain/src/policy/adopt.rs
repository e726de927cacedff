//! A node proposes its file's policy at start.

use minicbor::{Decode, Encode};

use super::{Policy, PolicyAdopted, PolicyEvent, PolicyState};
use crate::aggregate::{Command, Context, Decision, command_shape};

/// Puts a policy in force if its revision is higher than that of the one in force.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AdoptPolicy {
    /// The file's `policy_revision`.
    #[n(0)]
    pub revision: u32,
    /// The file's content.
    #[n(1)]
    pub policy: Policy,
}

/// Whether something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopted {
    /// The proposed policy is in force from now on.
    Now,
    /// It was in force already.
    Already,
}

/// Why a proposal is refused; the node that made it must not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptPolicyRefusal {
    /// A newer policy is in force.
    #[error("the policy in force has revision {in_force}, higher than this node's {proposed}")]
    Lower {
        /// The revision in force.
        in_force: u32,
        /// The revision proposed.
        proposed: u32,
    },
    /// Same revision, other content.
    #[error("the policy in force has revision {0} too, with other content: raise policy_revision to change it")]
    Different(u32),
}

impl Command for AdoptPolicy {
    command_shape!(PolicyState, "adopt-policy" v 4: Adopted, AdoptPolicyRefusal);

    fn decide(&self, state: &PolicyState, _: Context<'_>) -> Decision<PolicyEvent, Adopted, AdoptPolicyRefusal> {
        let adopted = PolicyAdopted { revision: self.revision, policy: self.policy.clone() };
        match &state.in_force {
            Some(in_force) if *in_force == adopted => Decision::accept(Vec::new(), Adopted::Already),
            Some(in_force) if in_force.revision > self.revision => {
                Decision::refuse(AdoptPolicyRefusal::Lower { in_force: in_force.revision, proposed: self.revision })
            }
            Some(in_force) if in_force.revision == self.revision => {
                Decision::refuse(AdoptPolicyRefusal::Different(self.revision))
            }
            _ => Decision::accept(vec![PolicyEvent::Adopted(adopted)], Adopted::Now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Aggregate;
    use crate::ids::StreamId;
    use crate::time::Timestamp;

    fn decide(
        in_force: Option<(u32, u32)>,
        proposed: (u32, u32),
    ) -> Decision<PolicyEvent, Adopted, AdoptPolicyRefusal> {
        let policy = |idle| Policy { session_idle: idle, ..Policy::default() };
        let mut state = PolicyState::default();
        if let Some((revision, idle)) = in_force {
            let event = PolicyEvent::Adopted(PolicyAdopted { revision, policy: policy(idle) });
            state.evolve(Timestamp::default(), &event);
        }
        let (now, epoch_began) = (Timestamp::default(), Timestamp::default());
        let context = Context { stream: StreamId::default(), now, epoch_began, policy: &Policy::default() };
        AdoptPolicy { revision: proposed.0, policy: policy(proposed.1) }.decide(&state, context)
    }

    #[test]
    fn an_empty_log_takes_any_policy() {
        assert_eq!(decide(None, (0, 60)).outcome, Ok(Adopted::Now));
        assert_eq!(decide(None, (0, 60)).events.len(), 1);
    }

    #[test]
    fn the_same_again_changes_nothing() {
        assert_eq!(decide(Some((1, 60)), (1, 60)), Decision::accept(vec![], Adopted::Already));
    }

    #[test]
    fn a_higher_revision_takes_over() {
        assert_eq!(decide(Some((1, 60)), (2, 90)).outcome, Ok(Adopted::Now));
    }

    #[test]
    fn a_lower_revision_and_another_content_are_refused() {
        assert_eq!(decide(Some((2, 60)), (1, 60)).outcome, Err(AdoptPolicyRefusal::Lower { in_force: 2, proposed: 1 }));
        assert_eq!(decide(Some((2, 60)), (2, 90)).outcome, Err(AdoptPolicyRefusal::Different(2)));
        assert!(decide(Some((2, 60)), (2, 90)).events.is_empty());
    }
}
