//! Programmes as rows.

use crate::intake::county::{Certified, Payment, Programme};
use crate::kernel::{Actor, Day, Id, Instant, Money};
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::schema::programme_record as row;
use crate::store::{Conn, StoreError};
use crate::subsidy::Declared;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
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
    const INTO: &'static str = "programme_record (programme, id, in_force_from, name, funder, \
        first_day, last_day, pool, rate, cap_per_merchant_month, cap_per_merchant_year, \
        unit_kinds, tiers, payment, certified, recorded_at, recorded_by)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        let (declared, terms) = (self.declared, &self.declared.terms);
        values
            .add::<Text, _>(&terms.id)?
            .add::<Binary, _>(&declared.id)?
            .add::<Integer, _>(&declared.in_force_from)?;
        values
            .add::<Text, _>(&terms.name)?
            .add::<Text, _>(&terms.funder)?;
        values
            .add::<Integer, _>(&terms.from)?
            .add::<Integer, _>(&terms.until)?;
        values
            .add::<BigInt, _>(&terms.pool)?
            .add::<Text, _>(&self.rate)?;
        values
            .add::<Nullable<BigInt>, Option<Money>>(&terms.cap_per_merchant_month)?
            .add::<Nullable<BigInt>, Option<Money>>(&terms.cap_per_merchant_year)?;
        values
            .add::<Nullable<Text>, Option<String>>(&self.unit_kinds)?
            .add::<Nullable<Text>, Option<String>>(&self.tiers)?;
        values
            .add::<Text, str>(word(&Payment::WORDS, terms.payment))?
            .add::<Text, str>(word(&Certified::WORDS, terms.certified))?;
        values
            .add::<BigInt, _>(&declared.recorded_at)?
            .add::<Text, _>(self.by)
            .map(drop)
    }
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
    let rows = row::table
        .filter(row::recorded_at.le(until))
        .order((
            row::programme,
            row::in_force_from,
            row::recorded_at,
            row::id,
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
