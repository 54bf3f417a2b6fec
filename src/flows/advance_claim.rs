//! A claim takes a step: the bureau confirms or rejects it, the funder submits, approves, rejects or pays it.

use crate::kernel::{Actor, Clock, Day, Id, Money, Randomness};
use crate::ledger::records::{Posted, lock_balances, post};
use crate::ledger::{Claim, Posting};
use crate::store::{Conn, Failure, Store, StoreError};
use crate::subsidy::records::{Claimed, Filter, NewEvent, add_events, claim, move_on, programmes};
use crate::subsidy::{Side, Status, Step, StepRefusal, Taken, in_force};

/// Who acts, and when.
#[derive(Clone, Copy)]
pub struct Acting<'a> {
    pub side: Side,
    /// The person, by the id of its own house.
    pub person: &'a str,
    /// The person as it is recorded.
    pub by: &'a Actor,
    pub today: Day,
    pub clock: &'a dyn Clock,
    pub randomness: &'a dyn Randomness,
}

/// Takes a step, where the claim is of a programme of this funder (any, where none is given) and over this amount
/// (whatever it is over, where none is given).
///
/// # Errors
/// Where there is no such claim of this funder, the step is refused, or the store fails; then the transaction must
/// not be committed.
pub fn advance_claim(
    conn: &mut Conn,
    id: Id<Claim>,
    step: Step,
    acting: Acting<'_>,
    funder: Option<&str>,
    amount: Option<Money>,
) -> Result<Claimed, Failure<StepRefusal>> {
    let known = find(conn, id, funder)?;
    // What follows rests on the claim as it is once nobody else can change it.
    lock_balances(conn, &known.programme)?;
    let known = find(conn, id, funder)?;
    let remaining = known.remaining;
    let event = event_of(&step);
    let taken = step
        .take(known, acting.side, acting.person)
        .map_err(Failure::Refused)?;
    if amount.is_some_and(|amount| amount != remaining) {
        return Err(Failure::Refused(StepRefusal::Amount(remaining)));
    }
    write(conn, &taken, event, acting)?;
    Ok(taken.claim)
}

const fn event_of(step: &Step) -> &'static str {
    match step {
        Step::Confirm => "confirmed",
        Step::Submit => "submitted",
        Step::Approve => "approved",
        Step::Pay { .. } => "paid",
        Step::Reject { .. } => "rejected",
    }
}

/// The claim, if it is of a programme of this funder. Somebody else's looks like none.
pub fn find(
    conn: &mut Conn,
    id: Id<Claim>,
    funder: Option<&str>,
) -> Result<Claimed, Failure<StepRefusal>> {
    let unknown = || Failure::Refused(StepRefusal::Unknown);
    let found = claim(conn, id)?.ok_or_else(unknown)?;
    let Some(funder) = funder else {
        return Ok(found);
    };
    let own = funded_by(conn, funder)?;
    own.contains(&found.programme)
        .then_some(found)
        .ok_or_else(unknown)
}

/// The programmes that a funder pays for, by what was declared last.
pub fn funded_by(conn: &mut Conn, funder: &str) -> Result<Vec<String>, StoreError> {
    let known = programmes(conn, None)?.into_iter();
    let own = known.filter(|(_, records)| {
        let latest = in_force(records, Day::from_number(i32::MAX));
        latest.is_some_and(|latest| latest.terms.funder == funder)
    });
    Ok(own.map(|(id, _)| id).collect())
}

fn write(
    conn: &mut Conn,
    taken: &Taken,
    event: &str,
    acting: Acting<'_>,
) -> Result<(), StoreError> {
    let claim = &taken.claim;
    if !move_on(conn, claim)? {
        return Err(StoreError::Busy);
    }
    let new = NewEvent {
        claim: claim.id,
        number: claim.version,
        event,
        amount: taken.amount,
        reference: taken.reference.clone(),
        acted_at: acting.clock.now(),
        by: acting.by,
    };
    add_events(conn, &[new])?;
    let Some(movement) = taken.movement else {
        return Ok(());
    };
    let posting = Posting {
        movement,
        amount: taken.amount,
        claim: Some(claim.id),
        posted_on: acting.today,
    };
    let posted = Posted {
        by: acting.by,
        clock: acting.clock,
        randomness: acting.randomness,
    };
    match post(conn, &claim.programme, &[posting], posted) {
        Ok(_) => Ok(()),
        Err(Failure::Store(error)) => Err(error),
        // The claim's own money is there, or the books are wrong.
        Err(Failure::Refused(refusal)) => Err(StoreError::Content(refusal.to_string())),
    }
}

/// How many claims are confirmed in one transaction.
const SLICE: usize = 64;

/// Confirms the claims that pass the filter and are only computed; returns how many, and what they are over.
///
/// # Errors
/// Where the store fails, or a sum is beyond the range of amounts. What has been confirmed stays.
pub fn confirm_claims(
    store: &Store,
    filter: &Filter,
    acting: Acting<'_>,
) -> Result<(u64, Money), Failure<StepRefusal>> {
    let filter = Filter {
        status: Some(Status::Computed),
        ..filter.clone()
    };
    let ids = store.read(|conn| {
        let mut ids = Vec::new();
        let listed = super::list_claims::list_claims(conn, &filter, |_, claim| {
            ids.push(claim.id);
            Ok::<_, std::convert::Infallible>(())
        })?;
        match listed {
            Ok(()) => Ok::<_, Failure<StepRefusal>>(ids),
            Err(never) => match never {},
        }
    })?;
    let (mut count, mut sum) = (0, Money::ZERO);
    for ids in ids.chunks(SLICE) {
        let amounts = store.write(|conn| {
            let mut amounts = Vec::with_capacity(ids.len());
            for id in ids {
                match advance_claim(conn, *id, Step::Confirm, acting, None, None) {
                    Ok(claim) => amounts.push(claim.remaining),
                    // Somebody else was faster.
                    Err(Failure::Refused(StepRefusal::Status(_))) => {}
                    Err(failure) => return Err(failure),
                }
            }
            Ok(amounts)
        })?;
        for amount in amounts {
            count += 1;
            let more = sum.plus(amount);
            sum = more.map_err(|error| StoreError::Content(error.to_string()))?;
        }
    }
    Ok((count, sum))
}
