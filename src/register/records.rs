//! Rows of facts, their versions, held changes, deliveries and coverage.

use super::{Coverage, CoverageRow, Fact, History, Kinds, content};
use crate::kernel::id::Named;
use crate::kernel::{Day, Digest, Id, Instant, Uscc};
use crate::merchant::Merchant;
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::schema::{coverage, fact, fact_version, merchant};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Text};
use std::collections::HashMap;

/// How many keys one question names.
const KEYS: usize = 128;

/// One file taken for one source.
pub struct Delivery;

impl Named for Delivery {
    const PREFIX: &'static str = "dlv";
}

/// A fact as it stands: whose it is, and its latest version.
#[derive(Clone, Debug)]
pub struct Known {
    pub merchant: Id<Merchant>,
    pub version: i32,
    pub content: Box<str>,
}

/// The facts known under these keys of one kind.
pub fn known(conn: &mut Conn, kind: &str, keys: &[&str]) -> QueryResult<HashMap<Box<str>, Known>> {
    let mut found = HashMap::with_capacity(keys.len());
    for keys in keys.chunks(KEYS) {
        let rows = fact::table
            .inner_join(
                fact_version::table.on(fact_version::merchant_id
                    .eq(fact::merchant_id)
                    .and(fact_version::kind.eq(fact::kind))
                    .and(fact_version::key.eq(fact::key))
                    .and(fact_version::version.eq(fact::version))),
            )
            .filter(fact::kind.eq(kind).and(fact::key.eq_any(keys)))
            .select((
                fact::key,
                fact::merchant_id,
                fact::version,
                fact_version::content,
            ))
            .load::<(String, Id<Merchant>, i32, String)>(conn)?;
        found.extend(rows.into_iter().map(|(key, merchant, version, content)| {
            (
                key.into(),
                Known {
                    merchant,
                    version,
                    content: content.into(),
                },
            )
        }));
    }
    Ok(found)
}

/// Lets one writer of the register work at a time: on PostgreSQL by an advisory lock until the transaction ends, on
/// SQLite every writer is alone anyway.
pub fn lock_register(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(conn) => diesel::sql_query("SELECT pg_advisory_xact_lock(330921, 1)")
            .execute(conn)
            .map(drop),
    }
}

/// The index entry of a fact, new or moved on to its next version.
#[derive(Clone, Debug)]
pub struct FactRow<'a> {
    pub kind: &'a str,
    pub key: Box<str>,
    pub merchant: Id<Merchant>,
    pub version: i32,
    pub source: &'a str,
}

impl Insert for FactRow<'_> {
    const INTO: &'static str = "fact (kind, key, merchant_id, version, source)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Text, _>(self.kind)?
            .add::<Text, str>(&self.key)?;
        values
            .add::<Binary, _>(&self.merchant)?
            .add::<Integer, _>(&self.version)?;
        values.add::<Text, _>(self.source).map(drop)
    }
}

/// One version of a fact; a content of `""` says that the fact is no longer this merchant's.
#[derive(Clone, Debug)]
pub struct VersionRow<'a> {
    pub kind: &'a str,
    pub key: Box<str>,
    pub merchant: Id<Merchant>,
    pub version: i32,
    pub recorded_at: Instant,
    pub delivery: Id<Delivery>,
    pub content: Box<str>,
}

impl Insert for VersionRow<'_> {
    const INTO: &'static str =
        "fact_version (merchant_id, kind, key, version, recorded_at, delivery_id, content)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Binary, _>(&self.merchant)?
            .add::<Text, _>(self.kind)?;
        values
            .add::<Text, str>(&self.key)?
            .add::<Integer, _>(&self.version)?;
        values
            .add::<BigInt, _>(&self.recorded_at)?
            .add::<Binary, _>(&self.delivery)?;
        values.add::<Text, str>(&self.content).map(drop)
    }
}

