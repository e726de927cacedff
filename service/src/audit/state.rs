//! An account as it was: which of its parts stand, and which event set each. What is in them was opened to fold it, and is
//! shown to nobody.

use chancery_domain::account::{Account, Factors, Phase, Recovery, RecoveryCodes};
use chancery_domain::{Aggregate, StreamId, Timestamp};
use chancery_eventstore::{Position, ReadError, Store, Version};

/// Events that are read at once.
const PAGE: u32 = 500;

/// One part of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartStanding {
    /// What it is.
    pub name: &'static str,
    /// How it stands, as far as that says nothing of the person.
    pub standing: String,
    /// Whether its content is sealed.
    pub is_sealed: bool,
    /// The event that made it what it is.
    pub set_by: Option<SetBy>,
}

/// The event that a part stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetBy {
    /// Where it stands in the log.
    pub position: Position,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// Its type.
    pub event_type: String,
}

/// An account at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountParts {
    /// Its stream.
    pub stream: StreamId,
    /// How many events it had.
    pub version: Version,
    /// The last of them.
    pub last: SetBy,
    /// Its parts.
    pub parts: Vec<PartStanding>,
}

/// Folds an account's events up to a position; `None` if it had none by then.
///
/// # Errors
/// [`ReadError`] if the database does not answer, or an event cannot be opened.
pub async fn parts_at(store: &Store, stream: StreamId, until: Position) -> Result<Option<AccountParts>, ReadError> {
    let mut account = Account::default();
    let mut parts = parts(&account);
    let mut set_by: Vec<Option<SetBy>> = vec![None; parts.len()];
    let (mut version, mut last) = (Version(0), None);
    'reading: loop {
        let rows = store.backend().read_stream(stream, version, PAGE).await?;
        if rows.is_empty() {
            break;
        }
        let keys = store.open_keys(&rows).await?;
        for row in rows {
            if row.position > until {
                break 'reading;
            }
            account.evolve(row.decided, &keys.event(&row)?);
            version = row.version;
            let by = SetBy { position: row.position, recorded: row.recorded, event_type: row.event_type };
            let next = self::parts(&account);
            for ((before, after), set_by) in parts.iter().zip(&next).zip(&mut set_by) {
                if before.content != after.content {
                    *set_by = Some(by.clone());
                }
            }
            parts = next;
            last = Some(by);
        }
    }
    let standing = |(part, set_by): (Part, Option<SetBy>)| PartStanding {
        name: part.name,
        standing: part.standing,
        is_sealed: part.is_sealed,
        set_by,
    };
    Ok(last.map(|last| AccountParts {
        stream,
        version,
        last,
        parts: parts.into_iter().zip(set_by).map(standing).collect(),
    }))
}

/// What the parts of an account are called, in the order in which they are told.
#[must_use]
pub fn part_names() -> Vec<&'static str> {
    parts(&Account::default()).into_iter().map(|part| part.name).collect()
}

/// A part with its content, by which a change of it is noticed.
struct Part {
    name: &'static str,
    content: Vec<u8>,
    standing: String,
    is_sealed: bool,
}

impl Part {
    fn new<T: minicbor::Encode<()>>(
        name: &'static str,
        content: &T,
        standing: impl Into<String>,
        is_sealed: bool,
    ) -> Self {
        let content = minicbor::to_vec(content).expect("encoding into memory does not fail");
        Self { name, content, standing: standing.into(), is_sealed }
    }
}

/// Every part of the state: a field that is added to it does not compile until it is told of.
fn parts(account: &Account) -> Vec<Part> {
    // How many events it is folded from is told as the version that it stands on.
    let Account { phase, suspended, identity, links, password, sessions, lock_told, factors, recovery, events: _ } =
        account;
    let there = |there: bool| if there { "stands" } else { "none" };
    vec![
        Part::new("phase", phase, phase_name(*phase), false),
        Part::new("suspension", suspended, if *suspended { "suspended" } else { "not suspended" }, false),
        Part::new("identity", identity, there(identity.is_some()), identity.is_some()),
        Part::new("links", links, format!("{} open", links.open.len()), !links.open.is_empty()),
        Part::new("password", password, there(password.is_some()), password.is_some()),
        Part::new("sessions", sessions, format!("{} open", sessions.open.len()), !sessions.open.is_empty()),
        Part::new("lock notice", lock_told, there(lock_told.is_some()), lock_told.is_some()),
        Part::new("factors", factors, second_factors(factors), !factors.is_empty() || factors.recovery.is_some()),
        Part::new("recovery", recovery, recovery_of(recovery), recovery.open.is_some()),
    ]
}

