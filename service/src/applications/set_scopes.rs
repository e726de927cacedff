//! An operator narrows or widens what an application may ask for.

use chancery_domain::application::commands::ChangeScopes;
use chancery_domain::application::{ApplicationName, Scope};

use super::Administered;
use crate::app::{App, Failure};

impl App {
    /// Puts these scopes in place of those that the application had.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn set_application_scopes(
        &self,
        administrator: &str,
        name: &ApplicationName,
        scopes: &[Scope],
    ) -> Result<Administered, Failure> {
        let origin = self.by_administrator(administrator, "set-application-scopes", "");
        self.administer_application(name, &ChangeScopes { scopes: scopes.to_vec() }, &origin).await
    }
}
