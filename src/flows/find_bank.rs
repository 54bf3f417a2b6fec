//! The bank that a person names.

use super::manage_clients::list;
use crate::county::records::{Bank, banks};
use crate::credit_line::KIND;
use crate::kernel::Instant;
use crate::register::records::sources;
use crate::store::{Conn, Failure, StoreError};
use std::collections::BTreeSet;

/// No bank has that id or name.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "没有编号或名称为“{called}”的银行；已有：{known} · there is no bank with the id or the name {called:?}; there are: {known}",
    known = list(known)
)]
pub struct UnknownBank {
    pub called: String,
    pub known: Vec<String>,
}

/// The bank of that id or name.
///
/// # Errors
/// Where there is none, or the store fails.
pub fn find_bank(conn: &mut Conn, called: &str) -> Result<Bank, Failure<UnknownBank>> {
    let all = all_banks(conn)?;
    let by_id = all.iter().find(|bank| bank.id == called);
    let found = by_id.or_else(|| all.iter().find(|bank| bank.name == called));
    found.cloned().ok_or_else(|| {
        let shown = |bank: &Bank| match bank.id == bank.name {
            true => bank.name.clone(),
            false => format!("{} ({})", bank.id, bank.name),
        };
        Failure::Refused(UnknownBank {
            called: called.to_owned(),
            known: all.iter().map(shown).collect(),
        })
    })
}

/// The county's banks, and whoever else a ledger was delivered for.
pub(super) fn all_banks(conn: &mut Conn) -> Result<Vec<Bank>, StoreError> {
    let mut all = banks(conn)?;
    let known: BTreeSet<String> = all.iter().map(|bank| bank.name.clone()).collect();
    let others = sources(conn, KIND)?;
    let others = others.into_iter().filter(|name| !known.contains(name));
    all.extend(others.map(|name| Bank {
        id: name.clone(),
        name,
        recorded_at: Instant::from_micros(0),
    }));
    Ok(all)
}
