//! The first day on which anything changes if nothing more is recorded.

use super::{Assessment, Scorecard, feed::Subject};
use crate::{
    kernel::Day,
    register::{Coverage, History},
};

/// The days after a given one on which something may step, each with the place of what may.
pub(super) struct Candidates {
    after: Day,
    place: usize,
    days: Vec<(Day, usize)>,
}

impl Candidates {
    pub const fn new(after: Day) -> Self {
        Self {
            after,
            place: 0,
            days: Vec::new(),
        }
    }

    /// The days added from now on are those of this place.
    pub const fn at(&mut self, place: usize) -> &mut Self {
        self.place = place;
        self
    }

    pub const fn after(&self) -> Day {
        self.after
    }

    pub fn add(&mut self, day: Day) {
        if day > self.after {
            self.days.push((day, self.place));
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
    pub fn sorted(mut self) -> Vec<(Day, usize)> {
        self.days.sort_unstable();
        self.days.dedup();
        self.days
    }
}

impl Scorecard {
    /// The first day after `as_of` on which standing, score, tier, cap, completeness, red lines or any points
    /// differ from those of `assessment`, which is that of `as_of`; none where they never do. Features step only
    /// on few days, which they know themselves; those are tried in order, and of each day what may step on it.
    pub fn next_change_on(
        &self,
        history: &History,
        coverage: &Coverage,
        as_of: Day,
        assessment: &Assessment,
    ) -> Option<Day> {
        let subject = self.subject(history, coverage)?;
        let mut days = Candidates::new(as_of);
        for (place, characteristic) in self.characteristics.iter().enumerate() {
            let (feature, steps) = (&characteristic.feature, &characteristic.steps);
            feature.changes(&self.sources, &subject, steps, days.at(place));
            if let Some(feed) = characteristic.feed {
                feed.changes(&subject, &mut days);
            }
        }
        let rules = days.at(self.characteristics.len());
        self.rules.changes(&self.sources, &subject, rules);
        let days = days.sorted();
        let mut days = days.chunk_by(|a, b| a.0 == b.0).filter_map(|steps| {
            let (day, _) = *steps.first()?;
            Some((day, steps))
        });
        let changes = |(day, steps): &(Day, &[(Day, usize)])| {
            self.may_differ(assessment, &subject, *day, steps)
                && differs(assessment, &self.assess_at(&subject, *day))
        };
        days.find(changes).map(|(day, _)| day)
    }

    /// Whether anything of what may step on a day does. What a characteristic adds to score and completeness is asked
    /// of it alone; whatever concerns the rules is left to the whole assessment.
    fn may_differ(
        &self,
        assessment: &Assessment,
        subject: &Subject<'_>,
        day: Day,
        steps: &[(Day, usize)],
    ) -> bool {
        steps.iter().any(|(_, place)| {
            let known = (
                self.characteristics.get(*place),
                assessment.parts.get(*place),
            );
            let (Some(characteristic), Some(before)) = known else {
                return true;
            };
            let part = characteristic.part_at(&self.sources, subject, day);
            part.points != before.points || part.is_missing() != before.is_missing()
        })
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
