//! A code is sent to a telephone of the account: after the right password, or in a session that must prove more.

use chancery_domain::account::commands::{RequestSmsCode, SmsRefusal};
use chancery_domain::account::{Factor, FactorKind};
use chancery_domain::values::{Language, PhoneNumber};
use chancery_domain::{Actor, ChallengeId, FactorId, StreamId, Timestamp};

use super::{OPEN, Phone, Sent, SentCode, add};
use crate::accounts::LoadedAccount;
use crate::accounts::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::factors::Held;
use crate::ports::random_array;
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

/// A telephone that can be sent a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneShown {
    /// The telephone.
    pub device: FactorId,
    /// What its owner calls it.
    pub name: String,
    /// The last digits of its number.
    pub ending: String,
}

/// Where a code was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentTo {
    /// The telephones of the account that can be sent one, the one used last first.
    pub phones: Vec<PhoneShown>,
    /// The one to which a code that is open was sent last, by its place in the list.
    pub last: Option<usize>,
}

/// What a telephone's code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Say {
    /// To sign in, or to prove more.
    SignsIn,
    /// To end the recovery that waits.
    Objects,
}

/// Why no code was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeNotSent {
    /// Nothing is asked of this browser any more: begin anew.
    Gone,
    /// There is no such telephone, or no messages are sent here.
    NotThisWay,
    /// Too many messages.
    Limit(LimitReached),
}

