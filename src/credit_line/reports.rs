//! What a bank has reported of one line, as far as its standing rests on it: of movements the sums per day, and the
//! versions of those alone that were told anew.

use super::report::{Direction, Movement};
use super::{Report, Reported};
use crate::answer::Answer;
use crate::kernel::money::MoneyError;
use crate::kernel::{Day, Id, Money};
use std::collections::BTreeMap;

/// What was drawn and what was repaid on a day, by the movements as they were told last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub drawn: Money,
    pub repaid: Money,
}

/// The reports of one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reports {
    /// In the order of kind, key and version.
    versions: Vec<Reported>,
    moved: BTreeMap<Day, Moved>,
}

impl Moved {
    fn of(movement: &Movement) -> Self {
        let (drawn, repaid) = match movement.direction {
            Direction::Draw => (movement.amount, Money::ZERO),
            Direction::Repayment => (Money::ZERO, movement.amount),
        };
        Self { drawn, repaid }
    }

    /// Draws less repayments on top of what was drawn before.
    ///
    /// # Errors
    /// Where that is beyond the range of amounts.
    pub fn on_top_of(self, drawn: Money) -> Result<Money, MoneyError> {
        drawn.plus(self.drawn)?.minus(self.repaid)
    }
}

impl Reports {
    /// Reports as they are kept: versions in any order, and the sums of days.
    pub fn new(versions: Vec<Reported>, moved: BTreeMap<Day, Moved>) -> Self {
        let mut reports = Self {
            versions: Vec::with_capacity(versions.len()),
            moved,
        };
        versions
            .into_iter()
            .for_each(|version| reports.note(version));
        reports
    }

    /// The versions, in the order of kind, key and version; of movements those of them that were ever told anew, of this
    /// line or of another one.
    pub fn versions(&self) -> &[Reported] {
        &self.versions
    }

    /// Notes a version, if it is not there.
    pub fn note(&mut self, version: Reported) {
        let place = self
            .versions
            .partition_point(|known| known.place() < version.place());
        let there = self.versions.get(place);
        if there.is_none_or(|there| there.place() != version.place()) {
            self.versions.insert(place, version);
        }
    }

    /// The last version of each fact, without those that have gone to another line and without movements that were told
    /// once.
    pub fn latest(&self) -> impl Iterator<Item = (i32, &Report)> {
        self.versions
            .chunk_by(Reported::is_of_same_fact)
            .filter_map(|versions| {
                let last = versions.last()?;
                Some((last.version, last.report.as_ref()?))
            })
    }

    /// The last version of one fact, unless it has gone to another line.
    pub fn last(&self, kind: &str, key: &str) -> Option<(i32, &Report)> {
        let end = (kind, key, i32::MAX);
        let after = self.versions.partition_point(|known| known.place() <= end);
        let last = self.versions[..after].last()?;
        let is_it = last.kind == kind && last.key == key;
        Some((last.version, last.report.as_ref().filter(|_| is_it)?))
    }

    /// Whether the grant was reported.
    pub fn have_grant(&self) -> bool {
        self.last("grant", "").is_some()
    }

    /// The answers that any version names as relied on.
    pub fn relied_on(&self) -> impl Iterator<Item = Id<Answer>> {
        let reports = self.versions.iter().filter_map(|it| it.report.as_ref());
        reports.filter_map(Report::relied_on)
    }

    /// The days up to one of them on which anything was drawn or repaid, in their order.
    pub fn moved(&self, as_of: Day) -> impl Iterator<Item = (Day, Moved)> {
        let moved = self.moved.range(..=as_of);
        let moved = moved.map(|(on, moved)| (*on, *moved));
        moved.filter(|(_, moved)| *moved != Moved::default())
    }

    /// What was drawn and repaid on a day.
    pub fn moved_on(&self, on: Day) -> Moved {
        self.moved.get(&on).copied().unwrap_or_default()
    }

    /// Adds a movement to the sums of its day.
    ///
    /// # Errors
    /// Where a sum is beyond the range of amounts.
    pub fn count(&mut self, movement: &Movement) -> Result<(), MoneyError> {
        let (day, more) = (self.moved_on(movement.on), Moved::of(movement));
        let moved = Moved {
            drawn: day.drawn.plus(more.drawn)?,
            repaid: day.repaid.plus(more.repaid)?,
        };
        self.moved.insert(movement.on, moved);
        Ok(())
    }

    /// Takes a movement that is told otherwise now out of the sums of its day.
    ///
    /// # Errors
    /// Where a sum is beyond the range of amounts.
    pub fn discount(&mut self, movement: &Movement) -> Result<(), MoneyError> {
        let (day, less) = (self.moved_on(movement.on), Moved::of(movement));
        let moved = Moved {
            drawn: day.drawn.minus(less.drawn)?,
            repaid: day.repaid.minus(less.repaid)?,
        };
        self.moved.insert(movement.on, moved);
        Ok(())
    }
}

impl Reported {
    fn place(&self) -> (&str, &str, i32) {
        (&self.kind, &self.key, self.version)
    }

    /// Whether both are versions of one fact.
    pub fn is_of_same_fact(&self, other: &Self) -> bool {
        self.kind == other.kind && self.key == other.key
    }
}
