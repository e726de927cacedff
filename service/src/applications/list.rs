//! All applications, for operators.

use chancery_domain::application::Application;

use super::LoadedApplication;
use crate::app::{App, Failure};

impl App {
    /// All applications, oldest first.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn applications(&self) -> Result<Vec<LoadedApplication>, Failure> {
        let mut applications = Vec::new();
        for stream in self.store.backend().applications().await? {
            applications.extend(self.store.load::<Application>(stream).await?);
        }
        applications.sort_by_key(|application| (application.state.registered, application.stream));
        Ok(applications)
    }
}
