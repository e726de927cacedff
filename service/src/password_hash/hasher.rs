//! argon2id itself: hashing and verifying in memory that is used again.

use argon2::{Algorithm, Argon2, Block, Params, ParamsBuilder, PasswordHash, Version};
use aws_lc_rs::constant_time;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use super::parameters::{HashParameters, ParametersRefused};
use super::pepper::{PepperId, Peppers};

/// Length of a salt in bytes (RFC 9106, section 3.1, recommends 16).
pub const SALT_LENGTH: usize = 16;
/// Length of a new hash in bytes.
const OUTPUT_LENGTH: usize = 32;
/// The longest PHC string that is looked at. Those that this service makes have about 110 characters.
const MAX_PHC_LENGTH: usize = 256;

/// A stored password hash: argon2id in the PHC string format, with `keyid` naming its pepper.
///
/// A secret: zeroised when dropped, not shown by `Debug`.
#[derive(Clone, Debug)]
pub struct PhcString(SecretString);

impl PhcString {
    /// Takes a stored string. It is looked at only when a password is verified against it.
    #[must_use]
    pub fn from_stored(text: impl Into<SecretString>) -> Self {
        Self(text.into())
    }

    /// The string, to be sealed and stored.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether the owner's next sign-in should replace this hash: it is weaker than `current`, was made with another
    /// pepper than `pepper`, or cannot be read.
    #[must_use]
    pub fn needs_rehash(&self, current: HashParameters, pepper: PepperId) -> bool {
        Parsed::new(self).map_or(true, |parsed| {
            HashParameters::of(&parsed.params).is_weaker_than(current) || parsed.pepper != pepper
        })
    }

    /// A hash that no password has, of the cost of one made with these parameters.
    ///
    /// `output` is random: nobody knows a password for it, and finding out that there is none costs what any wrong
    /// password costs.
    pub(super) fn dummy(
        parameters: HashParameters,
        pepper: PepperId,
        salt: &[u8; SALT_LENGTH],
        output: &[u8; OUTPUT_LENGTH],
    ) -> Result<Self, HashFailed> {
        let params = params(parameters, pepper)?;
        to_phc(&params, salt, output)
    }
}

/// Why a password was not hashed or verified. None of these says that the password was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HashFailed {
    /// The stored hash is not one that this service makes.
    #[error("the stored password hash cannot be read")]
    Malformed,
    /// The stored hash asks for more work or memory than any setting allows.
    #[error("the stored password hash has parameters out of bounds")]
    Parameters(#[from] ParametersRefused),
    /// The stored hash was made with a pepper that this node does not hold.
    #[error("the stored password hash needs pepper {0}, which is not loaded")]
    UnknownPepper(PepperId),
    /// There is not enough memory for one hash.
    #[error("not enough memory to hash a password")]
    OutOfMemory,
}

/// Anything that argon2 itself refuses after our own checks: a length or a parameter of the stored hash.
impl From<argon2::Error> for HashFailed {
    fn from(_: argon2::Error) -> Self {
        Self::Malformed
    }
}

/// The memory that one thread hashes in. It holds what was last hashed until [`HashMemory::release`] or its drop.
#[derive(Debug, Default)]
pub struct HashMemory(Vec<Block>);

impl HashMemory {
    /// Blocks that are allocated at the least: more than 32 MiB. From there on an allocator maps the memory for itself
    /// and returns it when it is freed; a smaller piece stays with the process (glibc's `M_MMAP_THRESHOLD` grows to
    /// 32 MiB and no further). What is not used of it is address space only.
    const LEAST_CAPACITY: usize = 33 * 1024;

    /// Hashes `password` with the current pepper.
    ///
    /// # Errors
    /// See [`HashFailed`].
    pub fn hash(
        &mut self,
        password: &SecretString,
        parameters: HashParameters,
        peppers: &Peppers,
        salt: &[u8; SALT_LENGTH],
    ) -> Result<PhcString, HashFailed> {
        let params = params(parameters, peppers.current())?;
        let mut output = Zeroizing::new([0; OUTPUT_LENGTH]);
        self.derive(password, &params, secret(peppers, peppers.current())?, salt, &mut *output)?;
        to_phc(&params, salt, &*output)
    }

