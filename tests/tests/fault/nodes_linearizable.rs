//! Told is true, as a history: people use two nodes at once while connections are cut, the database is killed and nodes
//! die, and what they were told is held against one account that does one thing after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chancery_domain::{SessionId, StreamId, Timestamp};
use chancery_eventstore::PostgresOptions;
use chancery_projections::{Activity, Runner as ProjectionRunner};
use chancery_service::App;
use chancery_service::secrets::sessions::SessionSecret;
use chancery_tests::net::{Cut, CutProxy, Postgres};
use chancery_tests::nodes::{Way, no_limits};
use chancery_tests::postgres::Server;
use chancery_tests::site::{Now, PASSWORD, Setup, TestSite, World};
use chancery_tests::store::postgres::PostgresFixture;
use futures::future::join_all;
use futures::stream::{FuturesUnordered, StreamExt};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use tokio::sync::{RwLock, Semaphore};

/// Nodes that die.
const DEATHS: usize = 6;

/// Accounts, each with a history of its own.
const ACCOUNTS: usize = 150;
/// People at one account, and how much each of them does: the checker tries every order before it finds that there is
/// none, so that many short histories are cheaper than few long ones.
const PEOPLE: usize = 3;
const STEPS: usize = 6;
/// Accounts that are in use at the same time: more would only be turned away.
const AT_ONCE: usize = 6;

/// What is asked of an account. Sessions, links and passwords are named by numbers.
#[derive(Clone, Debug)]
enum Op {
    SignIn {
        session: u32,
        password: u32,
    },
    IsSignedIn {
        session: u32,
    },
    SignOut {
        session: u32,
    },
    EndSession {
        session: u32,
    },
    EndAll {
        session: u32,
    },
    ChangePassword {
        session: u32,
        next: u32,
        current: u32,
        new: u32,
    },
    /// A link was asked for, and open afterwards.
    Open {
        link: u32,
    },
    UseLink {
        link: u32,
        session: u32,
        new: u32,
    },
}

/// One account that does one thing after the other.
#[derive(Clone, Debug)]
struct Account {
    password: u32,
    sessions: BTreeSet<u32>,
    links: BTreeSet<u32>,
}

impl SequentialSpec for Account {
    type Op = Op;
    /// Whether it was done, or is so.
    type Ret = bool;

    fn invoke(&mut self, op: &Op) -> bool {
        match *op {
            Op::SignIn { session, password } => {
                let right = password == self.password;
                if right {
                    self.sessions.insert(session);
                }
                right
            }
            Op::IsSignedIn { session } => self.sessions.contains(&session),
            Op::SignOut { session } | Op::EndSession { session } => self.sessions.remove(&session),
            Op::EndAll { session } => {
                let asked = self.sessions.contains(&session);
                if asked {
                    self.sessions.clear();
                }
                asked
            }
            Op::ChangePassword { session, next, current, new } => {
                let asked = self.sessions.contains(&session) && current == self.password;
                if asked {
                    *self = Self { password: new, sessions: [next].into(), links: BTreeSet::new() };
                }
                asked
            }
            Op::Open { link } => self.links.insert(link),
            Op::UseLink { link, session, new } => {
                let good = self.links.contains(&link);
                if good {
                    *self = Self { password: new, sessions: [session].into(), links: BTreeSet::new() };
                }
                good
            }
        }
    }

    fn is_valid_step(&mut self, op: &Op, told: &bool) -> bool {
        let done = self.invoke(op);
        // Whoever signs out while somebody else ends the session is told that it has ended.
        done == *told || matches!(op, Op::SignOut { .. }) && *told
    }
}

/// A mistake that a node could make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Planted {
    Nothing,
    /// It remembers who is signed in.
    Cache,
    /// It asks the read model of past sign-ins, which follows the log.
    Following,
}

/// What the people of one account share.
struct Shared {
    tester: LinearizabilityTester<u32, Account>,
    /// Whoever was not told what became of a request goes on as another person, since the request may still be under way.
    people: u32,
    names: u32,
    sessions: Vec<(u32, SessionSecret)>,
    links: Vec<(u32, String)>,
    passwords: Vec<u32>,
    /// Sessions that a node with a cache takes for open.
    believed: BTreeSet<u32>,
    /// Which sessions of which account those are in the read model.
    followed: BTreeMap<u32, (StreamId, SessionId)>,
    told: usize,
    untold: usize,
}

