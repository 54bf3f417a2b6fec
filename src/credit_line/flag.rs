//! What does not fit about a line. Flags, not refusals: of credit the bank's core system is the book.

use serde::Serialize;
use std::fmt;

/// One thing that whoever looks at the line should know, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The limit was above the cap of the merchant's tier on the day of the grant.
    OverCapWhenGranted,
    /// The limit was raised above the cap of the merchant's tier on the day of the rise.
    OverCapWhenRaised,
    /// The limit is above the cap of the tier on the day asked for.
    OverCapNow,
    /// The product was not meant for the tier on the day of the grant.
    NotEligibleWhenGranted,
    /// The product is not meant for the tier on the day asked for.
    NotEligibleNow,
    /// 超限审批未报: the limit was above the cap, and the bank has not reported why and who beside the reporter agreed
    /// to so much.
    OverridePending,
    /// The answer that the bank says it relied on was not asked for as 贷前审查, is about somebody else, or came later:
    /// the tier that counts is reconstructed.
    UnfitAnswer,
    /// Granted before the card's first day: there is no tier to hold it against.
    NotReconstructable,
    /// No product of the bank has the name that the ledger gives it: there is no cap to hold it against.
    UnknownProduct,
    /// In another currency than the caps.
    OtherCurrency,
    /// More is drawn than the limit.
    OverLimit,
    /// Drawn before the line had begun.
    DrawnBeforeStart,
    /// Drawn while the line was frozen.
    DrawnWhileFrozen,
    /// Drawn after the line had expired or been ended.
    DrawnWhileExpired,
    /// More was repaid than was drawn.
    RepaidMoreThanDrawn,
    /// 到期 with a balance, which is not 结清.
    ExpiredWithBalance,
    /// Something was told to have happened that does not follow from the state: a line that was not frozen was
    /// released, say.
    OutOfTurn,
    /// Something changed that should not.
    Changed,
    /// The bank's last ledger does not hold it any more. It is not settled by that.
    Absent,
}

impl Flag {
    pub const ALL: [Self; 19] = [
        Self::OverCapWhenGranted,
        Self::OverCapWhenRaised,
        Self::OverCapNow,
        Self::NotEligibleWhenGranted,
        Self::NotEligibleNow,
        Self::OverridePending,
        Self::UnfitAnswer,
        Self::NotReconstructable,
        Self::UnknownProduct,
        Self::OtherCurrency,
        Self::OverLimit,
        Self::DrawnBeforeStart,
        Self::DrawnWhileFrozen,
        Self::DrawnWhileExpired,
        Self::RepaidMoreThanDrawn,
        Self::ExpiredWithBalance,
        Self::OutOfTurn,
        Self::Changed,
        Self::Absent,
    ];

    /// Whether the bank itself is told. What rests on a tier that it was not told is for the bureau.
    pub const fn is_for_bank(self) -> bool {
        !matches!(
            self,
            Self::OverCapNow | Self::NotEligibleNow | Self::NotReconstructable
        )
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OverCapWhenGranted => "over_cap_when_granted",
            Self::OverCapWhenRaised => "over_cap_when_raised",
            Self::OverCapNow => "over_cap_now",
            Self::NotEligibleWhenGranted => "not_eligible_when_granted",
            Self::NotEligibleNow => "not_eligible_now",
            Self::OverridePending => "override_pending",
            Self::UnfitAnswer => "unfit_answer",
            Self::NotReconstructable => "not_reconstructable",
            Self::UnknownProduct => "unknown_product",
            Self::OtherCurrency => "other_currency",
            Self::OverLimit => "over_limit",
            Self::DrawnBeforeStart => "drawn_before_start",
            Self::DrawnWhileFrozen => "drawn_while_frozen",
            Self::DrawnWhileExpired => "drawn_while_expired",
            Self::RepaidMoreThanDrawn => "repaid_more_than_drawn",
            Self::ExpiredWithBalance => "expired_with_balance",
            Self::OutOfTurn => "out_of_turn",
            Self::Changed => "changed",
            Self::Absent => "absent",
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no flag.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("没有这个标记；可用 {known} · there is no such flag; there are: {known}")]
pub struct NoSuchFlag {
    known: String,
}

impl std::str::FromStr for Flag {
    type Err = NoSuchFlag;
    fn from_str(text: &str) -> Result<Self, NoSuchFlag> {
        let found = Self::ALL.into_iter().find(|flag| flag.as_str() == text);
        found.ok_or_else(|| NoSuchFlag {
            known: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}
