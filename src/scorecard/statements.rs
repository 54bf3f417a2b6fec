//! 收单流水: monthly statements, each party's months covered by itself, used only under the merchant's authorisation.

use super::{feed::Subject, next_change::Candidates, selection::Selection};
use crate::{
    kernel::{Day, Month},
    register::{Fact, KindIndex, Stretch},
};

/// The most months that a window may have, so that what is summed by month needs no allocation.
pub(super) const MOST_MONTHS: i32 = 60;

/// A set of monthly statements that the card names.
#[derive(Debug)]
pub(super) struct Statements {
    pub id: Box<str>,
    pub kind: KindIndex,
    /// The column of the party that delivers and covers them.
    pub party: usize,
    pub month: usize,
    /// How many months the window has.
    pub months: i32,
    /// For how many days after its last month the window can be used.
    pub usable_days: i32,
    /// What the merchant must have authorised.
    pub purpose: Box<str>,
    /// The authorisations for that purpose, counted while live.
    pub authorisations: Selection,
}

/// The months that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub first: Month,
    pub last: Month,
    /// Whether the covered stretch begins after both the window's first day and the merchant's opening.
    pub partial: bool,
}

impl Statements {
    /// The window at t; none without statements fresh enough, or without a live authorisation.
    pub fn window(&self, subject: &Subject<'_>, t: Day) -> Option<Window> {
        let stretches = || self.stretches(subject);
        let last = stretches().filter_map(|s| last_month(s, t)).max()?;
        if t > last.last_day().plus_days(self.usable_days)
            || !self.authorisations.any(subject.history, t)
        {
            return None;
        }
        let first = last.plus(1 - self.months);
        let covering =
            stretches().filter(|s| s.from <= last.first_day() && last.last_day() <= s.until);
        let begins = covering.map(|stretch| stretch.from).min()?;
        Some(Window {
            first,
            last,
            partial: begins > first.first_day() && begins > subject.opened,
        })
    }

    /// The statements of the months from first to last.
    pub fn within<'h>(
        &'h self,
        subject: &Subject<'h>,
        first: Month,
        last: Month,
    ) -> impl Iterator<Item = &'h Fact> {
        let facts = subject.history.of(self.kind).iter();
        facts.filter(move |fact| {
            let month = fact.value(self.month).as_month();
            month.is_some_and(|month| (first..=last).contains(&month))
        })
    }

    /// The stretches that the merchant's parties cover: those that it has statements from. A party may come
    /// twice, which changes no maximum and no minimum.
    fn stretches<'h>(&'h self, subject: &Subject<'h>) -> impl Iterator<Item = &'h Stretch> {
        let coverage = subject.coverage;
        let mut known = "";
        let facts = subject.history.of(self.kind).iter();
        facts.flat_map(move |fact| {
            let party = fact.value(self.party).as_text();
            if party == known {
                return [].iter();
            }
            known = party;
            coverage.of_source(self.kind, party).iter()
        })
    }

    /// The days on which the window may move, close or open. Past the last statement and the first day covered
    /// nothing moves but the last month covered.
    pub fn changes(&self, subject: &Subject<'_>, after: Day, days: &mut Candidates) {
        self.authorisations.changes(subject.history, None, days);
        let facts = subject.history.of(self.kind).iter();
        let latest = facts.filter_map(|f| f.value(self.month).as_month()).max();
        for stretch in self.stretches(subject) {
            let end = stretch.until.month();
            let known = latest.unwrap_or(end).max(stretch.from.month());
            let from = after.plus_days(-self.usable_days).month().plus(-1);
            let until = end.min(known.max(after.month()).plus(self.months + 1));
            let months = (from.number()..=until.number()).map(Month::from_number);
            for month in months.chain([end.plus(-1), end]) {
                days.add(month.last_day());
                days.add(month.last_day().plus_days(self.usable_days + 1));
            }
        }
    }
}

/// The latest month that a stretch covers whole by t.
fn last_month(stretch: &Stretch, t: Day) -> Option<Month> {
    let until = stretch.until.min(t);
    let month = until.month();
    let month = if month.last_day() > until {
        month.plus(-1)
    } else {
        month
    };
    (stretch.from <= month.first_day()).then_some(month)
}
