//! Rebuilding a read model: its next generation is built beside the live one from the beginning of the log, and switched
//! to in one transaction. Whoever asks meanwhile sees the live one, and whoever moves the live one goes on.
//!
//! How far it has come stands in a row of its own, written with each batch, so that a rebuild that was killed goes on
//! where it stood.

use std::sync::Arc;
use std::time::Duration;

use chancery_eventstore::db::sql;
use chancery_eventstore::{Backend, BackendError, Db, EventRow, Position, ReadError, check_known};

use crate::runner::{self, Cursor, Projection, ProjectionError, Target};

/// Events that are read and applied at once, in one commit: on a machine that is busy with others each costs some waits.
const BATCH: u32 = 10_000;

/// Closer to the log's end than this, the new generation is brought into its final form, and follows as the live one does.
const CLOSE: i64 = 10_000;

/// Failures of the database in a row, without a step in between, that a rebuild endures.
const PATIENCE: u32 = 10;
/// The pause before it goes on.
const PAUSE: Duration = Duration::from_secs(1);

/// A read model that is rebuilt.
pub struct Rebuild {
    db: Db,
    backend: Arc<dyn Backend>,
    projection: Arc<dyn Projection>,
    batch: u32,
}

/// What a rebuild came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Where it began: behind the beginning, if another one had been killed.
    pub from: Position,
    /// The last event in the new generation when it was switched to.
    pub position: Position,
    /// The new generation.
    pub generation: i64,
    /// Its rows.
    pub rows: u64,
}

impl std::fmt::Debug for Rebuild {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rebuild").field("projection", &self.projection.name()).finish_non_exhaustive()
    }
}

impl Rebuild {
    /// The rebuild of this read model.
    #[must_use]
    pub fn new(db: Db, backend: Arc<dyn Backend>, projection: Arc<dyn Projection>) -> Self {
        Self { db, backend, projection, batch: BATCH }
    }

    /// The same with so many events at once.
    #[must_use]
    pub fn in_batches_of(self, batch: u32) -> Self {
        Self { batch, ..self }
    }

    /// Builds, catches up and switches; `progress` is told the position after each batch.
    ///
    /// # Errors
    /// [`ProjectionError`]: the live generation stays as it was, and the next rebuild goes on.
    pub async fn run(&self, mut progress: impl FnMut(Position)) -> Result<Rebuilt, ProjectionError> {
        let mut failures = 0;
        loop {
            let mut moved = false;
            let tried = self.attempt(|position| {
                moved = true;
                progress(position);
            });
            match tried.await {
                // A lock that a killed one left behind, or a database that is started again: it goes on where it stood.
                Err(ProjectionError::Backend(BackendError::Unavailable(error))) if moved || failures < PATIENCE => {
                    tracing::warn!(%error, "a rebuild has to wait for the database");
                    failures = if moved { 1 } else { failures + 1 };
                    tokio::time::sleep(PAUSE).await;
                }
                ended => return ended,
            }
        }
    }

    async fn attempt(&self, mut progress: impl FnMut(Position)) -> Result<Rebuilt, ProjectionError> {
        let build = self.begin().await?;
        let (from, mut position) = (build.position, build.position);
        let mut rows = self.read(position).await?;
        let (mut settled, mut end) = (false, Position::START);
        loop {
            // The log only grows: as long as the end that was seen last is far away, it need not be looked for again.
            if !settled && end.0 - position.0 < CLOSE {
                end = self.backend.head().await?.position;
                if end.0 - position.0 < CLOSE {
                    self.projection.settle(build.generation).await?;
                    settled = true;
                }
            }
            let Some(last) = rows.last().map(|row| row.position) else {
                let switched = self.switch(build.generation, position).await?;
                if switched {
                    break;
                }
                // There are new events, which the live one or another rebuild has met before this one did.
                position = self.position_of(build.generation).await?;
                rows = self.read(position).await?;
                tokio::task::yield_now().await;
                continue;
            };
            let target = Target { generation: build.generation, is_building: !settled };
            // The next events are read while these are applied.
            let (applied, next) = tokio::join!(self.apply(&rows, target, position, last), self.read(last));
            if !applied? {
                // Another rebuild of the same read model has moved it.
                position = self.position_of(build.generation).await?;
                rows = self.read(position).await?;
                continue;
            }
            (position, rows) = (last, next?);
            progress(position);
        }
        while self.projection.clear_stale().await? > 0 {}
        let rows = self.projection.count(build.generation).await?;
        Ok(Rebuilt { from, position, generation: build.generation, rows })
    }

