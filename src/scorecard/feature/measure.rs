//! What each feature kind says at the end of a day.

use super::{Measure, PeriodicReport, Sources, SumTest};
use crate::{
    kernel::Day,
    register::Fact,
    scorecard::{
        condition::Condition,
        feed::Subject,
        outcome::{Mark, OTHER_WORD, Reach, Reading},
        selection::Selection,
        statements::{MOST_MONTHS, Statements},
    },
};

const NONE: Reading = Reading::Mark(Mark::None);
const UNKNOWN: Reading = Reading::Mark(Mark::Unknown);

impl Measure {
    pub(super) fn read(
        &self,
        sources: &Sources,
        subject: &Subject<'_>,
        t: Day,
    ) -> (Reading, Reach) {
        let of = |facts: &usize| Counted {
            selection: &sources.selections[*facts],
            subject,
            t,
        };
        let reading = match self {
            Self::MonthsSince { facts, latest } => of(facts).months_since(*latest),
            Self::OpenInterval { facts, end } => of(facts).open_interval(*end),
            Self::WeightedSum {
                facts,
                weights,
                decay,
            } => of(facts).weighted_sum(weights, decay.as_deref()),
            Self::SmoothedShare {
                facts,
                good,
                bad,
                prior,
                scale,
            } => of(facts).smoothed_share(good, bad, *prior, *scale),
            Self::Rate {
                facts,
                scale,
                statements,
                sum,
                floor,
            } => {
                let total = total(&sources.statements[*statements], *sum, subject, t);
                let count = of(facts).facts().count() as i128;
                let per = total.max(i128::from(*floor));
                Reading::Number(half_up(count * i128::from(*scale), per))
            }
            Self::Lowest { facts, column } => of(facts).lowest(*column),
            Self::LatestValue {
                facts,
                column,
                words,
            } => of(facts).latest_value(*column, words),
            Self::PeriodicReport(report) => report.read(sources, subject, t),
            Self::ActiveMonths { statements, tests } => {
                return active_months(&sources.statements[*statements], tests, subject, t);
            }
        };
        (reading, Reach::Complete)
    }

    /// The marks that it may say, and whether it says numbers.
    pub(in crate::scorecard) fn says(&self) -> (&'static [Mark], bool) {
        match self {
            Self::MonthsSince { .. } | Self::WeightedSum { .. } | Self::SmoothedShare { .. } => {
                (&[Mark::None], true)
            }
            Self::OpenInterval { .. } => (&[Mark::None, Mark::Open], true),
            Self::Rate { .. } => (&[], true),
            Self::Lowest { .. } => (&[Mark::None, Mark::Unknown], true),
            Self::LatestValue { words, .. } => (&[Mark::None, Mark::Unknown], words.is_empty()),
            Self::PeriodicReport(_) => (PeriodicReport::MARKS, false),
            Self::ActiveMonths { .. } => (&[Mark::Unknown], true),
        }
    }
}

/// The facts of a selection that count at the end of a day.
struct Counted<'s> {
    selection: &'s Selection,
    subject: &'s Subject<'s>,
    t: Day,
}

impl<'s> Counted<'s> {
    fn facts(&self) -> impl Iterator<Item = &'s Fact> + use<'s> {
        self.selection.counted(self.subject.history, self.t)
    }

    fn months_since(&self, latest: bool) -> Reading {
        let dates = self.facts().filter_map(|fact| self.selection.date(fact));
        let date = if latest { dates.max() } else { dates.min() };
        date.map_or(NONE, |date| {
            Reading::Number(date.months_until(self.t).into())
        })
    }

    fn open_interval(&self, end: usize) -> Reading {
        let mut latest = None;
        for fact in self.facts() {
            match fact.value(end).as_day() {
                Some(end) if end <= self.t => latest = latest.max(Some(end)),
                _ => return Reading::Mark(Mark::Open),
            }
        }
        latest.map_or(NONE, |end| Reading::Number(end.months_until(self.t).into()))
    }

    fn weighted_sum(&self, weights: &[(i64, Condition)], decay: Option<&[i64]>) -> Reading {
        let weighed = self.facts().map(|fact| {
            let age = || {
                self.selection
                    .date(fact)?
                    .months_until(self.t)
                    .try_into()
                    .ok()
            };
            let of_age = |table: &[i64]| age().and_then(|age: usize| table.get(age).copied());
            let decayed = decay.map_or(1, |table| of_age(table).unwrap_or(0));
            weight(weights, fact).saturating_mul(decayed)
        });
        weighed
            .reduce(i64::saturating_add)
            .map_or(NONE, Reading::Number)
    }

