//! A folder declares programmes of subsidy: records from its business date on, and pools filled to what they say.

use crate::intake::county::Programme;
use crate::kernel::{Day, Id, Money};
use crate::ledger::records::{Posted, lock_balances, open_accounts, post};
use crate::ledger::{Account, Balances, Movement, Posting, Refusal};
use crate::store::{Conn, Failure};
use crate::subsidy::records::{add_programme, programmes};
use crate::subsidy::{Declared, in_force};

/// A pool that could not be made as small as a folder says: the rest is claimed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotLowered {
    pub programme: String,
    /// By how much it should have been lowered further.
    pub short: Money,
}

/// Records the programmes whose terms differ from those in force on the folder's day, and moves what their pools grow
/// or shrink by. A folder that is imported again says nothing new, also where a later one has been imported since; but
/// what has come back to a pool that could not be lowered at first is taken out then.
///
/// # Errors
/// Where the store fails, or a pool is beyond the range of amounts.
pub fn declare_programmes(
    conn: &mut Conn,
    declared: &[Programme],
    business_date: Day,
    posted: Posted<'_>,
) -> Result<Vec<NotLowered>, Failure<Refusal>> {
    let known = programmes(conn, None)?;
    let mut not_lowered = Vec::new();
    for terms in declared {
        let records = known.get(&terms.id).map_or(&[][..], Vec::as_slice);
        if in_force(records, business_date).is_none_or(|record| record.terms != *terms) {
            let recorded_at = posted.clock.now();
            let record = Declared {
                id: Id::new(recorded_at, posted.randomness),
                in_force_from: business_date,
                terms: terms.clone(),
                recorded_at,
            };
            add_programme(conn, &record, posted.by)?;
        }
        if records
            .iter()
            .any(|later| later.in_force_from > business_date)
        {
            continue;
        }
        let short = resize(conn, terms, business_date, posted)?;
        if short > Money::ZERO {
            let programme = terms.id.clone();
            not_lowered.push(NotLowered { programme, short });
        }
    }
    Ok(not_lowered)
}

/// Fills the pool to what it should be, or takes out what is free; returns what could not be taken out.
fn resize(
    conn: &mut Conn,
    terms: &Programme,
    posted_on: Day,
    posted: Posted<'_>,
) -> Result<Money, Failure<Refusal>> {
    open_accounts(conn, &terms.id)?;
    let balances = lock_balances(conn, &terms.id)?;
    let (movement, amount) = step(&balances, terms.pool).map_err(Failure::Refused)?;
    let free = match movement {
        Movement::Withdraw => amount.min(balances.of(Account::Pool)),
        _ => amount,
    };
    if free > Money::ZERO {
        let posting = Posting {
            movement,
            amount: free,
            claim: None,
            posted_on,
        };
        post(conn, &terms.id, &[posting], posted)?;
    }
    amount.minus(free).map_err(out_of_range)
}

/// What leads from the money put in so far to the pool that is declared.
fn step(balances: &Balances, pool: Money) -> Result<(Movement, Money), Refusal> {
    // The source is below zero by what it gave.
    let more = pool.plus(balances.of(Account::Funding));
    let more = more.map_err(|_| Refusal::OutOfRange)?;
    if more >= Money::ZERO {
        return Ok((Movement::Fund, more));
    }
    let less = Money::ZERO.minus(more).map_err(|_| Refusal::OutOfRange)?;
    Ok((Movement::Withdraw, less))
}

fn out_of_range<E>(_: E) -> Failure<Refusal> {
    Failure::Refused(Refusal::OutOfRange)
}
