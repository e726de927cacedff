//! What becomes of the log's copy on NATS: lost, old, purged, spoilt, full or of another history, nothing is lost and
//! nothing done twice.

use std::time::Duration;

use async_nats::jetstream::AckKind;
use async_nats::jetstream::consumer::{PullConsumer, pull};
use chancery_eventstore::nats::{StreamId, wake};
use chancery_eventstore::{Position, record};
use chancery_tests::nats::{NatsServer, Scene, copy_folder, until};
use chancery_tests::site::{Setup, World};
use futures::StreamExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// What is measured in this process, which is this test's own.
fn measured() -> PrometheusHandle {
    PrometheusBuilder::new().install_recorder().unwrap()
}

/// A metric's value; 0 where it was never counted.
fn value(measured: &PrometheusHandle, name: &str) -> u64 {
    let text = measured.render();
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok()).unwrap_or(0)
}

/// An event that follows the log's last one in a history that is lost.
async fn lost_event(scene: &Scene) -> Vec<u8> {
    let mut row = scene.site.events().await.pop().unwrap();
    row.position = Position(row.position.0 + 1);
    record::encode(&row).unwrap()
}

/// Begins a new epoch, and starts every process again: whatever is of the epoch before writes nothing more, and ends.
async fn begin_epoch(scene: &mut Scene) {
    // What was opened at the same moment would be the new epoch's.
    scene.site.clock.advance(Duration::from_secs(60));
    assert_eq!(scene.site.app.begin_epoch("eve", "the disk died", None).await.unwrap(), Ok(2));
    let world = scene.site.world().started_again(&scene.server.url()).await;
    scene.site = world.site(Setup { seed: 2, ..Setup::default() }).await;
    until("the relay goes on", async || scene.generation().await.epoch == 2 && scene.trouble().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stream_is_the_log_without_a_gap_and_in_its_order() {
    let mut scene = Scene::new().await;
    for _ in 0..3 {
        scene.register().await;
    }
    scene.settle().await;
    scene.is_copied(1).await;
    assert_eq!(scene.generation().await.number, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purged_or_deleted_stream_is_refilled_in_a_new_generation() {
    let mut scene = Scene::new().await;
    scene.register().await;
    scene.settle().await;
    scene.is_copied(1).await;
    // What a job has not been given yet is purged with the rest.
    scene.register().await;
    scene.is_copied(1).await;
    scene.handle().await.purge().await.unwrap();
    scene.is_copied(2).await;
    scene.settle().await;

    scene.register().await;
    scene.is_copied(2).await;
    scene.server.client().await.delete_stream(scene.stream().await.stream()).await.unwrap();
    scene.is_copied(3).await;
    scene.settle().await;
    // A part only: what is missing is read from the log.
    scene.register().await;
    scene.register().await;
    scene.handle().await.purge().keep(1).await.unwrap();
    scene.settle().await;
    assert_eq!(scene.generation().await.number, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_that_stand_at_different_events_share_a_new_generation() {
    let mut scene = Scene::new().await;
    scene.register().await;
    scene.settle().await;
    scene.is_copied(1).await;
    // One job did not run all the time: the new generation begins before what the others were given.
    let back = chancery_eventstore::db::sql("UPDATE job_floors SET position = 2 WHERE job = 'invite'");
    scene.site.db.execute(back).await.unwrap();
    scene.handle().await.purge().await.unwrap();
    scene.is_copied(2).await;
    assert_eq!(scene.generation().await.base, Position(2));
    scene.register().await;
    scene.is_copied(2).await;
    scene.settle().await;
    assert_eq!(scene.generation().await.number, 2, "it is filled, and no other begins");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_copy_of_the_stream_is_replaced_by_a_new_generation() {
    let mut scene = Scene::new().await;
    scene.register().await;
    scene.settle().await;
    scene.is_copied(1).await;
    let copies = tempfile::tempdir().unwrap();
    scene.server.stop().await;
    copy_folder(&scene.server.store(), copies.path());
    scene.server.start_again().await;
    scene.register().await;
    scene.settle().await;
    scene.server.stop().await;
    std::fs::remove_dir_all(scene.server.store()).unwrap();
    copy_folder(copies.path(), &scene.server.store());
    scene.server.start_again().await;
    scene.is_copied(2).await;
    scene.register().await;
    scene.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relays_that_begin_one_at_once_make_one() {
    let mut scene = Scene::new().await;
    let url = scene.server.url();
    let others = [
        scene.site.world().another_relay(&url).await,
        scene.site.world().another_relay(&url).await,
        scene.site.world().another_relay(&url).await,
    ];
    for generation in 2..6 {
        scene.register().await;
        scene.is_copied(generation - 1).await;
        assert_eq!(scene.generation().await.number, generation - 1);
        scene.server.client().await.delete_stream(scene.stream().await.stream()).await.unwrap();
        scene.is_copied(generation).await;
        assert_eq!(scene.generation().await.number, generation);
    }
    scene.settle().await;
    drop(others);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_no_relay_wrote_reaches_no_job_and_stops_nobody() {
    let measured = measured();
    let mut scene = Scene::new().await;
    scene.register().await;
    scene.settle().await;
    scene.is_copied(1).await;
    let foreign = || value(&measured, "chancery_relay_generations_total{why=\"foreign\"}");
    assert_eq!(foreign(), 0);
    let (client, subject) = (scene.server.client().await, scene.stream().await.subject());
    client.publish(subject, "poison".into()).await.unwrap().await.unwrap();
    scene.register().await;
    scene.settle().await;
    scene.is_copied(2).await;
    assert_eq!(foreign(), 1, "which is an alarm");
    // A true record once more is none either: it stands at another place than its own.
    let row = scene.site.events().await.pop().unwrap();
    let (subject, body) = (scene.stream().await.subject(), record::encode(&row).unwrap());
    client.publish(subject, body.into()).await.unwrap().await.unwrap();
    scene.register().await;
    scene.settle().await;
    scene.is_copied(3).await;
    assert_eq!((foreign(), scene.trouble().as_str()), (2, ""));
}

/// Messages that come faster than they are taken are counted, which is an alarm. Those that are dropped then tell of the
/// log's growth only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_took_and_keeps_is_read_from_the_log() {
    let mut scene = Scene::new().await;
    scene.register().await;
    scene.settle().await;
    scene.register().await;
    scene.is_copied(1).await;
    // One that took everything, and says for ever that it is at work on it.
    let stream = scene.handle().await;
    let consumer: PullConsumer = stream.get_consumer("mail").await.unwrap();
    let mut taken = consumer.fetch().max_messages(1_000).expires(Duration::from_secs(5)).messages().await.unwrap();
    let mut kept = Vec::new();
    while let Some(message) = taken.next().await {
        kept.push(message.unwrap());
        let pending = stream.get_consumer::<pull::Config>("mail").await.unwrap().cached_info().num_pending;
        if pending == 0 {
            break;
        }
    }
    let keeping = tokio::spawn(async move {
        loop {
            for message in &kept {
                message.ack_with(AckKind::Progress).await.unwrap();
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    scene.settle().await;
    keeping.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_consumer_is_an_alarm_and_nothing_is_lost() {
    let measured = measured();
    let mut scene = Scene::new().await;
    scene.register().await;
    scene.settle().await;
    let slow = || value(&measured, "chancery_nats_slow_total");
    assert_eq!(slow(), 0);
    let subject = wake(scene.site.app.log.log);
    let takes_nothing = scene.site.world().relayed().nats().waking(scene.site.app.log.log).await.unwrap();
    let other = async_nats::connect(scene.server.url()).await.unwrap();
    until("it is counted", async || {
        for _ in 0..5_000 {
            other.publish(subject.clone(), "".into()).await.unwrap();
        }
        other.flush().await.unwrap();
        slow() > 0
    })
    .await;
    scene.register().await;
    scene.settle().await;
    scene.is_copied(1).await;
    assert_eq!((scene.generation().await.number, scene.trouble().as_str()), (1, ""));
    drop(takes_nothing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_holds_what_the_log_lacks_stops_the_relay_until_a_new_epoch() {
    let mut scene = Scene::new().await;
    scene.register().await;
    scene.settle().await;
    scene.is_copied(1).await;
    let (client, subject) = (scene.server.client().await, scene.stream().await.subject());
    let position = Position(scene.site.events().await.len() as i64 + 1);
    client.publish(subject, lost_event(&scene).await.into()).await.unwrap().await.unwrap();
    until("the relay stops", async || scene.trouble().contains("the log was restored from an older copy")).await;
    assert!(scene.trouble().contains(&format!("the stream holds event {position}")), "{}", scene.trouble());

    // Every node looks each second whether it has: then it is not ready, and decides nothing.
    let node = scene.site.world().reopened().await.site_at_rest(Setup { seed: 3, ..Setup::default() }).await;
    let difference = node.app.store.backend().look().await.unwrap_err().to_string();
    assert!(difference.contains(&format!("the stream holds event {position}")), "{difference}");
    assert!(difference.ends_with("run 'chancery log new-epoch --reason …'"), "{difference}");
    let events = node.events().await.len();
    assert_eq!(node.browser_at("198.51.100.1").register("nobody@example.org").await.status, 503);
    assert_eq!(node.events().await.len(), events);

    // What a node appends within the second before it looks is another history, which changes nothing.
    scene.register().await;
    until("the relay sees it", async || scene.trouble().contains("another event")).await;
    assert_eq!(scene.generation().await.number, 1);
    assert!(scene.site.mails.sent().len() < scene.people, "no job was fed");

    begin_epoch(&mut scene).await;
    scene.site.app.store.backend().look().await.unwrap();
    scene.is_copied(1).await;
    assert_eq!((scene.generation().await.number, scene.generation().await.stopped), (1, false));
    // Whose mail had not gone out asks again, since links of the epoch before are void.
    scene.people -= 1;
    scene.register().await;
    scene.settle().await;
}

/// The database was put back from a dump that was made before another generation began.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_an_ended_epoch_is_no_measure_whatever_its_generation() {
    let mut scene = Scene::new().await;
    scene.register().await;
    scene.settle().await;
    scene.is_copied(1).await;
    let lost = StreamId { generation: 2, ..scene.stream().await };
    scene.site.world().relayed().nats().make(lost).await.unwrap();
    let body = lost_event(&scene).await.into();
    scene.server.client().await.publish(lost.subject(), body).await.unwrap().await.unwrap();
    until("the relay stops", async || scene.trouble().contains("the log was restored from an older copy")).await;
    begin_epoch(&mut scene).await;
    scene.register().await;
    scene.settle().await;
    scene.is_copied(1).await;
    assert_eq!(scene.generation().await.number, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_room_is_an_alarm_and_nothing_is_lost() {
    let small = "jetstream { store_dir: \"STORE\", max_file_store: 1MB }";
    let server = NatsServer::start_with(small).await;
    let site = World::nats(&server.url()).await.site_at_rest(Setup::default()).await;
    let mut scene = Scene { server, site, people: 0 };
    until("the relay says so", async || scene.trouble().contains("JetStream has no room")).await;
    scene.register().await;
    assert!(scene.site.mails.sent().is_empty());
    scene.server.stop().await;
    scene.server.configure("");
    scene.server.start_again().await;
    scene.settle().await;
    scene.is_copied(1).await;
    until("the relay goes on", async || scene.trouble().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_killed_and_started_again_loses_nothing_and_repeats_nothing() {
    let mut scene = Scene::new().await;
    for _ in 0..4 {
        scene.register().await;
        scene.settle().await;
        scene.server.kill9().await;
        // Registration goes on without it.
        scene.register().await;
        scene.server.start_again().await;
        scene.settle().await;
    }
    scene.is_copied(1).await;
}

/// Every file that JetStream wrote.
fn bytes_of(folder: &std::path::Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            all.extend(bytes_of(&entry.path()));
        } else {
            all.extend(std::fs::read(entry.path()).unwrap());
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_on_nats_tells_of_a_person() {
    let mut scene = Scene::new().await;
    let mut browser = scene.site.browser_at("198.51.100.77");
    browser.register("ada@example.org").await;
    scene.site.settle().await;
    let mail = scene.site.mails.to("ada@example.org").pop().unwrap();
    browser.follow_link(&mail.link()).await;
    browser.sign_out().await;
    browser.sign_in("ada@example.org", "wrong").await;
    browser.sign_in("ada@example.org", chancery_tests::site::PASSWORD).await;
    scene.people = 1;
    scene.site.settle().await;
    scene.is_copied(1).await;
    scene.server.stop().await;
    let bytes = bytes_of(&scene.server.store());
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("account.email_link_requested") && holds("account.signed_in"), "the search finds what is there");
    let token = mail.link().trim_start_matches("/l/").to_owned();
    let code = mail.code();
    for personal in
        ["Ada", "Lovelace", "ada@example.org", "example.org", &token, &code, &code.replace('-', ""), "198.51.100"]
    {
        assert!(!holds(personal), "{personal} is on NATS");
    }
}
