//! What each claim gets where the pool does not suffice for the month.

use crate::kernel::Money;

/// Gives each what it asks for, in fen, where the pool suffices. Where it does not, each gets pool × asked / sum rounded
/// down, and the fen left go by largest remainder, ties in the order given. It sums exactly to the pool then. What is
/// asked is not below zero, nor is the pool.
pub fn share_out(pool: Money, asked: &[Money]) -> Vec<Money> {
    let fen = |money: &Money| i128::from(money.fen().max(0));
    let (pool, sum) = (fen(&pool), asked.iter().map(fen).sum::<i128>());
    if sum <= pool {
        return asked.to_vec();
    }
    let mut given: Vec<i128> = asked.iter().map(|money| pool * fen(money) / sum).collect();
    let mut order: Vec<usize> = (0..asked.len()).collect();
    // The sort is stable: what ties stays in the order given.
    order.sort_by_key(|place| std::cmp::Reverse(pool * fen(&asked[*place]) % sum));
    let left = pool - given.iter().sum::<i128>();
    for place in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        given[place] += 1;
    }
    // Nobody gets more than was asked, so each fits.
    let money = |fen| Money::from_fen(i64::try_from(fen).unwrap_or(0));
    given.into_iter().map(money).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(pool: i64, asked: &[i64]) -> Vec<i64> {
        let asked: Vec<Money> = asked.iter().copied().map(Money::from_fen).collect();
        share_out(Money::from_fen(pool), &asked)
            .iter()
            .map(|money| money.fen())
            .collect()
    }

    #[test]
    fn what_is_left_goes_by_largest_remainder_and_then_in_order() {
        assert_eq!(shares(10, &[3, 3]), [3, 3]);
        assert_eq!(shares(100, &[100, 100, 100]), [34, 33, 33]);
        assert_eq!(shares(10, &[1, 9, 90]), [0, 1, 9]);
        assert_eq!(shares(11, &[1, 9, 90]), [0, 1, 10]);
        assert_eq!(shares(1, &[5, 6, 5]), [0, 1, 0]);
        assert_eq!(shares(0, &[5, 6]), [0, 0]);
        assert_eq!(shares(5, &[]), [0i64; 0]);
        assert_eq!(
            shares(i64::MAX - 1, &[i64::MAX, i64::MAX]),
            [i64::MAX / 2; 2]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]
        #[test]
        fn it_sums_exactly_and_nobody_gets_more_than_asked(
            pool in 0..1_000_000i64,
            asked in prop::collection::vec(0..100_000i64, 0..60),
        ) {
            let given = shares(pool, &asked);
            prop_assert_eq!(given.iter().sum::<i64>(), pool.min(asked.iter().sum()));
            let sum = i128::from(asked.iter().sum::<i64>().max(1));
            for (given, asked) in given.iter().zip(&asked) {
                prop_assert!(given <= asked);
                let exact = i128::from(pool.min(sum as i64)) * i128::from(*asked);
                // Within one fen of the exact share.
                prop_assert!((i128::from(*given) * sum - exact).abs() < sum);
            }
        }
    }
}
