//! Rows of scores, and of which score is a merchant's present one.

use super::{Columns, Given, Score, Stands, card_name};
use crate::kernel::{Day, Digest, Id, Instant, Uscc};
use crate::merchant::Merchant;
use crate::register::Kinds;
use crate::scorecard::Scorecard;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::lock::Locked;
use crate::store::one_of::{PairOf, one_of, pair_of};
use crate::store::{
    Conn,
    schema::{current_score, merchant, score},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// Which score is a merchant's present one. It exists from the merchant's first row on, so that whoever changes facts
/// and whoever computes a score can meet on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub merchant: Id<Merchant>,
    /// None before the first score, and where the merchant is not open yet.
    pub score: Option<Id<Score>>,
    pub as_of: Day,
    pub next_change_on: Option<Day>,
    /// Facts have changed since.
    pub stale: bool,
    /// How many stretches of coverage the score has seen.
    pub coverage_count: i64,
    pub card: String,
    /// Grows whenever facts of the merchant change, and whenever a mark on one comes or goes (disputes).
    pub marks: i64,
}

/// What a score must have seen to be the present one.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    pub today: Day,
    pub coverage_count: i64,
    pub card: &'a str,
}

impl Head {
    /// Whether the score has to be computed again.
    pub fn is_due(&self, present: Present<'_>) -> bool {
        self.stale
            || self.as_of > present.today
            || self.next_change_on.is_some_and(|day| day <= present.today)
            || self.coverage_count != present.coverage_count
            || self.card != present.card
    }

    /// A head before the first score.
    pub fn unscored(merchant: Id<Merchant>) -> Self {
        let (as_of, card) = (Day::from_number(0), String::new());
        Self {
            merchant,
            score: None,
            as_of,
            next_change_on: None,
            stale: true,
            coverage_count: 0,
            card,
            marks: 0,
        }
    }
}

impl Insert for Head {
    row!(current_score, |row| {
        merchant_id: &row.merchant,
        score_id: &row.score,
        as_of: &row.as_of,
        next_change_on: &row.next_change_on,
        stale: &row.stale,
        coverage_count: &row.coverage_count,
        card: &row.card,
        marks: &row.marks,
    });
}

/// Opens the heads of new merchants.
pub fn open_heads(
    conn: &mut Conn,
    merchants: impl Iterator<Item = Id<Merchant>>,
) -> QueryResult<usize> {
    let heads: Vec<Head> = merchants.map(Head::unscored).collect();
    insert(conn, &heads, OnConflict::Keep)
}

/// Says that facts of these merchants (in the order of their ids) change in this transaction. The marks grow as well, so
/// that whoever has read a stale head before can tell.
pub fn mark_stale(conn: &mut Conn, merchants: &[Id<Merchant>]) -> QueryResult<()> {
    lock_heads(conn, merchants)?;
    diesel::update(current_score::table.filter(one_of(current_score::merchant_id, merchants)))
        .set((
            current_score::stale.eq(true),
            current_score::marks.eq(current_score::marks + 1),
        ))
        .execute(conn)?;
    Ok(())
}

type HeadRow = (
    Id<Merchant>,
    Option<Id<Score>>,
    Day,
    Option<Day>,
    bool,
    i64,
    String,
    i64,
);

fn head(row: HeadRow) -> Head {
    let (merchant, score, as_of, next_change_on, stale, coverage_count, card, marks) = row;
    Head {
        merchant,
        score,
        as_of,
        next_change_on,
        stale,
        coverage_count,
        card,
        marks,
    }
}

/// Says that a mark on a fact of this merchant comes or goes in this transaction.
pub fn mark(conn: &mut Conn, merchant: Id<Merchant>) -> QueryResult<()> {
    diesel::update(current_score::table.filter(current_score::merchant_id.eq(merchant)))
        .set(current_score::marks.eq(current_score::marks + 1))
        .execute(conn)
        .map(drop)
}

/// The heads of these merchants, locked in the order of their ids until the transaction ends.
pub fn lock_heads(conn: &mut Conn, merchants: &[Id<Merchant>]) -> QueryResult<Vec<Head>> {
    let rows = current_score::table
        .filter(one_of(current_score::merchant_id, merchants))
        .order(current_score::merchant_id);
    let rows = Locked(rows).load::<HeadRow>(conn)?;
    Ok(rows.into_iter().map(head).collect())
}

/// The heads, as they are now, of the merchants known under these codes: each has one from its first row on.
pub fn heads_by_uscc<'a>(
    conn: &mut Conn,
    usccs: impl IntoIterator<Item = &'a Uscc>,
) -> QueryResult<Vec<(Uscc, Head)>> {
    let rows = merchant::table
        .inner_join(current_score::table.on(current_score::merchant_id.eq(merchant::id)))
        .filter(one_of(merchant::uscc, usccs))
        .select((merchant::uscc, current_score::all_columns))
        .load::<(Uscc, HeadRow)>(conn)?;
    Ok(rows
        .into_iter()
        .map(|(uscc, row)| (uscc, head(row)))
        .collect())
}

