//! A clock that tests move, and randomness that repeats itself.

use daishan_credit::kernel::{Clock, Digest, Instant, Randomness};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Stands still until it is moved.
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn at(time: &str) -> Self {
        Self(AtomicI64::new(time.parse::<Instant>().unwrap().micros()))
    }

    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub fn set(&self, time: &str) {
        let time = time.parse::<Instant>().unwrap();
        self.0.store(time.micros(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// The same bytes in every run, and never twice in one.
#[derive(Default)]
pub struct SeededRandomness(AtomicU64);

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let digest = Digest::of(&number.to_be_bytes());
            chunk.copy_from_slice(&digest.as_bytes()[..chunk.len()]);
        }
    }
}
