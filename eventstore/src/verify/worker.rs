//! Opens the events of some streams and folds them.

use std::collections::HashMap;
use std::sync::Arc;

use chancery_domain::application::ApplicationEvent;
use chancery_domain::log::LogEvent;
use chancery_domain::network::NetworkEvent;
use chancery_domain::{ActorDetails, DecodeError, DomainEvent, KeyId, StreamId, Subject};
use zeroize::Zeroizing;

use super::erased::Kind;
use super::fold::{Fold, Folded};
use super::following::{Observer, Opened};
use super::keyset::{KeySet, Standing};
use super::{Depth, Findings, Finished, Said};
use crate::backend::KeyClass;
use crate::row::EventRow;
use crate::seal::{Part, PartKeys, SecretKey, same_mac};
use crate::store::{DecisionInputs, associated};

/// One thread's streams.
pub(super) struct Worker {
    keys: Arc<KeySet>,
    kinds: &'static [Kind],
    observers: Vec<Box<dyn Observer>>,
    streams: HashMap<StreamId, Fold>,
    findings: Findings,
    said: Said,
    depth: Depth,
}

/// How a key of a row stands.
enum Key<'k> {
    Open(&'k SecretKey),
    Destroyed,
    /// Its wrapped bytes were changed.
    Changed,
    /// It is not there, or cannot be used: no fold can go on.
    Unusable,
}

/// A sealed part as far as it could be opened.
enum Content {
    Absent,
    Open(Zeroizing<Vec<u8>>),
    Redacted,
    /// It could not be opened, and that was told.
    Fault,
}

impl Worker {
    pub(super) fn new(
        keys: Arc<KeySet>,
        kinds: &'static [Kind],
        observers: Vec<Box<dyn Observer>>,
        depth: Depth,
    ) -> Self {
        Self {
            keys,
            kinds,
            observers,
            streams: HashMap::new(),
            findings: Findings::default(),
            said: Said::default(),
            depth,
        }
    }

    /// Takes the next event of one of its streams.
    pub(super) fn take(&mut self, row: &EventRow) {
        let aggregate = row.event_type.split('.').next().unwrap_or_default();
        let Some(kind) = self.kinds.iter().find(|kind| kind.name == aggregate) else {
            self.findings.unchecked(format!("events of type {}: this build does not know them", row.event_type));
            self.show(&Opened { row, subject: None, details: None, details_gone: false, key: None });
            return;
        };
        let mut fold = self.streams.remove(&row.stream).unwrap_or_else(|| Fold::new(kind, row.command, row.position));
        self.step(&mut fold, row);
        self.streams.insert(row.stream, fold);
    }

    fn step(&mut self, fold: &mut Fold, row: &EventRow) {
        if fold.kind.name != row.event_type.split('.').next().unwrap_or_default() {
            let meaning = format!("a {} event stands in a stream of {}", row.event_type, fold.kind.name);
            self.findings.differs(row.position, "events", meaning);
            fold.is_broken = true;
        }
        if row.version.0 != fold.version.0 + 1 {
            let meaning = format!(
                "the event is version {} of stream {}, whose last one is {}",
                row.version, row.stream, fold.version
            );
            self.findings.differs(row.position, "events", meaning);
            fold.is_broken = true;
        }
        let begins = fold.command != row.command || fold.version.0 == 0;
        if begins && fold.version.0 > 0 {
            self.end_command(fold);
        }
        if begins {
            (fold.command, fold.first) = (row.command, row.position);
            fold.lacks_inputs = row.inputs.is_none();
        } else if row.inputs.is_some() {
            self.findings.differs(
                row.position,
                "events",
                "decision inputs stand in an event that is not its command's first",
            );
        }
        (fold.version, fold.last) = (row.version, row.position);
        fold.key = row.key.or(fold.key);
        if !self.keys.is_open() {
            self.outline(row);
            self.show(&Opened { row, subject: None, details: None, details_gone: false, key: None });
            return;
        }
        self.open(fold, row);
    }

    fn show(&mut self, event: &Opened<'_>) {
        self.observers.iter_mut().for_each(|observer| observer.observe(event));
    }

    /// What can be said of a row whose parts cannot be opened: that its keys exist.
    fn outline(&mut self, row: &EventRow) {
        for (id, class) in [
            (row.key, KeyClass::Data),
            (row.actor_key, KeyClass::Data),
            (row.network_key, KeyClass::Network),
            (row.mac_key, KeyClass::Service),
        ] {
            if let Some(id) = id {
                key(&self.keys, &mut self.findings, row, id, class);
            }
        }
    }