    fn smoothed_share(
        &self,
        good: &Condition,
        bad: &Condition,
        prior: (i64, i64),
        scale: i64,
    ) -> Reading {
        let (mut well, mut ill) = (0, 0);
        for fact in self.facts() {
            well += i128::from(good.holds(fact));
            ill += i128::from(bad.holds(fact));
        }
        if well + ill == 0 {
            return NONE;
        }
        let (well, ill) = (well + i128::from(prior.0), ill + i128::from(prior.1));
        Reading::Number(half_up(well * i128::from(scale), well + ill))
    }

    fn lowest(&self, column: usize) -> Reading {
        let mut facts = self.facts().peekable();
        if facts.peek().is_none() {
            return NONE;
        }
        let numbers = facts.filter_map(|fact| fact.value(column).as_number());
        numbers.min().map_or(UNKNOWN, Reading::Number)
    }

    /// A number, or one of the words that attributes name. Of two of the same day, the later key.
    fn latest_value(&self, column: usize, words: &[Box<str>]) -> Reading {
        let Some(fact) = self.facts().max_by_key(|fact| self.selection.date(fact)) else {
            return NONE;
        };
        let value = fact.value(column);
        if value.is_blank() {
            return UNKNOWN;
        }
        if let Some(number) = value.as_number() {
            return Reading::Number(number);
        }
        let place = words.iter().position(|word| **word == *value.as_text());
        Reading::Word(place.map_or(OTHER_WORD, |place| place as u16))
    }
}

/// a / b rounded half up, for a >= 0 and b > 0.
fn half_up(a: i128, b: i128) -> i64 {
    i64::try_from((2 * a + b) / (2 * b)).unwrap_or(i64::MAX)
}

/// The weight of the first condition that holds; nothing, where none does.
fn weight(weights: &[(i64, Condition)], fact: &Fact) -> i64 {
    let first = weights.iter().find(|(_, condition)| condition.holds(fact));
    first.map_or(0, |(weight, _)| *weight)
}

fn number(fact: &Fact, column: usize) -> i128 {
    fact.value(column).as_number().unwrap_or_default().into()
}

/// The sum of a column over the window's statements; nothing, where they cannot be used.
fn total(statements: &Statements, column: usize, subject: &Subject<'_>, t: Day) -> i128 {
    let window = statements.window(subject, t);
    window.map_or(0, |window| {
        let within = statements.within(subject, window.first, window.last);
        within.map(|fact| number(fact, column)).sum()
    })
}

/// The months of the window in which every sum over all the merchant's statements reaches its least.
fn active_months(
    statements: &Statements,
    tests: &[SumTest],
    subject: &Subject<'_>,
    t: Day,
) -> (Reading, Reach) {
    let Some(window) = statements.window(subject, t) else {
        return (UNKNOWN, Reach::Complete);
    };
    let within = || statements.within(subject, window.first, window.last);
    let place = |fact: &Fact| {
        let month = fact.value(statements.month).as_month()?;
        usize::try_from(month.number() - window.first.number()).ok()
    };
    // A bit a month: first those with a statement, then those of them in which every sum suffices.
    let mut active = within()
        .filter_map(place)
        .fold(0u64, |bits, n| bits | 1 << (n & 63));
    for test in tests {
        let mut sums = [0i128; MOST_MONTHS as usize];
        for fact in within() {
            let less = test.less.map_or(0, |column| number(fact, column));
            if let Some(sum) = place(fact).and_then(|place| sums.get_mut(place)) {
                *sum += number(fact, test.sum) - less;
            }
        }
        let short = |(n, sum): (usize, &i128)| (*sum < i128::from(test.least)).then_some(1u64 << n);
        active &= !sums
            .iter()
            .enumerate()
            .filter_map(short)
            .fold(0, |bits, bit| bits | bit);
    }
    match active.count_ones() {
        0 => (UNKNOWN, Reach::Complete),
        months if window.partial => (Reading::Number(months.into()), Reach::Partial),
        months => (Reading::Number(months.into()), Reach::Complete),
    }
}
