//! Rows of what banks report themselves.

use crate::credit_line::{Report, Reported};
use crate::kernel::Instant;
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::one_of::one_of;
use crate::store::schema::line_report;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Text};
use std::collections::BTreeMap;

struct LineRow<'a> {
    bank: &'a str,
    agreement: &'a str,
    recorded_at: Instant,
}

impl Insert for LineRow<'_> {
    const INTO: &'static str = "reported_line (bank_id, agreement, recorded_at)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Text, _>(self.bank)?
            .add::<Text, _>(self.agreement)?;
        values.add::<BigInt, _>(&self.recorded_at).map(drop)
    }
}

/// Notes that a bank reports of this line.
pub fn note(conn: &mut Conn, bank: &str, agreement: &str, now: Instant) -> QueryResult<()> {
    let row = LineRow {
        bank,
        agreement,
        recorded_at: now,
    };
    insert(conn, &[row], OnConflict::Keep).map(drop)
}

/// A version of a report, as a row; a content of `""` says that the fact is no longer of this line.
pub struct NewReport<'a> {
    pub bank: &'a str,
    pub agreement: &'a str,
    pub kind: &'static str,
    pub key: &'a str,
    pub version: i32,
    pub content: &'a str,
    pub reported_by: &'a str,
    pub client: &'a [u8],
    pub recorded_at: Instant,
}

impl Insert for NewReport<'_> {
    const INTO: &'static str = "line_report (bank_id, agreement, kind, key, version, content, reported_by, client_id, recorded_at)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Text, _>(self.bank)?
            .add::<Text, _>(self.agreement)?
            .add::<Text, _>(self.kind)?;
        values
            .add::<Text, _>(self.key)?
            .add::<Integer, _>(&self.version)?
            .add::<Text, _>(self.content)?;
        values
            .add::<Text, _>(self.reported_by)?
            .add::<Binary, _>(self.client)?;
        values.add::<BigInt, _>(&self.recorded_at).map(drop)
    }
}

pub fn keep(conn: &mut Conn, rows: &[NewReport<'_>]) -> QueryResult<usize> {
    insert(conn, rows, OnConflict::Fail)
}

/// The line that has the latest version of a bank's fact, that version's number, and its content.
pub fn holder_of(
    conn: &mut Conn,
    bank: &str,
    kind: &str,
    key: &str,
    agreement: Option<&str>,
) -> QueryResult<Option<(String, i32, String)>> {
    let mut versions = line_report::table
        .filter(
            line_report::bank_id
                .eq(bank)
                .and(line_report::kind.eq(kind))
                .and(line_report::key.eq(key))
                .and(line_report::content.ne("")),
        )
        .order(line_report::version.desc())
        .select((
            line_report::agreement,
            line_report::version,
            line_report::content,
        ))
        .into_boxed();
    if let Some(agreement) = agreement {
        versions = versions.filter(line_report::agreement.eq(agreement));
    }
    versions.first(conn).optional()
}

/// What was reported of these lines of a bank, or of all of them, by agreement; in the order of kind, key and version.
pub fn versions(
    conn: &mut Conn,
    bank: &str,
    agreements: Option<&[String]>,
) -> Result<BTreeMap<String, Vec<Reported>>, StoreError> {
    let mut rows = line_report::table
        .filter(line_report::bank_id.eq(bank))
        .order((
            line_report::agreement,
            line_report::kind,
            line_report::key,
            line_report::version,
        ))
        .select((
            line_report::agreement,
            line_report::kind,
            line_report::key,
            line_report::version,
            line_report::content,
            line_report::reported_by,
            line_report::recorded_at,
        ))
        .into_boxed();
    if let Some(agreements) = agreements {
        let named = agreements.iter().map(String::as_str);
        rows = rows.filter(one_of(line_report::agreement, named));
    }
    type Row = (String, String, String, i32, String, String, Instant);
    let mut reports: BTreeMap<String, Vec<Reported>> = BTreeMap::new();
    for (agreement, kind, key, version, content, reported_by, recorded_at) in
        rows.load::<Row>(conn)?
    {
        let report: Option<Report> = match content.as_str() {
            "" => None,
            text => Some(
                serde_json::from_str(text)
                    .map_err(|error| StoreError::Content(format!("{kind} {key:?}: {error}")))?,
            ),
        };
        reports.entry(agreement).or_default().push(Reported {
            kind,
            key,
            version,
            report,
            reported_by,
            recorded_at,
        });
    }
    Ok(reports)
}
