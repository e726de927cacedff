//! For which relying party keys are made: the node's own id becomes the log's with the first key, and can become another
//! only while there is none.

use chancery_domain::policy::{AdoptRelyingParty, KeysWouldBeLost, POLICY_STREAM, PolicyState};
use chancery_domain::{Actor, ClaimKind};
use chancery_eventstore::Priority;

use crate::app::{App, Failure, PolicyInForce};
use crate::run::{Attempt, Origin, TRIES};

impl App {
    /// Whether the keys that there are can be used at this node, by its own id and address.
    ///
    /// # Errors
    /// The inner one refuses start: they were made for another id.
    pub async fn can_use_keys(&self) -> Result<Result<(), KeysWouldBeLost>, Failure> {
        let Some(in_force) = self.policy().await?.relying_party else { return Ok(Ok(())) };
        if self.settings.rp_id.as_ref() == Some(&in_force) {
            return Ok(Ok(()));
        }
        let keys = self.store.backend().count_reserved(ClaimKind::WebauthnCredential).await?;
        Ok(if keys == 0 { Ok(()) } else { Err(KeysWouldBeLost { in_force, keys }) })
    }

    /// Settles that keys are made for this node's id, before one is; whether they are.
    ///
    /// A node that goes by another id makes none from then on: what it decides is guarded by the policy's stream.
    pub(crate) async fn settle_relying_party(&self, policy: &PolicyInForce) -> Result<bool, Failure> {
        let Some(id) = self.settings.rp_id.clone() else { return Ok(false) };
        if policy.relying_party.as_ref() == Some(&id) {
            return Ok(true);
        }
        for _ in 0..TRIES {
            let keys = self.store.backend().count_reserved(ClaimKind::WebauthnCredential).await?;
            let command = AdoptRelyingParty { id: id.clone(), keys };
            let origin = Origin {
                command: self.store.command_id(b"service", "adopt-relying-party", self.new_id()),
                fingerprint: self.store.fingerprint(&[b"adopt-relying-party"]),
                actor: Actor::Service,
                details: None,
                correlation: self.new_id(),
                causing: None,
                priority: Priority::Session,
            };
            let Some(loaded) = self.store.load::<PolicyState>(POLICY_STREAM).await? else { break };
            match self.attempt(&loaded, &command, policy, Vec::new(), &origin).await? {
                Attempt::Decided { outcome, .. } => return Ok(outcome.is_ok()),
                Attempt::Again => {}
            }
        }
        Err(Failure::BUSY)
    }
}
