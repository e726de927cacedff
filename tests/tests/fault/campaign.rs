//! Workers are killed at random while a campaign ends codes by SMS: everybody ends in the right stage, once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use chancery_domain::account::{Account, AccountEvent};
use chancery_domain::campaign::CampaignStage;
use chancery_domain::values::Language;
use chancery_eventstore::{Db, Position};
use chancery_service::ports::{Clock as _, SeededRandom, SystemClock, random_array};
use chancery_tests::environment;
use chancery_tests::generator::email;
use chancery_tests::nats::{NatsServer, until_within};
use chancery_tests::seeding::{has_more, people_with_phones, skip_to_the_end};
use chancery_tests::served::{Many, Working};
use tokio::time::MissedTickBehavior;

/// Fewer than a large house has, so that the suite stays short: each gets two mails. `tests/bench campaign-killed` brings
/// more.
const FEW: u64 = 400;

/// The stages, in seconds after the beginning; what a pause holds up moves. On a busy machine it takes a while until all
/// are told, among workers that die. With more people everything has so many times as long.
const DATES: [u64; 4] = [2, 60, 61, 105];

/// The processes, of which one dies every two seconds, whichever it is: most live long enough to do something on a slow
/// machine.
struct Dying<'m> {
    many: &'m Many,
    processes: Vec<(&'static [&'static str], Working)>,
    random: SeededRandom,
    killed: u64,
    /// After how many more kills it is given up that something comes true.
    patience: u64,
}

impl<'m> Dying<'m> {
    fn start(many: &'m Many, patience: u64) -> Self {
        let kinds: [&[&str]; 5] = [&["--jobs", "relay"], &["--jobs", "relay"], &[], &[], &[]];
        let processes = kinds.map(|arguments| (arguments, many.work("work", arguments)));
        Self { many, processes: processes.into(), random: SeededRandom::new(1), killed: 0, patience }
    }

    /// Kills one, and another, until this holds.
    async fn until(&mut self, what: &str, holds: impl Fn(&Many) -> bool) {
        let mut next = tokio::time::interval(Duration::from_secs(2));
        // Where it takes long to look, none dies the sooner for it.
        next.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let limit = self.killed + self.patience;
        while !holds(self.many) {
            next.tick().await;
            let place = usize::from(random_array::<1>(&self.random)[0]) % self.processes.len();
            let (arguments, process) = &mut self.processes[place];
            process.kill9();
            *process = self.many.work("work", arguments);
            self.killed += 1;
            assert!(self.killed < limit, "{what}: {}", self.many.beside(&["campaign", "status"]).1);
        }
    }
}

/// Whether a campaign's status says so.
fn says(many: &Many, count: u64, what: &str) -> bool {
    many.beside(&["campaign", "status"]).1.contains(&format!("{count:>9}  {what}"))
}

/// The ids of the mails that each person got, and whether one of them is the last warning in English.
fn mails(many: &Many) -> BTreeMap<String, (BTreeSet<String>, bool)> {
    let mut mails = BTreeMap::<String, (BTreeSet<String>, bool)>::new();
    for mail in many.mails.mails() {
        let text = mail.text().split_whitespace().collect::<Vec<_>>().join(" ");
        let (ids, is_last) = mails.entry(mail.to[0].clone()).or_default();
        ids.insert(mail.message_id());
        *is_last |= text.contains("This is the last warning");
    }
    mails
}

