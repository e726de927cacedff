//! What handlers of forms share: their keys, and the check that a person is there.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use chancery_domain::Timestamp;
use chancery_service::app::Failure;
use chancery_service::person_check::CheckRefused;
use chancery_service::secrets::forms::FormCommand;

use crate::http::form::PostedForm;
use crate::http::in_work::NoPlace;
use crate::http::visit::Visit;
use crate::pages::{Errors, Field, FormKeys, MessageKind, PersonCheck, Problem, fields};

pub use crate::pages::fields::TARGET;

/// The hidden field with the ticket of the wait without scripts.
const WAIT: &str = "wait";

/// Hidden fields that every form may carry.
const KEYS: [&str; 2] = [fields::CSRF, fields::COMMAND];

/// Hidden fields of the check that a person is there.
pub const CHECK: [&str; 3] = [fields::CHALLENGE, fields::POW, WAIT];

/// What the network's allowance of forms without scripts means to a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutScripts {
    /// It takes one, and is refused where none is left.
    Bounded,
    /// It takes one, and waits the longest where none is left: no stranger in the same network keeps anybody from a new
    /// password.
    Patient,
    /// It takes none: it has an allowance of its own.
    Free,
}

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
        let read = PostedForm::read(&self.headers, body, &allowed);
        let read = match &self.place {
            Some(place) => place.without(read).await.map_err(|NoPlace| self.turned_away())?,
            None => read.await,
        };
        let form = read.map_err(|error| self.not_a_form(error))?;
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
        let load = app.form_given(&self.client).await.map_err(failed)?;
        let validity = app.person_check.validity();
        app.hand_out(&self.client.browser, &keys.command, validity).await.map_err(failed)?;
        let (binding, now) = (keys.command.as_bytes(), app.now());
        let challenge = app.person_check.challenge(binding, load, now, &*app.random).to_json();
        let wait = errors.wait_left().unwrap_or_else(|| app.person_check.wait(load));
        keys.extra.push((WAIT, app.person_check.wait_ticket(binding, wait, now).to_string()));
        Ok(PersonCheck { challenge, wait })
    }

    /// Lets a posted form pass its check, which it does once, or adds what is wrong. True where nothing is wrong with it but
    /// that it was taken before, as by a button pressed twice; what is wrong with any other tells nothing by its time.
    pub async fn passes_check(
        &self,
        form: &PostedForm,
        errors: &mut Errors,
        without_scripts: WithoutScripts,
    ) -> Result<bool, Response> {
        let app = &self.site.app;
        let (binding, now) = (form.get(fields::COMMAND).as_bytes(), app.now());
        let verdict = if form.get(fields::POW).is_empty() {
            let verdict = app.person_check.verify_wait(form.get(WAIT), binding, now);
            match verdict {
                // Only a form that does what it is for takes of what the network may send.
                Ok(waited) if errors.is_empty() => self.passes_without_scripts(waited, without_scripts).await?,
                verdict => verdict.map(drop),
            }
        } else {
            app.person_check.verify(form.get(fields::CHALLENGE), form.get(fields::POW), binding, now)
        };
        match verdict {
            // What else is wrong leads to a new form: this one is taken only when it does what it is for.
            Ok(()) if !errors.is_empty() => {}
            Ok(()) => match app.take_form(&self.client.browser, form.get(fields::COMMAND)).await {
                Ok(true) => {}
                Ok(false) => {
                    errors.add(Field::Check, Problem::CheckFailed);
                    return Ok(true);
                }
                Err(failure) => return Err(self.turned_away_with(form, &failure).await),
            },
            Err(CheckRefused::TooEarly { wait }) => errors.add(Field::Check, Problem::CheckWait(wait)),
            Err(CheckRefused::Wrong | CheckRefused::Expired | CheckRefused::NotThisForm) => {
                errors.add(Field::Check, Problem::CheckFailed);
            }
        }
        Ok(false)
    }

    /// What is answered where a form passed its check and then met a failure: nothing was done, so that whoever is turned away
    /// can send the same form again. One that did lead to something is known by its command.
    pub async fn turned_away_with(&self, form: &PostedForm, failure: &Failure) -> Response {
        let app = &self.site.app;
        let validity = app.person_check.validity();
        if let Err(error) = app.hand_out(&self.client.browser, form.get(fields::COMMAND), validity).await {
            // Whoever comes back is given a new form then.
            tracing::debug!(error = &error as &dyn std::error::Error, "a form cannot be handed out again");
        }
        self.failed(failure)
    }

    /// Takes one of the forms that the network may send without scripts.
    async fn passes_without_scripts(
        &self,
        waited: Duration,
        without_scripts: WithoutScripts,
    ) -> Result<Result<(), CheckRefused>, Response> {
        if without_scripts == WithoutScripts::Free {
            return Ok(Ok(()));
        }
        let app = &self.site.app;
        let taken = app.may_send_without_scripts(&self.client).await.map_err(|failure| self.failed(&failure))?;
        let longest = app.person_check.longest_wait();
        match taken {
            Err(_) if without_scripts == WithoutScripts::Patient && waited < longest => {
                // The new form waits for all of it: it cannot tell how long others were waited for.
                Ok(Err(CheckRefused::TooEarly { wait: longest }))
            }
            Err(reached) if without_scripts == WithoutScripts::Bounded => {
                Err(self.message(MessageKind::TooManyWithoutScripts { retry: self.wait(reached) }))
            }
            _ => Ok(Ok(())),
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
