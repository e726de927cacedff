//! For which relying party passkeys and security keys are made (WebAuthn, section 4: its id is a host, or a domain above it).

use minicbor::{Decode, Encode};

use super::{PolicyEvent, PolicyState, RelyingPartyAdopted};
use crate::aggregate::{Command, Context, Decision, command_shape};

/// Makes keys for another relying party from here on. Those that there are would be worth nothing: while one is left, it is
/// refused.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AdoptRelyingParty {
    /// Its id.
    #[n(0)]
    pub id: String,
    /// How many keys all accounts have.
    #[n(1)]
    pub keys: u64,
}

/// Keys were made for another relying party and would be lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, made for {in_force}, would be lost", counted(*.keys))]
pub struct KeysWouldBeLost {
    /// The id in force.
    pub in_force: String,
    /// How many keys there are.
    pub keys: u64,
}

/// Keys, counted.
fn counted(keys: u64) -> String {
    if keys == 1 { "1 passkey or security key".to_owned() } else { format!("{keys} passkeys and security keys") }
}

impl Command for AdoptRelyingParty {
    command_shape!(PolicyState, "adopt-relying-party" v 1: (), KeysWouldBeLost);

    fn decide(&self, state: &PolicyState, _: Context<'_>) -> Decision<PolicyEvent, (), KeysWouldBeLost> {
        match &state.relying_party {
            Some(in_force) if *in_force == self.id => Decision::accept(Vec::new(), ()),
            Some(in_force) if self.keys > 0 => {
                Decision::refuse(KeysWouldBeLost { in_force: in_force.clone(), keys: self.keys })
            }
            _ => {
                let adopted = RelyingPartyAdopted { id: self.id.clone() };
                Decision::accept(vec![PolicyEvent::RelyingPartyAdopted(adopted)], ())
            }
        }
    }
}
