//! Claims, and what happened to them, as rows.

use crate::kernel::{Id, Instant, Money, Month};
use crate::ledger::Claim;
use crate::merchant::Merchant;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::schema::claim;
use crate::store::{Conn, StoreError};
use crate::subsidy::Status;
use diesel::prelude::*;

/// A claim as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    pub id: Id<Claim>,
    pub programme: String,
    pub merchant: Id<Merchant>,
    pub acquirer: String,
    pub month: Month,
    /// 0 for the claim of a merchant, acquirer and month; further ones are differences found later.
    pub number: i32,
    /// The base, or by how much it grew; in fen.
    pub fee: Money,
    /// As computed, in fen.
    pub amount: Money,
    /// What is left of the amount after differences and a rejection, in fen.
    pub remaining: Money,
    pub status: Status,
    /// How many things have happened to it.
    pub version: i32,
    /// The first person of the funder.
    pub submitted_by: Option<String>,
    pub computed_at: Instant,
}

#[derive(Queryable)]
struct Row {
    id: Id<Claim>,
    programme: String,
    merchant: Id<Merchant>,
    acquirer: String,
    month: Month,
    number: i32,
    fee: Money,
    amount: Money,
    remaining: Money,
    status: String,
    version: i32,
    submitted_by: Option<String>,
    computed_at: Instant,
}

impl Row {
    fn read(self) -> Result<Claimed, StoreError> {
        let status = Status::parse(&self.status);
        Ok(Claimed {
            id: self.id,
            programme: self.programme,
            merchant: self.merchant,
            acquirer: self.acquirer,
            month: self.month,
            number: self.number,
            fee: self.fee,
            amount: self.amount,
            remaining: self.remaining,
            status: status
                .ok_or_else(|| StoreError::Content(format!("claim {:?}", self.status)))?,
            version: self.version,
            submitted_by: self.submitted_by,
            computed_at: self.computed_at,
        })
    }
}

impl Insert for Claimed {
    row!(claim, |row| {
        id: &row.id,
        programme: &row.programme,
        merchant_id: &row.merchant,
        acquirer: &row.acquirer,
        month: &row.month,
        number: &row.number,
        fee: &row.fee,
        amount: &row.amount,
        remaining: &row.remaining,
        status: row.status.as_str(),
        version: &row.version,
        submitted_by: &row.submitted_by,
        computed_at: &row.computed_at,
    });
}

pub fn add_claims(conn: &mut Conn, claims: &[Claimed]) -> QueryResult<usize> {
    insert(conn, claims, OnConflict::Fail)
}

/// Whether there are claims on a programme in the months from first to last.
pub fn has_claims(conn: &mut Conn, programme: &str, months: (Month, Month)) -> QueryResult<bool> {
    let of_months = claim::table
        .filter(
            claim::programme
                .eq(programme)
                .and(claim::month.between(months.0, months.1)),
        )
        .select(claim::number)
        .limit(1);
    let one: Option<i32> = of_months.first(conn).optional()?;
    Ok(one.is_some())
}

/// These merchants' claims on a programme in the months from first to last, by merchant, acquirer, month and number.
pub fn claims_of(
    conn: &mut Conn,
    programme: &str,
    months: (Month, Month),
    merchants: &[Id<Merchant>],
) -> Result<Vec<Claimed>, StoreError> {
    let rows = claim::table
        .filter(
            one_of(claim::merchant_id, merchants)
                .and(claim::programme.eq(programme))
                .and(claim::month.between(months.0, months.1)),
        )
        .order((
            claim::merchant_id,
            claim::acquirer,
            claim::month,
            claim::number,
        ))
        .load::<Row>(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// Which claims a list is of.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub programme: Option<String>,
    pub month: Option<Month>,
    pub status: Option<Status>,
    pub merchant: Option<Id<Merchant>>,
}

/// These merchants' claims that pass the filter, in no order.
pub fn filtered(
    conn: &mut Conn,
    filter: &Filter,
    merchants: &[Id<Merchant>],
) -> Result<Vec<Claimed>, StoreError> {
    let mut rows = claim::table
        .filter(one_of(claim::merchant_id, merchants))
        .into_boxed();
    if let Some(programme) = &filter.programme {
        rows = rows.filter(claim::programme.eq(programme));
    }
    if let Some(month) = filter.month {
        rows = rows.filter(claim::month.eq(month));
    }
    if let Some(status) = filter.status {
        rows = rows.filter(claim::status.eq(status.as_str()));
    }
    let rows = rows.load::<Row>(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// One claim.
pub fn claim(conn: &mut Conn, id: Id<Claim>) -> Result<Option<Claimed>, StoreError> {
    let row = claim::table.find(id).first::<Row>(conn).optional()?;
    row.map(Row::read).transpose()
}

/// A page of the claims on these programmes that pass the filter, in the order of their ids, after the one given.
pub fn page_of(
    conn: &mut Conn,
    programmes: &[String],
    filter: &Filter,
    after: Option<Id<Claim>>,
    size: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let mut rows = claim::table
        .filter(one_of(
            claim::programme,
            programmes.iter().map(String::as_str),
        ))
        .order(claim::id)
        .limit(size)
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(claim::id.gt(after));
    }
    if let Some(programme) = &filter.programme {
        rows = rows.filter(claim::programme.eq(programme));
    }
    if let Some(month) = filter.month {
        rows = rows.filter(claim::month.eq(month));
    }
    if let Some(status) = filter.status {
        rows = rows.filter(claim::status.eq(status.as_str()));
    }
    if let Some(merchant) = filter.merchant {
        rows = rows.filter(claim::merchant_id.eq(merchant));
    }
    rows.load::<Row>(conn)?.into_iter().map(Row::read).collect()
}

/// A page of all claims in the order of their ids, after the one given.
pub fn page(
    conn: &mut Conn,
    after: Option<Id<Claim>>,
    size: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let rows = claim::table
        .filter(claim::id.gt(after.unwrap_or(Id::from_bytes([0; 16]))))
        .order(claim::id)
        .limit(size)
        .load::<Row>(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// Writes what has changed of a claim, if nothing has happened to it since it was read.
pub fn move_on(conn: &mut Conn, claim: &Claimed) -> QueryResult<bool> {
    let own = claim::table.filter(
        claim::id
            .eq(claim.id)
            .and(claim::version.eq(claim.version - 1)),
    );
    let changed = diesel::update(own)
        .set((
            claim::status.eq(claim.status.as_str()),
            claim::remaining.eq(claim.remaining),
            claim::submitted_by.eq(&claim.submitted_by),
            claim::version.eq(claim.version),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
