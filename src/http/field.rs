//! Fields of a request that are read without giving up at the first that is wrong.

use super::wire::{Cause, Wire};
use super::{Code, Problem};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::{fmt, marker::PhantomData};
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::{RefOr, schema::ArrayItems};
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

/// A field of a request. Its `Deserialize` never fails; mark it `#[validate(nested)]`, and a missing or bad one is told
/// with all others. `null` is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<T> {
    Missing,
    Bad(Cause),
    Good(T),
}

/// The key of a value's own errors, and the one by which `validator` marks those of a list: neither is a step of a path.
pub(super) const ITSELF: &str = "";
pub(super) const ITEMS: &str = "_tmp_validator";

impl<T> Field<T> {
    /// The value, which is there once the request has been checked.
    ///
    /// # Errors
    /// Never after the check; before it, 400.
    pub fn good(self) -> Result<T, Problem> {
        match self {
            Self::Good(value) => Ok(value),
            Self::Missing | Self::Bad(_) => Err(Problem::new(Code::BrokenFields)),
        }
    }

    fn fault(&self) -> Option<ValidationError> {
        match self {
            Self::Good(_) => None,
            Self::Missing => Some(fault("missing", "必填 · is required")),
            Self::Bad(cause) => Some(fault(cause.code, cause.detail.clone())),
        }
    }
}

fn fault(code: &'static str, detail: impl Into<Cow<'static, str>>) -> ValidationError {
    ValidationError::new(code).with_message(detail.into())
}

fn outcome(fault: Option<ValidationError>) -> Result<(), ValidationErrors> {
    match fault {
        None => Ok(()),
        Some(fault) => Err(ValidationErrors(HashMap::from([(
            Cow::Borrowed(ITSELF),
            ValidationErrorsKind::Field(vec![fault]),
        )]))),
    }
}

impl<T> Validate for Field<T> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        outcome(self.fault())
    }
}

impl<'de, T: Wire> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // Asked for as an option, so that serde gives a missing field as none.
        from.deserialize_option(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: Wire> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_none<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Missing)
    }

    fn visit_unit<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Missing)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Field<T>, D::Error> {
        let value = Value::deserialize(from)?;
        Ok(T::read(&value).map_or_else(Field::Bad, Field::Good))
    }
}

/// A field that may be missing. The documentation's derive must be told so: `#[schema(required = false)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Optional<T>(Field<T>);

impl<T> Optional<T> {
    /// The value where there is one.
    pub fn value(self) -> Option<T> {
        match self.0 {
            Field::Good(value) => Some(value),
            Field::Missing | Field::Bad(_) => None,
        }
    }
}

impl<T> Validate for Optional<T> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        match self.0 {
            Field::Missing => Ok(()),
            ref field => field.validate(),
        }
    }
}

impl<'de, T: Wire> Deserialize<'de> for Optional<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Field::deserialize(from).map(Self)
    }
}

/// A list of MIN to MAX items, each of which may be wrong on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MIN: usize, const MAX: usize>(Field<Vec<Field<T>>>);

impl<T, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// The items, which are there once the request has been checked.
    ///
    /// # Errors
    /// Never after the check; before it, 400.
    pub fn good(self) -> Result<Vec<T>, Problem> {
        self.0.good()?.into_iter().map(Field::good).collect()
    }
}

/// The items of a list, whatever is wrong with each.
struct Items<T>(Vec<Field<T>>);

impl<T: Wire> Wire for Items<T> {
    fn read(value: &Value) -> Result<Self, Cause> {
        let Value::Array(items) = value else {
            return Err(Cause::wrong_type("应为数组 · must be an array"));
        };
        let read = |item| T::read(item).map_or_else(Field::Bad, Field::Good);
        Ok(Self(items.iter().map(read).collect()))
    }

    fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

impl<T, const MIN: usize, const MAX: usize> Validate for List<T, MIN, MAX> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let Field::Good(items) = &self.0 else {
            return self.0.validate();
        };
        in_number(items, MIN, MAX)?;
        each(items)
    }
}

/// The faults of items, each at its place.
fn each<T: Validate>(items: &[T]) -> Result<(), ValidationErrors> {
    let broken = items.iter().enumerate();
    let broken: BTreeMap<usize, Box<ValidationErrors>> = broken
        .filter_map(|(at, item)| Some((at, Box::new(item.validate().err()?))))
        .collect();
    if broken.is_empty() {
        return Ok(());
    }
    let items = ValidationErrorsKind::List(broken);
    Err(ValidationErrors(HashMap::from([(
        Cow::Borrowed(ITEMS),
        items,
    )])))
}

fn in_number<T>(items: &[T], least: usize, most: usize) -> Result<(), ValidationErrors> {
    if (least..=most).contains(&items.len()) {
        return Ok(());
    }
    let detail = format!("应有{least}到{most}项 · must have {least} to {most} items");
    outcome(Some(fault("wrong_length", detail)))
}

/// A list of MIN to MAX objects of a type of its own; mark it `#[serde(default)]`, and a missing one is told with all
/// others.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Many<T, const MIN: usize, const MAX: usize>(pub Vec<T>);

impl<T, const MIN: usize, const MAX: usize> Default for Many<T, MIN, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Validate, const MIN: usize, const MAX: usize> Validate for Many<T, MIN, MAX> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        in_number(&self.0, MIN, MAX)?;
        each(&self.0)
    }
}

impl<'de, T: Wire, const MIN: usize, const MAX: usize> Deserialize<'de> for List<T, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match Field::<Items<T>>::deserialize(from)? {
            Field::Missing => Field::Missing,
            Field::Bad(cause) => Field::Bad(cause),
            Field::Good(items) => Field::Good(items.0),
        }))
    }
}

// In the documentation's derive a field says `#[schema(schema_with = Field::<Uscc>::schema)]`. A parameter has
// to say `#[param(value_type = String, …)]`, since the derive takes one with `schema_with` for optional.

impl<T: Wire> Field<T> {
    /// How the documentation shows it.
    pub fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

impl<T: Wire> Optional<T> {
    /// How the documentation shows it.
    pub fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

impl<T: Wire, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// How the documentation shows it.
    pub fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(ArrayItems::RefOrSchema(Box::new(T::schema())))
            .min_items(Some(MIN))
            .max_items(Some(MAX))
            .into()
    }
}