impl Shared {
    fn name(&mut self) -> u32 {
        self.names += 1;
        self.names
    }
}

struct Nodes {
    apps: Vec<RwLock<Arc<App>>>,
    planted: Planted,
    activity: Activity,
}

fn password(number: u32) -> String {
    if number == 0 { PASSWORD.to_owned() } else { format!("Wrong-donkey{number}stapler") }
}

/// A step of a person: what to do, with which of the sessions, links or passwords that anybody has, by which node.
type Step = (u8, prop::sample::Index, prop::sample::Index, usize);

fn steps(runner: &mut TestRunner) -> Vec<Step> {
    let step = (0..10_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..2_usize);
    prop::collection::vec(step, STEPS).new_tree(runner).unwrap().current()
}

async fn person(nodes: Arc<Nodes>, email: String, shared: Arc<Mutex<Shared>>, mut me: u32, steps: Vec<Step>) {
    let way = Way::new(&nodes.apps[0].read().await.clone(), &email);
    for (what, one, other, node) in steps {
        let app = Arc::clone(&*nodes.apps[node].read().await);
        let (op, session, link) = {
            let mut shared = shared.lock().unwrap();
            let session = (!shared.sessions.is_empty()).then(|| one.get(&shared.sessions).clone());
            let link = (!shared.links.is_empty()).then(|| one.get(&shared.links).clone());
            let known = *other.get(&shared.passwords);
            let op = match (what, &session, &link) {
                (0 | 1, ..) | (_, None, _) => Op::SignIn { session: shared.name(), password: known },
                (2..=4, Some((session, _)), _) => Op::IsSignedIn { session: *session },
                (5, Some((session, _)), _) => Op::SignOut { session: *session },
                (6, Some((session, _)), _) => {
                    if other.index(2) == 0 {
                        Op::EndSession { session: *session }
                    } else {
                        Op::EndAll { session: *session }
                    }
                }
                (7, Some((session, _)), _) => {
                    let (next, new) = (shared.name(), shared.name());
                    shared.passwords.push(new);
                    Op::ChangePassword { session: *session, next, current: known, new }
                }
                (9, _, Some((link, _))) => {
                    let (session, new) = (shared.name(), shared.name());
                    shared.passwords.push(new);
                    Op::UseLink { link: *link, session, new }
                }
                _ => Op::Open { link: shared.name() },
            };
            shared.tester.on_invoke(me, op.clone()).unwrap();
            (op, session.map(|(_, secret)| secret), link.map(|(_, token)| token))
        };
        let doing = {
            let (way, op, app, nodes, shared) =
                (way.clone(), op.clone(), Arc::clone(&app), Arc::clone(&nodes), Arc::clone(&shared));
            tokio::spawn(async move { act(&way, &app, &nodes, &shared, &op, session, link).await })
        };
        // A node that is killed takes its requests along.
        let killed = async {
            while Arc::ptr_eq(&app, &*nodes.apps[node].read().await) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let abort = doing.abort_handle();
        let answer = tokio::select! {
            answer = doing => answer.ok().and_then(Result::ok),
            () = killed => { abort.abort(); None }
        };
        let mut shared = shared.lock().unwrap();
        match answer {
            Some(answer) => {
                shared.told += 1;
                shared.tester.on_return(me, answer).unwrap();
            }
            None => {
                shared.untold += 1;
                shared.people += 1;
                me = shared.people;
            }
        }
    }
}

async fn act(
    way: &Way,
    app: &Arc<App>,
    nodes: &Nodes,
    shared: &Mutex<Shared>,
    op: &Op,
    secret: Option<SessionSecret>,
    token: Option<String>,
) -> Result<bool, chancery_service::Failure> {
    let opened = |name: u32, session: Option<SessionSecret>| {
        let done = session.is_some();
        shared.lock().unwrap().sessions.extend(session.map(|session| (name, session)));
        done
    };
    Ok(match *op {
        Op::SignIn { session, password: number } => opened(session, way.sign_in(app, &password(number)).await?),
        Op::IsSignedIn { session } => is_signed_in(app, nodes, shared, session, &secret.unwrap()).await?,
        Op::SignOut { .. } => way.sign_out(app, &secret.unwrap()).await?,
        Op::EndSession { .. } => way.end(app, &secret.unwrap(), false).await?,
        Op::EndAll { .. } => way.end(app, &secret.unwrap(), true).await?,
        Op::ChangePassword { next, current, new, .. } => {
            opened(next, way.change_password(app, &secret.unwrap(), &password(current), &password(new)).await?)
        }
        Op::Open { link } => match way.request_link(app).await? {
            Some(token) => {
                let mut shared = shared.lock().unwrap();
                let known = shared.links.iter().any(|(_, known)| *known == token);
                if !known {
                    shared.links.push((link, token));
                }
                // One that was open already is not this request's.
                if known {
                    return Err(chancery_service::Failure::Unavailable);
                }
                true
            }
            None => return Err(chancery_service::Failure::Unavailable),
        },
        Op::UseLink { session, new, .. } => opened(session, way.use_link(app, &token.unwrap(), &password(new)).await?),
    })
}

/// What a node says of a session, with its mistake.
async fn is_signed_in(
    app: &Arc<App>,
    nodes: &Nodes,
    shared: &Mutex<Shared>,
    session: u32,
    secret: &SessionSecret,
) -> Result<bool, chancery_service::Failure> {
    let (believed, followed) = {
        let shared = shared.lock().unwrap();
        (shared.believed.contains(&session), shared.followed.get(&session).copied())
    };
    match (nodes.planted, followed) {
        (Planted::Cache, _) if believed => return Ok(true),
        (Planted::Following, Some((stream, id))) => {
            let recent = nodes.activity.recent(stream, Timestamp::default()).await?;
            return Ok(recent.iter().any(|sign_in| sign_in.session == id));
        }
        _ => {}
    }
    let person = app.signed_in(secret).await?;
    if let Some(person) = &person {
        let mut shared = shared.lock().unwrap();
        shared.believed.insert(session);
        shared.followed.insert(session, (person.account.stream, person.session.id));
    }
    Ok(person.is_some())
}

/// Moves the read model on behind the log, as a worker does.
fn follow(site: &TestSite) -> tokio::task::JoinHandle<()> {
    let runner = ProjectionRunner::new(site.db.clone(), site.activity.projection());
    let feed = Now(Arc::clone(site.app.store.backend()));
    tokio::spawn(async move {
        loop {
            // What did not work is tried again, as a worker does.
            let _ = runner.step(&feed).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}

/// Two nodes over one database, each by a proxy of its own.
async fn world() -> (Server, World, Vec<CutProxy>, Vec<PostgresOptions>) {
    // Each node that dies leaves its connections behind: without room for all of them nobody gets on any more.
    let server = Server::start(&[("max_connections", "400")]).await;
    let fixture = PostgresFixture::on(server.database().await).await;
    let (mut proxies, mut options) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let target: SocketAddr = server.address();
        let proxy = CutProxy::start(target, Postgres::statements_with("chancery.append")).await.unwrap();
        let connection = fixture.service().host("127.0.0.1").port(proxy.address().port());
        options.push(PostgresOptions::new(connection));
        proxies.push(proxy);
    }
    (server, World::on_postgres(fixture).await, proxies, options)
}

fn setup(seed: u64) -> Setup {
    Setup { limits: no_limits(), seed, ..Setup::default() }
}

/// Where connections are cut.
const CUTS: [Cut; 3] = [Cut::BeforeRequest, Cut::DuringRequest, Cut::BeforeAnswer];

/// What came of the histories, and what happened meanwhile.
struct Outcome {
    /// Whether single accounts could have told them.
    possible: bool,
    told: usize,
    untold: usize,
    /// Connections that were cut at each of [`CUTS`].
    cuts: [usize; 3],
    /// Nodes that died.
    deaths: usize,
    /// How often the database was killed, and started again.
    restarts: usize,
}

/// Runs the histories.
async fn run(planted: Planted, faults: bool, accounts: usize) -> Outcome {
    let (mut server, world, proxies, options) = world().await;
    let mut sites: Vec<TestSite> = Vec::new();
    for (seed, options) in (1..).zip(&options) {
        sites.push(world.node(options.clone()).await.site(setup(seed)).await);
    }
    sites[0].age().await;
    let emails: Vec<String> = (0..accounts).map(|number| format!("person{number}@example.org")).collect();
    for email in &emails {
        sites[0].registered(email).await;
    }
    let apps = sites.iter().map(|site| RwLock::new(Arc::clone(&site.app))).collect();
    let nodes = Arc::new(Nodes { apps, planted, activity: sites[0].activity.clone() });
    let initial = Account { password: 0, sessions: BTreeSet::new(), links: BTreeSet::new() };
    let shared: Vec<Arc<Mutex<Shared>>> = (0..accounts)
        .map(|_| {
            Arc::new(Mutex::new(Shared {
                tester: LinearizabilityTester::new(initial.clone()),
                people: PEOPLE as u32,
                names: 0,
                sessions: Vec::new(),
                links: Vec::new(),
                passwords: vec![0],
                believed: BTreeSet::new(),
                followed: BTreeMap::new(),
                told: 0,
                untold: 0,
            }))
        })
        .collect();
    let mut runner = TestRunner::default();
    let open = Arc::new(Semaphore::new(AT_ONCE));
    let in_use: Vec<_> = emails
        .into_iter()
        .zip(shared.iter().cloned())
        .map(|(email, shared)| {
            let (nodes, open) = (Arc::clone(&nodes), Arc::clone(&open));
            let people: Vec<_> = (0..PEOPLE as u32).map(|me| (me, steps(&mut runner))).collect();
            tokio::spawn(async move {
                let _turn = open.acquire().await.unwrap();
                let people = people
                    .into_iter()
                    .map(|(me, steps)| person(Arc::clone(&nodes), email.clone(), Arc::clone(&shared), me, steps));
                join_all(people).await;
            })
        })
        .collect();
    let follower = (planted == Planted::Following).then(|| follow(&sites[0]));
    let mut people: FuturesUnordered<_> = in_use.into_iter().collect();
    let (mut round, mut deaths, mut restarts) = (0, 0, 0);
    // As often as an account's people have done all that they do, however fast that goes.
    while let Some(done) = people.next().await {
        done.unwrap();
        if !faults {
            continue;
        }
        proxies[round % 2].cut_next(1, CUTS[round % 3]);
        // As many as die; each leaves its connections behind until the end.
        if round % 10 == 3 && round < 10 * DEATHS {
            let died = round / 10 % 2;
            let successor = world.node(options[died].clone()).await.site(setup(10 + round as u64)).await;
            *nodes.apps[died].write().await = Arc::clone(&successor.app);
            sites.push(successor);
            deaths += 1;
        }
        if round == 6 || round == 40 {
            server.kill9().await;
            server.start_again().await;
            restarts += 1;
        }
        round += 1;
    }
    if let Some(follower) = follower {
        follower.abort();
    }
    world.assert_clean().await;
    let shared: Vec<_> = shared.iter().map(|shared| shared.lock().unwrap()).collect();
    let impossible = shared.iter().find(|shared| !shared.tester.is_consistent());
    if let Some(shared) = impossible {
        println!("impossible: {:#?}", shared.tester);
    }
    let sum = |count: fn(&Shared) -> usize| shared.iter().map(|shared| count(shared)).sum();
    Outcome {
        possible: impossible.is_none(),
        told: sum(|shared| shared.told),
        untold: sum(|shared| shared.untold),
        cuts: CUTS.map(|cut| proxies.iter().map(|proxy| proxy.cuts(cut)).sum()),
        deaths,
        restarts,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_are_told_is_one_history() {
    let Outcome { possible, told, untold, cuts, deaths, restarts } = run(Planted::Nothing, true, ACCOUNTS).await;
    println!("{told} answers, {untold} without one; cut: {cuts:?}, died: {deaths}, restarted: {restarts}");
    assert!(possible, "one of {ACCOUNTS} histories is impossible");
    assert!(told > 1_500 && untold > 20, "{told} told, {untold} not");
    let happened = cuts.iter().chain([&deaths, &restarts]).all(|count| *count > 0);
    assert!(happened, "cut: {cuts:?}, died: {deaths}, restarted: {restarts}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cached_session_is_found_out() {
    assert!(!run(Planted::Cache, false, 40).await.possible);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_model_that_follows_is_found_out() {
    assert!(!run(Planted::Following, false, 40).await.possible);
}
