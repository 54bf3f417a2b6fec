//! The books are checked: balances against transfers, and each claim against its own.

use crate::kernel::Day;
use crate::ledger::records::{Made, all_balances, page as transfers};
use crate::ledger::{Account, Rebuilt};
use crate::store::{Conn, StoreError};
use crate::subsidy::contradictions;
use crate::subsidy::records::page as claims;

/// How many rows are asked for at a time.
const PAGE: i64 = 4_096;

/// What a check has looked at, and what it found wrong: in Chinese and English, a line each.
#[derive(Debug, Default)]
pub struct Checked {
    pub programmes: usize,
    pub transfers: u64,
    pub claims: u64,
    pub differences: Vec<String>,
}

/// Rebuilds the balances from the transfers, and names every difference.
///
/// # Errors
/// Where the store fails, or a balance is beyond the range of amounts.
pub fn check_ledger(conn: &mut Conn) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    let mut rebuilt = rebuild(conn, |_| {
        checked.transfers += 1;
        true
    })?;
    let kept = all_balances(conn)?;
    checked.programmes = kept.len();
    for (programme, balances) in &kept {
        let by_transfers = rebuilt.programmes.remove(programme).unwrap_or_default();
        for account in balances.differences(&by_transfers) {
            let (is, should) = (balances.of(account), by_transfers.of(account));
            checked.differences.push(format!(
                "{programme}「{}」记为 {is}，按转账为 {should} · {programme}: {account} is kept as {is}, by its transfers it is {should}",
                account.zh()
            ));
        }
        if !balances.is_balanced() {
            checked.differences.push(format!(
                "{programme} 各账户之和不为零 · {programme}: the balances do not sum to zero"
            ));
        }
        let overdrawn = |account: &&Account| balances.of(**account).fen() < 0;
        for account in Account::ALL[1..].iter().filter(overdrawn) {
            checked.differences.push(format!(
                "{programme}「{}」为负 · {programme}: {account} is below zero",
                account.zh()
            ));
        }
    }
    check_claims(conn, rebuilt, &mut checked)?;
    Ok(checked)
}

fn check_claims(
    conn: &mut Conn,
    mut rebuilt: Rebuilt,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = claims(conn, after, PAGE)?;
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.id);
        for claim in &page {
            checked.claims += 1;
            let flow = rebuilt.claims.remove(&claim.id).unwrap_or_default();
            checked.differences.extend(contradictions(claim, &flow));
        }
    }
    for claim in rebuilt.claims.keys() {
        checked.differences.push(format!(
            "转账所指的申领 {claim} 不存在 · transfers name the claim {claim}, which is not there"
        ));
    }
    Ok(())
}

/// What the transfers come to that were posted on a day or before it; all of them where none is given.
///
/// # Errors
/// Where the store fails, or a balance is beyond the range of amounts.
pub fn trial_balance(conn: &mut Conn, as_of: Option<Day>) -> Result<Rebuilt, StoreError> {
    rebuild(conn, |made| as_of.is_none_or(|day| made.posted_on <= day))
}

fn rebuild(conn: &mut Conn, mut counts: impl FnMut(&Made) -> bool) -> Result<Rebuilt, StoreError> {
    let (mut rebuilt, mut after) = (Rebuilt::default(), None);
    loop {
        let page = transfers(conn, after.as_ref(), PAGE)?;
        for made in page.iter().filter(|made| counts(made)) {
            let added = rebuilt.add(made);
            added.map_err(|error| StoreError::Content(format!("{}: {error}", made.id)))?;
        }
        match page.into_iter().last() {
            Some(last) => after = Some(last),
            None => return Ok(rebuilt),
        }
    }
}
