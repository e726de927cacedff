//! The store's suite over PostgreSQL.

use chancery_tests::store::postgres::PostgresFixture;

chancery_tests::store_suite!(PostgresFixture::new());
