//! The bank's products, the programmes of subsidy, and the loan prime rates.

use super::{
    Bank,
    table::{Table, by_tier, money, number},
};
use crate::kernel::{Day, Money};
use serde::{Deserialize, Serialize};

/// The tiers, best first.
pub const TIERS: [&str; 6] = ["AAA", "AA", "A", "B", "C", "D"];

/// A loan product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The id of the [`Bank`].
    pub bank: String,
    pub id: String,
    pub name: String,
    pub revolving: bool,
    /// The most that a merchant of each tier may have, best tier first; other tiers are not eligible.
    pub cap: Vec<(String, Money)>,
    /// The terms offered, in months; any goes with any spread.
    pub term_months: Vec<u32>,
    /// The spreads over the loan prime rate, in hundredths of a percent.
    pub spread_basis_points: Vec<u32>,
    pub sizing: Sizing,
    pub on_tier_drop: OnEvent,
    pub on_red_line: OnEvent,
}

/// How large a line is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sizing {
    /// The bank alone decides; the cap is advice.
    Bank,
    /// So many times the average monthly net acquiring, up to the cap.
    Flow { months_of_flow: u32 },
}

/// What is advised when a merchant falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnEvent {
    None,
    Review,
    FreezeDraws,
}

/// A programme that pays merchants' acquiring fees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    pub id: String,
    pub name: String,
    pub funder: String,
    pub from: Day,
    pub until: Day,
    /// All that there is to give.
    pub pool: Money,
    pub rate: Rate,
    /// None: no such cap.
    pub cap_per_merchant_month: Option<Money>,
    pub cap_per_merchant_year: Option<Money>,
    /// None: all.
    pub unit_kinds: Option<Vec<String>>,
    /// None: all, also merchants without a tier.
    pub tiers: Option<Vec<String>>,
    pub payment: Payment,
    pub certified: Certified,
}

/// The part of the fee that is paid, in hundredths of a percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rate {
    Same(u32),
    /// Best tier first; other tiers get nothing.
    ByTier(Vec<(String, u32)>),
}

/// How a merchant is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    /// 先收后补: the fee is charged and paid back.
    Reimburse,
    /// 直接减免: the fee is not charged.
    Waive,
}

impl Payment {
    /// As county.toml has them.
    pub const WORDS: [(&str, Self); 2] = [("reimburse", Self::Reimburse), ("waive", Self::Waive)];
}

/// On which days of a month a merchant must be certified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certified {
    EveryDay,
    LastDay,
}

impl Certified {
    /// As county.toml has them.
    pub const WORDS: [(&str, Self); 2] =
        [("every_day", Self::EveryDay), ("last_day", Self::LastDay)];
}

/// A loan prime rate as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanPrimeRate {
    /// `1Y` or `5Y`.
    pub term: String,
    pub published_on: Day,
    pub basis_points: u32,
}

/// A whole, in hundredths of a percent.
const WHOLE: u32 = 10_000;

// The checks of a product are the same for county.toml and for the bank's door, which reads another form of it.

impl OnEvent {
    /// As both have them.
    pub const WORDS: [(&str, Self); 3] = [
        ("none", Self::None),
        ("review", Self::Review),
        ("freeze_draws", Self::FreezeDraws),
    ];
}

/// Why a sizing is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizingFault {
    MonthsMissing,
    MonthsNeedless,
}

impl Sizing {
    /// As both have them: whether it goes by the flow.
    pub const WORDS: [(&str, bool); 2] = [("bank", false), ("flow", true)];
    /// The least and the most months of flow.
    pub const MONTHS: (u32, u32) = (1, 120);

    /// # Errors
    /// Where the months are missing, or there without need.
    pub const fn of(by_flow: bool, months: Option<u32>) -> Result<Self, SizingFault> {
        match (by_flow, months) {
            (true, Some(months_of_flow)) => Ok(Self::Flow { months_of_flow }),
            (true, None) => Err(SizingFault::MonthsMissing),
            (false, Some(_)) => Err(SizingFault::MonthsNeedless),
            (false, None) => Ok(Self::Bank),
        }
    }
}

impl SizingFault {
    /// In Chinese and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::MonthsMissing => ("sizing 为 flow 时必填", "is required where sizing is flow"),
            Self::MonthsNeedless => ("只用于 sizing 为 flow", "goes with sizing flow only"),
        }
    }
}

impl Product {
    /// The least and the most months of a term.
    pub const TERMS: (u32, u32) = (1, 600);
    /// The least and the most basis points of a spread.
    pub const SPREADS: (u32, u32) = (0, WHOLE);
}