    /// Whether `password` is the one of `stored`, by the parameters and the pepper that `stored` names.
    ///
    /// # Errors
    /// See [`HashFailed`].
    pub fn verify(
        &mut self,
        password: &SecretString,
        stored: &PhcString,
        peppers: &Peppers,
    ) -> Result<bool, HashFailed> {
        let parsed = Parsed::new(stored)?;
        let mut output = Zeroizing::new([0; OUTPUT_LENGTH]);
        self.derive(password, &parsed.params, secret(peppers, parsed.pepper)?, &parsed.salt, &mut *output)?;
        Ok(constant_time::verify_slices_are_equal(&*output, &parsed.output).is_ok())
    }

    /// The place in a set of the hash whose password this is. All were made with one salt, so that one hash tells; each is
    /// compared, whichever it is.
    ///
    /// # Errors
    /// See [`HashFailed`].
    pub fn find(
        &mut self,
        password: &SecretString,
        set: &[PhcString],
        peppers: &Peppers,
    ) -> Result<Option<usize>, HashFailed> {
        let set = set.iter().map(Parsed::new).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = set.first() else { return Ok(None) };
        let cost = |parsed: &Parsed| HashParameters::of(&parsed.params);
        if set
            .iter()
            .any(|other| other.salt != first.salt || other.pepper != first.pepper || cost(other) != cost(first))
        {
            return Err(HashFailed::Malformed);
        }
        let mut output = Zeroizing::new([0; OUTPUT_LENGTH]);
        self.derive(password, &first.params, secret(peppers, first.pepper)?, &first.salt, &mut *output)?;
        let right = |parsed: &Parsed| constant_time::verify_slices_are_equal(&*output, &parsed.output).is_ok();
        Ok(set
            .iter()
            .map(right)
            .enumerate()
            .fold(None, |found, (place, right)| if right { Some(place) } else { found }))
    }

    /// Wipes the memory and gives it back to the system.
    pub fn release(&mut self) {
        self.0.zeroize();
        self.0 = Vec::new();
    }

    fn derive(
        &mut self,
        password: &SecretString,
        params: &Params,
        pepper: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), HashFailed> {
        self.make_room(params.block_count())?;
        let argon2 = Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params.clone())?;
        argon2.hash_password_into_with_memory(password.expose_secret().as_bytes(), salt, output, &mut self.0)?;
        Ok(())
    }

    fn make_room(&mut self, blocks: usize) -> Result<(), HashFailed> {
        if self.0.len() < blocks {
            self.release();
            let capacity = blocks.max(Self::LEAST_CAPACITY);
            self.0.try_reserve_exact(capacity).map_err(|_| HashFailed::OutOfMemory)?;
            self.0.resize(blocks, Block::new());
        }
        Ok(())
    }
}

impl Drop for HashMemory {
    fn drop(&mut self) {
        self.release();
    }
}

fn secret(peppers: &Peppers, id: PepperId) -> Result<&[u8], HashFailed> {
    peppers.secret(id).ok_or(HashFailed::UnknownPepper(id))
}

fn params(parameters: HashParameters, pepper: PepperId) -> Result<Params, HashFailed> {
    let parameters = parameters.check()?;
    let mut builder = ParamsBuilder::new();
    builder.m_cost(parameters.memory_kib).t_cost(parameters.iterations).p_cost(parameters.parallelism);
    Ok(builder.keyid(pepper.to_phc()?).output_len(OUTPUT_LENGTH).build()?)
}

fn to_phc(params: &Params, salt: &[u8], output: &[u8]) -> Result<PhcString, HashFailed> {
    use argon2::password_hash::phc;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: phc::ParamsString::try_from(params).map_err(|_| HashFailed::Malformed)?,
        salt: Some(phc::Salt::new(salt).map_err(|_| HashFailed::Malformed)?),
        hash: Some(phc::Output::new(output).map_err(|_| HashFailed::Malformed)?),
    };
    Ok(PhcString(SecretString::from(hash.to_string())))
}

/// A stored hash taken apart and held against the bounds.
struct Parsed {
    params: Params,
    pepper: PepperId,
    salt: Vec<u8>,
    output: Zeroizing<Vec<u8>>,
}

