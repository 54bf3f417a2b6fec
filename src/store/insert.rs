//! Many rows in one statement, the same SQL for both engines: what the enum of connections cannot say by itself.

use super::Conn;
use super::connection::MultiBackend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

/// Rows of one statement: few enough to stay below SQLite's limit of parameters, and always the same number so that
/// the prepared statement is found again.
const CHUNK: usize = 64;

/// A row that knows where it goes.
pub trait Insert {
    /// `INSERT INTO` this: the table and its columns, `fact(kind, key)`.
    const INTO: &'static str;
    /// Binds the values in the order of the columns.
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()>;
}

/// The values of one row in the making.
pub struct Values<'a, 'p, 'b> {
    out: &'a mut AstPass<'p, 'b, MultiBackend>,
    first: bool,
}

impl<'b> Values<'_, '_, 'b> {
    /// Adds the next value.
    pub fn add<ST, T>(&mut self, value: &'b T) -> QueryResult<&mut Self>
    where
        MultiBackend: diesel::sql_types::HasSqlType<ST>,
        T: diesel::serialize::ToSql<ST, MultiBackend> + ?Sized,
    {
        if !self.first {
            self.out.push_sql(",");
        }
        self.first = false;
        self.out.push_bind_param(value)?;
        Ok(self)
    }
}

/// What to do with a row that is there already.
#[derive(Clone, Copy)]
pub enum OnConflict {
    /// It is a mistake: the engine refuses it.
    Fail,
    /// It stays as it is.
    Keep,
    /// The text after `ON CONFLICT`.
    Do(&'static str),
}

struct InsertMany<'a, R> {
    rows: &'a [R],
    on_conflict: OnConflict,
}

impl<R> QueryId for InsertMany<'_, R> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<R> Query for InsertMany<'_, R> {
    type SqlType = diesel::sql_types::Untyped;
}

impl<R> RunQueryDsl<Conn> for InsertMany<'_, R> {}

impl<R: Insert> QueryFragment<MultiBackend> for InsertMany<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        out.push_sql(R::INTO);
        out.push_sql(" VALUES ");
        for (i, row) in self.rows.iter().enumerate() {
            out.push_sql(if i == 0 { "(" } else { ",(" });
            row.bind(&mut Values {
                out: &mut out,
                first: true,
            })?;
            out.push_sql(")");
        }
        match self.on_conflict {
            OnConflict::Fail => {}
            OnConflict::Keep => out.push_sql(" ON CONFLICT DO NOTHING"),
            OnConflict::Do(text) => {
                out.push_sql(" ON CONFLICT ");
                out.push_sql(text);
            }
        }
        Ok(())
    }
}

/// Inserts the rows in statements of up to 64; returns how many were written.
pub fn insert<R: Insert>(
    conn: &mut Conn,
    rows: &[R],
    on_conflict: OnConflict,
) -> QueryResult<usize> {
    let mut written = 0;
    for rows in rows.chunks(CHUNK) {
        written += InsertMany { rows, on_conflict }.execute(conn)?;
    }
    Ok(written)
}
