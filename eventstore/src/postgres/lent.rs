//! A connection lent by the pool for more than one statement.

use std::ops::{Deref, DerefMut};

use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool};

/// A connection that may be within a transaction, or whose answer may still be under way. A future can be dropped between
/// any two of its steps; the connection then ends too, and with it the transaction, so that nobody's statement meets what
/// another left behind.
#[derive(Debug)]
pub struct Lent {
    connection: PoolConnection<Postgres>,
    is_clean: bool,
}

impl Lent {
    pub(crate) async fn by(pool: &PgPool) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: pool.acquire().await?, is_clean: false })
    }

    /// Back to the pool, with no transaction open and every answer read.
    pub(crate) fn give_back(mut self) {
        self.is_clean = true;
    }
}

impl Deref for Lent {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.is_clean {
            self.connection.close_on_drop();
        }
    }
}
