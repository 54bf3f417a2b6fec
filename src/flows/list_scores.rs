//! The scores of all merchants on a date, computed from what was known at a moment, in the order of their codes.

use crate::kernel::{Day, Instant};
use crate::merchant::records::page;
use crate::register::records::{coverage, histories};
use crate::register::{History, Kinds};
use crate::score::{Given, give};
use crate::scorecard::{BeforeFirstDay, Scorecard};
use crate::store::{Conn, Failure};

/// How many merchants are held in memory at a time.
const PAGE: i64 = 512;

/// Calls `each` with every merchant's history and score; those that are not open on the date have none.
///
/// # Errors
/// Where the date lies before the card's first day, the store fails, or `each` does.
pub fn list_scores<E>(
    conn: &mut Conn,
    kinds: &Kinds,
    card: &Scorecard,
    as_of: Day,
    known_at: Option<Instant>,
    mut each: impl FnMut(&History, Option<&Given>) -> Result<(), E>,
) -> Result<Result<(), E>, Failure<BeforeFirstDay>> {
    let known = coverage(conn, kinds, known_at)?;
    let mut after = None;
    loop {
        let merchants = page(conn, after, PAGE)?;
        let Some((last, _)) = merchants.last() else {
            return Ok(Ok(()));
        };
        after = Some(*last);
        let ids: Vec<_> = merchants.iter().map(|(_, id)| *id).collect();
        for (_, history) in histories(conn, kinds, &ids, known_at)? {
            let given = give(card, &history, &known, as_of).map_err(Failure::Refused)?;
            if let Err(error) = each(&history, given.as_ref()) {
                return Ok(Err(error));
            }
        }
    }
}
