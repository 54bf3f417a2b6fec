//! Rows of what was drawn and repaid by line and day: kept with each movement, so that no standing needs all of them.

use crate::credit_line::Moved;
use crate::kernel::{Day, Money};
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::schema::movement_day;
use crate::store::seek::Seek;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use std::collections::BTreeMap;

/// The sums of a line's day, as a row.
pub struct DayRow<'a> {
    pub bank: &'a str,
    pub agreement: &'a str,
    pub on: Day,
    pub moved: Moved,
}

impl Insert for DayRow<'_> {
    row!(movement_day, |row| {
        bank_id: row.bank,
        agreement: row.agreement,
        moved_on: &row.on,
        drawn: &row.moved.drawn,
        repaid: &row.moved.repaid,
    });
}

/// Keeps the sums of days, each once; whoever works them out holds the lines until the transaction ends.
pub fn keep_days(conn: &mut Conn, rows: &[DayRow<'_>]) -> QueryResult<()> {
    let again = "(bank_id, agreement, moved_on) DO UPDATE SET drawn = excluded.drawn, repaid = excluded.repaid";
    insert(conn, rows, OnConflict::Do(again)).map(drop)
}

/// The sums of these lines of a bank, or of all of them, by agreement and day.
pub fn movement_days(
    conn: &mut Conn,
    bank: &str,
    agreements: Option<&[String]>,
) -> QueryResult<BTreeMap<String, BTreeMap<Day, Moved>>> {
    type Row = (String, Day, Money, Money);
    let rows: Vec<Row> = match agreements {
        Some(agreements) => {
            let (columns, named) = ("agreement, moved_on, drawn, repaid", agreements);
            let named = named.iter().map(String::as_str);
            Seek::<(Text, Integer, BigInt, BigInt)>::new(
                columns,
                "movement_day",
                "agreement",
                named,
            )
            .equal("bank_id", bank)
            .load(conn)?
        }
        None => movement_day::table
            .filter(movement_day::bank_id.eq(bank))
            .select((
                movement_day::agreement,
                movement_day::moved_on,
                movement_day::drawn,
                movement_day::repaid,
            ))
            .load(conn)?,
    };
    let mut days: BTreeMap<String, BTreeMap<Day, Moved>> = BTreeMap::new();
    for (agreement, on, drawn, repaid) in rows {
        let of_line = days.entry(agreement).or_default();
        of_line.insert(on, Moved { drawn, repaid });
    }
    Ok(days)
}
