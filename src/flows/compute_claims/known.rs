//! What stands in the way of what is wished for: what merchants have of the year, and how far others have come.

use super::wish::Wish;
use super::{ClaimsRefusal, Slice};
use crate::kernel::money::MoneyError;
use crate::kernel::{Id, Month};
use crate::ledger::Claim;
use crate::merchant::Merchant;
use crate::store::{Conn, Failure};
use crate::subsidy::records::{
    Claimed, claims_of, has_bases, has_claims, latest_bases, rejected_by_people,
};
use crate::subsidy::{Given, Status};
use std::collections::{HashMap, HashSet};

/// How many merchants' rows are asked for at a time.
const PAGE: usize = 512;

/// What stands in the way of a wish: what the merchants have, and how far others have come.
#[derive(Default)]
pub(super) struct Known {
    pub given: Given,
    /// The claims of the month by merchant, in the order of acquirer and number.
    claims: HashMap<Id<Merchant>, Vec<Claimed>>,
    /// The latest versions of the month's bases, by merchant.
    versions: HashMap<Id<Merchant>, Vec<(String, i32)>>,
    /// Claims that people have rejected.
    rejected: HashSet<Id<Claim>>,
}

impl Known {
    /// Reads it; of months of which nothing was computed yet it asks no merchant.
    pub fn read(
        conn: &mut Conn,
        slice: &Slice<'_>,
        wishes: &[Wish<'_>],
    ) -> Result<Self, Failure<ClaimsRefusal>> {
        let (programme, month) = (&*slice.declared.terms.id, slice.month);
        let capped = |wish: &Wish<'_>| wish.terms.cap_per_merchant_year.is_some();
        let months = if wishes.iter().any(capped) {
            (year_begins(month), year_begins(month).plus(11))
        } else {
            (month, month)
        };
        let with_bases = has_bases(conn, programme, month)?;
        let with_claims = has_claims(conn, programme, months)?;
        let mut merchants: Vec<_> = wishes.iter().map(|wish| wish.merchant).collect();
        merchants.dedup();
        let mut known = Self::default();
        for merchants in merchants.chunks(PAGE) {
            if with_bases {
                known.bases(conn, slice, merchants)?;
            }
            if with_claims {
                let claims = claims_of(conn, programme, months, merchants)?;
                known.claims(conn, month, claims)?;
            }
        }
        Ok(known)
    }

    fn bases(
        &mut self,
        conn: &mut Conn,
        slice: &Slice<'_>,
        merchants: &[Id<Merchant>],
    ) -> Result<(), Failure<ClaimsRefusal>> {
        let (programme, month) = (&slice.declared.terms.id, slice.month);
        for (basis, _) in latest_bases(conn, programme, (month, month), merchants)? {
            let versions = self.versions.entry(basis.merchant).or_default();
            versions.push((basis.acquirer, basis.version));
        }
        Ok(())
    }

    fn claims(
        &mut self,
        conn: &mut Conn,
        month: Month,
        claims: Vec<Claimed>,
    ) -> Result<(), Failure<ClaimsRefusal>> {
        let mut came_to_nothing = Vec::new();
        for claim in claims {
            let in_month = claim.month == month;
            let given = &mut self.given;
            given
                .add(claim.merchant, claim.remaining, in_month)
                .map_err(refused)?;
            if in_month {
                came_to_nothing.extend((claim.status == Status::Rejected).then_some(claim.id));
                self.claims.entry(claim.merchant).or_default().push(claim);
            }
        }
        let rejected = rejected_by_people(conn, &came_to_nothing)?;
        self.rejected.extend(rejected);
        Ok(())
    }

    /// The claims of the same merchant, acquirer and month, by number.
    pub fn claims_of(&self, wish: &Wish<'_>) -> impl Iterator<Item = &Claimed> {
        let claims = self.claims.get(&wish.merchant).into_iter().flatten();
        claims.filter(|claim| claim.acquirer == wish.acquirer)
    }

    /// Whether people have rejected a claim of the same merchant, acquirer and month: then no other is computed.
    pub fn is_rejected(&self, wish: &Wish<'_>) -> bool {
        let mut claims = self.claims_of(wish);
        claims.any(|claim| self.rejected.contains(&claim.id))
    }

    /// Whether nobody has granted it since it was read.
    pub fn is_open(&self, wish: &Wish<'_>) -> bool {
        let mut versions = self.versions.get(&wish.merchant).into_iter().flatten();
        let latest = versions.find(|(acquirer, _)| *acquirer == wish.acquirer);
        latest.map(|(_, version)| *version) == wish.before.as_ref().map(|basis| basis.version)
    }
}

fn year_begins(month: Month) -> Month {
    Month::from_number(month.number() - month.number().rem_euclid(12))
}

pub(super) fn refused(error: MoneyError) -> Failure<ClaimsRefusal> {
    Failure::Refused(error.into())
}
