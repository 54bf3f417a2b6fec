//! 收单手续费补贴: programmes that pay part of merchants' acquiring fees, and the claims on their pools.
//!
//! Of the pool we are the book: nothing in it may be overdrawn, lost or paid twice. The rules are those of the issue
//! that asked for them and of interface.md, «county.toml»; where they leave a choice open, it stands beside the rule.

mod basis;
mod caps;
mod check;
mod fees;
mod programme;
pub mod records;
mod reduction;
mod settled;
mod share;
mod status;
mod step;

pub use basis::{STATEMENTS, asks_for_tier, is_certified, of_base, rate};
pub use caps::Given;
pub use check::contradictions;
pub use fees::Fees;
pub use programme::{Declared, in_force};
pub use reduction::{Reduction, reduce};
pub use settled::Settled;
pub use share::share_out;
pub use status::{NotAStatus, Status};
pub use step::{Side, Step, StepRefusal, Taken};

pub use crate::ledger::Claim;
