//! The report and its lists, as the program prints them.

use crate::intake::world::World;
use daishan_credit::report::Figure;
use daishan_credit::report::figure::Unit;
use serde_json::Value;
use std::collections::BTreeMap;

/// A row of a list, by column.
pub type Row = BTreeMap<String, String>;

pub fn report(world: &World, more: &[&str]) -> Value {
    let text = world.ok(&[&["report", "--json"], more].concat());
    serde_json::from_str(&text).unwrap()
}

pub fn list(world: &World, figure: &str, more: &[&str]) -> Vec<Row> {
    let csv = world.ok(&[&["report", "--behind", figure, "--format", "csv"], more].concat());
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// What a list comes to: how many rows it has, or the sum of its amounts in fen.
pub fn number<'r>(figure: Figure, rows: impl IntoIterator<Item = &'r Row>) -> i64 {
    let rows = rows.into_iter();
    match figure.unit() {
        Unit::Merchants | Unit::Items => i64::try_from(rows.count()).unwrap(),
        Unit::Money => rows.map(|row| fen(&row["amount"])).sum(),
    }
}

/// An amount in fen.
pub fn fen(amount: &str) -> i64 {
    let (yuan, fen) = amount.split_once('.').unwrap();
    assert_eq!(fen.len(), 2, "{amount}");
    yuan.parse::<i64>().unwrap() * 100 + fen.parse::<i64>().unwrap()
}

/// A figure as the report has it: a count, or fen; none where it is not told.
pub fn told(figures: &Value, figure: Figure) -> Option<i64> {
    match (&figures[figure.as_str()], figure.unit()) {
        (Value::Null, _) => None,
        (Value::String(amount), Unit::Money) => Some(fen(amount)),
        (Value::Number(count), Unit::Merchants | Unit::Items) => count.as_i64(),
        (other, _) => panic!("{figure}: {other}"),
    }
}
