//! What happened to claims, as rows.

use crate::kernel::{Actor, Id, Instant, Money};
use crate::ledger::Claim;
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, Values, insert};
use crate::store::one_of::one_of;
use crate::store::schema::claim_event as row;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
use std::collections::HashSet;

/// One thing that happened to a claim.
pub struct NewEvent<'a> {
    pub claim: Id<Claim>,
    /// The claim's version after it.
    pub number: i32,
    pub event: &'a str,
    /// What it moved or was about, in fen.
    pub amount: Money,
    /// The bank's reference, a reason, or what made a difference: `fee`, `certification` or `both`.
    pub reference: Option<String>,
    pub acted_at: Instant,
    pub by: &'a Actor,
}

impl Insert for NewEvent<'_> {
    const INTO: &'static str =
        "claim_event (claim_id, number, event, amount, reference, acted_at, acted_by)";
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()> {
        values
            .add::<Binary, _>(&self.claim)?
            .add::<Integer, _>(&self.number)?
            .add::<Text, _>(self.event)?;
        values
            .add::<BigInt, _>(&self.amount)?
            .add::<Nullable<Text>, Option<String>>(&self.reference)?;
        values
            .add::<BigInt, _>(&self.acted_at)?
            .add::<Text, str>(self.by.as_str())
            .map(drop)
    }
}

pub fn add_events(conn: &mut Conn, events: &[NewEvent<'_>]) -> QueryResult<usize> {
    insert(conn, events, OnConflict::Fail)
}

/// What happened to a claim, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Event {
    pub number: i32,
    /// `computed`, `confirmed`, `submitted`, `approved`, `paid`, `rejected`, `reduced` or `clawed_back`.
    pub event: String,
    /// What it moved or was about, in fen.
    pub amount: Money,
    pub reference: Option<String>,
    pub acted_at: Instant,
    pub acted_by: String,
}

/// Those of the claims that people have rejected; what a difference left nothing of is not among them.
pub fn rejected_by_people(
    conn: &mut Conn,
    claims: &[Id<Claim>],
) -> QueryResult<HashSet<Id<Claim>>> {
    let rows = row::table
        .filter(one_of(row::claim_id, claims))
        .filter(row::event.eq("rejected"))
        .select(row::claim_id);
    Ok(rows.load::<Id<Claim>>(conn)?.into_iter().collect())
}

/// What happened to a claim, the first thing first.
pub fn events_of(conn: &mut Conn, claim: Id<Claim>) -> QueryResult<Vec<Event>> {
    row::table
        .filter(row::claim_id.eq(claim))
        .order(row::number)
        .select((
            row::number,
            row::event,
            row::amount,
            row::reference,
            row::acted_at,
            row::acted_by,
        ))
        .load(conn)
}