    /// The next events: most of them the read model does not open.
    async fn read(&self, after: Position) -> Result<Vec<EventRow>, BackendError> {
        self.backend.read_to_open(after, self.batch, self.projection.opens()).await
    }

    async fn build(&self) -> Result<Option<Cursor>, BackendError> {
        let statement = sql("SELECT position, generation FROM projection_builds WHERE name = $1");
        let rows: Vec<(i64, i64)> = self.db.fetch(statement.bind(self.projection.name())).await?;
        Ok(rows.first().map(|(position, generation)| Cursor { position: Position(*position), generation: *generation }))
    }

    /// How far a build has come, by whichever rebuild; [`ProjectionError::Superseded`] if one has switched to it.
    async fn position_of(&self, generation: i64) -> Result<Position, ProjectionError> {
        match self.build().await? {
            Some(build) if build.generation == generation => Ok(build.position),
            _ => Err(ProjectionError::Superseded(self.projection.name())),
        }
    }

    /// The build that was begun, or a new one. What an earlier one left is cleared up.
    async fn begin(&self) -> Result<Cursor, ProjectionError> {
        let name = self.projection.name();
        loop {
            let live = runner::begin(&self.db, &*self.projection).await?;
            while self.projection.clear_stale().await? > 0 {}
            if let Some(build) = self.build().await? {
                return Ok(build);
            }
            // The next generation only of the one that is live: another rebuild may switch at this moment.
            let is_live =
                sql("UPDATE projection_cursors SET generation = generation WHERE name = $1 AND generation = $2")
                    .bind(name)
                    .bind(live.generation);
            let build = sql("INSERT INTO projection_builds (name, generation, position) VALUES ($1, $2, 0) \
                             ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(live.generation + 1);
            if self.db.transaction_if(vec![is_live], vec![build]).await? {
                return self.build().await?.ok_or(ProjectionError::Superseded(name));
            }
        }
    }

    /// Applies a batch; `false` if the build does not stand at `before` any more.
    async fn apply(
        &self,
        rows: &[EventRow],
        target: Target,
        before: Position,
        last: Position,
    ) -> Result<bool, ProjectionError> {
        check_all_known(rows)?;
        let statements = self.projection.apply(rows, target).await?;
        let guard = sql("UPDATE projection_builds SET position = $2 \
                         WHERE name = $1 AND position = $3 AND generation = $4")
        .bind(self.projection.name())
        .bind(last)
        .bind(before)
        .bind(target.generation);
        Ok(self.db.follow_if(vec![guard], statements).await?)
    }

    /// Makes the new generation the live one, unless that has come further, or another rebuild has moved the build.
    async fn switch(&self, generation: i64, position: Position) -> Result<bool, BackendError> {
        // The cursor is locked before the build, here as where a build begins.
        let live = sql("UPDATE projection_cursors SET generation = $2, position = $3, error = '' \
                        WHERE name = $1 AND position <= $3 AND generation < $2")
        .bind(self.projection.name())
        .bind(generation)
        .bind(position);
        let build = sql("DELETE FROM projection_builds WHERE name = $1 AND position = $2 AND generation = $3")
            .bind(self.projection.name())
            .bind(position)
            .bind(generation);
        self.db.transaction_if(vec![live, build], Vec::new()).await
    }
}

/// Refuses an event that this build does not know. Of the few types of events that follow each other each is looked for once.
fn check_all_known(rows: &[EventRow]) -> Result<(), ReadError> {
    let mut known: Vec<(&str, u16)> = Vec::new();
    for row in rows {
        let kind = (row.event_type.as_str(), row.schema_version);
        if !known.contains(&kind) {
            check_known(row)?;
            known.push(kind);
        }
    }
    Ok(())
}
