//! Recovery codes: for the day a device is lost. Ten in a set, each good once after the password.

use std::time::Duration;

use chancery_domain::account::commands::{FactorRefusal, FactorVerdict, IssueRecoveryCodes};
use chancery_domain::account::{Account, Proof, RECOVERY_CODES, SignInMethod};
use chancery_domain::{Actor, ChallengeId, KeyId};
use minicbor::{Decode, Encode};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::enrolment::EnrolmentRefused;
use crate::accounts::LoadedAccount;
use crate::accounts::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::password_hash::{Asker, PhcString, Priority};
use crate::ports::{Random, random_array};
use crate::run::{Attempt, TRIES};
use crate::secrets::ALPHABET;
use crate::secrets::forms::FormCommand;

/// Characters of a code, of five bits each.
const LENGTH: usize = 13;

/// What the hashes of a set are sealed as.
const LABEL: &[u8] = b"recovery codes";

/// How long a set that was shown waits for one of its codes to be typed back.
const TYPED_BACK: Duration = Duration::from_secs(900);

/// A set that was shown and does not count yet.
#[derive(Debug, Encode, Decode)]
struct Shown {
    #[n(0)]
    hashes: Vec<String>,
    /// The set in whose place it is to come.
    #[n(1)]
    replaces: Option<KeyId>,
}

impl App {
    /// Makes a new set, which counts once one of its codes was typed back; the codes, as they are shown. It is the only
    /// time that anybody sees them.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn begin_recovery_codes(
        &self,
        client: &Client,
        person: &SignedInPerson,
    ) -> Result<Result<Vec<Zeroizing<String>>, EnrolmentRefused>, Failure> {
        self.may_add_factors()?;
        if let Err(refusal) = self.may_manage(person).await? {
            return Ok(Err(refusal.into()));
        }
        let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| new_code(&*self.random)).collect();
        let secrets = codes.iter().map(|code| SecretString::from(code.as_str())).collect();
        let asker = Asker { network: client.network(), priority: Priority::Registration };
        let hashes = self.hashing.hash_set(secrets, asker).await?;
        let hashes = hashes.iter().map(|hash| hash.expose().to_owned()).collect();
        let shown = Shown { hashes, replaces: in_force(&person.account.state) };
        self.keep_for_session(person, LABEL, &shown, self.now().plus(TYPED_BACK)).await?;
        Ok(Ok(codes.iter().map(|code| grouped(code)).collect()))
    }

    /// Puts the set in force, one of whose codes was typed back; every earlier set is worth nothing from then on.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn finish_recovery_codes(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        typed: &str,
    ) -> Result<Result<(), EnrolmentRefused>, Failure> {
        if self.store.remembered(form.id).await?.is_some() {
            // The same form again, its answer lost.
            return Ok(Ok(()));
        }
        self.may_add_factors()?;
        if let Err(refusal) = self.may_manage(person).await? {
            return Ok(Err(refusal.into()));
        }
        let Some(shown) = self.kept_for_session::<Shown>(person, LABEL).await? else {
            return Ok(Err(EnrolmentRefused::Gone));
        };
        let set = shown.hashes.iter().cloned().map(PhcString::from_stored).collect();
        let asker = Asker { network: client.network(), priority: Priority::KnownBrowser };
        if self.find_code(typed, set, asker).await?.is_none() {
            return Ok(Err(EnrolmentRefused::Wrong));
        }
        let stream = person.account.stream;
        let plain = minicbor::to_vec(&shown.hashes).map_err(|error| Failure::Internal(Box::new(error)))?;
        let (credential, key) = self.seal_secret(stream, LABEL, &Zeroizing::new(plain)).await?;
        let command = IssueRecoveryCodes { session: person.session.id, credential };
        let fingerprint = self.form_fingerprint(&["recovery codes"]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        for _ in 0..TRIES {
            let Some(account) = self.store.load::<Account>(stream).await? else { break };
            // One that counted before, and came back with the volatile rows, would make used codes good again.
            if in_force(&account.state) != shown.replaces {
                return Ok(Err(EnrolmentRefused::Gone));
            }
            let attempt = self.attempt(&account, &command, &self.policy().await?, vec![key.clone()], &origin).await?;
            match attempt {
                Attempt::Decided { outcome: Ok(()), .. } => {
                    self.forget_for_session(person.session.id, LABEL).await?;
                    return Ok(Ok(()));
                }
                Attempt::Decided { outcome: Err(FactorRefusal::Manage(refusal)), .. } => {
                    return Ok(Err(refusal.into()));
                }
                Attempt::Decided { outcome: Err(_), .. } => break,
                Attempt::Again => {}
            }
        }
        Ok(Err(EnrolmentRefused::NoSession))
    }

    /// Checks a typed code against the set that counts; `None` where there is none. One hash tells, whichever it is.
    pub(super) async fn check_recovery_code(
        &self,
        client: &Client,
        account: &LoadedAccount,
        challenge: ChallengeId,
        typed: &str,
    ) -> Result<Option<FactorVerdict>, Failure> {
        let Some(codes) = &account.state.factors.recovery else { return Ok(None) };
        let sealed = self.sealed_credential(account.stream, codes.event).await?;
        let Some(credential) = sealed.filter(|sealed| sealed.key == codes.key) else { return Ok(None) };
        let Some(plain) = self.open_secret(account.stream, LABEL, &credential).await? else { return Ok(None) };
        let hashes: Vec<String> = minicbor::decode(&plain).map_err(|error| Failure::Internal(Box::new(error)))?;
        let set = hashes.into_iter().map(PhcString::from_stored).collect();
        let known = self.known_device(&client.known, account.stream, &account.state).is_some();
        let priority = if known { Priority::KnownBrowser } else { Priority::UnknownBrowser };
        let found = self.find_code(typed, set, Asker { network: client.network(), priority }).await?;
        let code = found.and_then(|place| u8::try_from(place).ok());
        let proof = Proof { challenge: Some(challenge), ..Proof::by(SignInMethod::RecoveryCode) };
        Ok(Some(FactorVerdict { proof, credential: codes.key, right: code.is_some(), code }))
    }

    async fn find_code(&self, typed: &str, set: Vec<PhcString>, asker: Asker) -> Result<Option<usize>, Failure> {
        let Some(code) = read(typed) else { return Ok(None) };
        Ok(self.hashing.find(SecretString::from(code.as_str()), set, asker).await?)
    }
}

