//! What a feature says of a merchant on a day, and the sets of it that attributes test.

use std::fmt;

/// What a feature found where it is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// No fact counts.
    None,
    /// No fact counts, and by what the merchant is none could.
    NotApplicable,
    /// It is not known.
    Unknown,
    /// A record is open.
    Open,
    /// No report was due.
    NotDue,
    /// The report is on the register as not filed by the day.
    NotFiled,
    /// A register that is complete has no such report.
    NoReport,
    FiledInTime,
    FiledLate,
}

impl Mark {
    pub(super) const ALL: [Self; 9] = [
        Self::None,
        Self::NotApplicable,
        Self::Unknown,
        Self::Open,
        Self::NotDue,
        Self::NotFiled,
        Self::NoReport,
        Self::FiledInTime,
        Self::FiledLate,
    ];

    /// The word that cards use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::NotApplicable => "not_applicable",
            Self::Unknown => "unknown",
            Self::Open => "open",
            Self::NotDue => "not_due",
            Self::NotFiled => "not_filed",
            Self::NoReport => "no_report",
            Self::FiledInTime => "filed_in_time",
            Self::FiledLate => "filed_late",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.as_str() == name)
    }

    pub(super) const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a feature says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Number(i64),
    Mark(Mark),
    /// A word, by its place among those that the characteristic's attributes name; [`OTHER_WORD`] for any other.
    Word(u16),
}

/// A word that no attribute of the characteristic names.
pub const OTHER_WORD: u16 = 63;

impl Reading {
    pub const fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Mark(_) | Self::Word(_) => None,
        }
    }
}

/// How far the feeds reach under what a feature says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Complete,
    /// The feed is not complete over the window: only known faults count.
    Incomplete,
    /// The feed begins within the window.
    Partial,
}

/// A feature on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub reading: Reading,
    pub reach: Reach,
}

/// A set of readings: the numbers from low to high, some marks, some words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReadingSet {
    pub low: i64,
    pub high: i64,
    pub marks: u16,
    pub words: u64,
}

impl ReadingSet {
    pub const EMPTY: Self = Self {
        low: 1,
        high: 0,
        marks: 0,
        words: 0,
    };
    pub const ALL: Self = Self {
        low: i64::MIN,
        high: i64::MAX,
        marks: u16::MAX,
        words: u64::MAX,
    };

    pub const fn contains(&self, reading: Reading) -> bool {
        match reading {
            Reading::Number(number) => self.low <= number && number <= self.high,
            Reading::Mark(mark) => self.marks & mark.bit() != 0,
            Reading::Word(word) => self.words >> (word & 63) & 1 == 1,
        }
    }
}
