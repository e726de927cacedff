//! What handlers of forms share: their keys, and the check that a person is there.

use axum::body::Body;
use axum::response::Response;
use chancery_domain::Timestamp;
use chancery_service::person_check::CheckRefused;
use chancery_service::secrets::forms::FormCommand;

use crate::http::form::PostedForm;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, FormKeys, MessageKind, PersonCheck, Problem, fields};

pub use crate::pages::fields::TARGET;

/// The hidden field with the ticket of the wait without scripts.
const WAIT: &str = "wait";

/// Hidden fields that every form may carry.
const KEYS: [&str; 2] = [fields::CSRF, fields::COMMAND];

/// Hidden fields of the check that a person is there.
pub const CHECK: [&str; 3] = [fields::CHALLENGE, fields::POW, WAIT];

impl Visit {
    /// Keys for a new form that posts to `action`.
    pub fn keys(&self, action: &str) -> FormKeys {
        let keys = self.site.app.form_keys(&self.client.browser, action);
        FormKeys { csrf: keys.token, command: keys.command.to_string(), extra: Vec::new() }
    }

    /// Reads a form that posts to `action` and has these fields besides its keys.
    pub async fn read_form(
        &self,
        body: Body,
        action: &str,
        own: &[&str],
    ) -> Result<(PostedForm, FormCommand), Response> {
        if !self.is_same_origin() {
            return Err(self.message(MessageKind::CrossSite));
        }
        let allowed: Vec<&str> = KEYS.iter().chain(own).copied().collect();
        let form = PostedForm::read(&self.headers, body, &allowed).await.map_err(|error| self.not_a_form(error))?;
        let keys = (form.get(fields::COMMAND), form.get(fields::CSRF));
        match self.site.app.check_form(&self.client.browser, action, keys.0, keys.1) {
            Some(command) => Ok((form, command)),
            None => Err(self.message(MessageKind::FormExpired)),
        }
    }

    /// A check for a new form, which stands in the form's keys too. `errors` is what was wrong with the one before: if
    /// that came too early, the new one waits for what was left, as its text says, and not for the whole again.
    pub async fn new_check(&self, keys: &mut FormKeys, errors: &Errors) -> Result<PersonCheck, Response> {
        let app = &self.site.app;
        let failed = |failure| self.failed(&failure);
        let load = match app.may_be_given_a_form(&self.client).await.map_err(failed)? {
            Ok(load) => load,
            Err(reached) => return Err(self.message(MessageKind::TooManyTries { retry: self.wait(reached) })),
        };
        let validity = app.person_check.validity();
        app.hand_out(&self.client.browser, &keys.command, validity).await.map_err(failed)?;
        let (binding, now) = (keys.command.as_bytes(), app.now());
        let challenge = app.person_check.challenge(binding, load, now, &*app.random).to_json();
        let wait = errors.wait_left().unwrap_or_else(|| app.person_check.wait(load));
        keys.extra.push((WAIT, app.person_check.wait_ticket(binding, wait, now).to_string()));
        Ok(PersonCheck { challenge, wait })
    }

    /// Whether a posted form passed its check, which it does once; adds what is wrong.
    pub async fn passes_check(&self, form: &PostedForm, errors: &mut Errors) -> Result<(), Response> {
        let app = &self.site.app;
        let (binding, now) = (form.get(fields::COMMAND).as_bytes(), app.now());
        let solved = !form.get(fields::POW).is_empty();
        let verdict = if solved {
            app.person_check.verify(form.get(fields::CHALLENGE), form.get(fields::POW), binding, now)
        } else {
            app.person_check.verify_wait(form.get(WAIT), binding, now)
        };
        let failed = |failure| self.failed(&failure);
        if verdict.is_ok()
            && !solved
            && let Err(reached) = app.may_send_without_scripts(&self.client).await.map_err(failed)?
        {
            return Err(self.message(MessageKind::TooManyTries { retry: self.wait(reached) }));
        }
        match verdict {
            // What else is wrong leads to a new form: this one is taken only when it does what it is for.
            Ok(()) if !errors.is_empty() => Ok(()),
            Ok(()) => {
                if !app.take_form(&self.client.browser, form.get(fields::COMMAND)).await.map_err(failed)? {
                    errors.add(Field::Check, Problem::CheckFailed);
                }
                Ok(())
            }
            Err(CheckRefused::TooEarly { wait }) => {
                errors.add(Field::Check, Problem::CheckWait(wait));
                Ok(())
            }
            Err(CheckRefused::Wrong | CheckRefused::Expired | CheckRefused::NotThisForm) => {
                errors.add(Field::Check, Problem::CheckFailed);
                Ok(())
            }
        }
    }

    /// Waits until an answer is due that must not tell anything by its time.
    pub async fn when_due(&self, response: Response) -> Response {
        self.site.app.until_answer_is_due(self.arrived).await;
        response
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.site.app.now()
    }
}
