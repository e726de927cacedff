//! What an application and a signed-in person ask most often, beside a route that answers a constant from one bare SELECT.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use chancery_domain::application::Scope;
use chancery_eventstore::Db;
use chancery_service::App;
use chancery_service::secrets::sessions::SessionSecret;
use chancery_tests::generator::uid;
use chancery_tests::site::{Setup, World};
use futures::future::join_all;
use sqlx::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Effort;
use crate::accounts;
use crate::clock::Stopwatch;
use crate::report::{Line, Table, median, percentile};
use crate::workload::{generated, tidied};

/// Connections that ask, one request after the other: no more than the pool has, so that nobody waits for one of those.
const CLIENTS: usize = 16;

/// Accounts that are asked for, of the generated ones.
const ACCOUNTS: u64 = 1_000;

/// People who are signed in, and the sessions of each.
const PEOPLE: usize = 20;
const SESSIONS: usize = 10;

/// What an answer carries that only says that it was right.
const CONSTANT: &str = "the same for everybody, as long as the answer of an application that asks for one account, which is about \
                        three hundred octets: {\"id\":\"01a20fa2-7e64-708b-9eb2-730f4a82c1ff\",\"uid\":\"nssqy854\",\"first_name\":\
                        \"Ada\",\"last_name\":\"Lovelace\",\"email\":\"ada@example.org\"}";

/// What the routes of this bench need.
#[derive(Clone)]
struct Beside {
    app: Arc<App>,
    pool: PgPool,
}

/// Requests, of which the clients send each in turn.
#[derive(Clone)]
struct Asked(Arc<[String]>);

/// What one run found.
struct Found {
    rate: f64,
    p99: Duration,
}

/// Measures the three routes in turn, each over sockets that stay open.
pub async fn measure(effort: Effort) -> Table {
    let (world, fixture) = World::postgres_with_fixture().await;
    generated(&world, effort.events).await;
    let mut setup = accounts::setup();
    setup.limits.api_requests.max = u32::MAX;
    let site = world.site_at_rest(Setup { public_url: "http://localhost".to_owned(), ..setup }).await;
    accounts::age(&site).await;
    let program = site.program("Bench", &[Scope::AccountsRead]).await;
    let secret = program.secret.clone().expect("it is registered");
    let sessions = sessions(&site).await;
    // Its last use is noted at the first request, and then not for a minute.
    site.clock.advance(Duration::from_secs(30));
    tidied(&fixture).await;
    let Db::Postgres(postgres) = world.db() else { unreachable!("the world is on PostgreSQL") };
    // Made one by one, so that no request waits for a connection that is only being made.
    let mut made = Vec::new();
    for _ in 0..CLIENTS {
        made.push(postgres.pool().acquire().await.expect("a connection"));
    }
    drop(made);
    let beside = Beside { app: Arc::clone(&site.app), pool: postgres.pool().clone() };
    let own = Router::new().route("/constant", get(constant)).route("/session", get(session)).with_state(beside);
    let (real, own) = (serve(site.router()).await, serve(own).await);

    let ask = |path: &str, headers: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    let bearer = format!("Authorization: Bearer {secret}\r\n");
    let account = |number| ask(&format!("/v1/accounts/{}", uid(number)), &bearer);
    let cookie = |session: &String| ask("/session", &format!("Cookie: {session}\r\n"));
    let routes = [
        (own, Asked([ask("/constant", "")].into())),
        (real, Asked((0..ACCOUNTS).map(account).collect())),
        (own, Asked(sessions.iter().map(cookie).collect())),
    ];
    let mut rounds = Vec::new();
    // The first round finds everything cold.
    for repetition in 0..=effort.repetitions {
        let mut round = Vec::new();
        for (address, asked) in &routes {
            round.push(load(*address, asked, effort.run).await);
        }
        if repetition > 0 {
            let shown: Vec<_> = round.iter().map(|found| format!("{:.0}/s {:?}", found.rate, found.p99)).collect();
            eprintln!("{repetition}/{}: {shown:?}", effort.repetitions);
            rounds.push(round);
        }
    }
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get) as f64;
    let mut lines = Vec::new();
    for (place, what) in [(1, "`GET /v1/accounts/{uid}`"), (2, "a session check")] {
        let rate = |place: usize| median(rounds.iter().map(|round| round[place].rate / cores).collect());
        let p99 = |place: usize| 1e3 * median(rounds.iter().map(|round| round[place].p99.as_secs_f64()).collect());
        lines.push(Line {
            what: format!("{what}, requests a second and core"),
            measured: format!("{:.0}/s", rate(place)),
            beside: format!("{:.0}/s", rate(0)),
            ratio: median(rounds.iter().map(|round| round[place].rate / round[0].rate).collect()),
            floor: Some(0.7),
            aim: Some(0.9),
        });
        lines.push(Line {
            what: "the same, p99".to_owned(),
            measured: format!("{:.1} ms", p99(place)),
            beside: format!("{:.1} ms", p99(0)),
            ratio: median(
                rounds.iter().map(|round| round[0].p99.as_secs_f64() / round[place].p99.as_secs_f64()).collect(),
            ),
            floor: Some(0.7),
            aim: Some(0.9),
        });
    }
    Table {
        heading: format!(
            "Over HTTP/1.1 on PostgreSQL with a log of {} events, {CLIENTS} connections that stay open, clients, server and database on the same cores, \
             beside a route of axum that answers a constant from one SELECT of a row by its key over the same pool. A session \
             check is that route with the check in place of the SELECT.",
            effort.events
        ),
        lines,
    }
}

