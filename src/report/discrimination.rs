//! How well a score tells good from bad: AUC, Gini and KS (domain.md, section 6).

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use std::collections::BTreeMap;

/// Fewer bad ones than this say next to nothing, whatever the figures; ours, since the handbook names no number.
pub const FEW: u64 = 10;

/// How many were good and bad at each score.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes(BTreeMap<i32, (u64, u64)>);

/// Why there are no figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooFew {
    /// Nothing has been told of any.
    Nobody,
    NoneBad,
    NoneGood,
}

/// The figures, not rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discrimination {
    /// How likely a good one has the higher score than a bad one; a tie is half.
    pub auc: Decimal,
    /// 2 × AUC − 1.
    pub gini: Decimal,
    /// The largest distance between the two shares at or below a score.
    pub ks: Decimal,
}

impl Outcomes {
    pub fn add(&mut self, score: i32, is_bad: bool) {
        let (good, bad) = self.0.entry(score).or_default();
        *(if is_bad { bad } else { good }) += 1;
    }

    pub fn good(&self) -> u64 {
        self.0.values().map(|(good, _)| good).sum()
    }

    pub fn bad(&self) -> u64 {
        self.0.values().map(|(_, bad)| bad).sum()
    }

    /// # Errors
    /// Where there are no good ones, or no bad ones, to tell apart.
    pub fn discrimination(&self) -> Result<Discrimination, TooFew> {
        let (good, bad) = (u128::from(self.good()), u128::from(self.bad()));
        match (good, bad) {
            (0, 0) => return Err(TooFew::Nobody),
            (0, _) => return Err(TooFew::NoneGood),
            (_, 0) => return Err(TooFew::NoneBad),
            _ => {}
        }
        let (mut good_below, mut bad_below) = (0u128, 0u128);
        // In half pairs, so that a tie is a whole number.
        let (mut won, mut widest) = (0u128, 0u128);
        for (good_here, bad_here) in self.0.values() {
            let (good_here, bad_here) = (u128::from(*good_here), u128::from(*bad_here));
            won += good_here * (2 * bad_below + bad_here);
            good_below += good_here;
            bad_below += bad_here;
            widest = widest.max((bad_below * good).abs_diff(good_below * bad));
        }
        let ratio = |part: u128, of: u128| {
            let (part, of) = (Decimal::from_u128(part), Decimal::from_u128(of));
            part.zip(of)
                .and_then(|(part, of)| part.checked_div(of))
                .ok_or(TooFew::Nobody)
        };
        let auc = ratio(won, 2 * good * bad)?;
        Ok(Discrimination {
            auc,
            gini: auc * Decimal::TWO - Decimal::ONE,
            ks: ratio(widest, good * bad)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::stability::told;
    use super::*;
    use proptest::prelude::*;

    fn outcomes(good: &[i32], bad: &[i32]) -> Outcomes {
        let mut outcomes = Outcomes::default();
        good.iter().for_each(|score| outcomes.add(*score, false));
        bad.iter().for_each(|score| outcomes.add(*score, true));
        outcomes
    }

    fn figures(good: &[i32], bad: &[i32]) -> [String; 3] {
        let found = outcomes(good, bad).discrimination().unwrap();
        [found.auc, found.gini, found.ks].map(|measure| told(measure).to_string())
    }

    #[test]
    fn the_handbook_s_example() {
        // domain.md, section 6.
        let found = figures(&[720, 690, 680, 650, 610], &[600, 640, 560]);
        assert_eq!(found, ["0.9333", "0.8667", "0.8000"]);
    }

    #[test]
    fn a_tie_is_half_and_a_score_may_be_worse_than_none() {
        assert_eq!(figures(&[600], &[600]), ["0.5000", "0.0000", "0.0000"]);
        assert_eq!(figures(&[500], &[600]), ["0.0000", "-1.0000", "1.0000"]);
    }

    #[test]
    fn where_nothing_is_to_be_told_apart_it_is_said_why() {
        let why = |good: &[i32], bad: &[i32]| outcomes(good, bad).discrimination().unwrap_err();
        assert_eq!(why(&[], &[]), TooFew::Nobody);
        assert_eq!(why(&[1], &[]), TooFew::NoneBad);
        assert_eq!(why(&[], &[1]), TooFew::NoneGood);
    }

    proptest! {
        #[test]
        fn auc_is_the_share_of_pairs_in_the_right_order(
            good in prop::collection::vec(0..30i32, 1..20), bad in prop::collection::vec(0..30i32, 1..20),
        ) {
            let pairs = good.iter().flat_map(|g| bad.iter().map(move |b| (g, b)));
            let won: i64 = pairs.map(|(g, b)| 1 + i64::from((g > b) as i8 - (g < b) as i8)).sum();
            let all = 2 * (good.len() * bad.len()) as i64;
            let found = outcomes(&good, &bad).discrimination().unwrap();
            prop_assert_eq!(told(found.auc), told(Decimal::from(won) / Decimal::from(all)));
            prop_assert!(found.ks >= Decimal::ZERO && found.ks <= Decimal::ONE);
        }
    }
}
