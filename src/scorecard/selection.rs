//! Which facts count on a day: by kind, date, window and condition, until a day on which they stop counting.

use super::{
    condition::{Condition, Scope},
    next_change::Candidates,
    reader::{Node, Table},
};
use crate::{
    kernel::Day,
    register::{CellType, Fact, History, KindIndex},
};

/// A set of facts that the card names.
#[derive(Debug)]
pub(super) struct Selection {
    pub id: Box<str>,
    pub kind: KindIndex,
    /// The column of the day from which a fact counts; it counts on every day where the card names none.
    pub date: Option<usize>,
    /// How many months it counts: `d <= t < addmonths(d, months)`.
    pub months: Option<i32>,
    condition: Condition,
    stops: Box<[Stop]>,
}

/// A day on which a fact stops counting.
#[derive(Debug)]
struct Stop {
    column: usize,
    plus_months: i32,
    /// Whether the fact still counts on the day itself.
    through: bool,
    condition: Condition,
    /// The day from which this rule is in force.
    in_force_from: Option<Day>,
}

impl Stop {
    /// The first day on which the fact no longer counts by this rule.
    fn first_day_without(&self, fact: &Fact) -> Option<Day> {
        let day = fact.value(self.column).as_day()?;
        if !self.condition.holds(fact) {
            return None;
        }
        let end = match self.plus_months {
            0 => day,
            months => day.plus_months(months),
        };
        let end = end.plus_days(i32::from(self.through));
        Some(self.in_force_from.map_or(end, |from| end.max(from)))
    }
}

/// `t < addmonths(d, months)`. A month has 28 to 31 days, which mostly tells without the calendar.
fn within(d: Day, months: i32, t: Day) -> bool {
    let age = t.number() - d.number();
    age < months * 28 || (age < months * 31 && t < d.plus_months(months))
}

impl Selection {
    /// The day from which a fact counts.
    pub fn date(&self, fact: &Fact) -> Option<Day> {
        fact.value(self.date?).as_day()
    }

    /// Whether a fact counts at the end of day t.
    pub fn counts(&self, fact: &Fact, t: Day) -> bool {
        self.counts_within(self.months, fact, t)
    }

    /// The same with another window.
    pub fn counts_within(&self, months: Option<i32>, fact: &Fact, t: Day) -> bool {
        if let Some(column) = self.date {
            let Some(day) = fact.value(column).as_day() else {
                return false;
            };
            if day > t || months.is_some_and(|months| !within(day, months, t)) {
                return false;
            }
        }
        self.condition.holds(fact)
            && !self
                .stops
                .iter()
                .any(|stop| stop.first_day_without(fact).is_some_and(|first| first <= t))
    }

    /// The facts that count at the end of day t.
    pub fn counted<'h>(&'h self, history: &'h History, t: Day) -> impl Iterator<Item = &'h Fact> {
        let facts = history.of(self.kind).iter();
        facts.filter(move |fact| self.counts(fact, t))
    }

    pub fn any(&self, history: &History, t: Day) -> bool {
        self.counted(history, t).next().is_some()
    }

    /// The facts that count on some day.
    pub fn ever<'h>(&'h self, history: &'h History) -> impl Iterator<Item = &'h Fact> {
        let facts = history.of(self.kind).iter();
        facts.filter(|fact| self.condition.holds(fact))
    }

    /// The days on which a fact begins or stops to count.
    pub fn changes(&self, history: &History, months: Option<i32>, days: &mut Candidates) {
        for fact in self.ever(history) {
            if let Some(day) = self.date(fact) {
                days.add(day);
                if let Some(months) = months {
                    days.add(day.plus_months(months));
                }
            }
            for first in self.stops.iter().filter_map(|s| s.first_day_without(fact)) {
                days.add(first);
            }
        }
    }

    /// Asks for one condition more.
    pub fn require(&mut self, condition: Condition) {
        let own = std::mem::replace(&mut self.condition, Condition::Always);
        self.condition = Condition::All(Box::new([own, condition]));
    }

    /// Reads a `[[facts]]` table.
    pub fn read(table: &Table<'_>, scope: Scope<'_>) -> Self {
        let date = table.get("date");
        let stops = table.list("stops");
        Self {
            id: table.need_text("id").into(),
            kind: scope.kind,
            // A broken date has been told: the card is refused, and nothing more need be told of it.
            date: date.map(|node| scope.column_at(&node, &[CellType::Date]).unwrap_or(0)),
            months: table.months("months"),
            condition: scope.condition_of(table, "where"),
            stops: stops.iter().filter_map(|n| Stop::read(n, scope)).collect(),
        }
    }
}

impl Stop {
    /// `{ on = column }` or `{ after = column }`, with `plus_months`, `where` and `rule_from` where needed.
    fn read(node: &Node<'_>, scope: Scope<'_>) -> Option<Self> {
        let table = node.table()?;
        let (on, after) = (table.get("on"), table.get("after"));
        if on.is_some() == after.is_some() {
            table.fault(
                "on 和 after 须有且只有一个",
                "either on or after, and not both",
            );
        }
        let stop = Self {
            column: scope.column_at(&on.or(after)?, &[CellType::Date])?,
            plus_months: table.months("plus_months").unwrap_or(0),
            through: after.is_some(),
            condition: scope.condition_of(&table, "where"),
            in_force_from: table.day("rule_from"),
        };
        table.finish();
        Some(stop)
    }
}
