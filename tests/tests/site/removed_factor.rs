//! A device is removed on one node while it is used on another: a thousand times, and it opens nothing once its removal was
//! acknowledged.

use std::collections::HashMap;
use std::time::Duration;

use chancery_domain::FactorId;
use chancery_domain::account::{AccountEvent, SignInMethod};
use chancery_domain::values::{DeviceName, Password, SignInName};
use chancery_eventstore::PostgresOptions;
use chancery_service::accounts::complete_link::Entered;
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::client::Client;
use chancery_service::factors::enrolment::Called;
use chancery_service::factors::totp::{Totp, secret_in};
use chancery_service::factors::verify::Answer;
use chancery_service::secrets::devices::KnownTo;
use chancery_service::secrets::forms::FormCommand;
use chancery_tests::nodes::no_limits;
use chancery_tests::site::{PASSWORD, STEP, Setup, TestSite, World};
use data_encoding::BASE32_NOPAD;
use futures::stream::{FuturesUnordered, StreamExt};
use totp_rs::{Builder, Secret};

const ROUNDS: usize = 1_000;
/// In how many lanes they are run, side by side, so that one goes on while another waits for the database.
const LANES: usize = 4;
/// The rounds of a lane, one after the other.
const EACH: usize = ROUNDS / LANES;

/// A browser at an address of its own.
fn browser(site: &TestSite, address: &str) -> Client {
    Client {
        address: address.parse().unwrap(),
        user_agent: None,
        browser: site.app.new_browser_secret(),
        proof: None,
        known: KnownTo::default(),
        request: site.app.new_id(),
    }
}

fn form(site: &TestSite, client: &Client) -> FormCommand {
    let keys = site.app.form_keys(&client.browser, "/");
    site.app.check_form(&client.browser, "/", &keys.command.to_string(), &keys.token).unwrap()
}

/// An account with the browser of its owner, and another one elsewhere.
struct Lane {
    email: String,
    owner: Client,
    elsewhere: Client,
}

impl Lane {
    async fn new(site: &TestSite, number: usize) -> Self {
        let email = format!("ada{number}@example.org");
        site.registered(&email).await;
        let at = |network: &str| browser(site, &format!("{network}.{}", 1 + number));
        Self { email, owner: at("192.0.2"), elsewhere: at("198.51.100") }
    }

    async fn type_password(&self, site: &TestSite, client: &Client) -> Entered {
        let (name, password) = (SignInName::parse(&self.email).unwrap(), Password::from_typed(PASSWORD));
        site.app.sign_in(client, form(site, client), &name, &password, false, false).await.unwrap().unwrap()
    }

    /// The owner's session after a device was added, the device, and its code of this moment.
    async fn add_device(&self, site: &TestSite) -> (SignedInPerson, FactorId, String) {
        let owner = &self.owner;
        let session = self.type_password(site, owner).await.session().expect("there is no device");
        let person = site.app.signed_in(&session).await.unwrap().unwrap();
        let shown = site.app.begin_enrolment(&person, &Totp).await.unwrap().unwrap();
        let secret = BASE32_NOPAD.decode(secret_in(&shown).unwrap().as_bytes()).unwrap();
        let app = Builder::new().with_secret(Secret::new_stack(<[u8; 20]>::try_from(secret).unwrap())).build().unwrap();
        let now = u64::try_from(site.app.now().seconds()).unwrap();
        let code = |time: u64| app.generate(time).to_string();
        let (name, before) = (DeviceName::parse("Telephone").unwrap(), code(now - STEP.as_secs()));
        let (command, called) = (form(site, owner), Called::Given(&name));
        let lifted = site.app.finish_enrolment(owner, &person, command, &Totp, called, &before).await.unwrap().unwrap();
        let person = site.app.signed_in(&lifted.unwrap().session).await.unwrap().unwrap();
        let device = person.account.state.factors.devices[0].id;
        (person, device, code(now))
    }

    /// One round: whether the device was used before it was removed.
    async fn race(&self, round: usize, [told, asked]: [&TestSite; 2]) -> bool {
        let owner = &self.owner;
        let (person, device, code) = self.add_device(told).await;
        let Entered::SecondFactorNext { proof, .. } = self.type_password(asked, &self.elsewhere).await else {
            panic!("the device is asked for");
        };
        let elsewhere = &Client { proof: Some(proof), ..self.elsewhere.clone() };
        let answer = || Answer { way: SignInMethod::Totp, given: &code, device: None };
        let (removing, using) = (form(told, owner), form(asked, elsewhere));
        let removal = async {
            // Sooner or later than the answer: neither is always first.
            for _ in 0..round % 24 {
                tokio::task::yield_now().await;
            }
            told.app.remove_factor(owner, &person, removing, device).await.unwrap().unwrap();
        };
        let ((), used) = tokio::join!(removal, asked.app.answer_second_step(elsewhere, using, answer()));
        // Whoever begins only now is not let in by it, either.
        let late = asked.app.answer_second_step(elsewhere, form(asked, elsewhere), answer()).await.unwrap();
        assert!(late.is_err(), "round {round}");
        used.unwrap().is_ok()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_is_removed_while_it_is_used_elsewhere_opens_nothing_after_the_acknowledgement() {
    let (world, fixture) = World::postgres_with_fixture().await;
    let setup = |seed| Setup { limits: no_limits(), seed, ..Setup::default() };
    let one = world.site(setup(1)).await;
    one.age().await;
    let mut lanes = Vec::new();
    for number in 0..LANES {
        lanes.push(Lane::new(&one, number).await);
    }
    let two = world.node(PostgresOptions::new(fixture.service())).await.site(setup(2)).await;
    let mut passed = 0;
    for turn in 0..EACH {
        // What was proved in the last five minutes is remembered, and that has a bound. All lanes have one clock, and their
        // codes are of its time: it stands still until all have come to the end of the round.
        one.clock.advance(Duration::from_secs(60));
        let rounds = lanes.iter().zip(0..).map(|(lane, number)| {
            let round = number * EACH + turn;
            lane.race(round, if round.is_multiple_of(2) { [&one, &two] } else { [&two, &one] })
        });
        let used: Vec<bool> = rounds.collect::<FuturesUnordered<_>>().collect().await;
        passed += used.into_iter().filter(|used| *used).count();
    }
    // What the log says came after the removal did not happen by the device.
    let mut removed: HashMap<FactorId, i64> = HashMap::new();
    let mut used = 0;
    for row in one.events().await {
        match row.event_type.as_str() {
            "account.factor_removed" | "account.signed_in" => {}
            _ => continue,
        }
        match one.app.store.open_event::<AccountEvent>(&row).await.unwrap() {
            AccountEvent::FactorRemoved(event) => {
                removed.insert(event.factor, row.position.0);
            }
            AccountEvent::SignedIn(event) => {
                for device in event.proofs.iter().filter_map(|proof| proof.factor) {
                    assert!(!removed.contains_key(&device), "{device} at {}: {removed:?}", row.position.0);
                    used += 1;
                }
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(removed.len(), ROUNDS);
    // The session that adding it lifted has its proof, too.
    assert_eq!(used, ROUNDS + passed);
    assert!((1..ROUNDS).contains(&passed), "no race: the device was used first {passed} times");
    world.assert_clean().await;
}
