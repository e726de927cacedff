//! Every metric, declared once: its kind, its labels, what it tells. Tests hold the code, the dashboard, the alert rules and
//! the manual to this list.
//!
//! Names follow the conventions of Prometheus: a prefix of our own, base units, `_total` for what only rises. A label has
//! the few values that the source gives it: never anything that somebody typed, nor who it was.

use metrics::{describe_counter, describe_gauge, describe_histogram};

/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only rises, from zero at the start of the process.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Observations, counted by size.
    Histogram,
}

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub help: &'static str,
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, labels, help }
}

/// The metric that is always 1.
pub const BUILD_INFO: &str = "chancery_build_info";

/// All of them, by name.
pub const METRICS: &[Metric] = &[
    gauge("chancery_api_held_requests", &[], "Requests of applications that wait for changes."),
    counter("chancery_api_problems_total", &["kind"], "Requests of applications that were answered with a problem."),
    histogram("chancery_append_batch_commands", &[], "Commands that went to the log in one transaction."),
    gauge("chancery_append_queue_depth", &[], "Commands that wait to be appended."),
    counter("chancery_appends_total", &[], "Commands that were handed to the log."),
    gauge(BUILD_INFO, &["version"], "Always 1; the label tells which version runs."),
    counter(
        "chancery_campaign_accounts_total",
        &["stage"],
        "Accounts that were taken into a stage of the end of codes by SMS.",
    ),
    gauge("chancery_clock_skew_seconds", &[], "How far this node's clock is from the database's."),
    counter("chancery_commands_total", &["command", "aggregate"], "Commands that led to events."),
    gauge(
        "chancery_destroyed_keys_unwritten",
        &[],
        "Keys that are destroyed and wait to be written to the ledger, which cannot be written.",
    ),
    counter(
        "chancery_feed_gaps_total",
        &["job"],
        "Times that NATS lacked what a job needed and the log was read instead.",
    ),
    counter("chancery_feed_poisoned_total", &["job"], "Messages on the stream that are not what the log has there."),
    gauge("chancery_feed_waits", &["job"], "Whether NATS does not feed the job: 1 if so."),
    histogram(
        "chancery_http_request_duration_seconds",
        &["route"],
        "Time from a request's arrival to its answer's head.",
    ),
    counter(
        "chancery_http_requests_total",
        &["method", "route", "status"],
        "Requests that were answered, probes apart.",
    ),
    gauge("chancery_job_behind_events", &["job"], "Events after the one that the job has come to."),
    gauge("chancery_job_dead", &["job"], "Items that wait for somebody to look at them."),
    counter(
        "chancery_job_errors_total",
        &["job"],
        "Times that a job could not read the log or act, for no item's fault.",
    ),
    gauge("chancery_job_late", &["job"], "Items that should have been done ten minutes ago."),
    gauge("chancery_job_waiting", &["job"], "Items that wait for their time or their turn."),
    counter("chancery_jobs_total", &["job", "outcome"], "Tries of items, by what became of them."),
    counter("chancery_limits_reached_total", &["limit"], "Requests that met a limit."),
    gauge("chancery_log_position", &[], "Position of the newest event, as this node saw it last."),
    counter("chancery_mails_total", &["outcome"], "Mails, by what the mail server said."),
    gauge("chancery_nats_connected", &[], "Whether NATS is there: 1 if so."),
    counter("chancery_nats_slow_total", &[], "Times that messages came faster than they were taken."),
    counter(
        "chancery_password_hash_jobs_total",
        &["outcome"],
        "Passwords that were to be hashed, by what became of them.",
    ),
    gauge("chancery_password_hash_queue_depth", &[], "Passwords that wait to be hashed."),
    histogram("chancery_password_hash_wait_seconds", &[], "Time that a password waited to be hashed."),
    counter("chancery_projection_errors_total", &["projection"], "Times that a read model halted."),
    gauge("chancery_projection_position", &["projection"], "Position that a read model has come to."),
    counter("chancery_pushes_total", &["outcome"], "Messages that wake apps, by what the push service said."),
    gauge("chancery_ready", &[], "Whether this node may decide: 1 if its database, history, keys and clock are right."),
    counter("chancery_relay_errors_total", &["reason"], "Times that the relay could not go on."),
    counter(
        "chancery_relay_generations_total",
        &["why"],
        "New generations of the stream, by what was wrong with the old one.",
    ),
    gauge("chancery_relay_position", &[], "Position up to which the stream has the log."),
    gauge(
        "chancery_relay_stopped",
        &[],
        "Whether the relay stopped because stream and log tell different histories: 1 if so.",
    ),
    counter("chancery_sign_ins_total", &["outcome"], "Tries to sign in."),
    counter("chancery_sms_total", &["outcome"], "Messages to telephones, by what the gateway said."),
    gauge("chancery_timer_stopped", &["timer"], "Whether an irreversible timer stopped above its rate: 1 if so."),
    counter(
        "chancery_trace_spans_total",
        &["outcome"],
        "Spans for the collector: sent, failed, or dropped since the queue was full.",
    ),
    counter("chancery_unknown_events_total", &[], "Times that this build met an event that only a newer one knows."),
    counter(
        "chancery_unseen_failures_total",
        &["what"],
        "Requests that led to nothing though their page could not say so.",
    ),
];

