//! Rows that hold one of many keys, each looked up by itself. For tables that grow fast: PostgreSQL keeps the plan that it
//! made for `column = one of these` while a table was small, and reads the table from end to end until it has been
//! analysed, a minute later. A look-up by one key it does by the index from the first row on.

use super::Conn;
use super::connection::MultiBackend;
use super::one_of::{Listed, list};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel::{QueryResult, RunQueryDsl};
use std::marker::PhantomData;

/// A query for the rows of a table that hold one of many keys in a column; its columns have the types `ST`.
pub struct Seek<ST> {
    columns: &'static str,
    table: &'static str,
    key: &'static str,
    /// The keys as JSON, and whether they are bytes.
    keys: (String, bool),
    /// Columns of text that hold one value each.
    equal: Vec<(&'static str, String)>,
    /// What else must hold, as SQL.
    and: Option<&'static str>,
    types: PhantomData<fn() -> ST>,
}

impl<ST> Seek<ST> {
    /// `columns` of the rows of `table` whose `key` is one of these. The columns and the condition must be served by an
    /// index that the columns of [`Self::equal`] and `key` begin.
    pub fn new<'a, V: Listed + ?Sized + 'a>(
        columns: &'static str,
        table: &'static str,
        key: &'static str,
        keys: impl IntoIterator<Item = &'a V>,
    ) -> Self {
        Self {
            columns,
            table,
            key,
            keys: (list(keys), V::IS_BYTES),
            equal: Vec::new(),
            and: None,
            types: PhantomData,
        }
    }

    /// Only rows with this text in that column.
    #[must_use]
    pub fn equal(mut self, column: &'static str, text: &str) -> Self {
        self.equal.push((column, text.to_owned()));
        self
    }

    /// Only rows for which this holds.
    #[must_use]
    pub const fn and(mut self, condition: &'static str) -> Self {
        self.and = Some(condition);
        self
    }

    /// The condition without the keys.
    fn within<'b>(&'b self, out: &mut AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        for (column, text) in &self.equal {
            out.push_sql(column);
            out.push_sql(" = ");
            out.push_bind_param::<Text, _>(text)?;
            out.push_sql(" AND ");
        }
        if let Some(condition) = self.and {
            out.push_sql("(");
            out.push_sql(condition);
            out.push_sql(") AND ");
        }
        out.push_sql(self.key);
        Ok(())
    }

    fn on_sqlite<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let (keys, are_bytes) = &self.keys;
        for part in ["SELECT ", self.columns, " FROM ", self.table, " WHERE "] {
            out.push_sql(part);
        }
        self.within(&mut out)?;
        out.push_sql(" IN (SELECT ");
        out.push_sql(if *are_bytes { "unhex(value)" } else { "value" });
        out.push_sql(" FROM json_each(");
        out.push_bind_param::<Text, _>(keys)?;
        out.push_sql("))");
        Ok(())
    }

    /// A subquery with an OFFSET is not merged into the outer query: it is run for each key.
    fn on_postgres<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let (keys, are_bytes) = &self.keys;
        out.push_sql("SELECT found.* FROM (SELECT DISTINCT value FROM json_array_elements_text(");
        out.push_bind_param::<Text, _>(keys)?;
        out.push_sql("::json) AS given(value)) AS named CROSS JOIN LATERAL (");
        for part in ["SELECT ", self.columns, " FROM ", self.table, " WHERE "] {
            out.push_sql(part);
        }
        self.within(&mut out)?;
        out.push_sql(" = ");
        out.push_sql(if *are_bytes {
            "decode(named.value, 'hex')"
        } else {
            "named.value"
        });
        out.push_sql(" OFFSET 0) AS found");
        Ok(())
    }
}

impl<ST> QueryId for Seek<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Seek<ST> {
    type SqlType = ST;
}

impl<ST> RunQueryDsl<Conn> for Seek<ST> {}

impl<ST> QueryFragment<MultiBackend> for Seek<ST> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        match out.backend() {
            MultiBackend::Sqlite(_) => self.on_sqlite(out),
            MultiBackend::Postgres(_) => self.on_postgres(out),
        }
    }
}
