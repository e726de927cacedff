//! "Security Key or Trusted Platform" (WebAuthn, level 3): a passkey of this device or of a key, or a key that is used
//! after the password. The library judges; here is what it is asked and what is kept of its answer.
//!
//! The challenge is the step's own [`ChallengeId`], so that the account remembers it and the same answer cannot count twice
//! whatever becomes of the volatile rows. The library's state is put together anew from the devices that the account has
//! when the answer comes.

mod library;
mod makes;
mod roots;
mod told;

use chancery_domain::account::commands::FactorVerdict;
use chancery_domain::account::{Attachment, Factor, FactorKind, Proof, WebauthnKey};
use chancery_domain::{ChallengeId, StreamId};
use data_encoding::BASE64URL_NOPAD;
use webauthn_rs::prelude::{
    AuthenticationResult, PublicKeyCredential, RegisterPublicKeyCredential, SecurityKey, WebauthnError,
};
use zeroize::Zeroizing;

use self::told::{Attested, AuthenticatorData, Hints};
use super::enrolment::EnrolmentRefused;
use super::{Asked, Begun, Enrolled, FactorMethod, Finished, Held, Site, Whose};
use crate::ports::{Random, random_array};

pub use self::library::{is_within, rp_id};
pub use self::makes::make_of;
pub use self::roots::Roots;

/// A device of this kind, attached so. What is attached how is the browser's to choose from; nothing depends on it later.
#[derive(Clone, Copy, Debug)]
pub struct Webauthn {
    kind: FactorKind,
    attachment: Attachment,
}

/// The device itself on which the browser runs, as a passkey.
pub const PLATFORM: Webauthn = Webauthn { kind: FactorKind::Passkey, attachment: Attachment::Platform };

/// A key or another device, as a passkey: it signs in without the password, too.
pub const PASSKEY: Webauthn = Webauthn { kind: FactorKind::Passkey, attachment: Attachment::CrossPlatform };

/// A key that is used after the password.
pub const SECURITY_KEY: Webauthn = Webauthn { kind: FactorKind::SecurityKey, attachment: Attachment::CrossPlatform };

impl FactorMethod for Webauthn {
    fn kind(&self) -> FactorKind {
        self.kind
    }

    fn label(&self) -> &'static [u8] {
        match self.kind {
            FactorKind::Passkey => b"passkey",
            _ => b"security key",
        }
    }

    fn enrolment(&self) -> &'static [u8] {
        match (self.kind, self.attachment) {
            (FactorKind::Passkey, Attachment::Platform) => b"passkey of this device",
            (FactorKind::Passkey, Attachment::CrossPlatform) => b"passkey of a key",
            _ => b"security key",
        }
    }

    fn asks_once(&self) -> bool {
        true
    }

    fn checks(&self, kind: FactorKind) -> bool {
        kind.is_phishing_resistant()
    }

    fn begin_enrolment(&self, whose: Whose<'_>, random: &dyn Random) -> Option<Begun> {
        let challenge = ChallengeId::from_bytes(random_array(random));
        let known: Vec<SecurityKey> = whose.has.iter().filter_map(key_of).collect();
        let (shown, state) = match self.kind {
            FactorKind::Passkey => library::begin_passkey(whose, self.attachment, &known, challenge),
            _ => library::begin_security_key(whose, self.attachment, &known, challenge),
        }?;
        let kept = [challenge.as_bytes().as_slice(), &state].concat();
        Some(Begun { shown: Zeroizing::new(shown), kept: Zeroizing::new(kept) })
    }

    fn finish_enrolment(&self, finished: Finished<'_>) -> Result<Enrolled, EnrolmentRefused> {
        self.register(finished)
    }

    fn ask(&self, devices: &[Held<'_>], asked: Asked<'_>) -> Option<String> {
        let keys: Vec<SecurityKey> = devices.iter().filter_map(key_of).collect();
        let must_verify = devices.iter().all(|held| held.factor.kind == FactorKind::Passkey);
        library::ask(asked, &keys, must_verify)
    }

    fn check(&self, devices: &[Held<'_>], answer: &str, asked: Asked<'_>) -> Option<FactorVerdict> {
        let first = devices.first()?.factor;
        let posted: Option<PublicKeyCredential> = told::parse(answer);
        let signed = posted.as_ref().and_then(|posted| {
            let hash = told::credential_hash(&posted.raw_id);
            devices.iter().find(|held| held.factor.credential == Some(hash)).zip(Some(posted))
        });
        let Some((held, posted)) = signed else { return Some(wrong(first)) };
        Some(judge(held, posted, asked, library::finish).unwrap_or_else(|| wrong(held.factor)))
    }
}

impl Webauthn {
    fn register(self, finished: Finished<'_>) -> Result<Enrolled, EnrolmentRefused> {
        let wrong = EnrolmentRefused::Wrong;
        let (challenge, state) = finished.kept.split_at_checked(16).ok_or(wrong)?;
        let challenge = ChallengeId::from_bytes(challenge.try_into().map_err(|_| wrong)?);
        let posted: RegisterPublicKeyCredential = told::parse(finished.answer).ok_or(wrong)?;
        let hints: Hints = told::parse(finished.answer).ok_or(wrong)?;
        let registered = library::registered(finished.site, self.kind, &posted, state).map_err(|error| {
            tracing::debug!(%error, "a key was not added");
            if library::is_about_trust(&error) { EnrolmentRefused::NotTrusted } else { wrong }
        })?;
        let Attested { data, attestation } =
            Attested::read(&posted.response.attestation_object, registered.is_vouched_for).ok_or(wrong)?;
        Ok(Enrolled {
            secret: Zeroizing::new(registered.secret),
            device: hints.device(),
            webauthn: Some(WebauthnKey {
                // The attested id: what the browser says beside it is signed by nobody.
                credential: told::credential_hash(&registered.id),
                rp_id: finished.site.rp_id.ok_or(wrong)?.to_owned(),
                aaguid: data.aaguid.ok_or(wrong)?,
                attachment: hints.attachment(),
                transports: told::transports(posted.response.transports.as_deref().unwrap_or_default()),
                discoverable: posted.extensions.cred_props.and_then(|props| props.rk),
                backup_eligible: data.backup_eligible,
                attestation,
                certificate_path: registered.certificates,
            }),
            phone: None,
            proof: Proof {
                factor: Some(finished.factor),
                challenge: Some(challenge),
                counter: Some(data.counter),
                backed_up: Some(data.backed_up),
                user_verified: Some(data.user_verified),
                ..Proof::by(self.kind.method())
            },
        })
    }
}

/// The key that is sealed with a device. A [`Passkey`](webauthn_rs::prelude::Passkey) is written as a [`SecurityKey`] is,
/// and remembers that it must verify its user.
fn key_of(held: &Held<'_>) -> Option<SecurityKey> {
    serde_json::from_slice(&held.secret).ok()
}

fn wrong(factor: &Factor) -> FactorVerdict {
    let proof = Proof { factor: Some(factor.id), ..Proof::by(factor.kind.method()) };
    FactorVerdict { proof, credential: factor.key, right: false, code: None }
}

/// The keys that an account still has, as a browser is told.
pub(super) fn accepted(site: Site<'_>, stream: StreamId, has: &[Held<'_>]) -> Option<String> {
    let keys: Vec<String> = has.iter().filter_map(key_of).map(|key| BASE64URL_NOPAD.encode(key.cred_id())).collect();
    let told = serde_json::json!({
        "rpId": site.rp_id?,
        "userId": BASE64URL_NOPAD.encode(stream.as_bytes()),
        "allAcceptedCredentialIds": keys,
    });
    Some(told.to_string())
}

