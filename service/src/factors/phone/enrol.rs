//! A telephone becomes a device: its number is typed, a code is sent there, and the code is typed back in the same session.

use chancery_domain::account::commands::{BeginPhone, FRESH, SmsRefusal};
use chancery_domain::values::{DeviceName, Language, PhoneNumber};
use chancery_domain::{Actor, ChallengeId, FactorId};
use minicbor::{Decode, Encode};

use super::send::number_of;
use super::{OPEN, Phone, Sent, add};
use crate::accounts::complete_link::SignedInBrowser;
use crate::accounts::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::factors::FactorMethod as _;
use crate::factors::enrolment::{Called, Enrolment, EnrolmentRefused};
use crate::ports::random_array;
use crate::secrets::forms::FormCommand;

/// What the session remembers.
const LABEL: &[u8] = b"phone that is added";

/// What a session began.
#[derive(Debug, Encode, Decode)]
struct Begun {
    #[n(0)]
    factor: FactorId,
    #[n(1)]
    number: PhoneNumber,
    #[n(2)]
    sent: Vec<Sent>,
}

/// What is kept of a telephone whose code was typed.
#[derive(Debug, Encode, Decode)]
pub(super) struct ProvedPhone {
    #[n(0)]
    pub(super) number: PhoneNumber,
    #[n(1)]
    pub(super) challenge: ChallengeId,
}

/// A telephone that waits for its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneBegun {
    /// Its number, which its owner typed a moment ago.
    pub number: PhoneNumber,
}

impl App {
    /// Sends a code to a telephone that is to be added; what was begun before in this session is over, unless it is the same
    /// number. One that was sent a moment ago is not sent again.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn begin_phone(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        number: &PhoneNumber,
        language: Language,
    ) -> Result<Result<(), EnrolmentRefused>, Failure> {
        if !self.settings.sms.offered {
            return Ok(Err(EnrolmentRefused::NotHere));
        }
        if !self.campaign().await?.takes_new_numbers() {
            return Ok(Err(EnrolmentRefused::NoNewNumbers));
        }
        // The same form again, its answer lost.
        if self.is_done(form).await? {
            return Ok(Ok(()));
        }
        if let Err(refused) = self.may_begin_enrolment(person).await? {
            return Ok(Err(refused));
        }
        let now = self.now();
        // Its last click must find the session as fresh.
        if now.since(person.session.began) > FRESH.saturating_sub(OPEN) {
            return Ok(Err(EnrolmentRefused::ProveMore));
        }
        let held = self.held_or_suspended(&person.account, &Phone).await?;
        if held.iter().any(|held| number_of(held).as_ref() == Some(number)) {
            return Ok(Err(EnrolmentRefused::AlreadyThere));
        }
        let before = self.kept_for_session::<Begun>(person, LABEL).await?.filter(|begun| begun.number == *number);
        if before.as_ref().is_some_and(|begun| begun.sent.iter().any(|sent| sent.is_fresh(now))) {
            return Ok(Ok(()));
        }
        let stream = person.account.stream;
        let taken = match self.may_send_sms(client, &person.account, number, false).await? {
            Ok(taken) => taken,
            Err(reached) => return Ok(Err(EnrolmentRefused::Limit(reached))),
        };
        let factor = before.as_ref().map(|begun| begun.factor);
        let factor = factor.unwrap_or_else(|| FactorId::from_bytes(random_array(&*self.random)));
        let challenge = ChallengeId::from_bytes(random_array(&*self.random));
        let sent = add(before.map(|begun| begun.sent).unwrap_or_default(), Sent { factor, challenge, at: now });
        let begun = Begun { factor, number: number.clone(), sent };
        self.keep_for_session(person, LABEL, &begun, now.plus(OPEN)).await?;
        let command = BeginPhone { session: person.session.id, factor, phone: number.clone(), challenge, language };
        let fingerprint = self.form_fingerprint(&["begin phone", number.as_str()]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        let refused = match self.on_account(stream, &command, &origin).await? {
            Some(Ok(())) => return Ok(Ok(())),
            Some(Err(SmsRefusal::Manage(refusal))) => refusal.into(),
            Some(Err(SmsRefusal::TooMany)) => EnrolmentRefused::TooMany,
            Some(Err(SmsRefusal::Gone | SmsRefusal::NotProved)) | None => EnrolmentRefused::NoSession,
        };
        self.give_back(&taken).await?;
        Ok(Err(refused))
    }

    /// The telephone that this session adds, while its code is open.
    ///
    /// # Errors
    /// The database's.
    pub async fn begun_phone(&self, person: &SignedInPerson) -> Result<Option<PhoneBegun>, Failure> {
        let (begun, now) = (self.kept_for_session::<Begun>(person, LABEL).await?, self.now());
        let begun = begun.filter(|begun| begun.sent.iter().any(|sent| sent.is_open(now)));
        Ok(begun.map(|begun| PhoneBegun { number: begun.number }))
    }

    /// Adds the telephone that this session began, if its code was typed. The account's first device lifts the session, as
    /// [`finish_enrolment`](Self::finish_enrolment) says.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn finish_phone(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        name: &DeviceName,
        typed: &str,
    ) -> Result<Result<Option<SignedInBrowser>, EnrolmentRefused>, Failure> {
        // The same form may have added it, its answer lost.
        if self.store.remembered(form.id).await?.is_none() {
            let begun = self.kept_for_session::<Begun>(person, LABEL).await?;
            let now = self.now();
            let Some(begun) = begun.filter(|begun| begun.sent.iter().any(|sent| sent.is_open(now))) else {
                return Ok(Err(EnrolmentRefused::Gone));
            };
            let guesses = (self.limits.code_tries, self.counter(&[b"sms enrolment", person.account.stream.as_bytes()]));
            if let Err(reached) = self.take(guesses.0, &guesses.1).await? {
                return Ok(Err(EnrolmentRefused::Limit(reached)));
            }
            let mut open = begun.sent.iter().filter(|sent| sent.is_open(now));
            let right = open.find(|sent| self.sms_code(sent.challenge, &begun.number).is(typed));
            let Some(right) = right else { return Ok(Err(EnrolmentRefused::Wrong)) };
            self.give_back(&[guesses]).await?;
            let proved = ProvedPhone { number: begun.number.clone(), challenge: right.challenge };
            let kept = minicbor::to_vec(&proved).map_err(|error| Failure::Internal(Box::new(error)))?;
            let expires = now.plus(OPEN);
            let enrolment = Enrolment::new(begun.factor, kept, expires);
            self.keep_for_session(person, Phone.enrolment(), &enrolment, expires).await?;
        }
        let added = self.finish_enrolment(client, person, form, &Phone, Called::Given(name), "").await?;
        if added.is_ok() {
            self.forget_for_session(person.session.id, LABEL).await?;
        }
        Ok(added)
    }
}
