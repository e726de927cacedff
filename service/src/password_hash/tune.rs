//! Finds parameters for this machine: `chancery tune-password-hash`.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use chancery_domain::KeyId;
use chancery_eventstore::SecretKey;
use secrecy::SecretString;

use super::hasher::HashMemory;
use super::{HashFailed, HashParameters, Pepper, Peppers};

/// The weakest parameters that are proposed: of those that OWASP's password storage cheat sheet holds equal in strength,
/// the ones with the least memory.
const WEAKEST: HashParameters = HashParameters { memory_kib: 7_168, iterations: 5, parallelism: 1 };
/// Below this much memory fewer than two passes are never proposed (the same source asks for 46 MiB with one pass).
const ONE_PASS_KIB: u32 = 47_104;

/// What one choice of parameters costs on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The parameters.
    pub parameters: HashParameters,
    /// Time of one hash on an idle machine.
    pub alone: Duration,
    /// Time of one hash while every core computes one.
    pub busy: Duration,
}

/// Parameters for a target, with everything that was measured on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The time that one hash was to take at most.
    pub target: Duration,
    /// Hashes that were computed at the same time in the column "busy".
    pub workers: NonZeroUsize,
    /// What is proposed.
    pub proposed: Measurement,
    /// Whether what is proposed takes longer than the target, since nothing weaker may be proposed.
    pub misses_target: bool,
    /// All measurements, in the order in which they were made.
    pub measurements: Vec<Measurement>,
}

/// Measures this machine and proposes parameters: the most memory up to `memory_kib_max` and then the most passes with
/// which a hash takes no longer than `target` while every core computes one (RFC 9106, section 4, steps 3 to 8). It
/// hashes on every core for a few seconds.
///
/// # Errors
/// [`HashFailed`], where one hash takes more memory than there is.
pub fn propose(target: Duration, memory_kib_max: u32) -> Result<Proposal, HashFailed> {
    let workers = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    propose_by(target, memory_kib_max, workers, |parameters| {
        let alone = measure(parameters, NonZeroUsize::MIN)?;
        let busy = measure(parameters, workers)?;
        Ok(Measurement { parameters, alone, busy })
    })
}

/// [`propose`] with measurements from elsewhere.
///
/// # Errors
/// Those of `measure`.
pub fn propose_by<E>(
    target: Duration,
    memory_kib_max: u32,
    workers: NonZeroUsize,
    mut measure: impl FnMut(HashParameters) -> Result<Measurement, E>,
) -> Result<Proposal, E> {
    let mut measurements: Vec<Measurement> = Vec::new();
    let mut measured = |parameters: HashParameters| -> Result<Measurement, E> {
        if let Some(known) = measurements.iter().find(|known| known.parameters == parameters) {
            return Ok(*known);
        }
        let measurement = measure(parameters)?;
        measurements.push(measurement);
        Ok(measurement)
    };

    let mut memory_kib = memory_kib_max.clamp(WEAKEST.memory_kib, HashParameters::MAX_MEMORY_KIB);
    let (proposed, misses_target) = loop {
        let weakest = HashParameters { memory_kib, iterations: fewest_passes(memory_kib), parallelism: 1 };
        let first = measured(weakest)?;
        if first.busy <= target {
            break (most_passes(target, first, &mut measured)?, false);
        }
        if memory_kib == WEAKEST.memory_kib {
            break (first, true);
        }
        memory_kib = (memory_kib / 4 * 3).max(WEAKEST.memory_kib);
    };
    Ok(Proposal { target, workers, proposed, misses_target, measurements })
}

/// The fewest passes that make this memory as strong as [`WEAKEST`].
fn fewest_passes(memory_kib: u32) -> u32 {
    match memory_kib {
        ONE_PASS_KIB.. => 1,
        19_456.. => 2,
        12_288.. => 3,
        9_216.. => 4,
        _ => WEAKEST.iterations,
    }
}

/// The most passes over `first`'s memory that stay within `target`: estimated, since time grows by the pass, then tried.
fn most_passes<E>(
    target: Duration,
    first: Measurement,
    measured: &mut impl FnMut(HashParameters) -> Result<Measurement, E>,
) -> Result<Measurement, E> {
    let HashParameters { memory_kib, iterations, .. } = first.parameters;
    let bound = u32::try_from(HashParameters::MAX_WORK_KIB / u64::from(memory_kib)).unwrap_or(u32::MAX);
    let bound = bound.min(HashParameters::MAX_ITERATIONS);
    let estimate = target.as_nanos() * u128::from(iterations) / first.busy.as_nanos().max(1);
    let mut passes = u32::try_from(estimate).unwrap_or(u32::MAX).clamp(iterations, bound.max(iterations));
    loop {
        let tried = measured(HashParameters { iterations: passes, ..first.parameters })?;
        if tried.busy <= target || passes == iterations {
            return Ok(tried);
        }
        passes -= 1;
    }
}

/// The mean time of a hash on each of `threads` threads at once: of the median of three after one to warm up.
#[expect(clippy::disallowed_methods, reason = "measures this machine; nothing is decided by it")]
fn measure(parameters: HashParameters, threads: NonZeroUsize) -> Result<Duration, HashFailed> {
    const RUNS: usize = 3;
    let peppers = Peppers::new(Pepper::new(KeyId::default().into(), SecretKey::from_bytes([0; 32])), Vec::new());
    let password = SecretString::from("a password of usual length");
    let start = Barrier::new(threads.get());
    let one_thread = || {
        let mut memory = HashMemory::default();
        let mut times = [Duration::ZERO; RUNS];
        let warmed = memory.hash(&password, parameters, &peppers, &[0; 16]);
        // Every thread comes here, also one without memory, or the others would wait for it for ever.
        start.wait();
        warmed?;
        for time in &mut times {
            let begun = Instant::now();
            memory.hash(&password, parameters, &peppers, &[0; 16])?;
            *time = begun.elapsed();
        }
        times.sort_unstable();
        Ok(times[RUNS / 2])
    };
    let times = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.get()).map(|_| scope.spawn(one_thread)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Result<Vec<Duration>, HashFailed>>()
    })?;
    let count = u32::try_from(times.len()).unwrap_or(u32::MAX);
    Ok(times.into_iter().sum::<Duration>() / count)
}

impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workers = self.workers;
        writeln!(f, "    memory  passes   one hash   on all {workers} cores   hashes a second   memory of the pool")?;
        for measurement in &self.measurements {
            let mark = if *measurement == self.proposed { "->" } else { "  " };
            let HashParameters { memory_kib, iterations, .. } = measurement.parameters;
            let mib = f64::from(memory_kib) / 1024.0;
            #[expect(clippy::cast_precision_loss, reason = "a number of threads")]
            let workers = workers.get() as f64;
            let (alone, busy) = (measurement.alone.as_secs_f64(), measurement.busy.as_secs_f64());
            writeln!(
                f,
                "{mark} {mib:5.0} MiB  {iterations:6}  {:6.0} ms  {:14.0} ms  {:16.1}  {:15.0} MiB",
                alone * 1e3,
                busy * 1e3,
                workers / busy.max(f64::MIN_POSITIVE),
                mib * workers,
            )?;
        }
        writeln!(f)?;
        if self.misses_target {
            writeln!(f, "Nothing that is strong enough stays within {} ms here;", self.target.as_millis())?;
            writeln!(f, "this is the weakest that is proposed:")?;
        } else {
            writeln!(f, "The strongest within {} ms on a busy machine:", self.target.as_millis())?;
        }
        write!(f, "  {}", self.proposed.parameters)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// A machine that takes `nanos` for a KiB and a pass, half as long again when busy.
    fn machine(nanos: u64) -> impl FnMut(HashParameters) -> Result<Measurement, Infallible> {
        move |parameters| {
            let work = u64::from(parameters.memory_kib) * u64::from(parameters.iterations);
            let alone = Duration::from_nanos(nanos * work);
            Ok(Measurement { parameters, alone, busy: alone * 3 / 2 })
        }
    }

    fn proposal(nanos: u64, target_ms: u64, memory_kib_max: u32) -> Proposal {
        let workers = NonZeroUsize::new(4).unwrap();
        let Ok(proposal) = propose_by(Duration::from_millis(target_ms), memory_kib_max, workers, machine(nanos));
        proposal
    }

    #[test]
    fn memory_is_used_up_before_passes_are_added() {
        let fast = proposal(400, 250, 65_536);
        // 65,536 KiB take 39.3 ms a pass on a busy machine: six passes are 236 ms, seven 275 ms.
        assert_eq!(fast.proposed.parameters, HashParameters { memory_kib: 65_536, iterations: 6, parallelism: 1 });
        assert!(!fast.misses_target && fast.proposed.busy <= fast.target);
    }

    #[test]
    fn passes_that_cost_more_than_the_first_are_tried_before_they_are_proposed() {
        let target = Duration::from_millis(100);
        let proposal = propose_by(target, 65_536, NonZeroUsize::MIN, |parameters| {
            let passes = parameters.iterations;
            let busy = Duration::from_millis(10) * passes + Duration::from_millis(2) * passes * passes;
            Ok::<_, Infallible>(Measurement { parameters, alone: busy, busy })
        });
        let Ok(proposal) = proposal;
        // One pass takes 12 ms, which lets eight hope to stay within 100 ms; they take 208, and five take exactly 100.
        assert_eq!(proposal.proposed.parameters.iterations, 5);
        assert_eq!(proposal.measurements.len(), 5);
    }

    #[test]
    fn memory_is_lowered_until_the_target_is_met_and_never_below_the_weakest() {
        let slow = proposal(1_000, 60, 1 << 20);
        assert!(!slow.misses_target && slow.proposed.busy <= slow.target, "{slow}");
        assert!(slow.proposed.parameters.memory_kib < 47_104);
        assert!(slow.proposed.parameters.iterations >= 2);

        let hopeless = proposal(10_000, 60, 1 << 20);
        assert_eq!(hopeless.proposed.parameters, WEAKEST);
        assert!(hopeless.misses_target && hopeless.to_string().contains("weakest"), "{hopeless}");
    }

    #[test]
    fn whatever_is_proposed_is_accepted_as_a_setting() {
        for (nanos, target, memory) in [(1, 10_000, u32::MAX), (1, 10_000, 0), (1_000, 1, 0), (400, 250, 300_000)] {
            let proposed = proposal(nanos, target, memory).proposed.parameters;
            assert_eq!(proposed.check(), Ok(proposed));
            assert!(proposed.iterations >= fewest_passes(proposed.memory_kib));
        }
    }

    #[test]
    fn a_table_marks_what_is_proposed() {
        let text = proposal(400, 250, 65_536).to_string();
        assert!(
            text.contains("->    64 MiB       6     157 ms             236 ms              17.0              256 MiB")
        );
        assert!(text.ends_with("  m=65536,t=6,p=1"), "{text}");
    }

    #[test]
    fn this_machine_can_be_measured() {
        let parameters = HashParameters { memory_kib: 64, iterations: 1, parallelism: 1 };
        assert!(measure(parameters, NonZeroUsize::new(2).unwrap()).unwrap() > Duration::ZERO);
        let refused = HashParameters { iterations: 0, ..parameters };
        assert!(measure(refused, NonZeroUsize::new(2).unwrap()).is_err());
    }
}