/// What one bare SELECT costs.
async fn constant(State(beside): State<Beside>) -> Result<&'static str, StatusCode> {
    let row = sqlx::query_scalar::<_, i64>("SELECT position FROM chancery.head WHERE one = 1");
    row.fetch_one(&beside.pool).await.map(|_| CONSTANT).map_err(|error| {
        eprintln!("{error}");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

/// What the check of a session costs.
async fn session(State(beside): State<Beside>, headers: HeaderMap) -> Result<&'static str, StatusCode> {
    let cookie = headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok());
    let secret = cookie.and_then(SessionSecret::parse).ok_or(StatusCode::BAD_REQUEST)?;
    match beside.app.signed_in(&secret).await {
        Ok(Some(_)) => Ok(CONSTANT),
        Ok(None) => Err(StatusCode::UNAUTHORIZED),
        Err(failure) => {
            eprintln!("{failure}");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// The secrets of open sessions, as cookies hold them.
async fn sessions(site: &chancery_tests::site::TestSite) -> Vec<String> {
    let mut sessions = Vec::new();
    for number in 0..PEOPLE {
        let email = format!("reader{number}@example.org");
        accounts::registered(site, &email).await;
        for session in 0..SESSIONS {
            let mut browser = site.browser_at(&format!("10.1.{number}.{session}"));
            assert!(browser.sign_in(&email, chancery_tests::site::PASSWORD).await.path.starts_with("/account"));
            sessions.push(browser.cookie("chancery-session").expect("a session").to_owned());
        }
    }
    sessions
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// Sends the requests again and again for a while; how many were answered a second, and how soon.
async fn load(address: SocketAddr, asked: &Asked, run: Duration) -> Found {
    let watch = Stopwatch::start();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let Asked(asked) = asked.clone();
            tokio::spawn(async move {
                let mut connection = TcpStream::connect(address).await.expect("it listens");
                connection.set_nodelay(true).expect("a socket");
                let (mut times, mut buffer) = (Vec::new(), Vec::with_capacity(4_096));
                // Each begins elsewhere, so that they do not ask for the same.
                let begin = number * asked.len() / CLIENTS;
                for request in asked.iter().cycle().skip(begin) {
                    let one = Stopwatch::start();
                    connection.write_all(request.as_bytes()).await.expect("it reads");
                    answer(&mut connection, &mut buffer).await;
                    times.push(one.elapsed());
                    if watch.elapsed() >= run {
                        break;
                    }
                }
                times
            })
        })
        .collect();
    let times = join_all(clients).await;
    let mut times: Vec<Duration> =
        times.into_iter().flat_map(|client| client.expect("a client ends by itself")).collect();
    Found { rate: times.len() as f64 / watch.elapsed().as_secs_f64(), p99: percentile(&mut times, 0.99) }
}

/// Reads one answer with a length, which must be a success.
async fn answer(connection: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    let head = loop {
        assert!(connection.read_buf(buffer).await.expect("it answers") > 0, "the connection is closed");
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = std::str::from_utf8(&buffer[..head]).expect("a head");
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let whole = head + length.parse::<usize>().expect("a number");
    while buffer.len() < whole {
        assert!(connection.read_buf(buffer).await.expect("it answers") > 0, "the connection is closed");
    }
    assert_eq!(buffer.len(), whole, "one answer to one request");
}
