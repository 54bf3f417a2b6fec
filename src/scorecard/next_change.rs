//! The first day on which anything changes if nothing more is recorded.

use super::{Assessment, Scorecard};
use crate::{
    kernel::Day,
    register::{Coverage, History},
};

/// The days after a given one on which something may step.
pub(super) struct Candidates {
    after: Day,
    days: Vec<Day>,
}

impl Candidates {
    pub const fn new(after: Day) -> Self {
        Self {
            after,
            days: Vec::new(),
        }
    }

    pub const fn after(&self) -> Day {
        self.after
    }

    pub fn add(&mut self, day: Day) {
        if day > self.after {
            self.days.push(day);
        }
    }

    /// The days on which a date becomes so many months old. Nothing lives for 1000 years.
    pub fn add_months_after(&mut self, date: Day, months: &[i64]) {
        for months in months
            .iter()
            .filter(|months| (0..=12_000).contains(*months))
        {
            self.add(date.plus_months(*months as i32));
        }
    }

    /// Every day on which a date becomes another month older, up to `months`.
    pub fn add_each_month(&mut self, date: Day, months: i32) {
        let past = date.months_until(self.after).max(0);
        for n in past..=months {
            self.add(date.plus_months(n));
        }
    }

    /// Each once, in order.
    pub fn sorted(mut self) -> Vec<Day> {
        self.days.sort_unstable();
        self.days.dedup();
        self.days
    }
}

impl Scorecard {
    /// The first day after `as_of` on which standing, score, tier, cap, completeness, red lines or any points
    /// differ from those of `assessment`, which is that of `as_of`; none where they never do. Features step only
    /// on few days, which they know themselves; those are tried in order.
    pub fn next_change_on(
        &self,
        history: &History,
        coverage: &Coverage,
        as_of: Day,
        assessment: &Assessment,
    ) -> Option<Day> {
        let subject = self.subject(history, coverage)?;
        let mut days = Candidates::new(as_of);
        for characteristic in &self.characteristics {
            let steps = &characteristic.steps;
            let feature = &characteristic.feature;
            feature.changes(&self.sources, &subject, steps, &mut days);
            if let Some(feed) = characteristic.feed {
                feed.changes(&subject, &mut days);
            }
        }
        self.rules.changes(&self.sources, &subject, &mut days);
        let mut days = days.sorted().into_iter();
        days.find(|day| differs(assessment, &self.assess_at(&subject, *day)))
    }
}

fn differs(a: &Assessment, b: &Assessment) -> bool {
    let lines = |of: &Assessment| {
        of.red_lines
            .iter()
            .map(|line| line.index)
            .collect::<Vec<_>>()
    };
    a.standing != b.standing
        || a.score != b.score
        || a.tier != b.tier
        || a.tier_cap != b.tier_cap
        || a.completeness != b.completeness
        || lines(a) != lines(b)
        || a.parts
            .iter()
            .zip(&b.parts)
            .any(|(a, b)| a.points != b.points)
}
