//! Scores are given: to those who are due, in slices, while other writers go on.

use super::advise::{Turns, review_page};
use super::slices::{Pace, Slices};
use super::watch::Watch;
use crate::kernel::{Clock, Day, Id, Randomness, WorkingDays};
use crate::merchant::Merchant;
use crate::register::records::{coverage_with_count, histories, keep_facts_out};
use crate::register::{Coverage, History, Kinds};
use crate::score::records::{Head, NewScore, Present, count, due_page, keep, lock_heads, scores};
use crate::score::{Given, Score, give};
use crate::scorecard::{BeforeFirstDay, Scorecard};
use crate::store::{Conn, Failure, StoreError};

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

const FIRST_MERCHANTS: usize = 64;
const MOST_MERCHANTS: usize = 1_024;

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

/// As [`rescore`], and asks between pages whether to go on. Where not, what has been scored stays, and the rest is due
/// still.
///
/// # Errors
/// As [`rescore`], and where it cannot be told whether to go on.
pub fn rescore_while(
    slices: &mut Slices<'_>,
    scoring: Scoring<'_>,
    all: bool,
    watch: &dyn Watch,
    goes_on: &mut dyn FnMut() -> Result<bool, StoreError>,
) -> Result<Rescored, Failure<BeforeFirstDay>> {
    let total = slices.run(|conn| Ok(count(conn)?))?;
    watch.begin("评分 · scoring", u64::try_from(total).unwrap_or(0));
    let (mut done, mut after) = (Rescored::default(), None);
    let mut pace = Pace::new(FIRST_MERCHANTS, MOST_MERCHANTS);
    while goes_on()? {
        let began = scoring.clock.now();
        let size = pace.size();
        let is_trial = slices.is_trial();
        let (last, slice) = slices.run(|conn| {
            // A score that does not know of a fact is older than the fact: so it can be told what has lowered a tier.
            if !is_trial {
                keep_facts_out(conn)?;
            }
            rescore_page(conn, scoring, all, after, size)
        })?;
        done.merchants += slice.merchants;
        done.scores += slice.scores;
        watch.at(done.merchants);
        pace.learn(scoring.clock, began);
        match last {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    watch.end();
    review(slices, scoring, goes_on)?;
    Ok(done)
}

/// Looks at those for whom time may have come though their scores have not changed.
fn review(
    slices: &mut Slices<'_>,
    scoring: Scoring<'_>,
    goes_on: &mut dyn FnMut() -> Result<bool, StoreError>,
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

fn rescore_page(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    all: bool,
    after: Option<Id<Merchant>>,
    size: usize,
) -> Result<(Option<Id<Merchant>>, Rescored), Failure<BeforeFirstDay>> {
    let (known, coverage_count) = coverage_with_count(conn, scoring.kinds)?;
    let present = Present {
        today: scoring.today,
        coverage_count,
        card: scoring.card_name,
    };
    let page = due_page(
        conn,
        present,
        all,
        after,
        i64::try_from(size).unwrap_or(i64::MAX),
    )?;
    let (_, scores) = renew(conn, scoring, &page, &known, coverage_count)?;
    Ok((
        page.last().copied(),
        Rescored {
            merchants: page.len() as u64,
            scores,
        },
    ))
}

/// A merchant's present score with its head.
pub type Renewed = (Head, Option<Given>);

/// Computes the scores of these merchants (in the order of their ids) and makes them the present ones. A score that
/// says what the last one said is not given anew. Returns the heads and scores, and how many are new.
pub fn renew(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    merchants: &[Id<Merchant>],
    coverage: &Coverage,
    coverage_count: i64,
) -> Result<(Vec<Renewed>, u64), Failure<BeforeFirstDay>> {
    let heads = lock_heads(conn, merchants)?;
    let last: Vec<_> = heads
        .iter()
        .filter_map(|head| Some((head.merchant, head.score?)))
        .collect();
    let last = scores(conn, &last, scoring.card, scoring.kinds)?;
    let histories = histories(conn, scoring.kinds, merchants, None)?;
    let computed_at = scoring.clock.now();
    let (mut renewed, mut new) = (Vec::with_capacity(heads.len()), Vec::new());
    let mut turns = Turns::default();
    for (mut head, (merchant, history)) in heads.into_iter().zip(histories) {
        if head.merchant != merchant {
            return Err(StoreError::Content("current_score lacks a merchant".to_owned()).into());
        }
        let given =
            give(scoring.card, &history, coverage, scoring.today).map_err(Failure::Refused)?;
        head.next_change_on = match &given {
            Some(given) => given.next_change_on,
            None => opens_on(scoring.card, &history, scoring.today),
        };
        let before = head.score.and_then(|id| last.get(&id));
        let scores = (before, given.as_ref());
        turns.note(scoring, &head, scores, &history, coverage_count);
        head.score = match &given {
            Some(given) if before.is_some_and(|before| before.says_as(given)) => head.score,
            Some(given) => {
                let id: Id<Score> = Id::new(computed_at, scoring.randomness);
                new.push(NewScore::new(
                    id,
                    merchant,
                    computed_at,
                    given,
                    scoring.card,
                    scoring.kinds,
                ));
                Some(id)
            }
            None => None,
        };
        head.as_of = scoring.today;
        head.stale = false;
        head.coverage_count = coverage_count;
        scoring.card_name.clone_into(&mut head.card);
        renewed.push((head, given));
    }
    let heads: Vec<Head> = renewed.iter().map(|(head, _)| head.clone()).collect();
    keep(conn, &new, &heads)?;
    turns.settle(conn, scoring)?;
    Ok((renewed, new.len() as u64))
}

/// A merchant without a score gets one on the day on which it opens.
fn opens_on(card: &Scorecard, history: &History, today: Day) -> Option<Day> {
    card.opened_on(history).filter(|opened| *opened > today)
}
