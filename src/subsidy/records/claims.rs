//! Claims, and what happened to them, as rows.

use crate::kernel::{Id, Instant, Money, Month};
use crate::ledger::Claim;
use crate::merchant::Merchant;
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::one_of::one_of;
use crate::store::schema::claim as row;
use crate::store::{Conn, StoreError};
use crate::subsidy::Status;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};

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
    const INTO: &'static str = "claim (id, programme, merchant_id, acquirer, month, number, fee, \
        amount, remaining, status, version, submitted_by, computed_at)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Binary, _>(&self.id)?
            .add::<Text, _>(&self.programme)?
            .add::<Binary, _>(&self.merchant)?
            .add::<Text, _>(&self.acquirer)?;
        values
            .add::<Integer, _>(&self.month)?
            .add::<Integer, _>(&self.number)?;
        values
            .add::<BigInt, _>(&self.fee)?
            .add::<BigInt, _>(&self.amount)?
            .add::<BigInt, _>(&self.remaining)?;
        values
            .add::<Text, str>(self.status.as_str())?
            .add::<Integer, _>(&self.version)?
            .add::<Nullable<Text>, Option<String>>(&self.submitted_by)?;
        values.add::<BigInt, _>(&self.computed_at).map(drop)
    }
}

pub fn add_claims(conn: &mut Conn, claims: &[Claimed]) -> QueryResult<usize> {
    insert(conn, claims, OnConflict::Fail)
}

/// Whether there are claims on a programme in the months from first to last.
pub fn has_claims(conn: &mut Conn, programme: &str, months: (Month, Month)) -> QueryResult<bool> {
    let of_months = row::table
        .filter(
            row::programme
                .eq(programme)
                .and(row::month.between(months.0, months.1)),
        )
        .select(row::number)
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
    let rows = row::table
        .filter(
            one_of(row::merchant_id, merchants)
                .and(row::programme.eq(programme))
                .and(row::month.between(months.0, months.1)),
        )
        .order((row::merchant_id, row::acquirer, row::month, row::number))
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
    let mut rows = row::table
        .filter(one_of(row::merchant_id, merchants))
        .into_boxed();
    if let Some(programme) = &filter.programme {
        rows = rows.filter(row::programme.eq(programme));
    }
    if let Some(month) = filter.month {
        rows = rows.filter(row::month.eq(month));
    }
    if let Some(status) = filter.status {
        rows = rows.filter(row::status.eq(status.as_str()));
    }
    let rows = rows.load::<Row>(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// One claim.
pub fn claim(conn: &mut Conn, id: Id<Claim>) -> Result<Option<Claimed>, StoreError> {
    let row = row::table.find(id).first::<Row>(conn).optional()?;
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
    let mut rows = row::table
        .filter(one_of(
            row::programme,
            programmes.iter().map(String::as_str),
        ))
        .order(row::id)
        .limit(size)
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(row::id.gt(after));
    }
    if let Some(programme) = &filter.programme {
        rows = rows.filter(row::programme.eq(programme));
    }
    if let Some(month) = filter.month {
        rows = rows.filter(row::month.eq(month));
    }
    if let Some(status) = filter.status {
        rows = rows.filter(row::status.eq(status.as_str()));
    }
    if let Some(merchant) = filter.merchant {
        rows = rows.filter(row::merchant_id.eq(merchant));
    }
    rows.load::<Row>(conn)?.into_iter().map(Row::read).collect()
}

/// A page of all claims in the order of their ids, after the one given.
pub fn page(
    conn: &mut Conn,
    after: Option<Id<Claim>>,
    size: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let rows = row::table
        .filter(row::id.gt(after.unwrap_or(Id::from_bytes([0; 16]))))
        .order(row::id)
        .limit(size)
        .load::<Row>(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// Writes what has changed of a claim, if nothing has happened to it since it was read.
pub fn move_on(conn: &mut Conn, claim: &Claimed) -> QueryResult<bool> {
    let own = row::table.filter(row::id.eq(claim.id).and(row::version.eq(claim.version - 1)));
    let changed = diesel::update(own)
        .set((
            row::status.eq(claim.status.as_str()),
            row::remaining.eq(claim.remaining),
            row::submitted_by.eq(&claim.submitted_by),
            row::version.eq(claim.version),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
