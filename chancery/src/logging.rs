//! Where log lines go and how they look.
//!
//! Of other crates only warnings and errors are logged, whatever the level: their finer messages repeat what they
//! carry (a mail's recipient, a page's address), and logs hold no personal data.

use std::io::{IsTerminal, stderr};
use std::panic::PanicHookInfo;

use chancery_service::trace;
use opentelemetry_sdk::trace::SdkTracer;
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{Registry, fmt};

use crate::error::CommandError;
use crate::settings::{LogFormat, LogLevel};

/// What the names of all of Chancery's own crates begin with.
const OWN: &str = "chancery";

/// Begins to log to standard error, panics included, and to trace, where there is a tracer.
///
/// # Errors
/// The process logs already.
pub fn install(format: LogFormat, level: LogLevel, tracer: Option<SdkTracer>) -> Result<(), CommandError> {
    tracing::dispatcher::set_global_default(dispatch(format, level, stderr().is_terminal(), stderr, tracer))
        .map_err(|error| CommandError::failure("cannot begin to log").because(error))?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn dispatch<W>(format: LogFormat, level: LogLevel, colours: bool, writer: W, tracer: Option<SdkTracer>) -> Dispatch
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = match format {
        LogFormat::Text => fmt::layer().with_ansi(colours).with_writer(writer).boxed(),
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(writer)
            .boxed(),
    };
    // Beside its spans a trace has what was warned of while they lasted, with the words of the log.
    let in_traces = |data: &tracing::Metadata<'_>| {
        if data.is_span() {
            return data.target() == trace::TARGET;
        }
        data.target().starts_with(OWN) && *data.level() <= tracing::Level::WARN
    };
    let logging = Registry::default().with(layer.with_filter(filter(level)));
    // Without a tracer there is no layer either, so that its spans cost nothing.
    match tracer {
        None => Dispatch::new(logging),
        Some(tracer) => {
            let layer = tracing_opentelemetry::layer().with_tracer(tracer);
            let layer = layer.with_location(false).with_threads(false).with_tracked_inactivity(false);
            Dispatch::new(logging.with(layer.with_filter(filter_fn(in_traces))))
        }
    }
}

fn filter(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let all = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(OWN, level);
    all.with_target(trace::TARGET, LevelFilter::OFF)
}

/// A panic's own words may repeat the value that it stumbled on, unless they are a literal of the source.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let words =
        panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("its message may hold data, not shown");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, words, "a bug in Chancery: a task panicked");
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, level: LogLevel, log: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::dispatcher::with_default(&dispatch(format, level, false, move || writer.clone(), None), log);
        let bytes = lines.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn json_is_one_object_a_line_with_the_request_it_belongs_to() {
        let text = logged(LogFormat::Json, LogLevel::Info, || {
            let _span = tracing::info_span!(target: "chancery_api", "request", id = "r1").entered();
            tracing::info!(target: "chancery_api", status = 200, "answered\nwell");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "answered\nwell");
        assert_eq!(line["status"], 200);
        assert_eq!(line["span"]["id"], "r1");
    }

    #[test]
    fn other_crates_are_heard_only_when_they_warn() {
        let text = logged(LogFormat::Text, LogLevel::Trace, || {
            tracing::trace!(target: "chancery_domain::account", "own trace");
            tracing::debug!(target: "lettre", "RCPT TO:<secret@example.org>");
            tracing::info!(target: "sqlx::query", "info of another");
            tracing::warn!(target: "sqlx::query", "slow statement");
        });
        assert!(text.contains("own trace") && text.contains("slow statement"), "{text}");
        assert!(!text.contains("secret@example.org") && !text.contains("info of another"), "{text}");
    }

    #[test]
    fn a_level_silences_what_is_finer() {
        let text = logged(LogFormat::Text, LogLevel::Error, || {
            tracing::warn!(target: "chancery", "a warning");
            tracing::warn!(target: "sqlx", "another's warning");
            tracing::error!(target: "chancery", "an error");
        });
        assert!(text.contains("an error") && !text.contains("warning"), "{text}");
    }
}
