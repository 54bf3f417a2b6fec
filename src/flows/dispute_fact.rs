//! A merchant objects to a fact, and the objection is decided. The mark on the fact comes and goes in the same
//! transaction.

use crate::dispute::records::{NewDispute, decide, open};
use crate::dispute::{Dispute, DisputeRefusal, Verdict};
use crate::kernel::{Actor, Clock, Id, Randomness};
use crate::register::records::{Known, known};
use crate::score::records::mark;
use crate::store::{Failure, Store};

/// Raises an objection to the fact known under a key.
pub fn open_dispute(
    store: &Store,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
    (kind, key): (&str, &str),
    reason: &str,
    by: &Actor,
) -> Result<Id<Dispute>, Failure<DisputeRefusal>> {
    let opened_at = clock.now();
    let id = Id::new(opened_at, randomness);
    store.write(|conn| {
        let fact = known(conn, kind, [key])?.pop();
        let unknown = || Failure::Refused(DisputeRefusal::UnknownFact);
        let (_, Known { merchant, .. }) = fact.ok_or_else(unknown)?;
        let new = NewDispute {
            id,
            kind,
            key,
            merchant,
            reason,
            opened_at,
            opened_by: by,
        };
        if !open(conn, new)? {
            return Err(Failure::Refused(DisputeRefusal::Open));
        }
        mark(conn, merchant)?;
        Ok(id)
    })
}

/// Decides an objection.
pub fn decide_dispute(
    store: &Store,
    clock: &dyn Clock,
    id: Id<Dispute>,
    verdict: Verdict,
    by: &Actor,
) -> Result<(), Failure<DisputeRefusal>> {
    store.write(|conn| match decide(conn, id, verdict, by, clock.now())? {
        Some((true, merchant)) => Ok(mark(conn, merchant)?),
        Some((false, _)) => Err(Failure::Refused(DisputeRefusal::Decided)),
        None => Err(Failure::Refused(DisputeRefusal::Unknown)),
    })
}
