//! The keys of a pass, unwrapped once.

use std::collections::HashMap;

use chancery_domain::{Claim, KeyId, StreamId};

use super::{Findings, Pass, VerifyError};
use crate::backend::{KeyClass, KeyRow};
use crate::keys::{KeyError, PUSH, Purpose, Wrapper};
use crate::row::Position;
use crate::seal::SecretKey;
use crate::snapshot::Snapshot;

/// What is known of a key.
pub(super) struct Entry {
    pub(super) class: KeyClass,
    pub(super) owner: Option<StreamId>,
    pub(super) standing: Standing,
}

/// Whether a key can be used.
pub(super) enum Standing {
    /// It can.
    Open(SecretKey),
    /// It exists, and this process has no need or no means to open it.
    Closed,
    /// Its bytes were overwritten by nothing.
    Destroyed,
    /// It is there and cannot be unwrapped.
    Changed,
}

/// The keys that the streams of a pass need.
pub(super) struct KeySet {
    keys: HashMap<KeyId, Entry>,
    reservation: Option<SecretKey>,
    has_wrapper: bool,
}

impl KeySet {
    /// Reads the keys of a pass's streams, and those that belong to no stream.
    pub(super) async fn load(
        snapshot: &mut Snapshot,
        wrapper: Option<&dyn Wrapper>,
        pass: Pass,
        findings: &mut Findings,
    ) -> Result<Self, VerifyError> {
        let mut set = Self { keys: HashMap::new(), reservation: None, has_wrapper: wrapper.is_some() };
        let mut refused = None;
        let mut after = None;
        loop {
            let page = snapshot.keys(after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for row in page.iter().filter(|row| row.owner.is_none_or(|owner| pass.has(owner))) {
                if let Err(error) = set.add(row, wrapper, pass, findings).await? {
                    refused = refused.or(Some(error));
                }
            }
        }
        // One key that cannot be unwrapped was tampered with; where none can, the file is another log's.
        let is_open = |entry: &Entry| matches!(entry.standing, Standing::Open(_));
        if let Some(error) = refused.filter(|_| !set.keys.values().any(is_open)) {
            return Err(error.into());
        }
        if wrapper.is_none() && pass.number == 0 {
            findings.unchecked("sealed parts, row MACs, states and reservations: they need master.key");
        }
        Ok(set)
    }

    async fn add(
        &mut self,
        row: &KeyRow,
        wrapper: Option<&dyn Wrapper>,
        pass: Pass,
        findings: &mut Findings,
    ) -> Result<Result<(), KeyError>, VerifyError> {
        let mut refused = Ok(());
        let standing = match (wrapper, row.class, &row.wrapped) {
            (_, _, None) => Standing::Destroyed,
            (None, ..) | (_, KeyClass::Credential, _) => Standing::Closed,
            (Some(wrapper), class, Some(wrapped)) => match wrapper.unwrap(class, row.id, row.owner, wrapped).await {
                Ok(key) => Standing::Open(key),
                Err(error @ (KeyError::OtherWrappingKey(_) | KeyError::Tampered(_))) => {
                    refused = Err(error);
                    Standing::Changed
                }
                Err(error) => return Err(error.into()),
            },
        };
        // Of a stream's data key its first event tells.
        if matches!(standing, Standing::Changed) && row.class != KeyClass::Data && pass.number == 0 {
            findings.differs(
                Position::START,
                "keys",
                format!("the wrapped bytes of the key {} were changed: what it sealed cannot be opened", row.id),
            );
        }
        if row.class == KeyClass::Service {
            match (&standing, row.purpose.as_deref()) {
                // Another one takes its place, and nothing in the log depends on it.
                (Standing::Destroyed, Some(PUSH)) => {}
                (Standing::Destroyed, purpose) if pass.number == 0 => findings.differs(
                    Position::START,
                    "keys",
                    format!("the service's key for {} was destroyed", purpose.unwrap_or("no purpose")),
                ),
                (Standing::Open(key), Some(purpose)) if purpose == Purpose::Reservation.name() => {
                    self.reservation = Some(key.clone());
                }
                _ => {}
            }
        }
        self.keys.insert(row.id, Entry { class: row.class, owner: row.owner, standing });
        Ok(refused)
    }

    /// One key, if it is of this pass.
    pub(super) fn get(&self, id: KeyId) -> Option<&Entry> {
        self.keys.get(&id)
    }

    /// Every key of this pass.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&KeyId, &Entry)> {
        self.keys.iter()
    }

    /// Whether sealed parts can be opened at all.
    pub(super) const fn is_open(&self) -> bool {
        self.has_wrapper
    }

    /// Whether reservations can be compared.
    pub(super) const fn has_reservations(&self) -> bool {
        self.reservation.is_some()
    }

    /// The HMAC by which a value is reserved.
    pub(super) fn claim_mac(&self, claim: &Claim) -> Option<[u8; 32]> {
        self.reservation.as_ref().map(|key| key.mac(&[&[claim.kind as u8], &claim.value]))
    }
}
