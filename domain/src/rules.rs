//! Which rules decisions follow.

/// Raised with every change of what any command decides: other events, another outcome, whatever the cause.
///
/// Every decision names it beside the software's version, so that whoever runs it again years later can tell a rule that has
/// changed from a log that was tampered with. The tests pin what each command decides, and since which number it does.
pub const RULES: u32 = 5;

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fmt::Debug;
    use std::path::Path;

    use super::RULES;
    use crate::aggregate::{Aggregate, Command, Context, DomainEvent};
    use crate::frozen::notation;
    use crate::ids::{KeyId, StreamId};
    use crate::invitation::{EndInvitationAgain, Invitation, InvitationEvent, SettleInvitation};
    use crate::log::{BeginEpoch, EpochBegun, KnownHead, LogEvent, LogState, RecordRestore};
    use crate::network::{DestroyNetworkKey, DestroyNetworkKeyAgain, KeyDestroyed, NetworkEvent, NetworkKeys};
    use crate::policy::{
        AdoptPolicy, AdoptRelyingParty, Policy, PolicyAdopted, PolicyEvent, PolicyState, RelyingPartyAdopted,
    };
    use crate::time::Timestamp;

    /// How an aggregate stands at one point of a fixed story, and all else that a decision reads.
    pub(crate) struct Stage<A> {
        pub(crate) name: &'static str,
        pub(crate) state: A,
        pub(crate) now: Timestamp,
        pub(crate) epoch_began: Timestamp,
        pub(crate) policy: Policy,
    }

    impl<A: Aggregate> Stage<A> {
        /// What these events lead to, under the default policy.
        pub(crate) fn of(name: &'static str, now: Timestamp, events: &[A::Event]) -> Self {
            let mut state = A::default();
            for event in events {
                state.evolve(now, event);
            }
            Self { name, state, now, epoch_began: Timestamp::default(), policy: Policy::default() }
        }
    }

    /// The commands that are pinned, each with the rules' number since which it decides as it does.
    #[derive(Default)]
    pub(crate) struct Pinned(BTreeMap<&'static str, u32>);

    impl Pinned {
        /// Pins what a command decides at every stage. Where that changes, raise [`RULES`] and name the new number here: a
        /// snapshot of its own is made, and the old one goes. A new command names the number that there is.
        pub(crate) fn pin<C>(&mut self, since: u32, stages: &[Stage<C::Aggregate>], examples: &[C])
        where
            C: Command,
            C::Outcome: Debug,
            C::Refusal: Debug,
        {
            let mut told = String::new();
            for example in examples {
                told.push_str(&notation(&example.encode()));
                told.push('\n');
                for Stage { name, state, now, epoch_began, policy } in stages {
                    let (now, epoch_began) = (*now, *epoch_began);
                    let context = Context { stream: StreamId::from_bytes([1; 16]), now, epoch_began, policy };
                    let decision = example.decide(state, context);
                    told.push_str(&format!("  {name}: {:?}\n", decision.outcome));
                    for event in decision.events {
                        let body = event.encode().map(|body| notation(&body)).unwrap_or_default();
                        told.push_str(&format!("    {} {body}\n", event.event_type()));
                    }
                }
            }
            insta::assert_snapshot!(format!("decides.{}.rules_{since}", C::NAME), told);
            assert!(self.0.insert(C::NAME, since).is_none(), "{} is pinned twice", C::NAME);
        }
    }

    fn policy(pinned: &mut Pinned) {
        let policy = |idle| Policy { session_idle: idle, ..Policy::default() };
        let now = Timestamp::from_seconds(1_777_802_400);
        let adopted = PolicyEvent::Adopted(PolicyAdopted { revision: 2, policy: policy(60) });
        let stages: [Stage<PolicyState>; 2] =
            [Stage::of("an empty log", now, &[]), Stage::of("revision 2 in force", now, &[adopted])];
        let proposed = |revision, idle| AdoptPolicy { revision, policy: policy(idle) };
        pinned.pin(5, &stages, &[proposed(1, 60), proposed(2, 60), proposed(2, 90), proposed(3, 90)]);
        let id = |id: &str| id.to_owned();
        let adopted = PolicyEvent::RelyingPartyAdopted(RelyingPartyAdopted { id: id("example.org") });
        let stages: [Stage<PolicyState>; 2] =
            [Stage::of("no key was ever made", now, &[]), Stage::of("keys are of example.org", now, &[adopted])];
        let adopt = |name, keys| AdoptRelyingParty { id: id(name), keys };
        pinned.pin(2, &stages, &[adopt("example.org", 3), adopt("example.net", 3), adopt("example.net", 0)]);
    }

    fn network(pinned: &mut Pinned) {
        let month = || "2026-05".to_owned();
        let (key, ended) = (KeyId::from_bytes([7; 16]), Timestamp::from_seconds(1_780_272_000));
        let kept = std::time::Duration::from_secs(Policy::default().network_data_retention.into());
        let destroyed = NetworkEvent::KeyDestroyed(KeyDestroyed { month: month(), key });
        let stages: [Stage<NetworkKeys>; 3] = [
            Stage::of("too early", Timestamp(ended.plus(kept).0 - 1), &[]),
            Stage::of("in time", ended.plus(kept), &[]),
            Stage::of("destroyed", ended.plus(kept), &[destroyed]),
        ];
        pinned.pin(1, &stages, &[DestroyNetworkKey { month: month(), ended, key }]);
        pinned.pin(1, &stages, &[DestroyNetworkKeyAgain { month: month(), key }]);
    }

    fn invitation(pinned: &mut Pinned) {
        let stages: [Stage<Invitation>; 4] = [
            Stage::of("open", Timestamp(99), &[]),
            Stage::of("its time is over", Timestamp(100), &[]),
            Stage::of("accepted", Timestamp(100), &[InvitationEvent::Accepted]),
            Stage::of("ended", Timestamp(100), &[InvitationEvent::Ended]),
        ];
        let settle = |accepted| SettleInvitation { accepted, ends: Timestamp(100) };
        pinned.pin(1, &stages, &[settle(true), settle(false)]);
        pinned.pin(1, &stages, &[EndInvitationAgain {}]);
    }

    fn log(pinned: &mut Pinned) {
        let known = || KnownHead { epoch: 5, position: 40, record: [9; 32] };
        let begun = EpochBegun { epoch: 2, reason: "the disk died".to_owned(), after: 7, last_known: None };
        let stages: [Stage<LogState>; 2] = [
            Stage::of("the first epoch", Timestamp(100), &[]),
            Stage::of("the second epoch", Timestamp(100), &[LogEvent::EpochBegun(begun)]),
        ];
        let begin = |last_known| BeginEpoch { ended: 1, reason: "moved".to_owned(), after: 9, last_known };
        pinned.pin(1, &stages, &[begin(None), begin(Some(known()))]);
        let restored = |whole| RecordRestore { backup: known(), keys: 3, whole };
        pinned.pin(1, &stages, &[restored(true), restored(false)]);
    }

    /// The names of all commands, found by where they name themselves.
    fn written(folder: &Path, names: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                written(&path, names);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") || path.ends_with("rules.rs") {
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            for command in text.split("\nimpl Command for ").skip(1) {
                let (_, shape) = command.split_once("command_shape!(").expect("a command has its shape by the macro");
                names.insert(shape.split('"').nth(1).unwrap().to_owned());
            }
        }
    }

    #[test]
    fn a_decision_changes_only_with_the_rules_number() {
        let mut pinned = Pinned::default();
        crate::account::commands::decisions::pin(&mut pinned);
        crate::application::commands::decisions::pin(&mut pinned);
        crate::campaign::commands::decisions::pin(4, &mut pinned);
        policy(&mut pinned);
        network(&mut pinned);
        invitation(&mut pinned);
        log(&mut pinned);

        let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let mut names = BTreeSet::new();
        written(source, &mut names);
        assert_eq!(pinned.0.keys().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), names);
        assert_eq!(pinned.0.values().max(), Some(&RULES), "a number that nothing was changed for");
        // Whoever accepts another snapshot beside the old one must take that away, and so see that it was there.
        let mut kept = BTreeSet::new();
        for entry in std::fs::read_dir(source.join("snapshots")).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            if let Some((_, name)) = file.split_once("decides.") {
                kept.insert(name.trim_end_matches(".snap").to_owned());
            }
        }
        let current = pinned.0.iter().map(|(name, since)| format!("{name}.rules_{since}")).collect();
        assert_eq!(kept, current);
    }
}
