//! 授信: the lines that banks have granted, as they report them. The bank's core system is the book; what does not fit
//! is flagged and never refused.

pub mod flag;
pub mod judge;
pub mod records;
pub mod state;
#[cfg(test)]
mod tests;
pub mod usage;

pub use flag::{Flag, NoSuchFlag};
pub use judge::{AtGrant, Judged, judge};
pub use state::{DoesNotFollow, Event, State};
pub use usage::Usage;

use crate::kernel::{Day, Id, Money};
use crate::merchant::Merchant;
use crate::register::{Entry, Kind, Value};

/// The kind of the banks' ledgers.
pub const KIND: &str = "credit_lines";

/// One line, as told up to a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// 授信协议号码: the bank's own name for it.
    pub agreement: Box<str>,
    /// Who delivered the ledger: a bank, by its name.
    pub source: Box<str>,
    pub merchant: Id<Merchant>,
    pub terms: Terms,
    /// The limit as it was told first.
    pub limit_when_granted: Money,
    /// At the ends of months, in their order.
    pub positions: Vec<Position>,
    /// The columns that changed and should not have.
    pub changed: Vec<Box<str>>,
    /// Whether the bank's last ledger does not hold it any more.
    pub is_absent: bool,
    /// Its line in the last ledger that has it; none where no finished ledger has.
    pub line: Option<(Day, i64)>,
}

/// What was agreed, as last told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// By its name in the ledger.
    pub product: Box<str>,
    pub limit: Money,
    /// Blank: CNY.
    pub currency: Box<str>,
    /// 额度类型; blank: the product's.
    pub limit_kind: Box<str>,
    pub starts_on: Day,
    /// The last day; none where it has no end.
    pub ends_on: Option<Day>,
    pub rate: Box<str>,
}

/// What is owed at the end of a month.
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
    /// Reads an entry of a ledger as told up to a day; none where it lacks what every line has, or where neither has
    /// it begun by then nor has a ledger told of it.
    pub fn read(kind: &Kind, entry: &Entry, as_of: Day) -> Option<Self> {
        let values = entry.values()?;
        let terms = Terms::read(kind, values)?;
        if terms.starts_on > as_of && entry.said.is_empty() {
            return None;
        }
        let first = entry.told().next().map(|(_, values)| values);
        let first = first.or_else(|| entry.versions.first().map(|(_, values)| &**values))?;
        Some(Self {
            agreement: text(kind, values, "agreement"),
            source: entry.source.clone(),
            merchant: entry.merchant,
            limit_when_granted: money(kind, first, "limit").unwrap_or(terms.limit),
            positions: entry
                .told()
                .map(|(on, values)| Position::read(kind, on, values))
                .collect(),
            changed: changed(kind, entry),
            is_absent: entry.is_absent,
            line: entry.said.last().map(|said| (said.on, said.line)),
            terms,
        })
    }
}

impl Terms {
    fn read(kind: &Kind, values: &[Value]) -> Option<Self> {
        Some(Self {
            product: text(kind, values, "product"),
            limit: money(kind, values, "limit")?,
            currency: text(kind, values, "currency"),
            limit_kind: text(kind, values, "limit_kind"),
            starts_on: value(kind, values, "starts_on").as_day()?,
            ends_on: value(kind, values, "ends_on").as_day(),
            rate: text(kind, values, "rate"),
        })
    }

    /// Whether amounts are in renminbi, as the caps are.
    pub fn is_in_yuan(&self) -> bool {
        ["", "CNY", "人民币"].contains(&&*self.currency)
    }

    /// Whether what is repaid may be drawn again, by the ledger's own word; none where it has none.
    pub fn is_revolving(&self) -> Option<bool> {
        if self.limit_kind.is_empty() {
            return None;
        }
        Some(self.limit_kind.contains("循环") && !self.limit_kind.contains(['非', '不']))
    }
}

impl Position {
    fn read(kind: &Kind, on: Day, values: &[Value]) -> Self {
        Self {
            on,
            drawn: money(kind, values, "drawn"),
            days_overdue: value(kind, values, "days_overdue").as_number(),
            classification: text(kind, values, "classification"),
        }
    }
}

/// The columns outside those that may evolve in which a version differs from the one before it.
fn changed(kind: &Kind, entry: &Entry) -> Vec<Box<str>> {
    let versions: Vec<&[Value]> = entry.versions_told().collect();
    let columns = kind.columns.iter().enumerate();
    columns
        .filter(|(_, column)| !column.evolves)
        .filter(|(place, _)| {
            let differs = |two: &[&[Value]]| two[0].get(*place) != two[1].get(*place);
            versions.windows(2).any(differs)
        })
        .map(|(_, column)| column.id.clone())
        .collect()
}

fn value<'v>(kind: &Kind, values: &'v [Value], column: &str) -> &'v Value {
    let place = kind.column(column);
    place
        .and_then(|place| values.get(place))
        .unwrap_or(&Value::Blank)
}

fn text(kind: &Kind, values: &[Value], column: &str) -> Box<str> {
    value(kind, values, column).as_text().into()
}

fn money(kind: &Kind, values: &[Value], column: &str) -> Option<Money> {
    match value(kind, values, column) {
        Value::Money(money) => Some(*money),
        _ => None,
    }
}
