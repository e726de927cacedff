//! Recovering an account whose devices are lost: asked for with the password and a mailed link, and completed the same way
//! when a time is over in which whoever still has a device, or reads the mail, can object.

use std::sync::Arc;
use std::time::Duration;

use chancery_domain::account::commands::{
    BeginRecovery, CompleteRecovery, LinkRefusal, RecoverFactor, RecoveryRefusal, RequestRecoveryLink,
};
use chancery_domain::account::{Account, LinkPurpose, OpenRecovery, RecoveryStanding, SignInMethod};
use chancery_domain::policy::Policy;
use chancery_domain::values::{Password, SignInName};
use chancery_domain::{Actor, FactorId, LinkId, Timestamp};

use super::objection::ways_to_object;
use crate::accounts::LoadedAccount;
use crate::accounts::complete_link::SignedInBrowser;
use crate::accounts::session::SignedInPerson;
use crate::accounts::sign_in::Compared;
use crate::app::{App, Failure, PolicyInForce};
use crate::client::Client;
use crate::password_hash::{Asker, Priority};
use crate::run::{Attempt, Origin, TRIES};
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

/// How the recovery of an account stands whose password was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecoveryView {
    /// The operator lets nobody recover an account by waiting.
    Off,
    /// None waits: one could be asked for that can be completed after this time.
    None {
        /// How long it would wait.
        wait: Duration,
    },
    /// One waits.
    Waiting {
        /// When it can be completed at the earliest.
        ends: Timestamp,
        /// The one device that it is about; `None` where all are lost.
        factor: Option<FactorId>,
        /// The ways by which a suspended device can object.
        ways: Vec<SignInMethod>,
    },
    /// That of everything can be completed.
    Ready {
        /// Until when.
        until: Timestamp,
        /// The ways by which a suspended device can still object.
        ways: Vec<SignInMethod>,
    },
}

/// Why nothing was recovered, or no link was mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryRefused {
    /// Nothing was proved in this browser, or that is too long ago: begin anew.
    Gone,
    /// The operator lets nobody recover an account by waiting, or there is nothing to recover.
    Off,
    /// One waits already.
    Waiting(Timestamp),
    /// The password is wrong.
    WrongPassword,
    /// The link cannot be used any more.
    Link,
    /// Too many mails, tries or recoveries.
    Limit(LimitReached),
}

/// What the button of a mailed link led to.
#[derive(Clone, Debug)]
pub enum Recovered {
    /// A recovery waits, until this moment at the earliest.
    Waits(Timestamp),
    /// Everything is removed, and this browser is signed in to add a device.
    Completed(SignedInBrowser),
}

/// The recovery of an account that waits or can be completed; none where the operator lets nobody recover one.
#[must_use]
pub fn open_recovery(account: &Account, policy: &Policy, now: Timestamp) -> Option<OpenRecovery> {
    policy.recovery_wait.span().and(account.recovery.at(now).copied())
}

impl App {
    /// How the recovery of the account stands whose password was typed in this browser; `None` if none was.
    ///
    /// # Errors
    /// The database's.
    pub async fn view_recovery(&self, client: &Client) -> Result<Option<RecoveryView>, Failure> {
        let step = self.step(client, None).await?;
        let Some(step) = step.filter(|step| step.password.is_some()) else { return Ok(None) };
        let Some(account) = self.account_of(&step).await? else { return Ok(None) };
        let wait = self.policy().await?.policy.recovery_wait.span();
        Ok(Some(self.recovery_view(&account, wait)))
    }

    /// How the recovery of an account stands.
    fn recovery_view(&self, account: &LoadedAccount, wait: Option<Duration>) -> RecoveryView {
        let now = self.now();
        let ways = ways_to_object(&account.state, now, self.settings.sms.offered);
        let open = account.state.recovery.at(now);
        match (open, open.map(|open| open.standing(now)), wait) {
            (_, _, None) => RecoveryView::Off,
            (Some(open), Some(RecoveryStanding::Waiting), _) => {
                RecoveryView::Waiting { ends: open.ends, factor: open.factor, ways }
            }
            // One device is removed in a session; whoever has lost all since begins anew.
            (Some(open), Some(RecoveryStanding::Ready), _) if open.factor.is_none() => {
                RecoveryView::Ready { until: open.until(), ways }
            }
            (_, _, Some(wait)) => RecoveryView::None { wait },
        }
    }

