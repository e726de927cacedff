//! A telephone that is sent codes by SMS, which is on its way out: whoever takes over the number, or reads the message on its
//! way, has the factor, and whoever is asked for the code on another site gives it away.
//!
//! What a code answers is a challenge of its own, not the step's: a wrong one is typed again without another message. Those
//! that are open are kept with the browser that asked (`send.rs`), or with the session that adds the telephone (`enrol.rs`).

mod enrol;
mod send;

use std::collections::BTreeMap;
use std::time::Duration;

use chancery_domain::account::commands::FactorVerdict;
use chancery_domain::account::{AccountEvent, Device, FactorKind, Proof, SignInMethod, SmsCodeRequested};
use chancery_domain::values::PhoneNumber;
use chancery_domain::{ChallengeId, FactorId, StreamId, Timestamp};
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

pub use enrol::PhoneBegun;
pub use send::{CodeNotSent, PhoneShown, SentTo};

use self::enrol::ProvedPhone;
use super::enrolment::EnrolmentRefused;
use super::{Asked, Begun, Enrolled, FactorMethod, Finished, Held, Whose, step};
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};
use crate::ports::Random;
use crate::secrets::sms_codes::SmsCode;

/// How long a code is good: shorter than the account remembers those that were.
pub const OPEN: Duration = Duration::from_secs(240);

/// How long after a message another one is sent to the same telephone at the earliest.
const AGAIN: Duration = Duration::from_secs(30);

/// Codes that are open at once; the oldest makes room.
const MOST_OPEN: usize = 3;

/// A telephone.
#[derive(Clone, Copy, Debug)]
pub struct Phone;

impl FactorMethod for Phone {
    fn kind(&self) -> FactorKind {
        FactorKind::Phone
    }

    fn label(&self) -> &'static [u8] {
        b"phone number"
    }

    fn enrolment(&self) -> &'static [u8] {
        b"phone that is proved"
    }

    /// A telephone is added once.
    fn asks_once(&self) -> bool {
        true
    }

    /// The step's own challenge is not what is answered: see [`OPEN`].
    fn answer_within(&self) -> Duration {
        step::FIRST_PROOF
    }

    /// It begins with a number: see [`App::begin_phone`].
    fn begin_enrolment(&self, _whose: Whose<'_>, _random: &dyn Random) -> Option<Begun> {
        None
    }

    /// What was kept is the number to which the code was sent that was typed.
    fn finish_enrolment(&self, finished: Finished<'_>) -> Result<Enrolled, EnrolmentRefused> {
        let proved: ProvedPhone = minicbor::decode(finished.kept).map_err(|_| EnrolmentRefused::Gone)?;
        Ok(Enrolled {
            secret: Zeroizing::new(proved.number.as_str().as_bytes().to_vec()),
            device: Device::default(),
            webauthn: None,
            phone: Some(proved.number.clone()),
            proof: Proof {
                factor: Some(finished.factor),
                challenge: Some(proved.challenge),
                ..Proof::by(SignInMethod::Sms)
            },
        })
    }

    fn check(&self, devices: &[Held<'_>], answer: &str, asked: Asked<'_>) -> Option<FactorVerdict> {
        let right = asked.sent.iter().filter(|sent| sent.code.is(answer));
        let mut right =
            right.filter_map(|sent| Some((devices.iter().find(|held| held.factor.id == sent.factor)?, sent)));
        let right = right.next_back();
        let device = right.as_ref().map_or(devices.first()?, |(held, _)| held).factor;
        let challenge = right.as_ref().map(|(_, sent)| sent.challenge);
        let proof = Proof { factor: Some(device.id), challenge, ..Proof::by(SignInMethod::Sms) };
        Some(FactorVerdict { proof, credential: device.key, right: right.is_some(), code: None })
    }
}

/// A code that was sent and is open.
#[derive(Clone, Debug)]
pub struct SentCode {
    /// The telephone.
    pub factor: FactorId,
    /// What it answers.
    pub challenge: ChallengeId,
    /// The code.
    pub code: SmsCode,
}

/// The challenge of a code that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Sent {
    #[n(0)]
    factor: FactorId,
    #[n(1)]
    challenge: ChallengeId,
    #[n(2)]
    at: Timestamp,
}

impl Sent {
    fn is_open(&self, now: Timestamp) -> bool {
        now.since(self.at) < OPEN
    }

    /// Whether its message may still be on its way, so that another one is not yet sent.
    fn is_fresh(&self, now: Timestamp) -> bool {
        now.since(self.at) < AGAIN
    }
}

/// Adds one to those that are open.
fn add(mut sent: Vec<Sent>, one: Sent) -> Vec<Sent> {
    sent.retain(|before| before.is_open(one.at));
    sent.push(one);
    if sent.len() > MOST_OPEN {
        sent.remove(0);
    }
    sent
}

