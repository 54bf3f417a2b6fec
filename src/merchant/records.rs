//! Rows of merchants.

use super::Merchant;
use crate::kernel::{Id, Instant, Uscc};
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::{Conn, schema::merchant};
use diesel::prelude::*;
use std::collections::HashMap;

/// A merchant that the roster names for the first time.
pub struct NewMerchant {
    pub id: Id<Merchant>,
    pub uscc: Uscc,
    pub recorded_at: Instant,
}

impl Insert for NewMerchant {
    row!(merchant, |row| {
        id: &row.id,
        uscc: &row.uscc,
        recorded_at: &row.recorded_at,
    });
}

pub fn add(conn: &mut Conn, merchants: &[NewMerchant]) -> QueryResult<usize> {
    insert(conn, merchants, OnConflict::Fail)
}

/// The ids of the merchants known under these codes.
pub fn by_uscc(
    conn: &mut Conn,
    usccs: impl IntoIterator<Item = Uscc>,
) -> QueryResult<HashMap<Uscc, Id<Merchant>>> {
    let usccs: Vec<Uscc> = usccs.into_iter().collect();
    let rows = merchant::table
        .filter(one_of(merchant::uscc, &usccs))
        .select((merchant::uscc, merchant::id))
        .load::<(Uscc, Id<Merchant>)>(conn)?;
    Ok(rows.into_iter().collect())
}

/// The codes of these merchants.
pub fn usccs(conn: &mut Conn, ids: &[Id<Merchant>]) -> QueryResult<HashMap<Id<Merchant>, Uscc>> {
    let rows = merchant::table
        .filter(one_of(merchant::id, ids))
        .select((merchant::id, merchant::uscc))
        .load::<(Id<Merchant>, Uscc)>(conn)?;
    Ok(rows.into_iter().collect())
}

/// A page of merchants in the order of their codes, after the one given.
pub fn page(
    conn: &mut Conn,
    after: Option<Uscc>,
    size: i64,
) -> QueryResult<Vec<(Uscc, Id<Merchant>)>> {
    let page = merchant::table
        .select((merchant::uscc, merchant::id))
        .order(merchant::uscc)
        .limit(size);
    match after {
        Some(after) => page.filter(merchant::uscc.gt(after)).load(conn),
        None => page.load(conn),
    }
}

/// A page of merchants in the order of their ids, after the one given: that of the rows that begin with a merchant.
pub fn page_by_id(
    conn: &mut Conn,
    after: Option<Id<Merchant>>,
    size: i64,
) -> QueryResult<Vec<Id<Merchant>>> {
    merchant::table
        .filter(merchant::id.gt(after.unwrap_or(Id::from_bytes([0; 16]))))
        .order(merchant::id)
        .limit(size)
        .select(merchant::id)
        .load(conn)
}

pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    merchant::table.count().get_result(conn)
}
