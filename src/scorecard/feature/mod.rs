//! The small set of feature kinds from which cards are written. Each reads a number or a mark off a merchant's
//! facts on a day, and knows the few days on which what it reads can step.

mod periodic_report;
pub(super) mod read;

use super::{
    condition::Condition,
    decay,
    feed::Subject,
    next_change::Candidates,
    outcome::{Mark, Reach, Reading},
    selection::Selection,
    statements::Statements,
};
use crate::{kernel::Day, register::Fact};
pub(super) use periodic_report::PeriodicReport;

/// The facts and statements that features name by their places.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub selections: Vec<Selection>,
    pub statements: Vec<Statements>,
}

/// What a characteristic measures.
#[derive(Debug)]
pub(super) struct Feature {
    pub measure: Measure,
    /// The number that stands for "no fact counts", instead of the mark.
    pub when_none: Option<i64>,
    /// Facts without which "no fact counts" is not applicable.
    pub applies_if_any: Option<usize>,
}

/// One feature kind with what the card says of it. `facts` is the place of a selection.
#[derive(Debug)]
pub(super) enum Measure {
    /// Whole months since the earliest or latest date of the facts that count.
    MonthsSince {
        facts: usize,
        latest: bool,
    },
    /// Whether a record is open; else whole months since the latest end.
    OpenInterval {
        facts: usize,
        end: usize,
    },
    /// The sum of the weights of the facts that count, each decayed by its age where there is a table, then in
    /// millionths.
    WeightedSum {
        facts: usize,
        weights: Box<[(i64, Condition)]>,
        decay: Option<Box<[i64]>>,
    },
    /// (good + prior_good) / (good + bad + prior_good + prior_bad), in parts of `scale`, rounded half up.
    SmoothedShare {
        facts: usize,
        good: Condition,
        bad: Condition,
        prior_good: i64,
        prior_bad: i64,
        scale: i64,
    },
    /// Facts that count, times `scale`, divided by a sum over statements but at least by `floor`; rounded half up.
    Rate {
        facts: usize,
        scale: i64,
        statements: usize,
        sum: usize,
        floor: i64,
    },
    /// The lowest number in a column of the facts that count.
    Lowest {
        facts: usize,
        column: usize,
    },
    /// The value in a column of the latest fact that counts.
    LatestValue {
        facts: usize,
        column: usize,
        words: Box<[Box<str>]>,
    },
    PeriodicReport(PeriodicReport),
    /// The months of the statements' window in which every sum reaches its least.
    ActiveMonths {
        statements: usize,
        tests: Box<[SumTest]>,
    },
}

/// A column's sum over one month, less another column's, that must reach a least.
#[derive(Debug)]
pub(super) struct SumTest {
    pub sum: usize,
    pub less: Option<usize>,
    pub least: i64,
}

impl Feature {
    /// What it says at the end of day t.
    pub fn read(&self, sources: &Sources, subject: &Subject<'_>, t: Day) -> (Reading, Reach) {
        let (reading, reach) = self.measure.read(sources, subject, t);
        if reading != Reading::Mark(Mark::None) {
            return (reading, reach);
        }
        if let Some(number) = self.when_none {
            return (Reading::Number(number), reach);
        }
        let applies = self
            .applies_if_any
            .is_none_or(|facts| sources.selections[facts].any(subject.history, t));
        let mark = if applies {
            Mark::None
        } else {
            Mark::NotApplicable
        };
        (Reading::Mark(mark), reach)
    }

