//! 授信, 用信, 可用: the limit, what is drawn of it, and what may still be drawn. Three things, kept apart.

use super::Story;
use crate::kernel::Money;

/// A line's money on a day, in the line's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub limit: Money,
    /// None where nothing up to the day tells.
    pub drawn: Option<Money>,
    /// Never negative; nothing where no draws are allowed. None where it is not known what is drawn.
    pub available: Option<Money>,
}

impl Usage {
    /// `revolving`: whether what is repaid may be drawn again. Otherwise everything that was ever drawn is used up.
    pub fn of(limit: Money, story: &Story, revolving: bool) -> Self {
        let available = story.drawn.map(|drawn| {
            let used = if revolving { drawn } else { story.ever_drawn };
            let left = limit.minus(used).unwrap_or_default();
            if story.state.may_be_drawn() {
                left.max(Money::ZERO)
            } else {
                Money::ZERO
            }
        });
        Self {
            limit,
            drawn: story.drawn,
            available,
        }
    }

    /// Whether more is drawn than the limit.
    pub fn is_over_limit(&self) -> bool {
        self.drawn.is_some_and(|drawn| drawn > self.limit)
    }
}
