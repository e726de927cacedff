//! What a collector of traces is sent: one correlation through request, event, job and mail, in one process and in many, and
//! nothing that tells who it was. Where the collector is away, nobody else notices.

use std::process::Output;

use chancery_tests::collector::{Collector, Span};
use chancery_tests::nats::{NatsServer, until};
use chancery_tests::net::{free_port, get};
use chancery_tests::served::{Many, Served};
use chancery_tests::site::{PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;
use serde_json::Value;

const ADA: &str = "ada.of.the.trace@example.org";
const NETWORK: &str = "203.0.113.77";
const FOREIGN: &str = "0af7651916cd43dd8448eb211c80319c";

/// The spans of the registration that the form began: of its request, its command, the job because of it, the mail.
struct Registration {
    request: Span,
    command: Span,
    job: Span,
    mail: Span,
    recorded: Span,
}

fn registration(spans: &[Span]) -> Option<Registration> {
    let find = |name: &str| spans.iter().find(|span| span.name == name).cloned();
    Some(Registration {
        request: find("POST /register")?,
        command: find("account request-registration")?,
        job: find("job mail")?,
        mail: find("mail confirm-address")?,
        recorded: find("account record-link-sent")?,
    })
}

/// Every event of the log, as the auditors have it.
fn events(replayed: &Output) -> Vec<Value> {
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    String::from_utf8_lossy(&replayed.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn is_one_trace(spans: &Registration, events: &[Value]) {
    let Registration { request, command, job, mail, recorded } = spans;
    let correlation = request.attribute("chancery.correlation_id");
    assert_eq!(correlation.replace('-', ""), request.trace, "the trace has the correlation's bytes");
    for span in [command, job, mail, recorded] {
        assert_eq!(span.attribute("chancery.correlation_id"), correlation, "{span:?}");
        assert_eq!(span.trace, request.trace, "{span:?}");
    }
    let parents = [request, command, job, mail, recorded].map(|span| span.parent.as_str());
    assert_eq!(parents, ["", &request.id, &request.id, &job.id, &job.id]);
    assert_eq!([request, command, job, mail].map(|span| span.kind), [2, 1, 5, 3]);

    let of_trace: Vec<&Value> = events.iter().filter(|event| event["correlation"] == correlation).collect();
    let place = |event_type: &str| {
        let event = of_trace.iter().find(|event| event["type"] == event_type);
        let event = event.unwrap_or_else(|| panic!("no {event_type} of {correlation}: {events:#?}"));
        event["position"].as_str().unwrap().split_once('.').unwrap().1.to_owned()
    };
    assert_eq!(command.attribute("chancery.event.position"), place("account.email_link_requested"));
    assert_eq!(job.attribute("chancery.event.position"), place("account.email_link_requested"));
    assert_eq!(recorded.attribute("chancery.event.position"), place("account.email_link_sent"));
    assert_eq!(request.attribute("http.route"), "/register");
    assert_eq!(request.attribute("http.response.status_code"), "303");
    assert_eq!(job.attribute("chancery.job.outcome"), "done");
    assert_eq!(mail.attribute("chancery.mail.outcome"), "sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_correlation_goes_through_request_event_job_and_mail_and_tells_nobody_who_it_was() {
    let (sink, collector) = (SmtpSink::start().await, Collector::start().await);
    let port = free_port();
    let mut served = Served::start(&[
        "--metrics-listen",
        &format!("127.0.0.1:{port}"),
        "--otlp-endpoint",
        collector.url(),
        "--log-level",
        "error",
        "--trusted-proxies",
        "127.0.0.1/32",
        "--smtp",
        &sink.url(),
        "--mail-from",
        "no-reply@example.org",
    ]);
    assert!(get(served.port, "/health/live").starts_with("HTTP/1.1 200 "));
    let mut ada = served.person();
    ada.headers = vec![
        format!("X-Forwarded-For: {NETWORK}"),
        "User-Agent: Lovelace-Browser/7".to_owned(),
        format!("traceparent: 00-{FOREIGN}-b7ad6b7169203331-01"),
        "tracestate: vendor=Kingova".to_owned(),
        "baggage: name=Kingova".to_owned(),
    ];
    assert_eq!(ada.register("Augusta", "Kingova", ADA), "/check-mail");
    let mail = sink.mail_to(ADA).await;
    let (link, code) = (mail.path(), mail.code());
    ada.get(&format!("{link}?typed=Kingova"));
    assert_eq!(ada.follow_link(&link), "/account?done=welcome");
    let session = ada.cookies["chancery-session"].clone();
    let form = form_of(&ada.get("/account"), "/sign-out");
    ada.submit(&form);
    ada.sign_in(ADA, PASSWORD);
    assert_eq!(ada.ask("GET", "/nowhere/Kingova", "").status, 404);
    assert_eq!(ada.ask("ADA-LOVELACE", "/register", "").status, 405);
    let replayed = served.beside(["audit", "replay", "--json"]);
    let metrics = get(port, "/metrics");
    for number in 0..20 {
        assert_eq!(ada.ask("GET", &format!("/nowhere/{number}"), "").status, 404);
        assert_eq!(ada.ask(&format!("ADA{number}"), "/register", "").status, 405);
    }
    let series = |text: &str| text.lines().filter(|line| line.starts_with("chancery_http_")).count();
    assert_eq!(series(&get(port, "/metrics")), series(&metrics), "nothing that a client makes up is a label");

    // What is left is sent when it stops: nothing has to be waited for.
    served.stop();
    let spans = collector.spans();
    let registration = registration(&spans).unwrap_or_else(|| panic!("a span is missing: {spans:#?}"));
    is_one_trace(&registration, &events(&replayed));
    assert_eq!(registration.request.links, [FOREIGN], "a foreign trace is linked and not gone on with");
    let foreign = events(&replayed).iter().any(|event| event.to_string().replace('-', "").contains(FOREIGN));
    assert!(!foreign, "no event knows of a foreign trace");
    assert!(spans.iter().all(|span| span.service == "chancery-serve"), "{spans:#?}");
    for name in ["GET /l/{token}", "POST /l/{token}", "_OTHER /register", "GET none", "account sign-in"] {
        assert!(spans.iter().any(|span| span.name == name), "{name}: {spans:#?}");
    }
    assert!(!spans.iter().any(|span| span.name.contains("/health/")), "probes are no traces");
    // What the service does by itself begins a trace as well.
    let policy = spans.iter().find(|span| span.name == "policy adopt-policy").unwrap();
    assert_eq!(
        (&*policy.parent, policy.attribute("chancery.correlation_id").replace('-', "")),
        ("", policy.trace.clone())
    );

    let (token, typed) = (&link["/l/".len()..], code.replace('-', ""));
    for (what, secret) in [
        ("the address", ADA),
        ("the address", "ada.of.the.trace"),
        ("a name", "Augusta"),
        ("a name", "Kingova"),
        ("a method of one's own", "ADA-LOVELACE"),
        ("the link", token),
        ("the code", &code),
        ("the code", &typed),
        ("the password", PASSWORD),
        ("a session", &session),
        ("a session", &ada.cookies["chancery-session"]),
        ("the browser", &ada.cookies["chancery-browser"]),
        ("the network", NETWORK),
        ("the user agent", "Lovelace-Browser"),
    ] {
        assert!(!secret.is_empty());
        let secret = secret.to_lowercase();
        let leaks = |body: &[u8]| String::from_utf8_lossy(body).to_lowercase().contains(&secret);
        assert!(!collector.bodies().iter().any(|body| leaks(body)), "{what} is in a trace");
        assert!(!leaks(metrics.as_bytes()), "{what} is in a metric");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_goes_on_in_another_process() {
    let (nats, collector) = (NatsServer::start().await, Collector::start().await);
    let url = nats.url();
    let many = Many::start_with(nats, &url, &["--otlp-endpoint", collector.url()]).await;
    let _working = many.work("work", &["--otlp-endpoint", collector.url()]);
    assert_eq!(many.served.person().register("Ada", "Lovelace", ADA), "/check-mail");
    many.mails.mail_to(ADA).await;
    let spans = collector.until("the registration", registration).await;
    let (code, replayed) = many.beside(&["audit", "replay", "--json"]);
    assert_eq!(code, Some(0), "{replayed}");
    let events: Vec<Value> = replayed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    is_one_trace(&spans, &events);
    let services = [&spans.request, &spans.command, &spans.job, &spans.mail].map(|span| span.service.as_str());
    assert_eq!(services, ["chancery-serve", "chancery-serve", "chancery-work", "chancery-work"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_is_two_lines_of_the_log_and_no_more() {
    let (port, metrics) = (free_port(), free_port());
    let endpoint = format!("http://127.0.0.1:{port}");
    let (away, back) = ("the collector does not take traces", "the collector takes traces again");
    let listen = format!("127.0.0.1:{metrics}");
    let mut served = Served::start(&["--otlp-endpoint", &endpoint, "--metrics-listen", &listen]);
    let ask = || assert_eq!(served.person().ask("GET", "/register", "").status, 200);
    let count = |line: &str| served.log().lines().filter(|logged| logged.contains(line)).count();
    let failed = || metric(metrics, "chancery_trace_spans_total{outcome=\"failed\"}");
    // Each rise is a batch that fails.
    let mut seen = 0.0;
    for batch in 0..3 {
        ask();
        until(&format!("batch {batch} failed"), async || failed() > seen).await;
        seen = failed();
    }
    assert_eq!((count(away), count(back)), (1, 0), "{}", served.log());

    let collector = Collector::start_at(port).await;
    ask();
    collector.until("a span", |spans| spans.first().cloned()).await;
    // It says so once the collector has answered, which is after the span is there.
    until(back, async || count(back) > 0).await;
    assert_eq!((count(away), count(back)), (1, 1), "{}", served.log());
    drop(collector);
    served.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_by_tls_must_show_a_certificate_that_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("ca.pem");
    let collector = Collector::start_with_tls(&certificate).await;
    let trusting = ["--otlp-endpoint", collector.url(), "--otlp-ca", certificate.to_str().unwrap()];
    let served = Served::start(&trusting[..2]);
    assert_eq!(served.person().ask("GET", "/register", "").status, 200);
    until("it is refused", async || served.log().contains("the collector does not take traces")).await;
    assert!(collector.spans().is_empty());

    let served = Served::start(&trusting);
    assert_eq!(served.person().ask("GET", "/register", "").status, 200);
    collector.until("a span", |spans| spans.first().cloned()).await;
    assert!(!served.log().contains("the collector does not take traces"), "{}", served.log());
}

fn metric(port: u16, name: &str) -> f64 {
    let text = get(port, "/metrics");
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0.0, |value| value.trim().parse().unwrap())
}
