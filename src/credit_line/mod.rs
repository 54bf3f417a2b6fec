//! 授信: the lines that banks have granted, as they report them. The bank's core system is the book; what does not fit
//! is flagged and never refused.

pub mod flag;
pub mod judge;
pub mod line;
pub mod papers;
pub mod reconcile;
pub mod records;
pub mod report;
pub mod reports;
pub mod state;
pub mod story;
#[cfg(test)]
mod tests;
pub mod usage;

pub use flag::{Flag, NoSuchFlag};
pub use judge::{AtGrant, Decision, Judged, judge};
pub use line::{Line, Position, Terms, ToldLimit};
pub use papers::Papers;
pub use report::{Report, Reported};
pub use reports::{Moved, Reports};
pub use state::{DoesNotFollow, Event, State};
pub use story::{Story, Told};
pub use usage::Usage;

/// The kind of the banks' ledgers.
pub const KIND: &str = "credit_lines";
