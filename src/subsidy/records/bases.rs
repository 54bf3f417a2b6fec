//! What claims rest on, as rows.

use crate::kernel::{Actor, Id, Instant, Money, Month};
use crate::merchant::Merchant;
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::one_of::one_of;
use crate::store::schema::claim_basis as row;
use crate::store::{Conn, StoreError};
use crate::subsidy::{Declared, Settled};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};

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
    const INTO: &'static str = "claim_basis (merchant_id, programme, acquirer, month, version, \
        fee, rate, tier, certified, entitled, granted, cause, record_id, known_at, recorded_at, \
        recorded_by)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        let basis = &self.basis;
        values
            .add::<Binary, _>(&basis.merchant)?
            .add::<Text, _>(self.programme)?
            .add::<Text, _>(&basis.acquirer)?;
        values
            .add::<Integer, _>(&basis.month)?
            .add::<Integer, _>(&basis.version)?;
        values
            .add::<BigInt, _>(&basis.fee)?
            .add::<Integer, _>(&basis.rate)?;
        values
            .add::<Nullable<Text>, Option<String>>(&basis.tier)?
            .add::<Bool, _>(&basis.certified)?;
        values
            .add::<BigInt, _>(&basis.entitled)?
            .add::<BigInt, _>(&basis.granted)?;
        values
            .add::<Text, _>(&basis.cause)?
            .add::<Binary, _>(&basis.record)?;
        values
            .add::<BigInt, _>(&basis.known_at)?
            .add::<BigInt, _>(&self.recorded_at)?;
        values.add::<Text, str>(self.by.as_str()).map(drop)
    }
}

pub fn add_bases(conn: &mut Conn, rows: &[NewBasis<'_>]) -> QueryResult<usize> {
    insert(conn, rows, OnConflict::Fail)
}

/// Whether anything was computed of a month.
pub fn has_bases(conn: &mut Conn, programme: &str, month: Month) -> QueryResult<bool> {
    let of_month = row::table
        .filter(row::programme.eq(programme).and(row::month.eq(month)))
        .select(row::version)
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
    let rows: Vec<Basis> = row::table
        .filter(
            one_of(row::merchant_id, merchants)
                .and(row::programme.eq(programme))
                .and(row::month.between(months.0, months.1)),
        )
        .order((row::merchant_id, row::acquirer, row::month, row::version))
        .select((
            row::merchant_id,
            row::acquirer,
            row::month,
            row::version,
            row::fee,
            row::rate,
            row::tier,
            row::certified,
            row::entitled,
            row::granted,
            row::cause,
            row::record_id,
            row::known_at,
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
