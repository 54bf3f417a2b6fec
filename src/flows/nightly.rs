//! The nightly job: once per business date, whoever is due is scored.

use super::rescore::{Rescored, Scoring, rescore_while};
use super::slices::Slices;
use super::watch::Unwatched;
use crate::job::records::{claim, release, renew};
use crate::job::{LEASE_SECONDS, RESCORE};
use crate::kernel::Instant;
use crate::scorecard::BeforeFirstDay;
use crate::store::error::Never;
use crate::store::{Failure, Store, StoreError};
use std::sync::atomic::{AtomicBool, Ordering};

/// Scores those who are due on the business date; none where that has been done, or another instance is at it, or
/// `stop` is set meanwhile. It is looked at between pages: what has been scored stays, the rest is due the next time.
///
/// # Errors
/// Where the business date lies before the card's first day, or the store fails.
pub fn nightly(
    store: &Store,
    scoring: Scoring<'_>,
    holder: [u8; 16],
    stop: &AtomicBool,
) -> Result<Option<Rescored>, Failure<BeforeFirstDay>> {
    let today = scoring.today;
    let now = scoring.clock.now();
    if !store.write(|conn| Ok(claim(conn, RESCORE, today, holder, now)?))? {
        return Ok(None);
    }
    let mut lease = Lease {
        store,
        scoring,
        holder,
        renewed_at: now,
    };
    let mut whole = true;
    let outcome = rescore_while(
        &mut Slices::Committing(store),
        scoring,
        false,
        &Unwatched,
        &mut || {
            whole = !stop.load(Ordering::Relaxed) && lease.holds()?;
            Ok(whole)
        },
    );
    let done = (outcome.is_ok() && whole).then(|| scoring.clock.now());
    store.write(|conn| {
        Ok::<_, Failure<BeforeFirstDay>>(release(conn, RESCORE, today, holder, done)?)
    })?;
    outcome.map(|rescored| whole.then_some(rescored))
}

/// The claim on the job, renewed while it is worked at.
struct Lease<'a> {
    store: &'a Store,
    scoring: Scoring<'a>,
    holder: [u8; 16],
    renewed_at: Instant,
}

impl Lease<'_> {
    /// Whether the job is ours still. The lease is renewed when a third of it is over.
    fn holds(&mut self) -> Result<bool, StoreError> {
        let now = self.scoring.clock.now();
        if now < self.renewed_at.plus_seconds(LEASE_SECONDS / 3) {
            return Ok(true);
        }
        let (today, holder) = (self.scoring.today, self.holder);
        let renewed = self
            .store
            .write(|conn| Ok::<_, Failure<Never>>(renew(conn, RESCORE, today, holder, now)?))?;
        self.renewed_at = now;
        Ok(renewed)
    }
}
