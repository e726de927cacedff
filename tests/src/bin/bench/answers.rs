//! How long the answers take that must not tell whether a name has an account: the whole distributions, side by side.

use std::time::Duration;

use chancery_tests::site::{World, form_of};

use crate::Effort;
use crate::accounts;
use crate::clock::Stopwatch;
use crate::report::{Line, Table, percentile};
use crate::served::{Served, Visitor};

/// A name that has an account, and one that has none.
const WHOSE: [&str; 2] = ["known", "unknown"];

type Asks = fn(&mut Visitor, &str) -> Duration;

/// Measures `chancery serve`, one request after the other, names with and without an account in turn.
pub async fn measure(effort: Effort) -> Table {
    let people = effort.repetitions * 20;
    let world = World::sqlite().await;
    let site = world.site(accounts::setup()).await;
    for n in 0..people {
        let _ = site.registered(&address("known", n)).await;
    }
    site.settle().await;
    site.app.store.close().await;
    let folder = world.file().parent().expect("a folder").to_owned();
    drop(site);
    let served = Served::start(&folder, &["--limit-mail-overall", "1000000"]);
    let asks: [(&str, Asks); 3] =
        [("create an account", register), ("lost password", lost_password), ("sign in, wrong password", sign_in)];
    let mut lines = Vec::new();
    for (what, ask) in asks {
        let mut times: [Vec<Duration>; 2] = Default::default();
        for n in 0..people {
            for (of, whose) in times.iter_mut().zip(WHOSE) {
                of.push(ask(&mut served.visitor(), &address(whose, n)));
            }
        }
        let [known, unknown] = &mut times;
        lines.push(Line {
            what: what.to_owned(),
            measured: spread(known),
            beside: spread(unknown),
            ratio: percentile(known, 0.5).as_secs_f64() / percentile(unknown, 0.5).as_secs_f64(),
            floor: None,
            aim: None,
        });
    }
    Table {
        heading: format!(
            "Time of an answer from `chancery serve` on SQLite over a fresh connection, {people} requests each: the 5th, \
             50th, 95th and 99th percentile in milliseconds. \"Measured\" is for names with an account, \"beside\" for \
             names without, the ratio that of the medians."
        ),
        lines,
    }
}

fn address(whose: &str, n: usize) -> String {
    format!("{whose}{n}@example.org")
}

fn spread(times: &mut [Duration]) -> String {
    [0.05, 0.5, 0.95, 0.99].map(|part| format!("{:.1}", percentile(times, part).as_secs_f64() * 1e3)).join(" / ")
}

fn register(visitor: &mut Visitor, email: &str) -> Duration {
    let form = visitor.registration(email);
    timed(visitor, "/register", &form, "303")
}

fn lost_password(visitor: &mut Visitor, email: &str) -> Duration {
    let form = form_of(&visitor.get("/lost-password"), "/lost-password").solved().with("name", email);
    timed(visitor, "/lost-password", &form, "303")
}

fn sign_in(visitor: &mut Visitor, email: &str) -> Duration {
    let name = form_of(&visitor.get("/login"), "/login").with("name", email);
    let page = visitor.post("/login", &name);
    let form = form_of(&page, "/login/password").with("password", "Wrong-horse7battery");
    timed(visitor, "/login/password", &form, "422")
}

fn timed(visitor: &mut Visitor, path: &str, form: &chancery_tests::site::Form, status: &str) -> Duration {
    let watch = Stopwatch::start();
    let answer = visitor.post(path, form);
    let took = watch.elapsed();
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    took
}
