//! What is left of a merchant's caps, month and year, while claims are computed one after the other.

use crate::intake::county::Programme;
use crate::kernel::money::MoneyError;
use crate::kernel::{Id, Money};
use crate::merchant::Merchant;
use std::collections::HashMap;

/// What merchants have of one month and of its year, over all acquirers.
#[derive(Clone, Debug, Default)]
pub struct Given {
    month: HashMap<Id<Merchant>, Money>,
    year: HashMap<Id<Merchant>, Money>,
}

impl Given {
    /// Counts what a merchant has; `in_month` says whether it is of the month that is computed.
    ///
    /// # Errors
    /// Where a sum is beyond the range of amounts.
    pub fn add(
        &mut self,
        merchant: Id<Merchant>,
        amount: Money,
        in_month: bool,
    ) -> Result<(), MoneyError> {
        let year = self.year.entry(merchant).or_default();
        *year = year.plus(amount)?;
        if in_month {
            let month = self.month.entry(merchant).or_default();
            *month = month.plus(amount)?;
        }
        Ok(())
    }

    /// As much of what is asked as the caps leave room for, where `own` of what is counted is what is asked about.
    ///
    /// # Errors
    /// Where a sum is beyond the range of amounts.
    pub fn allow(
        &self,
        terms: &Programme,
        merchant: Id<Merchant>,
        own: Money,
        asked: Money,
    ) -> Result<Money, MoneyError> {
        let given = |of: &HashMap<_, Money>| of.get(&merchant).copied().unwrap_or_default();
        let caps = [
            (terms.cap_per_merchant_month, given(&self.month)),
            (terms.cap_per_merchant_year, given(&self.year)),
        ];
        caps.into_iter().try_fold(asked, |allowed, (cap, given)| {
            let Some(cap) = cap else { return Ok(allowed) };
            let left = cap.minus(given.minus(own)?)?;
            Ok(allowed.min(left.max(Money::ZERO)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::county::{Certified, Payment, Rate};
    use proptest::prelude::*;

    fn terms(month: Option<i64>, year: Option<i64>) -> Programme {
        Programme {
            id: "p".to_owned(),
            name: String::new(),
            funder: String::new(),
            from: "2025-01-01".parse().unwrap(),
            until: "2025-12-31".parse().unwrap(),
            pool: Money::ZERO,
            rate: Rate::Same(10_000),
            cap_per_merchant_month: month.map(Money::from_fen),
            cap_per_merchant_year: year.map(Money::from_fen),
            unit_kinds: None,
            tiers: None,
            payment: Payment::Reimburse,
            certified: Certified::EveryDay,
        }
    }

    proptest! {
        #[test]
        fn no_cap_is_exceeded_and_nothing_is_left_that_could_be_given(
            month_cap in prop::option::of(0..500i64),
            year_cap in prop::option::of(0..2_000i64),
            asked in prop::collection::vec((0..4usize, 0..4u8, 0..300i64), 0..80),
        ) {
            let terms = terms(month_cap, year_cap);
            let mut months: Vec<(usize, u8, i64)> = asked;
            months.sort_by_key(|(month, ..)| *month);
            let mut given: HashMap<(usize, u8), i64> = HashMap::new();
            for (month, merchant, fen) in months {
                let id = Id::from_bytes([merchant; 16]);
                let mut known = Given::default();
                for ((other, owner), fen) in &given {
                    if *owner == merchant {
                        known.add(id, Money::from_fen(*fen), *other == month).unwrap();
                    }
                }
                let asked = Money::from_fen(fen);
                let allowed = known.allow(&terms, id, Money::ZERO, asked).unwrap();
                prop_assert!(allowed >= Money::ZERO && allowed <= asked);
                let of_month = given.entry((month, merchant)).or_default();
                *of_month += allowed.fen();
                let of_month = *of_month;
                let year: i64 = given.iter().filter(|it| it.0.1 == merchant).map(|it| it.1).sum();
                prop_assert!(month_cap.is_none_or(|cap| of_month <= cap));
                prop_assert!(year_cap.is_none_or(|cap| year <= cap));
                let full = month_cap == Some(of_month) || year_cap == Some(year);
                prop_assert!(allowed == asked || full);
            }
        }
    }

    #[test]
    fn what_is_asked_about_does_not_stand_in_its_own_way() {
        let (terms, id) = (terms(Some(100), None), Id::from_bytes([1; 16]));
        let mut given = Given::default();
        given.add(id, Money::from_fen(90), true).unwrap();
        let allow = |own, asked| {
            let (own, asked) = (Money::from_fen(own), Money::from_fen(asked));
            given.allow(&terms, id, own, asked).unwrap().fen()
        };
        assert_eq!(allow(0, 50), 10);
        assert_eq!(allow(60, 50), 50);
        assert_eq!(allow(60, 80), 70);
    }
}
