//! A JSON object in which no name comes twice, and whose members are taken with their exact type.
//!
//! Two readers of one token must not see different claims, so a repeated name is refused (RFC 7519, section 4), and
//! nothing is coerced: `"1"`, `1.0` and `null` are no integers here. String dates that a lenient reader skips are
//! CVE-2026-25537.

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// The members of one JSON object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object(BTreeMap<String, Value>);

/// The member of this name is missing or has another type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong(pub &'static str);

impl Object {
    /// None where the bytes are not exactly one JSON object, or a name comes twice.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The text of this name, if the name is there at all.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, Wrong> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Wrong(name)),
        }
    }

    /// The integer of this name, if the name is there at all.
    pub fn integer(&self, name: &'static str) -> Result<Option<i64>, Wrong> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => number.as_i64().map(Some).ok_or(Wrong(name)),
            Some(_) => Err(Wrong(name)),
        }
    }

    pub fn need_text(&self, name: &'static str) -> Result<&str, Wrong> {
        self.text(name)?.ok_or(Wrong(name))
    }

    pub fn need_integer(&self, name: &'static str) -> Result<i64, Wrong> {
        self.integer(name)?.ok_or(Wrong(name))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(de::Error::custom("a name comes twice"));
                    }
                }
                Ok(Object(members))
            }
        }
        from.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_and_other_texts_are_no_objects() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            "[]",
            "1",
            "",
            "{}{}",
            "{} x",
        ] {
            assert_eq!(Object::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn nothing_is_coerced() {
        let object =
            Object::parse(br#"{"a":"1","b":1.0,"c":null,"d":1e3,"e":-7,"f":9223372036854775808}"#)
                .unwrap();
        for name in ["a", "b", "c", "d", "f"] {
            assert!(object.integer(name).is_err(), "{name}");
        }
        assert_eq!(object.integer("e"), Ok(Some(-7)));
        assert_eq!(object.text("e"), Err(Wrong("e")));
        assert_eq!(object.integer("g"), Ok(None));
        assert_eq!(object.need_integer("g"), Err(Wrong("g")));
    }
}
