//! A report due once a year, by a day of the year after the one that it is about.

use super::{Candidates, Day, Mark, Reading, Sources, Subject};

/// Where the reports are, and when they are due.
#[derive(Debug)]
pub(in crate::scorecard) struct PeriodicReport {
    pub facts: usize,
    pub year: usize,
    pub filed: usize,
    /// Month and day.
    pub due: (u32, u32),
}

impl PeriodicReport {
    pub const MARKS: &'static [Mark] = &[
        Mark::NotDue,
        Mark::NotFiled,
        Mark::NoReport,
        Mark::Unknown,
        Mark::FiledInTime,
        Mark::FiledLate,
    ];

    /// The report looked at is that of last year once it is due, before that the one of the year before. A row
    /// decides; without one, a register complete since the report could first be filed says that there is none.
    pub fn read(&self, sources: &Sources, subject: &Subject<'_>, t: Day) -> Reading {
        let overdue = self.due_in(t.year()).is_some_and(|due| t > due);
        let year = t.year() - if overdue { 1 } else { 2 };
        let selection = &sources.selections[self.facts];
        let row = selection
            .counted(subject.history, t)
            .find(|fact| fact.value(self.year).as_number() == Some(i64::from(year)));
        let mark = if subject.opened.year() > year {
            Mark::NotDue
        } else if let Some(row) = row {
            let filed = row.value(self.filed).as_day().filter(|filed| *filed <= t);
            match (filed, self.due_in(year + 1)) {
                (None, _) => Mark::NotFiled,
                (Some(filed), Some(due)) if filed <= due => Mark::FiledInTime,
                (Some(_), _) => Mark::FiledLate,
            }
        } else {
            let from = Day::from_ymd(year + 1, 1, 1);
            if from.is_some_and(|from| subject.complete(selection.kind, from, t)) {
                Mark::NoReport
            } else {
                Mark::Unknown
            }
        };
        Reading::Mark(mark)
    }

    /// The day after each due day, until no row, no opening and no stretch could make a difference; filings; and
    /// staleness.
    pub fn changes(&self, sources: &Sources, subject: &Subject<'_>, days: &mut Candidates) {
        let selection = &sources.selections[self.facts];
        selection.changes(subject.history, selection.months, days);
        subject.stale_days(selection.kind, days);
        let mut last = days.after().year().max(subject.opened.year());
        for fact in selection.ever(subject.history) {
            if let Some(filed) = fact.value(self.filed).as_day() {
                days.add(filed);
            }
            let year = fact.value(self.year).as_number();
            last = last.max(
                year.and_then(|year| i32::try_from(year).ok())
                    .unwrap_or(last),
            );
        }
        let stretches = subject.coverage.of(selection.kind).iter();
        last = stretches.fold(last, |last, stretch| last.max(stretch.from.year()));
        for due in (days.after().year()..=last.min(9990) + 3).filter_map(|y| self.due_in(y)) {
            days.add(due.plus_days(1));
        }
    }

    fn due_in(&self, year: i32) -> Option<Day> {
        let (month, day) = self.due;
        Day::from_ymd(year, month, day)
    }
}
