//! Financing on merit: what a bank's products come to for a merchant, by the answer that the bank has just been given.

use crate::answer::Answer;
use crate::answer::records::logged;
use crate::authorisation::records::authorisations;
use crate::county::records::bank_by_id;
use crate::kernel::{Day, Id, Money};
use crate::merchant::Merchant;
use crate::product::offer::last_months;
use crate::product::records::{loan_prime_rates, products};
use crate::product::{LoanPrimeRates, Offer, Products};
use crate::register::records::facts_of_kind;
use crate::register::{Kind, Kinds};
use crate::scorecard::Scorecard;
use crate::store::{Conn, StoreError};
use serde::Deserialize;

/// The kind of the monthly statements.
const STATEMENTS: &str = "statements";

/// What a bank's answer said, and what there is to offer by it.
pub struct Financing {
    pub told: Told,
    pub as_of: Day,
    products: Products,
    rates: LoanPrimeRates,
    bank: String,
    /// Net acquiring of the last 12 complete months, in fen; none where it may not be used.
    pub flows: Option<i128>,
}

/// What an answer said of a merchant.
#[derive(Debug, Deserialize)]
pub struct Told {
    pub standing: String,
    pub tier: Option<String>,
    pub score: i32,
    pub tier_cap: Option<String>,
}

/// What stands between a merchant and a product's next cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The next tier that has a higher cap.
    pub tier: String,
    pub cap: Money,
    /// Points that are missing; 0 where something else stands in the way.
    pub points: i32,
    /// Whether a heavy penalty keeps the merchant below that tier, whatever the points.
    pub is_capped: bool,
}

/// Who asks about whom, and the answer that was given.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub kinds: &'a Kinds,
    pub card: &'a Scorecard,
    pub bank: &'a str,
    pub answer: Id<Answer>,
    /// The real date: an authorisation must be live then as well.
    pub real_date: Day,
}

/// Looks up what the answer said and what the bank offers; none where there is no such answer.
pub fn financing(conn: &mut Conn, asked: Asked<'_>) -> Result<Option<Financing>, StoreError> {
    let Some(logged) = logged(conn, asked.bank, asked.answer)? else {
        return Ok(None);
    };
    let (Some(merchant), Some(body)) = (logged.merchant, logged.body) else {
        return Ok(None);
    };
    let told = serde_json::from_str(&body)
        .map_err(|error| StoreError::Content(format!("the body of {}: {error}", asked.answer)))?;
    Ok(Some(Financing {
        told,
        as_of: logged.as_of,
        products: products(conn)?,
        rates: loan_prime_rates(conn)?,
        bank: asked.bank.to_owned(),
        flows: flows(conn, asked, merchant, logged.as_of)?,
    }))
}

/// Flows are used only under the merchant's authorisation 收单流水评分, live on both dates and not withdrawn: those that
/// the bank acquires itself, and those of others where the authorisation names the bank (ours: a size by what others
/// acquire tells the bank of it).
fn flows(
    conn: &mut Conn,
    asked: Asked<'_>,
    merchant: Id<Merchant>,
    as_of: Day,
) -> Result<Option<i128>, StoreError> {
    let purpose = asked.card.statement_purpose().unwrap_or_default();
    let signed = authorisations(conn, asked.kinds, &[merchant])?;
    let live = || {
        let all = signed.get(&merchant).into_iter().flatten();
        all.filter(|one| one.may_be_told(asked.real_date, as_of))
    };
    let may = live().any(|one| one.has_purpose(purpose));
    let Some(kind) = asked.kinds.named(STATEMENTS).filter(|_| may) else {
        return Ok(None);
    };
    let bank = bank_by_id(conn, asked.bank)?.name;
    let all = live().any(|one| one.is_for(&bank, purpose));
    let (first, last) = last_months(as_of);
    let facts = facts_of_kind(conn, asked.kinds, STATEMENTS, merchant, None)?;
    let is_open = |fact: &&crate::register::Fact| {
        let acquirer = kind.column("acquirer").map(|place| fact.value(place));
        all || acquirer.is_some_and(|acquirer| *acquirer.as_text() == *bank)
    };
    let within = facts.iter().filter(is_open).filter(|fact| {
        let month = kind.column("month").map(|place| fact.value(place));
        let month = month.and_then(crate::register::Value::as_month);
        month.is_some_and(|month| (first..=last).contains(&month))
    });
    let fen = |kind: &Kind, fact: &crate::register::Fact, column: &str| {
        let place = kind.column(column);
        let number = place.and_then(|place| fact.value(place).as_number());
        i128::from(number.unwrap_or_default())
    };
    let net = within.map(|fact| fen(kind, fact, "turnover") - fen(kind, fact, "refunds"));
    Ok(Some(net.sum()))
}

