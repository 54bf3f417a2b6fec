//! Silence is not good conduct: whether a register reaches far enough for its silence to mean anything.

use super::next_change::Candidates;
use crate::{
    kernel::Day,
    register::{Coverage, History, KindIndex},
};

/// What is known of one merchant, with the day on which it opened.
#[derive(Clone, Copy)]
pub(super) struct Subject<'h> {
    pub history: &'h History,
    pub coverage: &'h Coverage,
    pub opened: Day,
    /// How many days a feed stays fresh after its last day covered.
    pub fresh_days: i32,
}

impl Subject<'_> {
    /// Whether a kind is complete from `from` at t: one covered stretch begins on or before that day (or the
    /// opening, if later) and ends no earlier than `fresh_days` before t.
    pub fn complete(&self, kind: KindIndex, from: Day, t: Day) -> bool {
        let (from, fresh) = (from.max(self.opened), t.plus_days(-self.fresh_days));
        let stretches = self.coverage.of(kind);
        stretches
            .iter()
            .any(|stretch| stretch.from <= from && stretch.until >= fresh)
    }

    /// The days on which a kind goes stale.
    pub fn stale_days(&self, kind: KindIndex, days: &mut Candidates) {
        for stretch in self.coverage.of(kind) {
            days.add(stretch.until.plus_days(self.fresh_days + 1));
        }
    }
}

/// The register that must be complete over a window for a characteristic to be known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feed {
    pub kind: KindIndex,
    /// The window's months; 0 asks for the day itself.
    pub months: i32,
}

impl Feed {
    pub fn complete(&self, subject: &Subject<'_>, t: Day) -> bool {
        subject.complete(self.kind, t.plus_months(-self.months), t)
    }

    /// The days on which it may become complete or stale. The window's start reaches a stretch's first day b on
    /// `addmonths(b, months)`, or, where that was clamped, on the day after.
    pub fn changes(&self, subject: &Subject<'_>, days: &mut Candidates) {
        subject.stale_days(self.kind, days);
        for stretch in subject.coverage.of(self.kind) {
            let reached = stretch.from.plus_months(self.months);
            days.add(reached);
            days.add(reached.plus_days(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::CoverageRow;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// The window of 36 months reaches 29 February only on 1 March: 28 February is the day before.
    #[test]
    fn a_window_that_reaches_a_clamped_day() {
        let coverage = Coverage::new([CoverageRow {
            kind: KindIndex(0),
            source: "a".into(),
            from: day("2024-02-29"),
            until: day("2027-03-01"),
        }]);
        let history = History::new("91330100716105852F".parse().unwrap(), Vec::new());
        let subject = Subject {
            history: &history,
            coverage: &coverage,
            opened: day("2020-01-01"),
            fresh_days: 45,
        };
        let feed = Feed {
            kind: KindIndex(0),
            months: 36,
        };
        let states = ["2027-02-28", "2027-03-01", "2027-04-15", "2027-04-16"];
        let complete = states.map(|t| feed.complete(&subject, day(t)));
        assert_eq!(complete, [false, true, true, false]);
        let mut days = Candidates::new(day("2027-02-28"));
        feed.changes(&subject, &mut days);
        assert_eq!(
            days.sorted(),
            [(day("2027-03-01"), 0), (day("2027-04-16"), 0)]
        );
    }
}
