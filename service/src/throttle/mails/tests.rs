//! Everything here is counted in memory, at moments that the test names.

use std::time::Duration;

use super::super::Limits;
use super::super::memory::MemoryVolatile;
use super::*;

const HOUR: Duration = Duration::from_secs(3_600);
const START: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// Counters that are older than any window.
fn counters() -> MemoryVolatile {
    MemoryVolatile::new(Timestamp::from_seconds(0))
}

fn key(about: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key[..about.len()].copy_from_slice(about.as_bytes());
    key
}

/// A stranger's wish from a network, for an address.
fn wish(limits: &Limits, network: usize, address: usize) -> MailTries {
    MailTries {
        known_browser: None,
        network_hour: (limits.mail_network_hour, key(&format!("hour {network} {address}"))),
        everybodys: vec![
            (limits.mail_network_day, key(&format!("day {network} {address}"))),
            (limits.mail_address_day, key(&format!("address {address}"))),
            (limits.mail_overall, key("overall")),
        ],
        addresses: Some((limits.mail_network_addresses, key(&format!("addresses {network}")))),
        reserve: Vec::new(),
    }
}

fn reset(limits: &Limits, network: usize, address: usize) -> MailTries {
    let reserve = vec![
        (limits.mail_reset_reserve, key(&format!("reserve {address}"))),
        (limits.mail_reset_reserve_network, key(&format!("reserve of network {network}"))),
    ];
    MailTries { reserve, ..wish(limits, network, address) }
}

/// How many of 1,000 wishes are granted.
async fn granted(counters: &MemoryVolatile, now: Timestamp, wish: impl Fn(usize) -> MailTries) -> usize {
    let mut granted = 0;
    for number in 0..1_000 {
        granted += usize::from(wish(number).take(counters, now).await.unwrap().is_ok());
    }
    granted
}

#[tokio::test]
async fn an_address_gets_three_mails_an_hour_and_six_a_day_from_one_network() {
    let (counters, limits) = (counters(), Limits::default());
    for (hours, expected) in [(0, 3), (1, 3), (2, 0), (23, 0), (24, 3)] {
        let now = START.plus(hours * HOUR);
        assert_eq!(granted(&counters, now, |_| wish(&limits, 1, 1)).await, expected, "after {hours} h");
    }
}

#[tokio::test]
async fn an_address_gets_thirty_mails_a_day_from_everywhere() {
    let (counters, limits) = (counters(), Limits::default());
    assert_eq!(granted(&counters, START, |number| wish(&limits, number, 1)).await, 30);
    assert_eq!(granted(&counters, START, |_| wish(&limits, 1, 2)).await, 3, "others are not touched");
}

#[tokio::test]
async fn a_network_writes_to_twenty_addresses_an_hour_and_may_write_to_each_again() {
    let (counters, limits) = (counters(), Limits::default());
    assert_eq!(granted(&counters, START, |number| wish(&limits, 1, number)).await, 20);
    assert_eq!(granted(&counters, START, |number| wish(&limits, 1, number % 20)).await, 40, "two more for each");
    assert_eq!(granted(&counters, START, |_| wish(&limits, 1, 999)).await, 0);
    assert_eq!(granted(&counters, START, |_| wish(&limits, 2, 999)).await, 3, "what was refused is not counted");
}

/// Of several at once for a new address only one is its first mail, but each is one more address until it has counted.
#[tokio::test]
async fn a_network_that_asks_several_times_at_once_writes_to_no_further_address() {
    let (counters, limits) = (counters(), Limits::default());
    let (twice, left) = ([wish(&limits, 1, 0), wish(&limits, 1, 0)], limits.mail_network_addresses.max as usize - 1);
    let both = futures::future::join_all(twice.iter().map(|wish| wish.take(&counters, START))).await;
    assert!(both.into_iter().all(|taken| taken.unwrap().is_ok()));
    assert_eq!(granted(&counters, START, |number| wish(&limits, 1, number + 1)).await, left, "both are one address");
    let refused = [wish(&limits, 1, 999), wish(&limits, 1, 999), wish(&limits, 1, 999)];
    let all = futures::future::join_all(refused.iter().map(|wish| wish.take(&counters, START))).await;
    for taken in all {
        assert_eq!(taken.unwrap().unwrap_err().limit, "mail-network-addresses");
    }
    assert_eq!(granted(&counters, START, |_| wish(&limits, 1, 999)).await, 0, "nor one after the other");
}

#[tokio::test]
async fn all_mails_together_have_a_limit() {
    let mut limits = Limits::default();
    limits.mail_overall.max = 50;
    let counters = counters();
    assert_eq!(granted(&counters, START, |number| wish(&limits, number, number)).await, 50);
}

#[tokio::test]
async fn a_reset_is_kept_whichever_limit_strangers_reached() {
    let limits = Limits { mail_overall: Limit { max: 50, ..Limits::default().mail_overall }, ..Limits::default() };
    type Wish = fn(&Limits, usize) -> MailTries;
    let strangers: [(&str, Wish); 4] = [
        ("one network", |limits, _| wish(limits, 1, 1)),
        ("many networks", |limits, number| wish(limits, number, 1)),
        ("one network over many addresses", |limits, number| wish(limits, 1, number + 2)),
        ("all", |limits, number| wish(limits, number, number + 2)),
    ];
    for (who, stranger) in strangers {
        let counters = counters();
        granted(&counters, START, |number| stranger(&limits, number)).await;
        assert_eq!(granted(&counters, START, |_| wish(&limits, 1, 1)).await, 0, "{who}");
        assert_eq!(granted(&counters, START, |_| reset(&limits, 1, 1)).await, 1, "{who}");
        let full = reset(&limits, 1, 1).take(&counters, START).await.unwrap();
        let reached = LimitReached { limit: "mail-reset-reserve", until: START.plus(HOUR) };
        assert_eq!(full, Err(reached), "{who}");
        assert!(reset(&limits, 1, 1).take(&counters, START.plus(HOUR)).await.unwrap().is_ok(), "{who}");
    }
}

#[tokio::test]
async fn a_network_has_resets_mailed_to_so_many_addresses_and_no_more() {
    let (counters, limits) = (counters(), Limits::default());
    assert_eq!(granted(&counters, START, |number| reset(&limits, 1, number)).await, 40, "twenty, and the reserve");
    let refused = reset(&limits, 1, 1_001).take(&counters, START).await.unwrap().unwrap_err();
    assert_eq!(refused.limit, "mail-reset-reserve-network");
    assert_eq!(granted(&counters, START, |_| reset(&limits, 2, 1_001)).await, 4, "what was refused is not counted");
}

#[tokio::test]
async fn a_known_browser_has_an_allowance_that_strangers_cannot_use_up() {
    let (counters, limits) = (counters(), Limits::default());
    granted(&counters, START, |number| wish(&limits, number, 1)).await;
    let own = |_| MailTries { known_browser: Some((limits.mail_known_browser, key("own"))), ..wish(&limits, 1, 1) };
    assert_eq!(granted(&counters, START, own).await, 6);
}

#[tokio::test]
async fn half_is_allowed_for_one_window_after_the_counters_were_lost() {
    let (counters, limits) = (MemoryVolatile::new(START), Limits::default());
    assert_eq!(granted(&counters, START, |_| wish(&limits, 1, 1)).await, 2);
    assert_eq!(granted(&counters, START.plus(HOUR), |_| wish(&limits, 1, 1)).await, 1, "three in the first day");
}
