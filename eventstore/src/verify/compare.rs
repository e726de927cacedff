//! What the folds lead to, against the tables.

use std::collections::{HashMap, HashSet};

use chancery_domain::{ClaimKind, KeyId, StreamId};

use super::fold::{Expected, Folded, hash};
use super::keyset::{KeySet, Standing};
use super::{Across, Findings, Pass, Report, Said};
use crate::backend::{BackendError, Head, KeyClass};
use crate::row::Position;
use crate::snapshot::{Snapshot, StoredReservation, StoredState};

/// Inline states.
pub(super) async fn states(
    snapshot: &mut Snapshot,
    pass: Pass,
    folded: &HashMap<StreamId, Folded>,
    report: &mut Report,
    findings: &mut Findings,
) -> Result<(), BackendError> {
    let mut seen = HashSet::with_capacity(folded.len());
    let mut after = None;
    loop {
        let page = snapshot.states(after).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.stream);
        for stored in page.iter().filter(|stored| pass.has(stored.stream)) {
            seen.insert(stored.stream);
            match folded.get(&stored.stream) {
                None => findings.differs(
                    stored.position,
                    "states",
                    format!("there is a state of stream {}, which has no event", stored.stream),
                ),
                Some(folded) => state(stored, folded, report, findings),
            }
        }
    }
    for (stream, folded) in folded.iter().filter(|(stream, _)| !seen.contains(*stream)) {
        findings.differs(folded.last, "states", format!("the state of stream {stream} is missing"));
    }
    Ok(())
}

fn state(stored: &StoredState, folded: &Folded, report: &mut Report, findings: &mut Findings) {
    let stream = stored.stream;
    if stored.version != folded.version || stored.position != folded.last {
        let meaning = format!(
            "the state of stream {stream} stands at version {} (position {}), its events at {} ({})",
            stored.version, stored.position, folded.version, folded.last
        );
        return findings.differs(folded.last, "states", meaning);
    }
    if stored.aggregate != folded.kind.name {
        let meaning = format!("the state of stream {stream} is called {}, its events say otherwise", stored.aggregate);
        return findings.differs(folded.last, "states", meaning);
    }
    if folded.is_broken || folded.sealed.is_none() && !folded.is_tombstone {
        // The events' own fault was told, or nothing was opened.
        return;
    }
    let key = (!folded.is_tombstone).then_some(folded.key).flatten();
    if folded.is_tombstone == stored.sealed.is_some() || folded.is_tombstone && stored.key.is_some() {
        let meaning = format!("the state of stream {stream} does not say, as its events do, whether it is gone");
        return findings.differs(folded.last, "states", meaning);
    }
    if stored.fold_version != i64::from(folded.kind.fold_version) {
        report.of_earlier_fold += 1;
        return;
    }
    if stored.sealed.as_deref().map(hash) != folded.sealed || stored.key != key {
        let meaning = format!(
            "the state of stream {stream} is not what its {} events fold to: decisions were made on another one",
            folded.version
        );
        findings.differs(folded.last, "states", meaning);
    }
}

/// Keys: each is there for as long as the events need it, and destroyed as soon as they say so. Returns those of streams
/// without an event.
pub(super) fn keys(
    pass: Pass,
    folded: &HashMap<StreamId, Folded>,
    destroyed: &[(KeyId, Position)],
    keys: &KeySet,
    findings: &mut Findings,
) -> Vec<(KeyId, StreamId)> {
    let mut orphans = Vec::new();
    let is_destroyed = |id: &KeyId| keys.get(*id).map(|entry| matches!(entry.standing, Standing::Destroyed));
    for (stream, folded) in folded.iter().filter(|(_, folded)| !folded.is_broken && keys.is_open()) {
        if let Some(id) = folded.key {
            match (is_destroyed(&id), folded.is_tombstone) {
                (Some(true), false) => findings.differs(
                    folded.last,
                    "keys",
                    format!("the key of stream {stream} was destroyed, and no event says so"),
                ),
                (Some(false), true) => findings.differs(
                    folded.last,
                    "keys",
                    format!("the key of stream {stream} is there again, after an event that destroyed it"),
                ),
                _ => {}
            }
        }
        for id in &folded.living {
            if is_destroyed(id) != Some(false) {
                let meaning = format!("the credential's key {id} of stream {stream} is gone, and no event says so");
                findings.differs(folded.last, "keys", meaning);
            }
        }
        for (id, position) in &folded.gone {
            if is_destroyed(id) == Some(false) {
                let meaning = format!("the key {id} of a replaced credential of stream {stream} is there again");
                findings.differs(*position, "keys", meaning);
            }
        }
    }
    for (id, entry) in keys.iter() {
        let Some(owner) = entry.owner else { continue };
        let Some(folded) = folded.get(&owner) else {
            orphans.push((*id, owner));
            continue;
        };
        if folded.is_broken || !keys.is_open() {
            continue;
        }
        let is_known = match entry.class {
            KeyClass::Data => folded.key.is_none_or(|key| key == *id),
            // Of a tombstone nobody knows any more which credentials it had: all of them are gone.
            KeyClass::Credential if folded.is_tombstone => matches!(entry.standing, Standing::Destroyed),
            KeyClass::Credential => folded.living.contains(id) || folded.gone.iter().any(|(gone, _)| gone == id),
            KeyClass::Network | KeyClass::Service => false,
        };
        if !is_known {
            let meaning = format!("the key {id} is of stream {owner}, none of whose events made it");
            findings.differs(folded.last, "keys", meaning);
        }
    }
    network(pass, destroyed, keys, findings);
    orphans
}

