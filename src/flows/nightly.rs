//! The nightly job: once per business date, whoever is due is scored.

use super::rescore::{Rescored, Scoring, rescore};
use super::slices::Slices;
use super::watch::Unwatched;
use crate::job::RESCORE;
use crate::job::records::{claim, release};
use crate::scorecard::BeforeFirstDay;
use crate::store::{Failure, Store};

/// Scores those who are due on the business date; none where that has been done, or another instance is at it.
pub fn nightly(
    store: &Store,
    scoring: Scoring<'_>,
    holder: [u8; 16],
) -> Result<Option<Rescored>, Failure<BeforeFirstDay>> {
    let today = scoring.today;
    let now = scoring.clock.now();
    if !store.write(|conn| Ok(claim(conn, RESCORE, today, holder, now)?))? {
        return Ok(None);
    }
    let outcome = rescore(&mut Slices::Committing(store), scoring, false, &Unwatched);
    let done = outcome.is_ok().then(|| scoring.clock.now());
    store.write(|conn| {
        Ok::<_, Failure<BeforeFirstDay>>(release(conn, RESCORE, today, holder, done)?)
    })?;
    outcome.map(Some)
}
