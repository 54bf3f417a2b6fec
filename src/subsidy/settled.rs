//! What of a merchant's month has been put to the pool. What the pool could not give is refused for good: a fee that
//! falls and rises again brings back what was taken away, and not what was refused (ours).

use crate::kernel::Money;
use crate::kernel::money::MoneyError;

/// How far the claims of one merchant, acquirer and month have come. Amounts are fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The most that the merchant was entitled to when the pool was asked.
    highest: Money,
    /// What of it the pool refused.
    refused: Money,
    /// What was granted, less what was taken away.
    granted: Money,
}

impl Settled {
    /// Goes through what the merchant was entitled to and what was then granted (below zero: taken away), in order.
    ///
    /// # Errors
    /// Where an amount is beyond its range.
    pub fn of(steps: impl IntoIterator<Item = (Money, Money)>) -> Result<Self, MoneyError> {
        let mut settled = Self::default();
        for (entitled, granted) in steps {
            let more = settled.more(entitled)?;
            if more > Money::ZERO {
                settled.refused = settled.refused.plus(more.minus(granted)?)?;
            }
            settled.highest = settled.highest.max(entitled);
            settled.granted = settled.granted.plus(granted)?;
        }
        Ok(settled)
    }

    /// By how much more, or less where it is below zero, the claims should come to for what the merchant is entitled to
    /// now.
    ///
    /// # Errors
    /// Where an amount is beyond its range.
    pub fn more(&self, entitled: Money) -> Result<Money, MoneyError> {
        let open = self.highest.max(entitled).minus(self.refused)?;
        entitled.min(open).minus(self.granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn more(steps: &[(i64, i64)], entitled: i64) -> i64 {
        let fen = Money::from_fen;
        let steps = steps
            .iter()
            .map(|(entitled, granted)| (fen(*entitled), fen(*granted)));
        let settled = Settled::of(steps).unwrap();
        settled.more(fen(entitled)).unwrap().fen()
    }

    #[test]
    fn what_the_pool_refused_is_not_asked_for_again() {
        assert_eq!(more(&[], 1_000), 1_000);
        let cut = (1_000, 400);
        assert_eq!(more(&[cut], 1_000), 0);
        assert_eq!(more(&[cut], 1_200), 200);
        // The fee falls within what was refused, and rises again.
        assert_eq!(more(&[cut], 700), 0);
        assert_eq!(more(&[cut, (700, 0)], 1_000), 0);
        assert_eq!(more(&[cut, (700, 0)], 1_100), 100);
        // It falls below what was granted, and all of that comes back.
        assert_eq!(more(&[cut], 300), -100);
        assert_eq!(more(&[cut, (300, -100)], 350), 50);
        assert_eq!(more(&[cut, (300, -100)], 1_000), 100);
        assert_eq!(more(&[cut, (300, -100)], 1_100), 200);
        // What comes back may be cut as well.
        assert_eq!(more(&[cut, (300, -100), (1_000, 40)], 1_000), 0);
    }

    proptest! {
        #[test]
        fn where_the_pool_suffices_claims_come_to_what_the_merchant_is_entitled_to(
            entitled in prop::collection::vec(0..1_000i64, 1..20),
        ) {
            let mut steps = Vec::new();
            for entitled in entitled {
                let granted = more(&steps, entitled);
                steps.push((entitled, granted));
                let sum: i64 = steps.iter().map(|step| step.1).sum();
                prop_assert_eq!(sum, entitled);
            }
        }

        #[test]
        fn no_more_is_given_than_there_was_at_the_best_of_times(
            entitled in prop::collection::vec((0..1_000i64, 0..100i64), 1..20),
        ) {
            let (mut steps, mut sum, mut refused, mut highest) = (Vec::new(), 0, 0, 0);
            for (entitled, percent) in entitled {
                let asked = more(&steps, entitled);
                let granted = if asked > 0 { asked * percent / 100 } else { asked };
                steps.push((entitled, granted));
                sum += granted;
                refused += asked.max(0) - granted.max(0);
                highest = highest.max(entitled);
                prop_assert!((0..=entitled).contains(&sum));
                prop_assert!(sum <= highest - refused);
            }
        }
    }
}