/// Where these scores put their merchants; those given with another card are left out.
pub fn standings(
    conn: &mut Conn,
    ids: &[(Id<Merchant>, Id<Score>)],
    card: &Scorecard,
    kinds: &Kinds,
) -> QueryResult<HashMap<Id<Score>, Stands>> {
    let rows = score::table
        .filter(these(ids))
        .filter(score::card.eq(card_name(card)))
        .select((score::id, score::standing, score::red_lines))
        .load::<(Id<Score>, String, String)>(conn)?;
    let read = |(id, standing, red_lines): (Id<Score>, String, String)| {
        Some((id, Stands::read(&standing, &red_lines, card, kinds)?))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// A page of the heads of merchants whose score is due (of all, where `all` says so), after the merchant given.
pub fn due_page(
    conn: &mut Conn,
    present: Present<'_>,
    all: bool,
    after: Option<Id<Merchant>>,
    size: i64,
) -> QueryResult<Vec<Head>> {
    let mut page = current_score::table
        .order(current_score::merchant_id)
        .limit(size)
        .into_boxed();
    if let Some(after) = after {
        page = page.filter(current_score::merchant_id.gt(after));
    }
    if !all {
        let outdated = current_score::stale
            .eq(true)
            .or(current_score::as_of.gt(present.today))
            .or(current_score::coverage_count.ne(present.coverage_count))
            .or(current_score::card.ne(present.card));
        page = page.filter(
            current_score::next_change_on
                .le(present.today)
                .or(outdated.nullable()),
        );
    }
    let rows = page.load::<HeadRow>(conn)?;
    Ok(rows.into_iter().map(head).collect())
}

/// How many merchants there are to score, whether due or not.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    current_score::table.count().get_result(conn)
}

/// A score as a row.
pub struct NewScore<'a> {
    pub id: Id<Score>,
    pub merchant: Id<Merchant>,
    pub computed_at: Instant,
    pub columns: &'a Columns,
    /// The digest of all that the score is a function of.
    pub inputs: Digest,
}

impl Insert for NewScore<'_> {
    row!(score, |row| {
        merchant_id: &row.merchant,
        id: &row.id,
        as_of: &row.columns.as_of,
        computed_at: &row.computed_at,
        card: &row.columns.card,
        standing: &row.columns.standing,
        points: &row.columns.points,
        tier: &row.columns.tier,
        tier_cap: &row.columns.tier_cap,
        completeness: &row.columns.completeness,
        next_change_on: &row.columns.next_change_on,
        parts: &row.columns.parts,
        red_lines: &row.columns.red_lines,
        inputs: &row.inputs,
    });
}

/// Appends scores, and makes these heads the present ones.
pub fn keep(conn: &mut Conn, scores: &[NewScore<'_>], heads: &[Head]) -> QueryResult<()> {
    insert(conn, scores, OnConflict::Fail)?;
    let moved = "(merchant_id) DO UPDATE SET score_id = excluded.score_id, as_of = excluded.as_of, \
        next_change_on = excluded.next_change_on, stale = excluded.stale, \
        coverage_count = excluded.coverage_count, card = excluded.card";
    insert(conn, heads, OnConflict::Do(moved)).map(drop)
}

/// When these scores were computed, by merchant.
pub fn computed_at(
    conn: &mut Conn,
    ids: &[(Id<Merchant>, Id<Score>)],
) -> QueryResult<Vec<(Id<Merchant>, Instant)>> {
    score::table
        .filter(these(ids))
        .select((score::merchant_id, score::computed_at))
        .load(conn)
}

/// Which scores these are, by the whole key: two lists of one column each would be held against one another.
fn these(
    ids: &[(Id<Merchant>, Id<Score>)],
) -> PairOf<score::merchant_id, score::id, Id<Merchant>, Id<Score>> {
    let ids = ids.iter().map(|(merchant, score)| (merchant, score));
    pair_of((score::merchant_id, score::id), ids)
}

/// The scores of these ids, as they were given; those given with another card are left out.
pub fn scores(
    conn: &mut Conn,
    ids: &[(Id<Merchant>, Id<Score>)],
    card: &Scorecard,
    kinds: &Kinds,
) -> QueryResult<HashMap<Id<Score>, Given>> {
    let rows = columns(conn, ids)?.into_iter();
    Ok(rows
        .filter_map(|(id, columns)| Some((id, columns.read(card, kinds)?)))
        .collect())
}

/// What the scores of these ids say, as it is stored.
pub fn columns(
    conn: &mut Conn,
    ids: &[(Id<Merchant>, Id<Score>)],
) -> QueryResult<HashMap<Id<Score>, Columns>> {
    type Row = (
        (Id<Score>, Day, String, String, i32, Option<String>),
        (Option<String>, i32, Option<Day>, String, String),
    );
    let rows = score::table
        .filter(these(ids))
        .select((
            (
                score::id,
                score::as_of,
                score::card,
                score::standing,
                score::points,
                score::tier,
            ),
            (
                score::tier_cap,
                score::completeness,
                score::next_change_on,
                score::parts,
                score::red_lines,
            ),
        ))
        .load::<Row>(conn)?;
    let columns = |((id, as_of, card, standing, points, tier), rest): Row| {
        let (tier_cap, completeness, next_change_on, parts, red_lines) = rest;
        let columns = Columns {
            as_of,
            card,
            standing,
            points,
            tier,
            tier_cap,
            completeness,
            next_change_on,
            parts,
            red_lines,
        };
        (id, columns)
    };
    Ok(rows.into_iter().map(columns).collect())
}
