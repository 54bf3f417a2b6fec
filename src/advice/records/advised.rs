//! Rows of advice. What was advised is never changed; acknowledgement and lifting are added.

use crate::advice::{Acknowledgement, Action, Advice, Advised, Cause, State};
use crate::kernel::{Day, Id, Instant, Uscc};
use crate::merchant::Merchant;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::lock::Locked;
use crate::store::one_of::one_of;
use crate::store::schema::advice;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;

/// Advice in the making.
pub struct NewAdvice {
    pub bank: String,
    pub id: Id<Advice>,
    pub agreement: String,
    pub merchant: Id<Merchant>,
    pub uscc: Uscc,
    pub cause: Cause,
    pub action: Action,
    pub since: Day,
    pub made_at: Instant,
}

impl Insert for NewAdvice {
    row!(advice, |row| {
        bank_id: &row.bank,
        id: &row.id,
        agreement: &row.agreement,
        merchant_id: &row.merchant,
        uscc: &row.uscc,
        cause: row.cause.as_str(),
        action: row.action.as_str(),
        since: &row.since,
        made_at: &row.made_at,
    });
}

#[derive(Queryable)]
struct Row {
    bank: String,
    id: Id<Advice>,
    agreement: String,
    merchant: Id<Merchant>,
    uscc: Uscc,
    cause: String,
    action: String,
    since: Day,
    made_at: Instant,
    acknowledged_at: Option<Instant>,
    acknowledged_by: Option<String>,
    note: Option<String>,
    lifted_at: Option<Instant>,
}

impl Row {
    fn read(self) -> Result<Advised, StoreError> {
        let unknown = |word: &str| StoreError::Content(format!("advice {word:?}"));
        let action = Action::ALL.into_iter();
        let mut action = action.filter(|action| action.as_str() == self.action);
        let (note, by) = (self.note, self.acknowledged_by);
        Ok(Advised {
            bank: self.bank,
            id: self.id,
            agreement: self.agreement,
            merchant: self.merchant,
            uscc: self.uscc,
            cause: self.cause.parse().map_err(|_| unknown(&self.cause))?,
            action: action.next().ok_or_else(|| unknown(&self.action))?,
            since: self.since,
            made_at: self.made_at,
            acknowledged: self.acknowledged_at.map(|at| Acknowledgement {
                at,
                by: by.unwrap_or_default(),
                note,
            }),
            lifted_at: self.lifted_at,
        })
    }
}

fn read(rows: Vec<Row>) -> Result<Vec<Advised>, StoreError> {
    rows.into_iter().map(Row::read).collect()
}

/// Adds advice; a second one about the same line, merchant and cause is refused while the first has not been lifted.
pub fn add(conn: &mut Conn, rows: &[NewAdvice]) -> QueryResult<usize> {
    insert(conn, rows, OnConflict::Fail)
}

/// The advice about these merchants that has not been lifted, in its order, locked until the transaction ends.
pub fn unlifted(conn: &mut Conn, merchants: &[Id<Merchant>]) -> Result<Vec<Advised>, StoreError> {
    let rows = advice::table
        .filter(one_of(advice::merchant_id, merchants).and(advice::lifted_at.is_null()))
        .order((advice::bank_id, advice::id));
    read(Locked(rows).load(conn)?)
}

/// The merchants after this one about whom there is advice that has not been lifted, in the order of their ids.
pub fn merchants_advised(
    conn: &mut Conn,
    after: Option<Id<Merchant>>,
    most: i64,
) -> QueryResult<Vec<Id<Merchant>>> {
    let after = after.unwrap_or(Id::from_bytes([0; 16]));
    advice::table
        .filter(
            advice::lifted_at
                .is_null()
                .and(advice::merchant_id.gt(after)),
        )
        .order(advice::merchant_id)
        .distinct()
        .select(advice::merchant_id)
        .limit(most)
        .load(conn)
}

/// Says that the cause of these, which are about those merchants, is gone.
pub fn lift(
    conn: &mut Conn,
    merchants: &[Id<Merchant>],
    advice: &[Id<Advice>],
    at: Instant,
) -> QueryResult<usize> {
    let open = one_of(advice::merchant_id, merchants).and(advice::lifted_at.is_null());
    diesel::update(advice::table.filter(open.and(one_of(advice::id, advice))))
        .set(advice::lifted_at.eq(at))
        .execute(conn)
}

/// The advice of that id to this bank, locked until the transaction ends; none where the bank has none such.
pub fn find(conn: &mut Conn, bank: &str, id: Id<Advice>) -> Result<Option<Advised>, StoreError> {
    let rows = advice::table.filter(advice::bank_id.eq(bank).and(advice::id.eq(id)));
    let rows = Locked(rows).load::<Row>(conn)?;
    Ok(read(rows)?.into_iter().next())
}

/// The advice of these ids to this bank.
pub fn of_bank(
    conn: &mut Conn,
    bank: &str,
    ids: &[Id<Advice>],
) -> Result<Vec<Advised>, StoreError> {
    let rows = advice::table.filter(advice::bank_id.eq(bank).and(one_of(advice::id, ids)));
    read(rows.load(conn)?)
}

/// Says that the bank has taken note.
pub fn acknowledge(
    conn: &mut Conn,
    bank: &str,
    id: Id<Advice>,
    said: &Acknowledgement,
) -> QueryResult<usize> {
    diesel::update(advice::table.filter(advice::bank_id.eq(bank).and(advice::id.eq(id))))
        .set((
            advice::acknowledged_at.eq(said.at),
            advice::acknowledged_by.eq(&said.by),
            advice::note.eq(said.note.as_deref()),
        ))
        .execute(conn)
}

/// Which advice is listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub bank: Option<String>,
    pub agreement: Option<String>,
    pub uscc: Option<Uscc>,
    pub state: Option<State>,
    pub cause: Option<Cause>,
}

/// A page of advice in the order of bank and id, after the one given.
pub fn page(
    conn: &mut Conn,
    filter: &Filter,
    after: Option<(&str, Id<Advice>)>,
    size: i64,
) -> Result<Vec<Advised>, StoreError> {
    let rows = advice::table
        .order((advice::bank_id, advice::id))
        .limit(size);
    let mut rows = rows.into_boxed();
    if let Some((bank, id)) = after {
        let later = advice::bank_id
            .gt(bank)
            .or(advice::bank_id.eq(bank).and(advice::id.gt(id)));
        rows = rows.filter(later);
    }
    if let Some(bank) = &filter.bank {
        rows = rows.filter(advice::bank_id.eq(bank));
    }
    if let Some(agreement) = &filter.agreement {
        rows = rows.filter(advice::agreement.eq(agreement));
    }
    if let Some(uscc) = filter.uscc {
        rows = rows.filter(advice::uscc.eq(uscc));
    }
    if let Some(cause) = filter.cause {
        rows = rows.filter(advice::cause.eq(cause.as_str()));
    }
    let (lifted, acknowledged) = (advice::lifted_at, advice::acknowledged_at);
    rows = match filter.state {
        None => rows,
        Some(State::Lifted) => rows.filter(lifted.is_not_null()),
        Some(State::Acknowledged) => rows.filter(lifted.is_null().and(acknowledged.is_not_null())),
        Some(State::Open) => rows.filter(lifted.is_null().and(acknowledged.is_null())),
    };
    read(rows.load(conn)?)
}
