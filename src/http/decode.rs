//! From JSON to a request's type, telling everything that is wrong at once.

use super::field::{ITEMS, ITSELF};
use super::wire::BROKEN_TEXT;
use super::{Broken, Code, Place, Problem};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

/// How many broken fields are told at most.
const MOST: usize = 100;

/// JSON without repeated keys and without fractions: money is a text, and counts are whole.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without fractions")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let Strict(value) = entries.next_value()?;
            if object.insert(key, value).is_some() {
                return Err(serde::de::Error::custom("a key is repeated"));
            }
        }
        Ok(Value::Object(object))
    }
}

/// Parses a body.
///
/// # Errors
/// 400 with the place where it stops being JSON that we take.
pub fn json(bytes: &[u8]) -> Result<Value, Problem> {
    let parsed: Result<Strict, _> = serde_json::from_slice(bytes);
    parsed.map(|strict| strict.0).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let detail = if error.is_data() {
            format!(
                "第{line}行第{column}列：不接受重复的键和小数 · line {line}, column {column}: repeated keys and fractions are not taken"
            )
        } else {
            format!("第{line}行第{column}列不是JSON · not JSON at line {line}, column {column}")
        };
        Problem::new(Code::BadRequest).detail(detail)
    })
}

/// Where the fields of a request are: in a body, or in a query.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Body,
    Query,
}

impl Part {
    fn place(self, path: &[String]) -> Place {
        match self {
            Self::Query => Place::Parameter(path.join(".")),
            Self::Body => Place::Pointer(
                path.iter()
                    .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
                    .collect(),
            ),
        }
    }

    fn broken(
        self,
        path: &[String],
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Broken {
        Broken {
            place: self.place(path),
            code: code.into(),
            detail: detail.into(),
        }
    }
}

/// Reads a request's type and checks it.
///
/// # Errors
/// 400 with every broken field.
pub fn decode<T: DeserializeOwned + Validate>(mut value: Value, part: Part) -> Result<T, Problem> {
    let mut errors = Vec::new();
    broken_texts(&value, part, &mut Vec::new(), &mut errors);
    let read = loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(read) => break Some(read),
            Err(error) => error,
        };
        let message = error.inner().to_string();
        let mut path = steps(error.path());
        if let Some(name) = quoted(&message, "unknown field `") {
            // What is unknown is set aside, and the rest is read again.
            if !remove(&mut value, &mut path, name) || errors.len() >= MOST {
                break None;
            }
            let detail = "没有这个字段 · there is no such field";
            errors.push(part.broken(&path, "unknown_field", detail));
        } else if let Some(name) = quoted(&message, "missing field `") {
            path.push(name.to_owned());
            errors.push(part.broken(&path, "missing", "必填 · is required"));
            break None;
        } else {
            errors.push(part.broken(&path, "wrong_type", "类型不符 · is of the wrong type"));
            break None;
        }
    };
    if let Some(Err(faults)) = read.as_ref().map(Validate::validate) {
        flatten(&faults, part, &mut Vec::new(), &mut errors);
    }
    errors.sort_by(|a, b| a.place.cmp(&b.place));
    errors.dedup_by(|a, b| a.place == b.place);
    errors.truncate(MOST);
    match read {
        Some(read) if errors.is_empty() => Ok(read),
        _ => Err(Problem::broken(errors)),
    }
}

fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    let rest = message.strip_prefix(before)?;
    // A name that is quoted may itself hold a quote; what is expected follows the last one that closes it.
    let end = rest.find("`, expected").or_else(|| rest.find('`'))?;
    Some(&rest[..end])
}

fn steps(path: &serde_path_to_error::Path) -> Vec<String> {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { variant } => Some(variant.clone()),
            Segment::Unknown => None,
        })
        .collect()
}

/// Takes a field out of the object at the path, which may or may not name the field itself; leaves the field's path.
fn remove(value: &mut Value, path: &mut Vec<String>, name: &str) -> bool {
    if path.last().is_some_and(|last| last == name) {
        path.pop();
    }
    let mut at = value;
    for step in path.iter() {
        let inner = match at {
            Value::Object(object) => object.get_mut(step),
            Value::Array(items) => step.parse().ok().and_then(|at: usize| items.get_mut(at)),
            _ => None,
        };
        match inner {
            Some(inner) => at = inner,
            None => return false,
        }
    }
    path.push(name.to_owned());
    at.as_object_mut()
        .is_some_and(|object| object.remove(name).is_some())
}

/// U+0000 is taken by one engine and refused by the other, so it is refused at the door.
fn broken_texts(value: &Value, part: Part, path: &mut Vec<String>, errors: &mut Vec<Broken>) {
    let mut tell = |path: &[String]| errors.push(part.broken(path, BROKEN_TEXT.0, BROKEN_TEXT.1));
    match value {
        Value::String(text) if text.contains('\0') => tell(path),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                // The path is made only where something is wrong.
                if holds_broken_text(item) {
                    path.push(at.to_string());
                    broken_texts(item, part, path, errors);
                    path.pop();
                }
            }
        }
        Value::Object(object) => {
            for (key, item) in object {
                path.push(key.replace('\0', "�"));
                if key.contains('\0') {
                    errors.push(part.broken(path, BROKEN_TEXT.0, BROKEN_TEXT.1));
                } else if holds_broken_text(item) {
                    broken_texts(item, part, path, errors);
                }
                path.pop();
            }
        }
        _ => {}
    }
}

fn holds_broken_text(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_broken_text),
        Value::Object(object) => object
            .iter()
            .any(|(key, item)| key.contains('\0') || holds_broken_text(item)),
        _ => false,
    }
}

/// The faults that `validator` found. Its `params` hold the offending values and are left alone.
fn flatten(
    faults: &ValidationErrors,
    part: Part,
    path: &mut Vec<String>,
    errors: &mut Vec<Broken>,
) {
    for (key, kind) in faults.errors() {
        let is_step = key != ITSELF && key != ITEMS;
        if is_step {
            path.push(key.to_string());
        }
        match kind {
            ValidationErrorsKind::Struct(inner) => flatten(inner, part, path, errors),
            ValidationErrorsKind::List(items) => {
                for (at, inner) in items {
                    path.push(at.to_string());
                    flatten(inner, part, path, errors);
                    path.pop();
                }
            }
            ValidationErrorsKind::Field(all) => errors.extend(all.iter().map(|fault| {
                let unnamed = Cow::Borrowed("不符合要求 · does not hold the rule");
                let detail = fault.message.clone().unwrap_or(unnamed);
                part.broken(path, fault.code.clone(), detail)
            })),
        }
        if is_step {
            path.pop();
        }
    }
}
