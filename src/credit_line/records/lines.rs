//! Lines put together from the ledgers and from the reports.

use super::reports;
use crate::county::records::Bank;
use crate::credit_line::reconcile::Before;
use crate::credit_line::{KIND, Line, Papers};
use crate::kernel::Day;
use crate::register::content::KEY_SEPARATOR;
use crate::register::records::{book, keys_of_source};
use crate::register::{Kinds, key_of_source};
use crate::store::schema::reported_line;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What lines of a bank, or those of these agreements, are put together from, by agreement.
pub fn papers(
    conn: &mut Conn,
    kinds: &Kinds,
    bank: &Bank,
    agreements: Option<&[String]>,
    as_of: Day,
) -> Result<BTreeMap<String, Papers>, StoreError> {
    let mut papers: BTreeMap<String, Papers> = BTreeMap::new();
    for (agreement, reports) in reports(conn, &bank.id, agreements)? {
        papers.entry(agreement).or_default().reports = reports;
    }
    let key = |agreement: &String| key_of_source(agreement, &bank.name);
    let keys: Option<Vec<Box<str>>> = agreements.map(|all| all.iter().map(key).collect());
    for entry in book(conn, kinds, KIND, &bank.name, keys.as_deref(), as_of)? {
        let agreement = agreement_of(&entry.key).to_owned();
        papers.entry(agreement).or_default().entry = Some(entry);
    }
    Ok(papers)
}

/// A bank's lines, or those of these agreements, as told up to a day: in the order of the last ledger, those that it
/// does not hold after the others.
pub fn lines(
    conn: &mut Conn,
    kinds: &Kinds,
    bank: &Bank,
    agreements: Option<&[String]>,
    as_of: Day,
) -> Result<Vec<Line>, StoreError> {
    let Some(kind) = kinds.named(KIND) else {
        return Ok(Vec::new());
    };
    let papers = papers(conn, kinds, bank, agreements, as_of)?;
    let line =
        |(agreement, papers): (String, Papers)| papers.line(kind, &bank.name, &agreement, as_of);
    let mut lines: Vec<Line> = papers.into_iter().filter_map(line).collect();
    let place = |line: &Line| line.line.map(|(day, line)| (std::cmp::Reverse(day), line));
    lines.sort_by_key(|line| (place(line).is_none(), place(line)));
    Ok(lines)
}

/// Lines of a bank as the reports up to a day and the ledgers before it have them, in the order of the agreements: that
/// day's own ledger is no witness of itself.
pub fn lines_before_ledger(
    conn: &mut Conn,
    kinds: &Kinds,
    bank: &Bank,
    agreements: &[String],
    on: Day,
) -> Result<Vec<Before>, StoreError> {
    let Some(kind) = kinds.named(KIND) else {
        return Ok(Vec::new());
    };
    let day_before = on.plus_days(-1);
    let mut papers = papers(conn, kinds, bank, Some(agreements), day_before)?;
    let before = |agreement: &String| {
        let mut papers = papers.remove(agreement).unwrap_or_default();
        // An entry that no ledger has told by then would stand as it was told first, which is later.
        papers.entry = papers.entry.filter(|it| it.told().next().is_some());
        let line = papers.line(kind, &bank.name, agreement, on)?;
        let reports = papers.reports;
        Some(Before { line, reports })
    };
    Ok(agreements.iter().filter_map(before).collect())
}

/// The agreements of a bank in their order, after the one given.
pub fn agreements(
    conn: &mut Conn,
    bank: &Bank,
    after: &str,
    most: i64,
) -> QueryResult<Vec<String>> {
    let key = key_of_source(after, &bank.name);
    let in_ledgers = keys_of_source(conn, KIND, &bank.name, &key, most)?;
    let reported: Vec<String> = reported_line::table
        .filter(
            reported_line::bank_id
                .eq(&bank.id)
                .and(reported_line::agreement.gt(after)),
        )
        .order(reported_line::agreement)
        .limit(most)
        .select(reported_line::agreement)
        .load(conn)?;
    let in_ledgers = in_ledgers.iter().map(|key| agreement_of(key).to_owned());
    let all: BTreeSet<String> = in_ledgers.chain(reported).collect();
    let most = usize::try_from(most).unwrap_or_default();
    Ok(all.into_iter().take(most).collect())
}

/// The agreement in the key of a ledger's row.
fn agreement_of(key: &str) -> &str {
    key.split(KEY_SEPARATOR).next().unwrap_or_default()
}
