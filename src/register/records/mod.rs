//! Rows of facts, their versions, and coverage.

mod coverage;
mod facts;
mod histories;

pub use coverage::{NewCoverage, add_coverage, coverage, coverage_count, coverage_with_count};
pub use facts::{
    Delivery, FactRow, Known, VersionRow, each_key, known, lock_register, versions_of, write,
};
pub use histories::{histories, is_known, latest_of_kind, latest_with_time};
