//! The disk of JetStream fills up: it is an alarm, and nothing is lost.

use std::io::Write;

use chancery_tests::environment;
use chancery_tests::nats::{NatsServer, Scene, nats_with_room, until};
use chancery_tests::site::{Setup, World};

/// Room for the copy of the log, which the disk has until somebody else fills it.
const ROOM: u64 = 8 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_jetstream_is_an_alarm_and_nothing_is_lost() {
    let server = NatsServer::start_on_tmpfs("jetstream { store_dir: \"STORE\", max_file_store: 16MB }").await;
    let world = World::relayed_by(nats_with_room(&server.url(), ROOM).await).await;
    let site = world.site(Setup::default()).await;
    site.age().await;
    let mut scene = Scene { server, site, people: 0 };
    scene.register().await;
    scene.settle().await;
    scene.is_copied(1).await;

    let mut ballast = tempfile::NamedTempFile::new_in(environment::tmpfs()).unwrap();
    while ballast.write_all(&[0; 4096]).is_ok() {}
    // What is written to pages that were made before may still find room.
    for _ in 0..10 {
        scene.register().await;
    }
    until("the relay says so", async || scene.trouble().contains("its disk may be full")).await;
    assert!(scene.site.mails.sent().len() < scene.people, "mails wait");

    drop(ballast);
    scene.server.stop().await;
    scene.server.start_again().await;
    scene.settle().await;
    scene.is_copied(1).await;
    until("the relay goes on", async || scene.trouble().is_empty()).await;
}
