//! Held changes: what a delivery says against a known version, side by side until a person decides.

pub mod records;

use crate::kernel::id::Named;
use std::fmt;

/// A row that would change what should not change.
pub struct HeldChange;

impl Named for HeldChange {
    const PREFIX: &'static str = "hld";
}

/// What a person said of a held change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The row becomes the fact's next version.
    Accepted,
    /// The known version stays; the same row is not held again.
    Rejected,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        })
    }
}

/// Why a held change cannot be decided.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HeldRefusal {
    #[error("没有这条待定变更 · there is no such held change")]
    Unknown,
    #[error("这条待定变更已有决定 · this held change has been decided already")]
    Decided,
    #[error(
        "该记录此后已有新版本，请重新导入后再决定 · the fact has moved on since; import the file again and decide anew"
    )]
    Superseded,
}
