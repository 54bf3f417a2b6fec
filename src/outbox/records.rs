//! Rows of messages.

use super::{Kind, Message, Pending};
use crate::advice::Advice;
use crate::kernel::{Id, Instant};
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::schema::outbox;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;

/// A message in the making.
pub struct NewMessage {
    pub bank: String,
    pub id: Id<Message>,
    pub kind: Kind,
    pub about: Id<Advice>,
    pub created_at: Instant,
}

impl Insert for NewMessage {
    row!(outbox, |row| {
        bank_id: &row.bank,
        id: &row.id,
        kind: row.kind.as_str(),
        advice_id: &row.about,
        created_at: &row.created_at,
    });
}

/// Promises messages: they are there once the transaction is.
pub fn promise(conn: &mut Conn, messages: &[NewMessage]) -> QueryResult<usize> {
    insert(conn, messages, OnConflict::Fail)
}

/// The messages to a bank that it has not received, the oldest first, after the one given. That is for one transaction: a
/// bank is given no cursor, since ids are made before they are committed, so that one that follows could be passed by.
pub fn pending(
    conn: &mut Conn,
    bank: &str,
    after: Option<&Pending>,
    most: i64,
) -> Result<Vec<Pending>, StoreError> {
    let (at, id) = after.map_or(
        (Instant::from_micros(i64::MIN), Id::from_bytes([0; 16])),
        |last| (last.created_at, last.id),
    );
    let later = outbox::created_at.gt(at);
    let later = later.or(outbox::created_at.eq(at).and(outbox::id.gt(id)));
    let rows = outbox::table
        .filter(outbox::bank_id.eq(bank).and(outbox::received_at.is_null()))
        .filter(later)
        .order((outbox::created_at, outbox::id))
        .limit(most)
        .select((
            outbox::id,
            outbox::kind,
            outbox::advice_id,
            outbox::created_at,
        ))
        .load::<(Id<Message>, String, Id<Advice>, Instant)>(conn)?;
    let message = |(id, kind, about, created_at): (_, String, _, _)| {
        let known = Kind::ALL.into_iter().find(|known| known.as_str() == kind);
        let kind = known.ok_or_else(|| StoreError::Content(format!("message {kind:?}")))?;
        Ok(Pending {
            id,
            kind,
            about,
            created_at,
        })
    };
    rows.into_iter().map(message).collect()
}

/// Takes messages off a bank's list. Those of them that are off it now, or were before; what the bank has no message of is
/// left out.
pub fn receive(
    conn: &mut Conn,
    bank: &str,
    ids: &[Id<Message>],
    at: Instant,
) -> QueryResult<Vec<Id<Message>>> {
    let own = || outbox::bank_id.eq(bank).and(one_of(outbox::id, ids));
    diesel::update(outbox::table.filter(own().and(outbox::received_at.is_null())))
        .set(outbox::received_at.eq(at))
        .execute(conn)?;
    outbox::table
        .filter(own())
        .order(outbox::id)
        .select(outbox::id)
        .load(conn)
}
