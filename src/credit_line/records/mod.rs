//! Lines are facts: read from the versions of the ledgers and of what banks report.

mod holders;
mod lines;
mod reports;

pub use holders::{holders, in_ledgers, note_holder, reported_of};
pub use lines::{agreements, lines, lines_before_ledger};
pub use reports::{NewReport, holder_of, keep, note, versions};
