//! A bank is told about its lines: as with an answer, only under a live authorisation for post-loan management, and each
//! telling, refused ones too, is a row in the log of queries of the same transaction.

use crate::access::Client;
use crate::advice::Advised;
use crate::answer::Outcome;
use crate::answer::records::{NewQuery, log};
use crate::authorisation::records::authorisations;
use crate::authorisation::{Purpose, for_bank};
use crate::county::records::{Bank, banks};
use crate::kernel::{Clock, Day, Digest, Id, Randomness};
use crate::merchant::Merchant;
use crate::register::Kinds;
use crate::register::records::keep_facts_out;
use crate::store::{Conn, StoreError};
use serde::Serialize;
use std::collections::BTreeSet;

/// Who is told.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    pub kinds: &'a Kinds,
    /// The bank's id.
    pub bank: &'a str,
    pub client: Id<Client>,
    /// The bank's own id of the person or system that asks.
    pub requested_by: &'a str,
    /// The business date.
    pub today: Day,
    pub clock: &'a dyn Clock,
    pub randomness: &'a dyn Randomness,
}

/// Tells of each piece of advice, in its order, what `show` makes of it: of what comes with it, and of the advice, or of
/// none where the bank may not be told. The log holds the digest of what it is as JSON.
///
/// # Errors
/// Where the store fails.
pub fn tell<T, S: Serialize>(
    conn: &mut Conn,
    telling: Telling<'_>,
    advice: &[(T, Advised)],
    mut show: impl FnMut(&T, Option<&Advised>) -> S,
) -> Result<Vec<S>, StoreError> {
    if advice.is_empty() {
        return Ok(Vec::new());
    }
    // A withdrawal that is being recorded counts, or is younger than what is told.
    keep_facts_out(conn)?;
    let bank = bank(conn, telling.bank)?;
    let merchants: BTreeSet<Id<Merchant>> = advice.iter().map(|(_, one)| one.merchant).collect();
    let merchants: Vec<Id<Merchant>> = merchants.into_iter().collect();
    let signed = authorisations(conn, telling.kinds, &merchants)?;
    let now = telling.clock.now();
    let (purpose, real_date) = (Purpose::PostLoanManagement, now.day_in_shanghai());
    let references: Vec<String> = advice.iter().map(|(_, one)| one.id.to_string()).collect();
    let (mut told, mut queries) = (Vec::new(), Vec::new());
    for ((with, one), business_ref) in advice.iter().zip(&references) {
        let signed = signed.get(&one.merchant).map_or(&[][..], Vec::as_slice);
        let live = for_bank(signed, &bank.name, purpose, real_date, telling.today);
        let shown = show(with, live.map(|_| one));
        let json =
            serde_json::to_vec(&shown).map_err(|error| StoreError::Content(error.to_string()))?;
        queries.push(NewQuery {
            bank: telling.bank,
            id: Id::new(now, telling.randomness),
            client: telling.client.as_bytes(),
            asked_at: now,
            uscc: one.uscc,
            purpose: purpose.as_str(),
            requested_by: telling.requested_by,
            business_ref,
            outcome: live.map_or(Outcome::NotAuthorised, |_| Outcome::Advised),
            merchant: Some(one.merchant),
            authorisation: live.map(|live| live.number.to_string()),
            as_of: telling.today,
            valid_until: None,
            body_digest: None,
            digest: Digest::of(&json),
        });
        told.push(shown);
    }
    log(conn, &queries)?;
    Ok(told)
}

fn bank(conn: &mut Conn, id: &str) -> Result<Bank, StoreError> {
    let bank = banks(conn)?.into_iter().find(|bank| bank.id == id);
    bank.ok_or_else(|| StoreError::Content("a client of no bank".to_owned()))
}
