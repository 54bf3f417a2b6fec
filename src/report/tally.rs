//! Figures added up.

use super::figure::{Share, Unit};
use super::{Figure, Item, What};
use crate::kernel::money::MoneyError;
use crate::kernel::{Money, Uscc};
use std::collections::HashSet;

/// Which merchants have been seen. Lines come bank by bank, so that a merchant may come again at any time; everything
/// else comes merchant by merchant, and only the last one need be remembered.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    last: Option<Uscc>,
    of_lines: HashSet<Uscc>,
}

impl Seen {
    /// Whether the item's merchant has not been seen before.
    pub fn is_new(&mut self, item: &Item) -> bool {
        match item.what {
            What::Line(_) => self.of_lines.insert(item.uscc),
            _ => self.last.replace(item.uscc) != Some(item.uscc),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Sum {
    count: u64,
    money: Money,
    seen: Seen,
}

/// All figures of some items.
#[derive(Clone, Debug)]
pub struct Tally(Vec<Sum>);

/// A figure's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    Count(u64),
    Money(Money),
}

impl Default for Tally {
    fn default() -> Self {
        Self(vec![Sum::default(); Figure::ALL.len()])
    }
}

impl Tally {
    /// Adds an item to the figures in which it has a share.
    ///
    /// # Errors
    /// Where a sum is beyond the range of amounts.
    pub fn add(&mut self, item: &Item) -> Result<(), MoneyError> {
        for (figure, sum) in Figure::ALL.iter().zip(&mut self.0) {
            match figure.share(item) {
                None => {}
                Some(Share::Money(money)) => sum.money = sum.money.plus(money)?,
                Some(Share::One) if figure.unit() != Unit::Merchants => sum.count += 1,
                Some(Share::One) => sum.count += u64::from(sum.seen.is_new(item)),
            }
        }
        Ok(())
    }

    pub fn of(&self, figure: Figure) -> Number {
        let sum = self.0.get(figure as usize);
        match figure.unit() {
            Unit::Money => Number::Money(sum.map_or(Money::ZERO, |sum| sum.money)),
            Unit::Merchants | Unit::Items => Number::Count(sum.map_or(0, |sum| sum.count)),
        }
    }
}
