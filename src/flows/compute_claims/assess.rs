//! What merchants' fees come to by what is known: read page by page, in one snapshot, all months at once.

use super::wish::{Before, Doubt, OfMerchant, Wish};
use super::{ClaimsRefusal, Computing, LeftOut, Slice};
use crate::kernel::money::MoneyError;
use crate::kernel::{Id, Instant};
use crate::merchant::Merchant;
use crate::merchant::records::page_by_id;
use crate::register::records::{coverage, histories, histories_of};
use crate::register::unit::{Unit, units};
use crate::register::{Coverage, History};
use crate::store::{Conn, Failure};
use crate::subsidy::records::{has_bases, latest_bases};
use crate::subsidy::{STATEMENTS, asks_for_tier};
use std::collections::{BTreeMap, HashMap};

/// How many merchants are held in memory at a time.
const PAGE: i64 = 512;

/// What was computed before, by the month's place and merchant.
type BeforeOf = HashMap<(usize, Id<Merchant>), Before>;

/// Units as they were known at a moment.
type UnitsThen = HashMap<(Instant, Id<Merchant>), Vec<Unit>>;

/// What a month comes to.
#[derive(Default)]
pub(super) struct Assessed<'a> {
    /// In the order of merchants' ids and acquirers: that of the rows that come of them.
    pub wishes: Vec<Wish<'a>>,
    /// In the order of USCC and acquirer.
    pub left_out: Vec<LeftOut>,
}

/// What all merchants' fees of these months come to, as known at one moment; in the order of the months.
pub(super) fn assess<'a>(
    conn: &mut Conn,
    computing: Computing<'a>,
    slices: &'a [Slice<'a>],
    known_at: Instant,
) -> Result<Vec<Assessed<'a>>, Failure<ClaimsRefusal>> {
    let assessing = Assessing {
        computing,
        slices,
        known_at,
        covered: coverage(conn, computing.kinds, Some(known_at))?,
        computed_before: computed_before(conn, slices)?,
    };
    let mut months: Vec<Assessed<'a>> = slices.iter().map(|_| Assessed::default()).collect();
    let mut after = None;
    loop {
        let merchants = page_by_id(conn, after, PAGE)?;
        let Some(last) = merchants.last() else {
            break;
        };
        after = Some(*last);
        assessing.page(conn, &merchants, &mut months)?;
    }
    for month in &mut months {
        let wishes = &mut month.wishes;
        wishes.sort_by(|a, b| (a.merchant, &a.acquirer).cmp(&(b.merchant, &b.acquirer)));
        let left_out = &mut month.left_out;
        left_out.sort_by(|a, b| (a.uscc, &a.acquirer).cmp(&(b.uscc, &b.acquirer)));
    }
    Ok(months)
}

/// The months in which anything was computed before, by programme, as places among the slices. Of the others no page
/// needs to ask.
fn computed_before<'a>(
    conn: &mut Conn,
    slices: &'a [Slice<'a>],
) -> Result<BTreeMap<&'a str, Vec<usize>>, Failure<ClaimsRefusal>> {
    let mut computed: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, slice) in slices.iter().enumerate() {
        let programme = &*slice.declared.terms.id;
        if has_bases(conn, programme, slice.month)? {
            computed.entry(programme).or_default().push(place);
        }
    }
    Ok(computed)
}

/// What holds for all pages.
struct Assessing<'a> {
    computing: Computing<'a>,
    slices: &'a [Slice<'a>],
    known_at: Instant,
    covered: Coverage,
    computed_before: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Assessing<'a> {
    fn page(
        &self,
        conn: &mut Conn,
        merchants: &[Id<Merchant>],
        months: &mut [Assessed<'a>],
    ) -> Result<(), Failure<ClaimsRefusal>> {
        let mut before = self.before(conn, merchants)?;
        let mut doubts = Vec::new();
        for (id, history) in self.histories(conn, merchants)? {
            let merchant = OfMerchant::new(self.computing, &self.covered, id, &history);
            for (place, (slice, month)) in self.slices.iter().zip(&mut *months).enumerate() {
                let before = before.remove(&(place, id)).unwrap_or_default();
                let found = merchant.month((place, slice), before, month);
                doubts.extend(found.map_err(refused)?);
            }
        }
        let then = self.units_then(conn, &doubts)?;
        for doubt in doubts {
            let then = then.get(&(doubt.before.known_at, doubt.before.merchant));
            let place = doubt.month;
            let wish = doubt.settle(then.map_or(&[], Vec::as_slice));
            months[place].wishes.extend(wish.map_err(refused)?);
        }
        Ok(())
    }

    fn histories(
        &self,
        conn: &mut Conn,
        merchants: &[Id<Merchant>],
    ) -> Result<Vec<(Id<Merchant>, History)>, Failure<ClaimsRefusal>> {
        let (kinds, known_at) = (self.computing.kinds, Some(self.known_at));
        let mut slices = self.slices.iter();
        // A tier may rest on any register.
        if slices.any(|slice| asks_for_tier(&slice.declared.terms)) {
            return Ok(histories(conn, kinds, merchants, known_at)?);
        }
        let only = [&*kinds.get(kinds.roster()).id, STATEMENTS];
        Ok(histories_of(conn, kinds, &only, merchants, known_at)?)
    }

    /// What was computed before of these merchants, by the month's place.
    fn before(
        &self,
        conn: &mut Conn,
        merchants: &[Id<Merchant>],
    ) -> Result<BeforeOf, Failure<ClaimsRefusal>> {
        let mut all: HashMap<_, Before> = HashMap::new();
        for (programme, places) in &self.computed_before {
            let months: BTreeMap<_, usize> = places
                .iter()
                .map(|place| (self.slices[*place].month, *place))
                .collect();
            let ends = months.keys().next().zip(months.keys().next_back());
            let Some((first, last)) = ends else { continue };
            for (basis, settled) in latest_bases(conn, programme, (*first, *last), merchants)? {
                let Some(place) = months.get(&basis.month) else {
                    continue;
                };
                let of_merchant = all.entry((*place, basis.merchant)).or_default();
                of_merchant.insert(basis.acquirer.clone(), (basis, settled));
            }
        }
        Ok(all)
    }

    /// The units of those in doubt as they were known when their claims were first computed, in one query a moment.
    fn units_then(
        &self,
        conn: &mut Conn,
        doubts: &[Doubt<'_>],
    ) -> Result<UnitsThen, Failure<ClaimsRefusal>> {
        let kinds = self.computing.kinds;
        let roster = &*kinds.get(kinds.roster()).id;
        let mut moments: BTreeMap<Instant, Vec<Id<Merchant>>> = BTreeMap::new();
        for doubt in doubts {
            let merchants = moments.entry(doubt.before.known_at).or_default();
            merchants.push(doubt.before.merchant);
        }
        let mut all = HashMap::new();
        for (moment, mut merchants) in moments {
            merchants.sort_unstable();
            merchants.dedup();
            let then = histories_of(conn, kinds, &[roster], &merchants, Some(moment))?;
            let then = then.into_iter();
            all.extend(then.map(|(id, history)| ((moment, id), units(kinds, &history))));
        }
        Ok(all)
    }
}

fn refused(error: MoneyError) -> Failure<ClaimsRefusal> {
    Failure::Refused(error.into())
}