/// Writes versions, and the index entries of the facts that they belong to.
pub fn write(
    conn: &mut Conn,
    facts: &[FactRow<'_>],
    versions: &[VersionRow<'_>],
) -> QueryResult<()> {
    let moved =
        "(kind, key) DO UPDATE SET version = excluded.version, merchant_id = excluded.merchant_id";
    insert(conn, facts, OnConflict::Do(moved))?;
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

/// The histories of these merchants as known at a moment (now, where none is given); one each, in the order of the
/// ids, also where nothing is known.
pub fn histories(
    conn: &mut Conn,
    kinds: &Kinds,
    merchants: &[Id<Merchant>],
    known_at: Option<Instant>,
) -> Result<Vec<(Id<Merchant>, History)>, StoreError> {
    let codes = crate::merchant::records::usccs(conn, merchants)?;
    let mut facts: HashMap<Id<Merchant>, Vec<Fact>> = HashMap::with_capacity(merchants.len());
    let until = known_at.map_or(i64::MAX, Instant::micros);
    for merchants in merchants.chunks(KEYS) {
        let rows = fact_version::table
            .filter(
                fact_version::merchant_id
                    .eq_any(merchants)
                    .and(fact_version::recorded_at.le(Instant::from_micros(until))),
            )
            .order((
                fact_version::merchant_id,
                fact_version::kind,
                fact_version::key,
                fact_version::version,
            ))
            .select((
                fact_version::merchant_id,
                fact_version::kind,
                fact_version::key,
                fact_version::content,
            ))
            .load::<(Id<Merchant>, String, String, String)>(conn)?;
        for latest in rows.chunk_by(|a, b| (a.0, &a.1, &a.2) == (b.0, &b.1, &b.2)) {
            let Some((merchant, kind, key, content)) = latest.last() else {
                continue;
            };
            if let Some(fact) = read_fact(kinds, kind, key, content)? {
                facts.entry(*merchant).or_default().push(fact);
            }
        }
    }
    let history = |id: &Id<Merchant>| {
        codes.get(id).map(|uscc| {
            (
                *id,
                History::new(*uscc, facts.remove(id).unwrap_or_default()),
            )
        })
    };
    Ok(merchants.iter().filter_map(history).collect())
}

/// The latest versions of one merchant's facts of one kind, each with the time at which it was recorded.
pub fn latest_with_time(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    merchant: Id<Merchant>,
) -> Result<Vec<(Fact, Instant)>, StoreError> {
    let rows = fact_version::table
        .filter(
            fact_version::merchant_id
                .eq(merchant)
                .and(fact_version::kind.eq(kind)),
        )
        .order((fact_version::key, fact_version::version))
        .select((
            fact_version::key,
            fact_version::recorded_at,
            fact_version::content,
        ))
        .load::<(String, Instant, String)>(conn)?;
    let mut latest = Vec::new();
    for versions in rows.chunk_by(|a, b| a.0 == b.0) {
        let Some((key, recorded_at, content)) = versions.last() else {
            continue;
        };
        latest.extend(read_fact(kinds, kind, key, content)?.map(|fact| (fact, *recorded_at)));
    }
    Ok(latest)
}

/// Whether a fact of this merchant was known at a moment.
pub fn is_known(
    conn: &mut Conn,
    merchant: Id<Merchant>,
    kind: &str,
    key: &str,
    at: Instant,
) -> QueryResult<bool> {
    let first = fact_version::table
        .filter(
            fact_version::merchant_id
                .eq(merchant)
                .and(fact_version::kind.eq(kind)),
        )
        .filter(
            fact_version::key
                .eq(key)
                .and(fact_version::recorded_at.le(at)),
        )
        .count();
    Ok(first.get_result::<i64>(conn)? > 0)
}

/// The latest versions of the facts of one kind of these merchants, in the order of the merchants' ids and the keys.
pub fn latest_of_kind(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    merchants: &[Id<Merchant>],
) -> Result<Vec<(Id<Merchant>, Fact)>, StoreError> {
    let mut latest = Vec::with_capacity(merchants.len() * 2);
    for merchants in merchants.chunks(KEYS) {
        let rows = fact_version::table
            .filter(
                fact_version::merchant_id
                    .eq_any(merchants)
                    .and(fact_version::kind.eq(kind)),
            )
            .order((
                fact_version::merchant_id,
                fact_version::key,
                fact_version::version,
            ))
            .select((
                fact_version::merchant_id,
                fact_version::key,
                fact_version::content,
            ))
            .load::<(Id<Merchant>, String, String)>(conn)?;
        for versions in rows.chunk_by(|a, b| (a.0, &a.1) == (b.0, &b.1)) {
            let Some((merchant, key, content)) = versions.last() else {
                continue;
            };
            latest.extend(read_fact(kinds, kind, key, content)?.map(|fact| (*merchant, fact)));
        }
    }
    Ok(latest)
}

/// None for a fact that has gone to another merchant, and for a kind that is no longer declared.
fn read_fact(kinds: &Kinds, kind: &str, key: &str, text: &str) -> Result<Option<Fact>, StoreError> {
    let Some(index) = kinds.index(kind).filter(|_| !text.is_empty()) else {
        return Ok(None);
    };
    let values = content::values_from_content(kinds.get(index), text)
        .map_err(|error| StoreError::Content(format!("{kind} {key:?}: {error}")))?;
    Ok(Some(Fact {
        kind: index,
        key: key.into(),
        values,
    }))
}

/// The days that one finished delivery covers, as a row.
pub struct NewCoverage<'a> {
    pub delivery: Id<Delivery>,
    pub kind: &'a str,
    pub source: &'a str,
    pub from: Day,
    pub until: Day,
    pub recorded_at: Instant,
}

impl Insert for NewCoverage<'_> {
    const INTO: &'static str =
        "coverage (delivery_id, kind, source, covers_from, covers_until, recorded_at)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Binary, _>(&self.delivery)?
            .add::<Text, _>(self.kind)?;
        values
            .add::<Text, _>(self.source)?
            .add::<Integer, _>(&self.from)?;
        values
            .add::<Integer, _>(&self.until)?
            .add::<BigInt, _>(&self.recorded_at)
            .map(drop)
    }
}

