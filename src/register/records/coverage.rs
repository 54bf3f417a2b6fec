//! How far the registers reach, as rows.

use super::Delivery;
use crate::kernel::{Day, Id, Instant};
use crate::register::{Coverage, CoverageRow, Kinds};
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::schema::coverage;
use diesel::prelude::*;

/// The days that one finished delivery covers, as a row.
pub struct NewCoverage<'a> {
    pub delivery: Id<Delivery>,
    pub kind: &'a str,
    pub source: &'a str,
    pub from: Day,
    pub until: Day,
    pub recorded_at: Instant,
}

impl Insert for NewCoverage<'_> {
    row!(coverage, |row| {
        delivery_id: &row.delivery,
        kind: row.kind,
        source: row.source,
        covers_from: &row.from,
        covers_until: &row.until,
        recorded_at: &row.recorded_at,
    });
}

pub fn add_coverage(conn: &mut Conn, row: NewCoverage<'_>) -> QueryResult<usize> {
    insert(conn, &[row], OnConflict::Fail)
}

/// How far each register reached, as known at a moment (now, where none is given).
pub fn coverage(
    conn: &mut Conn,
    kinds: &Kinds,
    known_at: Option<Instant>,
) -> QueryResult<Coverage> {
    Ok(covered(kinds, rows(conn, known_at)?))
}

/// How far each register reaches now, and how many stretches that is: of one look, so that a stretch that is recorded
/// meanwhile is in both or in neither.
pub fn coverage_with_count(conn: &mut Conn, kinds: &Kinds) -> QueryResult<(Coverage, i64)> {
    let rows = rows(conn, None)?;
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok((covered(kinds, rows), count))
}

type Row = (String, String, Day, Day);

fn rows(conn: &mut Conn, known_at: Option<Instant>) -> QueryResult<Vec<Row>> {
    let until = known_at.unwrap_or(Instant::from_micros(i64::MAX));
    coverage::table
        .filter(coverage::recorded_at.le(until))
        .select((
            coverage::kind,
            coverage::source,
            coverage::covers_from,
            coverage::covers_until,
        ))
        .load(conn)
}

/// Of kinds that are no longer declared nothing is said.
fn covered(kinds: &Kinds, rows: Vec<Row>) -> Coverage {
    let rows = rows.into_iter().filter_map(|(kind, source, from, until)| {
        let kind = kinds.index(&kind)?;
        let source = source.into();
        Some(CoverageRow {
            kind,
            source,
            from,
            until,
        })
    });
    Coverage::new(rows)
}

/// How many stretches have been recorded: it only grows, so it tells whether a score has seen them all.
pub fn coverage_count(conn: &mut Conn) -> QueryResult<i64> {
    coverage::table.count().get_result(conn)
}
