//! The service's own app: enrolled with a PIN, good for a code where there is no network, and for an answer to a request where
//! there is one (`docs/authenticator.md`).

mod answering;
mod approval;
mod messages;
mod ocra;
mod pairing;
mod pin;
mod pin_change;
mod request;
mod request_rows;
mod rows;
mod signing;
mod speaking;
mod subscription;
mod taking;

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use chancery_domain::account::commands::FactorVerdict;
use chancery_domain::account::{Account, Factor, FactorKind, Proof, SignInMethod};
use chancery_domain::{ChallengeId, FactorId, Timestamp};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

pub use answering::{Approving, Shown, ShownRequests};
pub use approval::{ByRequest, ON_MOBILE, PIN_CODE, is_by_request};
pub use messages::{PIN_KEY, PUBLIC_KEY, Phone, PhoneKeys, SIGNATURE, transcript};
pub use ocra::{CHALLENGE, response};
pub use pairing::{PairingEnded, PairingView};
pub use pin::{PIN, Pin, PinWrong};
pub use pin_change::PinChange;
pub use request::{RequestOver, RequestRefused, RequestStanding, RequestView};
pub use request_rows::ANSWERABLE;
pub use signing::PROOF;
pub use speaking::{CLOCK, PhoneRefused, Speaker};
pub use subscription::{Push, Pushes, Subscribing};
pub use taking::{Looked, PairingRefused, PairingState};

use self::rows::PairedPhone;
use super::enrolment::EnrolmentRefused;
use super::{Asked, Begun, Enrolled, FactorMethod, Finished, Held, Whose};
use crate::accounts::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::ports::Random;

/// How long a challenge can be answered.
const ANSWER: Duration = Duration::from_secs(120);

/// The service's own app.
#[derive(Clone, Copy, Debug)]
pub struct MobileApp;

impl FactorMethod for MobileApp {
    fn kind(&self) -> FactorKind {
        FactorKind::MobileApp
    }

    fn label(&self) -> &'static [u8] {
        b"mobile app keys"
    }

    fn enrolment(&self) -> &'static [u8] {
        b"mobile app phone"
    }

    /// A phone is added once.
    fn asks_once(&self) -> bool {
        true
    }

    fn answer_within(&self) -> Duration {
        ANSWER
    }

    /// It begins with a name and a PIN: see [`App::begin_pairing`].
    fn begin_enrolment(&self, _whose: Whose<'_>, _random: &dyn Random) -> Option<Begun> {
        None
    }

    /// What was kept is what the phone sent, its signature and PIN checked.
    fn finish_enrolment(&self, finished: Finished<'_>) -> Result<Enrolled, EnrolmentRefused> {
        let phone: PairedPhone = minicbor::decode(finished.kept).map_err(|_| EnrolmentRefused::Gone)?;
        let secret = minicbor::to_vec(&phone.keys).map_err(|_| EnrolmentRefused::Gone)?;
        // Its id is good once, whatever becomes of the rows that say so.
        let challenge = Some(ChallengeId::from_bytes(*finished.factor.as_bytes()));
        Ok(Enrolled {
            secret: Zeroizing::new(secret),
            device: phone.device,
            webauthn: None,
            phone: None,
            proof: Proof {
                factor: Some(finished.factor),
                challenge,
                user_verified: Some(true),
                ..Proof::by(SignInMethod::MobileAppQrCode)
            },
        })
    }

    fn check(&self, devices: &[Held<'_>], answer: &str, asked: Asked<'_>) -> Option<FactorVerdict> {
        // A challenge is one device's: no other one's code answers it.
        let named = devices.iter().find(|held| Some(held.factor.id) == asked.device);
        let right = named.is_some_and(|held| is_code(held, answer, asked.challenge));
        let held = named.or_else(|| devices.first())?;
        let proof = Proof { factor: Some(held.factor.id), ..Proof::by(SignInMethod::MobileAppQrCode) };
        Some(FactorVerdict { proof, credential: held.factor.key, right, code: None })
    }
}

