//! The harness itself: servers of a test's own die and come back, databases go with their test, proxies cut where they
//! were told to, and of a script that is interrupted nothing goes on.

use std::io::{BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, iter};

use chancery_tests::net::{Cut, CutProxy, Http, Postgres};
use chancery_tests::postgres::{Server, throw_away_database};
use chancery_tests::{environment, leash::Leash};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn connect(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options).await.expect("PostgreSQL answers")
}

async fn count(connection: &mut PgConnection, from: &str) -> i64 {
    let query = AssertSqlSafe(format!("SELECT count(*) FROM {from}"));
    sqlx::query_scalar(query).fetch_one(connection).await.expect("rows are counted")
}

#[test]
#[should_panic(expected = "CHANCERY_TEST_NEVER_SET is not set: start the tests with tests/run")]
fn a_test_without_its_server_fails_in_one_sentence() {
    environment::variable("CHANCERY_TEST_NEVER_SET");
}

#[tokio::test]
async fn a_throw_away_database_goes_with_its_test() {
    let first = throw_away_database().await;
    let second = throw_away_database().await;
    assert_ne!(first.name(), second.name());
    let mut open = connect(&first.superuser()).await;
    sqlx::query("CREATE TABLE kept (n int)").execute(&mut open).await.expect("a table");

    let named = format!("pg_database WHERE datname = '{}'", first.name());
    let mut other = connect(&second.superuser()).await;
    assert_eq!(count(&mut other, &named).await, 1);
    drop(first);
    assert_eq!(count(&mut other, &named).await, 0, "although a connection was open");
}

#[tokio::test]
async fn a_killed_server_comes_back_with_what_it_committed() {
    let mut server = Server::start(&[("checkpoint_timeout", "1h")]).await;
    let mut connection = connect(&server.superuser()).await;
    sqlx::query("CREATE TABLE kept (n int)").execute(&mut connection).await.expect("a table");
    sqlx::query("INSERT INTO kept VALUES (1)").execute(&mut connection).await.expect("a row");
    let mut lost = connection.begin().await.expect("a transaction");
    sqlx::query("INSERT INTO kept VALUES (2)").execute(&mut *lost).await.expect("a row");

    server.kill9().await;
    assert!(sqlx::query("SELECT 1").execute(&mut *lost).await.is_err(), "its sessions died with it");
    assert!(PgConnection::connect_with(&server.superuser()).await.is_err());

    server.start_again().await;
    let mut connection = connect(&server.superuser()).await;
    let rows: Vec<i32> = sqlx::query_scalar("SELECT n FROM kept").fetch_all(&mut connection).await.expect("rows");
    assert_eq!(rows, [1], "what was committed, and only that");
    let setting: String = sqlx::query_scalar("SHOW checkpoint_timeout").fetch_one(&mut connection).await.expect("it");
    assert_eq!(setting, "1h");
    assert!(server.log().contains("automatic recovery in progress"), "it was a crash:\n{}", server.log());

    server.stop().await;
    assert!(PgConnection::connect_with(&server.superuser()).await.is_err());
}

#[tokio::test]
async fn a_tablespace_on_the_tmpfs_can_be_full_and_have_room_again() {
    let mut server = Server::start(&[]).await;
    let folder = server.tablespace_on_tmpfs("small").await;
    let mut connection = connect(&server.superuser()).await;
    sqlx::query("CREATE TABLE full_soon (t text) TABLESPACE small").execute(&mut connection).await.expect("a table");
    let ballast = folder.with_extension("ballast");
    let filled = std::process::Command::new("dd")
        .args(["if=/dev/zero", "bs=1M", &format!("of={}", ballast.display())])
        .output()
        .expect("dd runs");
    assert!(!filled.status.success(), "it ends when the disk is full");

    let insert = "INSERT INTO full_soon SELECT repeat('x', 5000) FROM generate_series(1, 10)";
    let error = sqlx::query(insert).execute(&mut connection).await.expect_err("the disk is full");
    let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
    assert_eq!(code.as_deref(), Some("53100"), "disk_full: {error}");

    std::fs::remove_file(&ballast).expect("the ballast is there");
    sqlx::query(insert).execute(&mut connection).await.expect("there is room");
    assert_eq!(count(&mut connection, "full_soon").await, 10);
    drop(server);
    assert!(!folder.exists());
}

