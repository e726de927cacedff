//! What a hash costs, and the bounds within which this service is willing to pay it.

use std::fmt;

use argon2::Params;
use thiserror::Error;

/// argon2id's cost (RFC 9106, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HashParameters {
    /// Memory in KiB, `m`.
    pub memory_kib: u32,
    /// Passes over the memory, `t`.
    pub iterations: u32,
    /// Lanes, `p`. They are computed one after the other: they change the hash, not the time.
    pub parallelism: u32,
}

/// 19 MiB, two passes, one lane: the second of the choices that OWASP's password storage cheat sheet holds equal.
impl Default for HashParameters {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

/// `m=19456,t=2,p=1`, as a PHC string says it.
impl fmt::Display for HashParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m={},t={},p={}", self.memory_kib, self.iterations, self.parallelism)
    }
}

impl HashParameters {
    /// The most memory that one hash may take: 1 GiB, in KiB.
    pub const MAX_MEMORY_KIB: u32 = 1 << 20;
    /// The most passes that one hash may take.
    pub const MAX_ITERATIONS: u32 = 64;
    /// The most lanes.
    pub const MAX_PARALLELISM: u32 = 16;
    /// The most memory times passes, in KiB: 4 GiB, which is several seconds' work. A damaged or forged stored hash
    /// costs no more than this.
    pub const MAX_WORK_KIB: u64 = 4 << 20;

    /// Holds the parameters against the bounds.
    ///
    /// # Errors
    /// [`ParametersRefused`], naming the one that is out of bounds.
    pub fn check(self) -> Result<Self, ParametersRefused> {
        let bound = |name, value: u32, low: u32, high: u32| {
            if (low..=high).contains(&value) { Ok(()) } else { Err(ParametersRefused { name, value, low, high }) }
        };
        bound("parallelism", self.parallelism, 1, Self::MAX_PARALLELISM)?;
        // RFC 9106 asks for 8 blocks a lane.
        bound("memory in KiB", self.memory_kib, 8 * self.parallelism, Self::MAX_MEMORY_KIB)?;
        let affordable = Self::MAX_WORK_KIB / u64::from(self.memory_kib);
        let affordable = u32::try_from(affordable).unwrap_or(u32::MAX).min(Self::MAX_ITERATIONS);
        bound("iterations with this memory", self.iterations, 1, affordable)?;
        Ok(self)
    }

    /// Whether a hash of these parameters is weaker than one of `other`: less memory, or fewer passes.
    #[must_use]
    pub const fn is_weaker_than(self, other: Self) -> bool {
        self.memory_kib < other.memory_kib || self.iterations < other.iterations
    }

    pub(super) fn of(params: &Params) -> Self {
        Self { memory_kib: params.m_cost(), iterations: params.t_cost(), parallelism: params.p_cost() }
    }
}

/// A parameter of argon2id that this service does not compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("argon2id {name} must be between {low} and {high}, not {value}")]
pub struct ParametersRefused {
    name: &'static str,
    value: u32,
    low: u32,
    high: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(memory_kib: u32, iterations: u32, parallelism: u32) -> HashParameters {
        HashParameters { memory_kib, iterations, parallelism }
    }

    #[test]
    fn absurd_parameters_are_refused_by_name() {
        for (refused, why) in [
            (parameters(19_456, 2, 0), "argon2id parallelism must be between 1 and 16, not 0"),
            (parameters(19_456, 2, 17), "argon2id parallelism must be between 1 and 16, not 17"),
            (parameters(7, 2, 1), "argon2id memory in KiB must be between 8 and 1048576, not 7"),
            (parameters(31, 2, 4), "argon2id memory in KiB must be between 32 and 1048576, not 31"),
            (parameters(1_048_577, 1, 1), "argon2id memory in KiB must be between 8 and 1048576, not 1048577"),
            (parameters(19_456, 0, 1), "argon2id iterations with this memory must be between 1 and 64, not 0"),
            (parameters(8, 65, 1), "argon2id iterations with this memory must be between 1 and 64, not 65"),
            (parameters(1_048_576, 5, 1), "argon2id iterations with this memory must be between 1 and 4, not 5"),
        ] {
            assert_eq!(refused.check().unwrap_err().to_string(), why);
        }
        for accepted in [HashParameters::default(), parameters(8, 64, 1), parameters(1_048_576, 4, 16)] {
            assert_eq!(accepted.check(), Ok(accepted));
        }
    }

    #[test]
    fn weaker_is_less_memory_or_fewer_passes() {
        let current = parameters(19_456, 2, 1);
        assert!(parameters(19_455, 3, 1).is_weaker_than(current));
        assert!(parameters(47_104, 1, 1).is_weaker_than(current));
        assert!(!current.is_weaker_than(current));
        assert!(!parameters(19_456, 2, 4).is_weaker_than(current), "lanes are no strength");
        assert!(!parameters(65_536, 3, 1).is_weaker_than(current), "lowering the setting rehashes nothing");
    }
}
