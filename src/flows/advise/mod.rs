//! What is advised about lines follows the scores: in the transaction in which a score changes, a bank reports a line, or
//! time has come, it is asked anew what ought to be advised about a merchant's lines. What lacks is made, what is not due
//! any more is lifted, and each makes a message.
//!
//! The heads of the merchants are locked by then: two instances do not do the same twice.

mod done;
mod lines;
mod turns;

pub use turns::{Said, Turns};

use super::rescore::Scoring;
use crate::advice::records::{due, falls, merchants_advised, reach, unlifted};
use crate::advice::{Advised, Fall, Situation};
use crate::credit_line::KIND;
use crate::credit_line::records::holders;
use crate::kernel::{Id, Uscc};
use crate::merchant::Merchant;
use crate::merchant::records::by_uscc;
use crate::register::records::histories_of;
use crate::register::unit::{Unit, units};
use crate::register::{History, Kinds};
use crate::score::records::{lock_heads, standings};
use crate::scorecard::{RedLine, Standing};
use crate::store::{Conn, StoreError};
use done::Done;
use lines::live_lines;
use std::collections::{BTreeMap, BTreeSet};

/// What a score says against a merchant, the tier aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    Nothing,
    /// No certification is in force: it has ended, or is suspended.
    NotCertified,
    /// A red line that rests on the roster alone.
    Revoked,
    RedLine,
}

impl Against {
    fn of(kinds: &Kinds, standing: Standing, red_lines: &[RedLine]) -> Self {
        let roster = kinds.roster();
        let mut evidence = red_lines.iter().flat_map(|line| &line.evidence);
        match standing {
            Standing::RedLine if evidence.all(|fact| fact.kind == roster) => Self::Revoked,
            Standing::RedLine => Self::RedLine,
            Standing::NotCertified => Self::NotCertified,
            Standing::Insufficient | Standing::Rated => Self::Nothing,
        }
    }
}

/// A merchant to be looked at, and what its score says against it.
pub type Candidate = (Id<Merchant>, Against);

/// Makes and lifts what ought to be of these merchants, whose heads are locked.
///
/// # Errors
/// Where the store fails.
pub fn advise(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    candidates: &[Candidate],
) -> Result<(), StoreError> {
    if candidates.is_empty() {
        return Ok(());
    }
    let merchants: Vec<Id<Merchant>> = candidates.iter().map(|(merchant, _)| *merchant).collect();
    let fallen = fallen(conn, scoring, &merchants)?;
    let known = unlifted(conn, &merchants)?;
    let advised: BTreeSet<Id<Merchant>> = known.iter().map(|advice| advice.merchant).collect();
    let may_matter = |(merchant, against): &&Candidate| {
        let falls = fallen.get(merchant).into_iter().flatten();
        *against != Against::Nothing
            || falls.into_iter().any(|fall| fall.counts(scoring.today))
            || advised.contains(merchant)
    };
    let concerned: BTreeMap<_, _> = candidates.iter().filter(may_matter).copied().collect();
    if concerned.is_empty() {
        return Ok(());
    }
    let ids: Vec<Id<Merchant>> = concerned.keys().copied().collect();
    let roster = &*scoring.kinds.get(scoring.kinds.roster()).id;
    let only = [roster, KIND];
    let histories = histories_of(conn, scoring.kinds, &only, &ids, None)?;
    let lines = live_lines(conn, scoring, &histories)?;
    let mut done = Done::new(scoring);
    for (merchant, history) in &histories {
        let against = concerned.get(merchant).copied();
        let against = against.unwrap_or(Against::Nothing);
        let falls = fallen.get(merchant).map_or(&[][..], Vec::as_slice);
        let situation = situation(scoring, against, history, falls);
        let known = known.iter().filter(|one| one.merchant == *merchant);
        let known: Vec<&Advised> = known.collect();
        done.about((*merchant, history.uscc), &situation, &lines, &known);
    }
    done.keep(conn)
}

