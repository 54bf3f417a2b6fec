//! The real clock and the real randomness; everywhere else they are handed in.

use super::Instant;

/// Tells the time. Tests hand in one that they can move.
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;
}

/// Gives bytes that nobody can guess. Tests may hand in a seeded source.
pub trait Randomness: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the real clock"
    )]
    fn now(&self) -> Instant {
        Instant::from_micros(chrono::Utc::now().timestamp_micros())
    }
}

/// The system's cryptographic random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    /// # Panics
    /// Where the operating system gives no randomness: going on would mean guessable ids.
    fn fill(&self, bytes: &mut [u8]) {
        // The system's own: that of aws-lc first gathers jitter of the clock, some 20 ms long.
        if getrandom::fill(bytes).is_err() {
            panic!("the operating system gave no randomness");
        }
    }
}
