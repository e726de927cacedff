//! Where a phone is reached that wants to be told that a request waits (`crate::push`).
//!
//! A subscription is a volatile row, sealed under the account's key, and no event: nothing is decided by it, it is personal,
//! and a browser replaces it when it likes. The app says it anew each time it is opened. So a lost one, or an old copy put
//! back, only means that the app is not woken until then; and where it is never woken, it asks by itself when it is opened.

use std::time::Duration;

use chancery_domain::account::FactorKind;
use chancery_domain::{ChallengeId, FactorId, StreamId, Timestamp};
use chancery_eventstore::volatile::VolatileKind;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hyper::Request;
use serde_json::json;
use zeroize::Zeroizing;

use super::super::enrolment::row_key;
use super::messages::SIGNATURE;
use super::request_rows::AppRequest;
use super::speaking::{PhoneRefused, Speaker};
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::push::{self, Message, Subscription};
use crate::texts::Texts;

/// How long a subscription is kept after its app was opened last.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// "Tell me here."
pub struct Subscribing {
    /// The phone's time in milliseconds.
    pub time: i64,
    /// Where it is reached.
    pub subscription: Subscription,
    /// The signature over all of it.
    pub signature: [u8; SIGNATURE],
}

impl std::fmt::Debug for Subscribing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscribing(…)")
    }
}

/// What one phone is told.
pub struct Push {
    /// The phone.
    pub device: FactorId,
    /// Where it is reached.
    pub subscription: Subscription,
    /// What is sent there.
    pub request: Request<Vec<u8>>,
}

impl std::fmt::Debug for Push {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Push(…)")
    }
}

/// What is told of a request.
#[derive(Debug)]
pub struct Pushes {
    /// To whom.
    pub to: Vec<Push>,
    /// Until when it is worth telling.
    pub until: Timestamp,
}

impl App {
    /// The key for which apps subscribe; `None` where no push service is allowed.
    #[must_use]
    pub fn push_key(&self) -> Option<String> {
        (!self.settings.push_services.is_empty()).then(|| BASE64URL_NOPAD.encode(self.vapid.public()))
    }

    /// Keeps where a phone is reached, in place of where it was before.
    ///
    /// # Errors
    /// The database's.
    pub async fn subscribe_phone(
        &self,
        client: &Client,
        speaker: Speaker<'_>,
        subscribing: Subscribing,
    ) -> Result<Result<(), PhoneRefused>, Failure> {
        let Subscribing { time, subscription, signature } = subscribing;
        let said = self.between(speaker.device).subscription(time, &subscription);
        let signed = match self.signed_by(client, speaker, &said, &signature).await? {
            Ok(signed) => signed,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Err(refused) = self.is_timely(time) {
            return Ok(Err(refused));
        }
        let row = self.subscription_row(signed.account.stream, speaker.device);
        let Some(key) = row_key(&signed.account) else { return Ok(Err(PhoneRefused::Gone)) };
        let plain = minicbor::to_vec(&subscription).map_err(|error| Failure::Internal(Box::new(error)))?;
        let sealed = key.seal(&bound(&row), &Zeroizing::new(plain));
        let expires = self.now().plus(KEPT);
        self.store.backend().put(VolatileKind::PushSubscription, &row, &sealed, expires).await?;
        Ok(Ok(()))
    }

    /// What the account's phones that want to be told are told of a request; `None` where nobody can answer it any more.
    ///
    /// # Errors
    /// The database's.
    pub async fn pushes_about(&self, stream: StreamId, id: ChallengeId) -> Result<Option<Pushes>, Failure> {
        let Some(account) = self.account(stream).await? else { return Ok(None) };
        let waiting = self.find_request(&account, id).await?.map(|(_, request)| request);
        let Some(request) = waiting.filter(|request| request.is_open(self.now())) else { return Ok(None) };
        let until = request.expires();
        let mut to = Vec::new();
        for factor in account.state.factors.counting().filter(|factor| factor.kind == FactorKind::MobileApp) {
            let Some(subscription) = self.subscription(&account, factor.id).await? else { continue };
            // Another key has taken the place of the one that it was made for, or the operator has closed the way.
            let stands = subscription.made_for == *self.vapid.public()
                && push::endpoint_of(&subscription.endpoint, &self.settings.push_services).is_some();
            let request = stands.then(|| self.push(&account, factor.id, &subscription, &request)).flatten();
            match request {
                Some(request) => to.push(Push { device: factor.id, subscription, request }),
                None => self.forget_subscription(stream, factor.id, &subscription).await?,
            }
        }
        Ok(Some(Pushes { to, until }))
    }

    /// Says that a request waits, and which; not whose, and from where.
    fn push(
        &self,
        account: &LoadedAccount,
        device: FactorId,
        subscription: &Subscription,
        request: &AppRequest,
    ) -> Option<Request<Vec<u8>>> {
        let now = self.now();
        let language = account.state.identity.as_ref()?.language;
        let said =
            if request.session.is_some() { "authenticator-asked-to-change" } else { "authenticator-asked-to-sign-in" };
        let content = json!({
            "request": HEXLOWER.encode(request.id.as_bytes()),
            "title": self.settings.service_name,
            "text": Texts::of(language).text(said, &[]),
            "language": language.tag(),
        });
        let content = content.to_string();
        let topic = self.counter(&[b"push topic", &self.log.bytes(), account.stream.as_bytes(), device.as_bytes()]);
        let topic = BASE64URL_NOPAD.encode(&topic[..24]);
        let message = Message {
            content: content.as_bytes(),
            lives: request.expires().since(now),
            topic: &topic,
            now,
            contact: self.origin(),
        };
        push::request(&self.vapid, &*self.random, subscription, &message)
    }

    /// Forgets where a phone was reached, unless it is reached elsewhere by now.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_subscription(
        &self,
        stream: StreamId,
        device: FactorId,
        subscription: &Subscription,
    ) -> Result<(), Failure> {
        let Some(account) = self.account(stream).await? else { return Ok(()) };
        if self.subscription(&account, device).await?.as_ref() == Some(subscription) {
            let row = self.subscription_row(stream, device);
            self.store.backend().take(VolatileKind::PushSubscription, &row, self.now()).await?;
        }
        Ok(())
    }

    async fn subscription(&self, account: &LoadedAccount, device: FactorId) -> Result<Option<Subscription>, Failure> {
        let row = self.subscription_row(account.stream, device);
        let sealed = self.store.backend().peek(VolatileKind::PushSubscription, &row, self.now()).await?;
        let plain = sealed.zip(row_key(account)).and_then(|(sealed, key)| key.open(&bound(&row), &sealed).ok());
        Ok(plain.and_then(|plain| minicbor::decode(&plain).ok()))
    }

    fn subscription_row(&self, stream: StreamId, device: FactorId) -> [u8; 32] {
        self.counter(&[b"push subscription", &self.log.bytes(), stream.as_bytes(), device.as_bytes()])
    }
}

/// What a row is bound to: none opens in another's place.
fn bound(row: &[u8; 32]) -> Vec<u8> {
    [b"push subscription ".as_slice(), row].concat()
}
