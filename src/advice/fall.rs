//! A tier that fell, as it is remembered until it is back.

use crate::kernel::{Day, WorkingDays};

/// How many working days a fall that time alone brought about must last before anything is advised.
pub const PATIENCE: u32 = 10;

/// A merchant's tier fell below one on a day. Two falls, one after the other, are two: from A to B and from B to C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fall {
    /// The tier before, by its name on the card.
    pub tier_before: String,
    pub fell_on: Day,
    /// From this day on it counts.
    pub due_on: Day,
    /// Whether it was still waited for that day when it was looked at last.
    pub watched: bool,
}

impl Fall {
    /// What a new fact brought about counts at once.
    pub fn by_a_fact(tier_before: String, today: Day) -> Self {
        Self {
            tier_before,
            fell_on: today,
            due_on: today,
            watched: false,
        }
    }

    /// What time alone brought about (a window that ended, decay, a feed that went stale) counts once it has lasted.
    pub fn by_time(tier_before: String, today: Day, calendar: &WorkingDays) -> Self {
        Self {
            tier_before,
            fell_on: today,
            due_on: calendar.after(today, PATIENCE),
            watched: true,
        }
    }

    /// Whether something is advised for it.
    pub fn counts(&self, today: Day) -> bool {
        !self.watched || self.due_on <= today
    }
}
