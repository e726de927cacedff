//! A new epoch of the log: whatever anybody held of the one before is void, by one rule, and nobody is stranded.

use std::time::Duration;

use chancery_domain::account::{Account, LinkPurpose};
use chancery_eventstore::db::sql;
use chancery_service::accounts::link::LinkView;
use chancery_service::secrets::browsers::BrowserSecret;
use chancery_service::secrets::devices::KnownTo;
use chancery_tests::audit;
use chancery_tests::site::{Browser, PASSWORD, Setup, TestSite, World};

const ADA: &str = "ada@example.org";
const MINUTE: Duration = Duration::from_secs(60);

async fn account(site: &TestSite) -> chancery_eventstore::Loaded<Account> {
    let email = chancery_domain::values::EmailAddress::parse(ADA).unwrap();
    let claim = chancery_service::accounts::email_claim(&email.normalised());
    site.app.store.find(&claim).await.unwrap().unwrap()
}

fn known(browser: &Browser<'_>) -> KnownTo {
    KnownTo::parse(browser.cookie("chancery-known").unwrap_or_default())
}

/// How many rows, counters and births the volatile store has.
async fn volatile(site: &TestSite) -> [i64; 3] {
    let count = "SELECT (SELECT count(*) FROM volatile_rows), (SELECT count(*) FROM volatile_counters), \
                 (SELECT count(*) FROM volatile_birth)";
    let (rows, counters, births) = site.db.fetch(sql(count)).await.unwrap()[0];
    [rows, counters, births]
}

async fn what_was_held_is_void(world: World) {
    let site = world.site(Setup::default()).await;
    site.age().await;
    let ada = site.registered(ADA).await;
    let mut phone = site.browser_at("192.0.2.7");
    phone.sign_in(ADA, PASSWORD).await;
    let mut stranger = site.browser_at("192.0.2.9");
    site.settle().await;
    site.mails.clear();
    stranger.lose_password(ADA).await;
    site.settle().await;
    let mail = site.mails.to(ADA).pop().unwrap();
    // One more whose mail has not gone out when the epoch ends.
    stranger.lose_password(ADA).await;
    site.answered().await;
    let before = account(&site).await;
    let open = |account: &Account| account.links.open.iter().map(|link| (link.id, link.purpose)).collect::<Vec<_>>();
    let links = open(&before.state);
    assert_eq!(links.iter().map(|(_, purpose)| *purpose).collect::<Vec<_>>(), [LinkPurpose::Reset; 2]);
    assert!(site.app.known_device(&known(&ada), before.stream, &before.state).is_some());
    assert!(site.app.is_link_code(links[0].0, &mail.code()));
    let secret = BrowserSecret::parse(stranger.cookie("chancery-browser").unwrap()).unwrap();
    assert!(site.app.pending(&secret).await.unwrap().is_some());

    site.clock.advance(MINUTE);
    site.answered().await;
    let [rows, counters, births] = volatile(&site).await;
    assert!(rows > 0 && counters > 0 && births == 1, "{rows} {counters} {births}");
    assert_eq!(site.app.begin_epoch("eve", "the disk died", None).await.unwrap(), Ok(2));
    assert_eq!(volatile(&site).await, [0; 3], "what was counted and handed out was of the epoch before");
    let world = world.reopened().await;
    let node = world.site(Setup { seed: 2, ..Setup::default() }).await;

    // Sessions: neither accepted nor listed, though the state still has them.
    assert!(!ada.on(&node).is_signed_in().await && !phone.on(&node).is_signed_in().await);
    let now = account(&node).await;
    assert_eq!(now.state, before.state, "nothing was written for it");
    assert!(node.app.open_sessions(&now).await.unwrap().is_empty());
    // Known browsers and whatever a browser waited for.
    assert!(node.app.known_device(&known(&ada), now.stream, &now.state).is_none());
    assert!(node.app.pending(&secret).await.unwrap().is_none());
    // Links and their codes; the mail that had not gone out does not go out any more, and no job is dead for it.
    let sent = node.mails.to(ADA).len();
    node.after(MINUTE).await;
    assert_eq!(node.mails.to(ADA).len(), sent);
    let jobs = chancery_workers::admin::dead(&node.db, 10).await.unwrap();
    assert!(jobs.is_empty(), "{jobs:?}");
    assert!(!node.app.is_link_code(links[0].0, &mail.code()));
    let path = mail.link();
    let path = &path[path.find("/l/").unwrap()..];
    let old = node.app.read_link_token(path.trim_start_matches("/l/")).unwrap();
    assert!(old.is_void && (old.id, old.purpose) == links[0]);
    let view = node.app.view_link(path.trim_start_matches("/l/")).await.unwrap();
    assert!(matches!(view, LinkView::Expired(LinkPurpose::Reset)), "{view:?}");

    // Its page asks for a new one, which is another link and lets its owner in.
    let mut ada = ada.on(&node);
    let page = ada.get(path).await;
    assert_eq!(page.status, 410);
    node.mails.clear();
    ada.submit(&page.form("/link/again")).await;
    node.settle().await;
    assert_ne!(node.mails.link_to(ADA), path);
    assert_eq!(ada.follow_link(&node.mails.link_to(ADA)).await.path, "/account?done=password-reset");
    let now = account(&node).await;
    assert_eq!(node.app.open_sessions(&now).await.unwrap().len(), 1);
    let report = world.verify(chancery_eventstore::verify::Options::default()).await;
    audit::assert_clean(&report);
}

#[tokio::test]
async fn what_was_held_before_a_new_epoch_is_void_on_sqlite() {
    what_was_held_is_void(World::sqlite().await).await;
}

#[tokio::test]
async fn what_was_held_before_a_new_epoch_is_void_on_postgresql() {
    what_was_held_is_void(World::postgres().await).await;
}
