//! Rows of the county and of its banks.

use super::CountyRecord;
use crate::kernel::id::Named;
use crate::kernel::{Day, Id, Instant};
use crate::register::records::coverage_count;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::{
    Conn, StoreError,
    schema::{bank, county_record, coverage},
};
use diesel::prelude::*;

/// One import of a county folder.
pub struct County;

impl Named for County {
    const PREFIX: &'static str = "cty";
}

/// What a folder says of the county, as a row.
pub struct NewCounty<'a> {
    pub id: Id<County>,
    pub county: CountyRecord,
    /// The text of county.toml.
    pub document: &'a str,
    pub recorded_at: Instant,
}

impl Insert for NewCounty<'_> {
    row!(county_record, |row| {
        id: &row.id,
        name: &row.county.name,
        region: &row.county.region,
        bureau: &row.county.bureau,
        scorecard: &row.county.scorecard,
        business_date: &row.county.business_date,
        document: row.document,
        recorded_at: &row.recorded_at,
    });
}

pub fn add(conn: &mut Conn, new: NewCounty<'_>) -> QueryResult<usize> {
    insert(conn, &[new], OnConflict::Fail)
}

type CountyRow = (String, String, String, String, Option<Day>);

const COUNTY: (
    county_record::name,
    county_record::region,
    county_record::bureau,
    county_record::scorecard,
    county_record::business_date,
) = (
    county_record::name,
    county_record::region,
    county_record::bureau,
    county_record::scorecard,
    county_record::business_date,
);

fn county_of((name, region, bureau, scorecard, business_date): CountyRow) -> CountyRecord {
    CountyRecord {
        name,
        region,
        bureau,
        scorecard,
        business_date,
    }
}

/// The county as last imported; none where only single files have been.
pub fn latest(conn: &mut Conn) -> QueryResult<Option<CountyRecord>> {
    let row = county_record::table
        .order((county_record::recorded_at.desc(), county_record::id.desc()))
        .select(COUNTY)
        .first::<CountyRow>(conn)
        .optional()?;
    Ok(row.map(county_of))
}

/// The county as last imported, and how many stretches of coverage have been recorded: one query for a batch.
pub fn latest_with_coverage(conn: &mut Conn) -> QueryResult<(Option<CountyRecord>, i64)> {
    let row = county_record::table
        .order((county_record::recorded_at.desc(), county_record::id.desc()))
        .select((COUNTY, coverage::table.count().single_value()))
        .first::<(CountyRow, Option<i64>)>(conn)
        .optional()?;
    match row {
        Some((county, count)) => Ok((Some(county_of(county)), count.unwrap_or(0))),
        None => Ok((None, coverage_count(conn)?)),
    }
}

/// A bank that takes part. 被授权机构 names it by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    pub id: String,
    pub name: String,
    pub recorded_at: Instant,
}

impl Insert for Bank {
    row!(bank, |row| {
        id: &row.id,
        name: &row.name,
        recorded_at: &row.recorded_at,
    });
}

/// Keeps the banks; one with a known id takes the new name.
pub fn keep_banks(conn: &mut Conn, banks: &[Bank]) -> QueryResult<usize> {
    insert(
        conn,
        banks,
        OnConflict::Do("(id) DO UPDATE SET name = excluded.name"),
    )
}

pub fn banks(conn: &mut Conn) -> QueryResult<Vec<Bank>> {
    let rows = bank::table
        .order(bank::id)
        .select((bank::id, bank::name, bank::recorded_at));
    let rows = rows.load::<(String, String, Instant)>(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, recorded_at)| Bank {
            id,
            name,
            recorded_at,
        })
        .collect())
}

/// The bank of that id, which a client or something stored has.
///
/// # Errors
/// Where there is no such bank, or the store fails.
pub fn bank_by_id(conn: &mut Conn, id: &str) -> Result<Bank, StoreError> {
    let found = banks(conn)?.into_iter().find(|bank| bank.id == id);
    found.ok_or_else(|| StoreError::Content(format!("no bank has the id {id:?}")))
}
