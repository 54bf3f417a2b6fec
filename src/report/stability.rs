//! PSI, the index of how far a population has moved between two dates (domain.md, section 6).

use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

/// The least share that a band counts with: 1 in 10,000. An empty band would make the index infinite.
const LEAST_SHARE: Decimal = Decimal::from_parts(1, 0, 0, false, 4);
/// Below it nothing has moved (domain.md, section 6).
const SHIFT: Decimal = Decimal::from_parts(1, 0, 0, false, 1);
/// Above it the card needs a look (domain.md, section 6).
const LARGE_SHIFT: Decimal = Decimal::from_parts(25, 0, 0, false, 2);

/// What an index says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Below 0.1.
    Stable,
    /// From 0.1 to 0.25.
    Shifted,
    /// Above 0.25.
    FarShifted,
}

impl Verdict {
    pub fn of(psi: Decimal) -> Self {
        if psi < SHIFT {
            Self::Stable
        } else if psi <= LARGE_SHIFT {
            Self::Shifted
        } else {
            Self::FarShifted
        }
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Shifted => "shifted",
            Self::FarShifted => "far_shifted",
        }
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Self::Stable => "稳定",
            Self::Shifted => "有变化",
            Self::FarShifted => "变化显著",
        }
    }
}

/// Σ (now − before) × ln(now ÷ before) over the shares of the bands, not rounded; none where one of the populations is
/// empty. `bands` are how many there were in each band, before and now.
pub fn psi(bands: &[(u64, u64)]) -> Option<Decimal> {
    let sum = |counts: &dyn Fn(&(u64, u64)) -> u64| {
        let sum: u128 = bands.iter().map(|band| u128::from(counts(band))).sum();
        Decimal::from_u128(sum).filter(|sum| !sum.is_zero())
    };
    let (before, now) = (sum(&|band| band.0)?, sum(&|band| band.1)?);
    let share = |count: u64, of: Decimal| Decimal::from(count).checked_div(of);
    bands.iter().try_fold(Decimal::ZERO, |psi, band| {
        let before = share(band.0, before)?.max(LEAST_SHARE);
        let now = share(band.1, now)?.max(LEAST_SHARE);
        let moved = (now - before).checked_mul(now.checked_div(before)?.checked_ln()?)?;
        psi.checked_add(moved)
    })
}

/// A measure as it is told: four decimals, half away from zero.
pub fn told(measure: Decimal) -> Decimal {
    let mut told = measure.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
    told.rescale(4);
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(measure: Decimal) -> String {
        told(measure).to_string()
    }

    #[test]
    fn the_handbook_s_example() {
        // domain.md, section 6: 0.08047.
        let bands = [(10, 5), (20, 15), (40, 40), (20, 25), (10, 15)];
        let found = psi(&bands).unwrap();
        assert_eq!(found.round_dp(5).to_string(), "0.08047");
        assert_eq!(text(found), "0.0805");
        assert_eq!(Verdict::of(found), Verdict::Stable);
    }

    #[test]
    fn the_bands_of_the_verdict_have_their_ends() {
        let of = |text: &str| Verdict::of(text.parse().unwrap());
        assert_eq!(of("0.0999"), Verdict::Stable);
        assert_eq!(of("0.1"), Verdict::Shifted);
        assert_eq!(of("0.25"), Verdict::Shifted);
        assert_eq!(of("0.2501"), Verdict::FarShifted);
    }

    #[test]
    fn an_empty_band_counts_with_the_floor_and_an_empty_population_has_no_index() {
        // (0.9999) × ln(1 ÷ 0.0001) + (0.0001 − 1) × ln(0.0001 ÷ 1) = 2 × 0.9999 × 9.21034…
        assert_eq!(text(psi(&[(0, 7), (3, 0)]).unwrap()), "18.4188");
        assert_eq!(text(psi(&[(0, 0), (3, 5)]).unwrap()), "0.0000");
        assert_eq!(psi(&[(0, 7), (0, 3)]), None);
        assert_eq!(psi(&[]), None);
    }

    proptest! {
        #[test]
        fn it_is_never_below_zero_and_the_same_both_ways(
            bands in prop::collection::vec((0..1_000_000u64, 0..1_000_000u64), 1..9),
        ) {
            let turned: Vec<_> = bands.iter().map(|(before, now)| (*now, *before)).collect();
            let found = psi(&bands).map(told);
            prop_assert!(found.is_none_or(|psi| psi >= Decimal::ZERO));
            prop_assert_eq!(found, psi(&turned).map(told));
        }
    }
}
