//! The books under the subsidy: double entry, one row a transfer.
//!
//! Every account is a credit account: a balance is what was credited less what was debited, in fen. The sum of a
//! programme's balances is zero, since each transfer debits one account and credits another.

mod rebuilt;
pub mod records;
#[cfg(test)]
mod tests;

pub use rebuilt::{Flow, Rebuilt};

use crate::kernel::id::Named;
use crate::kernel::money::MoneyError;
use crate::kernel::{Day, Id, Money};
use std::fmt;

/// A transfer of money between two accounts of one programme.
pub struct Transfer;

impl Named for Transfer {
    const PREFIX: &'static str = "trf";
}

/// What a transfer is for: a claim on the pool.
pub struct Claim;

impl Named for Claim {
    const PREFIX: &'static str = "clm";
}

/// Where a programme's money stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Where the pool comes from: the only account that is below zero.
    Funding,
    /// What is left to give.
    Pool,
    /// Claimed, and not approved yet.
    Reserved,
    /// Approved, and not paid yet.
    Payable,
    Paid,
    /// Paid and claimed back.
    ClawedBack,
}

impl Account {
    /// In the order in which money goes through them.
    pub const ALL: [Self; 6] = [
        Self::Funding,
        Self::Pool,
        Self::Reserved,
        Self::Payable,
        Self::Paid,
        Self::ClawedBack,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Funding => "funding",
            Self::Pool => "pool",
            Self::Reserved => "reserved",
            Self::Payable => "payable",
            Self::Paid => "paid",
            Self::ClawedBack => "clawed_back",
        }
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Self::Funding => "资金来源",
            Self::Pool => "资金池",
            Self::Reserved => "已预留",
            Self::Payable => "应付",
            Self::Paid => "已付",
            Self::ClawedBack => "已追回",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|account| account.as_str() == text)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why money moves; each goes one way only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// The pool is filled.
    Fund,
    /// The pool is made smaller.
    Withdraw,
    /// A claim is computed.
    Reserve,
    /// A claim that is not approved is rejected, or made smaller.
    Release,
    Approve,
    /// A claim that is approved and not paid is made smaller.
    Cancel,
    Pay,
    /// A claim that is paid is made smaller.
    ClawBack,
}

impl Movement {
    pub const ALL: [Self; 8] = [
        Self::Fund,
        Self::Withdraw,
        Self::Reserve,
        Self::Release,
        Self::Approve,
        Self::Cancel,
        Self::Pay,
        Self::ClawBack,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fund => "fund",
            Self::Withdraw => "withdraw",
            Self::Reserve => "reserve",
            Self::Release => "release",
            Self::Approve => "approve",
            Self::Cancel => "cancel",
            Self::Pay => "pay",
            Self::ClawBack => "claw_back",
        }
    }

    /// The account debited.
    pub const fn debit(self) -> Account {
        match self {
            Self::Fund => Account::Funding,
            Self::Withdraw | Self::Reserve => Account::Pool,
            Self::Release | Self::Approve => Account::Reserved,
            Self::Cancel | Self::Pay => Account::Payable,
            Self::ClawBack => Account::Paid,
        }
    }

    /// The account credited.
    pub const fn credit(self) -> Account {
        match self {
            Self::Withdraw => Account::Funding,
            Self::Fund | Self::Release | Self::Cancel => Account::Pool,
            Self::Reserve => Account::Reserved,
            Self::Approve => Account::Payable,
            Self::Pay => Account::Paid,
            Self::ClawBack => Account::ClawedBack,
        }
    }
}

/// A transfer as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    pub movement: Movement,
    /// Above zero.
    pub amount: Money,
    pub claim: Option<Id<Claim>>,
    /// The business date.
    pub posted_on: Day,
}

/// Why a transfer cannot be.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refusal {
    #[error("账户「{}」余额不足 · the account {name} would be overdrawn", .0.zh(), name = .0)]
    Overdrawn(Account),
    #[error(
        "转账金额须大于零且在金额范围内 · a transfer is above zero and within the range of amounts"
    )]
    OutOfRange,
}

/// The balances of a programme, by account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balances([Money; 6]);

impl Balances {
    pub const fn of(&self, account: Account) -> Money {
        self.0[account as usize]
    }

    /// Sets what the account's row says.
    pub const fn set(&mut self, account: Account, balance: Money) {
        self.0[account as usize] = balance;
    }

    /// What the transfer leaves; where it is refused, nothing has changed.
    ///
    /// # Errors
    /// Where an account but the source would fall below zero, or the amount is not above zero.
    pub fn post(&mut self, posting: &Posting) -> Result<(), Refusal> {
        if posting.amount <= Money::ZERO {
            return Err(Refusal::OutOfRange);
        }
        let (debit, credit) = (posting.movement.debit(), posting.movement.credit());
        let less = self.of(debit).minus(posting.amount);
        let more = self.of(credit).plus(posting.amount);
        let (less, more) = less
            .and_then(|less| Ok((less, more?)))
            .map_err(|_| Refusal::OutOfRange)?;
        if less < Money::ZERO && debit != Account::Funding {
            return Err(Refusal::Overdrawn(debit));
        }
        self.set(debit, less);
        self.set(credit, more);
        Ok(())
    }

    /// Adds a transfer as it was made, whatever it leaves.
    ///
    /// # Errors
    /// Where a balance is beyond the range of amounts.
    pub fn add(
        &mut self,
        debit: Account,
        credit: Account,
        amount: Money,
    ) -> Result<(), MoneyError> {
        self.set(debit, self.of(debit).minus(amount)?);
        self.set(credit, self.of(credit).plus(amount)?);
        Ok(())
    }

    /// Whether they balance.
    pub fn is_balanced(&self) -> bool {
        let sum: i128 = self.0.iter().map(|money| i128::from(money.fen())).sum();
        sum == 0
    }

    /// The accounts in which two differ.
    pub fn differences(&self, other: &Self) -> Vec<Account> {
        let differs = |account: &Account| self.of(*account) != other.of(*account);
        Account::ALL.into_iter().filter(differs).collect()
    }
}
