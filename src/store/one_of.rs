//! A column that is one of many values, or two that are one of many pairs: one statement whatever their number, so that
//! it stays prepared. The values go as one JSON text, which each engine unpacks in its own words.

use super::connection::MultiBackend;
use crate::kernel::{Digest, Id, Uscc};
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Text};
use diesel::{QueryResult, expression::is_aggregate};
use std::marker::PhantomData;

/// A value that a list of many can hold.
pub trait Listed {
    /// Whether it is bytes in the database, and goes as hexadecimal digits.
    const IS_BYTES: bool;
    /// Adds it to a JSON text between quotes.
    fn write(&self, json: &mut String);
}

impl<T> Listed for Id<T> {
    const IS_BYTES: bool = true;
    fn write(&self, json: &mut String) {
        write_hex(self.as_bytes(), json);
    }
}

impl Listed for Digest {
    const IS_BYTES: bool = true;
    fn write(&self, json: &mut String) {
        write_hex(self.as_bytes(), json);
    }
}

impl Listed for Uscc {
    const IS_BYTES: bool = false;
    fn write(&self, json: &mut String) {
        json.push_str(self.as_str());
    }
}

impl Listed for str {
    const IS_BYTES: bool = false;
    fn write(&self, json: &mut String) {
        let quoted = serde_json::Value::from(self).to_string();
        json.push_str(&quoted[1..quoted.len() - 1]);
    }
}

fn write_hex(bytes: &[u8], json: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        json.push(char::from(DIGITS[usize::from(byte >> 4)]));
        json.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// `column = one of these`.
pub struct OneOf<C, V: ?Sized> {
    column: C,
    json: String,
    values: PhantomData<fn(&V)>,
}

/// Whether the column holds one of these values.
pub fn one_of<'a, C, V: Listed + ?Sized + 'a>(
    column: C,
    values: impl IntoIterator<Item = &'a V>,
) -> OneOf<C, V> {
    OneOf {
        column,
        json: list(values),
        values: PhantomData,
    }
}

/// `(one column, another) = one of these pairs`.
pub struct PairOf<A, B, V: ?Sized, W: ?Sized> {
    columns: (A, B),
    json: String,
    values: PhantomData<fn(&V, &W)>,
}

/// Whether two columns hold one of these pairs of values: a key of two parts is sought as a whole.
pub fn pair_of<'a, A, B, V: Listed + ?Sized + 'a, W: Listed + ?Sized + 'a>(
    columns: (A, B),
    pairs: impl IntoIterator<Item = (&'a V, &'a W)>,
) -> PairOf<A, B, V, W> {
    let mut json = String::from("[");
    for (one, other) in pairs {
        json.push_str(if json.len() == 1 { "[\"" } else { ",[\"" });
        one.write(&mut json);
        json.push_str("\",\"");
        other.write(&mut json);
        json.push_str("\"]");
    }
    json.push(']');
    PairOf {
        columns,
        json,
        values: PhantomData,
    }
}

/// Values as one JSON text.
pub(super) fn list<'a, V: Listed + ?Sized + 'a>(values: impl IntoIterator<Item = &'a V>) -> String {
    let mut json = String::from("[");
    for value in values {
        json.push_str(if json.len() == 1 { "\"" } else { ",\"" });
        value.write(&mut json);
        json.push('"');
    }
    json.push(']');
    json
}

impl<C: QueryId, V: ?Sized + 'static> QueryId for OneOf<C, V> {
    type QueryId = OneOf<C::QueryId, V>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<C: Expression, V: ?Sized> Expression for OneOf<C, V> {
    type SqlType = Bool;
}

impl<C, GB, V: ?Sized> ValidGrouping<GB> for OneOf<C, V> {
    type IsAggregate = is_aggregate::No;
}

impl<C, QS: ?Sized, V: ?Sized> AppearsOnTable<QS> for OneOf<C, V>
where
    C: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<C, QS: ?Sized, V: ?Sized> SelectableExpression<QS> for OneOf<C, V>
where
    C: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<C: QueryFragment<MultiBackend>, V: Listed + ?Sized> QueryFragment<MultiBackend>
    for OneOf<C, V>
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        let (before, after) = match (out.backend(), V::IS_BYTES) {
            (MultiBackend::Sqlite(_), true) => (" IN (SELECT unhex(value) FROM json_each(", "))"),
            (MultiBackend::Sqlite(_), false) => (" IN (SELECT value FROM json_each(", "))"),
            (MultiBackend::Postgres(_), true) => (
                " = ANY (ARRAY(SELECT decode(value, 'hex') FROM json_array_elements_text(",
                "::json) AS value))",
            ),
            (MultiBackend::Postgres(_), false) => (
                " = ANY (ARRAY(SELECT value FROM json_array_elements_text(",
                "::json) AS value))",
            ),
        };
        out.push_sql(before);
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql(after);
        Ok(())
    }
}

impl<A: QueryId, B: QueryId, V: ?Sized + 'static, W: ?Sized + 'static> QueryId
    for PairOf<A, B, V, W>
{
    type QueryId = PairOf<A::QueryId, B::QueryId, V, W>;
    const HAS_STATIC_QUERY_ID: bool = A::HAS_STATIC_QUERY_ID && B::HAS_STATIC_QUERY_ID;
}

impl<A: Expression, B: Expression, V: ?Sized, W: ?Sized> Expression for PairOf<A, B, V, W> {
    type SqlType = Bool;
}

impl<A, B, GB, V: ?Sized, W: ?Sized> ValidGrouping<GB> for PairOf<A, B, V, W> {
    type IsAggregate = is_aggregate::No;
}

impl<A, B, QS: ?Sized, V: ?Sized, W: ?Sized> AppearsOnTable<QS> for PairOf<A, B, V, W>
where
    A: AppearsOnTable<QS>,
    B: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<A, B, QS: ?Sized, V: ?Sized, W: ?Sized> SelectableExpression<QS> for PairOf<A, B, V, W>
where
    A: SelectableExpression<QS>,
    B: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<A, B, V, W> QueryFragment<MultiBackend> for PairOf<A, B, V, W>
where
    A: QueryFragment<MultiBackend>,
    B: QueryFragment<MultiBackend>,
    V: Listed + ?Sized,
    W: Listed + ?Sized,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("(");
        self.columns.0.walk_ast(out.reborrow())?;
        out.push_sql(",");
        self.columns.1.walk_ast(out.reborrow())?;
        out.push_sql(") IN (SELECT ");
        let is_sqlite = matches!(out.backend(), MultiBackend::Sqlite(_));
        for (place, is_bytes) in [V::IS_BYTES, W::IS_BYTES].into_iter().enumerate() {
            out.push_sql(match (is_sqlite, is_bytes) {
                (true, true) => "unhex(value ->> ",
                (false, true) => "decode(value ->> ",
                (_, false) => "(value ->> ",
            });
            out.push_sql(if place == 0 { "0" } else { "1" });
            out.push_sql(if !is_sqlite && is_bytes {
                ", 'hex')"
            } else {
                ")"
            });
            out.push_sql(if place == 0 { "," } else { "" });
        }
        let (from, end) = if is_sqlite {
            (" FROM json_each(", "))")
        } else {
            (" FROM json_array_elements(", "::json) AS value)")
        };
        out.push_sql(from);
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql(end);
        Ok(())
    }
}
