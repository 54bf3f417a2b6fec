//! What merchants' fees of a month come to, by what is known: read page by page, in one snapshot.

use super::{ClaimsRefusal, Computing, LeftOut, Slice};
use crate::intake::county::Programme;
use crate::kernel::{Id, Instant, Money};
use crate::merchant::Merchant;
use crate::merchant::records::page;
use crate::register::records::{coverage, histories, histories_of};
use crate::register::unit::{Unit, units};
use crate::register::{Coverage, History};
use crate::store::{Conn, Failure};
use crate::subsidy::records::{Basis, latest_bases};
use crate::subsidy::{STATEMENTS, Settled, asks_for_tier, fees, is_certified, of_base, rate};
use std::collections::{BTreeMap, HashMap};

/// How many merchants are held in memory at a time.
const PAGE: i64 = 512;

/// A merchant's month at one acquirer that is new, or no longer what it was.
pub(super) struct Wish<'a> {
    pub merchant: Id<Merchant>,
    pub acquirer: String,
    /// The base, in fen.
    pub fee: Money,
    pub rate: u32,
    pub tier: Option<String>,
    pub certified: bool,
    /// What the rate gives, before caps and pool; in fen.
    pub asked: Money,
    /// What it rested on until now.
    pub before: Option<Basis>,
    /// What has come of it until now.
    pub settled: Settled,
    /// The terms by which it is computed: those by which it was computed first.
    pub terms: &'a Programme,
}

/// What a month comes to, in the order of USCC and acquirer.
#[derive(Default)]
pub(super) struct Assessed<'a> {
    pub wishes: Vec<Wish<'a>>,
    pub left_out: Vec<LeftOut>,
}

/// What all merchants' fees of a month come to.
pub(super) fn assess<'a>(
    conn: &mut Conn,
    computing: Computing<'a>,
    slice: &'a Slice<'a>,
) -> Result<Assessed<'a>, Failure<ClaimsRefusal>> {
    let known_at = Some(slice.known_at);
    let covered = coverage(conn, computing.kinds, known_at)?;
    let (mut assessed, mut after) = (Assessed::default(), None);
    loop {
        let merchants = page(conn, after, PAGE)?;
        let Some((last, _)) = merchants.last() else {
            break;
        };
        after = Some(*last);
        let ids: Vec<_> = merchants.iter().map(|(_, id)| *id).collect();
        let mut assessing = Assessing::read(conn, computing, slice, &covered, &ids)?;
        let histories = read_histories(conn, computing, slice, &ids, known_at)?;
        for (merchant, history) in histories {
            assessing.merchant(conn, merchant, &history, &mut assessed)?;
        }
    }
    Ok(assessed)
}

fn read_histories(
    conn: &mut Conn,
    computing: Computing<'_>,
    slice: &Slice<'_>,
    ids: &[Id<Merchant>],
    known_at: Option<Instant>,
) -> Result<Vec<(Id<Merchant>, History)>, Failure<ClaimsRefusal>> {
    let kinds = computing.kinds;
    // A tier may rest on any register.
    if asks_for_tier(&slice.declared.terms) {
        return Ok(histories(conn, kinds, ids, known_at)?);
    }
    let roster = &*kinds.get(kinds.roster()).id;
    Ok(histories_of(
        conn,
        kinds,
        &[roster, STATEMENTS],
        ids,
        known_at,
    )?)
}

/// A page of merchants being looked at.
struct Assessing<'a, 'c> {
    computing: Computing<'a>,
    slice: &'a Slice<'a>,
    covered: &'c Coverage,
    before: HashMap<Id<Merchant>, BTreeMap<String, (Basis, Settled)>>,
}

impl<'a, 'c> Assessing<'a, 'c> {
    fn read(
        conn: &mut Conn,
        computing: Computing<'a>,
        slice: &'a Slice<'a>,
        covered: &'c Coverage,
        ids: &[Id<Merchant>],
    ) -> Result<Self, Failure<ClaimsRefusal>> {
        let mut before: HashMap<_, BTreeMap<String, (Basis, Settled)>> = HashMap::new();
        for (basis, settled) in latest_bases(conn, &slice.declared.terms.id, slice.month, ids)? {
            let of_merchant = before.entry(basis.merchant).or_default();
            of_merchant.insert(basis.acquirer.clone(), (basis, settled));
        }
        Ok(Self {
            computing,
            slice,
            covered,
            before,
        })
    }

