//! What is counted while the program runs.

/// The counters. No label holds anything personal.
#[derive(Default)]
pub struct Metrics {}

impl Metrics {
    pub fn new() -> Self {
        Self::default()
    }
}
