//! Rows of what banks report themselves.

use super::movement_days::movement_days;
use crate::credit_line::report::Movement;
use crate::credit_line::{Report, Reported, Reports};
use crate::kernel::Instant;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::schema::{line_report, reported_line};
use crate::store::seek::Seek;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The kind of draws and repayments among the reports.
const MOVEMENT: &str = "movement";

struct LineRow<'a> {
    bank: &'a str,
    agreement: &'a str,
    recorded_at: Instant,
}

impl Insert for LineRow<'_> {
    row!(reported_line, |row| {
        bank_id: row.bank,
        agreement: row.agreement,
        recorded_at: &row.recorded_at,
    });
}

/// Notes that a bank reports of these lines.
pub fn note<'a>(
    conn: &mut Conn,
    bank: &str,
    agreements: impl IntoIterator<Item = &'a str>,
    now: Instant,
) -> QueryResult<()> {
    let row = |agreement| LineRow {
        bank,
        agreement,
        recorded_at: now,
    };
    let rows: Vec<LineRow<'_>> = agreements.into_iter().map(row).collect();
    insert(conn, &rows, OnConflict::Keep).map(drop)
}

/// A version of a report, as a row; a content of `""` says that the fact is no longer of this line.
pub struct NewReport<'a> {
    pub bank: &'a str,
    pub agreement: String,
    pub kind: &'static str,
    pub key: String,
    pub version: i32,
    pub content: String,
    pub reported_by: &'a str,
    pub client: &'a [u8],
    pub recorded_at: Instant,
}

impl Insert for NewReport<'_> {
    row!(line_report, |row| {
        bank_id: row.bank,
        agreement: &row.agreement,
        kind: row.kind,
        key: &row.key,
        version: &row.version,
        content: &row.content,
        reported_by: row.reported_by,
        client_id: row.client,
        recorded_at: &row.recorded_at,
    });
}

/// Keeps versions.
pub fn keep(conn: &mut Conn, rows: &[NewReport<'_>]) -> QueryResult<usize> {
    insert(conn, rows, OnConflict::Fail)
}

/// The version of a movement that counts, and the line that has it.
#[derive(Clone, Debug)]
pub struct HeldMovement {
    pub agreement: String,
    pub version: i32,
    pub movement: Movement,
}

/// The movements that a bank has reported under these serial numbers, whatever the line.
pub fn movements<'a>(
    conn: &mut Conn,
    bank: &str,
    serials: impl IntoIterator<Item = &'a str>,
) -> Result<HashMap<String, HeldMovement>, StoreError> {
    let rows = by_serial(bank, serials)
        .and("content <> ''")
        .load::<Row>(conn)?;
    let mut held: HashMap<String, HeldMovement> = HashMap::new();
    for (agreement, _, serial, version, content) in rows {
        let is_later = held.get(&serial).is_none_or(|it| it.version < version);
        if let (true, Some(Report::Movement(movement))) = (is_later, read(&content)?) {
            let latest = HeldMovement {
                agreement,
                version,
                movement,
            };
            held.insert(serial, latest);
        }
    }
    Ok(held)
}

/// What was reported of these lines of a bank, or of all of them, by agreement.
pub fn reports(
    conn: &mut Conn,
    bank: &str,
    agreements: Option<&[String]>,
) -> Result<BTreeMap<String, Reports>, StoreError> {
    let mut versions = versions(conn, bank, agreements)?;
    let mut days = movement_days(conn, bank, agreements)?;
    let named: BTreeSet<String> = versions.keys().chain(days.keys()).cloned().collect();
    let of_line = |agreement: String| {
        let versions = versions.remove(&agreement).unwrap_or_default();
        let moved = days.remove(&agreement).unwrap_or_default();
        (agreement, Reports::new(versions, moved))
    };
    Ok(named.into_iter().map(of_line).collect())
}

type Versions = BTreeMap<String, Vec<Reported>>;
type Row = (String, String, String, i32, String);

/// All versions but those of movements that were told once: of them the sums of days tell enough.
fn versions(
    conn: &mut Conn,
    bank: &str,
    agreements: Option<&[String]>,
) -> Result<Versions, StoreError> {
    let mut rows = told_apart(conn, bank, agreements)?;
    let is_movement = |row: &&Row| row.1 == MOVEMENT;
    let anew: BTreeSet<(String, String)> = rows
        .iter()
        .filter(is_movement)
        .map(|row| (row.0.clone(), row.2.clone()))
        .collect();
    if !anew.is_empty() {
        let serials: BTreeSet<&str> = anew.iter().map(|(_, serial)| &**serial).collect();
        let first = by_serial(bank, serials).and("version = 1");
        let mut first = first.load::<Row>(conn)?;
        first.retain(|row| anew.contains(&(row.0.clone(), row.2.clone())));
        rows.append(&mut first);
    }
    let mut versions = Versions::new();
    for (agreement, kind, key, version, content) in rows {
        versions.entry(agreement).or_default().push(Reported {
            report: read(&content)?,
            kind,
            key,
            version,
        });
    }
    Ok(versions)
}

const COLUMNS: &str = "agreement, kind, key, version, content";
type Columns = (Text, Text, Text, Integer, Text);

/// A bank's movements of these serial numbers, whatever the line and the version.
fn by_serial<'a>(bank: &str, serials: impl IntoIterator<Item = &'a str>) -> Seek<Columns> {
    Seek::new(COLUMNS, "line_report", "key", serials)
        .equal("bank_id", bank)
        .equal("kind", MOVEMENT)
}

/// The rows of the index `line_report_of_line`, in its own words.
fn told_apart(conn: &mut Conn, bank: &str, agreements: Option<&[String]>) -> QueryResult<Vec<Row>> {
    const APART: &str = "kind <> 'movement' OR version > 1";
    let Some(agreements) = agreements else {
        return line_report::table
            .filter(line_report::bank_id.eq(bank))
            .filter(diesel::dsl::sql::<Bool>("(").sql(APART).sql(")"))
            .select((
                line_report::agreement,
                line_report::kind,
                line_report::key,
                line_report::version,
                line_report::content,
            ))
            .load(conn);
    };
    let named = agreements.iter().map(String::as_str);
    Seek::<Columns>::new(COLUMNS, "line_report", "agreement", named)
        .equal("bank_id", bank)
        .and(APART)
        .load(conn)
}

/// A content; none where the fact has gone to another line.
fn read(content: &str) -> Result<Option<Report>, StoreError> {
    if content.is_empty() {
        return Ok(None);
    }
    let read = serde_json::from_str(content);
    read.map(Some)
        .map_err(|error| StoreError::Content(format!("a report of a line: {error}")))
}
