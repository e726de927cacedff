//! An operator stops all use of an application, or lets it go on.

use chancery_domain::application::ApplicationName;
use chancery_domain::application::commands::{Disable, Enable};

use super::Administered;
use crate::app::{App, Failure};

impl App {
    /// Stops all use of an application: its next request is refused, on every node, and what it holds open is cut.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn disable_application(
        &self,
        administrator: &str,
        name: &ApplicationName,
        reason: &str,
    ) -> Result<Administered, Failure> {
        let origin = self.by_administrator(administrator, "disable-application", reason);
        self.administer_application(name, &Disable { reason: reason.to_owned() }, &origin).await
    }

    /// Lets a disabled application go on.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn enable_application(
        &self,
        administrator: &str,
        name: &ApplicationName,
        reason: &str,
    ) -> Result<Administered, Failure> {
        let origin = self.by_administrator(administrator, "enable-application", reason);
        self.administer_application(name, &Enable { reason: reason.to_owned() }, &origin).await
    }
}
