//! The button on a link's page: sets the password, ends what the link was for, and signs this browser in.

use std::time::Duration;

use chancery_domain::account::commands::{
    CompleteRegistration, CompleteRegistrationRefusal, CompleteReset, CompleteResetRefusal, LinkRefusal, NewSession,
    PasswordVerdict, ResetOutcome,
};
use chancery_domain::account::{Account, LinkPurpose, LinkStanding, OpenLink, Session};
use chancery_domain::values::{Language, PersonName};
use chancery_domain::{Actor, LinkId};
use chancery_eventstore::{CommandId, Fingerprint, StreamKey};

use super::LoadedAccount;
use super::new_password::{PasswordRefused, TypedPassword};
use crate::app::{App, Failure, PolicyInForce};
use crate::client::Client;
use crate::factors::AskedNext;
use crate::factors::step::{By, FirstProof};
use crate::password_hash::{Asker, Priority};
use crate::run::{Attempt, TRIES};
use crate::secrets::browsers::ProofSecret;
use crate::secrets::devices::{KnownTo, Used};
use crate::secrets::forms::FormCommand;
use crate::secrets::links::MailedLink;
use crate::secrets::sessions::SessionSecret;

/// How long the same form, sent again since its answer was lost, ends in the same place.
const LOST_ANSWER: Duration = Duration::from_secs(120);

/// What was filled in on a link's page, every field checked but the password.
#[derive(Clone, Debug)]
pub struct LinkForm {
    /// The typed password.
    pub password: TypedPassword,
    /// The names, on a registration's link.
    pub names: Option<(PersonName, PersonName)>,
    /// The language of the page.
    pub language: Language,
    /// On a computer that others use: a short session, and the browser does not become known.
    pub public_computer: bool,
}

/// A browser that is signed in from now on.
#[derive(Clone, Debug)]
pub struct SignedInBrowser {
    /// The session's cookie.
    pub session: SessionSecret,
    /// The known-browser cookie; `None` to leave it alone.
    pub known: Option<KnownTo>,
    /// Where the person wanted to go when the link was asked for.
    pub target: Option<Target>,
}

/// Where a right password led to.
#[derive(Clone, Debug)]
pub enum Entered {
    /// The browser is signed in, and this is asked first.
    SignedIn(SignedInBrowser, AskedNext),
    /// The account has second factors, which come next.
    SecondFactorNext {
        /// By what the browser finds what it has proved.
        proof: ProofSecret,
        /// Where the person wanted to go when the link was asked for.
        target: Option<Target>,
    },
}

impl Entered {
    /// The session, if one was opened.
    #[must_use]
    pub fn session(self) -> Option<SessionSecret> {
        match self {
            Self::SignedIn(browser, _) => Some(browser.session),
            Self::SecondFactorNext { .. } => None,
        }
    }
}

/// Where a person wanted to go when a link was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A path of this service, validated at the beginning.
    pub path: String,
    /// Whether this is the browser that began. Any other one is only told where to return.
    pub began_here: bool,
}

/// Why a link's form did not do what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFormRefused {
    /// The password is refused.
    Password(PasswordRefused),
    /// The link cannot be used any more.
    Link(LinkRefusal),
    /// Its registration lapsed, or it is damaged.
    Gone,
}