/// The key of the set that counts.
fn in_force(account: &Account) -> Option<KeyId> {
    account.factors.recovery.as_ref().map(|codes| codes.key)
}

fn new_code(random: &dyn Random) -> Zeroizing<String> {
    let bytes = Zeroizing::new(random_array::<LENGTH>(random));
    // Five bits of each byte: the alphabet has 32 characters, so that all are as likely.
    Zeroizing::new(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}

/// A code as it is shown: in groups, for reading.
fn grouped(code: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..]))
}

/// What a person typed, without what stands between the groups and in the characters that are meant; `None` if it cannot be
/// a code.
fn read(typed: &str) -> Option<Zeroizing<String>> {
    if typed.len() > 64 {
        return None;
    }
    let meant = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    let code: Zeroizing<String> = Zeroizing::new(meant.collect());
    let known = |c: char| u8::try_from(c).is_ok_and(|byte| ALPHABET.contains(&byte));
    (code.chars().count() == LENGTH && code.chars().all(known)).then_some(code)
}

/// Whether this is a code as it is shown.
#[must_use]
pub fn is_code(shown: &str) -> bool {
    read(shown).is_some_and(|code| *grouped(&code) == *shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SeededRandom;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = new_code(&SeededRandom::new(1));
        let shown = grouped(&code);
        assert_eq!((code.len(), shown.len()), (LENGTH, LENGTH + 2));
        for typed in [shown.to_string(), shown.to_uppercase(), shown.replace('-', " "), format!(" {} ", *code)] {
            assert_eq!(read(&typed).as_deref(), Some(&*code), "{typed}");
        }
        assert_eq!(read("OOOO-IIII-LLLLL").as_deref().map(String::as_str), Some("0000111111111"));
        for wrong in ["", "0000-0000-0000", "0000-0000-000000", "0000-0000-0000u", "ααααααααααααα", &"0".repeat(100)]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert!(is_code(&shown) && !is_code(&code) && !is_code("0000-0000-0000u"));
    }

    #[test]
    fn every_character_is_as_likely_and_none_repeats_a_code() {
        let random = SeededRandom::new(2);
        let codes: std::collections::BTreeSet<String> = (0..1_000).map(|_| new_code(&random).to_string()).collect();
        assert_eq!(codes.len(), 1_000);
        for character in ALPHABET {
            let count = codes.iter().flat_map(|code| code.bytes()).filter(|byte| byte == character).count();
            assert!((300..520).contains(&count), "{}: {count}", char::from(*character));
        }
    }
}
