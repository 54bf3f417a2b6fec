//! The figures, each with what it counts: a figure is the number of items that have a share in it, of their merchants,
//! or the sum of their shares. So the list behind a figure is those items, and nothing else.

use super::quality::{BAD_AFTER_DAYS, Class, Outcome};
use super::{ClaimStand, Item, LineStand, Scored, What};
use crate::credit_line::Flag;
use crate::kernel::Money;
use crate::ledger::Account;
use std::fmt;

/// What a figure is a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Merchants, each once.
    Merchants,
    /// Lines or claims.
    Items,
    /// Yuan, to the fen.
    Money,
}

/// From which items a figure is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Scores,
    Acquiring,
    Claims,
    Lines,
}

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $zh:literal, $en:literal, $unit:ident of $source:ident;)+) => {
        /// A number that is told, by its stable name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Figure {
            $($(#[$doc])* $name,)+
        }

        impl Figure {
            /// In the order in which they are told.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh,)+ }
            }

            pub const fn en(self) -> &'static str {
                match self { $(Self::$name => $en,)+ }
            }

            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)+ }
            }

            pub const fn source(self) -> Source {
                match self { $(Self::$name => Source::$source,)+ }
            }
        }
    };
}

figures! {
    /// Open on the date.
    MerchantsScored = "merchants_scored", "评分商户", "merchants scored", Merchants of Scores;
    /// Scored on both dates: those of the migration.
    Migrated = "migrated", "两日均有评分的商户", "scored on both dates", Merchants of Scores;
    Rated = "rated", "已评定商户", "rated merchants", Merchants of Scores;
    RatedBefore = "rated_before", "期初已评定商户", "rated on the earlier date", Merchants of Scores;
    /// Whatever has become of the lines.
    MerchantsWithLines = "merchants_with_lines", "授信商户", "merchants with lines", Merchants of Lines;
    Lines = "lines", "授信笔数", "lines", Items of Lines;
    /// The limits, of lines in yuan.
    CreditGranted = "credit_granted", "授信额度", "credit granted", Money of Lines;
    /// Of lines in yuan of which it is told.
    Drawn = "drawn", "用信余额", "drawn", Money of Lines;
    /// Nothing up to the date tells what is drawn of them: they are not in the sum.
    DrawnUntold = "drawn_untold", "未报用信余额", "drawn not told", Items of Lines;
    /// Not in yuan: their money is in no sum.
    OtherCurrency = "other_currency", "外币授信（不计金额）", "in another currency (in no sum)", Items of Lines;
    MerchantsWithAcquiring = "merchants_with_acquiring", "开通收单商户", "merchants with acquiring", Merchants of Acquiring;
    MerchantsWithSubsidy = "merchants_with_subsidy", "获补贴商户", "merchants with subsidies", Merchants of Claims;
    Claims = "claims", "补贴申领", "claims", Items of Claims;
    /// Reserved, payable and paid together.
    Subsidy = "subsidy", "补贴金额", "subsidies", Money of Claims;
    SubsidyReserved = "subsidy_reserved", "其中已预留", "of it reserved", Money of Claims;
    SubsidyPayable = "subsidy_payable", "其中应付", "of it payable", Money of Claims;
    SubsidyPaid = "subsidy_paid", "其中已付", "of it paid", Money of Claims;
    SubsidyClawedBack = "subsidy_clawed_back", "已追回（不在其中）", "clawed back (not in it)", Money of Claims;
    OverCapWhenGranted = "over_cap_when_granted", "授信时超限", "over the cap when granted", Items of Lines;
    OverCapWhenRaised = "over_cap_when_raised", "提额时超限", "over the cap when raised", Items of Lines;
    OverCapNow = "over_cap_now", "现在超限", "over the cap now", Items of Lines;
    OverridePending = "override_pending", "超限审批未报", "override pending", Items of Lines;
    Overridden = "overridden", "超限已审批", "overridden", Items of Lines;
    Normal = "normal", "正常", "normal", Items of Lines;
    SpecialMention = "special_mention", "关注", "special mention", Items of Lines;
    Substandard = "substandard", "次级", "substandard", Items of Lines;
    Doubtful = "doubtful", "可疑", "doubtful", Items of Lines;
    Loss = "loss", "损失", "loss", Items of Lines;
    Unclassified = "unclassified", "未分类", "unclassified", Items of Lines;
    Overdue = "overdue", "逾期", "overdue", Items of Lines;
    OverdueOver30 = "overdue_over_30", "逾期超30天", "overdue for more than 30 days", Items of Lines;
    OverdueOver90 = "overdue_over_90", "逾期超90天", "overdue for more than 90 days", Items of Lines;
    /// Rated when granted, and told to be doing well.
    Good = "good", "好（授信时已评定）", "good (rated when granted)", Items of Lines;
    Bad = "bad", "坏（授信时已评定）", "bad (rated when granted)", Items of Lines;
}

