//! Scores are given: to those who are due, in slices, while other writers go on.

mod computed;
mod pages;

use super::advise::review_page;
use super::slices::{Pace, Slices};
use super::watch::Watch;
use crate::kernel::{Clock, Day, Id, Randomness, WorkingDays};
use crate::merchant::Merchant;
use crate::register::{Coverage, Kinds};
use crate::score::records::{Head, count, lock_heads};
use crate::scorecard::{BeforeFirstDay, Scorecard};
use crate::store::{Conn, Failure, StoreError};
use computed::{Known, keep_computed};
use pages::{FIRST_MERCHANTS, MOST_MERCHANTS, Pages};

/// What scoring needs to know of the world.
#[derive(Clone, Copy)]
pub struct Scoring<'a> {
    pub kinds: &'a Kinds,
    pub card: &'a Scorecard,
    /// The card's name.
    pub card_name: &'a str,
    pub today: Day,
    /// For how long a fall has lasted.
    pub calendar: &'a WorkingDays,
    pub clock: &'a dyn Clock,
    pub randomness: &'a dyn Randomness,
}

/// How many merchants were looked at, and how many got a score that says something new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rescored {
    pub merchants: u64,
    pub scores: u64,
}

/// Scores every merchant that is due, or all of them.
///
/// # Errors
/// Where the business date lies before the card's first day, or the store fails. What has been scored stays; run
/// again, it goes on with those still due.
pub fn rescore(
    slices: &mut Slices<'_>,
    scoring: Scoring<'_>,
    all: bool,
    watch: &dyn Watch,
) -> Result<Rescored, Failure<BeforeFirstDay>> {
    rescore_while(slices, scoring, all, watch, &mut || Ok(true))
}

/// As [`rescore`], and asks before each page is written whether to go on. Where not, what has been scored stays, and the
/// rest is due still.
///
/// # Errors
/// As [`rescore`], and where it cannot be told whether to go on.
pub fn rescore_while(
    slices: &mut Slices<'_>,
    scoring: Scoring<'_>,
    all: bool,
    watch: &dyn Watch,
    goes_on: GoesOn<'_>,
) -> Result<Rescored, Failure<BeforeFirstDay>> {
    let total = slices.run(|conn| Ok(count(conn)?))?;
    watch.begin("评分 · scoring", u64::try_from(total).unwrap_or(0));
    let pages = Pages::new(scoring, all, watch);
    let done = match slices {
        Slices::Committing(store) => pages.side_by_side(store, goes_on)?,
        Slices::Trial(conn) => pages.in_turn(conn, goes_on)?,
    };
    watch.end();
    review(slices, scoring, goes_on)?;
    Ok(done)
}

/// Tells whether to go on.
pub type GoesOn<'a> = &'a mut dyn FnMut() -> Result<bool, StoreError>;

/// Looks at those for whom time may have come though their scores have not changed.
fn review(
    slices: &mut Slices<'_>,
    scoring: Scoring<'_>,
    goes_on: GoesOn<'_>,
) -> Result<(), Failure<BeforeFirstDay>> {
    let mut pace = Pace::new(FIRST_MERCHANTS, MOST_MERCHANTS);
    let mut after = None;
    while goes_on()? {
        let (began, size) = (scoring.clock.now(), pace.size());
        after = slices.run(|conn| Ok(review_page(conn, scoring, after, size)?))?;
        pace.learn(scoring.clock, began);
        if after.is_none() {
            break;
        }
    }
    Ok(())
}

/// Computes the scores of these merchants (in the order of their ids) and makes them the present ones. A score that
/// says what the last one said is not given anew. Returns the heads as they are then, and how many scores are new.
///
/// # Errors
/// Where the business date lies before the card's first day, or the store fails.
pub fn renew(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    merchants: &[Id<Merchant>],
    coverage: &Coverage,
    coverage_count: i64,
) -> Result<(Vec<Head>, u64), Failure<BeforeFirstDay>> {
    let heads = lock_heads(conn, merchants)?;
    let known = Known::read(conn, scoring.kinds, heads)?;
    let computed = known.compute(scoring, coverage).map_err(Failure::Refused)?;
    keep_computed(conn, scoring, coverage_count, &computed)
}