impl Parsed {
    fn new(stored: &PhcString) -> Result<Self, HashFailed> {
        let text = stored.expose();
        if text.len() > MAX_PHC_LENGTH {
            return Err(HashFailed::Malformed);
        }
        let hash = PasswordHash::new(text).map_err(|_| HashFailed::Malformed)?;
        if hash.algorithm != Algorithm::Argon2id.ident() || hash.version != Some(Version::V0x13.into()) {
            return Err(HashFailed::Malformed);
        }
        let params = Params::try_from(&hash).map_err(|_| HashFailed::Malformed)?;
        HashParameters::of(&params).check()?;
        let pepper = PepperId::from_phc(params.keyid()).ok_or(HashFailed::Malformed)?;
        let salt = hash.salt.ok_or(HashFailed::Malformed)?;
        let output = hash.hash.ok_or(HashFailed::Malformed)?;
        if !params.data().is_empty() || output.len() != OUTPUT_LENGTH {
            return Err(HashFailed::Malformed);
        }
        Ok(Self { params, pepper, salt: salt.to_vec(), output: Zeroizing::new(output.as_bytes().to_vec()) })
    }
}

#[cfg(test)]
mod tests {
    use argon2::AssociatedData;
    use chancery_domain::KeyId;
    use chancery_eventstore::SecretKey;

    use super::super::pepper::Pepper;
    use super::*;

    const CHEAP: HashParameters = HashParameters { memory_kib: 64, iterations: 1, parallelism: 1 };
    const SALT: [u8; SALT_LENGTH] = [7; SALT_LENGTH];

    fn pepper_id(id: u8) -> PepperId {
        KeyId::from_bytes([id; 16]).into()
    }

    fn peppers(current: u8, older: &[u8]) -> Peppers {
        let pepper = |id: u8| Pepper::new(pepper_id(id), SecretKey::from_bytes([id; 32]));
        Peppers::new(pepper(current), older.iter().copied().map(pepper).collect())
    }

    fn password(text: &str) -> SecretString {
        SecretString::from(text)
    }

    /// RFC 9106, section 5.3.
    #[test]
    fn the_rfcs_argon2id_vector() {
        let mut builder = ParamsBuilder::new();
        builder.m_cost(32).t_cost(3).p_cost(4).data(AssociatedData::new(&[4; 12]).unwrap());
        let mut output = [0; 32];
        let password = SecretString::from(String::from_utf8(vec![1; 32]).unwrap());
        let mut memory = HashMemory::default();
        // Used memory must not matter: the vector is computed in what another hash left behind.
        memory.hash(&password, CHEAP, &peppers(1, &[]), &SALT).unwrap();
        memory.derive(&password, &builder.build().unwrap(), &[3; 8], &[2; 16], &mut output).unwrap();
        let expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
        assert_eq!(data_encoding::HEXLOWER.encode(&output), expected);
    }

