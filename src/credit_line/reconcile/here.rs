//! A line as it is kept, without the ledger that it is compared with.

use super::Standing;
use crate::credit_line::{Line, Report, Reports, State, Story};
use crate::kernel::{Day, Money};

/// A line as the reports up to a day and the ledgers before it have it.
#[derive(Clone, Debug)]
pub struct Before {
    pub line: Line,
    pub reports: Reports,
}

/// Where a line stands on a day.
///
/// The limit is that of the reports, and of the last ledger where they tell none. What is drawn is the sum of draws
/// less repayments by serial number, so a balance that a ledger or a position told is no witness of itself. Of a line
/// whose grant was not reported, the sum begins with what the last ledger before the first movement told.
pub fn standing_here(kept: &Before, on: Day) -> Standing {
    let (line, terms) = (&kept.line, &kept.line.terms);
    let story = Story::of(line, on);
    let drawn = match story.state {
        State::Settled => Some(Money::ZERO),
        _ => sum_of_movements(kept, on),
    };
    Standing {
        uscc: line.uscc,
        product: terms.named_product(),
        currency: terms.iso_currency(),
        starts_on: terms.starts_on,
        ends_on: terms.ends_on,
        limit: reported_limit(kept, on).unwrap_or(terms.limit),
        drawn,
        may_lack: story.is_over() || story.state == State::NotBegun,
    }
}

/// The limit that was reported last by a day.
fn reported_limit(kept: &Before, on: Day) -> Option<Money> {
    let changes = kept
        .reports
        .latest()
        .filter_map(|(_, report)| match report {
            Report::Limit(limit) => Some((limit.on, limit.limit)),
            Report::Position(position) => Some((position.on, position.limit)),
            _ => None,
        });
    let last = changes
        .filter(|(day, _)| *day <= on)
        .max_by_key(|(day, _)| *day);
    let granted = || {
        kept.reports.latest().find_map(|(_, report)| match report {
            Report::Grant(grant) => Some(grant.limit),
            _ => None,
        })
    };
    last.map(|(_, limit)| limit).or_else(granted)
}

/// Draws less repayments up to a day; none where neither the grant nor a movement is reported, or the sum is beyond the
/// range of amounts. Of a line whose grant is reported, nothing is drawn unless a draw is.
fn sum_of_movements(kept: &Before, on: Day) -> Option<Money> {
    let mut days = kept.reports.moved(on).peekable();
    let Some((first, _)) = days.peek().copied() else {
        return kept.line.is_reported.then_some(Money::ZERO);
    };
    let opening = if kept.line.is_reported {
        Money::ZERO
    } else {
        let mut balances = kept.line.positions.iter().rev();
        balances
            .find(|position| position.on < first)
            .and_then(|position| position.drawn)
            .unwrap_or(Money::ZERO)
    };
    days.try_fold(opening, |sum, (_, moved)| moved.on_top_of(sum))
        .ok()
}
