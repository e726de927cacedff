//! What an operator sees of a running service: readiness, and the metrics of read models and timers.

use std::time::Duration;

use async_trait::async_trait;
use axum::http::StatusCode;
use chancery_eventstore::db::sql;
use chancery_eventstore::{BackendError, EventRow, Feed, Position};
use chancery_projections::Runner;
use chancery_projections::runner::{Status, statuses};
use chancery_service::mail::MailError;
use chancery_service::ports::{Clock, SystemClock};
use chancery_tests::site::{Setup, TestSite, World};
use chancery_workers::admin;
use chancery_workers::timers::{self, Rate, Turn};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

/// What a process has measured that has just been started.
fn restarted() -> PrometheusRecorder {
    PrometheusBuilder::new().build_recorder()
}

fn line(recorder: &PrometheusRecorder, name: &str) -> String {
    let text = recorder.handle().render();
    text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned()
}

/// A log whose next event is of a type that this build does not know.
struct Newer(EventRow);

#[async_trait]
impl Feed for Newer {
    async fn next(&self, _: Position, _: u32) -> Result<Vec<EventRow>, BackendError> {
        let event_type = "account.moved_to_the_moon".to_owned();
        Ok(vec![EventRow { event_type, position: Position(self.0.position.0 + 1), ..self.0.clone() }])
    }
}

async fn activity(site: &TestSite) -> Status {
    let statuses = statuses(&site.db).await.expect("the cursors are read");
    statuses.into_iter().find(|status| status.name == "activity_v1").expect("it has begun")
}

#[tokio::test]
async fn a_read_model_that_halts_at_once_after_a_start_is_seen_to_lag() {
    let site = TestSite::new().await;
    site.registered("ada@example.org").await;
    let last = site.events().await.pop().unwrap();
    let recorder = restarted();
    let _here = metrics::set_default_local_recorder(&recorder);
    let runner = Runner::new(site.db.clone(), site.activity.projection());
    site.clock.set(SystemClock.now());
    assert_eq!(runner.step_or_halt(&Newer(last.clone())).await, None);
    let ready = site.browser().get("/health/ready").await;
    assert_eq!(ready.status, StatusCode::OK, "no reason to send people away");
    let position = line(&recorder, "chancery_projection_position{");
    assert_eq!(position, format!("chancery_projection_position{{projection=\"activity_v1\"}} {}", last.position));
    assert!(line(&recorder, "chancery_projection_errors_total{").ends_with(" 1"));
    let status = activity(&site).await;
    assert_eq!(status.position, last.position);
    assert!(!status.error.is_empty());

    // A model that never came any further than its first event is listed too.
    site.db.execute(sql("DELETE FROM projection_cursors WHERE name = 'activity_v1'")).await.unwrap();
    assert_eq!(runner.step_or_halt(&Newer(last.clone())).await, None);
    let status = activity(&site).await;
    assert!(status.position == Position::START && !status.error.is_empty(), "{status:?}");
    assert!(line(&recorder, "chancery_projection_position{").ends_with(" 0"));

    // A build that knows the event goes on.
    site.settle().await;
    let status = activity(&site).await;
    assert!(status.position == last.position && status.error.is_empty(), "{status:?}");
}

#[tokio::test]
async fn a_stopped_timer_is_measured_after_a_restart_and_until_another_process_resumes_it() {
    let site = TestSite::new().await;
    let (now, rate) = (site.app.now(), Rate { max: 1, window: Duration::from_secs(3600) });
    for turn in [Turn::Go, Turn::Stopped] {
        assert_eq!(rate.take(&site.db, "lapse-registrations", now).await.unwrap(), turn);
    }
    let recorder = restarted();
    let _here = metrics::set_default_local_recorder(&recorder);
    let stopped = || line(&recorder, "chancery_timer_stopped{timer=\"lapse-registrations\"}");
    site.sweep().await;
    assert!(stopped().ends_with(" 1"), "{}", stopped());
    assert!(timers::resume(&site.db, "lapse-registrations", now).await.unwrap());
    site.sweep().await;
    assert!(stopped().ends_with(" 0"), "{}", stopped());
}

#[tokio::test]
async fn what_a_job_should_have_done_long_ago_is_measured_until_it_is_done() {
    for site in TestSite::fed_by_log_and_nats().await {
        let recorder = restarted();
        let _here = metrics::set_default_local_recorder(&recorder);
        let measured = async |site: &TestSite| {
            site.sweep().await;
            ["late", "waiting", "dead"].map(|what| {
                let line = line(&recorder, &format!("chancery_job_{what}{{job=\"mail\"}}"));
                line.rsplit(' ').next().unwrap().to_owned()
            })
        };
        site.browser().register("ada@example.org").await;
        site.mails.answer([Err(MailError::Unavailable { reason: "no route".into() })]);
        site.settle().await;
        assert_eq!(measured(&site).await, ["0", "1", "0"], "it waits for its next try");
        // That try is due after five seconds, and no process makes it.
        site.clock.advance(Duration::from_secs(5) + admin::LATE);
        assert_eq!(measured(&site).await, ["0", "1", "0"]);
        site.clock.advance(Duration::from_secs(1));
        assert_eq!(measured(&site).await, ["1", "1", "0"]);
        site.settle().await;
        assert_eq!(measured(&site).await, ["0", "0", "0"]);
        assert_eq!(site.mails.to("ada@example.org").len(), 1);
    }
}

#[tokio::test]
async fn a_node_whose_keys_are_not_the_logs_is_not_ready() {
    for change in [
        // Gone, as in a log that was restored from before the key.
        "UPDATE keys SET wrapped = NULL, destroyed = 1 WHERE purpose = 'session'",
        // Wrapped by another wrapping key than this node has.
        "UPDATE keys SET wrapped = zeroblob(length(wrapped)) WHERE purpose = 'session'",
        // Another key than the one that this node read at its start.
        "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE purpose = 'browser') WHERE purpose = 'session'",
    ] {
        let site = World::sqlite().await.site(Setup::default()).await;
        // The clocks agree, to begin with.
        site.clock.set(SystemClock.now());
        let mut balancer = site.browser();
        let answer = balancer.get("/health/ready").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        site.db.execute(sql(change)).await.unwrap();
        let answer = balancer.get("/health/ready").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{change}");
        assert!(answer.body.contains("keys are not those of the log"), "{}", answer.body);
        assert_eq!(balancer.get("/health/live").await.status, StatusCode::OK);
    }
}
