//! Measures what is slow, beside its limit, and writes the table to `docs/speed.md`. Started by `tests/bench`.
//!
//! `bench [--quick] [--events N] [SECTION…]`: `--quick` shortens every run for development and writes nothing. `--events` is
//! the size of the generated logs: a million, with `--quick` 100,000.

mod accounts;
mod answers;
mod append_postgres;
mod append_sqlite;
mod audit;
mod campaign;
mod clock;
mod factors;
mod followers;
mod growth;
mod memory;
mod reads;
mod relay;
mod report;
mod requests;
mod serve;
mod served;
mod sign_in;
mod workload;

use std::time::Duration;

use chancery_tests::speed::SECTIONS;

/// How long and how often everything is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// One run.
    pub run: Duration,
    /// Runs of each kind, interleaved with those of the others.
    pub repetitions: usize,
    /// Events of a generated log.
    pub events: u64,
}

/// What the command line asks for: the effort, whether it is for development only, and the sections.
fn asked() -> Result<(Effort, bool, Vec<String>), String> {
    let (mut quick, mut events, mut sections) = (false, None, Vec::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => quick = true,
            "--events" => {
                let number = words.next().and_then(|number| number.replace('_', "").parse::<u64>().ok());
                // The smallest log that the others are measured beside.
                events =
                    Some(number.filter(|number| *number >= 10_000).ok_or("--events takes a number from 10000 on")?);
            }
            section if SECTIONS.contains(&section) => sections.push(word),
            _ => {
                return Err(format!(
                    "there is no section {word}: bench [--quick] [--events N] [{}]…",
                    SECTIONS.join("|")
                ));
            }
        }
    }
    let effort = if quick {
        Effort { run: Duration::from_secs(1), repetitions: 3, events: events.unwrap_or(100_000) }
    } else {
        Effort { run: Duration::from_secs(5), repetitions: 5, events: events.unwrap_or(1_000_000) }
    };
    Ok((effort, quick, sections))
}

#[tokio::main]
async fn main() {
    let (effort, quick, sections) = asked().unwrap_or_else(|trouble| {
        eprintln!("{trouble}");
        std::process::exit(2);
    });
    let wanted = |name: &str| sections.is_empty() || sections.iter().any(|section| section == name);
    let mut below = false;
    for section in SECTIONS.into_iter().filter(|name| wanted(name)) {
        // On the runtime's own threads, where the server's requests run too: between them and the thread of `main` each
        // message would cross over.
        let measured = tokio::spawn(async move {
            match section {
                "append-postgres" => append_postgres::measure(effort).await,
                "append-sqlite" => append_sqlite::measure(effort).await,
                "reads" => reads::measure(effort).await,
                "sign-in" => sign_in::measure(effort).await,
                "factors" => factors::measure(effort).await,
                "serve" => serve::measure(effort).await,
                "relay" => relay::measure(effort).await,
                "followers" => followers::measure(effort).await,
                "audit" => audit::measure(effort).await,
                "requests" => requests::measure(effort).await,
                "campaign" => campaign::measure(effort).await,
                "growth" => growth::measure(effort).await,
                "memory" => memory::measure(effort).await,
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
