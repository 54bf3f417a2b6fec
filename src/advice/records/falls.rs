//! Rows of tiers that fell.

use crate::advice::Fall;
use crate::kernel::{Day, Id};
use crate::merchant::Merchant;
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::schema::tier_fall;
use diesel::prelude::*;

/// A merchant's fall.
pub type Fallen = (Id<Merchant>, Fall);

impl Insert for Fallen {
    row!(tier_fall, |row| {
        merchant_id: &row.0,
        tier_before: &row.1.tier_before,
        fell_on: &row.1.fell_on,
        due_on: &row.1.due_on,
        watched: &row.1.watched,
    });
}

/// Remembers falls; a merchant that fell below the same tier before, and has not been back, fell then.
pub fn keep(conn: &mut Conn, falls: &[Fallen]) -> QueryResult<usize> {
    insert(conn, falls, OnConflict::Keep)
}

/// The falls of these merchants.
pub fn falls(conn: &mut Conn, merchants: &[Id<Merchant>]) -> QueryResult<Vec<Fallen>> {
    let rows = tier_fall::table
        .filter(one_of(tier_fall::merchant_id, merchants))
        .order((tier_fall::merchant_id, tier_fall::fell_on))
        .load::<(Id<Merchant>, String, Day, Day, bool)>(conn)?;
    let fallen = |(merchant, tier_before, fell_on, due_on, watched)| {
        let fall = Fall {
            tier_before,
            fell_on,
            due_on,
            watched,
        };
        (merchant, fall)
    };
    Ok(rows.into_iter().map(fallen).collect())
}

/// Forgets the falls of these merchants below any of these tiers: they are back.
pub fn forget(conn: &mut Conn, merchants: &[Id<Merchant>], tiers: &[&str]) -> QueryResult<usize> {
    let of_tiers = one_of(tier_fall::tier_before, tiers.iter().copied());
    let back = tier_fall::table.filter(one_of(tier_fall::merchant_id, merchants).and(of_tiers));
    diesel::delete(back).execute(conn)
}

/// Says that the falls of these merchants whose day has come are not waited for any more.
pub fn reach(conn: &mut Conn, merchants: &[Id<Merchant>], today: Day) -> QueryResult<usize> {
    let due = tier_fall::watched.eq(true).and(tier_fall::due_on.le(today));
    diesel::update(tier_fall::table.filter(one_of(tier_fall::merchant_id, merchants).and(due)))
        .set(tier_fall::watched.eq(false))
        .execute(conn)
}

/// The merchants after this one with a fall that was waited for and whose day has come, in the order of their ids.
pub fn due(
    conn: &mut Conn,
    today: Day,
    after: Option<Id<Merchant>>,
    most: i64,
) -> QueryResult<Vec<Id<Merchant>>> {
    let after = after.unwrap_or(Id::from_bytes([0; 16]));
    let due = tier_fall::watched.eq(true).and(tier_fall::due_on.le(today));
    tier_fall::table
        .filter(due.and(tier_fall::merchant_id.gt(after)))
        .order(tier_fall::merchant_id)
        .distinct()
        .select(tier_fall::merchant_id)
        .limit(most)
        .load(conn)
}
