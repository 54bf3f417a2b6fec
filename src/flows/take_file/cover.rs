//! What a delivery covers, written once all of it has been taken.

use super::SourceCovers;
use crate::kernel::{Id, Instant};
use crate::register::Kinds;
use crate::register::records::{Delivery, NewCoverage, add_coverage, coverage};
use crate::store::{Conn, StoreError};

/// Writes that a kind of a source is complete for these days, unless that is known.
pub fn cover(
    conn: &mut Conn,
    kinds: &Kinds,
    kind: &str,
    delivery: Id<Delivery>,
    covers: SourceCovers<'_>,
    recorded_at: Instant,
) -> Result<(), StoreError> {
    let known = coverage(conn, kinds, None)?;
    let index = kinds.index(kind);
    let stretches = index.map_or(&[][..], |index| known.of_source(index, covers.source));
    // A stretch that is known already says nothing new; adding it would make every score look outdated.
    if stretches
        .iter()
        .any(|stretch| stretch.from <= covers.from && covers.until <= stretch.until)
    {
        return Ok(());
    }
    let row = NewCoverage {
        delivery,
        kind,
        source: covers.source,
        from: covers.from,
        until: covers.until,
        recorded_at,
    };
    add_coverage(conn, row)?;
    Ok(())
}
