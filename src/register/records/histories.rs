//! What is known of merchants: the latest versions of their facts.

use crate::kernel::{Id, Instant};
use crate::merchant::Merchant;
use crate::register::{Fact, History, Kinds, content};
use crate::store::one_of::one_of;
use crate::store::schema::fact_version;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use std::collections::HashMap;

/// The histories of these merchants as known at a moment (now, where none is given); one each, in the order of the
/// ids, also where nothing is known.
pub fn histories(
    conn: &mut Conn,
    kinds: &Kinds,
    merchants: &[Id<Merchant>],
    known_at: Option<Instant>,
) -> Result<Vec<(Id<Merchant>, History)>, StoreError> {
    read_histories(conn, kinds, None, merchants, known_at)
}

/// As [`histories`], of these kinds only.
pub fn histories_of(
    conn: &mut Conn,
    kinds: &Kinds,
    only: &[&str],
    merchants: &[Id<Merchant>],
    known_at: Option<Instant>,
) -> Result<Vec<(Id<Merchant>, History)>, StoreError> {
    read_histories(conn, kinds, Some(only), merchants, known_at)
}

/// Whose it is, its kind, key and content.
type Row = (Id<Merchant>, String, String, String);

fn read_histories(
    conn: &mut Conn,
    kinds: &Kinds,
    only: Option<&[&str]>,
    merchants: &[Id<Merchant>],
    known_at: Option<Instant>,
) -> Result<Vec<(Id<Merchant>, History)>, StoreError> {
    let codes = crate::merchant::records::usccs(conn, merchants)?;
    let mut facts: HashMap<Id<Merchant>, Vec<Fact>> = HashMap::with_capacity(merchants.len());
    let until = known_at.map_or(i64::MAX, Instant::micros);
    let known = || {
        let of_merchants = one_of(fact_version::merchant_id, merchants);
        let rows = fact_version::table
            .filter(of_merchants.and(fact_version::recorded_at.le(Instant::from_micros(until))));
        rows.order((
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
    };
    let mut rows: Vec<Row> = Vec::new();
    match only {
        // A query each: of two lists PostgreSQL looks up one, and reads all kinds of the merchants to pick from.
        Some(only) => {
            for kind in only {
                let of_kind = known().filter(fact_version::kind.eq(kind));
                rows.extend(of_kind.load::<Row>(conn)?);
            }
        }
        None => rows = known().load(conn)?,
    }
    for latest in rows.chunk_by(|a, b| (a.0, &a.1, &a.2) == (b.0, &b.1, &b.2)) {
        let Some((merchant, kind, key, content)) = latest.last() else {
            continue;
        };
        if let Some(fact) = read_fact(kinds, kind, key, content)? {
            facts.entry(*merchant).or_default().push(fact);
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

/// The latest versions of the facts of one kind of these merchants, in the order of the merchants' ids and the keys.
pub fn latest_of_kind(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    merchants: &[Id<Merchant>],
) -> Result<Vec<(Id<Merchant>, Fact)>, StoreError> {
    let mut latest = Vec::with_capacity(merchants.len() * 2);
    let rows = rows_of_kind(conn, kind, merchants)?;
    for versions in rows.chunk_by(|a, b| (a.0, &a.1) == (b.0, &b.1)) {
        let Some((merchant, key, content)) = versions.last() else {
            continue;
        };
        latest.extend(read_fact(kinds, kind, key, content)?.map(|fact| (*merchant, fact)));
    }
    Ok(latest)
}

/// All versions of the facts of one kind of these merchants, also those that hold no more, in the same order.
pub fn versions_of_kind(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    merchants: &[Id<Merchant>],
) -> Result<Vec<(Id<Merchant>, Fact)>, StoreError> {
    let mut all = Vec::with_capacity(merchants.len() * 2);
    for (merchant, key, content) in rows_of_kind(conn, kind, merchants)? {
        all.extend(read_fact(kinds, kind, &key, &content)?.map(|fact| (merchant, fact)));
    }
    Ok(all)
}

fn rows_of_kind(
    conn: &mut Conn,
    kind: &str,
    merchants: &[Id<Merchant>],
) -> QueryResult<Vec<(Id<Merchant>, String, String)>> {
    fact_version::table
        .filter(one_of(fact_version::merchant_id, merchants).and(fact_version::kind.eq(kind)))
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
        .load(conn)
}

/// One merchant's facts of one kind in the order of their keys, as known at a moment (now, where none is given).
pub fn facts_of_kind(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    merchant: Id<Merchant>,
    known_at: Option<Instant>,
) -> Result<Vec<Fact>, StoreError> {
    let until = known_at.map_or(i64::MAX, Instant::micros);
    let rows = fact_version::table
        .filter(
            fact_version::merchant_id
                .eq(merchant)
                .and(fact_version::kind.eq(kind))
                .and(fact_version::recorded_at.le(Instant::from_micros(until))),
        )
        .order((fact_version::key, fact_version::version))
        .select((fact_version::key, fact_version::content))
        .load::<(String, String)>(conn)?;
    let mut facts = Vec::new();
    for versions in rows.chunk_by(|a, b| a.0 == b.0) {
        let Some((key, content)) = versions.last() else {
            continue;
        };
        facts.extend(read_fact(kinds, kind, key, content)?);
    }
    Ok(facts)
}

/// None for a fact that has gone to another merchant, and for a kind that is no longer declared.
pub(super) fn read_fact(
    kinds: &Kinds,
    kind: &str,
    key: &str,
    text: &str,
) -> Result<Option<Fact>, StoreError> {
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
