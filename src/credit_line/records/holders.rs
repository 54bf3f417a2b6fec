//! Whose a line is, so that it is found by its merchant: in the ledgers by the merchant's facts, of what banks report by
//! rows of their own. Which merchant a line has now, the line itself says.

use crate::credit_line::KIND;
use crate::kernel::Uscc;
use crate::register::content::KEY_SEPARATOR;
use crate::register::{History, Kinds};
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::schema::line_of_merchant;
use crate::store::seek::Seek;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// Whose a line is, as its bank reports it.
pub struct Holder<'a> {
    pub uscc: Uscc,
    pub bank: &'a str,
    pub agreement: &'a str,
}

impl Insert for Holder<'_> {
    row!(line_of_merchant, |row| {
        uscc: &row.uscc,
        bank_id: row.bank,
        agreement: row.agreement,
    });
}

/// Notes whose lines are.
pub fn note_holders(conn: &mut Conn, holders: &[Holder<'_>]) -> QueryResult<()> {
    insert(conn, holders, OnConflict::Keep).map(drop)
}

/// The lines that banks report, or once reported, to be of these merchants: bank's id and agreement.
pub fn reported_of(conn: &mut Conn, usccs: &[Uscc]) -> QueryResult<Vec<(String, String)>> {
    line_of_merchant::table
        .filter(one_of(line_of_merchant::uscc, usccs))
        .select((line_of_merchant::bank_id, line_of_merchant::agreement))
        .load(conn)
}

/// The merchants whose these lines of a bank are, or once were, by what it reports.
pub fn holders<'a>(
    conn: &mut Conn,
    bank: &str,
    agreements: impl IntoIterator<Item = &'a str>,
) -> QueryResult<Vec<Uscc>> {
    Seek::<Text>::new("uscc", "line_of_merchant", "agreement", agreements)
        .equal("bank_id", bank)
        .load(conn)
}

/// The lines that a merchant has in ledgers: the bank's name and the agreement.
pub fn in_ledgers<'h>(
    kinds: &Kinds,
    history: &'h History,
) -> impl Iterator<Item = (&'h str, &'h str)> {
    let facts = kinds.index(KIND).map_or(&[][..], |kind| history.of(kind));
    facts.iter().filter_map(|fact| {
        let (agreement, bank) = fact.key.split_once(KEY_SEPARATOR)?;
        Some((bank, agreement))
    })
}
