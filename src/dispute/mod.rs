//! 异议: facts that a merchant disputes. A disputed fact counts until decided, and is marked in every answer
//! (scorecard.md, «Words»). A decision changes no fact: the register that holds it delivers the correction.

pub mod records;

use crate::kernel::id::Named;
use std::fmt;

/// One objection to one fact.
pub struct Dispute;

impl Named for Dispute {
    const PREFIX: &'static str = "dsp";
}

/// How an objection was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The register is asked to correct the fact.
    Upheld,
    /// The fact stands.
    Dismissed,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
        })
    }
}

/// Why an objection is not taken or not decided.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DisputeRefusal {
    #[error("没有这条记录 · there is no such fact")]
    UnknownFact,
    #[error("这条记录已有未决异议 · the fact is disputed already")]
    Open,
    #[error("没有这项异议 · there is no such dispute")]
    Unknown,
    #[error("这项异议已有决定 · the dispute has been decided already")]
    Decided,
}
