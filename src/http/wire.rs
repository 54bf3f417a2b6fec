//! How a word of ours is read from a request: one declaration a type, for bodies, queries and paths alike.

use super::Problem;
use crate::kernel::id::Named;
use crate::kernel::uscc::UsccError;
use crate::kernel::{Day, Id, Instant, Month, Uscc};
use serde_json::Value;
use std::borrow::Cow;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{RefOr, schema::SchemaFormat};

/// A type that can be read from a JSON value or a parameter's text.
pub trait Wire: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// What is wrong; must not repeat the value.
    fn read(value: &Value) -> Result<Self, Cause>;

    /// How the documentation shows it.
    fn schema() -> RefOr<Schema>;
}

/// Why a value is not of its type: a stable code, and the same in words. Never holds the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub code: &'static str,
    pub detail: Cow<'static, str>,
}

impl Cause {
    pub fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self { code, detail }
    }

    pub fn wrong_type(detail: &'static str) -> Self {
        Self::new("wrong_type", detail)
    }
}

/// Reads one parameter of the path.
///
/// # Errors
/// 400 that names the parameter.
pub fn parameter<T: Wire>(name: &str, text: &str) -> Result<T, Problem> {
    if text.contains('\0') {
        return Err(Problem::parameter(name, BROKEN_TEXT.0, BROKEN_TEXT.1));
    }
    T::read(&Value::String(text.to_owned()))
        .map_err(|cause| Problem::parameter(name, cause.code, cause.detail))
}

/// What is told of a text with U+0000 or with bytes that are no text.
pub(super) const BROKEN_TEXT: (&str, &str) = (
    "broken_text",
    "文字含有无效字符 · the text holds characters that are not valid",
);

/// The text of a value that must be one.
pub fn text(value: &Value) -> Result<&str, Cause> {
    value
        .as_str()
        .ok_or_else(|| Cause::wrong_type("应为字符串 · must be a string"))
}

/// The schema of a string with a pattern or a format.
pub fn string_schema(format: Option<&str>, pattern: Option<&str>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .format(format.map(|format| SchemaFormat::Custom(format.to_owned())))
        .pattern(pattern)
        .into()
}

impl Wire for Uscc {
    fn read(value: &Value) -> Result<Self, Cause> {
        Self::parse(text(value)?).map_err(|error| {
            let code = match error {
                UsccError::NotAUscc => "not_a_uscc",
                UsccError::CheckCharacter => "check_character",
                UsccError::SpreadsheetNumber => "spreadsheet_number",
            };
            Cause::new(code, error.to_string())
        })
    }

    fn schema() -> RefOr<Schema> {
        string_schema(None, Some("^[0-9A-HJ-NP-RTUW-Y]{18}$"))
    }
}

impl Wire for bool {
    fn read(value: &Value) -> Result<Self, Cause> {
        let words = "应为 true 或 false · must be true or false";
        value.as_bool().ok_or_else(|| Cause::wrong_type(words))
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Boolean))
            .into()
    }
}

impl Wire for Day {
    fn read(value: &Value) -> Result<Self, Cause> {
        // The door takes one form only; registers' exports bring others.
        let day = text(value)?;
        Self::parse(day)
            .ok()
            .filter(|_| day.len() == 10)
            .ok_or_else(|| Cause::new("no_such_date", crate::kernel::day::NoSuchDate.to_string()))
    }

    fn schema() -> RefOr<Schema> {
        string_schema(Some("date"), None)
    }
}

impl Wire for Month {
    fn read(value: &Value) -> Result<Self, Cause> {
        let words = "应为 yyyyMM · must be yyyyMM";
        let month = text(value)?;
        Self::parse(month)
            .ok()
            .filter(|_| month.len() == 6)
            .ok_or_else(|| Cause::new("no_such_month", words))
    }

    fn schema() -> RefOr<Schema> {
        string_schema(None, Some("^[0-9]{6}$"))
    }
}

impl Wire for Instant {
    fn read(value: &Value) -> Result<Self, Cause> {
        let read = text(value)?.parse::<Self>();
        read.map_err(|error| Cause::new("no_such_time", error.to_string()))
    }

    fn schema() -> RefOr<Schema> {
        string_schema(Some("date-time"), None)
    }
}

impl<T: Named> Wire for Id<T> {
    fn read(value: &Value) -> Result<Self, Cause> {
        let read = text(value)?.parse::<Self>();
        read.map_err(|error| Cause::new("not_an_id", error.to_string()))
    }

    fn schema() -> RefOr<Schema> {
        let pattern = format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", T::PREFIX);
        string_schema(None, Some(&pattern))
    }
}

/// A text of so many characters, trimmed, without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Words<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Words<MIN, MAX> {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MIN: usize, const MAX: usize> Wire for Words<MIN, MAX> {
    fn read(value: &Value) -> Result<Self, Cause> {
        let words = text(value)?.trim();
        if words.chars().any(char::is_control) {
            return Err(Cause::new(BROKEN_TEXT.0, BROKEN_TEXT.1));
        }
        if (MIN..=MAX).contains(&words.chars().count()) {
            Ok(Self(words.to_owned()))
        } else {
            let detail = format!("应为{MIN}到{MAX}个字符 · must be {MIN} to {MAX} characters");
            Err(Cause::new("wrong_length", detail))
        }
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .min_length(Some(MIN))
            .max_length(Some(MAX))
            .into()
    }
}

/// A whole number from MIN to MAX: a JSON number in a body, its digits in a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Whole<const MIN: i64, const MAX: i64>(pub i64);

impl<const MIN: i64, const MAX: i64> Wire for Whole<MIN, MAX> {
    fn read(value: &Value) -> Result<Self, Cause> {
        let number = match value {
            Value::String(digits) => digits.parse().ok(),
            other => other.as_i64(),
        };
        let number = number.filter(|number| (MIN..=MAX).contains(number));
        number.map(Self).ok_or_else(|| {
            let detail =
                format!("应为{MIN}到{MAX}的整数 · must be a whole number from {MIN} to {MAX}");
            Cause::new("not_a_number", detail)
        })
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Integer))
            .minimum(Some(MIN))
            .maximum(Some(MAX))
            .into()
    }
}

/// What a word means, of a table of words that another form of the same shares.
///
/// # Errors
/// Where it is none of them.
pub fn word<T: Copy>(value: &Value, words: &[(&str, T)]) -> Result<T, Cause> {
    let word = text(value)?;
    let known = words.iter().find(|(known, _)| *known == word);
    known.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let detail = format!("应为其中之一 · must be one of: {}", words.join(" "));
        Cause::new("unknown_word", detail)
    })
}

/// Says of an enum which word of the wire each variant is.
#[macro_export]
macro_rules! wire_words {
    ($type:ty { $($word:literal => $variant:expr),+ $(,)? }) => {
        impl $crate::http::Wire for $type {
            fn read(value: &serde_json::Value) -> Result<Self, $crate::http::Cause> {
                match $crate::http::wire::text(value)? {
                    $($word => Ok($variant),)+
                    _ => Err($crate::http::Cause::new("unknown_word", concat!(
                        "应为其中之一 · must be one of:", $(" ", $word),+
                    ))),
                }
            }

            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::http::wire::words_schema(&[$($word),+])
            }
        }
    };
}

/// The schema of a closed list of words.
pub fn words_schema(words: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .enum_values(Some(words.iter().copied()))
        .into()
}