impl Product {
    pub(super) fn read(table: &Table, banks: &[Bank]) -> Option<Self> {
        let bank = table.id("bank").filter(|id| {
            let known = banks.iter().any(|bank| bank.id == *id);
            if !known {
                table.fault(
                    "bank",
                    &format!("没有银行「{id}」"),
                    &format!("there is no bank {id:?}"),
                );
            }
            known
        });
        let id = table.id("id");
        let name = table.text("name");
        let revolving = table.bool("revolving");
        let cap = table.by_tier(
            "cap",
            "须为按等级的正金额，等级为 AAA AA A B C D",
            "must be positive amounts in quotes by tier (AAA AA A B C D)",
            money,
        );
        let term_months = table.numbers("term_months", Self::TERMS);
        let spread_basis_points = table.numbers("spread_basis_points", Self::SPREADS);
        let sizing = sizing(table);
        let on_tier_drop = table.word("on_tier_drop", &OnEvent::WORDS);
        let on_red_line = table.word("on_red_line", &OnEvent::WORDS);
        Some(Self {
            bank: bank?,
            id: id?,
            name: name?,
            revolving: revolving?,
            cap: cap?,
            term_months: term_months?,
            spread_basis_points: spread_basis_points?,
            sizing: sizing?,
            on_tier_drop: on_tier_drop?,
            on_red_line: on_red_line?,
        })
    }
}

fn sizing(table: &Table) -> Option<Sizing> {
    let by_flow = table.word("sizing", &Sizing::WORDS);
    let (key, (least, most)) = ("months_of_flow", Sizing::MONTHS);
    let months = table.optional(key, |table, key| table.number(key, least, most));
    // A number that is none is told already.
    let months = table.has(key).then(|| months.unwrap_or(least));
    let sizing = Sizing::of(by_flow?, months);
    if let Err(fault) = sizing {
        let (zh, en) = fault.words();
        table.fault(key, zh, en);
    }
    sizing.ok()
}

impl Programme {
    pub(super) fn read(table: &Table) -> Option<Self> {
        let id = table.id("id");
        let name = table.text("name");
        let funder = table.text("funder");
        let (from, until) = (table.day("from"), table.day("until"));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            table.fault("until", "早于 from", "lies before from");
        }
        let pool = table.money("pool");
        let rate = table.either(
            "rate_basis_points",
            "须为0到10000的整数，或按等级的这样一张表",
            "must be a whole number from 0 to 10000, or a table of such by tier",
            |value| {
                let one = number(value, 0, WHOLE).map(Rate::Same);
                one.or_else(|| by_tier(value, &|value| number(value, 0, WHOLE)).map(Rate::ByTier))
            },
        );
        let cap_per_merchant_month = table.optional("cap_per_merchant_month", Table::money);
        let cap_per_merchant_year = table.optional("cap_per_merchant_year", Table::money);
        let unit_kinds = table.optional("unit_kinds", some_texts);
        let tiers = table.optional("tiers", some_texts);
        if tiers.iter().flatten().any(|tier| !TIERS.contains(&&**tier)) {
            table.fault(
                "tiers",
                "等级为 AAA AA A B C D",
                "the tiers are AAA AA A B C D",
            );
        }
        let payment = table.word("payment", &Payment::WORDS);
        let certified = table.word("certified", &Certified::WORDS);
        Some(Self {
            id: id?,
            name: name?,
            funder: funder?,
            from: from?,
            until: until?,
            pool: pool?,
            rate: rate?,
            cap_per_merchant_month,
            cap_per_merchant_year,
            unit_kinds,
            tiers,
            payment: payment?,
            certified: certified?,
        })
    }
}

/// An empty list would mean nobody where a list left out means everybody.
fn some_texts(table: &Table, key: &'static str) -> Option<Vec<String>> {
    let texts = table.texts(key)?;
    if texts.is_empty() {
        table.fault(
            key,
            "不能是空数组；不限则不写",
            "must not be empty; leave it out for all",
        );
    }
    Some(texts)
}

impl LoanPrimeRate {
    pub(super) fn read(table: &Table) -> Option<Self> {
        let term = table.word("term", &[("1Y", "1Y"), ("5Y", "5Y")]);
        let published_on = table.day("published_on");
        let basis_points = table.number("basis_points", 0, WHOLE);
        Some(Self {
            term: term?.to_owned(),
            published_on: published_on?,
            basis_points: basis_points?,
        })
    }
}
