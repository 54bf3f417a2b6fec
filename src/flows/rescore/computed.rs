//! What scoring merchants comes to before anything is written: computed from a snapshot or under locks, and kept.

use super::Scoring;
use crate::credit_line::KIND;
use crate::flows::advise::{Said, Turns};
use crate::kernel::{Day, Digest, Id};
use crate::merchant::Merchant;
use crate::register::records::histories;
use crate::register::{Coverage, History, Kinds};
use crate::score::records::{Head, NewScore, columns, keep};
use crate::score::{Columns, Score, give};
use crate::scorecard::{BeforeFirstDay, Scorecard};
use crate::store::{Conn, Failure, StoreError};
use std::collections::HashMap;

/// What scoring one merchant came to.
pub(super) struct Computed {
    /// As it was read.
    pub head: Head,
    next_change_on: Option<Day>,
    /// What the score before said (none where there was none, or one of another card), and what this one says.
    said: (Option<Said>, Option<Said>),
    /// Whether its banks have told of lines.
    has_lines: bool,
    outcome: Outcome,
}

enum Outcome {
    /// The merchant is not open yet.
    None,
    /// The score says what the last one said, which stands.
    Same,
    /// What the new score says, and the digest of all that it is a function of.
    New(Box<(Columns, Digest)>),
}

/// What scoring merchants rests on, as it was read.
pub(super) struct Known {
    heads: Vec<Head>,
    /// What their last scores say.
    last: HashMap<Id<Score>, Columns>,
    histories: Vec<(Id<Merchant>, History)>,
}

impl Known {
    /// Reads what is known of the merchants with these heads (in the order of their ids).
    ///
    /// # Errors
    /// Where the store fails.
    pub fn read(conn: &mut Conn, kinds: &Kinds, heads: Vec<Head>) -> Result<Self, StoreError> {
        let last: Vec<_> = heads
            .iter()
            .filter_map(|head| Some((head.merchant, head.score?)))
            .collect();
        let last = columns(conn, &last)?;
        let merchants: Vec<_> = heads.iter().map(|head| head.merchant).collect();
        let histories = histories(conn, kinds, &merchants, None)?;
        let is_whole = histories
            .iter()
            .map(|(merchant, _)| merchant)
            .eq(&merchants);
        is_whole
            .then_some(Self {
                heads,
                last,
                histories,
            })
            .ok_or_else(|| StoreError::Content("current_score lacks a merchant".to_owned()))
    }

    /// The last of the merchants; none where there are none.
    pub fn last_merchant(&self) -> Option<Id<Merchant>> {
        self.heads.last().map(|head| head.merchant)
    }

    /// Scores them.
    ///
    /// # Errors
    /// Where the business date lies before the card's first day.
    pub fn compute(
        self,
        scoring: Scoring<'_>,
        coverage: &Coverage,
    ) -> Result<Vec<Computed>, BeforeFirstDay> {
        let known = self.heads.into_iter().zip(&self.histories);
        known
            .map(|(head, (_, history))| {
                let before = head.score.and_then(|id| self.last.get(&id));
                one(scoring, head, before, history, coverage)
            })
            .collect()
    }
}

fn one(
    scoring: Scoring<'_>,
    head: Head,
    before: Option<&Columns>,
    history: &History,
    coverage: &Coverage,
) -> Result<Computed, BeforeFirstDay> {
    let (card, kinds, today) = (scoring.card, scoring.kinds, scoring.today);
    let given = give(card, history, coverage, today)?;
    let now = given.as_ref().map(|given| Said::of(kinds, given));
    let says = given.as_ref().map(|given| Columns::of(given, card, kinds));
    let outcome = match says {
        None => Outcome::None,
        Some(says) if before.is_some_and(|before| before.says_as(&says)) => Outcome::Same,
        Some(says) => Outcome::New(Box::new((
            says,
            card.inputs_digest(history, coverage, today),
        ))),
    };
    let then = match outcome {
        Outcome::Same => now,
        _ => before
            .and_then(|before| before.read(card, kinds))
            .map(|given| Said::of(kinds, &given)),
    };
    Ok(Computed {
        next_change_on: match &given {
            Some(given) => given.next_change_on,
            None => opens_on(card, history, today),
        },
        said: (then, now),
        has_lines: kinds
            .index(KIND)
            .is_some_and(|ledgers| !history.of(ledgers).is_empty()),
        outcome,
        head,
    })
}

/// A merchant without a score gets one on the day on which it opens.
fn opens_on(card: &Scorecard, history: &History, today: Day) -> Option<Day> {
    card.opened_on(history).filter(|opened| *opened > today)
}

/// Makes these scores the present ones, under the locks of their heads, which are as they were read. Returns the heads
/// as they are then, and how many scores are new.
///
/// # Errors
/// Where the store fails.
pub(super) fn keep_computed(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    coverage_count: i64,
    computed: &[Computed],
) -> Result<(Vec<Head>, u64), Failure<BeforeFirstDay>> {
    let computed_at = scoring.clock.now();
    let (mut heads, mut moved) = (Vec::with_capacity(computed.len()), Vec::new());
    let (mut new, mut turns) = (Vec::new(), Turns::default());
    for one in computed {
        turns.note(&one.head, one.said, one.has_lines, coverage_count);
        let mut head = Head {
            as_of: scoring.today,
            next_change_on: one.next_change_on,
            stale: false,
            coverage_count,
            card: scoring.card_name.to_owned(),
            ..one.head.clone()
        };
        match &one.outcome {
            Outcome::None => head.score = None,
            Outcome::Same => {}
            Outcome::New(score) => {
                let id: Id<Score> = Id::new(computed_at, scoring.randomness);
                let (columns, inputs) = &**score;
                new.push(NewScore {
                    id,
                    merchant: head.merchant,
                    computed_at,
                    columns,
                    inputs: *inputs,
                });
                head.score = Some(id);
            }
        }
        if head != one.head {
            moved.push(head.clone());
        }
        heads.push(head);
    }
    keep(conn, &new, &moved)?;
    turns.settle(conn, scoring)?;
    Ok((heads, new.len() as u64))
}
