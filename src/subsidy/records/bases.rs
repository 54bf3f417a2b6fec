//! What claims rest on, as rows.

use crate::kernel::{Actor, Id, Instant, Money, Month};
use crate::merchant::Merchant;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::schema::claim_basis;
use crate::store::{Conn, StoreError};
use crate::subsidy::{Declared, Settled};
use diesel::prelude::*;

/// What a merchant's fees at one acquirer in one month came to, when that was last looked at and had changed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Basis {
    pub merchant: Id<Merchant>,
    pub acquirer: String,
    pub month: Month,
    /// 1 where the claim was computed; later ones are differences.
    pub version: i32,
    /// The base, in fen.
    pub fee: Money,
    /// In basis points, as first computed.
    pub rate: i32,
    pub tier: Option<String>,
    pub certified: bool,
    /// What the rate and the caps allow, before the pool is looked at; in fen.
    pub entitled: Money,
    /// What this version added to the claims, or took away from them (below zero), in fen.
    pub granted: Money,
    /// What had changed: `first`, `fee`, `certification` or `both`.
    pub cause: String,
    /// The programme's record by which the claim was first computed.
    pub record: Id<Declared>,
    /// What was known when it was first computed is what was recorded until then.
    pub known_at: Instant,
}

/// A basis on its way to its row.
pub struct NewBasis<'a> {
    pub programme: &'a str,
    pub basis: Basis,
    pub recorded_at: Instant,
    pub by: &'a Actor,
}

impl Insert for NewBasis<'_> {
    row!(claim_basis, |row| {
        merchant_id: &row.basis.merchant,
        programme: row.programme,
        acquirer: &row.basis.acquirer,
        month: &row.basis.month,
        version: &row.basis.version,
        fee: &row.basis.fee,
        rate: &row.basis.rate,
        tier: &row.basis.tier,
        certified: &row.basis.certified,
        entitled: &row.basis.entitled,
        granted: &row.basis.granted,
        cause: &row.basis.cause,
        record_id: &row.basis.record,
        known_at: &row.basis.known_at,
        recorded_at: &row.recorded_at,
        recorded_by: row.by.as_str(),
    });
}

pub fn add_bases(conn: &mut Conn, rows: &[NewBasis<'_>]) -> QueryResult<usize> {
    insert(conn, rows, OnConflict::Fail)
}

/// Whether anything was computed of a month.
pub fn has_bases(conn: &mut Conn, programme: &str, month: Month) -> QueryResult<bool> {
    let of_month = claim_basis::table
        .filter(
            claim_basis::programme
                .eq(programme)
                .and(claim_basis::month.eq(month)),
        )
        .select(claim_basis::version)
        .limit(1);
    let one: Option<i32> = of_month.first(conn).optional()?;
    Ok(one.is_some())
}

/// The latest basis of each of these merchants' acquirers in the months from first to last, and what has come of it and
/// those before it.
///
/// # Errors
/// Where the amounts do not add up within their range, or the store fails.
pub fn latest_bases(
    conn: &mut Conn,
    programme: &str,
    months: (Month, Month),
    merchants: &[Id<Merchant>],
) -> Result<Vec<(Basis, Settled)>, StoreError> {
    let rows: Vec<Basis> = claim_basis::table
        .filter(
            one_of(claim_basis::merchant_id, merchants)
                .and(claim_basis::programme.eq(programme))
                .and(claim_basis::month.between(months.0, months.1)),
        )
        .order((
            claim_basis::merchant_id,
            claim_basis::acquirer,
            claim_basis::month,
            claim_basis::version,
        ))
        .select((
            claim_basis::merchant_id,
            claim_basis::acquirer,
            claim_basis::month,
            claim_basis::version,
            claim_basis::fee,
            claim_basis::rate,
            claim_basis::tier,
            claim_basis::certified,
            claim_basis::entitled,
            claim_basis::granted,
            claim_basis::cause,
            claim_basis::record_id,
            claim_basis::known_at,
        ))
        .load(conn)?;
    let latest = rows
        .chunk_by(|a, b| (a.merchant, &a.acquirer, a.month) == (b.merchant, &b.acquirer, b.month));
    let with_all = |versions: &[Basis]| {
        let steps = versions.iter().map(|basis| (basis.entitled, basis.granted));
        let settled = Settled::of(steps).map_err(|error| StoreError::Content(error.to_string()))?;
        Ok(versions.last().map(|last| (last.clone(), settled)))
    };
    latest
        .filter_map(|versions| with_all(versions).transpose())
        .collect()
}
