//! Fills a folder with the log of a short story, for whoever wants to try the auditor's commands:
//! `seed-log FOLDER`, and then `chancery audit … --data FOLDER`.

use std::path::PathBuf;

use chancery_tests::audit::{story, uid_of};
use chancery_tests::site::World;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};

#[tokio::main]
async fn main() {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("name a folder that does not exist yet: seed-log FOLDER");
        std::process::exit(2);
    };
    std::fs::create_dir(&folder).expect("the folder is new");
    let world = World::sqlite().await;
    let site = story(&world, async || {}).await;
    for name in ["master.key", "credentials.key"] {
        std::fs::copy(world.keys().join(name), folder.join(name)).expect("the key file is copied");
    }
    let mut connection = SqliteConnectOptions::new().filename(world.file()).connect().await.expect("the log opens");
    let target = folder.join("chancery.db").display().to_string().replace('\'', "''");
    let copy = sqlx::raw_sql(AssertSqlSafe(format!("VACUUM INTO '{target}'")));
    copy.execute(&mut connection).await.expect("the log is copied");
    for email in ["ada@example.org", "bob@example.org", "carol@example.org", "dave@example.org"] {
        println!("{email} {}", uid_of(&site, email).await);
    }
}
