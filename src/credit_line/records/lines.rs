//! Lines put together from the ledgers and from the reports.

use super::versions;
use crate::county::records::Bank;
use crate::credit_line::reconcile::Before;
use crate::credit_line::{KIND, Line};
use crate::kernel::Day;
use crate::register::content::KEY_SEPARATOR;
use crate::register::records::{book, keys_of_source};
use crate::register::{Entry, Kinds, key_of_source};
use crate::store::schema::reported_line;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

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
    let mut reports = versions(conn, &bank.id, agreements)?;
    let key = |agreement: &String| key_of_source(agreement, &bank.name);
    let keys: Option<Vec<Box<str>>> = agreements.map(|all| all.iter().map(key).collect());
    let entries = book(conn, kinds, KIND, &bank.name, keys.as_deref(), as_of)?;
    let mut entries: BTreeMap<String, Entry> = entries
        .into_iter()
        .map(|entry| (agreement_of(&entry.key).to_owned(), entry))
        .collect();
    let all: BTreeSet<String> = entries.keys().chain(reports.keys()).cloned().collect();
    let line = |agreement: String| {
        let entry = entries.remove(&agreement);
        let reports = reports.remove(&agreement).unwrap_or_default();
        let name = (bank.name.as_str(), agreement.as_str());
        Line::read(kind, entry.as_ref(), name, &reports, as_of)
    };
    let mut lines: Vec<Line> = all.into_iter().filter_map(line).collect();
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
    let mut reports = versions(conn, &bank.id, Some(agreements))?;
    let keys: Vec<Box<str>> = agreements
        .iter()
        .map(|agreement| key_of_source(agreement, &bank.name))
        .collect();
    let entries = book(conn, kinds, KIND, &bank.name, Some(&keys), on.plus_days(-1))?;
    // An entry that no ledger has told by then would stand as it was told first, which is later.
    let told = entries.into_iter().filter(|it| it.told().next().is_some());
    let entries: BTreeMap<String, Entry> = told
        .map(|entry| (agreement_of(&entry.key).to_owned(), entry))
        .collect();
    let before = |agreement: &String| {
        let reports = reports.remove(agreement).unwrap_or_default();
        let name = (bank.name.as_str(), agreement.as_str());
        let line = Line::read(kind, entries.get(agreement), name, &reports, on)?;
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