    /// Mails a link by which a recovery is asked for or completed, to the account whose password was typed in this browser.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn request_recovery_link(
        &self,
        client: &Client,
        form: FormCommand,
    ) -> Result<Result<(), RecoveryRefused>, Failure> {
        let Some(step) = self.step(client, None).await? else { return Ok(Err(RecoveryRefused::Gone)) };
        let Some(account) = self.account_of(&step).await? else { return Ok(Err(RecoveryRefused::Gone)) };
        let (Some(verdict), Some(identity)) = (step.password, &account.state.identity) else {
            return Ok(Err(RecoveryRefused::Gone));
        };
        if self.store.remembered(form.id).await?.is_some() {
            return Ok(Ok(()));
        }
        match self.recovery_view(&account, self.policy().await?.policy.recovery_wait.span()) {
            RecoveryView::Off => return Ok(Err(RecoveryRefused::Off)),
            RecoveryView::Waiting { ends, .. } => return Ok(Err(RecoveryRefused::Waiting(ends))),
            RecoveryView::None { .. } | RecoveryView::Ready { .. } => {}
        }
        if let Err(reached) = self.may_mail(client, &identity.normalised.value, Some(&account), true).await? {
            return Ok(Err(RecoveryRefused::Limit(reached)));
        }
        let command = RequestRecoveryLink { verdict, link: self.new_link(client, None, identity.language) };
        let fingerprint = self.form_fingerprint(&["request recovery link"]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(account.stream));
        let outcome = self.on_account(account.stream, &command, &origin).await?;
        Ok(outcome
            .unwrap_or(Err(RecoveryRefusal::NotUsable))
            .map_err(|refusal| refused(refusal, RecoveryRefused::Gone)))
    }

    /// Asks for the recovery of the account of a mailed link, or completes it when its time is over, for somebody who types
    /// the password. A try counts as one at the sign-in.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn recover(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        token: &str,
        password: &Password,
    ) -> Result<Result<Recovered, RecoveryRefused>, Failure> {
        let link = self.read_link_token(token).filter(|link| link.purpose == LinkPurpose::Recovery && !link.is_void);
        let Some(link) = link else { return Ok(Err(RecoveryRefused::Link)) };
        let Some(account) = self.account_of_link(link.id).await? else { return Ok(Err(RecoveryRefused::Link)) };
        let fingerprint = self.store.fingerprint(&[b"recover", link.id.as_bytes()]);
        if let Some(remembered) = self.store.remembered(form.id).await? {
            let told = self.recovered_before(client, form, &account).ok_or(RecoveryRefused::Link);
            return if remembered.fingerprint == fingerprint { Ok(told) } else { Err(Failure::OtherRequest) };
        }
        let identity = account.state.identity.as_ref();
        let name = identity.and_then(|identity| SignInName::parse(identity.email.as_str()).ok());
        let Some(name) = name else { return Ok(Err(RecoveryRefused::Link)) };
        let guess = match self.take_own_guess(client, &name, &account).await? {
            Ok(guess) => guess,
            Err(reached) => return Ok(Err(RecoveryRefused::Limit(reached))),
        };
        let stream = account.stream;
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        let told = self.compare_and_recover(client, form, link.id, password, account, &origin).await;
        match &told {
            Ok(Err(RecoveryRefused::WrongPassword)) => self.record_wrong_guess(client, Some(stream), guess),
            _ => self.give_guess_back(&guess).await?,
        }
        told
    }

    async fn compare_and_recover(
        &self,
        client: &Client,
        form: FormCommand,
        link: LinkId,
        password: &Password,
        account: LoadedAccount,
        origin: &Origin,
    ) -> Result<Result<Recovered, RecoveryRefused>, Failure> {
        let stream = account.stream;
        let mut account = Some(account);
        let asker = Asker { network: client.network(), priority: Priority::Registration };
        for _ in 0..TRIES {
            let Compared { verdict, account: Some(loaded), .. } = self.compare(account, password, asker).await? else {
                return Ok(Err(RecoveryRefused::Link));
            };
            let policy = self.policy().await?;
            let is_ready =
                |open: &OpenRecovery| open.factor.is_none() && open.standing(self.now()) == RecoveryStanding::Ready;
            let attempt = if loaded.state.recovery.open.as_ref().is_some_and(is_ready) {
                let session = self.new_session(client, form.id, &loaded, false).await?;
                let command = CompleteRecovery { link, verdict, session };
                match self.complete_recovery(&loaded, &command, &policy, origin).await? {
                    Ok(attempt) => with_outcome(attempt, |()| {
                        // Everybody's cookie of before is forgotten, and so is this browser's.
                        let session = self.session_secret(form.id, &client.browser);
                        Recovered::Completed(SignedInBrowser { session, known: None, target: None })
                    }),
                    Err(reached) => return Ok(Err(RecoveryRefused::Limit(reached))),
                }
            } else {
                let command = BeginRecovery { link, verdict };
                with_outcome(self.attempt(&loaded, &command, &policy, Vec::new(), origin).await?, Recovered::Waits)
            };
            match attempt {
                Some(Ok(recovered)) => return Ok(Ok(recovered)),
                Some(Err(RecoveryRefusal::Link(LinkRefusal::Used))) if self.is_done(form).await? => {
                    let told = self.recovered_before(client, form, &loaded);
                    return Ok(told.ok_or(RecoveryRefused::Link));
                }
                Some(Err(RecoveryRefusal::StaleVerdict)) | None => {}
                Some(Err(refusal)) => return Ok(Err(refused(refusal, RecoveryRefused::Link))),
            }
            account = self.store.load(stream).await?;
        }
        Err(Failure::BUSY)
    }

    async fn complete_recovery(
        &self,
        loaded: &LoadedAccount,
        command: &CompleteRecovery,
        policy: &PolicyInForce,
        origin: &Origin,
    ) -> Result<Result<Attempt<(), RecoveryRefusal>, LimitReached>, Failure> {
        let attempt = self.attempt(loaded, command, policy, Vec::new(), origin);
        self.within_recovery_rate(attempt, |attempt| matches!(attempt, Attempt::Decided { outcome: Ok(()), .. })).await
    }

    /// Carries out what somebody has waited for, and what cannot be undone: above a rate it stops, as a timer would.
    pub(super) async fn within_recovery_rate<T>(
        &self,
        carry_out: impl Future<Output = Result<T, Failure>>,
        is_done: impl FnOnce(&T) -> bool,
    ) -> Result<Result<T, LimitReached>, Failure> {
        let counter = self.counter(&[b"recoveries"]);
        if let Err(reached) = self.take(self.limits.recoveries, &counter).await? {
            tracing::error!("more recoveries were completed within the hour than limit-recoveries allows");
            return Ok(Err(reached));
        }
        let carried_out = carry_out.await;
        if !carried_out.as_ref().is_ok_and(is_done) {
            self.store.backend().give_back(&[counter], self.now()).await?;
        }
        carried_out.map(Ok)
    }

    /// Where the same form led a moment ago, its answer lost.
    fn recovered_before(&self, client: &Client, form: FormCommand, account: &LoadedAccount) -> Option<Recovered> {
        let signed_in = self.repeated_sign_in(client, form.id, account);
        let completed = signed_in.map(|browser| Recovered::Completed(SignedInBrowser { known: None, ..browser }));
        completed.or_else(|| Some(Recovered::Waits(account.state.recovery.at(self.now())?.ends)))
    }

    /// Asks for the removal of a lost device by a session that a weaker one began.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn recover_factor(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        factor: FactorId,
    ) -> Result<Result<Timestamp, RecoveryRefusal>, Failure> {
        let command = RecoverFactor { session: person.session.id, factor };
        let fingerprint = self.form_fingerprint(&["recover factor", &factor.to_string()]);
        let stream = person.account.stream;
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        let outcome = self.on_account(stream, &command, &origin).await?;
        Ok(outcome.unwrap_or(Err(RecoveryRefusal::NotUsable)))
    }
}

/// `None` to load and decide anew.
fn with_outcome<O>(
    attempt: Attempt<O, RecoveryRefusal>,
    recovered: impl FnOnce(O) -> Recovered,
) -> Option<Result<Recovered, RecoveryRefusal>> {
    match attempt {
        Attempt::Decided { outcome, .. } => Some(outcome.map(recovered)),
        Attempt::Again => None,
    }
}

/// What a person is told of a refusal; `otherwise` where there is nothing to say but to begin anew.
const fn refused(refusal: RecoveryRefusal, otherwise: RecoveryRefused) -> RecoveryRefused {
    match refusal {
        RecoveryRefusal::Off | RecoveryRefusal::NoneThere => RecoveryRefused::Off,
        RecoveryRefusal::Waiting(ends) => RecoveryRefused::Waiting(ends),
        RecoveryRefusal::WrongPassword => RecoveryRefused::WrongPassword,
        RecoveryRefusal::NotUsable
        | RecoveryRefusal::StaleVerdict
        | RecoveryRefusal::Young
        | RecoveryRefusal::NoneAsked
        | RecoveryRefusal::Link(_)
        | RecoveryRefusal::Manage(_) => otherwise,
    }
}
