//! What happens at the same moment, through one node's batcher and through four.

use std::sync::Arc;

use chancery_eventstore::{AppendError, Batcher, BatcherOptions, Committed, Fingerprint, Position, Prepared, Version};
use futures::future::{join, join_all};

use super::Fixture;
use super::commands::{command, data_key, email, fresh, guard, stream};

const ROUNDS: usize = 1_000;
/// How many races run side by side, so that their commands meet in batches.
const ABREAST: usize = 10;

async fn nodes(fixture: &impl Fixture, count: usize) -> Vec<Arc<Batcher>> {
    let mut nodes = Vec::new();
    for _ in 0..count {
        nodes.push(Arc::new(Batcher::start(fixture.open().await, BatcherOptions::default())));
    }
    nodes
}

/// Runs a race through one node, then through four: each round gets the two nodes that it goes through.
async fn each_round<F: Future<Output = ()>>(
    fixture: &impl Fixture,
    rounds: usize,
    race: impl Fn(Arc<Batcher>, Arc<Batcher>) -> F,
) {
    for count in [1, 4] {
        let nodes = nodes(fixture, count).await;
        for round in 0..rounds / ABREAST {
            join_all((0..ABREAST).map(|lane| {
                let one = &nodes[(round + lane) % count];
                let other = &nodes[(round + lane * 3 + 1) % count];
                race(Arc::clone(one), Arc::clone(other))
            }))
            .await;
        }
        join_all(nodes.iter().map(|node| node.close())).await;
    }
}

/// Each of two decisions read what the other one writes: exactly one of them holds.
pub async fn write_skew(fixture: &impl Fixture) {
    each_round(fixture, ROUNDS, async |one, other| {
        let (mine, yours) = (stream(), stream());
        let left = one.append(Prepared { guards: vec![guard(yours, 0)], ..command(mine, 0) });
        let right = other.append(Prepared { guards: vec![guard(mine, 0)], ..command(yours, 0) });
        match join(left, right).await {
            (Ok(Committed::Appended { .. }), Err(AppendError::WrongVersion))
            | (Err(AppendError::WrongVersion), Ok(Committed::Appended { .. })) => {}
            both => panic!("{both:?}"),
        }
    })
    .await;
}

/// A guard beside a command that writes its stream: the decision holds only if it comes before that.
pub async fn guard_beside_its_write(fixture: &impl Fixture) {
    each_round(fixture, 200, async |one, other| {
        let policy = stream();
        let written = one.append(command(policy, 0));
        let guarded = other.append(Prepared { guards: vec![guard(policy, 0)], ..command(stream(), 0) });
        let (written, guarded) = join(written, guarded).await;
        let written = written.expect("nothing speaks against it").position();
        match guarded {
            Ok(committed) => assert!(committed.position() < written, "decided by a version that had passed"),
            Err(AppendError::WrongVersion) => {}
            Err(other) => panic!("{other:?}"),
        }
    })
    .await;
}

/// Two commands with the same expected version: one is appended, the other told.
pub async fn same_version(fixture: &impl Fixture) {
    each_round(fixture, 100, async |one, other| {
        let contested = stream();
        let bystander = one.append(command(stream(), 0));
        let rivals = join(one.append(command(contested, 0)), other.append(command(contested, 0)));
        let (rivals, bystander) = join(rivals, bystander).await;
        match rivals {
            (Ok(Committed::Appended { .. }), Err(AppendError::WrongVersion))
            | (Err(AppendError::WrongVersion), Ok(Committed::Appended { .. })) => {}
            both => panic!("{both:?}"),
        }
        assert!(matches!(bystander, Ok(Committed::Appended { .. })), "{bystander:?}");
    })
    .await;
}

/// The same command at once: written once, and both are told the same place. Under the same id another request is
/// refused.
pub async fn same_command(fixture: &impl Fixture) {
    each_round(fixture, 100, async |one, other| {
        let twice = command(stream(), 0);
        match join(one.append(twice.clone()), other.append(twice.clone())).await {
            (Ok(left), Ok(right)) => {
                assert_eq!(left.position(), right.position());
                assert_ne!(
                    matches!(left, Committed::Appended { .. }),
                    matches!(right, Committed::Appended { .. }),
                    "{left:?} {right:?}"
                );
            }
            both => panic!("{both:?}"),
        }
        let first = command(stream(), 0);
        let second = Prepared { command: first.command, ..command(stream(), 0) };
        match join(one.append(first), other.append(second)).await {
            (Ok(Committed::Appended { .. }), Err(AppendError::OtherRequest))
            | (Err(AppendError::OtherRequest), Ok(Committed::Appended { .. })) => {}
            both => panic!("{both:?}"),
        }
        let other_request = Prepared { fingerprint: Fingerprint(fresh()), stream: stream(), ..twice };
        for node in [one, other] {
            let refused = node.append(other_request.clone()).await;
            assert!(matches!(refused, Err(AppendError::OtherRequest)), "{refused:?}");
        }
    })
    .await;
}

/// A value claimed twice at once: one gets it, and the next one after its release.
pub async fn same_claim(fixture: &impl Fixture) {
    each_round(fixture, 100, async |one, other| {
        let value = email();
        let claim = |stream| Prepared { claims: vec![value], ..command(stream, 0) };
        let (left, right) = (stream(), stream());
        let winner = match join(one.append(claim(left)), other.append(claim(right))).await {
            (Ok(Committed::Appended { .. }), Err(AppendError::ReservationTaken(_))) => left,
            (Err(AppendError::ReservationTaken(_)), Ok(Committed::Appended { .. })) => right,
            both => panic!("{both:?}"),
        };
        let release = other.append(Prepared { releases: vec![value], ..command(winner, 1) });
        let successor = one.append(claim(stream()));
        let (released, succeeded) = join(release, successor).await;
        let released: Position = released.expect("released").position();
        match succeeded {
            Ok(committed) => assert!(committed.position() > released, "claimed before it was released"),
            Err(AppendError::ReservationTaken(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    })
    .await;
}

/// A key destroyed while another command seals under it: that one is written before, or never.
pub async fn key_destroyed_meanwhile(fixture: &impl Fixture) {
    each_round(fixture, 100, async |one, other| {
        let account = stream();
        let key = data_key(account);
        let made = one.append(Prepared { new_keys: vec![key.clone()], ..command(account, 0) }).await;
        assert!(made.is_ok(), "{made:?}");
        let sealed = one.append(Prepared { sealing_keys: vec![key.id], ..command(stream(), 0) });
        let destroyed =
            other.append(Prepared { destroyed_keys: vec![key.id], expected: Version(1), ..command(account, 1) });
        let (sealed, destroyed) = join(sealed, destroyed).await;
        let destroyed = destroyed.expect("destroyed").position();
        match sealed {
            Ok(committed) => assert!(committed.position() < destroyed, "sealed under a destroyed key"),
            Err(AppendError::KeyGone) => {}
            Err(other) => panic!("{other:?}"),
        }
    })
    .await;
}
