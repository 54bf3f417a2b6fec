//! Many rows in one statement, the same SQL for both engines: what the enum of connections cannot say by itself. The
//! rows are bound for the engine that is there: the enum would write the text of the statement three times. Crowds of
//! rows that must be new PostgreSQL takes by COPY, which neither plans nor binds.

use super::Conn;
use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, QueryResult, RunQueryDsl};

/// Rows of one statement: few enough to stay below SQLite's limit of parameters (32,766), and always the same numbers
/// so that the prepared statements are found again. What comes in crowds goes by the larger one.
const CHUNKS: [usize; 2] = [512, 64];

/// From how many rows on PostgreSQL takes new ones by COPY, which costs a round trip more, and how many at a time: a
/// reference to each of their values is held until they are sent.
const COPIED: usize = 128;
const MOST_COPIED: usize = 4_096;

/// A row that knows where it goes; [`row`] writes all of it.
pub trait Insert: Sized {
    /// `INSERT INTO` this: the table and its columns, `fact (kind, key)`.
    const INTO: &'static str;
    /// Binds the values in the order of the columns.
    fn bind<'b>(&'b self, values: &mut Values<'_, '_, 'b>) -> QueryResult<()>;
    /// Copies rows into the same columns.
    fn copy(conn: &mut PgConnection, rows: &[Self]) -> QueryResult<usize>;
}

/// The columns of a table that a row fills, each with a value that is borrowed from the row: the body of its [`Insert`].
#[doc(hidden)]
#[macro_export]
macro_rules! insertable_row {
    ($table:ident, |$row:ident| { $first:ident: $value:expr, $($column:ident: $more:expr,)* }) => {
        const INTO: &'static str = concat!(
            stringify!($table), " (", stringify!($first), $(", ", stringify!($column),)* ")"
        );

        fn bind<'b>(
            &'b self,
            values: &mut $crate::store::insert::Values<'_, '_, 'b>,
        ) -> diesel::QueryResult<()> {
            let $row = self;
            values.add::<diesel::dsl::SqlTypeOf<$table::$first>, _>($value)?;
            $(values.add::<diesel::dsl::SqlTypeOf<$table::$column>, _>($more)?;)*
            Ok(())
        }

        fn copy(
            conn: &mut diesel::PgConnection,
            rows: &[Self],
        ) -> diesel::QueryResult<usize> {
            use diesel::prelude::{ExecuteCopyFromDsl, ExpressionMethods};
            let mut filled = Vec::with_capacity(rows.len());
            for $row in rows {
                filled.push(($table::$first.eq($value), $($table::$column.eq($more),)*));
            }
            diesel::copy_from($table::table).from_insertable(filled).execute(conn)
        }
    };
}
pub use crate::insertable_row as row;

/// The values of one row in the making.
pub struct Values<'a, 'p, 'b> {
    out: Out<'a, 'p, 'b>,
    first: bool,
}

/// A statement of either engine.
enum Out<'a, 'p, 'b> {
    Sqlite(&'a mut AstPass<'p, 'b, Sqlite>),
    Postgres(&'a mut AstPass<'p, 'b, Pg>),
}

impl<'b> Values<'_, '_, 'b> {
    /// Adds the next value.
    pub fn add<ST, T>(&mut self, value: &'b T) -> QueryResult<()>
    where
        Sqlite: HasSqlType<ST>,
        Pg: HasSqlType<ST>,
        T: ToSql<ST, Sqlite> + ToSql<ST, Pg> + ?Sized,
    {
        let comma = if self.first { "" } else { "," };
        self.first = false;
        match &mut self.out {
            Out::Sqlite(out) => {
                out.push_sql(comma);
                out.push_bind_param::<ST, T>(value)?;
            }
            Out::Postgres(out) => {
                out.push_sql(comma);
                out.push_bind_param::<ST, T>(value)?;
            }
        }
        Ok(())
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

impl<R, C> RunQueryDsl<C> for InsertMany<'_, R> {}

impl<R: Insert> QueryFragment<Sqlite> for InsertMany<'_, R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.walk(out, |out| Out::Sqlite(out))
    }
}

impl<R: Insert> QueryFragment<Pg> for InsertMany<'_, R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk(out, |out| Out::Postgres(out))
    }
}

impl<R: Insert> InsertMany<'_, R> {
    fn walk<'p, 'b, DB: Backend>(
        &'b self,
        mut out: AstPass<'p, 'b, DB>,
        of: impl for<'a> Fn(&'a mut AstPass<'p, 'b, DB>) -> Out<'a, 'p, 'b>,
    ) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        out.push_sql(R::INTO);
        out.push_sql(" VALUES ");
        for (i, row) in self.rows.iter().enumerate() {
            out.push_sql(if i == 0 { "(" } else { ",(" });
            row.bind(&mut Values {
                out: of(&mut out),
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

/// Inserts the rows in statements of 512 while there are so many, and of up to 64 then; to PostgreSQL many that must be new
/// are copied. Returns how many were written.
///
/// # Errors
/// Where the engine refuses a row, or cannot be reached; the rows of earlier statements are written then, and the
/// transaction must not be committed.
pub fn insert<R: Insert>(
    conn: &mut Conn,
    rows: &[R],
    on_conflict: OnConflict,
) -> QueryResult<usize> {
    if let (Conn::Postgres(conn), OnConflict::Fail) = (&mut *conn, on_conflict)
        && rows.len() >= COPIED
    {
        let mut copies = rows.chunks(MOST_COPIED).map(|rows| R::copy(conn, rows));
        return copies.try_fold(0, |sum, copied| Ok(sum + copied?));
    }
    let (mut written, mut left) = (0, rows);
    while !left.is_empty() {
        let fits = CHUNKS.into_iter().find(|size| *size <= left.len());
        let (rows, rest) = left.split_at(fits.unwrap_or(left.len()));
        let many = InsertMany { rows, on_conflict };
        written += match conn {
            Conn::Sqlite(conn) => many.execute(conn)?,
            Conn::Postgres(conn) => many.execute(conn)?,
        };
        left = rest;
    }
    Ok(written)
}