/// What an item has in a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// It is one of those counted.
    One,
    Money(Money),
}

impl Figure {
    /// Those of lines over the cap of their tier.
    pub const OVER_CAP: [Self; 3] = [
        Self::OverCapWhenGranted,
        Self::OverCapWhenRaised,
        Self::OverCapNow,
    ];

    /// What an item has in this figure; none where it is not counted.
    pub fn share(self, item: &Item) -> Option<Share> {
        match &item.what {
            What::Scored(scored) => self.counts_score(scored).then_some(Share::One),
            What::Acquiring(_) => (self == Self::MerchantsWithAcquiring).then_some(Share::One),
            What::Claim(claim) => self.share_of_claim(claim),
            What::Line(line) => self.share_of_line(line),
        }
    }

    fn counts_score(self, scored: &Scored) -> bool {
        match self {
            Self::MerchantsScored => scored.now.is_some(),
            Self::Migrated => scored.before.is_some() && scored.now.is_some(),
            Self::Rated => scored.now.is_some_and(|now| now.band.is_some()),
            Self::RatedBefore => scored.before.is_some_and(|before| before.band.is_some()),
            _ => false,
        }
    }

    fn share_of_claim(self, claim: &ClaimStand) -> Option<Share> {
        // What is beyond the range of amounts cannot have come out of a pool.
        let subsidy = claim.subsidy().unwrap_or(Money::ZERO);
        let of = |account| claim.balances.of(account);
        let money = match self {
            Self::MerchantsWithSubsidy | Self::Claims => {
                return (subsidy > Money::ZERO).then_some(Share::One);
            }
            Self::Subsidy => subsidy,
            Self::SubsidyReserved => of(Account::Reserved),
            Self::SubsidyPayable => of(Account::Payable),
            Self::SubsidyPaid => of(Account::Paid),
            Self::SubsidyClawedBack => of(Account::ClawedBack),
            _ => return None,
        };
        (money != Money::ZERO).then_some(Share::Money(money))
    }

    fn share_of_line(self, line: &LineStand) -> Option<Share> {
        let judged = &line.judged;
        let yuan = |money: Option<Money>| {
            let money = money.filter(|_| judged.line.terms.is_in_yuan());
            money
                .filter(|money| *money != Money::ZERO)
                .map(Share::Money)
        };
        match self {
            Self::CreditGranted => yuan(Some(judged.usage.limit)),
            Self::Drawn => yuan(judged.usage.drawn),
            _ => self.counts_line(line).then_some(Share::One),
        }
    }

    fn counts_line(self, line: &LineStand) -> bool {
        let has = |flag| line.judged.has(flag);
        let quality = line.quality();
        let outcome = || line.score_when_granted.map(|_| quality.outcome());
        match self {
            Self::MerchantsWithLines | Self::Lines => true,
            Self::DrawnUntold => line.judged.usage.drawn.is_none(),
            Self::OtherCurrency => !line.judged.line.terms.is_in_yuan(),
            Self::OverCapWhenGranted => has(Flag::OverCapWhenGranted),
            Self::OverCapWhenRaised => has(Flag::OverCapWhenRaised),
            Self::OverCapNow => has(Flag::OverCapNow),
            Self::OverridePending => has(Flag::OverridePending),
            Self::Overridden => line.is_overridden(),
            Self::Normal => quality.class == Some(Class::Normal),
            Self::SpecialMention => quality.class == Some(Class::SpecialMention),
            Self::Substandard => quality.class == Some(Class::Substandard),
            Self::Doubtful => quality.class == Some(Class::Doubtful),
            Self::Loss => quality.class == Some(Class::Loss),
            Self::Unclassified => quality.class.is_none(),
            Self::Overdue => quality.is_overdue(0),
            Self::OverdueOver30 => quality.is_overdue(30),
            Self::OverdueOver90 => quality.is_overdue(BAD_AFTER_DAYS),
            Self::Good => outcome() == Some(Outcome::Good),
            Self::Bad => outcome() == Some(Outcome::Bad),
            _ => false,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no figure.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("没有这个数；可用 {known} · there is no such figure; there are: {known}")]
pub struct NoSuchFigure {
    known: String,
}

impl std::str::FromStr for Figure {
    type Err = NoSuchFigure;
    fn from_str(text: &str) -> Result<Self, NoSuchFigure> {
        let found = Self::ALL.iter().find(|figure| figure.as_str() == text);
        found.copied().ok_or_else(|| NoSuchFigure {
            known: Self::ALL
                .iter()
                .map(|it| it.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}
