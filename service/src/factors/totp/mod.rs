//! One-time codes from an app (TOTP, RFC 6238): SHA-1, six digits, steps of 30 seconds, which every app speaks.

use chancery_domain::Timestamp;
use chancery_domain::account::commands::FactorVerdict;
use chancery_domain::account::{Device, FactorKind, Proof, SignInMethod};
use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Algorithm, Builder, Secret};
use zeroize::Zeroizing;

use super::enrolment::EnrolmentRefused;
use super::{Asked, Begun, Enrolled, FactorMethod, Finished, Held, Whose};
use crate::ports::Random;

/// The length of a secret in bytes (RFC 4226, section 4, recommends 160 bits).
const SECRET: usize = 20;
/// The digits of a code.
const DIGITS: u8 = 6;
/// How long one code is the current one, in seconds.
const STEP: u64 = 30;
/// How many steps a clock may be ahead or behind.
const SKEW: u16 = 1;

/// Apps that show one-time codes.
#[derive(Clone, Copy, Debug)]
pub struct Totp;

impl FactorMethod for Totp {
    fn kind(&self) -> FactorKind {
        FactorKind::Totp
    }

    fn label(&self) -> &'static [u8] {
        b"totp secret"
    }

    fn begin_enrolment(&self, whose: Whose<'_>, random: &dyn Random) -> Option<Begun> {
        let mut kept = Zeroizing::new(vec![0; SECRET]);
        random.fill(&mut kept);
        Some(Begun { shown: key_uri(whose, &kept), kept })
    }

    fn finish_enrolment(&self, finished: Finished<'_>) -> Result<Enrolled, EnrolmentRefused> {
        let step = step_of(finished.kept, finished.answer, finished.now).ok_or(EnrolmentRefused::Wrong)?;
        Ok(Enrolled {
            secret: Zeroizing::new(finished.kept.to_vec()),
            device: Device::default(),
            webauthn: None,
            phone: None,
            proof: Proof { factor: Some(finished.factor), step: Some(step), ..Proof::by(SignInMethod::Totp) },
        })
    }

    fn check(&self, devices: &[Held<'_>], answer: &str, asked: Asked<'_>) -> Option<FactorVerdict> {
        let right = devices.iter().find_map(|held| Some((held, step_of(&held.secret, answer, asked.now)?)));
        let device = right.map_or(devices.first()?, |(held, _)| held).factor;
        let step = right.map(|(_, step)| step);
        let proof = Proof { factor: Some(device.id), step, ..Proof::by(SignInMethod::Totp) };
        Some(FactorVerdict { proof, credential: device.key, right: right.is_some(), code: None })
    }
}

/// The step whose code this is: the current one, the one before or the one after.
fn step_of(secret: &[u8], typed: &str, now: Timestamp) -> Option<u64> {
    let secret: [u8; SECRET] = secret.try_into().ok()?;
    let typed: Zeroizing<String> = Zeroizing::new(typed.split_whitespace().collect());
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(DIGITS).with_skew(SKEW);
    let totp = builder.with_step_duration(STEP).with_secret(Secret::new_stack(secret)).build().ok()?;
    totp.check(&typed, u64::try_from(now.seconds()).ok()?)
}

/// What an app's camera reads: the secret, and what the app is to call it.
fn key_uri(whose: Whose<'_>, secret: &[u8]) -> Zeroizing<String> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (service, account) = (encode(whose.site.service), encode(whose.account));
    let secret = Zeroizing::new(BASE32_NOPAD.encode(secret));
    Zeroizing::new(format!(
        "otpauth://totp/{service}:{account}?secret={}&issuer={service}&algorithm=SHA1&digits={DIGITS}&period={STEP}",
        *secret
    ))
}

/// The secret in what [`Totp`] shows, for people who type it.
#[must_use]
pub fn secret_in(key_uri: &str) -> Option<&str> {
    key_uri.split(['?', '&']).find_map(|pair| pair.strip_prefix("secret="))
}

