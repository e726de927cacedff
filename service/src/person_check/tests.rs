//! Challenges are solved as a browser solves them: by trying numbers from 0 on.

use aws_lc_rs::digest;
use chancery_domain::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::ports::{Clock, DrivenClock, ScriptedRandom, SeededRandom};

const FORM: &[u8] = b"a form's command id";
const SMALL: PersonCheckSettings = PersonCheckSettings {
    base_cost: 1_000,
    highest_cost: 8_000,
    doubling: 5,
    wait: Duration::from_secs(5),
    validity: Duration::from_secs(3_600),
};

fn check() -> PersonCheck {
    PersonCheck::new(SecretKey::from_bytes([7; 32]), SMALL)
}

fn sha256_hex(text: &str) -> String {
    data_encoding::HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// What the page's script does.
fn solve(challenge: &str) -> Option<u64> {
    let challenge: Value = serde_json::from_str(challenge).unwrap();
    let salt = challenge["salt"].as_str().unwrap();
    (0..=challenge["maxnumber"].as_u64().unwrap())
        .find(|number| sha256_hex(&format!("{salt}{number}")) == challenge["challenge"].as_str().unwrap())
}

#[test]
fn a_solved_challenge_passes_for_its_form_until_it_expires() {
    let (check, clock, random) = (check(), DrivenClock::default(), SeededRandom::new(1));
    let challenge = check.challenge(FORM, 0, clock.now(), &random).to_json();
    let number = solve(&challenge).unwrap().to_string();
    let verify = |form| check.verify(&challenge, &number, form, clock.now());
    assert_eq!(verify(FORM), Ok(()));
    assert_eq!(verify(b"another form"), Err(CheckRefused::NotThisForm));
    clock.advance(SMALL.validity - Duration::from_micros(1));
    assert_eq!(verify(FORM), Ok(()));
    clock.advance(Duration::from_micros(1));
    assert_eq!(verify(FORM), Err(CheckRefused::Expired));
}

#[test]
fn the_page_gets_the_fields_that_altcha_names() {
    let challenge = check().challenge(FORM, 0, DrivenClock::default().now(), &SeededRandom::new(1)).to_json();
    let fields: Value = serde_json::from_str(&challenge).unwrap();
    assert_eq!(fields["algorithm"], "SHA-256");
    assert_eq!(fields["maxnumber"], 1_000);
    assert_eq!(fields["challenge"].as_str().unwrap().len(), 64);
    assert_eq!(fields["signature"].as_str().unwrap().len(), 64);
    assert!(fields["salt"].as_str().unwrap().contains("?expires=1767229200&cost=1000&form="));
    assert_eq!(fields.as_object().unwrap().len(), 5);
    assert!(!challenge.contains("command id"), "the command id itself is no part of it");
}

#[test]
fn a_number_that_is_no_solution_is_refused() {
    let (check, now) = (check(), DrivenClock::default().now());
    let challenge = check.challenge(FORM, 0, now, &SeededRandom::new(1)).to_json();
    let number = solve(&challenge).unwrap();
    let long = "1".repeat(100_000);
    let spelled = [format!("0{number}"), format!("+{number}"), format!("{number} "), format!("{number}.0")];
    let wrong = [(number + 1).to_string(), "-1".into(), String::new(), "x".into(), "٣".into(), long];
    for number in spelled.iter().chain(&wrong) {
        assert_eq!(check.verify(&challenge, number, FORM, now), Err(CheckRefused::Wrong), "{number}");
    }
}

#[test]
fn no_field_can_be_changed() {
    let (check, now) = (check(), DrivenClock::default().now());
    let issued = check.challenge(FORM, 0, now, &SeededRandom::new(1)).to_json();
    let solution = solve(&issued).unwrap();
    let verify = |fields: &Value, number: u64| check.verify(&fields.to_string(), &number.to_string(), FORM, now);
    let fields: Value = serde_json::from_str(&issued).unwrap();
    assert_eq!(verify(&fields, solution), Ok(()));

    let salt = fields["salt"].as_str().unwrap();
    for (field, value) in [
        ("algorithm", json!("SHA-1")),
        ("algorithm", json!("sha-256")),
        ("maxnumber", json!(10)),
        ("maxnumber", json!(1_001)),
        ("maxnumber", json!(-1)),
        ("maxnumber", json!("1000")),
        ("challenge", json!(fields["challenge"].as_str().unwrap().to_uppercase())),
        ("salt", json!(salt.replace("expires=1", "expires=9"))),
        ("salt", json!(salt.replace("cost=1000", "cost=1"))),
        ("salt", json!(salt.replace("form=", "form=0"))),
        ("salt", json!(format!("{salt}x"))),
        ("signature", json!("0".repeat(64))),
        ("signature", json!("")),
        ("signature", json!(fields["signature"].as_str().unwrap()[..62])),
        ("extra", json!(1)),
    ] {
        let mut changed = fields.clone();
        changed[field] = value.clone();
        assert_eq!(verify(&changed, solution), Err(CheckRefused::Wrong), "{field} = {value}");
    }
    for field in ["algorithm", "challenge", "maxnumber", "salt", "signature"] {
        let mut without = fields.clone();
        without.as_object_mut().unwrap().remove(field);
        assert_eq!(verify(&without, solution), Err(CheckRefused::Wrong), "without {field}");
    }
    // A challenge of the sender's own, with its solution.
    let mut own = fields.clone();
    own["challenge"] = json!(sha256_hex(&format!("{salt}1")));
    assert_eq!(verify(&own, 1), Err(CheckRefused::Wrong));
    // The end of the salt moved into the number: the hash is the same, the fields are not.
    let (start, end) = salt.split_at(salt.len() - 1);
    let mut spliced = fields.clone();
    spliced["salt"] = json!(start);
    let number = format!("{end}{solution}");
    assert_eq!(check.verify(&spliced.to_string(), &number, FORM, now), Err(CheckRefused::Wrong));
}

#[test]
fn another_services_challenge_is_refused() {
    let now = DrivenClock::default().now();
    let other = PersonCheck::new(SecretKey::from_bytes([8; 32]), SMALL);
    let challenge = other.challenge(FORM, 0, now, &SeededRandom::new(1)).to_json();
    let number = solve(&challenge).unwrap().to_string();
    assert_eq!(check().verify(&challenge, &number, FORM, now), Err(CheckRefused::Wrong));
}

#[test]
fn what_is_long_or_broken_is_refused_unread() {
    let (check, now) = (check(), DrivenClock::default().now());
    let issued = check.challenge(FORM, 0, now, &SeededRandom::new(1)).to_json();
    let number = solve(&issued).unwrap().to_string();
    let padded = format!("{issued}{}", " ".repeat(1_024));
    let nested = "[".repeat(1_000);
    for broken in ["", "null", "[]", "{}", "\0", nested.as_str(), padded.as_str(), &issued[..issued.len() - 1]] {
        assert_eq!(check.verify(broken, &number, FORM, now), Err(CheckRefused::Wrong), "{broken}");
    }
}

#[test]
fn the_cost_doubles_with_the_load_up_to_its_bound() {
    let costs =
        |settings: PersonCheckSettings| [0, 4, 5, 9, 10, 15, 20, 1_000, u32::MAX].map(|load| settings.cost(load));
    assert_eq!(costs(SMALL), [1_000, 1_000, 2_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
    let extreme = PersonCheckSettings { base_cost: u32::MAX, highest_cost: 0, doubling: 0, ..SMALL };
    assert_eq!(costs(extreme), [u32::MAX; 9]);
    let waits = [0, 5, 20, 25, u32::MAX].map(|load| SMALL.wait(load).as_secs());
    assert_eq!(waits, [5, 10, 80, 80, 80]);
}

/// The mean of the solutions is half the bound, and the bound itself can be one.
#[test]
fn a_browser_tries_half_of_the_numbers_on_average() {
    let (check, now, random) = (check(), DrivenClock::default().now(), SeededRandom::new(1));
    for (load, cost) in [(0_u32, 1_000_u64), (5, 2_000)] {
        let solutions: Vec<_> =
            (0..60).map(|_| solve(&check.challenge(FORM, load, now, &random).to_json()).unwrap()).collect();
        let mean = solutions.iter().sum::<u64>() / 60;
        // Drawn from one seed: either it holds in every run or in none.
        assert!((cost * 4 / 10..=cost * 6 / 10).contains(&mean), "{mean} of {cost}");
    }
    for (drawn, solution) in [(0_u64, 0), (1_000, 1_000), (1_001, 0)] {
        let random = ScriptedRandom::new(drawn.to_be_bytes());
        assert_eq!(solve(&check.challenge(FORM, 0, now, &random).to_json()), Some(solution));
    }
}

#[test]
fn a_wait_ticket_passes_after_its_wait_and_before_its_expiry() {
    let (check, clock) = (check(), DrivenClock::default());
    let ticket = check.wait_ticket(FORM, check.wait(5), clock.now());
    assert_eq!(ticket.ready(), clock.now().plus(Duration::from_secs(10)));
    let ticket = ticket.to_string();
    let verify = |form| check.verify_wait(&ticket, form, clock.now());
    assert_eq!(verify(FORM), Err(CheckRefused::TooEarly { wait: Duration::from_secs(10) }));
    clock.advance(Duration::from_micros(9_999_999));
    assert_eq!(verify(FORM), Err(CheckRefused::TooEarly { wait: Duration::from_micros(1) }));
    clock.advance(Duration::from_micros(1));
    assert_eq!(verify(FORM), Ok(Duration::from_secs(10)), "so long ago it was issued");
    assert_eq!(verify(b"another form"), Err(CheckRefused::NotThisForm));
    clock.advance(SMALL.validity);
    assert_eq!(verify(FORM), Err(CheckRefused::Expired));
}

#[test]
fn no_part_of_a_ticket_can_be_changed() {
    let (check, clock) = (check(), DrivenClock::default());
    let ticket = check.wait_ticket(FORM, check.wait(0), clock.now()).to_string();
    let parts: Vec<_> = ticket.split('.').collect();
    let now = clock.now().plus(Duration::from_secs(6));
    assert!(check.verify_wait(&ticket, FORM, now).is_ok());
    let earlier = clock.now().micros().to_string();
    let later = (clock.now().micros() * 2).to_string();
    let join = |parts: [&str; 4]| parts.join(".");
    for changed in [
        join([&earlier, parts[1], parts[2], parts[3]]),
        join([parts[0], &later, parts[2], parts[3]]),
        join([parts[0], parts[1], &"0".repeat(32), parts[3]]),
        join([parts[0], parts[1], parts[2], &"0".repeat(64)]),
        join([&format!("+{}", parts[0]), parts[1], parts[2], parts[3]]),
        join([&format!("0{}", parts[0]), parts[1], parts[2], parts[3]]),
        format!("{ticket}.x"),
        format!("{ticket}{}", " ".repeat(300)),
        parts[..3].join("."),
        String::new(),
    ] {
        assert_eq!(check.verify_wait(&changed, FORM, now), Err(CheckRefused::Wrong), "{changed}");
    }
    let other = PersonCheck::new(SecretKey::from_bytes([8; 32]), SMALL);
    assert_eq!(other.verify_wait(&ticket, FORM, now), Err(CheckRefused::Wrong));
}

proptest! {
    /// Whatever is sent, the answer is a refusal and never a panic.
    #[test]
    fn arbitrary_text_is_refused(challenge in ".{0,300}", number in ".{0,20}", ticket in "[0-9a-f.+-]{0,200}") {
        let now = DrivenClock::default().now();
        prop_assert_eq!(check().verify(&challenge, &number, FORM, now), Err(CheckRefused::Wrong));
        prop_assert_eq!(check().verify_wait(&ticket, FORM, now), Err(CheckRefused::Wrong));
        prop_assert_eq!(check().verify_wait(&challenge, FORM, Timestamp(i64::MAX)), Err(CheckRefused::Wrong));
    }
}
