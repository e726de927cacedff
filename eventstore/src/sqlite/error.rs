//! What SQLite's errors mean for the log.

use sqlx::Error;

use crate::backend::BackendError;
use crate::history::Difference;

// Primary result codes, <https://www.sqlite.org/rescode.html>; the low byte of an extended one.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const IO_ERROR: i32 = 10;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;

/// The log's error for one of sqlx's.
pub(crate) fn classify(error: Error) -> BackendError {
    if let Error::Configuration(source) = &error
        && let Some(difference) = source.downcast_ref::<Difference>()
    {
        return BackendError::OtherHistory(difference.clone());
    }
    match &error {
        Error::Database(database) => {
            let code = database.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default() & 0xff;
            match code {
                FULL => BackendError::Full(error),
                BUSY | LOCKED | IO_ERROR | CANNOT_OPEN => BackendError::Unavailable(error),
                _ => BackendError::Rejected(error),
            }
        }
        Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed | Error::BeginFailed => {
            BackendError::Unavailable(error)
        }
        Error::ColumnDecode { .. }
        | Error::Decode(_)
        | Error::ColumnNotFound(_)
        | Error::ColumnIndexOutOfBounds { .. } => BackendError::Damaged(error.to_string()),
        _ => BackendError::Rejected(error),
    }
}
