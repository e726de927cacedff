//! A shape that another process does not read is not written, and the state is what the log tells.

use chancery_domain::events::Stored;

use super::*;

/// An event whose version 2 has a field more, which version 1 loses.
#[derive(Clone, Debug, PartialEq)]
struct Weighed {
    grams: u8,
    scales: u8,
}

impl DomainEvent for Weighed {
    fn event_type(&self) -> &'static str {
        "parcel.weighed"
    }

    fn schema_version(&self) -> u16 {
        2
    }

    fn encode(&self) -> Option<Vec<u8>> {
        Some(vec![self.grams, self.scales])
    }

    fn stored(&self, readers: u16) -> Stored {
        match readers {
            0 => Stored { version: 1, subject: Some(vec![self.grams]) },
            _ => Stored { version: 2, subject: self.encode() },
        }
    }

    fn decode(_: &str, version: u16, subject: Subject<'_>) -> Result<Self, DecodeError> {
        match (version, subject) {
            (1, Subject::Open([grams])) => Ok(Self { grams: *grams, scales: 0 }),
            (2, Subject::Open([grams, scales])) => Ok(Self { grams: *grams, scales: *scales }),
            _ => Err(DecodeError::UnknownVersion("parcel.weighed".to_owned(), version)),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Parcel(Vec<u8>);

impl Aggregate for Parcel {
    const NAME: &'static str = "parcel";
    const FOLD_VERSION: u16 = 1;
    type Event = Weighed;

    fn evolve(&mut self, _: Timestamp, event: &Weighed) {
        self.0.extend([event.grams, event.scales]);
    }

    fn encode(&self) -> Vec<u8> {
        self.0.clone()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self(bytes.to_vec()))
    }

    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        Vec::new()
    }

    fn is_tombstone(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn a_newer_shape_is_written_while_every_process_reads_it() {
    let log = Log::new().await;
    let stream = log.stream();
    let weigh = async |grams: u8| {
        let loaded = match log.store.load::<Parcel>(stream).await.unwrap() {
            Some(loaded) => loaded,
            None => log.store.fresh(stream, BEGINNING).await.unwrap(),
        };
        let mut commit = log.commit(vec![Weighed { grams, scales: 7 }], &reset(&log));
        commit.inputs.guards.clear();
        appended(log.store.commit(&loaded, commit).await);
    };
    // Nothing is known of others; then all read it, then one does not, then what was heard is too old.
    let long_ago = Timestamp(BEGINNING.0 - 1);
    weigh(1).await;
    for (grams, readers, until) in [(2, 1, BEGINNING), (3, 0, BEGINNING), (4, 1, BEGINNING), (5, 1, long_ago)] {
        log.store.readers().hear(readers, until);
        weigh(grams).await;
    }
    let versions: Vec<u16> = log.rows(stream).await.iter().map(|row| row.schema_version).collect();
    assert_eq!(versions, [1, 2, 1, 2, 1]);
    let state = Parcel(vec![1, 0, 2, 7, 3, 0, 4, 7, 5, 0]);
    assert_eq!(log.store.load::<Parcel>(stream).await.unwrap().unwrap().state, state, "what stands beside the log");
    assert_eq!(log.store.fold::<Parcel>(stream, None).await.unwrap().state, state, "is what the log tells");
}
