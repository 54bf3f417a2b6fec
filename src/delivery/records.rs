//! Rows of deliveries.

use super::Progress;
use crate::kernel::{Actor, Day, Digest, Id, Instant};
use crate::register::records::Delivery;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::{Conn, schema::delivery};
use diesel::prelude::*;

/// A delivery that begins.
pub struct NewDelivery<'a> {
    pub id: Id<Delivery>,
    pub kind: &'a str,
    pub source: &'a str,
    pub from: Day,
    pub until: Day,
    pub file: &'a str,
    pub digest: Digest,
    pub by: &'a Actor,
    pub corrects: bool,
    pub started_at: Instant,
}

impl Insert for NewDelivery<'_> {
    row!(delivery, |row| {
        id: &row.id,
        kind: row.kind,
        source: row.source,
        covers_from: &row.from,
        covers_until: &row.until,
        file: row.file,
        digest: &row.digest,
        taken_by: row.by.as_str(),
        corrects: &row.corrects,
        started_at: &row.started_at,
    });
}

/// Begins a delivery; or finds the one of the same file for the same days that was begun and broke off. Says which.
pub fn begin(conn: &mut Conn, new: &NewDelivery<'_>) -> QueryResult<(Id<Delivery>, bool)> {
    let same = delivery::kind
        .eq(new.kind)
        .and(delivery::source.eq(new.source))
        .and(delivery::digest.eq(new.digest));
    let same = same
        .and(delivery::covers_from.eq(new.from))
        .and(delivery::covers_until.eq(new.until))
        .and(delivery::corrects.eq(new.corrects));
    let begun = delivery::table
        .filter(same.and(delivery::finished_at.is_null()))
        .order(delivery::started_at.desc())
        .select(delivery::id)
        .first::<Id<Delivery>>(conn)
        .optional()?;
    if let Some(id) = begun {
        return Ok((id, true));
    }
    insert(conn, std::slice::from_ref(new), OnConflict::Fail)?;
    Ok((new.id, false))
}

/// Notes how far a delivery has been taken.
pub fn note(conn: &mut Conn, id: Id<Delivery>, progress: &Progress) -> QueryResult<()> {
    let json = serde_json::to_string(progress).unwrap_or_default();
    diesel::update(delivery::table.filter(delivery::id.eq(id)))
        .set(delivery::counts.eq(json))
        .execute(conn)
        .map(drop)
}

/// Notes that all of a delivery has been taken.
pub fn end(conn: &mut Conn, id: Id<Delivery>, at: Instant) -> QueryResult<()> {
    diesel::update(delivery::table.filter(delivery::id.eq(id)))
        .set(delivery::finished_at.eq(at))
        .execute(conn)
        .map(drop)
}
