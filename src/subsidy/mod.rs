//! 收单手续费补贴: programmes that pay part of merchants' acquiring fees, and the claims on their pools.
//!
//! Of the pool we are the book: nothing in it may be overdrawn, lost or paid twice. The rules are those of the issue
//! that asked for them and of interface.md, «county.toml»; where they leave a choice open, it stands beside the rule.

mod programme;
pub mod records;

pub use programme::{Declared, in_force};
