//! What is counted: one item for each thing that some figure counts.

use super::Quality;
use crate::credit_line::{Flag, Judged};
use crate::kernel::money::MoneyError;
use crate::kernel::{Day, Money, Month, Uscc};
use crate::ledger::{Account, Balances};
use crate::register::Place;
use crate::scorecard::{Assessment, Standing, Tier, TierRule};

/// One thing that some figures count, with what it is grouped by.
#[derive(Clone, Debug)]
pub struct Item {
    pub uscc: Uscc,
    pub place: Place,
    /// On the date reported on; none where there is none.
    pub tier: Option<Tier>,
    pub what: What,
}

/// What is counted.
#[derive(Clone, Debug)]
pub enum What {
    Scored(Scored),
    Acquiring(Acquiring),
    Claim(ClaimStand),
    Line(Box<LineStand>),
}

/// A merchant's scores on the two dates; none on a date on which it was not open.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    pub before: Option<Stand>,
    pub now: Option<Stand>,
}

/// A score on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    pub standing: Standing,
    pub tier: Option<Tier>,
    pub score: i32,
    /// The tier that the score alone would give, of those that are rated: nothing else has a score to go by.
    pub band: Option<Tier>,
}

impl Stand {
    pub fn of(assessment: &Assessment, tiers: &[TierRule]) -> Self {
        let reached = |rule: &&TierRule| rule.from.is_none_or(|from| assessment.score >= from);
        let is_rated = assessment.standing == Standing::Rated;
        let band = tiers.iter().find(reached).filter(|_| is_rated);
        Self {
            standing: assessment.standing,
            tier: assessment.tier,
            score: assessment.score,
            band: band.map(|rule| rule.tier),
        }
    }
}

/// The months for which a merchant's acquirers have delivered statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquiring {
    pub first: Month,
    pub last: Month,
}

/// What has come of a month's fees at an acquirer, differences found later among it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimStand {
    pub programme: String,
    pub acquirer: String,
    pub month: Month,
    /// Where its money stood on the date reported on.
    pub balances: Balances,
}

impl ClaimStand {
    /// What is left of it: reserved, payable and paid.
    ///
    /// # Errors
    /// Where the sum is beyond the range of amounts.
    pub fn subsidy(&self) -> Result<Money, MoneyError> {
        let of = |account| self.balances.of(account);
        of(Account::Reserved)
            .plus(of(Account::Payable))?
            .plus(of(Account::Paid))
    }
}

/// A line, with what it is held against.
#[derive(Clone, Debug)]
pub struct LineStand {
    /// The bank's id.
    pub bank: String,
    /// Bank and id of the product, `rcb/small-revolving`; the ledger's own word where there is no such product.
    pub product: String,
    pub judged: Judged,
    /// The cap of the tier when it was granted; none where no tier is known or none is eligible.
    pub cap_when_granted: Option<Money>,
    pub cap_now: Option<Money>,
    /// The score when it was granted, as reconstructed; none where the merchant was not rated then.
    pub score_when_granted: Option<i32>,
}

impl LineStand {
    pub fn quality(&self) -> Quality {
        Quality::of(self.judged.line.positions.last())
    }

    /// What the limit was above the cap when it was granted; nothing where it was not.
    pub fn excess_when_granted(&self) -> Option<Money> {
        let limit = self.judged.line.granted.limit;
        self.excess(Flag::OverCapWhenGranted, limit, self.cap_when_granted)
    }

    /// What the limit is above the cap on the date.
    pub fn excess_now(&self) -> Option<Money> {
        self.excess(Flag::OverCapNow, self.judged.usage.limit, self.cap_now)
    }

    /// Whether the bank has told why the line is above its cap and who has agreed, and to no lower limit.
    pub fn is_overridden(&self) -> bool {
        let has_agreed = self.judged.line.overridden.is_some();
        has_agreed && !self.judged.has(Flag::OverridePending)
    }

    /// No cap is a cap of 0, as for the flags.
    fn excess(&self, flag: Flag, limit: Money, cap: Option<Money>) -> Option<Money> {
        let is_over = self.judged.has(flag);
        let excess = limit.minus(cap.unwrap_or(Money::ZERO)).ok();
        excess.filter(|_| is_over)
    }
}

impl Item {
    /// From which day on it is counted: the last day of its month. None of what stands on the date itself.
    pub fn counts_from(&self) -> Option<Day> {
        match &self.what {
            What::Acquiring(acquiring) => Some(acquiring.first.last_day()),
            What::Claim(claim) => Some(claim.month.last_day()),
            What::Scored(_) | What::Line(_) => None,
        }
    }
}
