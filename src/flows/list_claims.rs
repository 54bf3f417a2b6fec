//! The claims there are, in the order of USCC, acquirer and month, in bounded memory.

use crate::kernel::Uscc;
use crate::merchant::records::page;
use crate::store::{Conn, StoreError};
use crate::subsidy::records::{Claimed, Filter, filtered};
use std::collections::HashMap;

/// How many merchants are held in memory at a time.
const PAGE: i64 = 512;

/// Calls `each` with every claim that passes the filter.
///
/// # Errors
/// Where the store fails, or `each` does.
pub fn list_claims<E>(
    conn: &mut Conn,
    filter: &Filter,
    mut each: impl FnMut(Uscc, &Claimed) -> Result<(), E>,
) -> Result<Result<(), E>, StoreError> {
    let mut after = None;
    loop {
        let merchants = page(conn, after, PAGE)?;
        let Some((last, _)) = merchants.last() else {
            return Ok(Ok(()));
        };
        after = Some(*last);
        let ids: Vec<_> = merchants.iter().map(|(_, id)| *id).collect();
        let codes: HashMap<_, _> = merchants.into_iter().map(|(uscc, id)| (id, uscc)).collect();
        let claims = filtered(conn, filter, &ids)?.into_iter();
        let mut claims: Vec<(Uscc, Claimed)> = claims
            .filter_map(|claim| Some((*codes.get(&claim.merchant)?, claim)))
            .collect();
        claims.sort_by(|(a, x), (b, y)| {
            let key = |claim: &Claimed| (claim.month, claim.programme.clone(), claim.number);
            (a, &x.acquirer)
                .cmp(&(b, &y.acquirer))
                .then_with(|| key(x).cmp(&key(y)))
        });
        for (uscc, claim) in &claims {
            if let Err(error) = each(*uscc, claim) {
                return Ok(Err(error));
            }
        }
    }
}
