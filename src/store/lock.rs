//! Rows locked until the transaction ends: on PostgreSQL by FOR UPDATE; on SQLite a writer is alone anyway.

use super::Conn;
use super::connection::MultiBackend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

/// Holds a name until the transaction ends, so that whoever else holds it comes before or after: on PostgreSQL an
/// advisory lock, on SQLite a writer is alone anyway.
pub fn hold(conn: &mut Conn, name: &str) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(conn) => {
            diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 330921))")
                .bind::<diesel::sql_types::Text, _>(name)
                .execute(conn)
                .map(drop)
        }
    }
}

/// A query whose rows are locked.
#[derive(QueryId)]
pub struct Locked<Q>(pub Q);

impl<Q: Query> Query for Locked<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Conn> for Locked<Q> {}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Locked<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        if matches!(out.backend(), MultiBackend::Postgres(_)) {
            out.push_sql(" FOR UPDATE");
        }
        Ok(())
    }
}
