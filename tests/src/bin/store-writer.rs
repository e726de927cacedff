//! Appends to a SQLite file as fast as it can until it is killed, and prints every command as soon as it is
//! acknowledged: its id, its stream, and its first and last position.
//!
//! With a key's wrapped bytes in hexadecimal behind the file it makes that key and destroys it, says "destroyed", and
//! waits to be killed.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use chancery_eventstore::sqlite::{OpenOptions, SqliteBackend};
use chancery_eventstore::{Batcher, BatcherOptions, Committed, NewKey, Prepared};
use chancery_tests::store::commands::{Dice, command, data_key, email, events, stream};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: store-writer FILE [WRAPPED]");
        return ExitCode::FAILURE;
    };
    let options = OpenOptions { create: true, ..OpenOptions::default() };
    let backend = SqliteBackend::open(path, options).await.expect("the file opens");
    let batcher = Arc::new(Batcher::start(Arc::new(backend), BatcherOptions::default()));
    if let Some(wrapped) = std::env::args().nth(2) {
        destroy(&batcher, &wrapped).await;
        return std::future::pending().await;
    }
    let clients = (0..16).map(|_| tokio::spawn(client(Arc::clone(&batcher))));
    futures::future::join_all(clients).await;
    ExitCode::SUCCESS
}

async fn destroy(batcher: &Batcher, wrapped: &str) {
    let account = stream();
    let wrapped = data_encoding::HEXLOWER.decode(wrapped.as_bytes()).expect("hexadecimal");
    let key = NewKey { wrapped, ..data_key(account) };
    let made = Prepared { new_keys: vec![key.clone()], ..command(account, 0) };
    let destroyed = Prepared { destroyed_keys: vec![key.id], ..command(account, 1) };
    for command in [made, destroyed] {
        let committed = batcher.append(command).await.expect("an append succeeds");
        assert!(matches!(committed, Committed::Appended { .. }));
    }
    std::io::stdout().write_all(b"destroyed\n").expect("the test listens");
}

async fn client(batcher: Arc<Batcher>) {
    let mut dice = Dice::new();
    loop {
        let own = stream();
        let mut version = 0;
        for _ in 0..5 {
            let count = 1 + dice.below(3) as usize;
            let command = Prepared { events: events(count), claims: vec![email()], ..command(own, version) };
            version += count as i64;
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
