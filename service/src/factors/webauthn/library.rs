//! What the library is asked, and with which challenge.

use std::time::Duration;

use chancery_domain::ChallengeId;
use chancery_domain::account::{Attachment, FactorKind};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use webauthn_rs::Webauthn;
use webauthn_rs::prelude::{
    AttestedPasskeyRegistration, AuthenticationResult, AuthenticatorAttachment, CreationChallengeResponse,
    ParsedAttestationData, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, SecurityKey,
    SecurityKeyRegistration, WebauthnBuilder, WebauthnError,
};
use webauthn_rs_proto::{PublicKeyCredentialDescriptor, ResidentKeyRequirement, UserVerificationPolicy};

use super::super::{Asked, Site, Whose};

/// How long the browser waits for the device: as long as the answer counts.
const TIMEOUT: Duration = Duration::from_secs(240);

/// The relying party's id where the operator names none: the host by which people reach the service. `None` where that is an
/// IP address, for which no browser makes a key.
#[must_use]
pub fn rp_id(public_url: &str) -> Option<String> {
    Url::parse(public_url).ok()?.domain().map(str::to_owned)
}

/// Whether an address is a relying party's: its host is the id, or under it (WebAuthn, section 5.1.2).
#[must_use]
pub fn is_within(public_url: &str, rp_id: &str) -> bool {
    let host = self::rp_id(public_url);
    let above = host.as_deref().and_then(|host| host.strip_suffix(rp_id));
    above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The library for a site.
pub(super) fn of(site: Site<'_>) -> Option<Webauthn> {
    let origin = Url::parse(site.public_url).ok()?;
    WebauthnBuilder::new(site.rp_id?, &origin).ok()?.rp_name(site.service).timeout(TIMEOUT).build().ok()
}

/// Options and state of adding a passkey.
pub(super) fn begin_passkey(
    whose: Whose<'_>,
    attachment: Attachment,
    known: &[SecurityKey],
    challenge: ChallengeId,
) -> Option<(String, Vec<u8>)> {
    let user = Uuid::from(whose.stream);
    let library = of(whose.site)?;
    let (mut options, state) = match whose.site.roots {
        None => {
            let begun = library.start_passkey_registration(user, whose.account, whose.account, None);
            begun.map(|(options, state)| (options, serde_json::to_value(state))).ok()?
        }
        Some(roots) => {
            let (account, roots) = (whose.account, roots.clone());
            let begun = library.start_attested_passkey_registration(user, account, account, None, roots, None);
            let (mut options, state) = begun.ok()?;
            // As where nothing must vouch for it: enforced by the browser, some would not make any.
            if let Some(extensions) = options.public_key.extensions.as_mut()
                && let Some(protect) = extensions.cred_protect.as_mut()
            {
                protect.enforce_credential_protection_policy = Some(false);
            }
            (options, serde_json::to_value(state))
        }
    };
    let selection = options.public_key.authenticator_selection.get_or_insert_default();
    // Else it could not be found before a name was typed.
    selection.resident_key = Some(ResidentKeyRequirement::Required);
    selection.require_resident_key = true;
    begun(options, attachment, known, state.ok()?, challenge)
}

/// Options and state of adding a key that is used after the password.
pub(super) fn begin_security_key(
    whose: Whose<'_>,
    attachment: Attachment,
    known: &[SecurityKey],
    challenge: ChallengeId,
) -> Option<(String, Vec<u8>)> {
    let user = Uuid::from(whose.stream);
    let library = of(whose.site)?;
    let begin = library.start_securitykey_registration(
        user,
        whose.account,
        whose.account,
        None,
        whose.site.roots.cloned(),
        None,
    );
    let (mut options, state) = begin.ok()?;
    // With user verification only preferred, Chromium makes no credential that may not be used without it. The library sees
    // to it that a key which verified its user once does so ever after.
    options.public_key.extensions.get_or_insert_default().cred_protect = None;
    begun(options, attachment, known, serde_json::to_value(state).ok()?, challenge)
}

fn begun(
    mut options: CreationChallengeResponse,
    attachment: Attachment,
    known: &[SecurityKey],
    state: Value,
    challenge: ChallengeId,
) -> Option<(String, Vec<u8>)> {
    let asked = &mut options.public_key;
    asked.challenge = challenge.as_bytes().to_vec();
    asked.authenticator_selection.get_or_insert_default().authenticator_attachment = Some(match attachment {
        Attachment::Platform => AuthenticatorAttachment::Platform,
        Attachment::CrossPlatform => AuthenticatorAttachment::CrossPlatform,
    });
    // Asked of the browser only: a key that is there already is the account's to refuse.
    let known = known.iter().map(|key| PublicKeyCredentialDescriptor {
        type_: "public-key".to_owned(),
        id: key.cred_id().clone(),
        transports: None,
    });
    asked.exclude_credentials = Some(known.collect());
    let state = serde_json::to_vec(&with_challenge(&state, challenge)?).ok()?;
    Some((serde_json::to_string(asked).ok()?, state))
}

/// A key that the library would add.
pub(super) struct Registered {
    pub(super) id: Vec<u8>,
    /// What it is written as.
    pub(super) secret: Vec<u8>,
    /// Whether its certificates lead to a root that is trusted.
    pub(super) is_vouched_for: bool,
    /// Their names, the authenticator's own first, if they do.
    pub(super) certificates: Vec<String>,
}

/// Judges what the browser has of a new key, by the roots that are trusted now.
pub(super) fn registered(
    site: Site<'_>,
    kind: FactorKind,
    posted: &RegisterPublicKeyCredential,
    state: &[u8],
) -> Result<Registered, WebauthnError> {
    let library = of(site).ok_or(WebauthnError::Configuration)?;
    let lost = |_| WebauthnError::ChallengePersistenceError;
    let mut state: Value = serde_json::from_slice(state).map_err(lost)?;
    // Where the operator began to ask for them meanwhile, it was made without, and is refused.
    state["ca_list"] = serde_json::to_value(site.roots).map_err(lost)?;
    let (id, secret, attestation) = match (kind, site.roots) {
        (FactorKind::Passkey, None) => {
            let state: PasskeyRegistration = serde_json::from_value(state).map_err(lost)?;
            let key = library.finish_passkey_registration(posted, &state)?;
            (key.cred_id().clone(), serde_json::to_vec(&key), None)
        }
        (FactorKind::Passkey, Some(_)) => {
            let state: AttestedPasskeyRegistration = serde_json::from_value(state).map_err(lost)?;
            let key = library.finish_attested_passkey_registration(posted, &state)?;
            (key.cred_id().clone(), serde_json::to_vec(&key), Some(key.attestation().data.clone()))
        }
        (_, roots) => {
            let state: SecurityKeyRegistration = serde_json::from_value(state).map_err(lost)?;
            let key = library.finish_securitykey_registration(posted, &state)?;
            (key.cred_id().clone(), serde_json::to_vec(&key), roots.map(|_| key.attestation().data.clone()))
        }
    };
    let certificates = match &attestation {
        Some(
            ParsedAttestationData::Basic(path)
            | ParsedAttestationData::AttCa(path)
            | ParsedAttestationData::AnonCa(path),
        ) => path.iter().map(|certificate| certificate.tbs_certificate().subject().to_string()).collect(),
        _ => Vec::new(),
    };
    let secret = secret.map_err(lost)?;
    Ok(Registered { id: id.to_vec(), secret, is_vouched_for: attestation.is_some(), certificates })
}

/// Whether a key was refused because nothing that is trusted vouches for its make.
pub(super) const fn is_about_trust(error: &WebauthnError) -> bool {
    matches!(
        error,
        WebauthnError::AttestationChainNotTrusted(_)
            | WebauthnError::AttestationNotVerifiable
            | WebauthnError::AttestationNotSupported
            | WebauthnError::AttestationTrustFailure
            | WebauthnError::AttestationCertificateTrustStoreEmpty
            | WebauthnError::AttestationCertificateRequirementsNotMet
    )
}

/// What the browser is asked for by any of these keys; `None` if there is none. Where each of them must verify its user,
/// the browser is told: else some would not, and be refused.
pub(super) fn ask(asked: Asked<'_>, keys: &[SecurityKey], must_verify: bool) -> Option<String> {
    if keys.is_empty() {
        return None;
    }
    let (mut options, _) = of(asked.site)?.start_securitykey_authentication(keys).ok()?;
    options.public_key.challenge = asked.challenge.as_bytes().to_vec();
    // A passkey of this device is as welcome as a key.
    options.public_key.hints = None;
    if must_verify {
        options.public_key.user_verification = UserVerificationPolicy::Required;
    }
    serde_json::to_string(&options.public_key).ok()
}

/// Judges what a key answered.
pub(super) fn finish(
    asked: Asked<'_>,
    key: SecurityKey,
    posted: &PublicKeyCredential,
) -> Result<AuthenticationResult, WebauthnError> {
    let library = of(asked.site).ok_or(WebauthnError::Configuration)?;
    let (_, state) = library.start_securitykey_authentication(&[key])?;
    let state = with_challenge(&state, asked.challenge).ok_or(WebauthnError::ChallengePersistenceError)?;
    library.finish_securitykey_authentication(posted, &state)
}

/// What the browser is asked for by any passkey that it finds.
pub(super) fn ask_first(asked: Asked<'_>) -> Option<String> {
    let (mut options, _) = of(asked.site)?.start_discoverable_authentication().ok()?;
    options.public_key.challenge = asked.challenge.as_bytes().to_vec();
    // How it is asked, by a button or by autofill, is the script's to say.
    serde_json::to_string(&options.public_key).ok()
}

/// Judges what a passkey answered to [`ask_first`].
pub(super) fn finish_first(
    asked: Asked<'_>,
    key: SecurityKey,
    posted: &PublicKeyCredential,
) -> Result<AuthenticationResult, WebauthnError> {
    let library = of(asked.site).ok_or(WebauthnError::Configuration)?;
    let (_, state) = library.start_discoverable_authentication()?;
    let state = with_challenge(&state, asked.challenge).ok_or(WebauthnError::ChallengePersistenceError)?;
    library.finish_discoverable_authentication_v2(posted, state, &key)
}

/// A state of the library's about another challenge than the one that it drew.
fn with_challenge<S: Serialize + DeserializeOwned>(state: &S, challenge: ChallengeId) -> Option<S> {
    let mut state = serde_json::to_value(state).ok()?;
    // It is called `rs` while a key is added and `ast` while one is used.
    let name = if state.get("rs").is_some() { "rs" } else { "ast" };
    *state.get_mut(name)?.get_mut("challenge")? = Value::String(BASE64URL_NOPAD.encode(challenge.as_bytes()));
    serde_json::from_value(state).ok()
}
