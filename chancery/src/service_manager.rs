//! What a service manager is told (`sd_notify(3)`): that the process is ready, that it lives, and that it stops. Where none
//! asked for it, by the environment variables of that protocol, nothing is said.

use sd_notify::NotifyState;
use tokio_util::task::AbortOnDropHandle;

/// People or jobs can be served from now on.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The process has begun to stop.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Tells twice in each of the watchdog's periods that the process lives, until the handle is dropped. It does so as a task
/// like those of the requests, so that a runtime which runs nothing any more is found out.
#[must_use]
pub fn keep_alive() -> Option<AbortOnDropHandle<()>> {
    let period = sd_notify::watchdog_enabled()?;
    Some(AbortOnDropHandle::new(tokio::spawn(async move {
        let mut clock = tokio::time::interval(period / 2);
        loop {
            clock.tick().await;
            tell(&[NotifyState::Watchdog]);
        }
    })))
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager cannot be told how this process stands");
    }
}
