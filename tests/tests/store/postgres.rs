//! The store's suite over PostgreSQL.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use chancery_eventstore::db::sql;
use chancery_eventstore::{Backend, Db, Position, PostgresBackend, PostgresOptions};
use chancery_tests::store::postgres::PostgresFixture;
use sqlx::ConnectOptions as _;

chancery_tests::store_suite!(PostgresFixture::new());

/// A request that its client gives up may be dropped within a transaction. The next one over the same connection must not
/// find itself in there: what it wrote would be nobody's, and what it read would be old.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_is_left_ends_with_its_connection() {
    let fixture = PostgresFixture::new().await;
    // One for appends, and one for all else.
    let options = PostgresOptions { connections: 2, ..PostgresOptions::new(fixture.service()) };
    let backend = Arc::new(PostgresBackend::connect(options).await.unwrap());
    let db = Db::Postgres(Arc::clone(&backend));
    let floor = |position: i64| {
        sql("INSERT INTO job_floors (job, position) VALUES ('left', $1) \
             ON CONFLICT (job) DO UPDATE SET position = excluded.position")
        .bind(position)
    };
    let mut owner = fixture.database().superuser().connect().await.unwrap();
    let mut left = 0;
    // Each is left at every place at which it waits, from the first one on until there is none any more.
    for round in 0..240 {
        let leave = async |work: &mut (dyn Future<Output = ()> + Unpin + Send)| {
            let mut waits = round % 24;
            let left = poll_fn(|context| match Pin::new(&mut *work).poll(context) {
                Poll::Pending if waits > 0 => {
                    waits -= 1;
                    Poll::Pending
                }
                polled => Poll::Ready(polled.is_pending()),
            });
            u32::from(left.await)
        };
        left += leave(&mut Box::pin(async { db.snapshot().await.unwrap().close().await })).await;
        left += leave(&mut Box::pin(async { db.transaction(vec![floor(-1), floor(-2)]).await.unwrap() })).await;
        left += leave(&mut Box::pin(async { drop(backend.read(Position::START, 10).await.unwrap()) })).await;
        let round = i64::from(round);
        db.execute(floor(round)).await.unwrap();
        let stands: i64 = sqlx::query_scalar("SELECT position FROM chancery.job_floors WHERE job = 'left'")
            .fetch_one(&mut owner)
            .await
            .unwrap();
        assert_eq!(stands, round, "what was acknowledged is there for others");
    }
    assert!(left > 60, "most were left on their way: {left}");
}
