//! A bank reports statements of its own as an acquirer: they become versions of facts exactly as the same rows of a
//! file would, in one transaction. A row that cannot be taken is refused by itself.

use super::take_file::SourceCovers;
use super::take_file::cover::cover;
use super::take_slice::{GoodRow, Outcome, Slice, take};
use crate::delivery::records::{NewDelivery, begin, end, note};
use crate::delivery::{Counts, Progress};
use crate::intake::{CellFault, Entry, LooseRows, RefusalCode};
use crate::kernel::{Actor, Clock, Day, Digest, Id, Money, Month, Randomness};
use crate::register::kind::CellType;
use crate::register::records::Delivery;
use crate::register::verdict::Verdict;
use crate::register::{Column, Kind, Kinds, Value};
use crate::store::{Conn, Failure, StoreError};
use crate::subsidy::STATEMENTS;
use std::collections::BTreeSet;

/// What stands in the place of a file's name.
const FILE: &str = "POST /v1/statements";
/// The column of the month that a statement is of.
const MONTH: &str = "month";

/// Texts by the ids of their columns; a column without a text is blank.
pub type Texts = Vec<(&'static str, String)>;

/// What is reported.
#[derive(Clone, Debug)]
pub struct Statements {
    pub rows: Vec<Texts>,
    /// The sender's word that the rows are corrections.
    pub corrects: bool,
    /// The days for which all statements of the acquirer are in now, both ends included.
    pub covers: Option<(Day, Day)>,
}

/// Who reports, and what reporting needs to know of the world.
#[derive(Clone, Copy)]
pub struct Reporting<'a> {
    pub kinds: &'a Kinds,
    /// The bank's name, by which statements name their acquirer.
    pub acquirer: &'a str,
    pub by: &'a Actor,
    /// Of what was sent.
    pub digest: Digest,
    /// The business date.
    pub today: Day,
    pub clock: &'a dyn Clock,
    pub randomness: &'a dyn Randomness,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    Taken(Verdict),
    /// All that is wrong with it.
    Refused(Vec<Fault>),
}

/// What is wrong with a row of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// What would be wrong with the same cell of a file.
    Cell(CellFault),
    /// The amount of this column is more than [`Money::MOST`]. A file may hold such an amount, and claims leave it out;
    /// over HTTP whoever sent it is there to be told.
    TooMuch(Box<str>),
    /// The statement is of a month that has not begun on the business date.
    FutureMonth,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub delivery: Id<Delivery>,
    pub counts: Counts,
    /// Of each row, in the order sent.
    pub rows: Vec<Became>,
}

/// Why a report was not taken at all.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum StatementsRefusal {
    #[error(
        "完整期间不能晚于营业日，请把止日改为已经结束的一天 · nothing is complete beyond the business date: end it on a day that is over"
    )]
    CoversFuture,
}

/// Takes statements under a delivery of their own.
///
/// # Errors
/// Where they are said to be complete for days that have not come, or the store fails.
pub fn report_statements(
    conn: &mut Conn,
    reporting: Reporting<'_>,
    statements: &Statements,
) -> Result<Taken, Failure<StatementsRefusal>> {
    let ends_on = statements.covers.map(|(_, until)| until);
    if ends_on.is_some_and(|day| day > reporting.today) {
        return Err(Failure::Refused(StatementsRefusal::CoversFuture));
    }
    let undeclared = || StoreError::Content(format!("no kind {STATEMENTS:?} is declared"));
    let index = reporting.kinds.index(STATEMENTS).ok_or_else(undeclared)?;
    let kind = reporting.kinds.get(index);
    let reader = LooseRows::new(index, kind);
    let numbered = (1..).zip(&statements.rows);
    let read: Vec<Read> = numbered
        .map(|(number, texts)| read(&reader, kind, reporting, number, texts))
        .collect();
    let rows: Vec<GoodRow<'_>> = (1..).zip(&read).filter_map(good).collect();
    let covers = covers(kind, reporting, statements, &rows);
    let delivery = begin_one(conn, kind, reporting, statements, covers)?;
    let outcome = take(
        conn,
        &Slice {
            kind,
            rows: &rows,
            deliveries: &[(delivery, reporting.acquirer)],
            corrects: statements.corrects,
            resumed: None,
            is_trial: false,
            clock: reporting.clock,
            randomness: reporting.randomness,
        },
    )?;
    let progress = progress(&outcome, &read);
    note(conn, delivery, &progress)?;
    let now = reporting.clock.now();
    end(conn, delivery, now)?;
    if statements.covers.is_some() {
        cover(conn, reporting.kinds, STATEMENTS, delivery, covers, now)?;
    }
    let mut verdicts = outcome.verdicts.into_iter();
    let unknown = reader.fault_of(kind.merchant(), RefusalCode::UnknownMerchant);
    let became = read.into_iter().map(|row| match row {
        Err(faults) => Became::Refused(faults),
        Ok(_) => match verdicts.next().flatten() {
            Some(verdict) => Became::Taken(verdict),
            None => Became::Refused(unknown.clone().map(Fault::Cell).into_iter().collect()),
        },
    });
    Ok(Taken {
        delivery,
        counts: progress.counts,
        rows: became.collect(),
    })
}

