//! What the list of tables says of erasure is what happens: a person goes, and each column of each declared table is looked
//! at before and after.

use std::collections::BTreeMap;
use std::time::Duration;

use chancery_domain::account::AccountEvent;
use chancery_eventstore::Db;
use chancery_eventstore::db::sql;
use chancery_eventstore::tables::{Class, Erasure, Seal, TABLES, Table};
use chancery_tests::site::{Setup, World};
use data_encoding::HEXLOWER;
use uuid::Uuid;

const ADA: &str = "ada@example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What stands between two columns' texts.
const BETWEEN: char = '\u{1f}';

/// In the place of a value that is absent.
const ABSENT: &str = "absent";

/// Tables in which nothing stands here: their columns must all be in the clear and say nothing of a person.
const EMPTY: [&str; 4] = ["projection_builds", "relay_generation", "timers", "workers"];

/// A row's columns by name, as texts; bytes in hexadecimal.
type Cells = BTreeMap<&'static str, String>;

/// All rows of a table.
async fn rows(db: &Db, table: &Table) -> Vec<Cells> {
    let text = |name: &str| match db {
        Db::Postgres(_) => format!("coalesce({name}::text, '{ABSENT}')"),
        Db::Sqlite(_) => format!(
            "CASE typeof({name}) WHEN 'null' THEN '{ABSENT}' WHEN 'blob' THEN '\\x' || lower(hex({name})) \
             ELSE CAST({name} AS TEXT) END"
        ),
    };
    let columns: Vec<String> = table.columns.iter().map(|column| text(column.name)).collect();
    let select = format!("SELECT {} FROM {}", columns.join(&format!(" || '{BETWEEN}' || ")), table.name);
    let rows: Vec<(String,)> = db.fetch(sql(Box::leak(select.into_boxed_str()))).await.unwrap();
    let cells = |(row,): &(String,)| -> Cells {
        table.columns.iter().map(|column| column.name).zip(row.split(BETWEEN).map(ToOwned::to_owned)).collect()
    };
    rows.iter().map(cells).collect()
}

/// All rows of all declared tables.
async fn everything(db: &Db) -> BTreeMap<&'static str, Vec<Cells>> {
    let mut everything = BTreeMap::new();
    for table in TABLES {
        everything.insert(table.name, rows(db, table).await);
    }
    everything
}

/// No cell says who somebody is, be it sealed or not.
fn assert_nobody(everything: &BTreeMap<&'static str, Vec<Cells>>) {
    for plain in [ADA, "Lovelace"] {
        let bytes = HEXLOWER.encode(plain.as_bytes());
        for (table, rows) in everything {
            for (column, cell) in rows.iter().flatten() {
                assert!(!cell.contains(plain) && !cell.contains(&bytes), "{plain} stands in {table}.{column}");
            }
        }
    }
}

async fn a_person_goes_from_every_column_as_declared(world: World) {
    world.let_years_go_by().await;
    let site = world.site(Setup::default()).await;
    site.age().await;
    site.registered("bob@example.org").await;
    site.browser().register(ADA).await;
    site.settle().await;
    let created = site.events().await.into_iter().rev().find(|row| row.event_type == "account.created").unwrap();
    // As a column of bytes shows it, and as one of ids.
    let id = created.stream.as_bytes();
    let stream = [format!("\\x{}", HEXLOWER.encode(id)), Uuid::from_bytes(*id).to_string()];
    // Nobody signs in before the end of a registration. A row of the read model all the same, for its consumer to drop.
    let signed_in = sql("INSERT INTO activity_v1 (position, stream, version, at, sealed, generation) \
                         SELECT $1, $2, version, at, sealed, generation FROM activity_v1 LIMIT 1");
    site.db.execute(signed_in.bind(created.position).bind(created.stream.as_bytes().as_slice())).await.unwrap();

    let before = everything(&site.db).await;
    assert_nobody(&before);
    site.after(8 * DAY).await;
    assert_eq!(site.app.store.open_event::<AccountEvent>(&created).await.unwrap(), AccountEvent::Redacted);
    let after = everything(&site.db).await;
    assert_nobody(&after);
    // Of what is left nobody has the key.
    for row in site.events().await.into_iter().filter(|row| row.stream == created.stream) {
        let store = &site.app.store;
        let event: AccountEvent = store.open_event(&row).await.unwrap();
        assert!(matches!(event, AccountEvent::Redacted | AccountEvent::RegistrationLapsed), "{event:?}");
        assert!(store.open_inputs(&row).await.unwrap().is_none());
        assert!(store.open_details(&row).await.unwrap().is_none());
    }
    site.after(400 * DAY).await;
    site.sweep().await;
    let long_after = everything(&site.db).await;

    let about = |row: &Cells| row.values().any(|cell| stream.contains(cell));
    for table in TABLES {
        let (then, now) = (&before[table.name], &after[table.name]);
        let clear = table.columns.iter().all(|column| column.seal == Seal::Clear && column.erasure == Erasure::Nothing);
        if then.is_empty() {
            assert!(
                EMPTY.contains(&table.name) && clear,
                "nothing stands in {}: let the person write to it",
                table.name
            );
            continue;
        }
        for column in table.columns {
            let at = format!("{}.{}", table.name, column.name);
            let cells = |rows: &[Cells]| -> Vec<String> {
                rows.iter().filter(|row| about(row)).map(|row| row[column.name].clone()).collect()
            };
            let (had, has) = (cells(then), cells(now));
            let said = |cells: &[String]| cells.iter().any(|cell| cell != ABSENT);
            match column.erasure {
                Erasure::Nothing => assert_eq!(column.seal, Seal::Clear, "{at} is sealed, so that it says something"),
                Erasure::KeyDestroyed => {
                    assert!(said(&had), "{at} says nothing of the person: nothing is tried by this");
                    assert_eq!(has[..had.len()], had[..], "{at} is left as it is");
                }
                Erasure::Overwritten | Erasure::Tombstone => {
                    assert!(said(&had), "{at} says nothing of the person: nothing is tried by this");
                    assert!(!has.is_empty() && !said(&has), "{at} is still there: {has:?}");
                }
                Erasure::Released => {
                    let kept = |rows: &[Cells]| rows.iter().filter(|row| about(row)).count();
                    assert!(kept(now) < kept(then), "{at} is still there");
                }
                Erasure::Dropped => {
                    assert!(said(&had), "{at} says nothing of the person: nothing is tried by this");
                    assert!(has.is_empty(), "{at} is still there: {has:?}");
                }
                Erasure::Expires => {
                    assert_eq!(table.class, Class::Volatile);
                    let left = &long_after[table.name];
                    assert!(then.iter().all(|row| !left.contains(row)), "a row of {} outlived its time", table.name);
                }
            }
        }
    }
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_person_goes_from_every_column_as_declared_on_sqlite() {
    a_person_goes_from_every_column_as_declared(World::sqlite().await).await;
}

#[tokio::test]
async fn a_person_goes_from_every_column_as_declared_on_postgresql() {
    a_person_goes_from_every_column_as_declared(World::postgres().await).await;
}