fn second_factors(factors: &Factors) -> String {
    let codes = factors.recovery.as_ref().map_or(0, RecoveryCodes::count);
    let always = if factors.always { ", always asked for" } else { "" };
    let devices = factors.devices.len();
    let suspended = factors.devices.iter().filter(|factor| factor.suspended.is_some()).count();
    let off = factors.devices.iter().filter(|factor| factor.off).count();
    let blocked = factors.devices.iter().filter(|factor| factor.is_blocked()).count();
    let lacking =
        [(suspended, "suspended"), (blocked, "blocked"), (off, "off")].into_iter().filter(|(count, _)| *count > 0);
    let lacking: Vec<_> = lacking.map(|(count, word)| format!("{count} {word}")).collect();
    let lacking = if lacking.is_empty() { String::new() } else { format!(" ({})", lacking.join(", ")) };
    let void = if factors.recovery.as_ref().is_some_and(|codes| codes.suspended) { " (suspended)" } else { "" };
    format!("{devices} devices{lacking}, {codes} recovery codes{void}{always}")
}

const fn recovery_of(recovery: &Recovery) -> &'static str {
    match recovery {
        Recovery { open: Some(_), .. } => "asked for",
        Recovery { factor_owed: true, .. } => "completed: a device comes before anything else",
        Recovery { .. } => "none",
    }
}

const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Absent => "absent",
        Phase::Unconfirmed => "asked for, not confirmed",
        Phase::Active => "active",
        Phase::Lapsed => "lapsed: nothing is left but the fact",
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::account::{
        AccountEvent, Credential, Device, FactorAdded, FactorBlocked, FactorKind, FactorSuspended, Proof,
        RecoveryCodesIssued, RecoveryCodesSuspended, SignInMethod, SuspensionReason,
    };
    use chancery_domain::values::DeviceName;
    use chancery_domain::{FactorId, KeyId};

    use super::*;

    #[test]
    fn an_auditor_reads_how_many_devices_do_not_count() {
        let credential = |n| Credential { key: KeyId::from_bytes([n; 16]), sealed: Vec::new() };
        let reason = SuspensionReason::Disowned;
        let added = |n: u8| {
            AccountEvent::FactorAdded(FactorAdded {
                factor: FactorId::from_bytes([n; 16]),
                number: n.into(),
                kind: FactorKind::Totp,
                name: DeviceName::parse("Telephone").expect("a name"),
                credential: credential(n),
                device: Device::default(),
                webauthn: None,
                phone: None,
                proof: Proof::by(SignInMethod::Totp),
            })
        };
        let mut account = Account::default();
        let mut told = |event| {
            account.evolve(Timestamp(1), &event);
            second_factors(&account.factors)
        };
        assert_eq!(told(added(1)), "1 devices, 0 recovery codes");
        told(added(2));
        let codes = RecoveryCodesIssued { credential: credential(9), count: 10 };
        assert_eq!(told(AccountEvent::RecoveryCodesIssued(codes)), "2 devices, 10 recovery codes");
        let suspended = FactorSuspended { factor: FactorId::from_bytes([2; 16]), reason };
        assert_eq!(told(AccountEvent::FactorSuspended(suspended)), "2 devices (1 suspended), 10 recovery codes");
        let blocked = AccountEvent::FactorBlocked(FactorBlocked { factor: FactorId::from_bytes([1; 16]) });
        assert_eq!(told(blocked), "2 devices (1 suspended, 1 blocked), 10 recovery codes");
        let void = AccountEvent::RecoveryCodesSuspended(RecoveryCodesSuspended { reason });
        assert_eq!(told(void), "2 devices (1 suspended, 1 blocked), 10 recovery codes (suspended)");
    }
}
