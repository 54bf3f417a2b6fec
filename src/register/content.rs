//! A fact's content as text: what is stored, what is compared, and the key by which a row is known.

use super::{CellType, Kind, Personal, Value};
use crate::kernel::{Day, Money, Month, Uscc};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt::{self, Write};

/// Stands between the parts of a key; no text of a register can hold it.
pub const KEY_SEPARATOR: char = '\u{1f}';

/// A stored content that the declaration of its kind cannot read.
#[derive(Debug, thiserror::Error)]
#[error("内容与登记种类的声明不符 · the content does not fit the declaration of its kind: {0}")]
pub struct ContentError(#[from] serde_json::Error);

/// What became of a row since the version known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Same,
    /// Only columns changed that may.
    Evolved,
    /// These columns changed, which may not: a person decides.
    Differs(Vec<usize>),
}

/// The key by which a row is known: the canonical values of the key's columns, joined by U+001F.
pub fn key_of(kind: &Kind, values: &[Value]) -> Box<str> {
    let mut key = String::new();
    for (place, column) in kind.key().enumerate() {
        if place > 0 {
            key.push(KEY_SEPARATOR);
        }
        // Writing to a String cannot fail.
        let _ = write!(key, "{}", value_at(values, column));
    }
    key.into_boxed_str()
}

/// The key of a row of a snapshot: the same key of another source is another fact.
pub fn key_of_source(key: &str, source: &str) -> Box<str> {
    format!("{key}{KEY_SEPARATOR}{source}").into_boxed_str()
}

/// Compares a row with the version known. A value that one side lacks is blank there.
pub fn compare(kind: &Kind, old: &[Value], new: &[Value]) -> Change {
    let mut evolved = false;
    let mut differs = Vec::new();
    for (place, column) in kind.columns.iter().enumerate() {
        if column.personal == Some(Personal::Dropped)
            || value_at(old, place) == value_at(new, place)
        {
            continue;
        }
        if column.evolves {
            evolved = true;
        } else {
            differs.push(place);
        }
    }
    match (differs.is_empty(), evolved) {
        (false, _) => Change::Differs(differs),
        (true, true) => Change::Evolved,
        (true, false) => Change::Same,
    }
}

/// The content as a canonical JSON object: members by column id in the order of the ids, blanks left out, dropped
/// columns never; counts, years and days promised as integers, all else as strings, money in yuan.
pub fn content(kind: &Kind, values: &[Value]) -> String {
    let mut members: Vec<(&str, &Value)> = kind
        .columns
        .iter()
        .zip(values)
        .filter(|(column, value)| column.personal != Some(Personal::Dropped) && !value.is_blank())
        .map(|(column, value)| (&*column.id, value))
        .collect();
    members.sort_unstable_by_key(|(id, _)| *id);
    let mut json = String::with_capacity(64 + members.len() * 40);
    json.push('{');
    for (place, (id, value)) in members.into_iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        push_string(&mut json, id);
        json.push(':');
        match value {
            Value::Text(text) => push_string(&mut json, text),
            // Writing to a String cannot fail; none of these has anything to escape.
            Value::Number(number) => drop(write!(json, "{number}")),
            other => drop(write!(json, "\"{other}\"")),
        }
    }
    json.push('}');
    json
}

/// Reads what [`content`] wrote, typed by the declaration: one value a column. Members that the declaration no
/// longer has are passed over; a column that the content has not is blank.
pub fn values_from_content(kind: &Kind, json: &str) -> Result<Box<[Value]>, ContentError> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let values = Content(kind).deserialize(&mut reader)?;
    reader.end()?;
    Ok(values.into_boxed_slice())
}

fn value_at(values: &[Value], place: usize) -> &Value {
    values.get(place).unwrap_or(&Value::Blank)
}

fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if c < ' ' => drop(write!(json, "\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
}

struct Content<'k>(&'k Kind);

impl<'de> DeserializeSeed<'de> for Content<'_> {
    type Value = Vec<Value>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Vec<Value>, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Content<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of column ids and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Value>, A::Error> {
        let mut values = vec![Value::Blank; self.0.columns.len()];
        while let Some(place) = map.next_key_seed(ColumnId(self.0))? {
            let column = place.map(|place| (place, &self.0.columns[place]));
            match column.filter(|(_, column)| column.personal != Some(Personal::Dropped)) {
                Some((place, column)) => values[place] = map.next_value_seed(Typed(column.cell))?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
}

struct ColumnId<'k>(&'k Kind);

impl<'de> DeserializeSeed<'de> for ColumnId<'_> {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<usize>, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for ColumnId<'_> {
    type Value = Option<usize>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column id")
    }
    fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<Option<usize>, E> {
        Ok(self.0.column(id))
    }
}

struct Typed(CellType);

