//! A line, put together from the bank's ledgers and from what it reports itself.

pub(super) mod ledger;
mod reports;

use super::report::Override;
use super::{Papers, Told};
use crate::answer::Answer;
use crate::kernel::{Day, Id, Money, Uscc};
use crate::register::{Entry, Kind};

/// One line, as told up to a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// 授信协议号码: the bank's own name for it.
    pub agreement: Box<str>,
    /// The bank, by its name.
    pub bank: Box<str>,
    pub uscc: Uscc,
    pub terms: Terms,
    /// The limit of the grant, on the line's first day.
    pub granted: ToldLimit,
    /// As they were told beside it, one a day and in their order.
    pub limits: Vec<ToldLimit>,
    /// At the ends of days, in their order.
    pub positions: Vec<Position>,
    /// What happened to it and what is owed, in no order.
    pub told: Vec<(Day, Told)>,
    /// The fields that changed and should not have, or in which the ledger and the reports differ.
    pub changed: Vec<Box<str>>,
    /// Whether the bank's last ledger does not hold it any more.
    pub is_absent: bool,
    /// Its line in the last ledger that has it; none where no finished ledger has.
    pub line: Option<(Day, i64)>,
    /// Whether the bank has reported the grant itself: then nothing was drawn before what it reports.
    pub is_reported: bool,
    /// The answer whose tier the bank relied on when it granted.
    pub relied_on: Option<Id<Answer>>,
    /// Who has agreed to a limit above the cap, and why.
    pub overridden: Option<Override>,
}

/// A limit as it was told for a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldLimit {
    pub on: Day,
    pub limit: Money,
    /// The answer whose tier the bank relied on.
    pub relied_on: Option<Id<Answer>>,
}

/// What was agreed, as last told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// By its name or id.
    pub product: Box<str>,
    pub limit: Money,
    /// Blank: CNY.
    pub currency: Box<str>,
    /// Whether what is repaid may be drawn again; none: as the product.
    pub revolving: Option<bool>,
    pub starts_on: Day,
    /// The last day; none where it has no end.
    pub ends_on: Option<Day>,
    pub rate: Box<str>,
}

/// How a line stood at the end of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub on: Day,
    /// None where the ledger leaves it blank.
    pub drawn: Option<Money>,
    pub days_overdue: Option<i64>,
    /// 五级分类
    pub classification: Box<str>,
}

impl Line {
    /// Puts a line together as told up to a day; none where neither has it begun by then nor has anything told of it,
    /// or where what was told lacks what every line has.
    pub fn read(
        kind: &Kind,
        papers: &Papers,
        (bank, agreement): (&str, &str),
        as_of: Day,
    ) -> Option<Self> {
        let (entry, reports) = (papers.entry.as_ref(), &papers.reports);
        let granted = Self::of_grant(bank, agreement, reports.versions());
        // What only a later ledger tells was not told by the day, where the grant was.
        let told = |entry: &&Entry| granted.is_none() || entry.told().next().is_some();
        let from_ledger = entry.filter(told);
        let from_ledger = from_ledger.and_then(|entry| Self::of_ledger(kind, entry));
        let mut line = match (from_ledger, granted) {
            (Some(ledger), Some(granted)) => ledger.beside(granted),
            (one, other) => one.or(other)?,
        };
        if line.terms.starts_on > as_of && line.line.is_none() && !line.is_reported {
            return None;
        }
        line.hear(reports, as_of);
        line.positions.sort_by_key(|position| position.on);
        Some(line)
    }

    /// The line of the ledgers beside the grant as the bank reports it. The ledger is the later word on the terms.
    fn beside(mut self, granted: Self) -> Self {
        let differs = [
            ("uscc", self.uscc != granted.uscc),
            ("starts_on", self.terms.starts_on != granted.terms.starts_on),
        ];
        let differs = differs.into_iter().filter(|(_, differs)| *differs);
        for (name, _) in differs {
            self.change(name);
        }
        Self {
            granted: granted.granted,
            is_reported: true,
            relied_on: granted.relied_on,
            ..self
        }
    }

    /// The limits that lie above the one before them: each was decided anew, as the grant was.
    pub fn rises(&self) -> impl Iterator<Item = &ToldLimit> {
        let before = std::iter::once(&self.granted).chain(&self.limits);
        let pairs = before.zip(&self.limits);
        pairs
            .filter(|(before, after)| after.limit > before.limit)
            .map(|(_, after)| after)
    }

    fn change(&mut self, field: &str) {
        if !self.changed.iter().any(|known| **known == *field) {
            self.changed.push(field.into());
        }
    }
}

impl Terms {
    /// Whether amounts are in renminbi, as the caps are.
    pub fn is_in_yuan(&self) -> bool {
        ["", "CNY", "人民币"].contains(&&*self.currency)
    }

    /// The product's name or id; none where it is blank.
    pub fn named_product(&self) -> Option<String> {
        (!self.product.is_empty()).then(|| self.product.to_string())
    }

    /// The currency as two sides can compare it.
    pub fn iso_currency(&self) -> String {
        if self.is_in_yuan() {
            "CNY".to_owned()
        } else {
            self.currency.to_uppercase()
        }
    }
}
