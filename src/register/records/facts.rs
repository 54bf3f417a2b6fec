//! Facts by their keys, and the versions written of them.

use crate::kernel::id::Named;
use crate::kernel::{Id, Instant};
use crate::merchant::Merchant;
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::schema::{fact, fact_version};
use crate::store::seek::Seek;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Text};
use std::borrow::Cow;

// It gives nothing; nobody reads what it gives.
diesel::define_sql_function! { fn pg_advisory_xact_lock_shared(group: Integer, number: Integer) -> Text; }

/// One file taken for one source.
pub struct Delivery;

impl Named for Delivery {
    const PREFIX: &'static str = "dlv";
}

/// A fact as it stands: whose it is, and its latest version.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    pub merchant: Id<Merchant>,
    pub version: i32,
    /// The delivery that wrote the version.
    pub delivery: Id<Delivery>,
    pub content: Cow<'a, str>,
}

/// A fact beside its latest version.
const LATEST: &str = "fact JOIN fact_version AS latest ON latest.merchant_id = fact.merchant_id \
    AND latest.kind = fact.kind AND latest.key = fact.key AND latest.version = fact.version";

/// The facts known under these keys of one kind. Each is sought by itself: of a kind that is new PostgreSQL would believe
/// that there are none, and read all that have come in since.
pub fn known<'a>(
    conn: &mut Conn,
    kind: &str,
    keys: impl IntoIterator<Item = &'a str>,
) -> QueryResult<Vec<(String, Known<'static>)>> {
    const COLUMNS: &str =
        "fact.key, fact.merchant_id, fact.version, latest.delivery_id, latest.content";
    let rows =
        Seek::<(Text, Binary, Integer, Binary, Text)>::new(COLUMNS, LATEST, "fact.key", keys)
            .equal("fact.kind", kind)
            .load::<(String, Id<Merchant>, i32, Id<Delivery>, String)>(conn)?;
    let known = |(key, merchant, version, delivery, content): (_, _, _, _, String)| {
        let known = Known {
            merchant,
            version,
            delivery,
            content: content.into(),
        };
        (key, known)
    };
    Ok(rows.into_iter().map(known).collect())
}

/// All versions that the merchant of a fact's latest version has of it, the first one first.
pub fn versions_of(
    conn: &mut Conn,
    latest: &Known<'_>,
    kind: &str,
    key: &str,
) -> QueryResult<Vec<Known<'static>>> {
    let of_fact = fact_version::merchant_id
        .eq(latest.merchant)
        .and(fact_version::kind.eq(kind))
        .and(fact_version::key.eq(key));
    let rows = fact_version::table
        .filter(of_fact)
        .order(fact_version::version)
        .select((
            fact_version::version,
            fact_version::delivery_id,
            fact_version::content,
        ))
        .load::<(i32, Id<Delivery>, String)>(conn)?;
    let merchant = latest.merchant;
    let version = |(version, delivery, content): (_, _, String)| Known {
        merchant,
        version,
        delivery,
        content: content.into(),
    };
    Ok(rows.into_iter().map(version).collect())
}

/// Lets one writer of the register work at a time: on PostgreSQL by an advisory lock until the transaction ends, on
/// SQLite every writer is alone anyway.
pub fn lock_register(conn: &mut Conn) -> QueryResult<()> {
    lock(conn, "SELECT pg_advisory_xact_lock(330921, 1)")
}

/// Waits for the answers that are on their way, and lets no other begin until the transaction ends. Whoever records
/// facts asks for the time after it: then an answer that does not know of them is older than they are.
pub fn keep_answers_out(conn: &mut Conn) -> QueryResult<()> {
    lock(conn, "SELECT pg_advisory_xact_lock(330921, 2)")
}

/// Waits for facts that are being recorded, and lets no others be recorded until the transaction ends.
pub fn keep_facts_out(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        // Every batch of answers takes it, so it stays prepared.
        Conn::Postgres(conn) => diesel::select(pg_advisory_xact_lock_shared(330_921, 2))
            .execute(conn)
            .map(drop),
    }
}

