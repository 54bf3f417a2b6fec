//! Long work in short transactions, so that other writers are not kept waiting; or, for a trial, all in one on a copy
//! that is thrown away.

use crate::kernel::{Clock, Instant};
use crate::store::{Conn, Failure, Store};

/// Where slices of long work run.
pub enum Slices<'a> {
    /// Each in a transaction of its own.
    Committing(&'a Store),
    /// All in this one, on a copy (`Store::try_out`).
    Trial(&'a mut Conn),
}

impl Slices<'_> {
    /// Whether it all happens on a copy.
    pub const fn is_trial(&self) -> bool {
        matches!(self, Self::Trial(_))
    }

    pub fn run<T, R>(
        &mut self,
        mut act: impl FnMut(&mut Conn) -> Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        match self {
            Self::Committing(store) => store.write(act),
            Self::Trial(conn) => act(conn),
        }
    }

    /// Reads from one snapshot, in the way of no other writer.
    pub fn read<T, R>(
        &mut self,
        act: impl FnOnce(&mut Conn) -> Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        match self {
            Self::Committing(store) => store.read(act),
            Self::Trial(conn) => act(conn),
        }
    }
}

/// Microseconds that a slice should take: well below the 50 ms that are promised to other writers.
const AIM: i64 = 25_000;

/// Finds the number of items whose slice takes about 25 ms on this machine and engine.
pub struct Pace {
    size: usize,
    most: usize,
}

impl Pace {
    pub const fn new(size: usize, most: usize) -> Self {
        Self { size, most }
    }

    pub const fn size(&self) -> usize {
        self.size
    }

    /// Learns from a slice that took from `began` until now; moves by a factor of two at most.
    pub fn learn(&mut self, clock: &dyn Clock, began: Instant) {
        let took = (clock.now().micros() - began.micros()).max(1);
        let wanted = self.size as i64 * AIM / took;
        let (least, most) = ((self.size / 2).max(16), (self.size * 2).min(self.most));
        self.size = usize::try_from(wanted)
            .unwrap_or(least)
            .clamp(least, most.max(least));
    }
}
