//! A site that is fed by NATS, for the tests of what becomes of the log's copy there.

use std::collections::BTreeMap;

use async_nats::jetstream;
use chancery_eventstore::nats::{Generation, StreamId};

use super::{NatsServer, assert_copy, content, until};
use crate::site::{Setup, TestSite, World};

/// A site whose jobs are fed by a NATS server of its own.
pub struct Scene {
    /// The server.
    pub server: NatsServer,
    /// The site.
    pub site: TestSite,
    /// How many have registered.
    pub people: usize,
}

impl Scene {
    /// With a server of its own.
    pub async fn new() -> Self {
        Self::on(NatsServer::start().await).await
    }

    /// With this server.
    pub async fn on(server: NatsServer) -> Self {
        let site = World::nats(&server.url()).await.site(Setup::default()).await;
        site.age().await;
        Self { server, site, people: 0 }
    }

    /// Somebody more registers; the jobs have not run yet.
    pub async fn register(&mut self) {
        self.people += 1;
        let address = format!("192.0.2.{}", self.people);
        self.site.browser_at(&address).register(&format!("person{}@example.org", self.people)).await;
        self.site.answered().await;
    }

    /// Lets all jobs do what they have to, and looks that everybody got one mail and no more, and that the tables say what
    /// the log says.
    pub async fn settle(&self) {
        self.site.settle().await;
        let mut mails = BTreeMap::<String, usize>::new();
        for mail in self.site.mails.sent() {
            *mails.entry(mail.to).or_default() += 1;
        }
        assert_eq!(mails.len(), self.people, "everybody has a mail");
        assert!(mails.values().all(|count| *count == 1), "and nobody two: {mails:?}");
        self.site.world().assert_clean().await;
    }

    /// What keeps the relay from going on.
    #[must_use]
    pub fn trouble(&self) -> String {
        self.site.world().relayed().trouble().unwrap_or_default()
    }

    /// The generation in force.
    pub async fn generation(&self) -> Generation {
        Generation::current(&self.site.db).await.unwrap()
    }

    /// Its stream.
    pub async fn stream(&self) -> StreamId {
        self.generation().await.stream(self.site.app.log.log)
    }

    /// The same, to do something to it.
    pub async fn handle(&self) -> jetstream::stream::Stream {
        self.server.client().await.get_stream(self.stream().await.stream()).await.unwrap()
    }

    /// Waits for a generation, and until its stream is the log's copy; no other is left.
    pub async fn is_copied(&self, generation: i64) {
        until(&format!("generation {generation} begins"), async || self.generation().await.number >= generation).await;
        let head = self.site.app.store.backend().head().await.unwrap().position;
        let (client, generation) = (self.server.client().await, self.generation().await);
        let name = self.stream().await.stream();
        until("the stream reaches the log's end", async || {
            // A generation is a row before its stream is made, and an empty one may be whole.
            let Ok(mut stream) = client.get_stream(&name).await else { return false };
            let last = stream.info().await.unwrap().state.last_sequence;
            generation.base.0 + i64::try_from(last).unwrap() >= head.0
        })
        .await;
        assert_copy(&content(&client, self.stream().await).await, generation.base, &self.site.events().await);
        let left = self.site.world().relayed().nats().streams(self.site.app.log.log).await.unwrap();
        assert_eq!(left, [self.stream().await]);
    }
}
