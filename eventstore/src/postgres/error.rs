//! What an error of the driver means for whoever called.

use crate::backend::BackendError;
use crate::history::Difference;

/// Sorts by SQLSTATE (PostgreSQL's manual, appendix A).
pub(crate) fn from_sqlx(error: sqlx::Error) -> BackendError {
    use sqlx::Error as E;
    if let E::Configuration(source) = &error
        && let Some(difference) = source.downcast_ref::<Difference>()
    {
        return BackendError::OtherHistory(difference.clone());
    }
    match &error {
        E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => BackendError::Unavailable(error),
        E::Database(refusal) => match refusal.code().as_deref().unwrap_or_default() {
            // Too many connections; out of memory.
            "53300" | "53200" => BackendError::Unavailable(error),
            // Another process began a new epoch; what it is the next connection tells.
            "CH002" => BackendError::Unavailable(error),
            code if code.starts_with("53") => BackendError::Full(error),
            // A lock or a statement that took too long; an idle transaction; a server that became a standby.
            "55P03" | "57014" | "25P03" | "25006" => BackendError::Unavailable(error),
            // The connection; serialisation and deadlock; the server's shutdown, crash or start.
            code if ["08", "40", "57P"].iter().any(|class| code.starts_with(class)) => BackendError::Unavailable(error),
            _ => BackendError::Rejected(error),
        },
        _ => BackendError::Rejected(error),
    }
}
