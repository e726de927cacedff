//! Workers die every second while a campaign ends codes by SMS: everybody ends in the right stage, once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use chancery_domain::account::{Account, AccountEvent};
use chancery_domain::campaign::CampaignStage;
use chancery_eventstore::{Db, Position};
use chancery_service::ports::{Clock as _, SystemClock};
use chancery_tests::generator::email;
use chancery_tests::nats::{NatsServer, until_within};
use chancery_tests::seeding::{has_more, people_with_phones, skip_to_the_end};
use chancery_tests::served::Many;

/// Fewer than a large house has, so that the suite stays short: each gets two mails.
const PEOPLE: u64 = 1_500;

/// The stages, in seconds after the beginning. Between the first and the last warning the mails of the first one leave.
const DATES: [u64; 4] = [3, 20, 22, 40];

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
async fn two_relays_and_three_workers_are_killed_every_second_while_sms_ends() {
    let nats = NatsServer::start().await;
    let url = nats.url();
    let many = Many::start(nats, &url).await;
    let store = many.store().await;
    people_with_phones(&store, PEOPLE, SystemClock.now()).await;
    store.close().await;
    skip_to_the_end(&Db::Postgres(Arc::new(many.postgres.backend().await))).await;

    let [announce, closed, warning, off] =
        DATES.map(|seconds| SystemClock.now().plus(Duration::from_secs(seconds)).to_string());
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
    let alone = (0..PEOPLE).filter(|number| !has_more(*number)).count();
    let (code, told) = many.beside(&["campaign", "plan", plan]);
    assert!(code == Some(0) && told.contains(&format!("{alone:>9}  accounts have nothing but SMS")), "{told}");
    let (code, told) = many.beside(&["campaign", "start", plan, "--reason", "decided"]);
    assert_eq!(code, Some(0), "{told}");

    let others =
        "mail,expire-links,invite,lapse-registrations,settle-invitations,remind-recoveries,sms,campaign,models,sweep";
    let kinds = ["relay", "relay", others, others, others];
    let mut processes: Vec<_> = kinds.iter().map(|jobs| many.work("work", &["--jobs", jobs])).collect();
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let everybody = format!("{PEOPLE:>9}  accounts were told: off");
    for killed in 0.. {
        second.tick().await;
        let place = killed % kinds.len();
        processes[place].kill9();
        processes[place] = many.work("work", &["--jobs", kinds[place]]);
        if killed % 5 == 4 && many.beside(&["campaign", "status"]).1.contains(&everybody) {
            break;
        }
        assert!(killed < 120, "{}", many.beside(&["campaign", "status"]).1);
    }
    // What the last one held is taken over when it is seen to be dead.
    until_within(Duration::from_secs(60), "nothing is left to do", async || {
        many.check("jobs").starts_with("ok") && !many.beside(&["jobs"]).1.contains("mail")
    })
    .await;

    let stories = stories(&many).await;
    assert_eq!(stories.len() as u64, PEOPLE);
    for number in 0..PEOPLE {
        let (address, told) = (email(number), &stories[email(number).as_str()]);
        let right: &[CampaignStage] = if has_more(number) {
            &[CampaignStage::Off]
        } else {
            &[CampaignStage::Announce, CampaignStage::LastWarning, CampaignStage::Off]
        };
        assert_eq!(told, right, "{}", address.as_str());
    }
    let mut mails = BTreeMap::<(String, bool), BTreeSet<String>>::new();
    for mail in many.mails.mails() {
        let text = mail.text().split_whitespace().collect::<Vec<_>>().join(" ");
        let is_last = text.contains("This is the last warning");
        // In the other languages the two are told apart by their ids alone.
        mails.entry((mail.to[0].clone(), is_last)).or_default().insert(mail.message_id());
    }
    for number in 0..PEOPLE {
        let address = email(number).as_str().to_owned();
        let ids = |is_last| mails.get(&(address.clone(), is_last)).map_or(0, BTreeSet::len);
        let (first, last) = (ids(false), ids(true));
        match (has_more(number), number % 4) {
            (true, _) => assert_eq!((first, last), (0, 0), "{address} has moved"),
            (false, 0) => assert_eq!((first, last), (1, 1), "{address} got one mail for each stage, however often"),
            (false, _) => assert_eq!((first, last), (2, 0), "{address} got one mail for each stage, however often"),
        }
    }
    let (_, status) = many.beside(&["campaign", "status"]);
    assert!(status.contains(&format!("{alone:>9}  of those for whom SMS has ended can sign in")), "{status}");
    let (_, replayed) = many.beside(&["campaign", "status", "--at", &SystemClock.now().to_string()]);
    let numbers = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(numbers(&status), numbers(&replayed), "a replay gives the same numbers");
    many.assert_clean();
    drop(processes);
}
