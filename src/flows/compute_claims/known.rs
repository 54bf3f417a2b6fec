//! What stands in the way of what is wished for: what merchants have of the year, and how far others have come.

use super::assess::Wish;
use super::{ClaimsRefusal, Slice};
use crate::kernel::money::MoneyError;
use crate::kernel::{Id, Month};
use crate::ledger::Claim;
use crate::merchant::Merchant;
use crate::store::{Conn, Failure};
use crate::subsidy::records::{Claimed, claims_of, latest_bases, rejected_by_people};
use crate::subsidy::{Given, Status};
use std::collections::{HashMap, HashSet};

/// How many merchants' rows are asked for at a time.
const PAGE: usize = 512;

/// What stands in the way of a wish: what the merchants have, and how far others have come.
pub(super) struct Known {
    pub given: Given,
    pub claims: HashMap<(Id<Merchant>, String), Vec<Claimed>>,
    versions: HashMap<(Id<Merchant>, String), i32>,
    /// Claims that people have rejected.
    rejected: HashSet<Id<Claim>>,
}

impl Known {
    pub fn read(
        conn: &mut Conn,
        slice: &Slice<'_>,
        wishes: &[Wish<'_>],
    ) -> Result<Self, Failure<ClaimsRefusal>> {
        let (programme, month) = (&slice.declared.terms.id, slice.month);
        let year = (year_begins(month), year_begins(month).plus(11));
        let mut merchants: Vec<_> = wishes.iter().map(|wish| wish.merchant).collect();
        merchants.sort_unstable();
        merchants.dedup();
        let (mut given, mut claims, mut versions) =
            (Given::default(), HashMap::new(), HashMap::new());
        let mut rejected = HashSet::new();
        for merchants in merchants.chunks(PAGE) {
            for (basis, _) in latest_bases(conn, programme, month, merchants)? {
                versions.insert((basis.merchant, basis.acquirer), basis.version);
            }
            let mut came_to_nothing = Vec::new();
            for claim in claims_of(conn, programme, year, merchants)? {
                let in_month = claim.month == month;
                given
                    .add(claim.merchant, claim.remaining, in_month)
                    .map_err(refused)?;
                if in_month {
                    came_to_nothing.extend((claim.status == Status::Rejected).then_some(claim.id));
                    let of = (claim.merchant, claim.acquirer.clone());
                    claims.entry(of).or_insert_with(Vec::new).push(claim);
                }
            }
            rejected.extend(rejected_by_people(conn, &came_to_nothing)?);
        }
        Ok(Self {
            given,
            claims,
            versions,
            rejected,
        })
    }

    /// Whether people have rejected a claim of the same merchant, acquirer and month: then no other is computed.
    pub fn is_rejected(&self, wish: &Wish<'_>) -> bool {
        let claims = self.claims.get(&(wish.merchant, wish.acquirer.clone()));
        let mut claims = claims.into_iter().flatten();
        claims.any(|claim| self.rejected.contains(&claim.id))
    }

    /// Whether nobody has granted it since it was read.
    pub fn is_open(&self, wish: &Wish<'_>) -> bool {
        let of = (wish.merchant, wish.acquirer.clone());
        self.versions.get(&of).copied() == wish.before.as_ref().map(|basis| basis.version)
    }
}

fn year_begins(month: Month) -> Month {
    Month::from_number(month.number() - month.number().rem_euclid(12))
}

pub(super) fn refused(error: MoneyError) -> Failure<ClaimsRefusal> {
    Failure::Refused(error.into())
}