#[cfg(test)]
mod tests {
    use chancery_domain::account::Factor;
    use chancery_domain::values::DeviceName;
    use chancery_domain::{ChallengeId, FactorId, KeyId, StreamId};

    use super::super::Site;
    use super::*;
    use crate::ports::SeededRandom;

    /// RFC 6238, appendix B, for SHA-1; the last six of its eight digits, as RFC 4226 cuts them.
    const RFC_SECRET: &[u8] = b"12345678901234567890";
    const RFC_VECTORS: [(i64, &str); 6] = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];

    const SITE: Site<'_> =
        Site { service: "Log in: & more", public_url: "https://login.example.org", rp_id: None, roots: None };

    fn factor(n: u8) -> Factor {
        Factor {
            id: FactorId::from_bytes([n; 16]),
            number: n.into(),
            kind: FactorKind::Totp,
            name: DeviceName::parse("App").unwrap(),
            added: Timestamp::default(),
            used: None,
            key: KeyId::from_bytes([n; 16]),
            credential: None,
            step: 0,
            counter: 0,
            backed_up: false,
            suspended: None,
            event: n.into(),
            wrong_pins: None,
            off: false,
        }
    }

    #[test]
    fn the_rfcs_vectors() {
        for (seconds, code) in RFC_VECTORS {
            let step = u64::try_from(seconds).unwrap() / STEP;
            let now = Timestamp::from_seconds(seconds);
            assert_eq!(step_of(RFC_SECRET, &code[2..], now), Some(step), "{seconds}");
            assert_eq!(step_of(RFC_SECRET, code, now), None, "six digits, not eight");
        }
    }

    #[test]
    fn the_steps_beside_the_current_one_are_accepted_and_no_others() {
        let (seconds, code) = (1_111_111_111, "050471");
        let step = 1_111_111_111 / STEP;
        for (apart, expected) in [(-60, None), (-30, Some(step)), (0, Some(step)), (30, Some(step)), (60, None)] {
            assert_eq!(step_of(RFC_SECRET, code, Timestamp::from_seconds(seconds + apart)), expected, "{apart}");
        }
        let now = Timestamp::from_seconds(seconds);
        assert_eq!(step_of(RFC_SECRET, " 050 471 ", now), Some(step), "as apps show it");
        for wrong in ["", "050472", "+50471", "05047", "٠٥٠٤٧١", "0504711"] {
            assert_eq!(step_of(RFC_SECRET, wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn a_verdict_names_the_device_whose_code_it_is() {
        let now = Timestamp::from_seconds(59);
        let (one, two) = (factor(1), factor(2));
        let held = |factor, secret: &[u8]| Held { factor, secret: Zeroizing::new(secret.to_vec()) };
        let devices = [held(&one, &[9; SECRET]), held(&two, RFC_SECRET)];
        let now = Asked {
            site: SITE,
            stream: StreamId::default(),
            challenge: ChallengeId::default(),
            device: None,
            sent: &[],
            now,
        };
        let right = Totp.check(&devices, "287082", now).unwrap();
        assert_eq!((right.right, right.credential, right.proof.factor), (true, two.key, Some(two.id)));
        assert_eq!(right.proof.step, Some(1));
        let wrong = Totp.check(&devices, "000000", now).unwrap();
        assert_eq!((wrong.right, wrong.credential, wrong.proof.step), (false, one.key, None));
        assert!(Totp.check(&[], "287082", now).is_none());
    }

    #[test]
    fn what_the_camera_reads_holds_what_the_person_could_type() {
        let whose = Whose { site: SITE, stream: StreamId::default(), account: "ada@example.org", has: &[] };
        let begun = Totp.begin_enrolment(whose, &SeededRandom::new(1)).unwrap();
        let shown = begun.shown.as_str();
        assert!(shown.starts_with("otpauth://totp/Log%20in%3A%20%26%20more:ada%40example%2Eorg?secret="), "{shown}");
        let typed = secret_in(shown).unwrap();
        assert_eq!(BASE32_NOPAD.decode(typed.as_bytes()).unwrap(), *begun.kept);
        assert_eq!(typed.len(), 32);
    }
}