/// What the browser is asked before a name was typed: any passkey, so that nothing tells who has which.
pub(super) fn ask_first(asked: Asked<'_>) -> Option<String> {
    library::ask_first(asked)
}

/// Which account an answer to [`ask_first`] speaks of, and which question it says that it answers.
pub(super) fn named_in(answer: &str) -> Option<(StreamId, ChallengeId)> {
    let posted: PublicKeyCredential = told::parse(answer)?;
    let stream = StreamId::from_bytes(posted.get_user_unique_id()?.try_into().ok()?);
    Some((stream, told::challenge(&posted.response.client_data_json)?))
}

/// Judges an answer to [`ask_first`] by the passkeys of that account; `None` if it is wrong.
pub(super) fn check_first(passkeys: &[Held<'_>], answer: &str, asked: Asked<'_>) -> Option<FactorVerdict> {
    let posted: PublicKeyCredential = told::parse(answer)?;
    let hash = told::credential_hash(&posted.raw_id);
    let held = passkeys.iter().find(|held| held.factor.credential == Some(hash))?;
    let verdict = judge(held, &posted, asked, library::finish_first)?;
    let proof = Proof { challenge: Some(asked.challenge), ..verdict.proof };
    Some(FactorVerdict { proof, ..verdict })
}

/// What the library says of an answer by this device; `None` if it is wrong.
fn judge(
    held: &Held<'_>,
    posted: &PublicKeyCredential,
    asked: Asked<'_>,
    finish: impl FnOnce(Asked<'_>, SecurityKey, &PublicKeyCredential) -> Result<AuthenticationResult, WebauthnError>,
) -> Option<FactorVerdict> {
    let factor = held.factor;
    let handle = posted.get_user_unique_id().filter(|handle| !handle.is_empty());
    if handle.is_some_and(|handle| handle != asked.stream.as_bytes()) {
        return None;
    }
    let signed = AuthenticatorData::read(&posted.response.authenticator_data)?;
    match finish(asked, key_of(held)?, posted) {
        // The library has the counter of the day on which the key was added; the account knows the last one, and judges.
        Ok(_) | Err(WebauthnError::CredentialPossibleCompromise) => {}
        Err(error) => {
            tracing::debug!(%error, "a key's answer was refused");
            return None;
        }
    }
    let proof = Proof {
        counter: Some(signed.counter),
        backed_up: Some(signed.backed_up),
        user_verified: Some(signed.user_verified),
        ..wrong(factor).proof
    };
    Some(FactorVerdict { proof, credential: factor.key, right: true, code: None })
}
