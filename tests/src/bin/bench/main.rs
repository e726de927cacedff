//! Measures what is slow, beside its limit, and writes the table to `docs/speed.md`. Started by `tests/bench`.
//!
//! `bench [--quick] [SECTION…]`: `--quick` shortens every run for development and writes nothing.

mod accounts;
mod answers;
mod append_postgres;
mod append_sqlite;
mod clock;
mod reads;
mod report;
mod serve;
mod served;
mod sign_in;
mod workload;

use std::time::Duration;

/// How long and how often everything is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// One run.
    pub run: Duration,
    /// Runs of each kind, interleaved with those of the others.
    pub repetitions: usize,
}

#[tokio::main]
async fn main() {
    let (options, sections): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    if let Some(unknown) = options.iter().find(|option| *option != "--quick") {
        eprintln!("unknown option {unknown}: bench [--quick] [SECTION…]");
        std::process::exit(2);
    }
    let quick = !options.is_empty();
    let effort = if quick {
        Effort { run: Duration::from_secs(1), repetitions: 3 }
    } else {
        Effort { run: Duration::from_secs(5), repetitions: 5 }
    };
    let wanted = |name: &str| sections.is_empty() || sections.iter().any(|section| section == name);
    let mut below = false;
    for section in ["append-postgres", "append-sqlite", "reads", "sign-in", "serve", "answers"]
        .into_iter()
        .filter(|name| wanted(name))
    {
        // On the runtime's own threads, where the server's requests run too: between them and the thread of `main` each
        // message would cross over.
        let measured = tokio::spawn(async move {
            match section {
                "append-postgres" => append_postgres::measure(effort).await,
                "append-sqlite" => append_sqlite::measure(effort).await,
                "reads" => reads::measure(effort).await,
                "sign-in" => sign_in::measure(effort).await,
                "serve" => serve::measure(effort).await,
                _ => answers::measure(effort).await,
            }
        });
        let table = measured.await.expect("the measurement ends");
        println!("{table}");
        if !quick {
            report::write(section, &table);
        }
        below |= table.is_below_floor();
    }
    if below {
        eprintln!("Some figures are below their floors.");
        std::process::exit(1);
    }
}
