//! A value is one stream's.

use chancery_domain::{ClaimKind, Timestamp};
use chancery_eventstore::volatile::VolatileKind;
use chancery_eventstore::{Prepared, Reservation, Status};

use super::commands::{command, email, mac, stream};
use super::{Fixture, accept, append};

/// A reservation leads to its stream and to its stream's state.
pub async fn held_by_their_stream(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let claims = vec![email(), Reservation { kind: ClaimKind::Uid, mac: mac() }];
    let holder = Prepared { claims, ..command(stream(), 0) };
    accept(&*backend, &holder).await;
    for Reservation { kind, mac } in &holder.claims {
        assert_eq!(backend.reserved(*kind, mac).await.unwrap(), Some(holder.stream));
        let state = backend.reserved_state(*kind, mac).await.unwrap().unwrap();
        assert_eq!(state, backend.state(holder.stream).await.unwrap().unwrap());
        assert_eq!(state.stream, holder.stream);
    }
    assert_eq!(backend.reserved(ClaimKind::Uid, &holder.claims[0].mac).await.unwrap(), None);
    assert_eq!(backend.reserved_state(ClaimKind::Uid, &holder.claims[0].mac).await.unwrap(), None);
}

/// What is read at one moment is what is read in turn.
pub async fn read_at_one_moment(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let (mine, others, nobodys) = (email(), email(), email());
    let [holder, other] = [mine, others].map(|value| Prepared { claims: vec![value], ..command(stream(), 0) });
    accept(&*backend, &holder).await;
    accept(&*backend, &other).await;
    let state = async |value: &Reservation| backend.reserved_state(value.kind, &value.mac).await.unwrap();
    for [one, another] in
        [[mine, others], [others, mine], [mine, nobodys], [nobodys, others], [nobodys, nobodys], [mine, mine]]
    {
        let found = backend.reserved_states([(one.kind, &one.mac), (another.kind, &another.mac)]).await.unwrap();
        assert_eq!(found, [state(&one).await, state(&another).await]);
    }

    let (key, other_key, now) = (mac(), mac(), Timestamp(1_000));
    backend.put(VolatileKind::SessionUse, &key, b"row", Timestamp(2_000)).await.unwrap();
    for (value, kind, key, now) in [
        (mine, VolatileKind::SessionUse, key, now),
        (mine, VolatileKind::SessionUse, key, Timestamp(2_000)),
        (mine, VolatileKind::SessionUse, other_key, now),
        (mine, VolatileKind::Pending, key, now),
        (nobodys, VolatileKind::SessionUse, key, now),
    ] {
        let found = backend.reserved_state_with(value.kind, &value.mac, (kind, &key), now).await.unwrap();
        let row = backend.peek(kind, &key, now).await.unwrap();
        assert_eq!(found, state(&value).await.map(|state| (state, row)));
    }
}

/// Only who holds a value lets go of it; then it is free.
pub async fn released_by_their_holder_only(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let (value, kept) = (email(), email());
    let (holder, stranger) = (stream(), stream());
    accept(&*backend, &Prepared { claims: vec![value, kept], ..command(holder, 0) }).await;
    accept(&*backend, &Prepared { releases: vec![value, email()], ..command(stranger, 0) }).await;
    assert_eq!(backend.reserved(value.kind, &value.mac).await.unwrap(), Some(holder), "a stranger released it");

    // A refused command releases nothing.
    append(&*backend, &[Prepared { releases: vec![value], ..command(holder, 5) }]).await;
    assert_eq!(backend.reserved(value.kind, &value.mac).await.unwrap(), Some(holder));

    accept(&*backend, &Prepared { releases: vec![value], ..command(holder, 1) }).await;
    assert_eq!(backend.reserved(value.kind, &value.mac).await.unwrap(), None);
    assert_eq!(backend.reserved(kept.kind, &kept.mac).await.unwrap(), Some(holder));
    let counted = backend.count_reserved(value.kind).await.unwrap();
    accept(&*backend, &Prepared { claims: vec![value], ..command(stranger, 1) }).await;
    assert_eq!(backend.reserved(value.kind, &value.mac).await.unwrap(), Some(stranger));
    assert_eq!(backend.count_reserved(value.kind).await.unwrap(), counted + 1);
    let mut kept = vec![([0; 32], holder)];
    loop {
        // One at a time, in one order.
        let next = backend.holders(value.kind, &kept[kept.len() - 1].0, 1).await.unwrap();
        let [next] = next[..] else { break };
        kept.push(next);
    }
    assert!(kept.is_sorted_by(|one, next| one.0 < next.0) && kept.contains(&(value.mac, stranger)), "{kept:?}");
    assert_eq!(kept.len() as u64, counted + 2);
    assert_eq!(backend.holders(value.kind, &[0; 32], u32::MAX).await.unwrap(), kept[1..]);
    assert_eq!(backend.count_reserved(ClaimKind::ApplicationName).await.unwrap(), 0, "another kind's do not count");
}

/// Of those who claim a value at the same moment one gets it.
pub async fn races(fixture: &impl Fixture) {
    let backends = [fixture.open().await, fixture.open().await, fixture.open().await, fixture.open().await];
    for _ in 0..50 {
        let value = email();
        let tries = backends.iter().map(|backend| async {
            let command = Prepared { claims: vec![value], ..command(stream(), 0) };
            (command.stream, append(&**backend, &[command]).await.remove(0))
        });
        let told = futures::future::join_all(tries).await;
        let winners: Vec<_> =
            told.iter().filter(|(_, status)| matches!(status, Status::Appended { .. })).map(|(who, _)| *who).collect();
        assert_eq!(winners.len(), 1, "{told:?}");
        let losers = told.iter().filter(|(_, status)| *status == Status::ReservationTaken(ClaimKind::Email));
        assert_eq!(losers.count(), 3, "{told:?}");
        assert_eq!(backends[0].reserved(value.kind, &value.mac).await.unwrap(), Some(winners[0]));
    }
}
