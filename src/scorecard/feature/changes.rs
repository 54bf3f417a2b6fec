//! The few days on which what a feature kind says can step.

use super::{Measure, Sources};
use crate::scorecard::{feed::Subject, next_change::Candidates};

impl Measure {
    /// Adds them; `steps` are the numbers at which attributes begin.
    pub(super) fn changes(
        &self,
        sources: &Sources,
        subject: &Subject<'_>,
        steps: &[i64],
        days: &mut Candidates,
    ) {
        let history = subject.history;
        match self {
            Self::MonthsSince { facts, .. } => {
                let selection = &sources.selections[*facts];
                selection.changes(history, selection.months, days);
                for date in selection.ever(history).filter_map(|f| selection.date(f)) {
                    days.add_months_after(date, steps);
                }
            }
            Self::OpenInterval { facts, end } => {
                let selection = &sources.selections[*facts];
                selection.changes(history, selection.months, days);
                for end in selection
                    .ever(history)
                    .filter_map(|f| f.value(*end).as_day())
                {
                    days.add(end);
                    days.add_months_after(end, steps);
                }
            }
            Self::WeightedSum { facts, decay, .. } => {
                let selection = &sources.selections[*facts];
                selection.changes(history, selection.months, days);
                let months = decay.as_deref().map_or(0, <[i64]>::len) as i32;
                for date in selection.ever(history).filter_map(|f| selection.date(f)) {
                    days.add_each_month(date, months);
                }
            }
            Self::SmoothedShare { facts, .. }
            | Self::Lowest { facts, .. }
            | Self::LatestValue { facts, .. } => {
                let selection = &sources.selections[*facts];
                selection.changes(history, selection.months, days);
            }
            Self::Rate {
                facts, statements, ..
            } => {
                let selection = &sources.selections[*facts];
                selection.changes(history, selection.months, days);
                sources.statements[*statements].changes(subject, days.after(), days);
            }
            Self::PeriodicReport(report) => report.changes(sources, subject, days),
            Self::ActiveMonths { statements, .. } => {
                sources.statements[*statements].changes(subject, days.after(), days);
            }
        }
    }
}
