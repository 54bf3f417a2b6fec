//! A copy of what the database holds, on which something is tried out: no other program waits for it.

use super::{Conn, DatabaseUrl, Failure, Store, StoreError};
use diesel::sql_types::Text;
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use std::path::Path;

/// Tables that grow with use, that no trial looks at, and that need not be copied.
const NOT_COPIED: [&str; 4] = ["score", "bank_query", "answer_body", "used_assertion"];

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Store {
    /// Runs an act on a copy, which goes with it. Must not be called on an async thread.
    ///
    /// # Errors
    /// What the act says; or where there is no room for the copy: on SQLite it lies beside the database, on PostgreSQL
    /// in temporary tables, for which the role needs the privilege TEMPORARY.
    pub fn try_out<T, R>(
        &self,
        act: impl FnOnce(&mut Conn) -> Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        match self.url() {
            DatabaseUrl::Sqlite(path) => self.on_a_copy(path, act),
            DatabaseUrl::Postgres(_) => self.on_temporary_tables(act),
        }
    }

    fn on_a_copy<T, R>(
        &self,
        path: &Path,
        act: impl FnOnce(&mut Conn) -> Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        let beside = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = tempfile::Builder::new()
            .prefix(".trial-")
            .tempdir_in(beside.unwrap_or(Path::new(".")))
            .map_err(|error| StoreError::Unreachable(error.to_string()))?;
        let copy = folder.path().join("copy.db");
        let target = copy.to_string_lossy().into_owned();
        sql_query("VACUUM INTO ?")
            .bind::<Text, _>(target)
            .execute(&mut *self.connection()?)?;
        let mut conn = Conn::open(&DatabaseUrl::Sqlite(copy))?;
        rolled_back(&mut conn, act)
    }

    fn on_temporary_tables<T, R>(
        &self,
        act: impl FnOnce(&mut Conn) -> Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        let mut conn = self.connection()?;
        rolled_back(&mut conn, |conn| {
            if let Conn::Postgres(conn) = conn {
                shadow(conn)?;
            }
            act(conn)
        })
    }
}

fn rolled_back<T, R>(
    conn: &mut Conn,
    act: impl FnOnce(&mut Conn) -> Result<T, Failure<R>>,
) -> Result<T, Failure<R>> {
    conn.begin_writing()?;
    let outcome = act(conn);
    conn.roll_back();
    outcome
}

/// Lays a temporary copy over each table: a name without a schema means the temporary one first.
fn shadow(conn: &mut PgConnection) -> QueryResult<()> {
    sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(conn)?;
    let tables: Vec<Table> = sql_query(
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
    )
    .load(conn)?;
    for Table { name } in tables {
        let filled = !NOT_COPIED.contains(&&*name);
        let create = format!(
            "CREATE TEMPORARY TABLE \"trial {name}\" (LIKE \"{name}\" INCLUDING ALL) ON COMMIT DROP"
        );
        sql_query(create).execute(conn)?;
        if filled {
            sql_query(format!(
                "INSERT INTO \"trial {name}\" SELECT * FROM \"{name}\""
            ))
            .execute(conn)?;
            sql_query(format!("ANALYZE \"trial {name}\"")).execute(conn)?;
        }
        sql_query(format!("ALTER TABLE \"trial {name}\" RENAME TO \"{name}\"")).execute(conn)?;
    }
    Ok(())
}
