//! Appends to a SQLite file as fast as it can until it is killed, and prints every command as soon as it is
//! acknowledged: its id, its stream, and its first and last position.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use chancery_eventstore::sqlite::{OpenOptions, SqliteBackend};
use chancery_eventstore::{Batcher, BatcherOptions, Committed, Prepared};
use chancery_tests::store::commands::{Dice, command, email, event, stream};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: store-writer FILE");
        return ExitCode::FAILURE;
    };
    let options = OpenOptions { create: true, ..OpenOptions::default() };
    let backend = SqliteBackend::open(path, options).await.expect("the file opens");
    let batcher = Arc::new(Batcher::start(Arc::new(backend), BatcherOptions::default()));
    let clients = (0..16).map(|_| tokio::spawn(client(Arc::clone(&batcher))));
    futures::future::join_all(clients).await;
    ExitCode::SUCCESS
}

async fn client(batcher: Arc<Batcher>) {
    let mut dice = Dice::new();
    loop {
        let own = stream();
        let mut version = 0;
        for _ in 0..5 {
            let events = 1 + dice.below(3) as i64;
            let command =
                Prepared { events: vec![event(); events as usize], claims: vec![email()], ..command(own, version) };
            version += events;
            let id = command.command.0;
            match batcher.append(command).await.expect("an append succeeds") {
                Committed::Appended { first, last } => {
                    // One write for the whole line: what is printed is printed whole.
                    let line = format!("{id} {} {first} {last}\n", uuid::Uuid::from(own));
                    std::io::stdout().write_all(line.as_bytes()).expect("the test listens");
                }
                Committed::Duplicate { .. } => panic!("a fresh command id was known"),
            }
        }
    }
}