#[tokio::test]
async fn the_proxy_cuts_around_a_commit_where_it_was_told_to() {
    let database = throw_away_database().await;
    let mut direct = connect(&database.superuser()).await;
    sqlx::query("CREATE TABLE kept (n int)").execute(&mut direct).await.expect("a table");
    let upstream = (
        database.superuser().get_host().parse::<std::net::IpAddr>().expect("an address"),
        database.superuser().get_port(),
    )
        .into();
    let proxy = CutProxy::start(upstream, Postgres::statements_with("INSERT INTO kept")).await.expect("a port");
    let through = database.superuser().port(proxy.address().port());

    proxy.pass_next(1);
    proxy.cut_next(5, Cut::BeforeRequest);
    proxy.cut_next(5, Cut::DuringRequest);
    proxy.cut_next(5, Cut::BeforeAnswer);
    for n in 0..17 {
        let mut connection = connect(&through).await;
        sqlx::query("SELECT 1").execute(&mut connection).await.expect("other statements pass");
        let result = sqlx::query("INSERT INTO kept VALUES ($1)").bind(n).execute(&mut connection).await;
        assert_eq!(result.is_ok(), matches!(n, 0 | 16), "request {n}: {result:?}");
        if (11..16).contains(&n) {
            assert_eq!(count(&mut direct, &format!("kept WHERE n = {n}")).await, 1, "committed before the cut");
        }
    }
    // What was cut while it was served is committed when the server comes to it.
    let settled = async { while count(&mut direct, "kept").await < 12 {} };
    tokio::time::timeout(Duration::from_secs(30), settled).await.expect("the server finishes what it received");
    let rows: Vec<i32> =
        sqlx::query_scalar("SELECT n FROM kept ORDER BY n").fetch_all(&mut direct).await.expect("rows");
    assert_eq!(rows, [0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    for cut in [Cut::BeforeRequest, Cut::DuringRequest, Cut::BeforeAnswer] {
        assert_eq!(proxy.cuts(cut), 5, "{cut:?}");
    }
    assert_eq!((proxy.requests(), proxy.planned()), (17, 0));
}

#[tokio::test]
async fn the_proxy_cuts_an_http_answer_after_the_server_gave_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let proxy = CutProxy::start(listener.local_addr().expect("its address"), Http::requests_with("POST")).await;
    let proxy = proxy.expect("a port");
    proxy.cut_next(1, Cut::BeforeAnswer);
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut request = vec![0; 100];
        let length = stream.read(&mut request).await.expect("a request");
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.expect("the proxy listens");
        request.truncate(length);
        request
    });

    let request = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nok";
    let mut client = TcpStream::connect(proxy.address()).await.expect("the proxy listens");
    client.write_all(request).await.expect("the proxy reads");
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.expect("the connection ends");
    assert!(answer.is_empty());
    assert_eq!(server.await.expect("the server answered"), request);
    assert_eq!(proxy.cuts(Cut::BeforeAnswer), 1);
}

#[test]
fn a_leashed_server_ends_with_its_holder() {
    let log = tempfile::tempfile().expect("a temporary file");
    let leash = Leash::start("TERM", &["sleep".into(), "1000".into()], log);
    let process = std::path::PathBuf::from(format!("/proc/{}", leash.server()));
    assert!(process.exists());
    drop(leash);
    assert!(!process.exists());
}

/// What `tests/run` does once all is built: servers, the small disk where that asks for no password, a step with processes of
/// its own.
const SMALL_RUN: &str = r#"
set -euo pipefail
source "$1/tests/lib.sh"
begin
echo "folder $run_dir"
start_postgres
start_nats
[[ $EUID != 0 ]] || mount_tmpfs
export TMPDIR=$run_dir
step "Waiting" bash -c 'sleep 1000 & echo "the step waits"; wait'
"#;

/// Processes that were started for a folder: it stands in their command line or environment, or they are in it.
fn of_folder(folder: &str) -> Vec<String> {
    let told = |process: &Path| {
        let read = |name| fs::read(process.join(name)).unwrap_or_default();
        let place = fs::read_link(process.join("cwd")).unwrap_or_default();
        let texts = [read("cmdline"), read("environ"), place.into_os_string().into_encoded_bytes()].concat();
        let text = String::from_utf8_lossy(&texts).into_owned();
        text.contains(folder).then(|| format!("{}: {}", process.display(), String::from_utf8_lossy(&read("cmdline"))))
    };
    let processes = fs::read_dir("/proc").expect("the processes").filter_map(Result::ok);
    processes.filter_map(|process| told(&process.path())).collect()
}

/// An interrupt at the terminal reaches the script's own group, any other signal the script alone.
#[test]
fn a_script_that_is_interrupted_leaves_nothing_running() {
    for (signal, at, is_at_terminal) in [
        (Signal::INT, "the step waits", true),
        (Signal::INT, "folder ", true),
        (Signal::INT, "PostgreSQL ", true),
        (Signal::HUP, "the step waits", true),
        (Signal::TERM, "the step waits", false),
        (Signal::TERM, "NATS ", false),
    ] {
        let mut script = Command::new("bash")
            .args(["-c", SMALL_RUN, "bash"])
            .arg(environment::repository())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("bash");
        let mut lines = BufReader::new(script.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let first = lines.next().expect("a folder");
        let folder = first.strip_prefix("folder ").expect("its folder").to_owned();
        assert!(iter::once(first).chain(lines.by_ref()).any(|line| line.starts_with(at)), "it never said {at}");
        if at != "folder " {
            assert!(of_folder(&folder).len() > 1, "servers run");
        }
        let id = Pid::from_raw(i32::try_from(script.id()).expect("an id")).expect("an id");
        let interrupt = if is_at_terminal { kill_process_group } else { kill_process };
        interrupt(id, signal).expect("it is there");
        let status = script.wait().expect("its end");
        let case = format!("{signal:?} at {at:?}: {status:?}");
        // Not 130 or 143 in each case: bash may stumble over a trap in the midst of a substitution, and ends with 2 then.
        assert!(status.signal().is_none() && status.code() > Some(0), "it ended by itself: {case}");
        assert_eq!(of_folder(&folder), Vec::<String>::new(), "{case}");
        assert!(!Path::new(&folder).exists(), "{case}");
        let mounts = fs::read_to_string("/proc/mounts").expect("the mounts");
        assert!(!mounts.contains(&folder), "{case}");
    }
}