    fn open(&mut self, fold: &mut Fold, row: &EventRow) {
        let keys = Arc::clone(&self.keys);
        let data = row.key.map(|id| key(&keys, &mut self.findings, row, id, KeyClass::Data));
        if matches!(data, Some(Key::Changed)) && !fold.is_broken {
            let meaning = format!("the wrapped bytes of the key of stream {} were changed: nothing opens", row.stream);
            self.findings.differs(row.position, "keys", meaning);
            fold.is_broken = true;
        }
        let bound = associated(row).bytes();
        let is_sealed = row.subject.is_some() || row.inputs.is_some() || row.details.is_some();
        if is_sealed {
            if row.mac.is_some() || row.mac_key.is_some() {
                self.findings.differs(row.position, "events", "a row with sealed parts has a MAC besides");
            }
        } else {
            self.check_mac(row, &bound);
        }
        let parts = match &data {
            Some(Key::Open(secret)) => Some(PartKeys::of(secret, None)),
            _ => None,
        };
        let subject = self.part(row, &bound, row.subject.as_deref(), data.as_ref(), parts.as_ref(), Part::Subject);
        if self.depth == Depth::Subjects {
            return self.only_fold(fold, row, &subject);
        }
        let inputs = self.part(row, &bound, row.inputs.as_deref(), data.as_ref(), parts.as_ref(), Part::Inputs);
        if let Content::Open(plain) = &inputs
            && !minicbor::decode::<DecisionInputs>(plain).is_ok_and(|inputs| !inputs.command.is_empty())
        {
            self.findings.differs(
                row.position,
                "events",
                "the decision inputs are not of a shape that any build writes",
            );
        }
        let (details, details_gone) = self.details(row, &bound, data.as_ref());

        let content = match &subject {
            Content::Absent => Subject::Absent,
            Content::Redacted => Subject::Redacted,
            Content::Open(plain) => Subject::Open(plain),
            Content::Fault => {
                fold.is_broken = true;
                self.show(&Opened { row, subject: None, details: None, details_gone: false, key: None });
                return;
            }
        };
        if !fold.is_broken {
            match fold.state.apply(row, content) {
                Ok(()) => {}
                Err(error @ (DecodeError::UnknownType(_) | DecodeError::UnknownVersion(..))) => {
                    self.findings.unchecked(format!("{error}: only a newer build can fold its stream"));
                    fold.is_broken = true;
                }
                Err(error) => {
                    self.findings.differs(row.position, "events", format!("the event cannot be read: {error}"));
                    fold.is_broken = true;
                }
            }
        }
        let plain = match &subject {
            Content::Open(plain) => Some(plain.as_slice()),
            _ => None,
        };
        self.listen(row, content);
        let secret = match data {
            Some(Key::Open(secret)) => Some(secret),
            _ => None,
        };
        let opened = Opened { row, subject: plain, details: details.as_ref(), details_gone, key: secret };
        self.show(&opened);
    }

    /// What events say of tables that are of no stream.
    fn listen(&mut self, row: &EventRow, content: Subject<'_>) {
        match row.event_type.as_str() {
            "network.key_destroyed" => {
                let decoded = NetworkEvent::decode(&row.event_type, row.schema_version, content);
                if let Ok(NetworkEvent::KeyDestroyed(gone)) = decoded {
                    self.said.destroyed.push((gone.key, row.position));
                }
            }
            "log.epoch_begun" => {
                let decoded = LogEvent::decode(&row.event_type, row.schema_version, content);
                if let Ok(LogEvent::EpochBegun(begun)) = decoded {
                    self.said.epoch = Some((begun.epoch, row.position));
                }
            }
            "application.person_invited" => {
                let decoded = ApplicationEvent::decode(&row.event_type, row.schema_version, content);
                if let Ok(ApplicationEvent::PersonInvited(invited)) = decoded {
                    self.said.begun.insert(invited.invitation);
                }
            }
            _ => {}
        }
    }

    fn only_fold(&mut self, fold: &mut Fold, row: &EventRow, subject: &Content) {
        let content = match subject {
            Content::Absent => Subject::Absent,
            Content::Redacted => Subject::Redacted,
            Content::Open(plain) => Subject::Open(plain),
            Content::Fault => return fold.is_broken = true,
        };
        if !fold.is_broken && fold.state.apply(row, content).is_err() {
            self.findings.differs(row.position, "events", "the event cannot be read");
            fold.is_broken = true;
        }
    }

    fn end_command(&mut self, fold: &mut Fold) {
        if self.depth == Depth::All && fold.end_command(&self.keys) {
            let meaning = "the command's first event has no decision inputs, so that nobody can explain it";
            self.findings.differs(fold.first, "events", meaning);
        }
    }

