//! The store's suite over SQLite.

use chancery_tests::store::sqlite::SqliteFixture;

chancery_tests::store_suite!(SqliteFixture::new());
