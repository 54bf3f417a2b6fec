//! Rows of keys.

use super::{Answered, Asked, forgotten_before};
use crate::kernel::{Digest, Instant};
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::schema::idempotency_key as row;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Text};

/// Takes the key for this transaction; false where another one has it. On SQLite a writer is alone anyway.
pub fn take(conn: &mut Conn, key: Digest) -> QueryResult<bool> {
    let Conn::Postgres(conn) = conn else {
        return Ok(true);
    };
    let mut number = [0; 8];
    number.copy_from_slice(&key.as_bytes()[..8]);
    let lock = diesel::dsl::sql::<Bool>("pg_try_advisory_xact_lock(")
        .bind::<BigInt, _>(i64::from_be_bytes(number))
        .sql(")");
    diesel::select(lock).get_result(conn)
}

/// What was asked under a key that is still remembered, and the answer.
pub fn find(conn: &mut Conn, key: Digest, now: Instant) -> QueryResult<Option<(Digest, Answered)>> {
    let kept = row::table
        .filter(
            row::key_digest
                .eq(key)
                .and(row::created_at.ge(forgotten_before(now))),
        )
        .select((row::request_digest, row::status, row::body))
        .first::<(Digest, i32, String)>(conn)
        .optional()?;
    Ok(kept.map(|(request, status, body)| {
        let status = u16::try_from(status).unwrap_or_default();
        (request, Answered { status, body })
    }))
}

struct NewKey<'a> {
    asked: Asked,
    status: i32,
    body: &'a str,
    created_at: Instant,
}

impl Insert for NewKey<'_> {
    const INTO: &'static str =
        "idempotency_key (key_digest, request_digest, status, body, created_at)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Binary, _>(&self.asked.key)?
            .add::<Binary, _>(&self.asked.request)?;
        values
            .add::<Integer, _>(&self.status)?
            .add::<Text, _>(self.body)?
            .add::<BigInt, _>(&self.created_at)
            .map(drop)
    }
}

/// Remembers what was answered, and forgets what is too old.
pub fn keep(conn: &mut Conn, asked: Asked, answered: &Answered, now: Instant) -> QueryResult<()> {
    let old = row::table.filter(row::created_at.lt(forgotten_before(now)));
    diesel::delete(old).execute(conn)?;
    let new = NewKey {
        asked,
        status: i32::from(answered.status),
        body: &answered.body,
        created_at: now,
    };
    insert(conn, &[new], OnConflict::Fail).map(drop)
}
