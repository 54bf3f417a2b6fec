//! The life of a claim: each step once, nobody twice.

use std::fmt;

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Its amount is reserved.
    Computed,
    /// The bureau has confirmed the certification.
    Confirmed,
    /// A first person of the funder has submitted it.
    Submitted,
    /// A second person of the funder has approved it; its amount is payable.
    Approved,
    Paid,
    /// It came to nothing; what was reserved is in the pool again.
    Rejected,
}

impl Status {
    pub const ALL: [Self; 6] = [
        Self::Computed,
        Self::Confirmed,
        Self::Submitted,
        Self::Approved,
        Self::Paid,
        Self::Rejected,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Confirmed => "confirmed",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Paid => "paid",
            Self::Rejected => "rejected",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no status.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "状态须为 computed、confirmed、submitted、approved、paid 或 rejected · not a status: computed, confirmed, submitted, approved, paid or rejected"
)]
pub struct NotAStatus;

impl std::str::FromStr for Status {
    type Err = NotAStatus;
    fn from_str(text: &str) -> Result<Self, NotAStatus> {
        Self::parse(text).ok_or(NotAStatus)
    }
}

impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}
