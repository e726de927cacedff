//! Adding a second factor: begun and finished in one session, and worth nothing in any other.

use std::time::Duration;

use chancery_domain::account::commands::{
    AddFactor, AddFactorRefusal, FactorOutcome, ManageRefusal, NewFactor, ProofRefusal,
};
use chancery_domain::account::{Account, FactorKind, Factors, WebauthnKey};
use chancery_domain::events::FACTORS;
use chancery_domain::policy::Policy;
use chancery_domain::values::DeviceName;
use chancery_domain::{Actor, Claim, ClaimKind, FactorId, SessionId, Timestamp};
use chancery_eventstore::seal::{Part, PartKey};
use chancery_eventstore::volatile::VolatileKind;
use chancery_eventstore::{Purpose, StreamKey, Version};
use minicbor::{Decode, Encode};
use webauthn_rs::prelude::AttestationCaList;
use zeroize::Zeroizing;

use super::webauthn::make_of;
use super::{FactorMethod, Finished, Site, Whose};
use crate::accounts::LoadedAccount;
use crate::accounts::complete_link::SignedInBrowser;
use crate::accounts::session::SignedInPerson;
use crate::app::{App, Failure, ServiceSettings};
use crate::client::Client;
use crate::ports::random_array;
use crate::run::{Along, Attempt, TRIES};
use crate::secrets::devices::Used;
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

/// How long an enrolment that was begun can be finished.
const ENROLMENT: Duration = Duration::from_secs(900);

/// A device that is being added.
#[derive(Debug, Encode, Decode)]
pub(super) struct Enrolment {
    #[n(0)]
    factor: FactorId,
    #[n(1)]
    shown: String,
    #[cbor(n(2), with = "minicbor::bytes")]
    kept: Vec<u8>,
    #[n(3)]
    expires: Timestamp,
}

impl Enrolment {
    /// One whose device has said all it has to say.
    pub(super) const fn new(factor: FactorId, kept: Vec<u8>, expires: Timestamp) -> Self {
        Self { factor, shown: String::new(), kept, expires }
    }
}

impl Drop for Enrolment {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        self.shown.zeroize();
        self.kept.zeroize();
    }
}

/// What a device is to be called.
#[derive(Clone, Copy, Debug)]
pub enum Called<'a> {
    /// As its owner says.
    Given(&'a DeviceName),
    /// Its owner left what the page proposed: the name of its make says more, where it tells that.
    Proposed(&'a DeviceName),
}

impl Called<'_> {
    fn name(self, webauthn: Option<&WebauthnKey>, has: &Factors) -> DeviceName {
        let (Self::Given(name) | Self::Proposed(name)) = self;
        let make = webauthn.filter(|_| matches!(self, Self::Proposed(_))).and_then(|key| make_of(key.aaguid));
        make.and_then(|make| DeviceName::parse(&free_name(make, has)).ok()).unwrap_or_else(|| name.clone())
    }
}

