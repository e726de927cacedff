//! The table of a section, printed and kept in `docs/speed.md` between that section's markers.

use std::fmt;
use std::fs;
use std::time::Duration;

use chancery_tests::{environment, speed};

/// One measured ratio.
#[derive(Clone, Debug)]
pub struct Line {
    /// What was measured.
    pub what: String,
    /// Its median, with unit.
    pub measured: String,
    /// The median of what it is compared with, with unit.
    pub beside: String,
    /// The median of the repetitions' ratios; above 1 is better than what stands beside it.
    pub ratio: f64,
    /// Below this the line fails; `None` for a line that is only shown.
    pub floor: Option<f64>,
    /// What the best would reach.
    pub aim: Option<f64>,
}

/// A section's lines.
#[derive(Clone, Debug)]
pub struct Table {
    /// What all lines have in common.
    pub heading: String,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Table {
    /// Whether a line missed its floor.
    pub fn is_below_floor(&self) -> bool {
        self.lines.iter().any(|line| line.floor.is_some_and(|floor| line.ratio < floor))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = |limit: Option<f64>| limit.map_or_else(|| "–".to_owned(), |limit| format!("{limit}"));
        writeln!(f, "{}\n", self.heading)?;
        writeln!(f, "| What | Measured | Beside | Ratio | Floor | Aim |\n|---|---|---|---|---|---|")?;
        for Line { what, measured, beside, ratio, floor, aim } in &self.lines {
            let (floor, aim) = (limit(*floor), limit(*aim));
            writeln!(f, "| {what} | {measured} | {beside} | {ratio:.2} | {floor} | {aim} |")?;
        }
        Ok(())
    }
}

/// Replaces what stands between the section's markers, or adds the section at the end.
pub fn write(section: &str, table: &Table) {
    let path = environment::repository().join("docs/speed.md");
    let (begin, end) = (speed::begin(section), speed::end(section));
    let page = fs::read_to_string(&path).unwrap_or_else(|_| "# Speed\n\nWritten by `tests/bench`.\n".to_owned());
    let (before, after) = match (page.split_once(&begin), page.split_once(&end)) {
        (Some((before, _)), Some((_, after))) => (before.to_owned(), after.to_owned()),
        _ => (format!("{page}\n"), String::new()),
    };
    fs::write(&path, format!("{before}{begin}{table}{end}{after}")).expect("docs/speed.md is written");
}

/// A time beside the one that is allowed, both limits in milliseconds.
pub fn allowed(what: &str, measured: Duration, floor: f64, aim: f64) -> Line {
    let milliseconds = measured.as_secs_f64() * 1000.0;
    Line {
        what: what.to_owned(),
        measured: format!("{milliseconds:.1} ms"),
        beside: format!("{floor} ms allowed"),
        ratio: floor / milliseconds,
        floor: Some(1.0),
        aim: Some((floor / aim * 10.0).round() / 10.0),
    }
}

/// The median of some numbers.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    if numbers.len() % 2 == 1 { numbers[middle] } else { (numbers[middle - 1] + numbers[middle]) / 2.0 }
}

/// The time within which that part of all times lie.
pub fn percentile(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    let index = ((times.len() as f64 - 1.0) * part).ceil() as usize;
    times[index.min(times.len() - 1)]
}