/// Whether what was typed is the device's code for its challenge, compared in constant time.
fn is_code(held: &Held<'_>, typed: &str, challenge: ChallengeId) -> bool {
    let Ok(keys) = minicbor::decode::<PhoneKeys>(&held.secret) else { return false };
    let Some(code) = response(&keys.pin_key, &digits_of(challenge, held.factor.id)) else { return false };
    let typed: Zeroizing<String> =
        Zeroizing::new(typed.chars().filter(|typed| !typed.is_whitespace()).take(16).collect());
    verify_slices_are_equal(code.as_bytes(), typed.as_bytes()).is_ok()
}

/// A device's id as the app writes it.
#[must_use]
pub fn id_of(device: FactorId) -> String {
    HEXLOWER.encode(device.as_bytes())
}

/// Reads what [`id_of`] wrote.
#[must_use]
pub fn device_of(text: &str) -> Option<FactorId> {
    let bytes: [u8; 16] = HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()?;
    Some(FactorId::from_bytes(bytes))
}

/// The digits that a device is asked for a challenge.
fn digits_of(challenge: ChallengeId, device: FactorId) -> String {
    let hash = digest::digest(&digest::SHA256, &transcript(&[b"challenge", challenge.as_bytes(), device.as_bytes()]));
    let number = hash.as_ref().iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{:0width$}", number % 10_u64.pow(10), width = CHALLENGE)
}

/// What the page shows for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrChallenge {
    /// The device.
    pub device: FactorId,
    /// What its owner calls it.
    pub name: String,
    /// The digits, to be typed into the app.
    pub digits: String,
    /// The same for the app's camera.
    pub link: String,
}

impl App {
    /// What each app of the account would be asked now, the one used last first; none where nothing is asked. A challenge
    /// that is too old to be answered is replaced.
    ///
    /// # Errors
    /// The database's.
    pub async fn qr_challenges(
        &self,
        client: &Client,
        person: Option<&SignedInPerson>,
    ) -> Result<Vec<QrChallenge>, Failure> {
        self.qr_challenges_of(client, person, |_, factor, _| factor.counts()).await
    }

    /// The same of suspended ones that may object to the recovery that waits.
    ///
    /// # Errors
    /// The database's.
    pub async fn objection_qr_challenges(&self, client: &Client) -> Result<Vec<QrChallenge>, Failure> {
        self.qr_challenges_of(client, None, Account::may_object).await
    }

    async fn qr_challenges_of(
        &self,
        client: &Client,
        person: Option<&SignedInPerson>,
        are_asked: impl Fn(&Account, &Factor, Timestamp) -> bool,
    ) -> Result<Vec<QrChallenge>, Failure> {
        let way = SignInMethod::MobileAppQrCode;
        let Some((step, account)) = self.asked_step(client, person, way).await? else { return Ok(Vec::new()) };
        let now = self.now();
        let devices = account.state.factors.devices.iter().filter(|factor| factor.kind == FactorKind::MobileApp);
        let mut apps: Vec<&Factor> = devices.filter(|factor| are_asked(&account.state, factor, now)).collect();
        apps.sort_by_key(|factor| std::cmp::Reverse((factor.used, factor.added)));
        let challenge = |factor: &Factor| {
            let digits = digits_of(step.challenge, factor.id);
            let link = format!("{}/app#code={}.{digits}", self.origin(), id_of(factor.id));
            QrChallenge { device: factor.id, name: factor.name.to_string(), digits, link }
        };
        Ok(apps.into_iter().map(challenge).collect())
    }

