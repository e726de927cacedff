//! A value is one stream's.

use chancery_domain::ClaimKind;
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
    accept(&*backend, &Prepared { claims: vec![value], ..command(stranger, 1) }).await;
    assert_eq!(backend.reserved(value.kind, &value.mac).await.unwrap(), Some(stranger));
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
