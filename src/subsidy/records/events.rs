//! What happened to claims, as rows.

use crate::kernel::{Actor, Id, Instant, Money};
use crate::ledger::Claim;
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::schema::claim_event;
use diesel::prelude::*;
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
    row!(claim_event, |row| {
        claim_id: &row.claim,
        number: &row.number,
        event: row.event,
        amount: &row.amount,
        reference: &row.reference,
        acted_at: &row.acted_at,
        acted_by: row.by.as_str(),
    });
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
    let rows = claim_event::table
        .filter(one_of(claim_event::claim_id, claims))
        .filter(claim_event::event.eq("rejected"))
        .select(claim_event::claim_id);
    Ok(rows.load::<Id<Claim>>(conn)?.into_iter().collect())
}

/// What happened to a claim, the first thing first.
pub fn events_of(conn: &mut Conn, claim: Id<Claim>) -> QueryResult<Vec<Event>> {
    claim_event::table
        .filter(claim_event::claim_id.eq(claim))
        .order(claim_event::number)
        .select((
            claim_event::number,
            claim_event::event,
            claim_event::amount,
            claim_event::reference,
            claim_event::acted_at,
            claim_event::acted_by,
        ))
        .load(conn)
}
