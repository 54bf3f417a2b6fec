//! What one merchant's month comes to, by what is known: the rules, without the reading.

use super::assess::Assessed;
use super::{Computing, LeftOut, Slice};
use crate::intake::county::Programme;
use crate::kernel::money::MoneyError;
use crate::kernel::{Id, Money, Uscc};
use crate::merchant::Merchant;
use crate::register::unit::{Unit, units};
use crate::register::{Coverage, History};
use crate::subsidy::records::Basis;
use crate::subsidy::{Fees, Settled, asks_for_tier, is_certified, of_base, rate};
use std::collections::BTreeMap;

/// A merchant's month at one acquirer that is new, or no longer what it was.
pub(super) struct Wish<'a> {
    pub merchant: Id<Merchant>,
    pub uscc: Uscc,
    pub acquirer: String,
    /// The base, in fen.
    pub fee: Money,
    pub rate: u32,
    pub tier: Option<String>,
    pub certified: bool,
    /// What the rate gives, before caps and pool; in fen.
    pub asked: Money,
    /// What it rested on until now; boxed, since most wishes are new and all of a county's are held at once.
    pub before: Option<Box<Basis>>,
    /// What has come of it until now.
    pub settled: Settled,
    /// The terms by which it is computed: those by which it was computed first.
    pub terms: &'a Programme,
}

/// What was computed of a merchant's month before, by acquirer.
pub(super) type Before = BTreeMap<String, (Basis, Settled)>;

/// What has been computed before and may have changed: which units were suspended then decides.
pub(super) struct Doubt<'a> {
    slice: &'a Slice<'a>,
    /// The place of its month among those that are assessed.
    pub month: usize,
    uscc: Uscc,
    /// As they are now.
    units: Vec<Unit>,
    fee: Money,
    pub before: Basis,
    settled: Settled,
}

/// A merchant being looked at, with what its statements come to.
pub(super) struct OfMerchant<'a, 'p> {
    computing: Computing<'a>,
    covered: &'p Coverage,
    merchant: Id<Merchant>,
    history: &'p History,
    units: Vec<Unit>,
    fees: Fees<'p>,
}

impl<'a, 'p> OfMerchant<'a, 'p> {
    pub fn new(
        computing: Computing<'a>,
        covered: &'p Coverage,
        merchant: Id<Merchant>,
        history: &'p History,
    ) -> Self {
        Self {
            computing,
            covered,
            merchant,
            history,
            units: units(computing.kinds, history),
            fees: Fees::of(computing.kinds, history),
        }
    }

    /// Looks at a month: what is new is wished for, what may have changed is returned.
    pub fn month(
        &self,
        (place, slice): (usize, &'a Slice<'a>),
        before: Before,
        assessed: &mut Assessed<'a>,
    ) -> Result<Vec<Doubt<'a>>, MoneyError> {
        let terms = &slice.declared.terms;
        let told = self.fees.acquirers(slice.month);
        let told = told.filter(|acquirer| !before.contains_key(*acquirer));
        let mut doubts = Vec::new();
        let mut first = None;
        for acquirer in told {
            let Ok(fee) = self.fees.base(terms.payment, slice.month, acquirer) else {
                assessed.left_out.push(self.left_out(slice, acquirer));
                continue;
            };
            let first = first.get_or_insert_with(|| self.first(slice));
            assessed
                .wishes
                .push(self.wish(terms, acquirer, fee, first)?);
        }
        // A statement that has gone to another merchant leaves nothing behind.
        for (acquirer, (before, settled)) in before {
            // A later record may pay otherwise than the one by which a claim was computed.
            let then = slice.terms(&before);
            let Ok(fee) = self.fees.base(then.payment, slice.month, &acquirer) else {
                assessed.left_out.push(self.left_out(slice, &acquirer));
                continue;
            };
            if self.may_differ(slice, then, &before, fee) {
                doubts.push(Doubt {
                    slice,
                    month: place,
                    uscc: self.history.uscc,
                    units: self.units.clone(),
                    fee,
                    before,
                    settled,
                });
            }
        }
        Ok(doubts)
    }

    fn left_out(&self, slice: &Slice<'_>, acquirer: &str) -> LeftOut {
        LeftOut {
            programme: slice.declared.terms.id.clone(),
            uscc: self.history.uscc,
            acquirer: acquirer.to_owned(),
            month: slice.month,
        }
    }

    /// What is the same for all acquirers of a month.
    fn first(&self, slice: &Slice<'_>) -> First {
        let terms = &slice.declared.terms;
        let tier = self.tier(slice);
        First {
            rate: rate(terms, tier.as_deref()),
            certified: is_certified(terms, &self.units, slice.month),
            tier,
        }
    }

    /// The tier on the month's last day, where the programme asks for one. Before the card's first day there is none.
    fn tier(&self, slice: &Slice<'_>) -> Option<String> {
        if !asks_for_tier(&slice.declared.terms) {
            return None;
        }
        let day = slice.month.last_day();
        let card = self.computing.card;
        let assessed = card.assess(self.history, self.covered, day);
        let tier = assessed.ok().flatten()?.tier?;
        Some(tier.to_string())
    }

    fn wish(
        &self,
        terms: &'a Programme,
        acquirer: &str,
        fee: Money,
        first: &First,
    ) -> Result<Wish<'a>, MoneyError> {
        Ok(Wish {
            merchant: self.merchant,
            uscc: self.history.uscc,
            acquirer: acquirer.to_owned(),
            fee,
            rate: first.rate,
            tier: first.tier.clone(),
            certified: first.certified,
            asked: asked(first.certified, fee, first.rate)?,
            before: None,
            settled: Settled::default(),
            terms,
        })
    }

    /// Whether what was computed before is no longer so, as far as can be said without knowing who was suspended then.
    fn may_differ(&self, slice: &Slice<'_>, then: &Programme, before: &Basis, fee: Money) -> bool {
        fee != before.fee
            || self.units.iter().any(Unit::is_suspended)
            || is_certified(then, &self.units, slice.month) != before.certified
    }
}

/// What a claim is computed by for the first time.
struct First {
    rate: u32,
    tier: Option<String>,
    certified: bool,
}

impl<'a> Doubt<'a> {
    /// What is wished for, if anything has changed. Only the fees, the dates of certification and whether it is void
    /// count now. What else was known then stays: the terms, the tier, and who was suspended.
    pub fn settle(self, then: &[Unit]) -> Result<Option<Wish<'a>>, MoneyError> {
        let Self {
            slice,
            uscc,
            units,
            fee,
            before,
            settled,
            ..
        } = self;
        let as_then = |unit: Unit| match then.iter().find(|then| then.name == unit.name) {
            Some(then) => unit.suspended_as(then),
            None => unit,
        };
        let units: Vec<Unit> = units.into_iter().map(as_then).collect();
        let terms = slice.terms(&before);
        let certified = is_certified(terms, &units, slice.month);
        if fee == before.fee && certified == before.certified {
            return Ok(None);
        }
        let rate = u32::try_from(before.rate).unwrap_or(0);
        Ok(Some(Wish {
            merchant: before.merchant,
            uscc,
            acquirer: before.acquirer.clone(),
            fee,
            rate,
            tier: before.tier.clone(),
            certified,
            asked: asked(certified, fee, rate)?,
            before: Some(Box::new(before)),
            settled,
            terms,
        }))
    }
}

/// What the rate gives of a fee, in fen; nothing without a certification.
fn asked(certified: bool, fee: Money, rate: u32) -> Result<Money, MoneyError> {
    if certified {
        of_base(fee, rate)
    } else {
        Ok(Money::ZERO)
    }
}
