//! What the rows of snapshots said. Facts have a version only where something changed; this tells of which day each
//! version was said again, and what a later snapshot no longer holds.

use super::Delivery;
use super::histories::read_fact;
use crate::kernel::{Day, Id};
use crate::merchant::Merchant;
use crate::register::{Entry, Kinds, Said, Value};
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::one_of::one_of;
use crate::store::schema::{delivery, fact, fact_version, snapshot_row};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
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
    const INTO: &'static str =
        "snapshot_row (source, kind, delivery_id, key, line, merchant_id, version)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Text, _>(self.source)?
            .add::<Text, _>(self.kind)?;
        values
            .add::<Binary, _>(&self.delivery)?
            .add::<Text, _>(self.key)?
            .add::<BigInt, _>(&self.line)?;
        values.add::<Nullable<Binary>, Option<Id<Merchant>>>(&self.merchant)?;
        values.add::<Integer, _>(&self.version).map(drop)
    }
}

/// Notes what rows said; of a key that comes again in the same file the last row counts that could be taken.
pub fn note_snapshot(conn: &mut Conn, rows: &[SnapshotRow<'_>]) -> QueryResult<()> {
    let again = "(source, kind, delivery_id, key) DO UPDATE SET \
                 merchant_id = CASE excluded.version WHEN 0 THEN snapshot_row.merchant_id ELSE excluded.merchant_id END, \
                 version = CASE excluded.version WHEN 0 THEN snapshot_row.version ELSE excluded.version END";
    insert(conn, rows, OnConflict::Do(again)).map(drop)
}

/// A source's book, or all sources', as its snapshots up to a day told it; by source and key.
pub fn book(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    source: Option<&str>,
    as_of: Day,
) -> Result<Vec<Entry>, StoreError> {
    let mut facts = fact::table
        .filter(fact::kind.eq(kind))
        .order((fact::source, fact::key))
        .select((fact::source, fact::key, fact::merchant_id))
        .into_boxed();
    if let Some(source) = source {
        facts = facts.filter(fact::source.eq(source));
    }
    let facts: Vec<(String, String, Id<Merchant>)> = facts.load(conn)?;
    let mut snapshots = Snapshots::load(conn, kind, source, as_of)?;
    let current = facts.iter().map(|(_, _, merchant)| *merchant);
    let merchants: BTreeSet<_> = current.chain(snapshots.merchants.iter().copied()).collect();
    let mut versions = versions(conn, kinds, kind, merchants)?;
    let entry = |(source, key, merchant): (String, String, Id<Merchant>)| {
        let said = snapshots.said.remove(&key).unwrap_or_default();
        let latest = snapshots.latest.get(&source);
        Entry {
            is_absent: said.last().is_some_and(|said| Some(&said.on) != latest),
            versions: versions.remove(&key).unwrap_or_default(),
            source: source.into(),
            merchant,
            said,
        }
    };
    Ok(facts.into_iter().map(entry).collect())
}

/// What finished snapshots said. Of several of the same day the one begun last counts.
struct Snapshots {
    said: HashMap<String, Vec<Said>>,
    /// The day of each source's last snapshot.
    latest: HashMap<String, Day>,
    /// Whose the facts were.
    merchants: BTreeSet<Id<Merchant>>,
}

impl Snapshots {
    fn load(conn: &mut Conn, kind: &str, source: Option<&str>, as_of: Day) -> QueryResult<Self> {
        let mut finished = delivery::table
            .filter(
                delivery::kind
                    .eq(kind)
                    .and(delivery::finished_at.is_not_null())
                    .and(delivery::covers_until.le(as_of)),
            )
            .order((delivery::covers_until, delivery::started_at, delivery::id))
            .select((delivery::source, delivery::covers_until, delivery::id))
            .into_boxed();
        if let Some(source) = source {
            finished = finished.filter(delivery::source.eq(source));
        }
        let finished: Vec<(String, Day, Id<Delivery>)> = finished.load(conn)?;
        let mut of_day = BTreeMap::new();
        let mut latest = HashMap::new();
        for (source, day, id) in finished {
            latest.insert(source.clone(), day);
            of_day.insert((source, day), id);
        }
        let days: HashMap<Id<Delivery>, Day> =
            of_day.into_iter().map(|((_, day), id)| (id, day)).collect();
        let rows = snapshot_row::table
            .filter(
                snapshot_row::kind
                    .eq(kind)
                    .and(one_of(snapshot_row::delivery_id, days.keys())),
            )
            .select((
                snapshot_row::delivery_id,
                snapshot_row::key,
                snapshot_row::line,
                snapshot_row::merchant_id,
                snapshot_row::version,
            ))
            .load::<(Id<Delivery>, String, i64, Option<Id<Merchant>>, i32)>(conn)?;
        let mut said: HashMap<String, Vec<Said>> = HashMap::new();
        let mut merchants = BTreeSet::new();
        for (delivery, key, line, merchant, version) in rows {
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

type Versions = Vec<(i32, Box<[Value]>)>;

/// The versions of the facts of one kind by key, in their order, whoever of the merchants had them.
fn versions(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    merchants: BTreeSet<Id<Merchant>>,
) -> Result<HashMap<String, Versions>, StoreError> {
    let rows = fact_version::table
        .filter(one_of(fact_version::merchant_id, &merchants).and(fact_version::kind.eq(kind)))
        .select((
            fact_version::key,
            fact_version::version,
            fact_version::content,
        ))
        .load::<(String, i32, String)>(conn)?;
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
