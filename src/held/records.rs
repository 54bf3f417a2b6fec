//! Rows of held changes.

use super::{Decision, HeldChange};
use crate::kernel::{Actor, Digest, Id, Instant, Uscc};
use crate::merchant::Merchant;
use crate::register::records::Delivery;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::{
    Conn,
    schema::{delivery, fact, fact_version, held_change, merchant},
};
use diesel::prelude::*;
use std::collections::HashSet;

/// A change held now.
#[derive(Clone, Debug)]
pub struct NewHeld<'a> {
    pub id: Id<HeldChange>,
    pub kind: &'a str,
    pub key: &'a str,
    pub known_version: i32,
    pub digest: Digest,
    pub merchant: Id<Merchant>,
    pub delivery: Id<Delivery>,
    pub line: i64,
    pub content: &'a str,
    pub held_at: Instant,
}

impl Insert for NewHeld<'_> {
    row!(held_change, |row| {
        id: &row.id,
        kind: row.kind,
        key: row.key,
        known_version: &row.known_version,
        digest: &row.digest,
        merchant_id: &row.merchant,
        delivery_id: &row.delivery,
        line: &row.line,
        content: row.content,
        held_at: &row.held_at,
    });
}

/// Holds changes; one that is held or was decided against the same version already is left as it is.
pub fn hold(conn: &mut Conn, changes: &[NewHeld<'_>]) -> QueryResult<usize> {
    insert(conn, changes, OnConflict::Keep)
}

/// A change that was rejected: the key of its fact, the version that was known, and the digest of its content.
pub type Rejected = (String, i32, Digest);

/// Which changes of these facts were rejected before.
pub fn rejected<'a>(
    conn: &mut Conn,
    kind: &str,
    keys: impl IntoIterator<Item = &'a str>,
) -> QueryResult<HashSet<Rejected>> {
    let of_these = held_change::kind
        .eq(kind)
        .and(one_of(held_change::key, keys));
    let rows = held_change::table
        .filter(of_these.and(held_change::decision.eq("rejected")))
        .select((
            held_change::key,
            held_change::known_version,
            held_change::digest,
        ));
    Ok(rows.load::<Rejected>(conn)?.into_iter().collect())
}

/// A held change beside the version that is known now.
#[derive(Clone, Debug, Queryable)]
pub struct Held {
    pub id: Id<HeldChange>,
    pub kind: String,
    pub key: String,
    pub known_version: i32,
    pub uscc: Uscc,
    pub merchant: Id<Merchant>,
    pub delivery: Id<Delivery>,
    pub file: String,
    pub source: String,
    pub line: i64,
    pub content: String,
    pub held_at: Instant,
    pub decided_at: Option<Instant>,
    pub fact_merchant: Id<Merchant>,
    pub fact_version: i32,
    pub known_content: String,
}

/// The held changes that can be decided, oldest first: nobody has decided them, and the fact has not moved on since. Or
/// the one asked for, whatever has become of it.
pub fn held(conn: &mut Conn, id: Option<Id<HeldChange>>) -> QueryResult<Vec<Held>> {
    let mut rows = held_change::table
        .inner_join(
            fact::table.on(fact::kind
                .eq(held_change::kind)
                .and(fact::key.eq(held_change::key))),
        )
        .inner_join(merchant::table.on(merchant::id.eq(fact::merchant_id)))
        .inner_join(delivery::table.on(delivery::id.eq(held_change::delivery_id)))
        .inner_join(
            fact_version::table.on(fact_version::merchant_id
                .eq(fact::merchant_id)
                .and(fact_version::kind.eq(fact::kind))
                .and(fact_version::key.eq(fact::key))
                .and(fact_version::version.eq(fact::version))),
        )
        .select((
            (
                held_change::id,
                held_change::kind,
                held_change::key,
                held_change::known_version,
                merchant::uscc,
            ),
            (
                held_change::merchant_id,
                held_change::delivery_id,
                delivery::file,
                delivery::source,
                held_change::line,
            ),
            (
                held_change::content,
                held_change::held_at,
                held_change::decided_at,
            ),
            (fact::merchant_id, fact::version, fact_version::content),
        ))
        .order((held_change::held_at, held_change::id))
        .into_boxed();
    rows = match id {
        Some(id) => rows.filter(held_change::id.eq(id)),
        None => rows.filter(
            held_change::decided_at
                .is_null()
                .and(held_change::known_version.eq(fact::version)),
        ),
    };
    let rows = rows.load::<(
        (Id<HeldChange>, String, String, i32, Uscc),
        (Id<Merchant>, Id<Delivery>, String, String, i64),
        (String, Instant, Option<Instant>),
        (Id<Merchant>, i32, String),
    )>(conn)?;
    Ok(rows
        .into_iter()
        .map(|(a, b, c, d)| Held {
            id: a.0,
            kind: a.1,
            key: a.2,
            known_version: a.3,
            uscc: a.4,
            merchant: b.0,
            delivery: b.1,
            file: b.2,
            source: b.3,
            line: b.4,
            content: c.0,
            held_at: c.1,
            decided_at: c.2,
            fact_merchant: d.0,
            fact_version: d.1,
            known_content: d.2,
        })
        .collect())
}

/// Writes a decision; false where somebody has decided meanwhile.
pub fn decide(
    conn: &mut Conn,
    id: Id<HeldChange>,
    decision: Decision,
    by: &Actor,
    at: Instant,
) -> QueryResult<bool> {
    let open = held_change::table.filter(
        held_change::id
            .eq(id)
            .and(held_change::decided_at.is_null()),
    );
    let decided = (
        held_change::decided_at.eq(at),
        held_change::decided_by.eq(by.as_str()),
        held_change::decision.eq(decision.to_string()),
    );
    Ok(diesel::update(open).set(decided).execute(conn)? == 1)
}
