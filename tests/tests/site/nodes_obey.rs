//! What one node acknowledged, the other obeys in the very next request: each a thousand times.

use std::ops::Range;

use chancery_domain::application::{ApplicationName, Scope};
use chancery_domain::policy::Policy;
use chancery_domain::values::{EmailAddress, Uid};
use chancery_eventstore::{PostgresOptions, Version};
use chancery_service::accounts::administer::{Measure, Measured};
use chancery_service::accounts::email_claim;
use chancery_service::accounts::jobs::Lapse;
use chancery_service::accounts::link::LinkView;
use chancery_service::applications::authenticate::NotAdmitted;
use chancery_service::secrets::sessions::SessionSecret;
use chancery_tests::nodes::{Way, no_limits};
use chancery_tests::site::{PASSWORD, Setup, TestSite, World};
use futures::future::join_all;

const ROUNDS: usize = 1_000;
/// In how many lanes they are run, side by side, so that one goes on while another waits for the database.
const LANES: usize = 4;

/// Two nodes over one database, each with connections of its own, and an account for each lane.
struct Nodes {
    nodes: [TestSite; 2],
    ways: Vec<Way>,
}

impl Nodes {
    async fn new() -> Self {
        let (world, fixture) = World::postgres_with_fixture().await;
        let setup = |seed| Setup { limits: no_limits(), seed, ..Setup::default() };
        let one = world.site(setup(1)).await;
        one.age().await;
        let mut ways = Vec::new();
        for lane in 0..LANES {
            let email = format!("ada{lane}@example.org");
            one.registered(&email).await;
            ways.push(Way::new(&one.app, &email));
        }
        let two = world.node(PostgresOptions::new(fixture.service())).await.site(setup(2)).await;
        Self { nodes: [one, two], ways }
    }

    /// Runs all rounds: each lane its part of them, in their order, with its account. What the lanes yield.
    async fn in_lanes<T>(&self, lane: impl AsyncFn(&Way, Range<usize>) -> T) -> Vec<T> {
        const EACH: usize = ROUNDS / LANES;
        let lane = &lane;
        let lanes = (0..LANES).zip(&self.ways);
        join_all(lanes.map(|(number, way)| lane(way, number * EACH..(number + 1) * EACH))).await
    }

    /// The node that is told in a round, and the one that is asked then.
    fn turn(&self, round: usize) -> (&TestSite, &TestSite) {
        (&self.nodes[round % 2], &self.nodes[1 - round % 2])
    }

    /// The tables say what the log says.
    async fn assert_clean(&self) {
        self.nodes[0].settle().await;
        self.nodes[0].world().assert_clean().await;
    }

    async fn uid(&self, way: &Way) -> Uid {
        let email = email_claim(&EmailAddress::parse(&way.email).unwrap().normalised());
        let account = self.nodes[0].app.store.find::<chancery_domain::account::Account>(&email).await.unwrap().unwrap();
        account.state.identity.unwrap().uid
    }
}

async fn signed_in(way: &Way, node: &TestSite, password: &str) -> SessionSecret {
    way.sign_in(&node.app, password).await.unwrap().unwrap()
}

