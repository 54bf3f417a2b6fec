//! Rows of deliveries.

use super::Progress;
use crate::kernel::{Actor, Day, Digest, Id, Instant};
use crate::register::records::Delivery;
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::{Conn, schema::delivery};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Text};

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
    const INTO: &'static str = "delivery (id, kind, source, covers_from, covers_until, file, digest, taken_by, corrects, started_at)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Binary, _>(&self.id)?
            .add::<Text, _>(self.kind)?;
        values
            .add::<Text, _>(self.source)?
            .add::<Integer, _>(&self.from)?;
        values
            .add::<Integer, _>(&self.until)?
            .add::<Text, _>(self.file)?;
        values
            .add::<Binary, _>(&self.digest)?
            .add::<Text, _>(self.by.as_str())?;
        values
            .add::<Bool, _>(&self.corrects)?
            .add::<BigInt, _>(&self.started_at)
            .map(drop)
    }
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
