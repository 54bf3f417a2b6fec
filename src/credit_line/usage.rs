//! 授信, 用信, 可用: the limit, what is drawn of it, and what may still be drawn. Three things, kept apart.

use super::{Line, State};
use crate::kernel::Money;

/// A line's money on a day, in the line's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub limit: Money,
    /// None where no position up to the day tells.
    pub drawn: Option<Money>,
    /// Never negative; nothing where no draws are allowed. None where it is not known what is drawn.
    pub available: Option<Money>,
}

impl Usage {
    /// `revolving`: whether what is repaid may be drawn again. Otherwise everything that was ever drawn is used up,
    /// as far as the positions show it.
    pub fn of(line: &Line, state: State, revolving: bool) -> Self {
        let drawn = line.positions.last().and_then(|last| last.drawn);
        let limit = line.terms.limit;
        let available = drawn.map(|drawn| {
            let used = if revolving { drawn } else { ever_drawn(line) };
            let left = limit.minus(used).unwrap_or(Money::ZERO);
            if state.may_be_drawn() {
                left.max(Money::ZERO)
            } else {
                Money::ZERO
            }
        });
        Self {
            limit,
            drawn,
            available,
        }
    }

    /// Whether more is drawn than the limit.
    pub fn is_over_limit(&self) -> bool {
        self.drawn.is_some_and(|drawn| drawn > self.limit)
    }
}

/// The rises of the balance from position to position, added up: at least so much was drawn.
fn ever_drawn(line: &Line) -> Money {
    let mut before = Money::ZERO;
    let mut sum = Money::ZERO;
    for drawn in line.positions.iter().filter_map(|position| position.drawn) {
        let rise = drawn.minus(before).unwrap_or(Money::ZERO).max(Money::ZERO);
        sum = sum.plus(rise).unwrap_or(Money::from_fen(i64::MAX));
        before = drawn;
    }
    sum
}
