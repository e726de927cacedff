//! An operator rotates an application's secret.

use chancery_domain::application::ApplicationName;
use chancery_domain::application::commands::{AddSecret, RetireSecret};

use super::Administered;
use crate::app::{App, Failure};
use crate::secrets::applications::ApplicationSecret;

impl App {
    /// Adds a secret, which is returned and never seen again. The one before stays valid; one before that is retired.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn rotate_application_secret(
        &self,
        administrator: &str,
        name: &ApplicationName,
    ) -> Result<Result<ApplicationSecret, Administered>, Failure> {
        let secret = self.new_application_secret();
        let origin = self.by_administrator(administrator, "rotate-application-secret", "");
        let command = AddSecret { hash: secret.hash() };
        Ok(match self.administer_application(name, &command, &origin).await? {
            Administered::Done => Ok(secret),
            other => Err(other),
        })
    }

    /// Retires every secret but the newest.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn retire_application_secret(
        &self,
        administrator: &str,
        name: &ApplicationName,
    ) -> Result<Administered, Failure> {
        let origin = self.by_administrator(administrator, "retire-application-secret", "");
        self.administer_application(name, &RetireSecret {}, &origin).await
    }
}
