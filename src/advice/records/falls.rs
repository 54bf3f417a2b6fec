//! Rows of tiers that fell.

use crate::advice::Fall;
use crate::kernel::{Day, Id};
use crate::merchant::Merchant;
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::one_of::one_of;
use crate::store::schema::tier_fall as row;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool, Integer, Text};

/// A merchant's fall.
pub type Fallen = (Id<Merchant>, Fall);

impl Insert for Fallen {
    const INTO: &'static str = "tier_fall (merchant_id, tier_before, fell_on, due_on, watched)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        let (merchant, fall) = self;
        values
            .add::<Binary, _>(merchant)?
            .add::<Text, _>(&fall.tier_before)?
            .add::<Integer, _>(&fall.fell_on)?;
        values
            .add::<Integer, _>(&fall.due_on)?
            .add::<Bool, _>(&fall.watched)
            .map(drop)
    }
}

/// Remembers falls; a merchant that fell below the same tier before, and has not been back, fell then.
pub fn keep(conn: &mut Conn, falls: &[Fallen]) -> QueryResult<usize> {
    insert(conn, falls, OnConflict::Keep)
}

/// The falls of these merchants.
pub fn falls(conn: &mut Conn, merchants: &[Id<Merchant>]) -> QueryResult<Vec<Fallen>> {
    let rows = row::table
        .filter(one_of(row::merchant_id, merchants))
        .order((row::merchant_id, row::fell_on))
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
    let of_tiers = one_of(row::tier_before, tiers.iter().copied());
    let back = row::table.filter(one_of(row::merchant_id, merchants).and(of_tiers));
    diesel::delete(back).execute(conn)
}

/// Says that the falls of these merchants whose day has come are not waited for any more.
pub fn reach(conn: &mut Conn, merchants: &[Id<Merchant>], today: Day) -> QueryResult<usize> {
    let due = row::watched.eq(true).and(row::due_on.le(today));
    diesel::update(row::table.filter(one_of(row::merchant_id, merchants).and(due)))
        .set(row::watched.eq(false))
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
    let due = row::watched.eq(true).and(row::due_on.le(today));
    row::table
        .filter(due.and(row::merchant_id.gt(after)))
        .order(row::merchant_id)
        .distinct()
        .select(row::merchant_id)
        .limit(most)
        .load(conn)
}