impl App {
    /// The number to which a promised code is sent; `None` once its telephone is gone.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn promised_number(
        &self,
        account: &LoadedAccount,
        requested: &SmsCodeRequested,
    ) -> Result<Option<PhoneNumber>, Failure> {
        if requested.phone.is_some() {
            return Ok(requested.phone.clone());
        }
        match account.state.factors.by_id(requested.factor) {
            Some(factor) => self.added_number(account.stream, factor.event).await,
            None => Ok(None),
        }
    }

    /// The last digits of the numbers of an account's telephones.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn phone_endings(&self, account: &LoadedAccount) -> Result<BTreeMap<FactorId, String>, Failure> {
        let mut endings = BTreeMap::new();
        for factor in account.state.factors.devices.iter().filter(|factor| factor.kind == FactorKind::Phone) {
            if let Some(number) = self.added_number(account.stream, factor.event).await? {
                endings.insert(factor.id, number.ending().to_owned());
            }
        }
        Ok(endings)
    }

    /// The number in the event that added a telephone. Jobs have no key of credentials, and need none for it.
    async fn added_number(&self, stream: StreamId, version: u64) -> Result<Option<PhoneNumber>, Failure> {
        Ok(match self.event_at(stream, version).await? {
            Some(AccountEvent::FactorAdded(added)) => {
                added.phone.as_deref().and_then(|phone| PhoneNumber::parse(phone).ok())
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::KeyId;
    use chancery_domain::account::Factor;
    use chancery_domain::values::DeviceName;

    use super::super::Site;
    use super::*;

    const SITE: Site<'_> =
        Site { service: "Chancery", public_url: "https://login.example.org", rp_id: None, roots: None };

    fn factor(n: u8) -> Factor {
        Factor {
            id: FactorId::from_bytes([n; 16]),
            number: n.into(),
            kind: FactorKind::Phone,
            name: DeviceName::parse("Mobile phone").unwrap(),
            added: Timestamp::default(),
            used: None,
            key: KeyId::from_bytes([n; 16]),
            credential: None,
            step: 0,
            counter: 0,
            backed_up: false,
            suspended: None,
            wrong_pins: None,
            off: false,
            event: n.into(),
        }
    }

    fn sent(n: u8) -> SentCode {
        let challenge = ChallengeId::from_bytes([100 + n; 16]);
        SentCode { factor: FactorId::from_bytes([n; 16]), challenge, code: SmsCode::from_mac(&[n; 32]) }
    }

    #[test]
    fn a_verdict_names_the_telephone_and_the_challenge_whose_code_it_is() {
        let (one, two) = (factor(1), factor(2));
        let held = |factor| Held { factor, secret: Zeroizing::new(Vec::new()) };
        let devices = [held(&one), held(&two)];
        // The code of a telephone that is gone is nobody's.
        let codes = [sent(1), sent(2), sent(3)];
        let asked = |sent| Asked {
            site: SITE,
            stream: StreamId::default(),
            challenge: ChallengeId::default(),
            device: None,
            sent,
            now: Timestamp::default(),
        };
        let right = Phone.check(&devices, &sent(2).code.shown(), asked(&codes)).unwrap();
        assert_eq!((right.right, right.credential, right.proof.factor), (true, two.key, Some(two.id)));
        assert_eq!(right.proof.challenge, Some(sent(2).challenge));
        for (typed, codes) in [(sent(3), &codes[..]), (sent(4), &codes), (sent(2), &codes[..1]), (sent(1), &[])] {
            let wrong = Phone.check(&devices, &typed.code.shown(), asked(codes)).unwrap();
            assert_eq!((wrong.right, wrong.credential, wrong.proof.challenge), (false, one.key, None));
        }
        assert!(Phone.check(&[], &sent(1).code.shown(), asked(&codes)).is_none());
    }

    #[test]
    fn few_codes_are_open_and_none_for_long() {
        let at = |seconds: i64, n: u8| Sent {
            factor: FactorId::from_bytes([1; 16]),
            challenge: ChallengeId::from_bytes([n; 16]),
            at: Timestamp::from_seconds(1_800_000_000 + seconds),
        };
        let all = [(0, 1), (40, 2), (80, 3), (120, 4)].into_iter().fold(Vec::new(), |all, (s, n)| add(all, at(s, n)));
        assert_eq!(all, [at(40, 2), at(80, 3), at(120, 4)]);
        assert_eq!(add(all, at(320, 5)), [at(120, 4), at(320, 5)]);
        assert!(at(0, 1).is_open(at(239, 1).at) && !at(0, 1).is_open(at(240, 1).at));
        assert!(at(0, 1).is_fresh(at(29, 1).at) && !at(0, 1).is_fresh(at(30, 1).at));
    }
}
