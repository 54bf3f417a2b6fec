//! A line as the bank's ledgers have it.

use super::{Line, Position, Terms, ToldLimit};
use crate::credit_line::Told;
use crate::kernel::{Day, Money, Uscc};
use crate::register::{Entry, Kind, Value};

impl Line {
    /// Reads an entry; none where it lacks what every line has.
    pub(super) fn of_ledger(kind: &Kind, entry: &Entry) -> Option<Self> {
        let values = entry.values()?;
        let terms = terms(kind, values)?;
        let first = entry.told().next().map(|(_, values)| values);
        let first = first.or_else(|| entry.versions.first().map(|(_, values)| &**values))?;
        let positions: Vec<Position> = entry
            .told()
            .map(|(on, values)| position(kind, on, values))
            .collect();
        let balances = positions
            .iter()
            .filter_map(|it| Some((it.on, Told::Balance(it.drawn?))));
        let limit = |on, values| {
            let relied_on = None;
            let limit = money(kind, values, "limit")?;
            Some(ToldLimit {
                on,
                limit,
                relied_on,
            })
        };
        let limits = entry.told().filter_map(|(on, values)| limit(on, values));
        Some(Self {
            agreement: text(kind, values, "agreement"),
            bank: entry.source.clone(),
            uscc: uscc(kind, values)?,
            granted: limit(terms.starts_on, first)?,
            limits: limits.collect(),
            told: balances.collect(),
            positions,
            changed: changed(kind, entry),
            is_absent: entry.is_absent,
            line: entry.said.last().map(|said| (said.on, said.line)),
            terms,
            is_reported: false,
            relied_on: None,
            overridden: None,
        })
    }
}

pub(in crate::credit_line) fn terms(kind: &Kind, values: &[Value]) -> Option<Terms> {
    Some(Terms {
        product: text(kind, values, "product"),
        limit: money(kind, values, "limit")?,
        currency: text(kind, values, "currency"),
        revolving: is_revolving(&text(kind, values, "limit_kind")),
        starts_on: value(kind, values, "starts_on").as_day()?,
        ends_on: value(kind, values, "ends_on").as_day(),
        rate: text(kind, values, "rate"),
    })
}

/// 额度类型: 循环, or another word for what does not revolve; none where it is blank.
pub fn is_revolving(limit_kind: &str) -> Option<bool> {
    if limit_kind.is_empty() {
        return None;
    }
    Some(limit_kind.contains("循环") && !limit_kind.contains(['非', '不']))
}

fn position(kind: &Kind, on: Day, values: &[Value]) -> Position {
    Position {
        on,
        drawn: money(kind, values, "drawn"),
        days_overdue: value(kind, values, "days_overdue").as_number(),
        classification: text(kind, values, "classification"),
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

pub(in crate::credit_line) fn uscc(kind: &Kind, values: &[Value]) -> Option<Uscc> {
    match values.get(kind.merchant()) {
        Some(Value::Uscc(uscc)) => Some(*uscc),
        _ => None,
    }
}

pub(in crate::credit_line) fn money(kind: &Kind, values: &[Value], column: &str) -> Option<Money> {
    match value(kind, values, column) {
        Value::Money(money) => Some(*money),
        _ => None,
    }
}
