//! From an empty PostgreSQL to a running service, by the command line alone.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use chancery_tests::environment;
use chancery_tests::postgres::throw_away_database;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

async fn execute(connection: &PgConnectOptions, statement: String) {
    let mut connection = connection.connect().await.expect("connected");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("executed");
    connection.close().await.expect("closed");
}

fn secret(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    fs::write(&path, content).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
}

fn chancery(folder: &Path, database: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(environment::chancery());
    command.env_clear().env("CHANCERY_DATABASE", database).current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

/// The exit code and everything that was printed.
fn run(folder: &Path, database: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = chancery(folder, database, arguments).output().expect("started");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("hunter"), "a password was printed: {text}");
    (output.status.code(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_migrates_and_another_role_serves() {
    let database = throw_away_database().await;
    let (name, superuser) = (database.name(), database.superuser());
    let (owner, service) = (format!("{name}_owner"), format!("{name}_service"));
    execute(&superuser, format!("CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'hunter1'")).await;
    execute(&superuser, format!("ALTER DATABASE {name} OWNER TO {owner}")).await;
    // So that the owner, who may not be a superuser, can give the service's login the role that another test may have made.
    execute(&superuser, format!("DO $$ BEGIN CREATE ROLE chancery_service NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; GRANT chancery_service TO {owner} WITH ADMIN OPTION")).await;

    let folder = tempfile::tempdir().expect("a folder");
    let place = format!("{}:{}/{name}", superuser.get_host(), superuser.get_port());
    let url = format!("postgres://{service}@{place}");
    secret(folder.path(), "owner", &format!("postgres://{owner}:hunter1@{place}\n"));
    secret(folder.path(), "password", "hunter2\n");
    let migrate = |more: &[&str]| run(folder.path(), &url, &[&["migrate", "--owner-url-file", "owner"], more].concat());

    let (code, plan) = migrate(&["--dry-run"]);
    let first = "-- 0001_log\n-- oldest build that may run on it: 1\n";
    assert!(code == Some(0) && plan.contains(first) && plan.contains("CREATE TABLE"), "{plan}");
    let (code, again) = migrate(&["--dry-run"]);
    assert_eq!((code, again), (Some(0), plan), "a dry run changes nothing");
    let (code, out) = migrate(&[]);
    assert!(code == Some(0) && out.contains("0001_log: done\n"), "{out}");
    let (code, out) = migrate(&[]);
    assert!(code == Some(0) && !out.contains("0001_log"), "{out}");

    // A role that may do too much, or too little, is named as what is wrong.
    let (code, out) = run(folder.path(), &format!("postgres://{owner}:hunter1@{place}"), &["check"]);
    let expected = format!("FAIL  role       the database role {owner} ");
    assert!(code == Some(1) && out.contains("ok    database   PostgreSQL at ") && out.contains(&expected), "{out}");
    assert!(out.contains("-     keys       with another role\n"), "{out}");
    execute(&superuser, format!("ALTER ROLE {service} PASSWORD 'hunter2'; REVOKE chancery_service FROM {service}"))
        .await;
    let (code, out) = run(folder.path(), &url, &["check", "--database-password-file", "password"]);
    let expected = format!("FAIL  role       the database role {service} lacks the rights of the service");
    assert!(code == Some(1) && out.contains(&expected), "{out}");
    execute(&superuser, format!("GRANT chancery_service TO {service}")).await;
    let (code, out) = run(folder.path(), &url, &["check", "--database-password-file", "password"]);
    assert!(code == Some(1) && out.contains("FAIL  keys       the log has not been begun"), "{out}");

    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database-password-file", "password"];
    let mut served = chancery(folder.path(), &url, &arguments).stdout(Stdio::piped()).spawn().expect("started");
    let ready = BufReader::new(served.stdout.take().expect("piped")).lines().map_while(Result::ok);
    assert!(ready.into_iter().any(|line| line.starts_with("ready at ")), "it ended before it was ready");
    let (code, out) = run(folder.path(), &url, &["check", "--database-password-file", "password"]);
    assert!(code == Some(0) && out.lines().all(|line| line.starts_with("ok ")), "{out}");
    let (code, out) = run(folder.path(), &url, &["jobs", "--database-password-file", "password"]);
    assert_eq!((code, out.as_str()), (Some(0), "nothing waits and nothing is dead\n"));
    served.kill().expect("killed");
    served.wait().expect("ended");

    let (code, out) = run(folder.path(), &format!("postgres://{owner}:hunter1@{place}"), &["serve"]);
    assert!(code == Some(1) && out.contains("so that it could rewrite the log"), "{out}");

    execute(&superuser, format!("DROP OWNED BY {service} CASCADE; DROP ROLE {service}; DROP OWNED BY {owner} CASCADE; ALTER DATABASE {name} OWNER TO CURRENT_USER; DROP ROLE {owner}")).await;
}
