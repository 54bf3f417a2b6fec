//! Rows of disputes.

use super::{Dispute, Verdict};
use crate::kernel::{Actor, Id, Instant, Uscc};
use crate::merchant::Merchant;
use crate::register::Kinds;
use crate::scorecard::Evidence;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::{
    Conn,
    schema::{dispute, merchant},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// An objection that is raised now.
pub struct NewDispute<'a> {
    pub id: Id<Dispute>,
    pub kind: &'a str,
    pub key: &'a str,
    pub merchant: Id<Merchant>,
    pub reason: &'a str,
    pub opened_at: Instant,
    pub opened_by: &'a Actor,
}

impl Insert for NewDispute<'_> {
    row!(dispute, |row| {
        id: &row.id,
        kind: row.kind,
        key: row.key,
        merchant_id: &row.merchant,
        reason: row.reason,
        opened_at: &row.opened_at,
        opened_by: row.opened_by.as_str(),
    });
}

/// Opens a dispute; false where the fact is disputed already.
pub fn open(conn: &mut Conn, new: NewDispute<'_>) -> QueryResult<bool> {
    Ok(insert(conn, &[new], OnConflict::Keep)? == 1)
}

/// Decides a dispute; none where there is no such dispute, else whether it was open, and whose it is.
pub fn decide(
    conn: &mut Conn,
    id: Id<Dispute>,
    verdict: Verdict,
    by: &Actor,
    at: Instant,
) -> QueryResult<Option<(bool, Id<Merchant>)>> {
    let open = dispute::table.filter(dispute::id.eq(id).and(dispute::decided_at.is_null()));
    let decided = (
        dispute::decided_at.eq(at),
        dispute::decided_by.eq(by.as_str()),
        dispute::outcome.eq(verdict.to_string()),
    );
    let was_open = diesel::update(open).set(decided).execute(conn)? == 1;
    let merchant = dispute::table
        .filter(dispute::id.eq(id))
        .select(dispute::merchant_id)
        .first::<Id<Merchant>>(conn)
        .optional()?;
    Ok(merchant.map(|merchant| (was_open, merchant)))
}

/// The facts of these merchants that are disputed now, in the order of their registers and keys.
pub fn open_disputes(
    conn: &mut Conn,
    kinds: &Kinds,
    merchants: &[Id<Merchant>],
) -> QueryResult<HashMap<Id<Merchant>, Vec<Evidence>>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    let rows = dispute::table
        .filter(one_of(dispute::merchant_id, merchants).and(dispute::decided_at.is_null()))
        .order((dispute::kind, dispute::key))
        .select((dispute::merchant_id, dispute::kind, dispute::key))
        .load::<(Id<Merchant>, String, String)>(conn)?;
    for (merchant, kind, key) in rows {
        let Some(kind) = kinds.index(&kind) else {
            continue;
        };
        found.entry(merchant).or_default().push(Evidence {
            kind,
            key: key.into(),
        });
    }
    Ok(found)
}

/// A dispute as it is listed.
#[derive(Clone, Debug, Queryable, serde::Serialize)]
pub struct Listed {
    pub id: Id<Dispute>,
    pub uscc: Uscc,
    pub kind: String,
    pub key: String,
    pub reason: String,
    pub opened_at: Instant,
    pub opened_by: String,
    pub decided_at: Option<Instant>,
    pub decided_by: Option<String>,
    pub outcome: Option<String>,
}

/// The disputes, oldest first; only the open ones, or all.
pub fn list(conn: &mut Conn, all: bool) -> QueryResult<Vec<Listed>> {
    let mut rows = dispute::table
        .inner_join(merchant::table.on(merchant::id.eq(dispute::merchant_id)))
        .order((dispute::opened_at, dispute::id))
        .select((
            dispute::id,
            merchant::uscc,
            dispute::kind,
            dispute::key,
            dispute::reason,
            dispute::opened_at,
            dispute::opened_by,
            dispute::decided_at,
            dispute::decided_by,
            dispute::outcome,
        ))
        .into_boxed();
    if !all {
        rows = rows.filter(dispute::decided_at.is_null());
    }
    rows.load(conn)
}
