//! Rows of facts, their versions, and coverage.

mod coverage;
mod facts;
mod histories;
mod snapshot;

pub use coverage::{NewCoverage, add_coverage, coverage, coverage_count, coverage_with_count};
pub use facts::{
    Delivery, FactRow, Known, VersionRow, count_again, each_key, keep_answers_out, keep_facts_out,
    known, lock_register, versions_of, write,
};
pub use histories::{facts_of_kind, histories, histories_of, latest_of_kind, versions_of_kind};
pub use snapshot::{SnapshotRow, book, keys_of_source, note_snapshot, sources};