/// Keys of streams without an event: only an invitation has one before its own first event, from that on by which an
/// application made it. Which ones these are is sealed.
pub(super) fn orphans(across: &Across, opened: bool, findings: &mut Findings) {
    for (id, owner) in across.orphans.iter().filter(|(_, owner)| !across.begun.contains(owner)) {
        if opened {
            findings.differs(Position::START, "keys", format!("the key {id} is of stream {owner}, which has no event"));
        } else {
            findings.unchecked("keys of streams without an event: whether an invitation is open is sealed");
        }
    }
}

/// The epoch, which only its own event raises.
pub(super) fn epoch(pass: Pass, head: &Head, said: &Said, keys: &KeySet, findings: &mut Findings) {
    if !keys.is_open() || !pass.has(chancery_domain::log::LOG_STREAM) {
        return;
    }
    let (epoch, position) = said.epoch.unwrap_or((1, Position::START));
    if head.epoch != epoch {
        let meaning = format!("the head is in epoch {}, and by its events the log is in {epoch}", head.epoch);
        findings.differs(position, "head", meaning);
    }
}

/// Months' keys, of which each was destroyed by an event of its own.
fn network(pass: Pass, destroyed: &[(KeyId, Position)], keys: &KeySet, findings: &mut Findings) {
    if !keys.is_open() || !pass.has(chancery_domain::network::NETWORK_STREAM) {
        return;
    }
    for (id, entry) in keys.iter().filter(|(_, entry)| entry.class == KeyClass::Network) {
        let told = destroyed.iter().find(|(gone, _)| gone == id);
        match (matches!(entry.standing, Standing::Destroyed), told) {
            (true, None) => findings.differs(
                Position::START,
                "keys",
                format!("the month's network key {id} was destroyed, and no event says so"),
            ),
            (false, Some((_, position))) => findings.differs(
                *position,
                "keys",
                format!("the month's network key {id} is there again, after the event that destroyed it"),
            ),
            _ => {}
        }
    }
}

/// Reservations.
pub(super) async fn reservations(
    snapshot: &mut Snapshot,
    pass: Pass,
    folded: &HashMap<StreamId, Folded>,
    findings: &mut Findings,
) -> Result<(), BackendError> {
    let mut expected: HashMap<(i64, [u8; 32]), (StreamId, Expected)> = HashMap::new();
    for (stream, folded) in folded.iter().filter(|(_, folded)| !folded.is_broken) {
        for reservation in &folded.reservations {
            expected.insert((reservation.kind as i64, reservation.mac), (*stream, *reservation));
        }
    }
    let compared = |stored: &StoredReservation| {
        let known = expected.get(&(stored.kind, stored.mac));
        // A value that another stream holds is looked at in that stream's pass, and in the pass of its right holder.
        if let Some((stream, reservation)) = known {
            let (stream, position) = (*stream, reservation.position);
            expected.remove(&(stored.kind, stored.mac));
            if stream != stored.stream {
                let meaning = format!(
                    "a reservation ({}) of stream {stream} is held by stream {}: whoever shows it is taken for \
                         another",
                    name(stored.kind),
                    stored.stream
                );
                findings.differs(position, "reservations", meaning);
            } else if position != stored.position {
                let meaning = format!(
                    "a reservation ({}) of stream {stream} is said to be of position {}",
                    name(stored.kind),
                    stored.position
                );
                findings.differs(position, "reservations", meaning);
            }
            return;
        }
        if !pass.has(stored.stream) {
            return;
        }
        let meaning = match folded.get(&stored.stream) {
            None => format!("a reservation ({}) is held by a stream that has no event", name(stored.kind)),
            Some(folded) if folded.is_broken || folded.is_tombstone && is_kept(stored.kind) => return,
            Some(_) => format!(
                "a reservation ({}) is held by stream {}, whose events claim no such value",
                name(stored.kind),
                stored.stream
            ),
        };
        findings.differs(stored.position, "reservations", meaning);
    };
    snapshot.reservations(compared).await?;
    for (stream, reservation) in expected.into_values() {
        let meaning = format!(
            "the reservation ({}) of stream {stream} is missing: another account could take the value",
            name(reservation.kind as i64)
        );
        findings.differs(reservation.position, "reservations", meaning);
    }
    Ok(())
}

/// A tombstone does not tell any more which values of these kinds it holds for ever.
fn is_kept(kind: i64) -> bool {
    ClaimKind::from_stored(kind).is_some_and(|kind| !kind.is_released())
}

fn name(kind: i64) -> &'static str {
    ClaimKind::from_stored(kind).map_or("of an unknown kind", ClaimKind::name)
}