    /// The days on which it may step, given the numbers at which attributes begin.
    pub fn changes(
        &self,
        sources: &Sources,
        subject: &Subject<'_>,
        steps: &[i64],
        days: &mut Candidates,
    ) {
        if let Some(facts) = self.applies_if_any {
            let selection = &sources.selections[facts];
            selection.changes(subject.history, selection.months, days);
        }
        self.measure.changes(sources, subject, steps, days);
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

impl Measure {
    fn read(&self, sources: &Sources, subject: &Subject<'_>, t: Day) -> (Reading, Reach) {
        let history = subject.history;
        let counted = |facts: &usize| sources.selections[*facts].counted(history, t);
        let or_none =
            |number: Option<i64>| number.map_or(Reading::Mark(Mark::None), Reading::Number);
        let reading = match self {
            Self::MonthsSince { facts, latest } => {
                let selection = &sources.selections[*facts];
                let dates = counted(facts).filter_map(|fact| selection.date(fact));
                let date = if *latest { dates.max() } else { dates.min() };
                or_none(date.map(|date| i64::from(date.months_until(t))))
            }
            Self::OpenInterval { facts, end } => {
                let ends = counted(facts).map(|f| f.value(*end).as_day().filter(|end| *end <= t));
                let mut latest = None;
                for end in ends {
                    match end {
                        None => return (Reading::Mark(Mark::Open), Reach::Complete),
                        Some(end) => latest = latest.max(Some(end)),
                    }
                }
                or_none(latest.map(|end| i64::from(end.months_until(t))))
            }
            Self::WeightedSum {
                facts,
                weights,
                decay,
            } => {
                let selection = &sources.selections[*facts];
                let weighed = counted(facts).map(|fact| {
                    let of_age = |table: &[i64]| {
                        let age = selection.date(fact).map_or(0, |date| date.months_until(t));
                        usize::try_from(age)
                            .ok()
                            .and_then(|age| table.get(age).copied())
                    };
                    let decayed = decay
                        .as_deref()
                        .map_or(1, |table| of_age(table).unwrap_or(0));
                    weight(weights, fact).saturating_mul(decayed)
                });
                or_none(weighed.reduce(i64::saturating_add))
            }
            Self::SmoothedShare {
                facts,
                good,
                bad,
                prior_good,
                prior_bad,
                scale,
            } => {
                let (mut well, mut ill) = (0, 0);
                for fact in counted(facts) {
                    well += i128::from(good.holds(fact));
                    ill += i128::from(bad.holds(fact));
                }
                let share = || {
                    let above = well + i128::from(*prior_good);
                    half_up(
                        above * i128::from(*scale),
                        above + ill + i128::from(*prior_bad),
                    )
                };
                or_none((well + ill > 0).then(share))
            }
            Self::Rate {
                facts,
                scale,
                statements,
                sum,
                floor,
            } => {
                let statements = &sources.statements[*statements];
                let window = statements.window(subject, t);
                let total = window.map_or(0, |window| {
                    let within = statements.within(subject, window.first, window.last);
                    within
                        .map(|f| i128::from(f.value(*sum).as_number().unwrap_or(0)))
                        .sum()
                });
                let count = counted(facts).count() as i128;
                let of = total.max(i128::from(*floor));
                Reading::Number(half_up(count * i128::from(*scale), of))
            }
            Self::Lowest { facts, column } => {
                let mut any = counted(facts).peekable();
                if any.peek().is_none() {
                    Reading::Mark(Mark::None)
                } else {
                    let lowest = any.filter_map(|fact| fact.value(*column).as_number()).min();
                    lowest.map_or(Reading::Mark(Mark::Unknown), Reading::Number)
                }
            }
            Self::LatestValue {
                facts,
                column,
                words,
            } => {
                let selection = &sources.selections[*facts];
                let latest = counted(facts).max_by_key(|fact| selection.date(fact));
                latest.map_or(Reading::Mark(Mark::None), |f| {
                    latest_value(f, *column, words)
                })
            }
            Self::PeriodicReport(report) => report.read(sources, subject, t),
            Self::ActiveMonths { statements, tests } => {
                return active_months(&sources.statements[*statements], tests, subject, t);
            }
        };
        (reading, Reach::Complete)
    }

    fn changes(
        &self,
        sources: &Sources,
        subject: &Subject<'_>,
        steps: &[i64],
        days: &mut Candidates,
    ) {
        let history = subject.history;
        let of_selection = |facts: &usize, days: &mut Candidates| {
            let selection = &sources.selections[*facts];
            selection.changes(history, selection.months, days);
        };
        match self {
            Self::MonthsSince { facts, .. } => {
                of_selection(facts, days);
                let selection = &sources.selections[*facts];
                for date in selection.ever(history).filter_map(|f| selection.date(f)) {
                    days.add_months_after(date, steps);
                }
            }
            Self::OpenInterval { facts, end } => {
                of_selection(facts, days);
                for fact in sources.selections[*facts].ever(history) {
                    if let Some(end) = fact.value(*end).as_day() {
                        days.add(end);
                        days.add_months_after(end, steps);
                    }
                }
            }
            Self::WeightedSum { facts, decay, .. } => {
                of_selection(facts, days);
                let selection = &sources.selections[*facts];
                let months = decay.as_deref().map_or(0, <[i64]>::len) as i32;
                for date in selection.ever(history).filter_map(|f| selection.date(f)) {
                    days.add_each_month(date, months);
                }
            }
            Self::SmoothedShare { facts, .. }
            | Self::Lowest { facts, .. }
            | Self::LatestValue { facts, .. } => of_selection(facts, days),
            Self::Rate {
                facts, statements, ..
            } => {
                of_selection(facts, days);
                sources.statements[*statements].changes(subject, days.after(), days);
            }
            Self::PeriodicReport(report) => report.changes(sources, subject, days),
            Self::ActiveMonths { statements, .. } => {
                sources.statements[*statements].changes(subject, days.after(), days);
            }
        }
    }

    /// The marks that it may say, and whether it says numbers.
    pub fn says(&self) -> (&'static [Mark], bool) {
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

/// The value of a fact's column, as a number or as one of the words that attributes name.
fn latest_value(fact: &Fact, column: usize, words: &[Box<str>]) -> Reading {
    let value = fact.value(column);
    if value.is_blank() {
        return Reading::Mark(Mark::Unknown);
    }
    if let Some(number) = value.as_number() {
        return Reading::Number(number);
    }
    let place = words.iter().position(|word| **word == *value.as_text());
    Reading::Word(place.map_or(super::outcome::OTHER_WORD, |place| place as u16))
}

/// The months of the window in which every sum over all the merchant's statements reaches its least.
fn active_months(
    statements: &Statements,
    tests: &[SumTest],
    subject: &Subject<'_>,
    t: Day,
) -> (Reading, Reach) {
    let unknown = (Reading::Mark(Mark::Unknown), Reach::Complete);
    let Some(window) = statements.window(subject, t) else {
        return unknown;
    };
    let value =
        |fact: &Fact, column: usize| i128::from(fact.value(column).as_number().unwrap_or_default());
    let active = (0..statements.months)
        .map(|n| window.first.plus(n))
        .filter(|month| {
            let mut any = statements.within(subject, *month, *month).peekable();
            any.peek().is_some()
                && tests.iter().all(|test| {
                    let sums = statements.within(subject, *month, *month).map(|fact| {
                        value(fact, test.sum) - test.less.map_or(0, |column| value(fact, column))
                    });
                    sums.sum::<i128>() >= i128::from(test.least)
                })
        });
    match active.count() {
        0 => unknown,
        months if window.partial => (Reading::Number(months as i64), Reach::Partial),
        months => (Reading::Number(months as i64), Reach::Complete),
    }
}

/// The table of decay for a half-life, over a window.
pub(super) fn decay_table(half_life: i32, months: i32) -> Box<[i64]> {
    decay::table(half_life.unsigned_abs(), months.unsigned_abs())
}