impl<'de> DeserializeSeed<'de> for Typed {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        match self.0 {
            CellType::Year | CellType::Count | CellType::PromisedDays => from.deserialize_i64(self),
            _ => from.deserialize_str(self),
        }
    }
}

impl Visitor<'_> for Typed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value of type {:?}", self.0)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Value, E> {
        match self.0 {
            CellType::Year | CellType::Count | CellType::PromisedDays => Ok(Value::Number(number)),
            _ => Err(E::invalid_type(
                serde::de::Unexpected::Signed(number),
                &self,
            )),
        }
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        let number = i64::try_from(number).map_err(E::custom)?;
        self.visit_i64(number)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        match self.0 {
            CellType::Text | CellType::Word => Ok(Value::Text(text.into())),
            CellType::Uscc => Uscc::parse(text).map(Value::Uscc).map_err(E::custom),
            CellType::Date => Day::parse(text).map(Value::Day).map_err(E::custom),
            CellType::Month => Month::parse(text).map(Value::Month).map_err(E::custom),
            CellType::Amount => Money::parse_yuan(text).map(Value::Money).map_err(E::custom),
            CellType::Year | CellType::Count | CellType::PromisedDays => {
                Err(E::invalid_type(serde::de::Unexpected::Str(text), &self))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Kinds;
    use proptest::prelude::*;

    const KIND: &str = r#"
        id = "things"
        name = { zh = "东西", en = "Things" }
        key = ["uscc", "word", "date"]
        founds_merchants = true
        column = [
          { id = "uscc", header = "代码", type = "uscc" },
          { id = "secret", header = "人", type = "text", personal = "dropped" },
          { id = "word", header = "词", type = "word", words = ["是", "否"] },
          { id = "text", header = "文", type = "text" },
          { id = "date", header = "日", type = "date", evolves = true },
          { id = "month", header = "月", type = "month" },
          { id = "count", header = "数", type = "count", evolves = true },
          { id = "amount", header = "额", type = "amount" },
        ]
    "#;

    fn kind() -> Kind {
        let kinds = Kinds::parse([("things.toml", KIND)]).unwrap();
        kinds.named("things").unwrap().clone()
    }

    fn values() -> impl Strategy<Value = Vec<Value>> {
        let blank = || Just(Value::Blank);
        (
            Just(Value::Uscc("91330100716105852F".parse().unwrap())),
            prop_oneof![blank(), Just(Value::Text("是".into()))],
            prop_oneof![
                blank(),
                any::<String>().prop_map(|text| Value::Text(text.into()))
            ],
            prop_oneof![
                blank(),
                (-300_000..300_000i32).prop_map(|d| Value::Day(Day::from_number(d)))
            ],
            prop_oneof![
                blank(),
                (12_000..60_000i32).prop_map(|m| Value::Month(Month::from_number(m)))
            ],
            prop_oneof![blank(), any::<i64>().prop_map(Value::Number)],
            prop_oneof![
                blank(),
                any::<i64>().prop_map(|fen| Value::Money(Money::from_fen(fen)))
            ],
        )
            .prop_map(|(a, c, d, e, f, g, h)| vec![a, Value::Blank, c, d, e, f, g, h])
    }

    proptest! {
        #[test]
        fn content_reads_back(values in values()) {
            let kind = kind();
            let json = content(&kind, &values);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
            prop_assert_eq!(&*values_from_content(&kind, &json).unwrap(), &values[..]);
        }

        #[test]
        fn no_text_makes_the_reader_panic(json in any::<String>()) {
            let _ = values_from_content(&kind(), &json);
        }
    }

    #[test]
    fn what_is_dropped_is_never_written_nor_read() {
        let kind = kind();
        let mut values = vec![Value::Blank; 8];
        values[1] = Value::Text("张三".into());
        values[6] = Value::Number(3);
        assert_eq!(content(&kind, &values), r#"{"count":3}"#);
        let read =
            values_from_content(&kind, r#"{"secret":"x","gone":[1],"amount":"1.50"}"#).unwrap();
        assert!(read[1].is_blank());
        assert_eq!(read[7], Value::Money(Money::from_fen(150)));
        assert!(values_from_content(&kind, r#"{"count":"3"}"#).is_err());
        assert!(values_from_content(&kind, "{} {}").is_err());
    }

    #[test]
    fn changes_are_told_apart() {
        let kind = kind();
        let old = vec![Value::Blank; 8];
        let mut new = old.clone();
        assert_eq!(compare(&kind, &old, &new), Change::Same);
        new[6] = Value::Number(1);
        assert_eq!(compare(&kind, &old, &new), Change::Evolved);
        new[3] = Value::Text("x".into());
        assert_eq!(compare(&kind, &old[..3], &new), Change::Differs(vec![3]));
        new[0] = Value::Uscc("91330100716105852F".parse().unwrap());
        assert_eq!(&*key_of(&kind, &new), "91330100716105852F\u{1f}\u{1f}");
    }
}
