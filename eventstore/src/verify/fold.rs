//! One stream, folded event by event, and what its tables should hold because of it.

use chancery_domain::{Claim, ClaimKind, KeyId, StreamId};

use super::erased::{AnyState, Kind};
use super::keyset::{KeySet, Standing};
use crate::row::{CommandId, Position, Version};

/// A reservation that the events lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) kind: ClaimKind,
    pub(super) mac: [u8; 32],
    pub(super) position: Position,
}

/// A stream on its way.
pub(super) struct Fold {
    pub(super) kind: &'static Kind,
    pub(super) state: Box<dyn AnyState>,
    pub(super) version: Version,
    pub(super) last: Position,
    /// The command whose events come at the moment.
    pub(super) command: CommandId,
    pub(super) first: Position,
    /// That command's first event has no decision inputs.
    pub(super) lacks_inputs: bool,
    /// The data key that its rows name.
    pub(super) key: Option<KeyId>,
    /// Something of it cannot be opened or read, so that nothing more can be said of what follows from it.
    pub(super) is_broken: bool,
    claims: Vec<(Claim, Expected)>,
    /// Of kinds that are never released: no state holds them any more.
    kept: Vec<Expected>,
    /// Every credential key that a state ever held.
    secrets: Vec<(KeyId, Position)>,
}

/// A stream at its end.
pub(super) struct Folded {
    pub(super) kind: &'static Kind,
    pub(super) version: Version,
    pub(super) last: Position,
    /// The data key that its state is sealed under.
    pub(super) key: Option<KeyId>,
    pub(super) is_broken: bool,
    pub(super) is_tombstone: bool,
    /// The inline state's bytes, hashed; `None` for a tombstone.
    pub(super) sealed: Option<[u8; 32]>,
    pub(super) reservations: Vec<Expected>,
    /// Credential keys that must be there.
    pub(super) living: Vec<KeyId>,
    /// Credential keys that must be destroyed, each with the event after which it was not needed any more.
    pub(super) gone: Vec<(KeyId, Position)>,
}

impl Fold {
    pub(super) fn new(kind: &'static Kind, command: CommandId, first: Position) -> Self {
        Self {
            kind,
            state: (kind.new)(),
            version: Version(0),
            last: first,
            command,
            first,
            lacks_inputs: false,
            key: None,
            is_broken: false,
            claims: Vec::new(),
            kept: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// What a command leads to follows from the states before and after it. Returns whether its missing decision inputs
    /// are a fault.
    pub(super) fn end_command(&mut self, keys: &KeySet) -> bool {
        if self.is_broken || !keys.is_open() {
            return false;
        }
        let position = self.first;
        let after = self.state.claims();
        let mut held = Vec::with_capacity(after.len());
        for claim in after {
            let before = self.claims.iter().position(|(known, _)| *known == claim);
            match before.map(|place| self.claims.swap_remove(place)) {
                Some(known) => held.push(known),
                None => {
                    // One that was never released is the stream's own still.
                    let Some(mac) = keys.claim_mac(&claim) else { continue };
                    let kept = self.kept.iter().position(|kept| kept.mac == mac && kept.kind == claim.kind);
                    let kept = kept.map(|place| self.kept.swap_remove(place));
                    let expected = kept.unwrap_or(Expected { kind: claim.kind, mac, position });
                    held.push((claim, expected));
                }
            }
        }
        let vanished = std::mem::replace(&mut self.claims, held);
        self.kept.extend(vanished.into_iter().map(|(_, expected)| expected).filter(|old| !old.kind.is_released()));
        for id in self.state.secret_keys() {
            match self.secrets.iter_mut().find(|(known, _)| *known == id) {
                Some(known) => known.1 = self.last,
                None => self.secrets.push((id, self.last)),
            }
        }
        self.lacks_inputs && !self.state.is_tombstone()
    }

    pub(super) fn finish(self, stream: StreamId, keys: &KeySet) -> Folded {
        let is_tombstone = !self.is_broken && self.state.is_tombstone();
        let key = self.key.and_then(|id| keys.get(id));
        let sealed = match key.map(|entry| &entry.standing) {
            Some(Standing::Open(key)) if !is_tombstone && !self.is_broken => {
                Some(hash(&self.state.seal(key, stream, self.version)))
            }
            _ => None,
        };
        let living = self.state.secret_keys();
        let gone = self.secrets.into_iter().filter(|(id, _)| !living.contains(id)).collect();
        let reservations = self.claims.into_iter().map(|(_, expected)| expected).chain(self.kept).collect();
        Folded {
            kind: self.kind,
            version: self.version,
            last: self.last,
            key: self.key,
            is_broken: self.is_broken,
            is_tombstone,
            sealed,
            reservations,
            living,
            gone,
        }
    }
}

/// SHA-256.
pub(super) fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}