impl App {
    /// Uses a link.
    ///
    /// The same form sent again by the same browser ends signed in as well, for two minutes.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn complete_link(
        &self,
        client: &Client,
        form: FormCommand,
        token: &str,
        filled: &LinkForm,
    ) -> Result<Result<Entered, LinkFormRefused>, Failure> {
        let Some(MailedLink { id: link, purpose, is_void }) = self.read_link_token(token) else {
            return Ok(Err(LinkFormRefused::Gone));
        };
        if is_void {
            return Ok(Err(LinkFormRefused::Link(LinkRefusal::Expired)));
        }
        let fingerprint = self.link_fingerprint(link, filled);
        let Some(mut account) = self.account_of_link(link).await? else { return Ok(Err(LinkFormRefused::Gone)) };
        let asker = Asker { network: client.network(), priority: Priority::Registration };
        if let Some(remembered) = self.store.remembered(form.id).await? {
            if remembered.fingerprint != fingerprint {
                return Err(Failure::OtherRequest);
            }
            return self.repeated_completion(client, form, link, &account, filled).await;
        }
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(account.stream));
        let mut made = None;
        for _ in 0..TRIES {
            let policy = self.policy().await?;
            if let Err(refused) = self.check_link_form(&account, (link, purpose), filled, &policy) {
                return Ok(Err(refused));
            }
            let rule = policy.policy.password_rule;
            // The hash is worth its time: it is made once, whatever else moves on meanwhile.
            if made.is_none() {
                let password = &filled.password.password;
                made = Some(self.make_password(account.stream, password, rule, asker, self.now()).await?);
            }
            let Some((mut password, key)) = made.clone() else { continue };
            password.rule = rule;
            let credential = password.credential.key;
            let session = self.new_session(client, form.id, &account, filled.public_computer).await?;
            let target = match account.state.links.find(link) {
                Some(link) => self.target_of(link, client).await?,
                None => None,
            };
            let attempt = match (purpose, &filled.names) {
                (LinkPurpose::Registration, Some((first_name, last_name))) => {
                    let command = CompleteRegistration {
                        link,
                        first_name: first_name.clone(),
                        last_name: last_name.clone(),
                        privacy_version: self.settings.privacy_version.clone(),
                        language: filled.language,
                        password,
                        session,
                    };
                    let attempt = self.attempt(&account, &command, &policy, vec![key], &origin).await?;
                    outcome(
                        attempt,
                        |()| ResetOutcome::SignedIn,
                        |refusal| match refusal {
                            CompleteRegistrationRefusal::Link(refusal) => Some(LinkFormRefused::Link(refusal)),
                            CompleteRegistrationRefusal::Suspended => Some(LinkFormRefused::Gone),
                            CompleteRegistrationRefusal::OtherRule => None,
                        },
                    )
                }
                (LinkPurpose::Registration, None) | (LinkPurpose::Suspension | LinkPurpose::Recovery, _) => {
                    return Ok(Err(LinkFormRefused::Gone));
                }
                (LinkPurpose::Reset, _) => {
                    let command = CompleteReset { link, password, session };
                    let attempt = self.attempt(&account, &command, &policy, vec![key], &origin).await?;
                    outcome(
                        attempt,
                        |led_to| led_to,
                        |refusal| match refusal {
                            CompleteResetRefusal::Link(refusal) => Some(LinkFormRefused::Link(refusal)),
                            CompleteResetRefusal::Suspended => Some(LinkFormRefused::Gone),
                            CompleteResetRefusal::OtherRule => None,
                        },
                    )
                }
            };
            let Some(reloaded) = self.store.load::<Account>(account.stream).await? else {
                return Ok(Err(LinkFormRefused::Gone));
            };
            account = reloaded;
            match attempt {
                Some(Ok((_, Repeated(true)))) => {
                    return self.repeated_completion(client, form, link, &account, filled).await;
                }
                // A mailbox is no factor.
                Some(Ok((ResetOutcome::SecondFactorNext, Repeated(false)))) => {
                    let name = account.state.identity.as_ref().map(|identity| identity.email.as_str().to_owned());
                    let first = FirstProof {
                        stream: account.stream,
                        by: By::Password(PasswordVerdict { credential, right: true }),
                        name: &name.unwrap_or_default(),
                        public_computer: filled.public_computer,
                    };
                    let proof = self.begin_step(client, first).await?;
                    return Ok(Ok(Entered::SecondFactorNext { proof, target }));
                }
                Some(Ok((ResetOutcome::SignedIn, Repeated(false)))) => {
                    let known = (!filled.public_computer)
                        .then(|| self.make_known(&client.known, account.stream, &account.state, Used::Enough));
                    let session = self.session_secret(form.id, &client.browser);
                    let browser = SignedInBrowser { session, known, target };
                    return Ok(Ok(Entered::SignedIn(browser, AskedNext::Nothing)));
                }
                Some(Err(refused)) => return Ok(Err(refused)),
                None => {}
            }
        }
        Err(Failure::BUSY)
    }

    /// The same form again, its answer lost: signed in as well where its password is the one that counts.
    async fn repeated_completion(
        &self,
        client: &Client,
        form: FormCommand,
        link: LinkId,
        account: &LoadedAccount,
        filled: &LinkForm,
    ) -> Result<Result<Entered, LinkFormRefused>, Failure> {
        let used = LinkFormRefused::Link(LinkRefusal::Used);
        let Some(again) = self.repeated_sign_in(client, form.id, account) else { return Ok(Err(used)) };
        let asker = Asker { network: client.network(), priority: Priority::Registration };
        if !self.compare(Some(account.clone()), &filled.password.password, asker).await?.verdict.right {
            return Ok(Err(used));
        }
        let target = match self.link_as_it_was(account, link).await? {
            Some(link) => self.target_of(&link, client).await?,
            None => None,
        };
        Ok(Ok(Entered::SignedIn(SignedInBrowser { target, ..again }, AskedNext::Nothing)))
    }

    fn check_link_form(
        &self,
        account: &LoadedAccount,
        (link, purpose): (LinkId, LinkPurpose),
        filled: &LinkForm,
        policy: &PolicyInForce,
    ) -> Result<(), LinkFormRefused> {
        let identity = account.state.identity.as_ref().filter(|_| !matches!(account.key, StreamKey::Gone));
        let Some(identity) = identity else { return Err(LinkFormRefused::Gone) };
        match account.state.links.standing(link, self.moment()) {
            LinkStanding::Open(open) if open.purpose != purpose => {
                return Err(LinkFormRefused::Link(LinkRefusal::AnotherPurpose));
            }
            LinkStanding::Open(_) => {}
            LinkStanding::Used => return Err(LinkFormRefused::Link(LinkRefusal::Used)),
            LinkStanding::Superseded => return Err(LinkFormRefused::Link(LinkRefusal::Superseded)),
            LinkStanding::Expired => return Err(LinkFormRefused::Link(LinkRefusal::Expired)),
        }
        let names = match &filled.names {
            Some((first, last)) => [first, last],
            None => [&identity.first_name, &identity.last_name],
        };
        self.check_password(policy.policy.password_rule, &filled.password, &names, identity)
            .map_err(LinkFormRefused::Password)
    }

    /// Where the person wanted to go who asked for a link.
    pub(crate) async fn target_of(&self, link: &OpenLink, client: &Client) -> Result<Option<Target>, Failure> {
        let tag = self.browser_tag(&client.browser);
        if link.asked_again.contains(&tag) {
            // The link's target is another browser's. This one's own is in what it waits for.
            let waiting = self.pending(&client.browser).await?;
            return Ok(waiting.and_then(|pending| pending.target).map(|path| Target { path, began_here: true }));
        }
        Ok(link.target.clone().map(|path| Target { path, began_here: link.browser == Some(tag) }))
    }

    /// The session that a command may open.
    pub(crate) async fn new_session(
        &self,
        client: &Client,
        command: CommandId,
        account: &LoadedAccount,
        public_computer: bool,
    ) -> Result<NewSession, Failure> {
        let secret = self.session_secret(command, &client.browser);
        Ok(NewSession {
            id: self.session_id(command),
            secret_hash: self.session_hash(&secret),
            known_browser: self.known_device(&client.known, account.stream, &account.state).is_some(),
            public_computer,
            least_recent: if account.state.sessions.open.len() >= chancery_domain::account::MAX_SESSIONS {
                self.least_recent(account).await?
            } else {
                None
            },
        })
    }

    /// The same POST again, its answer lost: signed in all the same if its session is still young.
    pub(crate) fn repeated_sign_in(
        &self,
        client: &Client,
        command: CommandId,
        account: &LoadedAccount,
    ) -> Option<SignedInBrowser> {
        let session = self.session_secret(command, &client.browser);
        let open = account.state.sessions.by_secret(&self.session_hash(&session), self.moment())?;
        if !self.is_of_lost_answer(open) {
            return None;
        }
        let used = if open.factors.is_empty() { Used::Enough } else { Used::SecondFactor };
        let known = (!open.public_computer).then(|| {
            let known = self.make_known(&client.known, account.stream, &account.state, used);
            self.make_proved(known, account.stream, &account.state, open)
        });
        Some(SignedInBrowser { session, known, target: None })
    }

    /// Whether a session is young enough for the form that opened it to be sent again.
    pub(crate) fn is_of_lost_answer(&self, session: &Session) -> bool {
        self.now().since(session.began) <= LOST_ANSWER
    }

    fn link_fingerprint(&self, link: LinkId, filled: &LinkForm) -> Fingerprint {
        let names = filled.names.as_ref().map_or(["", ""], |(first, last)| [first.as_str(), last.as_str()]);
        // The password is no part of it: nothing that is kept for ever may help to guess one.
        let public: &[u8] = if filled.public_computer { b"public" } else { b"own" };
        let parts: [&[u8]; 5] = [b"link", link.as_bytes(), names[0].as_bytes(), names[1].as_bytes(), public];
        self.store.fingerprint(&parts)
    }
}

/// Whether another request with the same form came first.
struct Repeated(bool);

/// `None` to load and decide anew.
fn outcome<O, R>(
    attempt: Attempt<O, R>,
    led_to: impl FnOnce(O) -> ResetOutcome,
    refused: impl FnOnce(R) -> Option<LinkFormRefused>,
) -> Option<Result<(ResetOutcome, Repeated), LinkFormRefused>> {
    match attempt {
        Attempt::Again => None,
        Attempt::Decided { outcome: Ok(outcome), duplicate, .. } => Some(Ok((led_to(outcome), Repeated(duplicate)))),
        Attempt::Decided { outcome: Err(refusal), .. } => refused(refusal).map(Err),
    }
}
