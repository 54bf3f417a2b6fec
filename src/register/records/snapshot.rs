//! What the rows of snapshots said. Facts have a version only where something changed; this tells of which day each
//! version was said again, and what a later snapshot no longer holds.

use super::Delivery;
use super::histories::read_fact;
use crate::kernel::{Day, Id, Instant};
use crate::merchant::Merchant;
use crate::register::{Entry, Kinds, Said, Value};
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::schema::{delivery, fact, fact_version, snapshot_row};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One key that a snapshot holds.
pub struct SnapshotRow<'a> {
    pub source: &'a str,
    pub kind: &'a str,
    pub delivery: Id<Delivery>,
    pub key: &'a str,
    /// The line of the file.
    pub line: i64,
    /// Whose the fact was, and its version: none and 0 where the row was refused.
    pub merchant: Option<Id<Merchant>>,
    pub version: i32,
}

impl Insert for SnapshotRow<'_> {
    row!(snapshot_row, |row| {
        source: row.source,
        kind: row.kind,
        delivery_id: &row.delivery,
        key: row.key,
        line: &row.line,
        merchant_id: &row.merchant,
        version: &row.version,
    });
}

/// Notes what rows said; of a key that comes again in the same file the last row counts that could be taken.
pub fn note_snapshot(conn: &mut Conn, rows: &[SnapshotRow<'_>]) -> QueryResult<()> {
    let again = "(source, kind, delivery_id, key) DO UPDATE SET \
                 merchant_id = CASE excluded.version WHEN 0 THEN snapshot_row.merchant_id ELSE excluded.merchant_id END, \
                 version = CASE excluded.version WHEN 0 THEN snapshot_row.version ELSE excluded.version END";
    insert(conn, rows, OnConflict::Do(again)).map(drop)
}

/// A source's book, or these keys of it, as its snapshots up to a day told it; in the order of the keys.
pub fn book(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    source: &str,
    keys: Option<&[Box<str>]>,
    as_of: Day,
) -> Result<Vec<Entry>, StoreError> {
    let mut facts = fact::table
        .filter(fact::kind.eq(kind).and(fact::source.eq(source)))
        .order(fact::key)
        .select((fact::key, fact::merchant_id))
        .into_boxed();
    if let Some(keys) = keys {
        facts = facts.filter(one_of(fact::key, keys.iter().map(|key| &**key)));
    }
    let facts: Vec<(String, Id<Merchant>)> = facts.load(conn)?;
    if facts.is_empty() {
        return Ok(Vec::new());
    }
    let mut snapshots = Snapshots::load(conn, kind, source, keys, as_of)?;
    let current = facts.iter().map(|(_, merchant)| *merchant);
    let merchants: BTreeSet<_> = current.chain(snapshots.merchants.iter().copied()).collect();
    let mut versions = versions(conn, kinds, kind, merchants, keys)?;
    let entry = |(key, merchant): (String, Id<Merchant>)| {
        let said = snapshots.said.remove(&key).unwrap_or_default();
        Entry {
            is_absent: said
                .last()
                .is_some_and(|said| Some(said.on) != snapshots.latest),
            versions: versions.remove(&key).unwrap_or_default(),
            key: key.into(),
            source: source.into(),
            merchant,
            said,
        }
    };
    Ok(facts.into_iter().map(entry).collect())
}

/// The keys of a source's book after one of them, in their order.
pub fn keys_of_source(
    conn: &mut Conn,
    kind: &str,
    source: &str,
    after: &str,
    most: i64,
) -> QueryResult<Vec<String>> {
    fact::table
        .filter(
            fact::kind
                .eq(kind)
                .and(fact::source.eq(source))
                .and(fact::key.gt(after)),
        )
        .order(fact::key)
        .limit(most)
        .select(fact::key)
        .load(conn)
}

/// The sources of a kind.
pub fn sources(conn: &mut Conn, kind: &str) -> QueryResult<Vec<String>> {
    fact::table
        .filter(fact::kind.eq(kind))
        .select(fact::source)
        .distinct()
        .order(fact::source)
        .load(conn)
}

/// What finished snapshots said. Of several of the same day the one finished last counts.
struct Snapshots {
    said: HashMap<String, Vec<Said>>,
    /// The day of the last snapshot.
    latest: Option<Day>,
    /// Whose the facts were.
    merchants: BTreeSet<Id<Merchant>>,
}

impl Snapshots {
    fn load(
        conn: &mut Conn,
        kind: &str,
        source: &str,
        keys: Option<&[Box<str>]>,
        as_of: Day,
    ) -> QueryResult<Self> {
        let days = finished(conn, kind, source, as_of)?;
        let latest = days.values().max().copied();
        let mut rows = snapshot_row::table
            .filter(
                snapshot_row::source
                    .eq(source)
                    .and(snapshot_row::kind.eq(kind))
                    .and(one_of(snapshot_row::delivery_id, days.keys())),
            )
            .select((
                snapshot_row::delivery_id,
                snapshot_row::key,
                snapshot_row::line,
                snapshot_row::merchant_id,
                snapshot_row::version,
            ))
            .into_boxed();
        if let Some(keys) = keys {
            rows = rows.filter(one_of(snapshot_row::key, keys.iter().map(|key| &**key)));
        }
        type Row = (Id<Delivery>, String, i64, Option<Id<Merchant>>, i32);
        let mut said: HashMap<String, Vec<Said>> = HashMap::new();
        let mut merchants = BTreeSet::new();
        for (delivery, key, line, merchant, version) in rows.load::<Row>(conn)? {
            merchants.extend(merchant);
            let Some(on) = days.get(&delivery).copied() else {
                continue;
            };
            said.entry(key)
                .or_default()
                .push(Said { on, line, version });
        }
        said.values_mut()
            .for_each(|said| said.sort_by_key(|said| said.on));
        Ok(Self {
            said,
            latest,
            merchants,
        })
    }
}

/// The deliveries that finished snapshots of a source up to a day consist of, with the day of each. A snapshot in several
/// files is finished with the last of them, all at once.
fn finished(
    conn: &mut Conn,
    kind: &str,
    source: &str,
    as_of: Day,
) -> QueryResult<HashMap<Id<Delivery>, Day>> {
    let finished = delivery::table
        .filter(
            delivery::kind
                .eq(kind)
                .and(delivery::source.eq(source))
                .and(delivery::finished_at.is_not_null())
                .and(delivery::covers_until.le(as_of)),
        )
        .select((delivery::covers_until, delivery::finished_at, delivery::id))
        .load::<(Day, Option<Instant>, Id<Delivery>)>(conn)?;
    let mut last: BTreeMap<Day, Option<Instant>> = BTreeMap::new();
    for (day, at, _) in &finished {
        let last = last.entry(*day).or_default();
        *last = (*last).max(*at);
    }
    let counts = |(day, at, _): &(Day, Option<Instant>, _)| last.get(day) == Some(at);
    let finished = finished.into_iter().filter(counts);
    Ok(finished.map(|(day, _, id)| (id, day)).collect())
}

type Versions = Vec<(i32, Box<[Value]>)>;

/// The versions of the facts of one kind by key, in their order, whoever of the merchants had them.
fn versions(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    merchants: BTreeSet<Id<Merchant>>,
    keys: Option<&[Box<str>]>,
) -> Result<HashMap<String, Versions>, StoreError> {
    let mut rows = fact_version::table
        .filter(one_of(fact_version::merchant_id, &merchants).and(fact_version::kind.eq(kind)))
        .select((
            fact_version::key,
            fact_version::version,
            fact_version::content,
        ))
        .into_boxed();
    if let Some(keys) = keys {
        rows = rows.filter(one_of(fact_version::key, keys.iter().map(|key| &**key)));
    }
    let rows = rows.load::<(String, i32, String)>(conn)?;
    let mut versions: HashMap<String, Versions> = HashMap::new();
    for (key, version, content) in rows {
        if let Some(fact) = read_fact(kinds, kind, &key, &content)? {
            let of_key = versions.entry(key).or_default();
            of_key.push((version, fact.values));
        }
    }
    versions
        .values_mut()
        .for_each(|versions| versions.sort_by_key(|(version, _)| *version));
    Ok(versions)
}
