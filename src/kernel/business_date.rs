//! 营业日: the `today` of every business rule.

use super::{Clock, Day};

/// Where the business date comes from: the calendar in Shanghai, or a date fixed by a setting or a county file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusinessDate {
    Shanghai,
    Fixed(Day),
}

impl BusinessDate {
    /// The calendar's, where none is fixed.
    pub fn of(fixed: Option<Day>) -> Self {
        fixed.map_or(Self::Shanghai, Self::Fixed)
    }

    /// The business date now. Tokens, locks, logs and withdrawals do not ask here: they use the real clock.
    pub fn today(self, clock: &dyn Clock) -> Day {
        match self {
            Self::Shanghai => clock.now().day_in_shanghai(),
            Self::Fixed(day) => day,
        }
    }
}