async fn is_open(node: &TestSite, session: &SessionSecret) -> bool {
    node.app.signed_in(session).await.unwrap().is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out() {
    let nodes = Nodes::new().await;
    let lane = async |way: &Way, rounds: Range<usize>| {
        for round in rounds {
            let (told, asked) = nodes.turn(round);
            let session = signed_in(way, told, PASSWORD).await;
            assert!(is_open(asked, &session).await, "round {round}");
            assert!(way.sign_out(&told.app, &session).await.unwrap());
            assert!(!is_open(asked, &session).await, "round {round}");
        }
    };
    nodes.in_lanes(lane).await;
    nodes.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session() {
    let nodes = Nodes::new().await;
    let lane = async |way: &Way, rounds: Range<usize>| {
        for round in rounds {
            let (told, asked) = nodes.turn(round);
            let session = signed_in(way, told, PASSWORD).await;
            assert!(way.end(&told.app, &session, false).await.unwrap());
            assert!(!is_open(asked, &session).await, "round {round}");
        }
    };
    nodes.in_lanes(lane).await;
    nodes.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sessions_ended() {
    let nodes = Nodes::new().await;
    let lane = async |way: &Way, rounds: Range<usize>| {
        for round in rounds {
            let (told, asked) = nodes.turn(round);
            let other = signed_in(way, asked, PASSWORD).await;
            let session = signed_in(way, told, PASSWORD).await;
            assert!(way.end(&told.app, &session, true).await.unwrap());
            assert!(!is_open(asked, &session).await && !is_open(asked, &other).await, "round {round}");
        }
    };
    nodes.in_lanes(lane).await;
    nodes.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_password() {
    let nodes = Nodes::new().await;
    let lane = async |way: &Way, rounds: Range<usize>| {
        let mut password = PASSWORD.to_owned();
        let mut session = signed_in(way, &nodes.nodes[0], &password).await;
        for round in rounds {
            let (told, asked) = nodes.turn(round);
            let next = format!("Wrong-donkey{round}stapler");
            let changed = way.change_password(&told.app, &session, &password, &next).await.unwrap().unwrap();
            assert!(!is_open(asked, &session).await && is_open(asked, &changed).await, "round {round}");
            assert!(way.sign_in(&asked.app, &password).await.unwrap().is_none(), "round {round}");
            (session, password) = (changed, next);
        }
    };
    nodes.in_lanes(lane).await;
    nodes.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_account() {
    let nodes = Nodes::new().await;
    let lane = async |way: &Way, rounds: Range<usize>| {
        let uid = nodes.uid(way).await;
        for round in rounds {
            let (told, asked) = nodes.turn(round);
            let session = signed_in(way, told, PASSWORD).await;
            let administer =
                async |measure| told.app.administer("operator", &uid, &measure, "a stolen phone").await.unwrap();
            assert_eq!(administer(Measure::Suspend).await, Measured::Done);
            assert!(!is_open(asked, &session).await, "round {round}");
            assert!(way.sign_in(&asked.app, PASSWORD).await.unwrap().is_none(), "round {round}");
            assert_eq!(administer(Measure::Resume).await, Measured::Done);
        }
    };
    nodes.in_lanes(lane).await;
    nodes.assert_clean().await;
}

/// A registration that lapsed on one node: its link is dead on the other, and its address free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lapsed_registration() {
    let nodes = Nodes::new().await;
    let lapse = std::time::Duration::from_secs(u64::from(Policy::default().registration_lapse) + 60);
    let register = async |_: &Way, rounds: Range<usize>| {
        let mut links = Vec::new();
        for round in rounds {
            let (told, _) = nodes.turn(round);
            let email = format!("person{round}@example.org");
            told.browser_at(&format!("10.{}.{}.1", round / 250, round % 250)).register(&email).await;
            told.answered().await;
            let account = email_claim(&EmailAddress::parse(&email).unwrap().normalised());
            let account = told.app.store.find::<chancery_domain::account::Account>(&account).await.unwrap().unwrap();
            let link = account.state.links.open.last().unwrap();
            let token = told.app.link_token(link.id, link.purpose).expose().to_owned();
            links.push((email, account.stream, token));
        }
        links
    };
    let links = nodes.in_lanes(register).await.concat();
    nodes.nodes[0].clock.advance(lapse);
    let use_them = async |_: &Way, rounds: Range<usize>| {
        for round in rounds {
            let (told, asked) = nodes.turn(round);
            let (email, stream, token) = &links[round];
            // By its time it is over already: nothing lapses while a link is open.
            assert!(matches!(asked.app.view_link(token).await.unwrap(), LinkView::Expired(_)), "round {round}");
            let cause = told.app.store.backend().read_stream(*stream, Version(0), 1).await.unwrap().remove(0);
            assert_eq!(told.app.lapse_registration(&cause).await.unwrap(), Lapse::Done);
            let account = email_claim(&EmailAddress::parse(email).unwrap().normalised());
            let found = asked.app.store.find::<chancery_domain::account::Account>(&account).await.unwrap();
            assert!(found.is_none(), "round {round}");
            assert!(matches!(asked.app.view_link(token).await.unwrap(), LinkView::Lapsed), "round {round}");
            let used = Way::new(&asked.app, email).use_link(&asked.app, token, PASSWORD).await.unwrap();
            assert!(used.is_none(), "round {round}");
        }
    };
    nodes.in_lanes(use_them).await;
    nodes.assert_clean().await;
}

/// Every node decides by the policy in the log, whichever node put it there. There is one, so that there is one lane.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_policy() {
    let nodes = Nodes::new().await;
    let way = &nodes.ways[0];
    for round in 0..ROUNDS {
        let (told, asked) = nodes.turn(round);
        let absolute = 3_600 + u32::try_from(round).unwrap();
        let policy = Policy { session_absolute: absolute, ..Policy::default() };
        told.app.propose_policy(2 + u32::try_from(round).unwrap(), &policy).await.unwrap().unwrap();
        let session = signed_in(way, asked, PASSWORD).await;
        let person = asked.app.signed_in(&session).await.unwrap().unwrap();
        let lasts = person.session.expires.since(asked.app.now());
        assert_eq!(lasts.as_secs(), u64::from(absolute), "round {round}");
        assert!(way.sign_out(&asked.app, &session).await.unwrap());
    }
    nodes.assert_clean().await;
}

/// A program that was stopped or narrowed on one node is refused on the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabled_and_a_narrowed_application() {
    let nodes = Nodes::new().await;
    let scopes = [Scope::AccountsRead, Scope::AccountsInvite];
    let lane = async |way: &Way, rounds: Range<usize>| {
        let name = format!("Rooms {}", rounds.start).parse::<ApplicationName>().unwrap();
        let (_, secret) = nodes.nodes[0].app.register_application("operator", &name, &scopes).await.unwrap().unwrap();
        let uid = nodes.uid(way).await;
        // By itself, and along with an account.
        let admits = async |node: &TestSite| {
            let admitted = node.app.admit(&secret, Scope::AccountsRead).await.unwrap().map(drop);
            let with_account = node.app.admit_to_account(&secret, &uid).await.unwrap();
            assert_eq!(
                with_account.map(|(_, account)| assert_eq!(account.unwrap().account.email, way.email)),
                admitted
            );
            admitted
        };
        for round in rounds {
            let (told, asked) = nodes.turn(round);
            assert!(admits(asked).await.is_ok(), "round {round}");
            told.app.disable_application("operator", &name, "lost").await.unwrap();
            assert_eq!(admits(asked).await.unwrap_err(), NotAdmitted::Disabled, "round {round}");
            told.app.enable_application("operator", &name, "found").await.unwrap();
            told.app.set_application_scopes("operator", &name, &scopes[1..]).await.unwrap();
            assert_eq!(admits(asked).await.unwrap_err(), NotAdmitted::Scope(Scope::AccountsRead), "round {round}");
            told.app.set_application_scopes("operator", &name, &scopes).await.unwrap();
        }
    };
    nodes.in_lanes(lane).await;
    nodes.assert_clean().await;
}
