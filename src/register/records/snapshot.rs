//! What the rows of a snapshot said. Facts have a version only where something changed; this tells of which day each
//! version was said again, and what a later snapshot no longer holds.

use super::Delivery;
use crate::kernel::Id;
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, Values, insert};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Text};

/// One key that a snapshot holds.
pub struct SnapshotRow<'a> {
    pub source: &'a str,
    pub kind: &'a str,
    pub delivery: Id<Delivery>,
    pub key: &'a str,
    /// The line of the file.
    pub line: i64,
    /// The version of the fact; 0 where the row was refused.
    pub version: i32,
}

impl Insert for SnapshotRow<'_> {
    const INTO: &'static str = "snapshot_row (source, kind, delivery_id, key, line, version)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Text, _>(self.source)?
            .add::<Text, _>(self.kind)?;
        values
            .add::<Binary, _>(&self.delivery)?
            .add::<Text, _>(self.key)?;
        values
            .add::<BigInt, _>(&self.line)?
            .add::<Integer, _>(&self.version)
            .map(drop)
    }
}

/// Notes what rows said; of a key that comes again in the same file the last row counts that could be taken.
pub fn note_snapshot(conn: &mut Conn, rows: &[SnapshotRow<'_>]) -> QueryResult<()> {
    let again = "(source, kind, delivery_id, key) DO UPDATE SET \
                 version = CASE excluded.version WHEN 0 THEN snapshot_row.version ELSE excluded.version END";
    insert(conn, rows, OnConflict::Do(again)).map(drop)
}
