//! Rows of keys.

use super::{Answered, Asked, forgotten_before};
use crate::kernel::{Digest, Instant};
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::schema::idempotency_key;
use crate::store::seek::Seek;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Text};
use std::collections::{HashMap, HashSet};

/// Takes keys for this transaction; those that another one has are left out. On SQLite a writer is alone anyway.
pub fn take(conn: &mut Conn, keys: &[Digest]) -> QueryResult<HashSet<Digest>> {
    let Conn::Postgres(conn) = conn else {
        return Ok(keys.iter().copied().collect());
    };
    let numbers: Vec<String> = keys.iter().map(|key| number(*key).to_string()).collect();
    let numbers = format!("[{}]", numbers.join(","));
    let taken: Vec<Taken> = diesel::sql_query(
        "SELECT value::bigint AS number, pg_try_advisory_xact_lock(value::bigint) AS is_ours \
         FROM json_array_elements_text($1::json) AS value",
    )
    .bind::<Text, _>(numbers)
    .load(conn)?;
    let ours = taken.iter().filter(|taken| taken.is_ours);
    let ours: HashSet<i64> = ours.map(|taken| taken.number).collect();
    let is_ours = |key: &Digest| ours.contains(&number(*key));
    Ok(keys.iter().copied().filter(is_ours).collect())
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Bool)]
    is_ours: bool,
}

/// By which number PostgreSQL locks a key.
fn number(key: Digest) -> i64 {
    let mut number = [0; 8];
    number.copy_from_slice(&key.as_bytes()[..8]);
    i64::from_be_bytes(number)
}

/// What was asked under those of the keys that are still remembered, and the answers.
pub fn find(
    conn: &mut Conn,
    keys: &[Digest],
    now: Instant,
) -> QueryResult<HashMap<Digest, (Digest, Answered)>> {
    let columns = "key_digest, request_digest, status, body, created_at";
    let kept = Seek::<(Binary, Binary, Integer, Text, BigInt)>::new(
        columns,
        "idempotency_key",
        "key_digest",
        keys,
    );
    let kept = kept.load::<(Digest, Digest, i32, String, Instant)>(conn)?;
    let kept = kept
        .into_iter()
        .filter(|row| row.4 >= forgotten_before(now));
    let found = |(key, request, status, body, _)| {
        let status = u16::try_from(status).unwrap_or_default();
        (key, (request, Answered { status, body }))
    };
    Ok(kept.map(found).collect())
}

struct NewKey {
    asked: Asked,
    status: i32,
    body: String,
    created_at: Instant,
}

impl Insert for NewKey {
    row!(idempotency_key, |row| {
        key_digest: &row.asked.key,
        request_digest: &row.asked.request,
        status: &row.status,
        body: &row.body,
        created_at: &row.created_at,
    });
}

/// Remembers what was answered, and forgets what is too old.
pub fn keep(conn: &mut Conn, answers: &[(Asked, Answered)], now: Instant) -> QueryResult<()> {
    if answers.is_empty() {
        return Ok(());
    }
    forget(conn, now)?;
    let new = |(asked, answered): &'_ (Asked, Answered)| NewKey {
        asked: *asked,
        status: i32::from(answered.status),
        body: answered.body.clone(),
        created_at: now,
    };
    let rows: Vec<NewKey> = answers.iter().map(new).collect();
    insert(conn, &rows, OnConflict::Fail).map(drop)
}

/// Forgets what is too old. Whether anything is, the index tells at once; how much is, nobody knows of a new table.
fn forget(conn: &mut Conn, now: Instant) -> QueryResult<()> {
    let oldest: Option<Instant> = idempotency_key::table
        .select(diesel::dsl::min(idempotency_key::created_at))
        .first(conn)?;
    if oldest.is_some_and(|oldest| oldest < forgotten_before(now)) {
        let old =
            idempotency_key::table.filter(idempotency_key::created_at.lt(forgotten_before(now)));
        diesel::delete(old).execute(conn)?;
    }
    Ok(())
}
