//! A line as the bank reports it itself.

use super::{Line, Position, Terms, ToldLimit};
use crate::credit_line::report::{Grant, PositionReport};
use crate::credit_line::{Report, Reported, Reports, Told};
use crate::kernel::Day;

impl Line {
    /// The line as its grant was reported; none where it was not.
    pub(super) fn of_grant(bank: &str, agreement: &str, reports: &[Reported]) -> Option<Self> {
        let last = reports.iter().filter_map(grant).next_back()?;
        Some(Self {
            agreement: agreement.into(),
            bank: bank.into(),
            uscc: last.uscc,
            terms: terms(last),
            granted: ToldLimit {
                on: last.starts_on,
                limit: last.limit,
                relied_on: last.relied_on,
            },
            limits: Vec::new(),
            positions: Vec::new(),
            told: Vec::new(),
            changed: Vec::new(),
            is_absent: false,
            line: None,
            is_reported: true,
            relied_on: last.relied_on,
            overridden: None,
        })
    }

    /// Adds what was reported up to a day.
    pub(in crate::credit_line) fn hear(&mut self, reports: &Reports, as_of: Day) {
        for (on, moved) in reports.moved(as_of) {
            let told = [Told::Draw(moved.drawn), Told::Repayment(moved.repaid)];
            let told = told.into_iter().filter(|told| told.says_something());
            self.told.extend(told.map(|told| (on, told)));
        }
        let reports = reports.versions();
        for (place, reported) in reports.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|place| reports.get(place));
            match before.filter(|before| reported.is_of_same_fact(before)) {
                Some(before) => self.note_changes(before, reported),
                // Its first version was of another line.
                None if reported.version > 1 => self.change("agreement"),
                None => {}
            }
            if reports
                .get(place + 1)
                .is_some_and(|next| next.is_of_same_fact(reported))
            {
                continue;
            }
            let Some(report) = &reported.report else {
                continue;
            };
            let Some(on) = report.on() else {
                if let Report::Override(agreed) = report {
                    self.overridden = Some(agreed.clone());
                }
                continue;
            };
            if on <= as_of {
                self.limits.extend(limit(report));
                self.told
                    .extend(report.event().map(|event| (on, Told::Event(event))));
                if let Report::Position(position) = report {
                    self.hear_position(position);
                }
            }
        }
        // Of one day the reports are the last word, since they come as things happen; an answer that was relied on counts
        // whoever else has told the same limit.
        self.limits.sort_by_key(|told| told.on);
        self.limits.dedup_by(|next, told| {
            let is_same_day = next.on == told.on;
            if is_same_day {
                let relied_on = told.relied_on.filter(|_| told.limit == next.limit);
                told.relied_on = next.relied_on.or(relied_on);
                told.limit = next.limit;
            }
            is_same_day
        });
        if let Some(last) = self.limits.last() {
            self.terms.limit = last.limit;
        }
    }

    fn hear_position(&mut self, position: &PositionReport) {
        self.told.push((position.on, Told::Balance(position.drawn)));
        let classification = position.classification.as_deref().unwrap_or_default();
        self.positions.push(Position {
            on: position.on,
            drawn: Some(position.drawn),
            days_overdue: position.days_overdue,
            classification: classification.into(),
        });
    }

    /// Notes what a version changed that should not change. A fact that has gone to another line, or has come from
    /// one, has changed as a whole.
    fn note_changes(&mut self, before: &Reported, after: &Reported) {
        match (&before.report, &after.report) {
            (Some(before), Some(after)) => {
                for field in after.changed(before) {
                    self.change(&field);
                }
            }
            _ => self.change("agreement"),
        }
    }
}

fn grant(reported: &Reported) -> Option<&Grant> {
    match &reported.report {
        Some(Report::Grant(grant)) => Some(grant),
        _ => None,
    }
}

fn terms(grant: &Grant) -> Terms {
    Terms {
        product: grant.product.as_str().into(),
        limit: grant.limit,
        currency: "CNY".into(),
        revolving: Some(grant.revolving),
        starts_on: grant.starts_on,
        ends_on: grant.ends_on,
        rate: grant.rate.as_deref().unwrap_or_default().into(),
    }
}

fn limit(report: &Report) -> Option<ToldLimit> {
    let (on, limit, relied_on) = match report {
        Report::Limit(limit) => (limit.on, limit.limit, limit.relied_on),
        Report::Position(position) => (position.on, position.limit, None),
        _ => return None,
    };
    Some(ToldLimit {
        on,
        limit,
        relied_on,
    })
}