    fn merchant(
        &mut self,
        conn: &mut Conn,
        merchant: Id<Merchant>,
        history: &History,
        assessed: &mut Assessed<'a>,
    ) -> Result<(), Failure<ClaimsRefusal>> {
        let (kinds, month) = (self.computing.kinds, self.slice.month);
        let mut before = self.before.remove(&merchant).unwrap_or_default();
        let terms = &self.slice.declared.terms;
        let paid = terms.payment;
        // A later record may pay otherwise than the one by which a claim was computed.
        let of = |terms: &Programme, acquirer: &str| {
            let fees = fees(kinds, history, terms.payment, month);
            fees.get(acquirer).copied().unwrap_or(Ok(Money::ZERO))
        };
        let fees = fees(kinds, history, paid, month);
        let units = units(kinds, history);
        // A statement that has gone to another merchant leaves nothing behind.
        let gone: Vec<String> = before
            .keys()
            .filter(|acquirer| !fees.contains_key(acquirer.as_str()))
            .cloned()
            .collect();
        let gone = gone.into_iter().map(|acquirer| (acquirer, Ok(Money::ZERO)));
        let fees = fees
            .into_iter()
            .map(|(acquirer, fee)| (String::from(acquirer), fee));
        let fees: BTreeMap<String, _> = fees.chain(gone).collect();
        for (acquirer, fee) in fees {
            let before = before.remove(&acquirer);
            let then = before.as_ref().map(|(before, _)| self.terms(before));
            let fee = match then.filter(|then| then.payment != paid) {
                Some(then) => of(then, &acquirer),
                None => fee,
            };
            let Ok(fee) = fee else {
                assessed.left_out.push(self.left_out(history, acquirer));
                continue;
            };
            let wish = match before {
                Some(before) => self.again(conn, merchant, &units, fee, before)?,
                None => Some(self.first(merchant, history, &units, acquirer, fee)?),
            };
            assessed.wishes.extend(wish);
        }
        Ok(())
    }

    fn left_out(&self, history: &History, acquirer: String) -> LeftOut {
        LeftOut {
            programme: self.slice.declared.terms.id.clone(),
            uscc: history.uscc,
            acquirer,
            month: self.slice.month,
        }
    }

    fn first(
        &self,
        merchant: Id<Merchant>,
        history: &History,
        units: &[Unit],
        acquirer: String,
        fee: Money,
    ) -> Result<Wish<'a>, Failure<ClaimsRefusal>> {
        let terms = &self.slice.declared.terms;
        let tier = self.tier(history);
        let (rate, certified) = (
            rate(terms, tier.as_deref()),
            is_certified(terms, units, self.slice.month),
        );
        let asked = if certified {
            of_base(fee, rate)
        } else {
            Ok(Money::ZERO)
        };
        Ok(Wish {
            merchant,
            acquirer,
            fee,
            rate,
            tier,
            certified,
            asked: asked.map_err(refused)?,
            before: None,
            settled: Settled::default(),
            terms,
        })
    }

    /// The tier on the month's last day, where the programme asks for one. Before the card's first day there is none.
    fn tier(&self, history: &History) -> Option<String> {
        if !asks_for_tier(&self.slice.declared.terms) {
            return None;
        }
        let day = self.slice.month.last_day();
        let assessed = self.computing.card.assess(history, self.covered, day);
        let tier = assessed.ok().flatten()?.tier?;
        Some(tier.to_string())
    }

    /// Looks again at what has been computed: only the fees, the dates of certification and whether it is void count
    /// now. What else was known then stays: the terms, the tier, and who was suspended.
    fn again(
        &self,
        conn: &mut Conn,
        merchant: Id<Merchant>,
        units: &[Unit],
        fee: Money,
        (before, settled): (Basis, Settled),
    ) -> Result<Option<Wish<'a>>, Failure<ClaimsRefusal>> {
        let month = self.slice.month;
        let terms = self.terms(&before);
        let same = |certified| fee == before.fee && certified == before.certified;
        let suspended = units.iter().any(Unit::is_suspended);
        if !suspended && same(is_certified(terms, units, month)) {
            return Ok(None);
        }
        let units = self.suspended_as_then(conn, merchant, units, before.known_at)?;
        let certified = is_certified(terms, &units, month);
        if same(certified) {
            return Ok(None);
        }
        let rate = u32::try_from(before.rate).unwrap_or(0);
        let asked = if certified {
            of_base(fee, rate)
        } else {
            Ok(Money::ZERO)
        };
        Ok(Some(Wish {
            merchant,
            acquirer: before.acquirer.clone(),
            fee,
            rate,
            tier: before.tier.clone(),
            certified,
            asked: asked.map_err(refused)?,
            before: Some(before),
            settled,
            terms,
        }))
    }

    /// The terms by which it was computed first.
    fn terms(&self, before: &Basis) -> &'a Programme {
        let mut records = self.slice.records.iter();
        let then = records.find(|record| record.id == before.record);
        &then.unwrap_or(self.slice.declared).terms
    }

    fn suspended_as_then(
        &self,
        conn: &mut Conn,
        merchant: Id<Merchant>,
        now: &[Unit],
        known_at: Instant,
    ) -> Result<Vec<Unit>, Failure<ClaimsRefusal>> {
        let kinds = self.computing.kinds;
        let roster = &*kinds.get(kinds.roster()).id;
        let then = histories_of(conn, kinds, &[roster], &[merchant], Some(known_at))?;
        let then = then.first().map(|(_, history)| units(kinds, history));
        let then = then.unwrap_or_default();
        let as_then = |unit: &Unit| match then.iter().find(|then| then.name == unit.name) {
            Some(then) => unit.clone().suspended_as(then),
            None => unit.clone(),
        };
        Ok(now.iter().map(as_then).collect())
    }
}

fn refused(error: crate::kernel::money::MoneyError) -> Failure<ClaimsRefusal> {
    Failure::Refused(error.into())
}
