//! The generated log on which speed is measured: the same facts every time, and a log like any other.

use chancery_domain::{StreamId, Timestamp};
use chancery_eventstore::Position;
use chancery_eventstore::verify::Options;
use chancery_tests::audit::assert_clean;
use chancery_tests::generator::{BEGINNING, Scale, email, generate, uid};
use chancery_tests::site::World;

const SCALE: Scale = Scale { accounts: 200, events: 3_000 };

/// Type, stream and time of every event.
async fn facts(world: &World) -> Vec<(String, StreamId, Timestamp)> {
    let store = world.store().await;
    let end = generate(&store, SCALE).await;
    let rows = store.backend().read(Position::START, 100_000).await.unwrap();
    assert_eq!(rows.last().unwrap().position, end);
    rows.into_iter().map(|row| (row.event_type, row.stream, row.recorded)).collect()
}

#[tokio::test]
async fn the_facts_follow_from_the_scale_and_the_log_verifies() {
    let mut before = None;
    for world in [World::sqlite().await, World::sqlite().await, World::postgres().await] {
        let facts = facts(&world).await;
        assert!((3_000..3_200).contains(&facts.len()), "{} events", facts.len());
        assert!(facts[0].2 > BEGINNING && facts.is_sorted_by_key(|fact| fact.2));
        assert_clean(&world.verify(Options::default()).await);
        let before = before.get_or_insert_with(|| facts.clone());
        assert_eq!(*before, facts);
    }
    let [created, ..] = &before.unwrap()[..] else { panic!("a log") };
    assert_eq!(created.0, "policy.adopted");
}

/// Whoever measures on it finds the accounts by what they are told.
#[tokio::test]
async fn an_account_is_found_by_its_number() {
    let world = World::sqlite().await;
    facts(&world).await;
    let site = world.site_at_rest(chancery_tests::site::Setup::default()).await;
    for number in [0, 1, 199] {
        let account = site.app.account_by_uid(&uid(number)).await.unwrap().unwrap();
        assert_eq!(account.email, email(number).as_str());
    }
    assert!(site.app.account_by_uid(&uid(200)).await.unwrap().is_none());
}
