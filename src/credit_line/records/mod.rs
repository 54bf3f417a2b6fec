//! Lines are facts: read from the versions of the ledgers and of what banks report.

mod lines;
mod reports;

pub use lines::{agreements, lines};
pub use reports::{NewReport, holder_of, keep, note, versions};