/// The falls of these merchants; those whose day has come are not waited for any more.
fn fallen(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    merchants: &[Id<Merchant>],
) -> Result<BTreeMap<Id<Merchant>, Vec<Fall>>, StoreError> {
    let (today, mut fallen) = (scoring.today, BTreeMap::<_, Vec<Fall>>::new());
    let mut reached = Vec::new();
    for (merchant, fall) in falls(conn, merchants)? {
        if fall.watched && fall.counts(today) {
            reached.push(merchant);
        }
        // Of a tier that the card does not have it cannot be told whether it is back.
        if scoring.card.tier(&fall.tier_before).is_some() {
            fallen.entry(merchant).or_default().push(fall);
        }
    }
    if !reached.is_empty() {
        reach(conn, &reached, today)?;
    }
    Ok(fallen)
}

fn situation(
    scoring: Scoring<'_>,
    against: Against,
    history: &History,
    falls: &[Fall],
) -> Situation {
    let revoked = match against {
        Against::Revoked => true,
        Against::NotCertified => has_ended(scoring, history),
        Against::Nothing | Against::RedLine => false,
    };
    let red_line = against == Against::RedLine;
    Situation::new(red_line, revoked, falls, scoring.today)
}

/// Whether a certification has ended; one that is suspended only has not.
fn has_ended(scoring: Scoring<'_>, history: &History) -> bool {
    let ended = |unit: &Unit| unit.ended_on.is_some_and(|end| end <= scoring.today);
    units(scoring.kinds, history).iter().any(ended)
}

/// Looks at these merchants (in the order of their ids) by their present scores, whose heads it locks.
///
/// # Errors
/// Where the store fails.
pub fn look_again(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    merchants: &[Id<Merchant>],
) -> Result<(), StoreError> {
    if merchants.is_empty() {
        return Ok(());
    }
    let heads = lock_heads(conn, merchants)?;
    let present: Vec<_> = heads
        .iter()
        .filter_map(|head| Some((head.merchant, head.score?)))
        .collect();
    let given = standings(conn, &present, scoring.card, scoring.kinds)?;
    // A score of another card is due: then the score that follows is looked at.
    let candidate = |(merchant, score)| {
        let given = given.get(&score)?;
        let against = Against::of(scoring.kinds, given.standing, &given.red_lines);
        Some((merchant, against))
    };
    let candidates: Vec<Candidate> = present.into_iter().filter_map(candidate).collect();
    advise(conn, scoring, &candidates)
}

/// A line of which its bank has reported something.
#[derive(Clone, Debug)]
pub struct LineTold {
    /// The bank's id.
    pub bank: String,
    pub agreement: String,
    /// Whose it is now; none where what is known of it makes no line.
    pub uscc: Option<Uscc>,
}

/// Looks at the merchants whose these lines are or were, once their banks have reported something of them: at each once.
///
/// # Errors
/// Where the store fails.
pub fn look_at_lines(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    lines: &[LineTold],
) -> Result<(), StoreError> {
    let mut usccs: BTreeSet<Uscc> = lines.iter().filter_map(|line| line.uscc).collect();
    let mut by_bank: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines {
        let of_bank = by_bank.entry(&line.bank).or_default();
        of_bank.push(&line.agreement);
    }
    for (bank, agreements) in by_bank {
        usccs.extend(holders(conn, bank, agreements)?);
    }
    // A merchant that no register knows has no score.
    let merchants: BTreeSet<_> = by_uscc(conn, usccs)?.into_values().collect();
    let merchants: Vec<Id<Merchant>> = merchants.into_iter().collect();
    look_again(conn, scoring, &merchants)
}

/// Looks at a page of those for whom time may have come, though their scores have not changed: falls that have lasted, and
/// advice about lines that may be over. The last of the page; none after the last page.
///
/// # Errors
/// Where the store fails.
pub fn review_page(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    after: Option<Id<Merchant>>,
    size: usize,
) -> Result<Option<Id<Merchant>>, StoreError> {
    let most = i64::try_from(size).unwrap_or(i64::MAX);
    let mut page: BTreeSet<Id<Merchant>> =
        due(conn, scoring.today, after, most)?.into_iter().collect();
    page.extend(merchants_advised(conn, after, most)?);
    let page: Vec<Id<Merchant>> = page.into_iter().take(size).collect();
    look_again(conn, scoring, &page)?;
    Ok(page.last().copied())
}
