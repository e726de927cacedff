//! The policy of a node's own file, proposed at start. What is in force is what the log says.

use chancery_domain::Actor;
use chancery_domain::policy::{AdoptPolicy, AdoptPolicyRefusal, Adopted, POLICY_STREAM, Policy, PolicyState};
use chancery_eventstore::{Priority, Version};

use crate::app::{App, Failure, PolicyInForce};
use crate::run::{Attempt, Origin, TRIES};

impl App {
    /// Puts the file's policy in force on an empty log or where its revision is higher.
    ///
    /// # Errors
    /// The inner one refuses start: the policy in force is newer, or has the same revision with other content.
    pub async fn propose_policy(
        &self,
        revision: u32,
        policy: &Policy,
    ) -> Result<Result<Adopted, AdoptPolicyRefusal>, Failure> {
        let command = AdoptPolicy { revision, policy: policy.clone() };
        let origin = Origin {
            command: self.store.command_id(b"service", "adopt-policy", self.new_id()),
            fingerprint: self.store.fingerprint(&[b"adopt-policy"]),
            actor: Actor::Service,
            details: None,
            correlation: self.new_id(),
            causing: None,
            priority: Priority::Session,
        };
        for _ in 0..TRIES {
            let loaded = match self.store.load::<PolicyState>(POLICY_STREAM).await? {
                Some(loaded) => loaded,
                None => self.store.fresh(POLICY_STREAM, self.now()).await?,
            };
            let in_force =
                PolicyInForce { policy: policy.clone(), relying_party: None, version: Version(loaded.version.0) };
            if let Attempt::Decided { outcome, .. } =
                self.attempt(&loaded, &command, &in_force, Vec::new(), &origin).await?
            {
                return Ok(outcome);
            }
        }
        Err(Failure::BUSY)
    }
}
