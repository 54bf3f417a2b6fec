//! A person decides a held change.

use crate::held::records::{Held, decide, held};
use crate::held::{Decision, HeldChange, HeldRefusal};
use crate::kernel::{Actor, Clock, Id, Instant};
use crate::register::records::{FactRow, VersionRow, keep_answers_out, lock_register, write};
use crate::score::records::mark_stale;
use crate::store::{Conn, Failure, Store};

/// Accepts the held row as the fact's next version, or rejects it. The scores concerned are due at once.
pub fn decide_held(
    store: &Store,
    clock: &dyn Clock,
    id: Id<HeldChange>,
    decision: Decision,
    by: &Actor,
) -> Result<Held, Failure<HeldRefusal>> {
    store.write(|conn| {
        lock_register(conn)?;
        keep_answers_out(conn)?;
        let change = held(conn, Some(id))?
            .into_iter()
            .next()
            .ok_or(Failure::Refused(HeldRefusal::Unknown))?;
        let now = clock.now();
        if change.decided_at.is_some() || !decide(conn, id, decision, by, now)? {
            return Err(Failure::Refused(HeldRefusal::Decided));
        }
        if decision == Decision::Accepted {
            if change.fact_version != change.known_version {
                return Err(Failure::Refused(HeldRefusal::Superseded));
            }
            accept(conn, &change, now)?;
        }
        Ok(change)
    })
}

fn accept(conn: &mut Conn, change: &Held, now: Instant) -> Result<(), Failure<HeldRefusal>> {
    let version = change.known_version + 1;
    let row = |merchant, content| VersionRow {
        kind: &change.kind,
        key: &change.key,
        merchant,
        version,
        recorded_at: now,
        delivery: change.delivery,
        content,
    };
    let mut versions = vec![row(change.merchant, &change.content)];
    if change.merchant != change.fact_merchant {
        // The fact goes to another merchant: of the one that had it, an empty version says so.
        versions.push(row(change.fact_merchant, ""));
    }
    let mut touched = vec![change.merchant, change.fact_merchant];
    touched.sort_unstable();
    touched.dedup();
    mark_stale(conn, &touched)?;
    let fact = FactRow {
        kind: &change.kind,
        key: &change.key,
        merchant: change.merchant,
        version,
        source: &change.source,
    };
    Ok(write(conn, &[], &[fact], &versions)?)
}