    fn check_mac(&mut self, row: &EventRow, bound: &[u8]) {
        let (Some(mac), Some(id)) = (&row.mac, row.mac_key) else {
            self.findings.differs(row.position, "events", "a row without a sealed part has no MAC");
            return;
        };
        let keys = Arc::clone(&self.keys);
        if let Key::Open(secret) = key(&keys, &mut self.findings, row, id, KeyClass::Service)
            && !same_mac(mac, &secret.mac(&[bound]))
        {
            self.findings.differs(row.position, "events", "the row was changed: its MAC is of another content");
        }
    }

    fn part(
        &mut self,
        row: &EventRow,
        bound: &[u8],
        sealed: Option<&[u8]>,
        data: Option<&Key<'_>>,
        parts: Option<&PartKeys>,
        part: Part,
    ) -> Content {
        let Some(sealed) = sealed else { return Content::Absent };
        match (data, parts) {
            (Some(Key::Open(_)), Some(parts)) => match parts.part(row.stream, row.version, part).open(bound, sealed) {
                Ok(plain) => Content::Open(plain),
                Err(error) => {
                    self.fault(row, part, &error);
                    Content::Fault
                }
            },
            (Some(Key::Destroyed), _) => Content::Redacted,
            (None, _) => {
                self.findings.differs(row.position, "events", "a sealed part stands in the row, and no key is named");
                Content::Fault
            }
            _ => Content::Fault,
        }
    }

    fn fault(&mut self, row: &EventRow, part: Part, error: &dyn std::error::Error) {
        let name = match part {
            Part::Subject => "the part about the subject",
            Part::Inputs => "the decision inputs",
            _ => "the part about the actor",
        };
        let meaning = format!("{name}, or what the row says in the clear, was changed ({error})");
        self.findings.differs(row.position, "events", meaning);
    }

    /// The actor's details, and whether the month's key of them was destroyed.
    fn details(&mut self, row: &EventRow, bound: &[u8], data: Option<&Key<'_>>) -> (Option<ActorDetails>, bool) {
        let Some(sealed) = row.details.as_deref() else {
            if row.network_key.is_some() || row.actor_key.is_some() {
                let meaning = "the event names a network key or an actor's, and has no part about the actor";
                self.findings.differs(row.position, "events", meaning);
            }
            return (None, false);
        };
        let keys = Arc::clone(&self.keys);
        let actor;
        let data = match row.actor_key {
            Some(id) => {
                actor = key(&keys, &mut self.findings, row, id, KeyClass::Data);
                Some(&actor)
            }
            None => data,
        };
        let network = row.network_key.map(|id| key(&keys, &mut self.findings, row, id, KeyClass::Network));
        let network = match &network {
            None => None,
            Some(Key::Open(secret)) => Some(*secret),
            Some(Key::Destroyed) => return (None, true),
            Some(Key::Changed | Key::Unusable) => return (None, false),
        };
        let Some(Key::Open(secret)) = data else { return (None, false) };
        let part = PartKeys::of(secret, network).part(row.stream, row.version, Part::Details);
        match part.open(bound, sealed) {
            Ok(plain) => match minicbor::decode(&plain) {
                Ok(details) => (Some(details), false),
                Err(_) => {
                    let meaning = "the part about the actor is not of a shape that any build writes";
                    self.findings.differs(row.position, "events", meaning);
                    (None, false)
                }
            },
            Err(error) => {
                self.fault(row, Part::Details, &error);
                (None, false)
            }
        }
    }

    /// Ends every stream.
    pub(super) fn finish(mut self) -> Finished {
        let mut folded: HashMap<StreamId, Folded> = HashMap::with_capacity(self.streams.len());
        for (stream, mut fold) in std::mem::take(&mut self.streams) {
            self.end_command(&mut fold);
            folded.insert(stream, fold.finish(stream, &self.keys));
        }
        (folded, self.findings, self.observers, self.said)
    }
}

/// How a key that a row names stands; a fault is told once.
fn key<'k>(keys: &'k KeySet, findings: &mut Findings, row: &EventRow, id: KeyId, class: KeyClass) -> Key<'k> {
    let Some(entry) = keys.get(id) else {
        // An actor's own key may belong to a stream of another pass.
        if Some(id) == row.actor_key {
            findings.unchecked("parts about actors with an account of their own, in a log of several passes");
        } else {
            findings.differs(row.position, "keys", format!("the key {id} that the event names is not there"));
        }
        return Key::Unusable;
    };
    let is_owned = class != KeyClass::Data || Some(id) == row.actor_key || entry.owner == Some(row.stream);
    if entry.class != class || !is_owned {
        findings.differs(row.position, "keys", format!("the key {id} that the event names is not of its stream"));
        return Key::Unusable;
    }
    match &entry.standing {
        Standing::Open(secret) => Key::Open(secret),
        Standing::Destroyed => Key::Destroyed,
        Standing::Changed => Key::Changed,
        Standing::Closed => Key::Unusable,
    }
}
