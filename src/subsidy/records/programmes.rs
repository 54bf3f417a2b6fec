//! Programmes as rows.

use crate::intake::county::{Certified, Payment, Programme};
use crate::kernel::{Actor, Day, Id, Instant, Money};
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::schema::programme_record;
use crate::store::{Conn, StoreError};
use crate::subsidy::Declared;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

struct NewRow<'a> {
    declared: &'a Declared,
    rate: String,
    unit_kinds: Option<String>,
    tiers: Option<String>,
    by: &'a str,
}

impl Insert for NewRow<'_> {
    row!(programme_record, |row| {
        programme: &row.declared.terms.id,
        id: &row.declared.id,
        in_force_from: &row.declared.in_force_from,
        name: &row.declared.terms.name,
        funder: &row.declared.terms.funder,
        first_day: &row.declared.terms.from,
        last_day: &row.declared.terms.until,
        pool: &row.declared.terms.pool,
        rate: &row.rate,
        cap_per_merchant_month: &row.declared.terms.cap_per_merchant_month,
        cap_per_merchant_year: &row.declared.terms.cap_per_merchant_year,
        unit_kinds: &row.unit_kinds,
        tiers: &row.tiers,
        payment: word(&Payment::WORDS, row.declared.terms.payment),
        certified: word(&Certified::WORDS, row.declared.terms.certified),
        recorded_at: &row.declared.recorded_at,
        recorded_by: row.by,
    });
}

/// Records a programme as a folder declares it.
pub fn add_programme(conn: &mut Conn, declared: &Declared, by: &Actor) -> QueryResult<usize> {
    let terms = &declared.terms;
    let row = NewRow {
        declared,
        rate: json(&terms.rate),
        unit_kinds: terms.unit_kinds.as_ref().map(json),
        tiers: terms.tiers.as_ref().map(json),
        by: by.as_str(),
    };
    insert(conn, &[row], OnConflict::Fail)
}

#[derive(Queryable)]
struct Row {
    programme: String,
    id: Id<Declared>,
    in_force_from: Day,
    name: String,
    funder: String,
    first_day: Day,
    last_day: Day,
    pool: Money,
    rate: String,
    cap_per_merchant_month: Option<Money>,
    cap_per_merchant_year: Option<Money>,
    unit_kinds: Option<String>,
    tiers: Option<String>,
    payment: String,
    certified: String,
    recorded_at: Instant,
    #[expect(dead_code, reason = "all columns are read")]
    recorded_by: String,
}

/// All records of all programmes as known at a moment (now, where none is given), by the programme's id, each in the
/// order of their days.
pub fn programmes(
    conn: &mut Conn,
    known_at: Option<Instant>,
) -> Result<BTreeMap<String, Vec<Declared>>, StoreError> {
    let until = known_at.unwrap_or(Instant::from_micros(i64::MAX));
    let rows = programme_record::table
        .filter(programme_record::recorded_at.le(until))
        .order((
            programme_record::programme,
            programme_record::in_force_from,
            programme_record::recorded_at,
            programme_record::id,
        ))
        .load::<Row>(conn)?;
    let mut all: BTreeMap<String, Vec<Declared>> = BTreeMap::new();
    for row in rows {
        let declared = row.read()?;
        all.entry(declared.terms.id.clone())
            .or_default()
            .push(declared);
    }
    Ok(all)
}

impl Row {
    fn read(self) -> Result<Declared, StoreError> {
        let terms = Programme {
            name: self.name,
            funder: self.funder,
            from: self.first_day,
            until: self.last_day,
            pool: self.pool,
            rate: read_json(&self.rate)?,
            cap_per_merchant_month: self.cap_per_merchant_month,
            cap_per_merchant_year: self.cap_per_merchant_year,
            unit_kinds: self.unit_kinds.as_deref().map(read_json).transpose()?,
            tiers: self.tiers.as_deref().map(read_json).transpose()?,
            payment: meaning(&Payment::WORDS, &self.payment)?,
            certified: meaning(&Certified::WORDS, &self.certified)?,
            id: self.programme,
        };
        Ok(Declared {
            id: self.id,
            in_force_from: self.in_force_from,
            terms,
            recorded_at: self.recorded_at,
        })
    }
}

fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], meaning: T) -> &'static str {
    let found = words.iter().find(|(_, known)| *known == meaning);
    found.map_or("", |(word, _)| word)
}

fn meaning<T: Copy>(words: &[(&str, T)], text: &str) -> Result<T, StoreError> {
    let found = words.iter().find(|(word, _)| *word == text);
    found
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| StoreError::Content(format!("programme_record {text:?}")))
}

/// Numbers and texts always serialise.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Content(format!("{text:?}: {error}")))
}
