//! Lines are facts: read from the versions of the ledgers and of what banks report.

mod holders;
mod lines;
mod movement_days;
mod reports;

pub use holders::{Holder, holders, in_ledgers, note_holders, reported_of};
pub use lines::{agreements, lines, lines_before_ledger, papers};
pub use movement_days::{DayRow, keep_days, movement_days};
pub use reports::{HeldMovement, NewReport, keep, movements, note, reports};