/// What stands in the log of each account, in order.
async fn stories(many: &Many) -> BTreeMap<String, Vec<CampaignStage>> {
    let store = many.store().await;
    let mut stories = BTreeMap::<String, Vec<CampaignStage>>::new();
    for row in store.backend().read(Position::START, u32::MAX).await.unwrap() {
        if row.event_type == "account.sms_deprecated"
            && let AccountEvent::SmsDeprecated(told) = store.open_event(&row).await.unwrap()
        {
            let account = store.load::<Account>(row.stream).await.unwrap().unwrap();
            let address = account.state.identity.unwrap().email.as_str().to_owned();
            stories.entry(address).or_default().push(told.stage);
        }
    }
    store.close().await;
    stories
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_and_three_workers_are_killed_at_random_while_sms_ends() {
    let people = environment::campaign_people().unwrap_or(FEW);
    let times = people.div_ceil(FEW);
    let nats = NatsServer::start().await;
    let url = nats.url();
    let many = Many::start(nats, &url).await;
    let store = many.store().await;
    people_with_phones(&store, people, SystemClock.now()).await;
    store.close().await;
    skip_to_the_end(&Db::Postgres(Arc::new(many.postgres.backend().await))).await;

    let [announce, closed, warning, off] =
        DATES.map(|seconds| SystemClock.now().plus(Duration::from_secs(seconds * times)).to_string());
    let plan = many.folder().join("plan.toml");
    fs::write(
        &plan,
        format!(
            "announce = \"{announce}\"\nno-new-numbers = \"{closed}\"\nlast-warning = \"{warning}\"\n\
             off = \"{off}\"\ngrace-days = 14\naccounts-a-second = 250\n"
        ),
    )
    .unwrap();
    let plan = plan.to_str().unwrap();
    let alone = (0..people).filter(|number| !has_more(*number)).count() as u64;
    let (code, told) = many.beside(&["campaign", "plan", plan]);
    assert!(code == Some(0) && told.contains(&format!("{alone:>9}  accounts have nothing but SMS")), "{told}");
    let (code, told) = many.beside(&["campaign", "start", plan, "--reason", "decided"]);
    assert_eq!(code, Some(0), "{told}");

    let mut dying = Dying::start(&many, 60 * times);
    // What is not yet mailed when somebody is told more is not mailed any more: each stage waits for its mails.
    for (stage, wanted) in [("announce", 1), ("last warning", 2)] {
        let told = format!("accounts were told: {stage}");
        dying.until(stage, |many| says(many, alone, &told)).await;
        let (code, said) = many.beside(&["campaign", "pause", "--reason", "the mails"]);
        assert_eq!(code, Some(0), "{said}");
        let has_all = |many: &Many| mails(many).values().filter(|(ids, _)| ids.len() >= wanted).count() as u64 == alone;
        dying.until("the mails", has_all).await;
        let (code, said) = many.beside(&["campaign", "start", "--reason", "go on"]);
        assert_eq!(code, Some(0), "{said}");
    }
    dying.until("off", |many| says(many, people, "accounts were told: off")).await;
    // What the last one held is taken over when it is seen to be dead.
    until_within(Duration::from_secs(150 * times), "nothing is left to do", async || {
        many.check("jobs").starts_with("ok") && !many.beside(&["jobs"]).1.contains("mail")
    })
    .await;

    let stories = stories(&many).await;
    assert_eq!(stories.len() as u64, people);
    for number in 0..people {
        let (address, told) = (email(number), &stories[email(number).as_str()]);
        let right: &[CampaignStage] = if has_more(number) {
            &[CampaignStage::Off]
        } else {
            &[CampaignStage::Announce, CampaignStage::LastWarning, CampaignStage::Off]
        };
        assert_eq!(told, right, "{}", address.as_str());
    }
    let mails = mails(&many);
    assert_eq!(mails.len() as u64, alone, "who had moved got none");
    for number in (0..people).filter(|number| !has_more(*number)) {
        let address = email(number).as_str().to_owned();
        let (ids, is_last) = &mails[&address];
        assert_eq!(ids.len(), 2, "{address} got one mail for each stage, however often");
        let language = Language::ALL[(number % 4) as usize];
        assert!(*is_last || language != Language::English, "{address} reads English");
    }
    let (_, status) = many.beside(&["campaign", "status"]);
    assert!(status.contains(&format!("{alone:>9}  of those for whom SMS has ended can sign in")), "{status}");
    let (_, replayed) = many.beside(&["campaign", "status", "--at", &SystemClock.now().to_string()]);
    let numbers = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(numbers(&status), numbers(&replayed), "a replay gives the same numbers");
    let (code, said) = many.beside(&["campaign", "end", "--reason", "all is over"]);
    assert!(code == Some(0) && said.contains("what has begun stays as it is"), "{said}");
    assert!(says(&many, people, "accounts were told: off"), "what is off stays off");
    many.assert_clean();
    drop(dying);
}
