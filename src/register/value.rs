//! What a cell of a register says once it has been read.

use crate::kernel::{Day, Money, Month, Uscc};
use std::fmt;

/// The value of one column of one fact. Text is NFKC and trimmed; `/`, 无 and an empty cell are `Blank`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    Blank,
    /// A text, a word of a closed list, or words joined by `;`.
    Text(Box<str>),
    Uscc(Uscc),
    Day(Day),
    Month(Month),
    /// A count, a year, or days promised.
    Number(i64),
    Money(Money),
}

impl Value {
    pub const fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }

    /// The text, or `""` where the value is something else.
    pub fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Uscc(uscc) => uscc.as_str(),
            _ => "",
        }
    }

    pub const fn as_day(&self) -> Option<Day> {
        match self {
            Self::Day(day) => Some(*day),
            _ => None,
        }
    }

    pub const fn as_month(&self) -> Option<Month> {
        match self {
            Self::Month(month) => Some(*month),
            _ => None,
        }
    }

    /// A number as it is, money in fen.
    pub const fn as_number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Money(money) => Some(money.fen()),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    /// The canonical text: dates `yyyy-MM-dd`, months `yyyyMM`, money in yuan with two decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Uscc(uscc) => fmt::Display::fmt(uscc, f),
            Self::Day(day) => fmt::Display::fmt(day, f),
            Self::Month(month) => fmt::Display::fmt(month, f),
            Self::Number(number) => fmt::Display::fmt(number, f),
            Self::Money(money) => fmt::Display::fmt(money, f),
        }
    }
}
