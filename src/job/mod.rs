//! Jobs that run once per business date, whichever instance comes first.

pub mod records;

/// Scores those who are due.
pub const RESCORE: &str = "rescore";

/// How long an instance that has claimed a job may be silent before another takes it over, in seconds.
pub const LEASE_SECONDS: i64 = 300;