    /// The origin by which people reach the service, without a slash at its end.
    pub(super) fn origin(&self) -> &str {
        self.settings.public_url.trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;
    use chancery_domain::values::Uid;

    use super::messages::enrolment_transcript;
    use super::signing::Between;
    use super::*;
    use crate::push::Subscription;

    /// What another app is written by, against what this service does.
    #[test]
    fn the_documented_vectors() {
        let told = include_str!("../../../../docs/authenticator.md");
        let bytes = |from: u8, count: u8| (from..from + count).collect::<Vec<u8>>();
        let device: [u8; 16] = bytes(0xa0, 16).try_into().unwrap();
        let fields = transcript(&[b"chancery pin 1", &device, b"4071"]);
        let pin_key: [u8; PIN_KEY] =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &bytes(0, 32)), &fields).as_ref().try_into().unwrap();
        assert!(told.contains(&format!("`4071` | `{}` |", HEXLOWER.encode(&pin_key))));
        for challenge in ["0123456789", "9999999999"] {
            let code = response(&pin_key, challenge).unwrap();
            assert!(told.contains(&format!("`{challenge}` | `{}` |", *code)), "{challenge}");
        }
        let mut public_key = [4; PUBLIC_KEY];
        public_key[1..].copy_from_slice(&bytes(1, 64));
        let (uid, keys) = (Uid::parse("n7k2m9qx").unwrap(), PhoneKeys { public_key, pin_key });
        let signed = enrolment_transcript("https://login.example.org", &uid, FactorId::from_bytes(device), &keys);
        let hash = HEXLOWER.encode(digest::digest(&digest::SHA256, &signed).as_ref());
        assert!(told.contains(&format!("is {} bytes long", signed.len())) && told.contains(&hash), "{hash}");
    }

    /// The same of what it says once it is a device.
    #[test]
    fn the_documented_vectors_of_a_device() {
        let told = include_str!("../../../../docs/authenticator.md");
        let bytes = |from: u8, count: u8| (from..=from + (count - 1)).collect::<Vec<u8>>();
        let device: [u8; 16] = bytes(0xa0, 16).try_into().unwrap();
        let fields = transcript(&[b"chancery pin 1", &device, b"4071"]);
        let mac = |key: &[u8], of: &[u8]| -> [u8; 32] {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), of).as_ref().try_into().unwrap()
        };
        let pin_key = mac(&bytes(0, 32), &fields);
        let between = Between { origin: "https://login.example.org", device: FactorId::from_bytes(device) };
        let request = ChallengeId::from_bytes(bytes(0xb0, 16).try_into().unwrap());
        let (id, next) = (bytes(0xc0, 16).try_into().unwrap(), bytes(0xd0, 32).try_into().unwrap());
        let time = 1_777_802_400_000;
        let hash = |of: &[u8]| HEXLOWER.encode(digest::digest(&digest::SHA256, of).as_ref());
        let proof = mac(&pin_key, &between.proving(request));
        let change = mac(&pin_key, &between.proving_to_change(&id, &next));
        let point = |from| [&[4], bytes(from, 64).as_slice()].concat().try_into().unwrap();
        let subscription = Subscription {
            endpoint: "https://push.example.net/a1b2".to_owned(),
            public_key: point(1),
            auth: bytes(0xe0, 16).try_into().unwrap(),
            made_for: point(0x41),
        };
        let told_row = format!("(65 bytes) | `{}` |", hash(&between.subscription(time, &subscription)));
        assert!(told.contains(&told_row), "{told_row}");
        let vectors = [
            ("Proof of the PIN for the request", HEXLOWER.encode(&proof)),
            ("SHA-256 of what is signed to ask", hash(&between.asking(time))),
            ("SHA-256 of what is signed to approve", hash(&between.approval(request, "42", &proof))),
            ("SHA-256 of what is signed to deny", hash(&between.denial(request))),
            ("Proof of the PIN to change it", HEXLOWER.encode(&change)),
            ("SHA-256 of what is signed to change it", hash(&between.pin_change(&id, time, &change, &next))),
        ];
        let rows = vectors.map(|(what, value)| format!("| {what} | `{value}` |"));
        assert!(rows.iter().all(|row| told.contains(row)), "{rows:#?}");
    }

    #[test]
    fn a_challenge_is_ten_digits_of_one_device() {
        let (one, two) = (FactorId::from_bytes([1; 16]), FactorId::from_bytes([2; 16]));
        let challenge = ChallengeId::from_bytes([7; 16]);
        let digits = digits_of(challenge, one);
        assert!(digits.len() == CHALLENGE && digits.bytes().all(|digit| digit.is_ascii_digit()), "{digits}");
        assert_ne!(digits, digits_of(challenge, two));
        assert_ne!(digits, digits_of(ChallengeId::from_bytes([8; 16]), one));
        assert_eq!(device_of(&id_of(one)), Some(one));
        for wrong in ["", "01", &"0".repeat(33), &"A".repeat(32), &"g".repeat(32)] {
            assert_eq!(device_of(wrong), None, "{wrong}");
        }
    }
}
