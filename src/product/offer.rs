//! Financing on merit: how much of a product a merchant's tier and flows allow, and at what rate. Advice: the bank alone
//! decides.

use super::LoanPrimeRates;
use crate::intake::county::{Product, Sizing};
use crate::kernel::{Day, Money, Month};

/// What a product comes to for a merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer<'p> {
    pub product: &'p Product,
    /// The cap of the merchant's tier; none where the product is not meant for it.
    pub cap: Option<Money>,
    /// What the flows allow; none where the product does not ask for them, or they may not be used.
    pub by_flow: Option<Money>,
    /// The most that is advised; none where that cannot be told.
    pub up_to: Option<Money>,
    pub terms: Vec<Priced>,
}

/// A term, and the rates at which it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    pub months: u32,
    /// `1Y` or `5Y`.
    pub base: &'static str,
    /// The day of its publication and the rate, in basis points; none where no rate was published by the day.
    pub published: Option<(Day, u32)>,
    /// One for each spread: base and spread, in basis points.
    pub basis_points: Vec<u32>,
}

/// How many months of flows are averaged.
pub const MONTHS: i32 = 12;
/// What is advised by flow is rounded down to ¥100.
const STEP: i128 = 10_000;
/// 5年期以上: terms above five years are priced by the longer rate.
const LONG: u32 = 60;

impl<'p> Offer<'p> {
    /// `flows`: the net acquiring of the last 12 complete months, in fen, a month without a statement being 0; none
    /// where the merchant lets nobody use it.
    pub fn of(
        product: &'p Product,
        tier: Option<&str>,
        flows: Option<i128>,
        rates: &LoanPrimeRates,
        day: Day,
    ) -> Self {
        let cap = product.cap_of(tier);
        let (by_flow, up_to) = match (product.sizing, cap) {
            (_, None) => (None, Some(Money::ZERO)),
            (Sizing::Bank, cap) => (None, cap),
            (Sizing::Flow { months_of_flow }, Some(cap)) => {
                let by_flow = flows.map(|flows| by_flow(flows, months_of_flow));
                (by_flow, by_flow.map(|money| money.min(cap)))
            }
        };
        let price = |months: &u32| Priced::of(product, *months, rates, day);
        Self {
            product,
            cap,
            by_flow,
            up_to,
            terms: product.term_months.iter().map(price).collect(),
        }
    }
}

impl Priced {
    fn of(product: &Product, months: u32, rates: &LoanPrimeRates, day: Day) -> Self {
        let base = if months > LONG { "5Y" } else { "1Y" };
        let published = rates.on(base, day);
        let with = |(_, rate): (Day, u32)| {
            let spreads = product.spread_basis_points.iter();
            spreads.map(|spread| rate + spread).collect()
        };
        Self {
            months,
            base,
            published,
            basis_points: published.map(with).unwrap_or_default(),
        }
    }
}

/// So many times the average month, rounded down to ¥100; nothing where more was given back than taken.
fn by_flow(flows: i128, months_of_flow: u32) -> Money {
    let fen = flows.max(0) * i128::from(months_of_flow) / i128::from(MONTHS);
    Money::from_fen(i64::try_from(fen - fen % STEP).unwrap_or(i64::MAX))
}

/// The last 12 months that are over by a day: the first and the last of them.
pub fn last_months(day: Day) -> (Month, Month) {
    let month = day.month();
    let last = if month.last_day() <= day {
        month
    } else {
        month.plus(-1)
    };
    (last.plus(1 - MONTHS), last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_are_averaged_and_rounded_down() {
        let yuan = |text| Money::parse_yuan(text).unwrap();
        // 12 months of 10,001.99: six of them are 60,011.94.
        assert_eq!(by_flow(12 * 1_000_199, 6), yuan("60000.00"));
        assert_eq!(by_flow(12 * 1_001_666, 6), yuan("60000.00"));
        assert_eq!(by_flow(12 * 1_001_667, 6), yuan("60100.00"));
        assert_eq!(by_flow(19_999, 6), yuan("0.00"));
        assert_eq!(by_flow(-5, 6), yuan("0.00"));
    }

    #[test]
    fn a_month_is_over_on_its_last_day() {
        let months = |day: &str| {
            let (first, last) = last_months(day.parse().unwrap());
            (first.to_string(), last.to_string())
        };
        let told = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(months("2025-12-31"), told("202501", "202512"));
        assert_eq!(months("2025-12-30"), told("202412", "202511"));
    }
}
