//! The whole report, added up item by item.

use super::discrimination::Outcomes;
use super::quality::Outcome;
use super::{Dimension, Figure, Item, LineStand, Scored, Tally, What};
use crate::kernel::Day;
use crate::kernel::money::MoneyError;
use crate::scorecard::Tier;
use std::collections::BTreeMap;

/// By what the report's own tables are grouped.
const TABLES: [Dimension; 5] = [
    Dimension::Town,
    Dimension::District,
    Dimension::Tier,
    Dimension::Product,
    Dimension::TierWhenGranted,
];

/// What the programme has come to on a date.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub total: Tally,
    pub groups: BTreeMap<Dimension, BTreeMap<String, Tally>>,
    /// As it stood on each of these days, the first one first.
    pub series: Vec<(Day, Tally)>,
    /// Lines over the cap, when granted, when raised or now.
    pub over_cap: Vec<Item>,
    pub migration: Migration,
    /// How many were rated in each band before and now.
    pub bands: BTreeMap<Tier, (u64, u64)>,
    /// Good and bad lines by the score when they were granted.
    pub outcomes: Outcomes,
    /// Lines that are no part of the outcomes.
    pub left_out: LeftOut,
}

/// Who went from which tier to which, of those scored on both dates; none is no tier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    pub moves: BTreeMap<(Option<Tier>, Option<Tier>), u64>,
    /// Scored on the later date only.
    pub entered: u64,
    /// Scored on the earlier date only.
    pub left: u64,
}

/// Why lines are no part of the outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The merchant was not rated when the line was granted, or nobody can say.
    pub not_rated: u64,
    /// Neither a classification nor overdue days have been told.
    pub untold: u64,
}

impl Summary {
    /// With a series for these days.
    pub fn new(days: impl IntoIterator<Item = Day>) -> Self {
        let days = days.into_iter().map(|day| (day, Tally::default()));
        Self {
            series: days.collect(),
            ..Self::default()
        }
    }

    /// Adds an item as it stands on the date. What counts from a day on counts in the series from there.
    ///
    /// # Errors
    /// Where a sum is beyond the range of amounts.
    pub fn add(&mut self, item: &Item) -> Result<(), MoneyError> {
        self.total.add(item)?;
        for dimension in TABLES {
            if let Some(group) = dimension.group(item) {
                let groups = self.groups.entry(dimension).or_default();
                groups.entry(group).or_default().add(item)?;
            }
        }
        if let Some(from) = item.counts_from() {
            for (_, tally) in self.series.iter_mut().filter(|(day, _)| from <= *day) {
                tally.add(item)?;
            }
        }
        match &item.what {
            What::Scored(scored) => self.add_score(scored),
            What::Line(line) => self.add_line(item, line),
            What::Acquiring(_) | What::Claim(_) => {}
        }
        Ok(())
    }

    /// Adds a line as it stood on a day of the series.
    ///
    /// # Errors
    /// Where a sum is beyond the range of amounts.
    pub fn add_on(&mut self, day: Day, item: &Item) -> Result<(), MoneyError> {
        let mut series = self.series.iter_mut();
        match series.find(|(known, _)| *known == day) {
            Some((_, tally)) => tally.add(item),
            None => Ok(()),
        }
    }

    fn add_score(&mut self, scored: &Scored) {
        let migration = &mut self.migration;
        match (scored.before, scored.now) {
            (Some(before), Some(now)) => {
                *migration.moves.entry((before.tier, now.tier)).or_default() += 1;
            }
            (None, Some(_)) => migration.entered += 1,
            (Some(_), None) => migration.left += 1,
            (None, None) => {}
        }
        if let Some(band) = scored.before.and_then(|before| before.band) {
            self.bands.entry(band).or_default().0 += 1;
        }
        if let Some(band) = scored.now.and_then(|now| now.band) {
            self.bands.entry(band).or_default().1 += 1;
        }
    }

    fn add_line(&mut self, item: &Item, line: &LineStand) {
        let is_over = |figure: &Figure| figure.share(item).is_some();
        if Figure::OVER_CAP.iter().any(is_over) {
            self.over_cap.push(item.clone());
        }
        match (line.score_when_granted, line.quality().outcome()) {
            (None, _) => self.left_out.not_rated += 1,
            (Some(_), Outcome::Untold) => self.left_out.untold += 1,
            (Some(score), outcome) => self.outcomes.add(score, outcome == Outcome::Bad),
        }
    }
}
