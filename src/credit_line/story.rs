//! What became of a line up to a day: everything that was told of it, day by day.

use super::{Event, Flag, Line, State};
use crate::kernel::{Day, Money};
use std::collections::BTreeSet;

/// Something told of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Event(Event),
    Draw(Money),
    Repayment(Money),
    /// What is owed at the end of the day.
    Balance(Money),
}

/// Where a line has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    pub state: State,
    /// None where nothing tells what is owed.
    pub drawn: Option<Money>,
    /// All that was ever drawn, as far as it is told: a balance that rose by itself was drawn.
    pub ever_drawn: Money,
    pub flags: BTreeSet<Flag>,
    /// Whether the line could be drawn at some time since the balance was told last.
    was_open: bool,
}

impl Told {
    /// Whether it is more than that nothing was drawn or repaid.
    pub fn says_something(self) -> bool {
        !matches!(self, Self::Draw(Money::ZERO) | Self::Repayment(Money::ZERO))
    }

    /// Of one day what lets money be drawn comes first and what ends a line comes last: the day's own order is not told,
    /// and nothing is flagged that may have been in order.
    const fn place(self) -> u8 {
        match self {
            Self::Event(Event::Begin | Event::Release) => 0,
            Self::Draw(_) => 1,
            Self::Repayment(_) => 2,
            Self::Event(Event::Freeze | Event::Expire | Event::Terminate) => 3,
            Self::Balance(_) => 4,
            Self::Event(Event::Settle) => 5,
        }
    }
}

impl Story {
    /// Goes through what was told of a line up to a day.
    pub fn of(line: &Line, as_of: Day) -> Self {
        let mut told: Vec<(Day, Told)> = line.told.clone();
        told.push((line.terms.starts_on, Told::Event(Event::Begin)));
        told.retain(|(on, _)| *on <= as_of);
        told.sort_by_key(|(on, told)| (*on, told.place()));
        // 终止日期 is the line's last day.
        let ended_on = line.terms.ends_on.filter(|end| *end < as_of);
        let mut story = Self {
            state: State::NotBegun,
            drawn: line.is_reported.then_some(Money::ZERO),
            ever_drawn: Money::ZERO,
            flags: BTreeSet::new(),
            was_open: false,
        };
        for (on, told) in told {
            if ended_on.is_some_and(|end| end < on) {
                story.end_by_calendar();
            }
            story.hear(told);
        }
        if ended_on.is_some() {
            story.end_by_calendar();
        }
        story
    }

    /// Whether nothing can be drawn any more and nothing is owed. Where it is not known what is owed, something may be.
    pub fn is_over(&self) -> bool {
        match self.state {
            State::Settled => true,
            State::Expired | State::Terminated => self.drawn == Some(Money::ZERO),
            State::NotBegun | State::InForce | State::Frozen => false,
        }
    }

    fn end_by_calendar(&mut self) {
        self.state = self
            .state
            .after(Event::Expire, Money::ZERO)
            .unwrap_or(self.state);
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Event(event) => self.happen(event),
            Told::Draw(amount) => {
                self.flags.extend(self.state.flag_of_draw());
                self.ever_drawn = capped(self.ever_drawn, amount);
                self.drawn = self.drawn.map(|drawn| capped(drawn, amount));
            }
            Told::Repayment(amount) => {
                // Of a balance that nobody has told it is not known what is left either.
                let Some(owed) = self.drawn else { return };
                if amount > owed {
                    self.flags.insert(Flag::RepaidMoreThanDrawn);
                }
                let left = owed.minus(amount).unwrap_or_default();
                self.drawn = Some(left.max(Money::ZERO));
            }
            Told::Balance(balance) => self.balance(balance),
        }
    }

    /// Of a line its bank's own system is the book: what does not follow holds as it was told and is flagged. Only with
    /// a balance nothing is settled.
    fn happen(&mut self, event: Event) {
        match self.state.after(event, self.drawn.unwrap_or_default()) {
            Ok(state) => self.state = state,
            Err(_) => {
                self.flags.insert(Flag::OutOfTurn);
                let owes = self.drawn.is_some_and(|drawn| drawn > Money::ZERO);
                if event != Event::Settle || !owes {
                    self.state = event.target();
                }
            }
        }
        self.was_open |= self.state.may_be_drawn();
    }

    fn balance(&mut self, balance: Money) {
        let before = self.drawn.unwrap_or_default();
        let rise = balance.minus(before).unwrap_or_default().max(Money::ZERO);
        if self.drawn.is_some() && rise > Money::ZERO && !self.was_open {
            self.flags.extend(self.state.flag_of_draw());
        }
        self.ever_drawn = capped(self.ever_drawn, rise);
        self.drawn = Some(balance);
        self.was_open = self.state.may_be_drawn();
    }
}

impl State {
    /// What does not fit about a draw in this state.
    const fn flag_of_draw(self) -> Option<Flag> {
        match self {
            Self::InForce => None,
            Self::NotBegun => Some(Flag::DrawnBeforeStart),
            Self::Frozen => Some(Flag::DrawnWhileFrozen),
            Self::Expired | Self::Terminated | Self::Settled => Some(Flag::DrawnWhileExpired),
        }
    }
}

/// A sum that stops at the largest amount there is.
fn capped(a: Money, b: Money) -> Money {
    a.plus(b).unwrap_or(Money::from_fen(i64::MAX))
}
