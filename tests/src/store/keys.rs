//! Keys come with a command or at a node's start, and go with a command.

use chancery_domain::{KeyId, Timestamp};
use chancery_eventstore::{InlineState, KeyClass, KeyRow, NewKey, Prepared, Status};

use super::commands::{NOW, command, data_key, destroying_month, fresh, stream};
use super::{Fixture, accept, append};

fn stored(key: &NewKey) -> KeyRow {
    KeyRow {
        id: key.id,
        class: key.class,
        owner: key.owner,
        purpose: key.purpose.clone(),
        wrapped: Some(key.wrapped.clone()),
        wrapper: key.wrapper,
        created: key.created,
    }
}

fn service_key(purpose: &str) -> NewKey {
    NewKey {
        id: KeyId::from_bytes(fresh()),
        class: KeyClass::Service,
        owner: None,
        purpose: Some(purpose.into()),
        wrapped: fresh().to_vec(),
        wrapper: fresh()[..8].try_into().unwrap(),
        created: NOW,
    }
}

/// A destroyed key keeps its row without its bytes; others stay.
pub async fn come_and_go(fixture: &impl Fixture) {
    let (one, other) = (fixture.open().await, fixture.open().await);
    let account = stream();
    let data = data_key(account);
    let credential = NewKey { class: KeyClass::Credential, ..data_key(account) };
    accept(&*one, &Prepared { new_keys: vec![data.clone(), credential.clone()], ..command(account, 0) }).await;
    assert_eq!(other.key(data.id).await.unwrap(), Some(stored(&data)));
    assert_eq!(other.key(credential.id).await.unwrap(), Some(stored(&credential)));
    assert_eq!(other.data_key(account).await.unwrap(), Some(stored(&data)));
    assert_eq!(other.key(KeyId::from_bytes(fresh())).await.unwrap(), None);
    assert_eq!(other.data_key(stream()).await.unwrap(), None);

    accept(&*one, &Prepared { destroyed_keys: vec![credential.id], ..command(account, 1) }).await;
    let gone = KeyRow { wrapped: None, ..stored(&credential) };
    assert_eq!(other.key(credential.id).await.unwrap(), Some(gone.clone()));
    assert_eq!(other.data_key(account).await.unwrap(), Some(stored(&data)));
    // Once more changes nothing.
    accept(&*one, &Prepared { destroyed_keys: vec![credential.id], ..command(account, 2) }).await;
    assert_eq!(other.key(credential.id).await.unwrap(), Some(gone));
}

/// Of those who add a service key at the same moment one does; the others get that one.
pub async fn added_once(fixture: &impl Fixture) {
    let backends = [fixture.open().await, fixture.open().await, fixture.open().await];
    let mut last = None;
    for purpose in ["link", "reservation"] {
        let added = futures::future::join_all(
            backends.iter().map(|backend| async { backend.add_key(&service_key(purpose)).await.unwrap() }),
        )
        .await;
        assert!(added.iter().all(|key| *key == added[0]), "{added:?}");
        assert_eq!(added[0].purpose.as_deref(), Some(purpose));
        last = Some(added[0].clone());
    }
    // The same purpose in another class is another key.
    let network = NewKey { class: KeyClass::Network, ..service_key("link") };
    assert_eq!(backends[0].add_key(&network).await.unwrap(), stored(&network));
    let of_class = backends[1].keys_of_class(KeyClass::Service).await.unwrap();
    assert_eq!(of_class.len(), 2);
    assert!(of_class.contains(&last.unwrap()));
    assert_eq!(backends[1].keys_of_class(KeyClass::Network).await.unwrap(), [stored(&network)]);

    // A destroyed one makes room.
    accept(&*backends[0], &destroying_month(network.id, stream(), 0)).await;
    let successor = NewKey { created: Timestamp(NOW.micros() + 1), class: KeyClass::Network, ..service_key("link") };
    assert_eq!(backends[0].add_key(&successor).await.unwrap(), stored(&successor));
    let both = [KeyRow { wrapped: None, ..stored(&network) }, stored(&successor)];
    let mut told = backends[1].keys_of_class(KeyClass::Network).await.unwrap();
    told.sort_by_key(|key| key.created);
    assert_eq!(told, both);
}

/// A command whose new key has an id or a living purpose that is there already sees it as gone, and its neighbours do
/// not suffer.
pub async fn never_replaced(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let month = NewKey { class: KeyClass::Network, ..service_key("2026-11") };
    let holder = Prepared { new_keys: vec![month.clone()], ..command(stream(), 0) };
    accept(&*backend, &holder).await;
    let with = |key: NewKey| Prepared { new_keys: vec![key], ..command(stream(), 0) };
    let same_id = with(NewKey { id: month.id, ..data_key(stream()) });
    let same_purpose = with(NewKey { class: KeyClass::Network, ..service_key("2026-11") });
    let other_month = with(NewKey { class: KeyClass::Network, ..service_key("2026-12") });
    let told = append(&*backend, &[same_id, other_month.clone(), same_purpose.clone()]).await;
    assert_eq!((&told[0], &told[2]), (&Status::KeyGone, &Status::KeyGone));
    assert!(matches!(told[1], Status::Appended { .. }), "{told:?}");
    assert_eq!(backend.key(month.id).await.unwrap(), Some(stored(&month)));
    assert_eq!(backend.key(same_purpose.new_keys[0].id).await.unwrap(), None);
    accept(&*backend, &destroying_month(month.id, holder.stream, 1)).await;
    accept(&*backend, &same_purpose).await;
}

/// A state comes with the key that it is sealed under, as that is now, and a tombstone takes its place.
pub async fn states_and_their_keys(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let account = stream();
    let key = data_key(account);
    let state = InlineState { aggregate: "account", fold_version: 3, key: Some(key.id), sealed: Some(vec![1, 2, 3]) };
    let new_keys = vec![key.clone(), NewKey { class: KeyClass::Credential, ..data_key(account) }];
    accept(&*backend, &Prepared { new_keys, state: Some(state), ..command(account, 0) }).await;
    let row = backend.state(account).await.unwrap().unwrap();
    assert_eq!((row.version.0, row.fold_version, row.sealed), (1, 3, Some(vec![1, 2, 3])));
    assert_eq!(row.key, Some(stored(&key)));

    let tombstone = InlineState { aggregate: "account", fold_version: 4, key: None, sealed: None };
    let erased = Prepared { destroyed_keys: vec![key.id], state: Some(tombstone), ..command(account, 1) };
    accept(&*backend, &erased).await;
    let row = backend.state(account).await.unwrap().unwrap();
    assert_eq!((row.version.0, row.fold_version, row.sealed, row.key), (2, 4, None, None));
    assert_eq!(backend.data_key(account).await.unwrap(), Some(KeyRow { wrapped: None, ..stored(&key) }));

    let keyless = command(stream(), 0);
    accept(&*backend, &keyless).await;
    assert_eq!(backend.state(keyless.stream).await.unwrap().unwrap().key, None);
    let stateless = Prepared { state: None, ..command(stream(), 0) };
    accept(&*backend, &stateless).await;
    assert_eq!(backend.state(stateless.stream).await.unwrap(), None);
}