/// Has PostgreSQL count the rows of what an import writes and looks up, where it believes that there are fewer than this
/// file has brought. A plan that was made while a table was empty reads it from end to end: a county's first delivery
/// would become slower with the square of its rows until the server counts by itself, which it does once a minute. A
/// table at which the server is busy already is left alone.
pub fn count_again(conn: &mut Conn, rows: u64) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Believed {
        #[diesel(sql_type = Bool)]
        too_few: bool,
    }
    let Conn::Postgres(conn) = conn else {
        return Ok(());
    };
    let believed = "SELECT reltuples < $1 AS too_few FROM pg_class WHERE oid = 'fact'::regclass";
    let believed = diesel::sql_query(believed)
        .bind::<BigInt, _>(i64::try_from(rows).unwrap_or(i64::MAX))
        .get_result::<Believed>(conn)?;
    if believed.too_few {
        let tables = "ANALYZE (SKIP_LOCKED) merchant, current_score, fact, fact_version";
        conn.batch_execute(tables)?;
    }
    Ok(())
}

fn lock(conn: &mut Conn, on_postgres: &str) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(conn) => diesel::sql_query(on_postgres).execute(conn).map(drop),
    }
}

/// The index entry of a fact, new or moved on to its next version.
#[derive(Clone, Debug)]
pub struct FactRow<'a> {
    pub kind: &'a str,
    pub key: &'a str,
    pub merchant: Id<Merchant>,
    pub version: i32,
    pub source: &'a str,
}

impl Insert for FactRow<'_> {
    row!(fact, |row| {
        kind: row.kind,
        key: row.key,
        merchant_id: &row.merchant,
        version: &row.version,
        source: row.source,
    });
}

/// One version of a fact; a content of `""` says that the fact is no longer this merchant's.
#[derive(Clone, Debug)]
pub struct VersionRow<'a> {
    pub merchant: Id<Merchant>,
    pub kind: &'a str,
    pub key: &'a str,
    pub version: i32,
    pub recorded_at: Instant,
    pub delivery: Id<Delivery>,
    pub content: &'a str,
}

impl Insert for VersionRow<'_> {
    row!(fact_version, |row| {
        merchant_id: &row.merchant,
        kind: row.kind,
        key: row.key,
        version: &row.version,
        recorded_at: &row.recorded_at,
        delivery_id: &row.delivery,
        content: row.content,
    });
}

/// Writes versions, and the index entries of the facts that they belong to: those of facts that were not known, and of
/// facts that were.
pub fn write(
    conn: &mut Conn,
    new: &[FactRow<'_>],
    moved_on: &[FactRow<'_>],
    versions: &[VersionRow<'_>],
) -> QueryResult<()> {
    let moves =
        "(kind, key) DO UPDATE SET version = excluded.version, merchant_id = excluded.merchant_id";
    insert(conn, new, OnConflict::Fail)?;
    insert(conn, moved_on, OnConflict::Do(moves))?;
    insert(conn, versions, OnConflict::Fail).map(drop)
}

/// Calls `each` with every key known of a kind from one source, in bounded memory.
pub fn each_key(
    conn: &mut Conn,
    kind: &str,
    source: &str,
    mut each: impl FnMut(&str),
) -> QueryResult<()> {
    let mut after = String::new();
    loop {
        let keys: Vec<String> = fact::table
            .filter(
                fact::kind
                    .eq(kind)
                    .and(fact::source.eq(source))
                    .and(fact::key.gt(&after)),
            )
            .order(fact::key)
            .limit(4096)
            .select(fact::key)
            .load(conn)?;
        let Some(last) = keys.last() else {
            return Ok(());
        };
        keys.iter().for_each(|key| each(key));
        after.clone_from(last);
    }
}