/// A name for a device, with a number behind it where another has it.
#[must_use]
pub fn free_name(name: &str, has: &Factors) -> String {
    let is_taken = |name: &str| has.devices.iter().any(|factor| factor.name.as_str() == name);
    let numbered = (2..).map(|number: u32| format!("{name} {number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

/// Why no device was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolmentRefused {
    /// The session has ended.
    NoSession,
    /// More is to be proved in the session first.
    ProveMore,
    /// The enrolment was not begun in this session, or too long ago.
    Gone,
    /// What proves that the device is there is wrong.
    Wrong,
    /// The account has as many devices as it may.
    TooMany,
    /// The device is there already.
    AlreadyThere,
    /// Nothing that the operator trusts vouches for its make.
    NotTrusted,
    /// Devices of this kind cannot be added at the service's address, or at all.
    NotHere,
    /// Codes by SMS end: no number is added any more.
    NoNewNumbers,
    /// Too many tries.
    Limit(LimitReached),
}

impl From<ManageRefusal> for EnrolmentRefused {
    fn from(refusal: ManageRefusal) -> Self {
        match refusal {
            ManageRefusal::NoSession => Self::NoSession,
            // Adding one is what is owed.
            ManageRefusal::NotFresh
            | ManageRefusal::FactorNeeded
            | ManageRefusal::KeyNeeded
            | ManageRefusal::FactorOwed => Self::ProveMore,
        }
    }
}

impl App {
    /// Begins to add a device of a kind; what the page shows. Begun a moment ago in the same session, it goes on.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn begin_enrolment(
        &self,
        person: &SignedInPerson,
        method: &dyn FactorMethod,
    ) -> Result<Result<Zeroizing<String>, EnrolmentRefused>, Failure> {
        if let Err(refused) = self.may_begin_enrolment(person).await? {
            return Ok(Err(refused));
        }
        let policy = self.policy().await?;
        if method.kind().is_phishing_resistant() && !self.settle_relying_party(&policy).await? {
            return Ok(Err(EnrolmentRefused::NotHere));
        }
        if let Some(begun) = self.kept_for_session::<Enrolment>(person, method.enrolment()).await? {
            return Ok(Ok(Zeroizing::new(begun.shown.clone())));
        }
        let account = person.account.state.identity.as_ref().map_or("", |identity| identity.email.as_str());
        let has = self.held_or_suspended(&person.account, method).await?;
        let roots = self.trusted_roots(&policy.policy);
        let site = Site { roots: roots.as_ref(), ..self.factor_site() };
        let whose = Whose { site, stream: person.account.stream, account, has: &has };
        let Some(begun) = method.begin_enrolment(whose, &*self.random) else {
            return Ok(Err(EnrolmentRefused::NotHere));
        };
        let enrolment = Enrolment {
            factor: FactorId::from_bytes(random_array(&*self.random)),
            shown: begun.shown.to_string(),
            kept: begun.kept.to_vec(),
            expires: self.now().plus(ENROLMENT),
        };
        self.keep_for_session(person, method.enrolment(), &enrolment, enrolment.expires).await?;
        Ok(Ok(begun.shown))
    }

    /// Whether a device can be added in this session now.
    pub(super) async fn may_begin_enrolment(
        &self,
        person: &SignedInPerson,
    ) -> Result<Result<(), EnrolmentRefused>, Failure> {
        self.may_add_factors()?;
        if let Err(refusal) = self.may_manage(person).await? {
            return Ok(Err(refusal.into()));
        }
        if person.account.state.factors.devices.len() >= chancery_domain::account::MAX_FACTORS {
            return Ok(Err(EnrolmentRefused::TooMany));
        }
        Ok(Ok(()))
    }

    /// Ends it: the device is added if it proves to be there. The account's first one lifts the session, which goes on under
    /// another secret; then the answer has the browser's new cookie.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn finish_enrolment(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        method: &dyn FactorMethod,
        called: Called<'_>,
        answer: &str,
    ) -> Result<Result<Option<SignedInBrowser>, EnrolmentRefused>, Failure> {
        let stream = person.account.stream;
        let (Called::Given(typed) | Called::Proposed(typed)) = called;
        let fingerprint = self.form_fingerprint(&["add factor", typed.as_str()]);
        if let Some(remembered) = self.store.remembered(form.id).await? {
            // The same form again, its answer lost.
            if remembered.fingerprint != fingerprint {
                return Err(Failure::OtherRequest);
            }
            let account = self.store.load::<Account>(stream).await?;
            return Ok(Ok(account.and_then(|account| self.repeated_sign_in(client, form.id, &account))));
        }
        self.may_add_factors()?;
        if let Err(refusal) = self.may_manage(person).await? {
            return Ok(Err(refusal.into()));
        }
        let begun = if method.asks_once() {
            self.take_for_session::<Enrolment>(person, method.enrolment()).await?
        } else {
            self.kept_for_session::<Enrolment>(person, method.enrolment()).await?
        };
        let Some(begun) = begun else { return Ok(Err(EnrolmentRefused::Gone)) };
        let roots = self.trusted_roots(&self.policy().await?.policy);
        let site = Site { roots: roots.as_ref(), ..self.factor_site() };
        let finished = Finished { site, factor: begun.factor, kept: &begun.kept, answer, now: self.now() };
        let enrolled = match method.finish_enrolment(finished) {
            Ok(enrolled) => enrolled,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(key) = &enrolled.webauthn {
            let claim = Claim { kind: ClaimKind::WebauthnCredential, value: key.credential.to_vec() };
            let theirs = self.store.find::<Account>(&claim).await?;
            if theirs.is_some_and(|account| account.stream != stream) {
                return Ok(Err(EnrolmentRefused::Wrong));
            }
        }
        let (credential, key) = self.seal_secret(stream, method.label(), &enrolled.secret).await?;
        let factor = NewFactor {
            id: begun.factor,
            kind: method.kind(),
            name: called.name(enrolled.webauthn.as_ref(), &person.account.state.factors),
            credential,
            device: enrolled.device,
            webauthn: enrolled.webauthn,
            phone: enrolled.phone.map(|number| number.as_str().to_owned()),
            proof: enrolled.proof,
        };
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        for _ in 0..TRIES {
            let Some(account) = self.store.load::<Account>(stream).await? else { break };
            let next = self.new_session(client, form.id, &account, person.session.public_computer).await?;
            let command = AddFactor { session: person.session.id, factor: factor.clone(), next };
            let policy = self.policy().await?;
            if factor.webauthn.as_ref().is_some_and(|key| policy.relying_party.as_ref() != Some(&key.rp_id)) {
                return Ok(Err(EnrolmentRefused::NotHere));
            }
            let mut along = Along { made: vec![key.clone()], ..Along::default() };
            if factor.kind == FactorKind::Phone {
                // One that was begun before is refused as well, whatever another node decides at this moment.
                let (campaign, guard) = self.guarded_campaign().await?;
                if !campaign.takes_new_numbers() {
                    return Ok(Err(EnrolmentRefused::NoNewNumbers));
                }
                along.guards.push(guard);
            }
            let attempt = self.attempt_with(&account, &command, &policy, along, &origin).await?;
            let refused = match attempt {
                Attempt::Decided { outcome: Ok(outcome), .. } => {
                    self.forget_for_session(person.session.id, method.enrolment()).await?;
                    return Ok(Ok(match outcome {
                        FactorOutcome::Added => None,
                        FactorOutcome::Lifted => Some(self.goes_on(client, person, form, Used::SecondFactor)),
                    }));
                }
                Attempt::Decided { outcome: Err(refused), .. } => refused,
                Attempt::Again => continue,
            };
            return Ok(Err(match refused {
                AddFactorRefusal::Manage(refusal) => refusal.into(),
                AddFactorRefusal::TooMany | AddFactorRefusal::Proof(ProofRefusal::TooMany) => EnrolmentRefused::TooMany,
                AddFactorRefusal::AlreadyThere => EnrolmentRefused::AlreadyThere,
                AddFactorRefusal::NotTrusted => EnrolmentRefused::NotTrusted,
                AddFactorRefusal::Proof(_) => EnrolmentRefused::Wrong,
            }));
        }
        Ok(Err(EnrolmentRefused::NoSession))
    }

    /// Whether every process that lives knows second factors. One that does not would let a password alone in, and what it
    /// reads is written so that it forgets what was proved: until it is gone none is added.
    pub(super) fn may_add_factors(&self) -> Result<(), Failure> {
        if self.store.readers().at(self.now()) < FACTORS { Err(Failure::BUSY) } else { Ok(()) }
    }

    /// What must vouch for the make of a key, if anything must: of what the policy names, what this node has.
    fn trusted_roots(&self, policy: &Policy) -> Option<AttestationCaList> {
        policy.attestation.as_ref().map(|required| self.settings.attestation_roots.trusted_by(required))
    }

    /// Keeps something while one session works on it, sealed under the account's data key.
    pub(super) async fn keep_for_session<T: Encode<()>>(
        &self,
        person: &SignedInPerson,
        label: &[u8],
        value: &T,
        expires: Timestamp,
    ) -> Result<(), Failure> {
        let Some(key) = row_key(&person.account) else { return Ok(()) };
        let plain = minicbor::to_vec(value).map_err(|error| Failure::Internal(Box::new(error)))?;
        let plain = Zeroizing::new(plain);
        let session = person.session.id;
        let sealed = key.seal(&bound(label, session), &plain);
        let row = self.enrolment_row(session, label);
        Ok(self.store.backend().put(VolatileKind::Enrolment, &row, &sealed, expires).await?)
    }

    /// What was kept so; a row that does not open or decode is as good as lost.
    pub(super) async fn kept_for_session<T: for<'b> Decode<'b, ()>>(
        &self,
        person: &SignedInPerson,
        label: &[u8],
    ) -> Result<Option<T>, Failure> {
        let row = self.enrolment_row(person.session.id, label);
        let sealed = self.store.backend().peek(VolatileKind::Enrolment, &row, self.now()).await?;
        Ok(sealed.and_then(|sealed| open_row(person, label, &sealed)))
    }

    /// Takes it away: one answer gets it.
    async fn take_for_session<T: for<'b> Decode<'b, ()>>(
        &self,
        person: &SignedInPerson,
        label: &[u8],
    ) -> Result<Option<T>, Failure> {
        let row = self.enrolment_row(person.session.id, label);
        let sealed = self.store.backend().take(VolatileKind::Enrolment, &row, self.now()).await?;
        Ok(sealed.and_then(|sealed| open_row(person, label, &sealed)))
    }

    /// Where devices are added and used.
    pub(super) fn factor_site(&self) -> Site<'_> {
        let ServiceSettings { service_name, public_url, rp_id, .. } = &self.settings;
        Site { service: service_name, public_url, rp_id: rp_id.as_deref(), roots: None }
    }

    /// It has led to what it was for.
    pub(super) async fn forget_for_session(&self, session: SessionId, label: &[u8]) -> Result<(), Failure> {
        let row = self.enrolment_row(session, label);
        self.store.backend().take(VolatileKind::Enrolment, &row, self.now()).await?;
        Ok(())
    }

    fn enrolment_row(&self, session: SessionId, label: &[u8]) -> [u8; 32] {
        let parts: [&[u8]; 4] = [b"enrolment", &self.log.bytes(), session.as_bytes(), label];
        self.store.service_mac(Purpose::Throttle, &parts)
    }
}

/// What a row is bound to: neither another session's nor another kind's opens in its place.
fn bound(label: &[u8], session: SessionId) -> Vec<u8> {
    [b"enrolment ".as_slice(), label, session.as_bytes()].concat()
}

fn open_row<T: for<'b> Decode<'b, ()>>(person: &SignedInPerson, label: &[u8], sealed: &[u8]) -> Option<T> {
    let plain = row_key(&person.account)?.open(&bound(label, person.session.id), sealed).ok()?;
    minicbor::decode(&plain).ok()
}

/// The key of volatile rows about an account; `None` once it is erased.
pub(super) fn row_key(account: &LoadedAccount) -> Option<PartKey> {
    let StreamKey::Held(_, key) = &account.key else { return None };
    Some(PartKey::derive(key, None, account.stream, Version(0), Part::Volatile))
}