/// Tells the recorder what each of them means.
pub(super) fn describe() {
    for Metric { name, kind, help, .. } in METRICS {
        match kind {
            Kind::Counter => describe_counter!(*name, *help),
            Kind::Gauge => describe_gauge!(*name, *help),
            Kind::Histogram => describe_histogram!(*name, *help),
        }
    }
    metrics::gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// The metrics that the source records, with the labels that it gives them.
    fn recorded(folder: &Path, found: &mut BTreeMap<String, BTreeSet<String>>) {
        for entry in std::fs::read_dir(folder).expect("a folder of the source") {
            let path = entry.expect("an entry").path();
            if path.ends_with("tests") || path.ends_with("tests.rs") {
                continue;
            }
            if path.is_dir() {
                recorded(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("source");
                let text = text.split("\nmod tests {").next().unwrap_or_default();
                let names: BTreeMap<&str, &str> = text.split("const ").skip(1).filter_map(constant).collect();
                for call in ["counter!(", "gauge!(", "histogram!("].iter().flat_map(|call| text.split(call).skip(1)) {
                    let arguments: Vec<&str> = within(call).split(',').collect();
                    let name = arguments[0].trim();
                    let name = names.get(name).copied().unwrap_or(name).trim_matches('"');
                    let labels = arguments.iter().filter_map(|argument| argument.split_once("=>"));
                    let labels = labels.map(|(label, _)| label.trim().trim_matches('"').to_owned());
                    found.entry(name.to_owned()).or_default().extend(labels);
                }
            }
        }
    }

    /// What stands before the parenthesis that closes the call.
    fn within(call: &str) -> &str {
        let mut open = 1;
        let end = call.find(|letter| {
            open += i32::from(letter == '(') - i32::from(letter == ')');
            open == 0
        });
        &call[..end.unwrap_or(call.len())]
    }

    /// A constant's name and text.
    fn constant(text: &str) -> Option<(&str, &str)> {
        let (name, rest) = text.split_once(": &str = \"")?;
        Some((name, rest.split_once('"')?.0))
    }

    #[test]
    fn every_metric_that_is_recorded_stands_in_the_list_and_the_other_way_round() {
        let mut found = BTreeMap::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for member in ["eventstore", "projections", "service", "workers", "api", "chancery"] {
            recorded(&root.join(member).join("src"), &mut found);
        }
        // The loop that describes them.
        found.remove("*name");
        let listed: BTreeMap<String, BTreeSet<String>> = METRICS
            .iter()
            .map(|metric| (metric.name.to_owned(), metric.labels.iter().map(ToString::to_string).collect()))
            .collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn names_follow_the_conventions() {
        let names: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
        assert!(names.is_sorted(), "by name: {names:?}");
        for Metric { name, kind, help, .. } in METRICS {
            assert!(name.starts_with("chancery_") && help.ends_with('.'), "{name}: {help}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            let abbreviated = ["_ms", "_millis", "_kb", "_mb", "_secs", "_count", "_sum", "_bucket"];
            assert!(!abbreviated.iter().any(|end| name.ends_with(end)), "{name}");
        }
    }

    /// The metrics that a text names, without what histograms append.
    fn named(text: &str) -> BTreeSet<&str> {
        let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        let words = text.split(|letter| !is_part(letter)).filter(|word| word.starts_with("chancery_"));
        words.map(|word| word.strip_suffix("_bucket").unwrap_or(word)).collect()
    }

    /// The names of labels that an expression matches or groups by.
    fn labels(expression: &str) -> BTreeSet<&str> {
        let between = |open: &'static str, close: char| {
            expression.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
        };
        let matched = between("{", '}').flat_map(|within| within.split(','));
        let matched = matched.filter_map(|matcher| matcher.split(['=', '!']).next());
        let grouped = between("by (", ')').flat_map(|within| within.split(','));
        matched.chain(grouped).map(str::trim).filter(|label| !label.is_empty()).collect()
    }

    #[test]
    fn dashboard_alert_rules_and_manual_speak_of_metrics_that_exist() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let text = |path: &str| std::fs::read_to_string(docs.join(path)).expect(path);
        let listed: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
        for path in ["monitoring/alerts.yml", "alerts.md", "operate.md"] {
            let text = text(path);
            let roles = ["chancery_owner", "chancery_service"];
            let unknown: Vec<&str> =
                named(&text).into_iter().filter(|name| !roles.contains(name) && !listed.contains(name)).collect();
            assert_eq!(unknown, [""; 0], "{path}");
        }

        let dashboard: serde_json::Value = serde_json::from_str(&text("monitoring/chancery.json")).expect("JSON");
        let targets =
            dashboard["panels"].as_array().expect("panels").iter().filter_map(|panel| panel["targets"].as_array());
        let expressions: Vec<&str> = targets.flatten().map(|target| target["expr"].as_str().expect("PromQL")).collect();
        let mut shown = BTreeSet::new();
        for expression in &expressions {
            let names = named(expression);
            let own = METRICS.iter().filter(|metric| names.contains(metric.name)).flat_map(|metric| metric.labels);
            let known: BTreeSet<&str> = own.copied().chain(["instance", "le"]).collect();
            assert!(labels(expression).is_subset(&known), "{expression}: {known:?}");
            shown.extend(names);
        }
        assert_eq!(shown, listed, "the dashboard shows every metric and no other");
    }
}
