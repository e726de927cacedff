//! Another PIN, chosen in the app: the service's counterpart of it is swapped once, by an event.

use chancery_domain::account::commands::{AppRefusal, ChangePin};
use chancery_domain::{Actor, ChallengeId, FactorId};
use zeroize::Zeroizing;

use super::super::FactorMethod as _;
use super::MobileApp;
use super::answering::Pin;
use super::messages::{PIN_KEY, PhoneKeys, SIGNATURE};
use super::signing::{PROOF, Worth};
use super::speaking::{PhoneRefused, Signed, Speaker};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::run::{Attempt, Origin, TRIES};

/// "Another PIN."
pub struct PinChange {
    /// The message's own id, by which it is carried out once.
    pub id: [u8; 16],
    /// The phone's time in milliseconds.
    pub time: i64,
    /// The proof that the old PIN was typed.
    pub proof: [u8; PROOF],
    /// What proofs are made with from then on.
    pub pin_key: Zeroizing<[u8; PIN_KEY]>,
    /// The signature over all of it.
    pub signature: [u8; SIGNATURE],
}

impl std::fmt::Debug for PinChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinChange(…)")
    }
}

impl App {
    /// Puts a new PIN key in the old one's place, if the old PIN was right; a wrong one counts as it does at a sign-in. The
    /// same message once more, its answer lost, is told the same.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn change_pin(
        &self,
        client: &Client,
        speaker: Speaker<'_>,
        change: PinChange,
    ) -> Result<Result<(), PhoneRefused>, Failure> {
        let between = self.between(speaker.device);
        let said = between.pin_change(&change.id, change.time, &change.proof, &change.pin_key);
        let signed = match self.signed_by(client, speaker, &said, &change.signature).await? {
            Ok(signed) => signed,
            Err(refused) => return Ok(Err(refused)),
        };
        let stream = signed.account.stream;
        let about = ChallengeId::from_bytes(change.id);
        let device = speaker.device.as_bytes();
        let once = self.once(&[b"pin change", stream.as_bytes(), device, &change.id]);
        let origin = self.origin_of_phone(client, stream, &about, "change pin", once);
        let fingerprint = self.store.fingerprint(&[b"change pin", &said]);
        let origin = Origin { fingerprint, actor: Actor::Person(stream), ..origin };
        if let Some(remembered) = self.store.remembered(origin.command).await? {
            return if remembered.fingerprint == fingerprint { Ok(Ok(())) } else { Err(Failure::OtherRequest) };
        }
        if let Err(refused) = self.is_timely(change.time) {
            return Ok(Err(refused));
        }
        // Another PIN is another guess, also under the same id.
        let once = self.once(&[b"wrong pin to change", stream.as_bytes(), device, &change.id, &change.proof]);
        let wrong = self.origin_of_phone(client, stream, &about, "change pin", once);
        self.in_turn(speaker.device, self.judge_and_swap(signed, &change, &origin, &wrong)).await
    }

    async fn judge_and_swap(
        &self,
        signed: Signed,
        change: &PinChange,
        origin: &Origin,
        wrong: &Origin,
    ) -> Result<Result<(), PhoneRefused>, Failure> {
        let (stream, device): (_, FactorId) = (signed.account.stream, signed.factor.id);
        let proved = self.between(device).proving_to_change(&change.id, &change.pin_key);
        let judge = |keys: &PhoneKeys| {
            if keys.know_the_pin(&proved, &change.proof) { Worth::Right } else { Worth::WrongPin }
        };
        for _ in 0..TRIES {
            if let Pin::Refused(refused) = self.judge_pin(stream, device, judge, wrong).await? {
                return Ok(Err(refused));
            }
            let Some(Signed { account, factor, keys }) = self.device(stream, device).await? else {
                return Ok(Err(PhoneRefused::Gone));
            };
            // It was judged by the secret that was there a moment ago.
            if judge(&keys) != Worth::Right {
                continue;
            }
            let next = PhoneKeys { public_key: keys.public_key, pin_key: *change.pin_key };
            let plain = Zeroizing::new(minicbor::to_vec(&next).map_err(|error| Failure::Internal(Box::new(error)))?);
            let (credential, key) = self.seal_secret(stream, MobileApp.label(), &plain).await?;
            let command = ChangePin { factor: device, replaces: factor.key, credential };
            match self.attempt(&account, &command, &self.policy().await?, vec![key], origin).await? {
                Attempt::Decided { outcome: Ok(()), .. } => return Ok(Ok(())),
                Attempt::Decided { outcome: Err(AppRefusal::Gone), .. } => return Ok(Err(PhoneRefused::Gone)),
                Attempt::Decided { outcome: Err(AppRefusal::Stale), .. } | Attempt::Again => {}
            }
        }
        Err(Failure::BUSY)
    }
}
