//! The key ring: whose files open it, and what it makes only beside an empty log.

use super::*;

async fn open(log: &Log, wrapper: Arc<dyn Wrapper>) -> Result<KeyRing, KeyError> {
    KeyRing::open(log.backend.clone(), wrapper, BEGINNING).await
}

#[tokio::test]
async fn service_keys_are_made_once() {
    let log = Log::new().await;
    let other = log.another().await;
    let mut keys = Vec::new();
    for purpose in Purpose::ALL {
        let key = log.store.keys().service(purpose);
        assert_eq!((key.id, &key.key), {
            let other = other.keys().service(purpose);
            (other.id, &other.key)
        });
        keys.push(*key.key.expose());
    }
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), Purpose::ALL.len(), "each purpose has a key of its own");
    assert_eq!(log.backend.keys_of_class(KeyClass::Service).await.unwrap().len(), Purpose::ALL.len());
}

#[tokio::test]
async fn anothers_master_key_is_refused() {
    let log = Log::new().await;
    let (master, credentials) = (log.path("other.key"), log.path("other-credentials.key"));
    FileKeys::create(&master, &credentials).unwrap();
    let error = open(&log, wrapper(&master, &credentials)).await.unwrap_err();
    assert!(matches!(error, KeyError::OtherWrappingKey(_)), "{error:?}");
}

#[tokio::test]
async fn a_missing_service_key_is_not_made_beside_a_log_that_is_not_empty() {
    let log = Log::new().await;
    log.registered("ada@example.org").await;
    log.execute("UPDATE keys SET wrapped = NULL, destroyed = 1 WHERE purpose = 'pepper'").await;
    let keys = || wrapper(&log.path("master.key"), &log.path("credentials.key"));
    let error = open(&log, keys()).await.unwrap_err();
    assert!(matches!(&error, KeyError::Missing(purpose) if purpose == "pepper"), "{error:?}");

    let empty = Log::new().await;
    empty.execute("UPDATE keys SET wrapped = NULL, destroyed = 1 WHERE purpose = 'pepper'").await;
    let keys = wrapper(&empty.path("master.key"), &empty.path("credentials.key"));
    assert!(open(&empty, keys).await.is_ok(), "beside an empty log it is");
}

#[tokio::test]
async fn the_key_of_push_messages_is_made_once_and_anew_where_it_was_destroyed() {
    let log = Log::new().await;
    log.registered("ada@example.org").await;
    let ring = open(&log, wrapper(&log.path("master.key"), &log.path("credentials.key"))).await.unwrap();
    let made = ring.push(BEGINNING).await.unwrap();
    let again = ring.push(BEGINNING).await.unwrap();
    assert_eq!((made.id, made.key.expose()), (again.id, again.key.expose()));
    log.execute("UPDATE keys SET wrapped = NULL, destroyed = 1 WHERE purpose = 'push'").await;
    assert_ne!(ring.push(BEGINNING).await.unwrap().id, made.id);
}

#[tokio::test]
async fn a_process_without_the_credentials_key_can_do_all_else() {
    let log = Log::new().await;
    let (stream, credential) = log.confirmed("ada@example.org").await;
    let without = FileKeys::open(&log.path("master.key"), CredentialKeys::Without).unwrap();
    let store =
        Store::open(log.backend.clone(), Arc::new(without), BatcherOptions::default(), BEGINNING).await.unwrap();
    assert_eq!(store.load::<Account>(stream).await.unwrap().unwrap().state, log.load(stream).await.state);
    assert!(matches!(store.keys().by_id(credential).await, Err(KeyError::NoWrappingKey(KeyClass::Credential))));
    let made = store.keys().create(KeyClass::Credential, stream, BEGINNING).await;
    assert!(matches!(made, Err(KeyError::NoWrappingKey(KeyClass::Credential))));
}

#[tokio::test]
async fn a_month_has_one_network_key_on_every_node() {
    let log = Log::new().await;
    let other = log.another().await;
    let november = BEGINNING;
    let later = november.plus(Duration::from_secs(60));
    let next_month = november.plus(Duration::from_secs(32 * 24 * 3600));
    let key = log.store.keys().network(november).await.unwrap();
    for same in [log.store.keys().network(later).await.unwrap(), other.keys().network(november).await.unwrap()] {
        assert_eq!((same.id, &same.key), (key.id, &key.key));
    }
    assert_ne!(other.keys().network(next_month).await.unwrap().id, key.id);
}

#[tokio::test]
async fn an_unknown_key_is_as_good_as_destroyed() {
    let log = Log::new().await;
    let nobodys = KeyId::from_bytes([9; 16]);
    assert!(matches!(log.store.keys().by_id(nobodys).await, Err(KeyError::Destroyed(id)) if id == nobodys));
}
