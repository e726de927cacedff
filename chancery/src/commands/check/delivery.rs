//! Whether what follows from events follows: the jobs of all processes, and NATS.

use chancery_domain::Timestamp;
use chancery_domain::throttle::Window;
use chancery_eventstore::nats::{Health, Nats, health};
use chancery_eventstore::{Db, Store};
use chancery_service::throttle::sms_budget;
use chancery_workers::admin::{self, JobStanding};
use chancery_workers::jobs::NAMES;

use super::{Found, MOST_BEHIND};
use crate::error::CommandError;
use crate::settings::{PublicUrl, Settings};
use crate::wiring::Database;

/// What is dead, late, or not even noted.
pub(super) async fn jobs(db: &Db, now: Timestamp) -> Found {
    match admin::standings(db, now).await {
        Ok(standings) => judge(&standings),
        Err(error) => Found::Wrong(CommandError::of(&error).line()),
    }
}

fn judge(standings: &[JobStanding]) -> Found {
    let mut wrong = Vec::new();
    for JobStanding { job, behind, late, dead, .. } in standings {
        if *dead > 0 {
            wrong.push(format!("{job} has {dead} dead: see 'chancery jobs'"));
        }
        if *late > 0 {
            wrong.push(format!(
                "{job} has {late} that should have been done {} minutes ago",
                admin::LATE.as_secs() / 60
            ));
        }
        if *behind > MOST_BEHIND {
            wrong.push(format!("{job} is {behind} events behind: does a process run it?"));
        }
    }
    if wrong.is_empty() {
        let waiting: i64 = standings.iter().map(|standing| standing.waiting).sum();
        Found::Well(format!("nothing is dead or late; {waiting} wait"))
    } else {
        Found::Wrong(wrong.join(", "))
    }
}

/// Whether NATS can do what it is needed for, and holds what it should.
pub(super) async fn nats(settings: &Settings, database: &Database) -> Found {
    let options = match settings.nats_options() {
        Ok(Some(options)) => options,
        Ok(None) => return Found::NotTried("without nats"),
        Err(error) => return Found::Wrong(error.to_string()),
    };
    let nats = match Nats::try_once(&options).await {
        Ok(nats) => nats,
        Err(error) => return Found::Wrong(CommandError::of(&error).line()),
    };
    match health(&nats, &database.db, &*database.backend, &NAMES).await {
        Health::Well(words) => Found::Well(words),
        Health::Wrong(words) => Found::Wrong(words),
    }
}

/// Whether messages to telephones can be sent, and how much of the day's budget is left.
pub(super) async fn messages(settings: &Settings, public_url: &PublicUrl, store: &Store, now: Timestamp) -> Found {
    let way = match settings.sms_gateway().and_then(|gateway| settings.outgoing(public_url).map(|_| gateway)) {
        Ok(Some(_)) => "the gateway's file can be used",
        Ok(None) if public_url.is_loopback() => "no gateway: messages are shown at /dev/sms",
        Ok(None) => return Found::Well("no gateway: nobody adds a telephone".to_owned()),
        Err(error) => return Found::Wrong(error.to_string()),
    };
    match store.backend().counted(&sms_budget(store), now).await {
        Ok(window) => judge_budget(way, window, settings.limit_sms_day),
        Err(error) => Found::Wrong(CommandError::of(&error).line()),
    }
}

fn judge_budget(way: &str, window: Option<Window>, most: u32) -> Found {
    match window {
        Some(window) if window.count >= most => Found::Wrong(format!(
            "all {most} messages of the day were sent, and no more until {}: is it people, or numbers that are paid for \
             each message? See 'chancery_limits_reached_total'",
            window.ends
        )),
        window => {
            let count = window.map_or(0, |window| window.count);
            Found::Well(format!("{way}; {count} of {most} messages of the day were sent"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(behind: i64, late: i64, dead: i64) -> JobStanding {
        JobStanding { job: "mail".to_owned(), behind, waiting: 3, late, dead }
    }

    #[test]
    fn a_budget_that_is_used_up_is_wrong() {
        let ends = Timestamp::from_seconds(1_777_802_400);
        let said = |count| match judge_budget("the way", Some(Window { count, ends }), 10) {
            Found::Wrong(words) => words,
            Found::Well(words) => words,
            Found::NotTried(words) => words.to_owned(),
        };
        assert_eq!(said(9), "the way; 9 of 10 messages of the day were sent");
        assert!(said(10).starts_with("all 10 messages of the day were sent, and no more until 2026-05-03T10:00:00"));
    }

    #[test]
    fn what_somebody_must_look_at_is_wrong() {
        let said = |standing| match judge(&[standing]) {
            Found::Well(words) => (true, words),
            Found::Wrong(words) => (false, words),
            Found::NotTried(words) => (false, words.to_owned()),
        };
        assert_eq!(said(standing(1000, 0, 0)), (true, "nothing is dead or late; 3 wait".to_owned()));
        assert_eq!(
            said(standing(1001, 0, 0)),
            (false, "mail is 1001 events behind: does a process run it?".to_owned())
        );
        let (well, words) = said(standing(0, 1, 2));
        assert!(!well);
        assert_eq!(words, "mail has 2 dead: see 'chancery jobs', mail has 1 that should have been done 10 minutes ago");
    }
}
