//! What one node acknowledged, the other obeys in the very next request: each a thousand times.

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

const ADA: &str = "ada@example.org";
const ROUNDS: usize = 1_000;

/// Two nodes over one database, each with connections of its own, and an account.
struct Nodes {
    nodes: [TestSite; 2],
    way: Way,
}

impl Nodes {
    async fn new() -> Self {
        let (world, fixture) = World::postgres_with_fixture().await;
        let setup = |seed| Setup { limits: no_limits(), seed, ..Setup::default() };
        let one = world.site(setup(1)).await;
        one.age().await;
        one.registered(ADA).await;
        let two = world.node(PostgresOptions::new(fixture.service())).await.site(setup(2)).await;
        let way = Way::new(&one.app, ADA);
        Self { nodes: [one, two], way }
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

    async fn uid(&self) -> Uid {
        let email = email_claim(&EmailAddress::parse(ADA).unwrap().normalised());
        let account = self.nodes[0].app.store.find::<chancery_domain::account::Account>(&email).await.unwrap().unwrap();
        account.state.identity.unwrap().uid
    }

    async fn signed_in(&self, node: &TestSite, password: &str) -> SessionSecret {
        self.way.sign_in(&node.app, password).await.unwrap().unwrap()
    }
}

async fn is_open(node: &TestSite, session: &SessionSecret) -> bool {
    node.app.signed_in(session).await.unwrap().is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out() {
    let nodes = Nodes::new().await;
    for round in 0..ROUNDS {
        let (told, asked) = nodes.turn(round);
        let session = nodes.signed_in(told, PASSWORD).await;
        assert!(is_open(asked, &session).await, "round {round}");
        assert!(nodes.way.sign_out(&told.app, &session).await.unwrap());
        assert!(!is_open(asked, &session).await, "round {round}");
    }
    nodes.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session() {
    let nodes = Nodes::new().await;
    for round in 0..ROUNDS {
        let (told, asked) = nodes.turn(round);
        let session = nodes.signed_in(told, PASSWORD).await;
        assert!(nodes.way.end(&told.app, &session, false).await.unwrap());
        assert!(!is_open(asked, &session).await, "round {round}");
    }
    nodes.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sessions_ended() {
    let nodes = Nodes::new().await;
    for round in 0..ROUNDS {
        let (told, asked) = nodes.turn(round);
        let other = nodes.signed_in(asked, PASSWORD).await;
        let session = nodes.signed_in(told, PASSWORD).await;
        assert!(nodes.way.end(&told.app, &session, true).await.unwrap());
        assert!(!is_open(asked, &session).await && !is_open(asked, &other).await, "round {round}");
    }
    nodes.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_password() {
    let nodes = Nodes::new().await;
    let mut password = PASSWORD.to_owned();
    let mut session = nodes.signed_in(&nodes.nodes[0], &password).await;
    for round in 0..ROUNDS {
        let (told, asked) = nodes.turn(round);
        let next = format!("Wrong-donkey{round}stapler");
        let changed = nodes.way.change_password(&told.app, &session, &password, &next).await.unwrap().unwrap();
        assert!(!is_open(asked, &session).await && is_open(asked, &changed).await, "round {round}");
        assert!(nodes.way.sign_in(&asked.app, &password).await.unwrap().is_none(), "round {round}");
        (session, password) = (changed, next);
    }
    nodes.assert_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_account() {
    let nodes = Nodes::new().await;
    let uid = nodes.uid().await;
    for round in 0..ROUNDS {
        let (told, asked) = nodes.turn(round);
        let session = nodes.signed_in(told, PASSWORD).await;
        let administer =
            async |measure| told.app.administer("operator", &uid, &measure, "a stolen phone").await.unwrap();
        assert_eq!(administer(Measure::Suspend).await, Measured::Done);
        assert!(!is_open(asked, &session).await, "round {round}");
        assert!(nodes.way.sign_in(&asked.app, PASSWORD).await.unwrap().is_none(), "round {round}");
        assert_eq!(administer(Measure::Resume).await, Measured::Done);
    }
    nodes.assert_clean().await;
}

/// A registration that lapsed on one node: its link is dead on the other, and its address free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lapsed_registration() {
    let nodes = Nodes::new().await;
    let lapse = std::time::Duration::from_secs(u64::from(Policy::default().registration_lapse) + 60);
    let mut links = Vec::new();
    for round in 0..ROUNDS {
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
    nodes.nodes[0].clock.advance(lapse);
    for (round, (email, stream, token)) in links.into_iter().enumerate() {
        let (told, asked) = nodes.turn(round);
        // By its time it is over already: nothing lapses while a link is open.
        assert!(matches!(asked.app.view_link(&token).await.unwrap(), LinkView::Expired(_)), "round {round}");
        let cause = told.app.store.backend().read_stream(stream, Version(0), 1).await.unwrap().remove(0);
        assert_eq!(told.app.lapse_registration(&cause).await.unwrap(), Lapse::Done);
        let account = email_claim(&EmailAddress::parse(&email).unwrap().normalised());
        let found = asked.app.store.find::<chancery_domain::account::Account>(&account).await.unwrap();
        assert!(found.is_none(), "round {round}");
        assert!(matches!(asked.app.view_link(&token).await.unwrap(), LinkView::Lapsed), "round {round}");
        let used = Way::new(&asked.app, &email).use_link(&asked.app, &token, PASSWORD).await.unwrap();
        assert!(used.is_none(), "round {round}");
    }
    nodes.assert_clean().await;
}

/// Every node decides by the policy in the log, whichever node put it there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_policy() {
    let nodes = Nodes::new().await;
    for round in 0..ROUNDS {
        let (told, asked) = nodes.turn(round);
        let absolute = 3_600 + u32::try_from(round).unwrap();
        let policy = Policy { session_absolute: absolute, ..Policy::default() };
        told.app.propose_policy(2 + u32::try_from(round).unwrap(), &policy).await.unwrap().unwrap();
        let session = nodes.signed_in(asked, PASSWORD).await;
        let person = asked.app.signed_in(&session).await.unwrap().unwrap();
        let lasts = person.session.expires.since(asked.app.now());
        assert_eq!(lasts.as_secs(), u64::from(absolute), "round {round}");
        assert!(nodes.way.sign_out(&asked.app, &session).await.unwrap());
    }
    nodes.assert_clean().await;
}

/// A program that was stopped or narrowed on one node is refused on the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabled_and_a_narrowed_application() {
    let nodes = Nodes::new().await;
    let name = "Rooms".parse::<ApplicationName>().unwrap();
    let scopes = [Scope::AccountsRead, Scope::AccountsInvite];
    let (_, secret) = nodes.nodes[0].app.register_application("operator", &name, &scopes).await.unwrap().unwrap();
    let uid = nodes.uid().await;
    // By itself, and along with an account.
    let admits = async |node: &TestSite| {
        let admitted = node.app.admit(&secret, Scope::AccountsRead).await.unwrap().map(drop);
        let with_account = node.app.admit_to_account(&secret, &uid).await.unwrap();
        assert_eq!(with_account.map(|(_, account)| assert_eq!(account.unwrap().email, ADA)), admitted);
        admitted
    };
    for round in 0..ROUNDS {
        let (told, asked) = nodes.turn(round);
        assert!(admits(asked).await.is_ok(), "round {round}");
        told.app.disable_application("operator", &name, "lost").await.unwrap();
        assert_eq!(admits(asked).await.unwrap_err(), NotAdmitted::Disabled, "round {round}");
        told.app.enable_application("operator", &name, "found").await.unwrap();
        told.app.set_application_scopes("operator", &name, &scopes[1..]).await.unwrap();
        assert_eq!(admits(asked).await.unwrap_err(), NotAdmitted::Scope(Scope::AccountsRead), "round {round}");
        told.app.set_application_scopes("operator", &name, &scopes).await.unwrap();
    }
    nodes.assert_clean().await;
}