/// The key of a row and what it says, or all that is wrong with it.
type Read = Result<(Box<str>, Entry), Vec<Fault>>;

fn read(
    reader: &LooseRows,
    kind: &Kind,
    reporting: Reporting<'_>,
    number: u64,
    texts: &Texts,
) -> Read {
    let party = kind.party();
    let text = |(place, column): (usize, &Column)| {
        let told = texts.iter().find(|(id, _)| *id == &*column.id);
        let own = (Some(place) == party).then_some(reporting.acquirer);
        own.or(told.map(|(_, text)| &**text)).unwrap_or_default()
    };
    let cells: Vec<&str> = kind.columns.iter().enumerate().map(text).collect();
    let row = reader.row(number, &cells);
    let entry = row
        .outcome
        .map_err(|faults| faults.into_iter().map(Fault::Cell).collect::<Vec<_>>())?;
    let month = month_of(kind, &entry.values);
    let is_future = month.is_some_and(|month| month.first_day() > reporting.today);
    let faults = too_much(kind, &entry.values).chain(is_future.then_some(Fault::FutureMonth));
    let faults: Vec<Fault> = faults.collect();
    match row.key.filter(|_| faults.is_empty()) {
        Some(key) => Ok((key, entry)),
        // A row whose key cannot be read has a fault.
        None => Err(faults),
    }
}

fn too_much<'a>(kind: &'a Kind, values: &'a [Value]) -> impl Iterator<Item = Fault> + 'a {
    let amounts = kind.columns.iter().zip(values);
    let amounts = amounts.filter(|(column, _)| column.cell == CellType::Amount);
    let beyond = amounts.filter(|(_, value)| value.as_number() > Some(Money::MOST.fen()));
    beyond.map(|(column, _)| Fault::TooMuch(column.id.clone()))
}

fn good((line, row): (u64, &Read)) -> Option<GoodRow<'_>> {
    let (key, entry) = row.as_ref().ok()?;
    Some(GoodRow { line, key, entry })
}

fn month_of(kind: &Kind, values: &[Value]) -> Option<Month> {
    values.get(kind.column(MONTH)?)?.as_month()
}

/// The days that are said to be complete; where nothing is said, those of the months that the rows are of.
fn covers<'a>(
    kind: &Kind,
    reporting: Reporting<'a>,
    statements: &Statements,
    rows: &[GoodRow<'_>],
) -> SourceCovers<'a> {
    let months = || {
        rows.iter()
            .filter_map(|row| month_of(kind, &row.entry.values))
    };
    let from = months().min().map(Month::first_day);
    let until = months().max().map(Month::last_day);
    let of_rows = from.zip(until);
    let (from, until) = statements
        .covers
        .or(of_rows)
        .unwrap_or((reporting.today, reporting.today));
    SourceCovers {
        source: reporting.acquirer,
        from,
        until,
    }
}

fn begin_one(
    conn: &mut Conn,
    kind: &Kind,
    reporting: Reporting<'_>,
    statements: &Statements,
    covers: SourceCovers<'_>,
) -> Result<Id<Delivery>, StoreError> {
    let started_at = reporting.clock.now();
    let new = NewDelivery {
        id: Id::new(started_at, reporting.randomness),
        kind: &kind.id,
        source: covers.source,
        from: covers.from,
        until: covers.until,
        file: FILE,
        digest: reporting.digest,
        by: reporting.by,
        corrects: statements.corrects,
        started_at,
    };
    Ok(begin(conn, &new)?.0)
}

fn progress(outcome: &Outcome, read: &[Read]) -> Progress {
    let keys: BTreeSet<&str> = read.iter().flatten().map(|(key, _)| &**key).collect();
    let mut counts = outcome.counts;
    counts.refused += (read.len() - outcome.verdicts.len()) as u64;
    Progress {
        line: read.len() as u64,
        counts,
        repeated: (outcome.verdicts.len() - keys.len()) as u64,
    }
}
