//! Rows locked until the transaction ends: on PostgreSQL by FOR UPDATE; on SQLite a writer is alone anyway.

use super::Conn;
use super::connection::MultiBackend;
use super::one_of::list;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel::{QueryResult, RunQueryDsl};

/// Holds names until the transaction ends, so that whoever else holds one of them comes before or after: on PostgreSQL
/// advisory locks, taken in one order by everybody; on SQLite a writer is alone anyway.
pub fn hold<'a>(conn: &mut Conn, names: impl IntoIterator<Item = &'a str>) -> QueryResult<()> {
    let Conn::Postgres(conn) = conn else {
        return Ok(());
    };
    let mut names = names.into_iter().peekable();
    if names.peek().is_none() {
        return Ok(());
    }
    // What is ordered inside is locked in that order: an ordered and distinct subquery is not merged into the outer one.
    diesel::sql_query(
        "SELECT count(pg_advisory_xact_lock(number)) FROM (SELECT DISTINCT hashtextextended(value, 330921) AS number \
         FROM json_array_elements_text($1::json) AS value ORDER BY number) AS numbers",
    )
    .bind::<Text, _>(list(names))
    .execute(conn)
    .map(drop)
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