pub fn add_coverage(conn: &mut Conn, row: NewCoverage<'_>) -> QueryResult<usize> {
    insert(conn, &[row], OnConflict::Fail)
}

/// How far each register reached, as known at a moment (now, where none is given).
pub fn coverage(
    conn: &mut Conn,
    kinds: &Kinds,
    known_at: Option<Instant>,
) -> QueryResult<Coverage> {
    let until = known_at.map_or(i64::MAX, Instant::micros);
    let rows = coverage::table
        .filter(coverage::recorded_at.le(Instant::from_micros(until)))
        .select((
            coverage::kind,
            coverage::source,
            coverage::covers_from,
            coverage::covers_until,
        ))
        .load::<(String, String, Day, Day)>(conn)?;
    let rows = rows.into_iter().filter_map(|(kind, source, from, until)| {
        let kind = kinds.index(&kind)?;
        Some(CoverageRow {
            kind,
            source: source.into(),
            from,
            until,
        })
    });
    Ok(Coverage::new(rows))
}

/// How many stretches have been recorded: it only grows, so it tells whether a score has seen them all.
pub fn coverage_count(conn: &mut Conn) -> QueryResult<i64> {
    coverage::table.count().get_result(conn)
}

/// The versions of one merchant's facts of one kind, oldest first: recorded at, key, content.
pub fn versions(
    conn: &mut Conn,
    uscc: Uscc,
    kind: &str,
) -> QueryResult<Vec<(Instant, String, String)>> {
    fact_version::table
        .inner_join(merchant::table.on(merchant::id.eq(fact_version::merchant_id)))
        .filter(merchant::uscc.eq(uscc).and(fact_version::kind.eq(kind)))
        .order((fact_version::key, fact_version::version))
        .select((
            fact_version::recorded_at,
            fact_version::key,
            fact_version::content,
        ))
        .load(conn)
}

/// The digest under which a held change is known, so that the same row is not held twice.
pub fn content_digest(content: &str) -> Digest {
    Digest::of(content.as_bytes())
}
