//! What one request leads to, as one trace.
//!
//! The trace of a correlation has the correlation's own sixteen bytes for its id, and the span of the request that began
//! it has the last eight of them: whoever carries the correlation on (the job that acts on an event, in whichever process)
//! finds the trace without a word about it in the log. Where nobody collects traces, all of this does nothing.
//!
//! Spans hold names of the source (routes, commands, jobs, kinds of mails), positions, counts and correlations, and never
//! what somebody typed or who it was.

use std::cell::Cell;

use chancery_eventstore::EventRow;
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, global};
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

/// The target of the spans of traces. Log lines do not have them: they have the span of their request or job, which traces
/// do not.
pub const TARGET: &str = "traced";

thread_local! {
    /// The correlation whose trace is being begun on this thread.
    static BEGUN: Cell<Option<Uuid>> = const { Cell::new(None) };
}

/// The ids of the span that is being begun, for the generator of ids; `None` for any other span.
#[must_use]
pub fn begun() -> Option<(TraceId, SpanId)> {
    BEGUN.get().map(|correlation| (trace_id(correlation), span_id(correlation)))
}

/// The span of a request, which begins its correlation's trace. `traceparent` is what the client sent by that name (W3C
/// Trace Context): a link leads to the foreign span, but its trace is not gone on with, since anybody may send one, and no
/// `tracestate` is looked at.
#[must_use]
pub fn request(correlation: Uuid, method: &'static str, route: &str, traceparent: Option<&str>) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        chancery.correlation_id = %correlation,
    );
    if let Some(sent) = traceparent {
        let sent = global::get_text_map_propagator(|propagator| propagator.extract(&Sent(sent)));
        // One that is not valid is no link.
        span.add_link(sent.span().span_context().clone());
    }
    begin(&span, correlation);
    span
}

/// Makes the span the first one of its correlation's trace.
fn begin(span: &Span, correlation: Uuid) {
    BEGUN.set(Some(correlation));
    // Asking for the context starts the span, on this thread.
    let _ = span.context();
    BEGUN.set(None);
}

/// Notes how a request was answered.
pub fn answered(request: &Span, status: u16) {
    request.record("http.response.status_code", status);
    if status >= 500 {
        request.record("otel.status_code", "ERROR");
    }
}

/// The span of a command that is appended to the log, within the request or job that asks for it. What the service does by
/// itself (propose a policy, destroy a month's key) has none around it, and begins its correlation's trace.
#[must_use]
pub fn command(name: &'static str, aggregate: &'static str, correlation: Uuid, events: usize) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "command",
        otel.name = format!("{aggregate} {name}"),
        otel.status_code = Empty,
        chancery.command = name,
        chancery.aggregate = aggregate,
        chancery.correlation_id = %correlation,
        chancery.event.count = events,
        chancery.event.position = Empty,
    );
    if !Context::current().has_active_span() {
        begin(&span, correlation);
    }
    span
}

/// Notes the position of a command's last event. Its others stand right before it.
pub fn appended(command: &Span, position: i64) {
    command.record("chancery.event.position", position);
}

/// Notes that something failed.
pub fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}

/// The span of one try of a job, as a part of the trace that its event belongs to, whichever process wrote that.
#[must_use]
pub fn job(name: &'static str, row: &EventRow, attempts: u32, waited_seconds: f64) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "job",
        otel.name = format!("job {name}"),
        otel.kind = "consumer",
        otel.status_code = Empty,
        chancery.job = name,
        chancery.job.attempts = attempts,
        chancery.job.waited_seconds = waited_seconds,
        chancery.job.outcome = Empty,
        chancery.event.position = row.position.0,
        chancery.event.type = row.event_type.as_str(),
        chancery.correlation_id = %row.correlation,
    );
    let flags = TraceFlags::SAMPLED;
    let begun =
        SpanContext::new(trace_id(row.correlation), span_id(row.correlation), flags, true, TraceState::default());
    // Refused where nobody collects traces.
    let _ = span.set_parent(Context::new().with_remote_span_context(begun));
    span
}

/// Notes what became of the try.
pub fn ended(job: &Span, outcome: &'static str) {
    job.record("chancery.job.outcome", outcome);
    if matches!(outcome, "retry" | "dead") {
        failed(job);
    }
}

/// The span of a mail on its way to the mail server, within the job that sends it.
#[must_use]
pub fn mail(kind: &'static str, correlation: Uuid) -> Span {
    tracing::info_span!(
        target: TARGET,
        "mail",
        otel.name = format!("mail {kind}"),
        otel.kind = "client",
        otel.status_code = Empty,
        chancery.mail = kind,
        chancery.mail.outcome = Empty,
        chancery.correlation_id = %correlation,
    )
}

/// The span of a message on its way to the gateway, within the job that sends it.
#[must_use]
pub fn sms(correlation: Uuid) -> Span {
    tracing::info_span!(
        target: TARGET,
        "sms",
        otel.kind = "client",
        otel.status_code = Empty,
        chancery.mail.outcome = Empty,
        chancery.correlation_id = %correlation,
    )
}

/// The span of a message on its way to a push service, within the job that sends it.
#[must_use]
pub fn push(correlation: Uuid) -> Span {
    tracing::info_span!(
        target: TARGET,
        "push",
        otel.kind = "client",
        otel.status_code = Empty,
        chancery.mail.outcome = Empty,
        chancery.correlation_id = %correlation,
    )
}

/// Notes what the mail server, the gateway or the push service said: an outcome of the metric `chancery_mails_total`,
/// `chancery_sms_total` or `chancery_pushes_total`.
pub fn delivered(mail: &Span, outcome: &'static str) {
    mail.record("chancery.mail.outcome", outcome);
    if outcome != "sent" {
        failed(mail);
    }
}

/// A `traceparent`, and nothing else that a client sent.
struct Sent<'a>(&'a str);

impl Extractor for Sent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

fn trace_id(correlation: Uuid) -> TraceId {
    TraceId::from_bytes(*correlation.as_bytes())
}

/// Never all zeros for a UUID of RFC 9562: it has the variant's bits.
fn span_id(correlation: Uuid) -> SpanId {
    let mut last = [0; 8];
    last.copy_from_slice(&correlation.as_bytes()[8..]);
    SpanId::from_bytes(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_has_its_correlations_bytes() {
        let correlation = Uuid::parse_str("019342d0-5f00-7abc-8def-0123456789ab").expect("a UUID");
        assert_eq!(trace_id(correlation).to_string(), "019342d05f007abc8def0123456789ab");
        assert_eq!(span_id(correlation).to_string(), "8def0123456789ab");
    }

    #[test]
    fn only_the_span_of_a_request_has_such_ids() {
        let _ = request(Uuid::from_u128(7), "GET", "/", Some("00-1-2-03"));
        assert_eq!(begun(), None);
    }
}
