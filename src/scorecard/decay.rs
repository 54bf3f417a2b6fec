//! The decay of a fact's weight by its half-life, exact to the millionth.

use std::cmp::Ordering;

/// The weight of a fact on its own day, in millionths.
pub(super) const WHOLE: i64 = 1_000_000;

/// `decay(n, h)` of scorecard.md for n = 0 to `months`: 10^6 x 2^(-n/h), rounded half up.
pub(super) fn table(half_life_months: u32, months: u32) -> Box<[i64]> {
    (0..=months).map(|n| decay(n, half_life_months)).collect()
}

/// The largest v with v - 1/2 <= 10^6 x 2^(-n/h), that is (2v - 1)^h x 2^n <= (2 x 10^6)^h: integers alone.
fn decay(n: u32, h: u32) -> i64 {
    let whole = Big::power(2 * WHOLE as u32, h);
    let fits = |v: u32| {
        let mut left = Big::power(2 * v - 1, h);
        left.shift(n);
        left.compare(&whole) != Ordering::Greater
    };
    let (mut low, mut high) = (0, WHOLE as u32);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    i64::from(low)
}

/// A natural number, lowest limb first, without leading zeros.
struct Big(Vec<u32>);

impl Big {
    fn power(base: u32, exponent: u32) -> Self {
        let mut power = Self(vec![1]);
        for _ in 0..exponent {
            power.multiply(base);
        }
        power
    }

    fn multiply(&mut self, by: u32) {
        let mut carry = 0;
        for limb in &mut self.0 {
            let product = u64::from(*limb) * u64::from(by) + carry;
            *limb = product as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Times 2^bits.
    fn shift(&mut self, bits: u32) {
        self.multiply(1 << (bits % 32));
        let limbs = (bits / 32) as usize;
        self.0.splice(0..0, std::iter::repeat_n(0, limbs));
    }

    fn compare(&self, other: &Self) -> Ordering {
        let longer = self.0.len().cmp(&other.0.len());
        longer.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_definition() {
        assert_eq!(decay(18, 24), 594_604);
        assert_eq!(decay(6, 24), 840_896);
        assert_eq!(decay(7, 12), 667_420);
        assert_eq!(decay(0, 24), WHOLE);
        assert_eq!(decay(24, 24), WHOLE / 2);
        assert_eq!(decay(72, 24), WHOLE / 8);
    }

    #[test]
    fn a_half_is_rounded_up_and_what_vanishes_is_nothing() {
        assert_eq!(decay(7, 1), 7_813); // 7812.5
        assert_eq!(decay(20, 1), 1); // 0.95…
        assert_eq!(decay(21, 1), 0); // 0.47…
    }

    #[test]
    fn it_never_rises() {
        for half_life in [1, 5, 12, 24, 60] {
            let table = table(half_life, 60);
            assert!(table.windows(2).all(|pair| pair[0] >= pair[1]));
        }
    }
}
