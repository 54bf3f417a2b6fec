//! Civil dates and months: plain integers, so that they compare and store alike on both engines.

use chrono::{Datelike, Months, NaiveDate};
use std::fmt;

/// A civil date, as days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// A text that names no date of the calendar.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("不是存在的日期，格式 yyyy-MM-dd · not a date that exists, in the form yyyy-MM-dd")]
pub struct NoSuchDate;

impl Day {
    pub const fn from_number(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The same number, lent.
    pub const fn as_number(&self) -> &i32 {
        &self.0
    }

    /// None where the calendar has no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self::from_date)
    }

    /// Reads `yyyy-MM-dd` or `yyyyMMdd`, years 1000 to 9999, nothing else.
    pub fn parse(text: &str) -> Result<Self, NoSuchDate> {
        let bytes = text.as_bytes();
        let (year, month, day) = match bytes.len() {
            8 => (0..4, 4..6, 6..8),
            10 if bytes[4] == b'-' && bytes[7] == b'-' => (0..4, 5..7, 8..10),
            _ => return Err(NoSuchDate),
        };
        let (year, month, day) = (
            number(&bytes[year])?,
            number(&bytes[month])?,
            number(&bytes[day])?,
        );
        if year < 1000 {
            return Err(NoSuchDate);
        }
        Self::from_ymd(year as i32, month, day).ok_or(NoSuchDate)
    }

    pub const fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// `addmonths` of scorecard.md: the same day n months later (earlier where negative), clamped to the last
    /// day of that month.
    pub fn plus_months(self, n: i32) -> Self {
        let months = Months::new(n.unsigned_abs());
        let moved = if n >= 0 {
            self.date().checked_add_months(months)
        } else {
            self.date().checked_sub_months(months)
        };
        match moved {
            Some(date) => Self::from_date(date),
            None if n >= 0 => Self(i32::MAX),
            None => Self(i32::MIN),
        }
    }

    /// `months(d, t)` of scorecard.md: the largest n with `d.plus_months(n) <= t`; negative where t is before d.
    pub fn months_until(self, t: Self) -> i32 {
        let (from, to) = (self.date(), t.date());
        let span = (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32;
        // The last day of a month is also the later days that the month has not.
        let is_last = || to.day() == u32::from(to.num_days_in_month());
        span - i32::from(to.day() < from.day() && !is_last())
    }

    pub fn year(self) -> i32 {
        self.date().year()
    }

    pub fn month(self) -> Month {
        let date = self.date();
        Month(date.year() * 12 + date.month0() as i32)
    }

    fn date(self) -> NaiveDate {
        let bound = if self.0 < 0 {
            NaiveDate::MIN
        } else {
            NaiveDate::MAX
        };
        NaiveDate::from_epoch_days(self.0).unwrap_or(bound)
    }

    fn from_date(date: NaiveDate) -> Self {
        Self(date.to_epoch_days())
    }
}

fn number(digits: &[u8]) -> Result<u32, NoSuchDate> {
    digits.iter().try_fold(0, |sum, byte| match byte {
        b'0'..=b'9' => Ok(sum * 10 + u32::from(byte - b'0')),
        _ => Err(NoSuchDate),
    })
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.date();
        write!(
            f,
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        )
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Day {
    type Err = NoSuchDate;
    fn from_str(text: &str) -> Result<Self, NoSuchDate> {
        Self::parse(text)
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A calendar month, as months since year 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// `month` is 1 to 12.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        (1..=12)
            .contains(&month)
            .then(|| Self(year * 12 + month as i32 - 1))
    }

    /// Reads `yyyyMM` or `yyyy-MM`.
    pub fn parse(text: &str) -> Result<Self, NoSuchDate> {
        let bytes = text.as_bytes();
        let (year, month) = match bytes.len() {
            6 => (&bytes[..4], &bytes[4..]),
            7 if bytes[4] == b'-' => (&bytes[..4], &bytes[5..]),
            _ => return Err(NoSuchDate),
        };
        let year = number(year)?;
        if year < 1000 {
            return Err(NoSuchDate);
        }
        Self::new(year as i32, number(month)?).ok_or(NoSuchDate)
    }

    /// Months since year 0.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The same number, lent.
    pub const fn as_number(&self) -> &i32 {
        &self.0
    }

    pub const fn from_number(months: i32) -> Self {
        Self(months)
    }

    pub const fn plus(self, n: i32) -> Self {
        Self(self.0 + n)
    }

    pub fn first_day(self) -> Day {
        Day::from_ymd(self.0.div_euclid(12), self.0.rem_euclid(12) as u32 + 1, 1)
            .unwrap_or(Day(i32::MAX))
    }

    pub fn last_day(self) -> Day {
        self.plus(1).first_day().plus_days(-1)
    }
}

impl fmt::Display for Month {
    /// `yyyyMM`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}{:02}",
            self.0.div_euclid(12),
            self.0.rem_euclid(12) + 1
        )
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn months_are_clamped_to_the_last_day() {
        assert_eq!(day("2024-01-31").plus_months(1), day("2024-02-29"));
        assert_eq!(day("2024-02-29").plus_months(12), day("2025-02-28"));
        assert_eq!(day("2024-03-31").plus_months(-1), day("2024-02-29"));
        assert_eq!(day("2024-01-31").months_until(day("2024-02-29")), 1);
        assert_eq!(day("2024-02-29").months_until(day("2025-02-28")), 12);
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in [
            "2023-02-29",
            "2023-13-01",
            "20230230",
            "2023-2-1",
            "2023/02/01",
            "",
            "0999-01-01",
            "２０２３0101",
        ] {
            assert_eq!(Day::parse(text), Err(NoSuchDate), "{text}");
        }
        assert_eq!(day("20230228"), day("2023-02-28"));
        assert_eq!(Month::parse("202513"), Err(NoSuchDate));
        assert_eq!(
            Month::parse("202512").unwrap().last_day(),
            day("2025-12-31")
        );
    }

    proptest! {
        #[test]
        fn months_until_is_the_largest_n(d in 0..40_000i32, t in 0..40_000i32) {
            let (d, t) = (Day(d), Day(t));
            let n = d.months_until(t);
            prop_assert!(d.plus_months(n) <= t && d.plus_months(n + 1) > t);
        }

        #[test]
        fn a_date_reads_back(d in -300_000..300_000i32) {
            let d = Day(d);
            prop_assert_eq!(Day::parse(&d.to_string()), Ok(d));
        }
    }
}
