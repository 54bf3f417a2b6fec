//! Which of the scores just computed say something else than before, and what brought that about.

use super::{Against, Candidate, advise};
use crate::advice::Fall;
use crate::advice::records::{forget, keep};
use crate::flows::rescore::Scoring;
use crate::kernel::{Id, Instant};
use crate::merchant::Merchant;
use crate::register::Kinds;
use crate::register::records::{coverage, histories};
use crate::score::records::{Head, computed_at};
use crate::score::{Given, Score, give};
use crate::scorecard::{BeforeFirstDay, Tier};
use crate::store::{Conn, Failure};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a page of new scores comes to. Where nothing turns, nothing is asked of the database.
#[derive(Default)]
pub struct Turns {
    /// Those of whom the score says something else, and those of whose lines something was told.
    candidates: Vec<Candidate>,
    dropped: Vec<Dropped>,
    /// Those that have this tier now and had another one, or none.
    risen: BTreeMap<Tier, Vec<Id<Merchant>>>,
}

struct Dropped {
    merchant: Id<Merchant>,
    from: Tier,
    /// The score before.
    score: Id<Score>,
    /// Whether facts were recorded since it was computed that may have brought the drop about.
    may_be_new: bool,
}

impl Turns {
    /// Notes a merchant: its head before, what the score before said (none where there was none, or one of another card)
    /// and what the one now says, and whether its banks have told of lines. `coverage_count`: how many stretches there
    /// are now.
    pub fn note(
        &mut self,
        head: &Head,
        (was, is): (Option<Said>, Option<Said>),
        has_lines: bool,
        coverage_count: i64,
    ) {
        if was != is {
            self.turn(head, (was, is), coverage_count);
        }
        if was != is || (head.stale && has_lines) {
            let against = is.map_or(Against::Nothing, |said| said.against);
            self.candidates.push((head.merchant, against));
        }
    }

    fn turn(&mut self, head: &Head, (was, is): (Option<Said>, Option<Said>), coverage_count: i64) {
        let Some(Said { tier, .. }) = is else { return };
        let before = was.and_then(|said| said.tier);
        match (before, head.score) {
            (Some(from), Some(score)) if tier < Some(from) => self.dropped.push(Dropped {
                merchant: head.merchant,
                from,
                score,
                may_be_new: head.stale || head.coverage_count != coverage_count,
            }),
            _ => {
                if let Some(tier) = tier.filter(|tier| Some(*tier) != before) {
                    self.risen.entry(tier).or_default().push(head.merchant);
                }
            }
        }
    }

    /// Remembers the falls, forgets those that are over, and advises. The new scores are kept by then.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn settle(
        self,
        conn: &mut Conn,
        scoring: Scoring<'_>,
    ) -> Result<(), Failure<BeforeFirstDay>> {
        let names = |most: Tier| {
            let tiers = scoring.card.tiers().iter().map(|rule| &rule.tier);
            let below = tiers.filter(move |tier| **tier <= most);
            below.map(Tier::as_str).collect::<Vec<&str>>()
        };
        for (tier, merchants) in &self.risen {
            forget(conn, merchants, &names(*tier))?;
        }
        if !self.dropped.is_empty() {
            let by_facts = by_facts(conn, scoring, &self.dropped)?;
            let fall = |drop: &Dropped| {
                let (from, today) = (drop.from.to_string(), scoring.today);
                let fall = if by_facts.contains(&drop.merchant) {
                    Fall::by_a_fact(from, today)
                } else {
                    Fall::by_time(from, today, scoring.calendar)
                };
                (drop.merchant, fall)
            };
            let falls: Vec<_> = self.dropped.iter().map(fall).collect();
            keep(conn, &falls)?;
        }
        Ok(advise(conn, scoring, &self.candidates)?)
    }
}

/// What a score says as far as advice asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    against: Against,
    tier: Option<Tier>,
}

impl Said {
    pub fn of(kinds: &Kinds, given: &Given) -> Self {
        let assessment = &given.assessment;
        Self {
            against: Against::of(kinds, assessment.standing, &assessment.red_lines),
            tier: assessment.tier,
        }
    }
}

/// The merchants whose tier a new fact has lowered: by what was known when the score before was computed, they would have
/// the tier still today.
fn by_facts(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    dropped: &[Dropped],
) -> Result<BTreeSet<Id<Merchant>>, Failure<BeforeFirstDay>> {
    let maybe: HashMap<Id<Merchant>, &Dropped> = dropped
        .iter()
        .filter(|drop| drop.may_be_new)
        .map(|drop| (drop.merchant, drop))
        .collect();
    let mut found = BTreeSet::new();
    if maybe.is_empty() {
        return Ok(found);
    }
    let ids: Vec<_> = maybe
        .values()
        .map(|drop| (drop.merchant, drop.score))
        .collect();
    let mut at: BTreeMap<Instant, Vec<Id<Merchant>>> = BTreeMap::new();
    for (merchant, instant) in computed_at(conn, &ids)? {
        at.entry(instant).or_default().push(merchant);
    }
    for (known_at, mut merchants) in at {
        merchants.sort_unstable();
        let reach = coverage(conn, scoring.kinds, Some(known_at))?;
        for (merchant, history) in histories(conn, scoring.kinds, &merchants, Some(known_at))? {
            let given = give(scoring.card, &history, &reach, scoring.today);
            let then = given.map_err(Failure::Refused)?;
            let tier = then.and_then(|given| given.assessment.tier);
            let from = maybe.get(&merchant).map(|drop| drop.from);
            if tier >= from {
                found.insert(merchant);
            }
        }
    }
    Ok(found)
}
