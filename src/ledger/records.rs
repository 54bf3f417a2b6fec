//! Rows of accounts and transfers.

use super::{Account, Balances, Claim, Posting, Refusal, Transfer};
use crate::kernel::{Actor, Clock, Day, Id, Instant, Money, Randomness};
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::lock::Locked;
use crate::store::one_of::one_of;
use crate::store::schema::{ledger_account, ledger_transfer};
use crate::store::{Conn, Failure, StoreError};
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// An account as it is opened: empty.
struct NewAccount<'a> {
    programme: &'a str,
    account: Account,
}

impl Insert for NewAccount<'_> {
    row!(ledger_account, |row| {
        programme: row.programme,
        account: row.account.as_str(),
        balance: &0i64,
    });
}

/// Opens a programme's accounts where they are not open.
pub fn open_accounts(conn: &mut Conn, programme: &str) -> QueryResult<usize> {
    let rows = Account::ALL.map(|account| NewAccount { programme, account });
    insert(conn, &rows, OnConflict::Keep)
}

fn balances(rows: Vec<(String, Money)>) -> Result<Balances, StoreError> {
    let mut balances = Balances::default();
    for (account, balance) in rows {
        balances.set(read(&account)?, balance);
    }
    Ok(balances)
}

fn read(account: &str) -> Result<Account, StoreError> {
    Account::parse(account).ok_or_else(|| StoreError::Content(format!("account {account:?}")))
}

/// A programme's balances, locked until the transaction ends: whoever moves its money comes here first.
pub fn lock_balances(conn: &mut Conn, programme: &str) -> Result<Balances, StoreError> {
    let rows = ledger_account::table
        .filter(ledger_account::programme.eq(programme))
        .order(ledger_account::account)
        .select((ledger_account::account, ledger_account::balance));
    balances(Locked(rows).load(conn)?)
}

/// The balances of all programmes as their rows have them.
pub fn all_balances(conn: &mut Conn) -> Result<BTreeMap<String, Balances>, StoreError> {
    let rows = ledger_account::table
        .order((ledger_account::programme, ledger_account::account))
        .select((
            ledger_account::programme,
            ledger_account::account,
            ledger_account::balance,
        ))
        .load::<(String, String, Money)>(conn)?;
    let mut all: BTreeMap<String, Balances> = BTreeMap::new();
    for (programme, account, balance) in rows {
        all.entry(programme)
            .or_default()
            .set(read(&account)?, balance);
    }
    Ok(all)
}

/// On whose behalf and when transfers are made.
#[derive(Clone, Copy)]
pub struct Posted<'a> {
    pub by: &'a Actor,
    pub clock: &'a dyn Clock,
    pub randomness: &'a dyn Randomness,
}

struct NewTransfer<'a> {
    programme: &'a str,
    id: Id<Transfer>,
    posting: Posting,
    recorded_at: Instant,
    by: &'a str,
}

impl Insert for NewTransfer<'_> {
    row!(ledger_transfer, |row| {
        programme: row.programme,
        id: &row.id,
        debit: row.posting.movement.debit().as_str(),
        credit: row.posting.movement.credit().as_str(),
        amount: &row.posting.amount,
        reason: row.posting.movement.as_str(),
        claim_id: &row.posting.claim,
        posted_on: &row.posting.posted_on,
        recorded_at: &row.recorded_at,
        recorded_by: row.by,
    });
}

/// Makes the transfers in order, all or none, and keeps the balances in their accounts' rows.
///
/// # Errors
/// Where one of them would overdraw an account; then the caller's transaction must not be committed.
pub fn post(
    conn: &mut Conn,
    programme: &str,
    postings: &[Posting],
    posted: Posted<'_>,
) -> Result<Balances, Failure<Refusal>> {
    let before = lock_balances(conn, programme)?;
    let mut after = before;
    let recorded_at = posted.clock.now();
    let mut rows = Vec::with_capacity(postings.len());
    let ids = Id::ascending(recorded_at, posted.randomness, postings.len());
    for (posting, id) in postings.iter().zip(ids) {
        after.post(posting).map_err(Failure::Refused)?;
        rows.push(NewTransfer {
            programme,
            id,
            posting: *posting,
            recorded_at,
            by: posted.by.as_str(),
        });
    }
    insert(conn, &rows, OnConflict::Fail)?;
    for account in before.differences(&after) {
        let own = ledger_account::table.find((programme, account.as_str()));
        diesel::update(own)
            .set(ledger_account::balance.eq(after.of(account)))
            .execute(conn)?;
    }
    Ok(after)
}

/// One transfer as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub programme: String,
    pub id: Id<Transfer>,
    pub debit: Account,
    pub credit: Account,
    /// In fen, above zero.
    pub amount: Money,
    pub claim: Option<Id<Claim>>,
    pub posted_on: Day,
}

/// Where the money of these claims stood at the end of a business date; claims without transfers are not among them.
///
/// # Errors
/// Where a balance is beyond the range of amounts, or the store fails.
pub fn balances_of_claims(
    conn: &mut Conn,
    claims: &[Id<Claim>],
    as_of: Day,
) -> Result<HashMap<Id<Claim>, Balances>, StoreError> {
    let rows = ledger_transfer::table
        .filter(one_of(ledger_transfer::claim_id, claims).and(ledger_transfer::posted_on.le(as_of)))
        .select((
            ledger_transfer::claim_id,
            ledger_transfer::debit,
            ledger_transfer::credit,
            ledger_transfer::amount,
        ))
        .load::<(Option<Id<Claim>>, String, String, Money)>(conn)?;
    let mut all: HashMap<Id<Claim>, Balances> = HashMap::with_capacity(claims.len());
    for (claim, debit, credit, amount) in rows {
        let Some(claim) = claim else { continue };
        let balances = all.entry(claim).or_default();
        balances
            .add(read(&debit)?, read(&credit)?, amount)
            .map_err(|error| StoreError::Content(format!("transfer: {error}")))?;
    }
    Ok(all)
}

type Row = (
    String,
    Id<Transfer>,
    String,
    String,
    Money,
    Option<Id<Claim>>,
    Day,
);

/// A page of transfers of all programmes in the order of their keys, after the one given.
pub fn page(conn: &mut Conn, after: Option<&Made>, size: i64) -> Result<Vec<Made>, StoreError> {
    let (programme, id) = after.map_or(("", Id::from_bytes([0; 16])), |made| {
        (made.programme.as_str(), made.id)
    });
    let rows = ledger_transfer::table
        .filter(
            ledger_transfer::programme
                .gt(programme)
                .or(ledger_transfer::programme
                    .eq(programme)
                    .and(ledger_transfer::id.gt(id))),
        )
        .order((ledger_transfer::programme, ledger_transfer::id))
        .limit(size)
        .select((
            ledger_transfer::programme,
            ledger_transfer::id,
            ledger_transfer::debit,
            ledger_transfer::credit,
            ledger_transfer::amount,
            ledger_transfer::claim_id,
            ledger_transfer::posted_on,
        ))
        .load::<Row>(conn)?;
    let made = |(programme, id, debit, credit, amount, claim, posted_on): Row| {
        Ok(Made {
            programme,
            id,
            debit: read(&debit)?,
            credit: read(&credit)?,
            amount,
            claim,
            posted_on,
        })
    };
    rows.into_iter().map(made).collect()
}