impl Financing {
    /// What the bank's products come to, in the order of their ids.
    pub fn offers(&self) -> Vec<Offer<'_>> {
        let tier = self.told.tier.as_deref();
        let products = self.products.of_bank(&self.bank, self.as_of);
        products
            .map(|product| Offer::of(product, tier, self.flows, &self.rates, self.as_of))
            .collect()
    }

    /// What stands between the merchant and the next cap of an offer; none where there is no higher one.
    pub fn next(&self, offer: &Offer<'_>, card: &Scorecard) -> Option<Next> {
        let here = self.told.tier.as_deref().and_then(|tier| card.tier(tier));
        let limit = self.told.tier_cap.as_deref();
        let limit = limit.and_then(|tier| card.tier(tier));
        // From the lowest tier up: the first with a higher cap.
        let rule = card.tiers().iter().rev().find(|rule| {
            let cap = offer.product.cap_of(Some(rule.tier.as_str()));
            let is_higher = here.is_none_or(|here| rule.tier > here);
            is_higher && cap > offer.cap
        })?;
        Some(Next {
            tier: rule.tier.to_string(),
            cap: offer.product.cap_of(Some(rule.tier.as_str()))?,
            points: rule.from.map_or(0, |from| (from - self.told.score).max(0)),
            is_capped: limit.is_some_and(|limit| rule.tier > limit),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::county::{OnEvent, Product, Sizing};

    const CARD: &str = include_str!("../../config/scorecards/daishan-2026.1.toml");

    fn next(tier: Option<&str>, score: i32, tier_cap: Option<&str>) -> Option<(String, i32, bool)> {
        let kinds = crate::embedded::Configuration::embedded().kinds().unwrap();
        let card = Scorecard::parse("card", CARD, &kinds).unwrap();
        let yuan = |text| Money::parse_yuan(text).unwrap();
        let caps = [("AAA", "9"), ("AA", "9"), ("A", "6"), ("B", "3")];
        let product = Product {
            bank: "rcb".to_owned(),
            id: "p".to_owned(),
            name: "p".to_owned(),
            revolving: true,
            cap: caps
                .map(|(tier, cap)| (tier.to_owned(), yuan(cap)))
                .to_vec(),
            term_months: vec![12],
            spread_basis_points: vec![60],
            sizing: Sizing::Bank,
            on_tier_drop: OnEvent::None,
            on_red_line: OnEvent::None,
        };
        let found = Financing {
            told: Told {
                standing: "rated".to_owned(),
                tier: tier.map(str::to_owned),
                score,
                tier_cap: tier_cap.map(str::to_owned),
            },
            as_of: Day::from_number(0),
            products: Products::default(),
            rates: LoanPrimeRates::default(),
            bank: "rcb".to_owned(),
            flows: None,
        };
        let offer = Offer::of(&product, tier, None, &found.rates, found.as_of);
        let next = found.next(&offer, &card)?;
        Some((next.tier, next.points, next.is_capped))
    }

    #[test]
    fn the_next_cap_is_that_of_the_next_tier_with_a_higher_one() {
        let told = |tier: &str, points, capped| Some((tier.to_owned(), points, capped));
        assert_eq!(next(Some("C"), 800, None), told("B", 30, false));
        assert_eq!(next(Some("B"), 880, None), told("A", 20, false));
        assert_eq!(next(Some("B"), 950, Some("B")), told("A", 0, true));
        assert_eq!(next(Some("A"), 900, None), told("AA", 40, false));
        // AAA has no higher cap than AA.
        assert_eq!(next(Some("AA"), 940, None), None);
        assert_eq!(next(None, 990, None), told("B", 0, false));
    }
}
