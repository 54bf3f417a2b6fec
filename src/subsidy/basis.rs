//! What a claim rests on beside the fees: the certification, and the rate of the tier.

use crate::intake::county::{Certified, Programme, Rate};
use crate::kernel::money::MoneyError;
use crate::kernel::{Day, Money, Month};
use crate::register::unit::Unit;

/// The register of monthly acquiring statements.
pub const STATEMENTS: &str = "statements";

/// Whether a unit of an eligible kind is certified on the days of the month that count. On different days it may be
/// another unit of the merchant.
pub fn is_certified(terms: &Programme, units: &[Unit], month: Month) -> bool {
    let eligible = |unit: &&Unit| {
        let kinds = terms.unit_kinds.as_ref();
        kinds.is_none_or(|kinds| kinds.contains(&unit.kind))
    };
    let units: Vec<&Unit> = units.iter().filter(eligible).collect();
    let on = |day: Day| units.iter().any(|unit| unit.certified_since(day).is_some());
    let (first, last) = (month.first_day(), month.last_day());
    // A unit's certification has no gaps, so its ends tell of most merchants without looking at each day.
    let whole = |unit: &&Unit| {
        let certified = |day| unit.certified_since(day).is_some();
        certified(first) && certified(last)
    };
    match terms.certified {
        Certified::LastDay => on(last),
        Certified::EveryDay if units.iter().any(whole) => true,
        Certified::EveryDay => (first.number()..=last.number())
            .map(Day::from_number)
            .all(on),
    }
}

/// Whether the tier of the month's last day makes a difference.
pub const fn asks_for_tier(terms: &Programme) -> bool {
    terms.tiers.is_some() || matches!(terms.rate, Rate::ByTier(_))
}

/// The rate of a tier in basis points; 0 where it is not eligible.
pub fn rate(terms: &Programme, tier: Option<&str>) -> u32 {
    let is = |known: &String| Some(known.as_str()) == tier;
    if terms
        .tiers
        .as_ref()
        .is_some_and(|tiers| !tiers.iter().any(is))
    {
        return 0;
    }
    match &terms.rate {
        Rate::Same(rate) => *rate,
        Rate::ByTier(rates) => rates
            .iter()
            .find(|(known, _)| is(known))
            .map_or(0, |(_, rate)| *rate),
    }
}

/// Rate × base, rounded half up to the fen; nothing where the base is not above zero.
///
/// # Errors
/// Never for rates up to 10,000 basis points, since then the result is at most the base.
pub fn of_base(base: Money, rate: u32) -> Result<Money, MoneyError> {
    let fen = (i128::from(base.fen().max(0)) * i128::from(rate) + 5_000) / 10_000;
    i64::try_from(fen)
        .map(Money::from_fen)
        .map_err(|_| MoneyError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::county::Payment;

    fn terms() -> Programme {
        Programme {
            id: "p".to_owned(),
            name: String::new(),
            funder: String::new(),
            from: "2025-01-01".parse().unwrap(),
            until: "2025-12-31".parse().unwrap(),
            pool: Money::ZERO,
            rate: Rate::Same(10_000),
            cap_per_merchant_month: None,
            cap_per_merchant_year: None,
            unit_kinds: None,
            tiers: None,
            payment: Payment::Reimburse,
            certified: Certified::EveryDay,
        }
    }

    fn unit(kind: &str, certified_on: &str, ended_on: Option<&str>) -> Unit {
        Unit {
            name: String::new(),
            kind: kind.to_owned(),
            status: "在期".to_owned(),
            certified_on: Some(certified_on.parse().unwrap()),
            ended_on: ended_on.map(|day| day.parse().unwrap()),
        }
    }

    #[test]
    fn half_a_fen_is_rounded_up_and_nothing_comes_of_less_than_nothing() {
        let of = |fen, rate| of_base(Money::from_fen(fen), rate).unwrap().fen();
        assert_eq!(of(13_006, 10_000), 13_006);
        assert_eq!(of(1, 5_000), 1);
        assert_eq!(of(1, 4_999), 0);
        assert_eq!(of(3, 5_000), 2);
        assert_eq!(of(-1, 10_000), 0);
        assert_eq!(of(i64::MAX, 10_000), i64::MAX);
        assert_eq!(of(100, 0), 0);
    }

    #[test]
    fn certified_on_every_day_by_whichever_unit_or_on_the_last() {
        let february = Month::parse("202502").unwrap();
        let mut terms = terms();
        let first = unit("店", "2025-01-01", Some("2025-02-15"));
        let second = unit("店", "2025-02-15", None);
        assert!(!is_certified(
            &terms,
            std::slice::from_ref(&first),
            february
        ));
        assert!(!is_certified(
            &terms,
            std::slice::from_ref(&second),
            february
        ));
        assert!(is_certified(
            &terms,
            &[first.clone(), second.clone()],
            february
        ));
        terms.certified = Certified::LastDay;
        assert!(is_certified(
            &terms,
            std::slice::from_ref(&second),
            february
        ));
        assert!(!is_certified(
            &terms,
            std::slice::from_ref(&first),
            february
        ));
        terms.unit_kinds = Some(vec!["餐饮".to_owned()]);
        assert!(!is_certified(&terms, &[second], february));
        assert!(!is_certified(&terms, &[], february));
    }

    #[test]
    fn tiers_choose_who_is_eligible_and_at_what_rate() {
        let mut terms = terms();
        assert!(!asks_for_tier(&terms));
        assert_eq!(rate(&terms, None), 10_000);
        terms.tiers = Some(vec!["AAA".to_owned(), "AA".to_owned()]);
        assert!(asks_for_tier(&terms));
        assert_eq!(rate(&terms, None), 0);
        assert_eq!(rate(&terms, Some("A")), 0);
        assert_eq!(rate(&terms, Some("AA")), 10_000);
        terms.rate = Rate::ByTier(vec![("AAA".to_owned(), 8_000), ("A".to_owned(), 5_000)]);
        assert_eq!(rate(&terms, Some("AAA")), 8_000);
        assert_eq!(rate(&terms, Some("AA")), 0);
        assert_eq!(rate(&terms, Some("A")), 0);
        terms.tiers = None;
        assert_eq!(rate(&terms, Some("A")), 5_000);
        assert_eq!(rate(&terms, None), 0);
    }
}