impl App {
    /// Sends a code to one of the account's telephones, or to the one used last. One that was sent a moment ago is not sent
    /// again.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn send_code(
        &self,
        client: &Client,
        person: Option<&SignedInPerson>,
        form: FormCommand,
        device: Option<FactorId>,
        language: Language,
    ) -> Result<Result<(), CodeNotSent>, Failure> {
        self.send_code_to(client, (person, Say::SignsIn), form, device, language).await
    }

    /// The same of a telephone that is suspended and may object to the recovery that waits, after the right password.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn send_code_to_object(
        &self,
        client: &Client,
        form: FormCommand,
        device: Option<FactorId>,
        language: Language,
    ) -> Result<Result<(), CodeNotSent>, Failure> {
        self.send_code_to(client, (None, Say::Objects), form, device, language).await
    }

    async fn send_code_to(
        &self,
        client: &Client,
        (person, say): (Option<&SignedInPerson>, Say),
        form: FormCommand,
        device: Option<FactorId>,
        language: Language,
    ) -> Result<Result<(), CodeNotSent>, Failure> {
        if !self.settings.sms.offered {
            return Ok(Err(CodeNotSent::NotThisWay));
        }
        // The same form again, its answer lost.
        if self.is_done(form).await? {
            return Ok(Ok(()));
        }
        let session = person.map(|person| person.session.id);
        let Some(step) = self.step(client, session).await? else { return Ok(Err(CodeNotSent::Gone)) };
        let account = match person {
            Some(person) => Some(person.account.clone()),
            None => self.account_of(&step).await?,
        };
        let Some(account) = account else { return Ok(Err(CodeNotSent::Gone)) };
        let held = match say {
            Say::SignsIn => self.held(&account, &Phone).await?,
            Say::Objects => self.objecting(&account, &Phone).await?,
        };
        let asked = held.iter().filter(|held| device.is_none_or(|id| held.factor.id == id));
        let asked = asked.max_by_key(|held| (held.factor.used, held.factor.added));
        let Some((factor, number)) = asked.and_then(|held| Some((held.factor.id, number_of(held)?))) else {
            return Ok(Err(CodeNotSent::NotThisWay));
        };
        let now = self.now();
        let open = self.open_codes(client, account.stream).await?;
        if open.iter().any(|sent| sent.factor == factor && sent.is_fresh(now)) {
            return Ok(Ok(()));
        }
        let taken = match self.may_send_sms(client, &account, &number, true).await? {
            Ok(taken) => taken,
            Err(reached) => return Ok(Err(CodeNotSent::Limit(reached))),
        };
        let challenge = ChallengeId::from_bytes(random_array(&*self.random));
        // Kept first: a message whose code nobody accepts would be worse than none.
        let open = add(open, Sent { factor, challenge, at: now });
        self.put_browser_row(client.browser.expose(), &label(account.stream), &open, now.plus(OPEN)).await?;
        let command = RequestSmsCode { verdict: step.password, session, factor, challenge, language };
        let fingerprint = self.form_fingerprint(&["send code", &factor.to_string()]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(account.stream));
        let told = match self.on_account(account.stream, &command, &origin).await? {
            Some(Ok(())) => return Ok(Ok(())),
            Some(Err(SmsRefusal::Gone)) => CodeNotSent::NotThisWay,
            Some(Err(SmsRefusal::NotProved | SmsRefusal::Manage(_) | SmsRefusal::TooMany)) | None => CodeNotSent::Gone,
        };
        self.give_back(&taken).await?;
        Ok(Err(told))
    }

    /// The telephones of the account of which a browser has proved the password, or of a session's, and where a code was
    /// sent that is open; `None` where nothing is asked.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn sent_to(&self, client: &Client, person: Option<&SignedInPerson>) -> Result<Option<SentTo>, Failure> {
        self.sent_to_those(client, person, Say::SignsIn).await
    }

    /// The same of those that are suspended and may object to the recovery that waits.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn sent_to_object(&self, client: &Client) -> Result<Option<SentTo>, Failure> {
        self.sent_to_those(client, None, Say::Objects).await
    }

    async fn sent_to_those(
        &self,
        client: &Client,
        person: Option<&SignedInPerson>,
        say: Say,
    ) -> Result<Option<SentTo>, Failure> {
        let session = person.map(|person| person.session.id);
        let Some(step) = self.step(client, session).await? else { return Ok(None) };
        let account = match person {
            Some(person) => person.account.clone(),
            None => match self.account_of(&step).await? {
                Some(account) => account,
                None => return Ok(None),
            },
        };
        let endings = self.phone_endings(&account).await?;
        let state = &account.state;
        let mut phones: Vec<&Factor> = match say {
            Say::SignsIn => state.factors.asked(self.now()).collect(),
            Say::Objects => state.factors.devices.iter().filter(|phone| state.may_object(phone, self.now())).collect(),
        };
        phones.retain(|factor| factor.kind == FactorKind::Phone);
        phones.sort_by_key(|factor| std::cmp::Reverse((factor.used, factor.added)));
        let open = self.open_codes(client, account.stream).await?;
        let last = open.last().and_then(|sent| phones.iter().position(|factor| factor.id == sent.factor));
        let shown = |factor: &Factor| PhoneShown {
            device: factor.id,
            name: factor.name.to_string(),
            ending: endings.get(&factor.id).cloned().unwrap_or_default(),
        };
        Ok(Some(SentTo { phones: phones.into_iter().map(shown).collect(), last }))
    }

    /// The codes that a browser was promised for these telephones and that are open.
    pub(in crate::factors) async fn sent_codes(
        &self,
        client: &Client,
        account: &LoadedAccount,
        devices: &[Held<'_>],
    ) -> Result<Vec<SentCode>, Failure> {
        let open = self.open_codes(client, account.stream).await?;
        let code = |sent: Sent| {
            let held = devices.iter().find(|held| held.factor.id == sent.factor)?;
            let code = self.sms_code(sent.challenge, &number_of(held)?);
            Some(SentCode { factor: sent.factor, challenge: sent.challenge, code })
        };
        Ok(open.into_iter().filter_map(code).collect())
    }

    async fn open_codes(&self, client: &Client, stream: StreamId) -> Result<Vec<Sent>, Failure> {
        let now: Timestamp = self.now();
        let open: Option<Vec<Sent>> = self.peek_browser_row(client.browser.expose(), &label(stream)).await?;
        Ok(open.unwrap_or_default().into_iter().filter(|sent| sent.is_open(now)).collect())
    }
}

/// The number of a telephone, with which its codes are made.
pub(super) fn number_of(held: &Held<'_>) -> Option<PhoneNumber> {
    PhoneNumber::parse(std::str::from_utf8(&held.secret).ok()?).ok()
}

/// What a browser keeps of one account: another one's codes are not among them.
fn label(stream: StreamId) -> Vec<u8> {
    [b"sms codes ".as_slice(), stream.as_bytes()].concat()
}
