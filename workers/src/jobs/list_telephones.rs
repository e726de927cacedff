//! `list-telephones`: lists accounts whose telephone an earlier build added.
//!
//! The campaign finds its accounts by their reservations, and the build that first added telephones made none. This job begins
//! at the beginning of the log, whenever it first runs, and looks at each telephone that was ever added: so it finds, too, what a
//! process of that build adds while it is being replaced. An account that is listed, as every one is to which this build adds a
//! telephone, is left alone.

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::account::{AccountEvent, FactorKind};
use chancery_domain::policy::Policy;
use chancery_eventstore::db::sql;
use chancery_eventstore::{BackendError, Db, EventRow, Position};
use chancery_service::campaign::list::Listing;

use crate::fact::Fact;
use crate::job::{Context, Job, Outcome};

/// The job's name.
pub(super) const NAME: &str = "list-telephones";

/// The job.
#[derive(Clone, Copy, Debug)]
pub struct ListTelephones;

#[async_trait]
impl Job for ListTelephones {
    fn name(&self) -> &'static str {
        NAME
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        event_type == "account.factor_added"
    }

    fn due(&self, event: &Fact, decided: Timestamp, _: &Policy) -> Option<Timestamp> {
        match event {
            Fact::Account(AccountEvent::FactorAdded(added)) if added.kind == FactorKind::Phone => Some(decided),
            _ => None,
        }
    }

    async fn act(&self, context: &Context, row: &EventRow, _: &Fact) -> Outcome {
        match context.app.list_telephone(row).await {
            Ok(Listing::Done) => Outcome::Done,
            Ok(Listing::OlderProcess) => Outcome::Retry { reason: "older-process".to_owned() },
            Err(failure) => failure.into(),
        }
    }
}

/// Whether every account is listed that got a telephone up to this position. What is dead is not waited for: somebody has to
/// look at it anyway.
///
/// # Errors
/// The database's.
pub async fn are_listed(db: &Db, until: Position) -> Result<bool, BackendError> {
    let statement = sql("SELECT COUNT(*) FROM job_floors WHERE job = $1 AND position >= $2 AND NOT EXISTS \
                         (SELECT 1 FROM jobs WHERE job = $1 AND state = 'waiting' AND position <= $2)");
    let rows: Vec<(i64,)> = db.fetch(statement.bind(NAME).bind(until)).await?;
    Ok(rows.first().is_some_and(|(count,)| *count > 0))
}
