//! An operator registers an application.

use chancery_domain::StreamId;
use chancery_domain::application::commands::{Refusal, RegisterApplication};
use chancery_domain::application::{Application, ApplicationName, Scope, name_claim};

use crate::app::{App, Failure};
use crate::run::{Attempt, TRIES};
use crate::secrets::applications::ApplicationSecret;

/// An application of this name exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameTaken;

impl App {
    /// Registers an application; its first secret is returned and never seen again.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn register_application(
        &self,
        administrator: &str,
        name: &ApplicationName,
        scopes: &[Scope],
    ) -> Result<Result<(StreamId, ApplicationSecret), NameTaken>, Failure> {
        let secret = self.new_application_secret();
        let command = RegisterApplication { name: name.clone(), scopes: scopes.to_vec(), hash: secret.hash() };
        let origin = self.by_administrator(administrator, "register-application", "");
        let stream = StreamId::from(self.new_id());
        for _ in 0..TRIES {
            // That two register one name at the same moment, the reservation sees.
            if self.store.find::<Application>(&name_claim(name)).await?.is_some() {
                return Ok(Err(NameTaken));
            }
            let loaded = self.store.fresh::<Application>(stream, self.now()).await?;
            let policy = self.policy().await?;
            let attempt = self.attempt(&loaded, &command, &policy, Vec::new(), &origin).await?;
            if let Attempt::Decided { outcome, .. } = attempt {
                return Ok(match outcome {
                    Ok(()) => Ok((stream, secret)),
                    Err(Refusal::NotNow | Refusal::NotAllowed) => Err(NameTaken),
                });
            }
        }
        Err(Failure::BUSY)
    }
}
