//! The small set of feature kinds from which cards are written. Each reads a number or a mark off a merchant's
//! facts on a day, and knows the few days on which what it reads can step.

mod changes;
mod measure;
mod periodic_report;
pub(super) mod read;

use super::{
    condition::Condition,
    feed::Subject,
    next_change::Candidates,
    outcome::{Mark, Reach, Reading},
    selection::Selection,
    statements::Statements,
};
use crate::kernel::Day;
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
    /// The share of the good among good and bad, both with their priors, in parts of `scale`, rounded half up.
    SmoothedShare {
        facts: usize,
        good: Condition,
        bad: Condition,
        /// How many good and how many bad ones are added.
        prior: (i64, i64),
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