    #[test]
    fn a_password_is_verified_with_the_parameters_and_pepper_of_its_hash() {
        let mut memory = HashMemory::default();
        let stored = memory.hash(&password("Grüße, Welt 1"), CHEAP, &peppers(1, &[]), &SALT).unwrap();
        assert!(stored.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1,keyid=AQEBAQEBAQE$"), "{}", stored.expose());
        for held in [peppers(1, &[]), peppers(2, &[1])] {
            assert_eq!(memory.verify(&password("Grüße, Welt 1"), &stored, &held), Ok(true));
            assert_eq!(memory.verify(&password("Grüße, Welt 2"), &stored, &held), Ok(false));
        }
        let unknown = HashFailed::UnknownPepper(pepper_id(1));
        assert_eq!(memory.verify(&password("Grüße, Welt 1"), &stored, &peppers(2, &[])), Err(unknown));
        let mut other = peppers(1, &[]);
        other = Peppers::new(Pepper::new(other.current(), SecretKey::from_bytes([9; 32])), vec![]);
        assert_eq!(memory.verify(&password("Grüße, Welt 1"), &stored, &other), Ok(false), "the pepper counts");
    }

    #[test]
    fn one_hash_tells_which_of_a_set_it_is() {
        let mut memory = HashMemory::default();
        let peppers = peppers(1, &[]);
        let mut hash =
            |text: &str, cost, salt: &[u8; SALT_LENGTH]| memory.hash(&password(text), cost, &peppers, salt).unwrap();
        let set = ["a", "b", "c"].map(|text| hash(text, CHEAP, &SALT));
        let other_salt = hash("d", CHEAP, &[8; SALT_LENGTH]);
        let other_cost = hash("d", HashParameters { iterations: 2, ..CHEAP }, &SALT);
        for (place, text) in ["a", "b", "c"].into_iter().enumerate() {
            assert_eq!(memory.find(&password(text), &set, &peppers), Ok(Some(place)));
        }
        assert_eq!(memory.find(&password("d"), &set, &peppers), Ok(None));
        assert_eq!(memory.find(&password("a"), &[], &peppers), Ok(None));
        for other in [other_salt, other_cost] {
            let mixed = [set[0].clone(), other];
            assert_eq!(memory.find(&password("a"), &mixed, &peppers), Err(HashFailed::Malformed));
        }
    }

    #[test]
    fn a_hash_that_this_service_does_not_make_is_refused_unseen() {
        let mut memory = HashMemory::default();
        let peppers = peppers(1, &[]);
        let good = memory.hash(&password("x"), CHEAP, &peppers, &SALT).unwrap().expose().to_owned();
        memory.release();
        let changed = |from: &str, to: &str| {
            let changed = good.replace(from, to);
            assert_ne!(changed, good);
            changed
        };
        let (rest, output) = good.rsplit_once('$').unwrap();
        for malformed in [
            String::new(),
            "$argon2id$".into(),
            "x".repeat(1 << 20),
            changed("argon2id", "argon2i"),
            changed("v=19", "v=16"),
            changed("$v=19", ""),
            changed("m=64", "m=064"),
            changed("m=64", "m=99999999999"),
            changed("keyid=AQEBAQEBAQE", "keyid=AQEBAQE"),
            changed(",keyid=AQEBAQEBAQE", ""),
            changed("p=1", "p=1,data=AAAA"),
            changed("p=1", "p=1,x=1"),
            rest.to_owned(),
            format!("{rest}${}", &output[..output.len() - 2]),
            format!("{good}\n"),
        ] {
            let refused = memory.verify(&password("x"), &PhcString::from_stored(malformed.clone()), &peppers);
            assert_eq!(refused, Err(HashFailed::Malformed), "{malformed}");
        }
        for absurd in ["m=4194304,t=1", "m=64,t=4294967295", "m=1048576,t=60"] {
            let absurd = PhcString::from_stored(changed("m=64,t=1", absurd));
            let refused = memory.verify(&password("x"), &absurd, &peppers);
            assert!(matches!(refused, Err(HashFailed::Parameters(_))), "{refused:?}");
        }
        assert!(memory.0.is_empty(), "nothing was computed, nothing allocated");
    }

    #[test]
    fn a_hash_is_replaced_when_it_is_weaker_or_has_an_old_pepper() {
        let stored = HashMemory::default().hash(&password("x"), CHEAP, &peppers(1, &[]), &SALT).unwrap();
        let pepper = pepper_id(1);
        assert!(!stored.needs_rehash(CHEAP, pepper));
        assert!(stored.needs_rehash(HashParameters { memory_kib: 65, ..CHEAP }, pepper));
        assert!(stored.needs_rehash(HashParameters { iterations: 2, ..CHEAP }, pepper));
        assert!(!stored.needs_rehash(HashParameters { memory_kib: 32, ..CHEAP }, pepper));
        assert!(stored.needs_rehash(CHEAP, pepper_id(2)));
        assert!(PhcString::from_stored("nonsense").needs_rehash(CHEAP, pepper));
    }

    #[test]
    fn neither_hash_nor_pepper_is_shown() {
        let peppers = Peppers::new(Pepper::new(pepper_id(1), SecretKey::from_bytes([0x5e; 32])), vec![]);
        let stored = HashMemory::default().hash(&password("x"), CHEAP, &peppers, &SALT).unwrap();
        let shown = format!("{stored:?} {peppers:?}");
        assert!(shown.contains("PepperId(72340172838076673)"), "{shown}");
        assert!(!shown.contains("argon2id") && !shown.contains("94") && !shown.contains("5e5e"), "{shown}");
    }

    #[test]
    fn memory_grows_to_the_largest_hash_and_is_given_back() {
        let mut memory = HashMemory::default();
        let peppers = peppers(1, &[]);
        memory.hash(&password("x"), CHEAP, &peppers, &SALT).unwrap();
        memory.hash(&password("x"), HashParameters { memory_kib: 128, ..CHEAP }, &peppers, &SALT).unwrap();
        memory.hash(&password("x"), CHEAP, &peppers, &SALT).unwrap();
        assert_eq!(memory.0.len(), 128);
        assert!(memory.0.capacity() * Block::SIZE > 32 << 20);
        memory.release();
        assert_eq!(memory.0.capacity(), 0);
    }
}
