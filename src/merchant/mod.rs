//! Who the merchants are. A merchant is addressed by its USCC; its id is ours alone.

pub mod records;

use crate::kernel::id::Named;

/// One operator, under one 统一社会信用代码, with one or more certified units.
pub struct Merchant;

impl Named for Merchant {
    const PREFIX: &'static str = "mch";
}
