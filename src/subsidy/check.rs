//! Whether a claim stands where its transfers say.

use super::Status;
use super::records::Claimed;
use crate::kernel::Money;
use crate::ledger::{Account, Flow};

impl Status {
    /// Where the money of a claim lies; nowhere for one that came to nothing.
    pub const fn account(self) -> Option<Account> {
        match self {
            Self::Computed | Self::Confirmed | Self::Submitted => Some(Account::Reserved),
            Self::Approved => Some(Account::Payable),
            Self::Paid => Some(Account::Paid),
            Self::Rejected => None,
        }
    }
}

/// Where a claim and its transfers contradict each other: in Chinese and English, a line each.
pub fn contradictions(claim: &Claimed, flow: &Flow) -> Vec<String> {
    let (id, status) = (claim.id, claim.status);
    let mut found = Vec::new();
    if flow.programme != claim.programme {
        found.push(format!(
            "申领 {id} 属于 {}，其转账记在 {} · claim {id} is of {}, its transfers are of {}",
            claim.programme, flow.programme, claim.programme, flow.programme
        ));
    }
    if flow.reserved != claim.amount {
        let (reserved, amount) = (flow.reserved, claim.amount);
        found.push(format!(
            "申领 {id} 金额 {amount}，转账预留 {reserved} · claim {id} is over {amount}, its transfers reserved {reserved}"
        ));
    }
    for account in [Account::Reserved, Account::Payable, Account::Paid] {
        let is = flow.balances.of(account);
        let should = match status.account() {
            Some(own) if own == account => claim.remaining,
            _ => Money::ZERO,
        };
        if is != should {
            found.push(format!(
                "申领 {id}（{status}）「{}」应为 {should}，按转账为 {is} · claim {id} ({status}): {account} should be {should}, \
                 by its transfers it is {is}",
                account.zh()
            ));
        }
    }
    if status == Status::Rejected && claim.remaining != Money::ZERO {
        let remaining = claim.remaining;
        found.push(format!(
            "申领 {id} 已驳回，仍余 {remaining} · claim {id} is rejected and still has {remaining}"
        ));
    }
    found
}
