//! The volatile rows of a test site: copied, put back, lost.

use std::time::Duration;

use chancery_eventstore::db::sql;

use super::{Browser, Form, TestSite};

/// Loses all of them.
pub async fn empty(site: &TestSite) {
    for table in ["DELETE FROM volatile_rows", "DELETE FROM volatile_counters", "DELETE FROM volatile_birth"] {
        site.db.execute(sql(table)).await.unwrap();
    }
}

/// Rows and counters, as they are now.
#[derive(Clone, Debug)]
pub struct Copy(
    /// Kind, key, what is sealed, and until when, of each row.
    pub Vec<(i64, Vec<u8>, Vec<u8>, i64)>,
    /// Key, count, beginning of the window, and until when, of each counter.
    pub Vec<(Vec<u8>, i64, i64, i64)>,
);

/// A copy of them.
pub async fn copy(site: &TestSite) -> Copy {
    let rows = sql("SELECT CAST(kind AS bigint), key, sealed, expires FROM volatile_rows");
    let counters = sql("SELECT key, CAST(count AS bigint), window_start, expires FROM volatile_counters");
    Copy(site.db.fetch(rows).await.unwrap(), site.db.fetch(counters).await.unwrap())
}

/// Puts them back as they were.
pub async fn put_back(site: &TestSite, copy: &Copy) {
    for table in ["DELETE FROM volatile_rows", "DELETE FROM volatile_counters"] {
        site.db.execute(sql(table)).await.unwrap();
    }
    for (kind, key, sealed, expires) in &copy.0 {
        let insert =
            sql("INSERT INTO volatile_rows (kind, key, sealed, expires) VALUES (CAST($1 AS bigint), $2, $3, $4)");
        let insert = insert.bind(*kind).bind(key.clone()).bind(sealed.clone()).bind(*expires);
        site.db.execute(insert).await.unwrap();
    }
    for (key, count, start, expires) in &copy.1 {
        let insert = sql(
            "INSERT INTO volatile_counters (key, count, window_start, expires) VALUES ($1, CAST($2 AS bigint), $3, $4)",
        );
        let insert = insert.bind(key.clone()).bind(*count).bind(*start).bind(*expires);
        site.db.execute(insert).await.unwrap();
    }
}

/// How many events accounts have.
pub async fn of_account(site: &TestSite) -> usize {
    site.event_types().await.iter().filter(|name| name.starts_with("account.")).count()
}

/// Sends a form, and again from the same browser after its rows were put back and after all were lost: nothing more happens
/// than did at first.
///
/// # Panics
/// If something does.
pub async fn counts_once(site: &TestSite, browser: Browser<'_>, form: &Form) {
    let (before, at_first) = (copy(site).await, of_account(site).await);
    browser.clone().submit(form).await;
    site.settle().await;
    let done = of_account(site).await;
    assert!(done > at_first, "{} leads to something", form.action);
    let mails = site.mails.sent().len();
    for lost in [false, true] {
        site.after(Duration::from_secs(30)).await;
        if lost {
            empty(site).await;
        } else {
            put_back(site, &before).await;
        }
        browser.clone().submit(form).await;
        site.settle().await;
        assert_eq!(of_account(site).await, done, "{}, lost: {lost}", form.action);
        assert_eq!(site.mails.sent().len(), mails, "{}, lost: {lost}", form.action);
    }
}
