//! A moment of real time, in microseconds, so that both engines keep exactly the same value.

use super::Day;
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use std::fmt;

/// Asia/Shanghai has been UTC+8 without summer time since 1991.
const SHANGHAI_SECONDS: i32 = 8 * 3600;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A text that is not an RFC 3339 time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "不是RFC 3339时间，例如 2026-01-31T08:00:00+08:00 · not an RFC 3339 time such as 2026-01-31T08:00:00+08:00"
)]
pub struct NotAnInstant;

impl Instant {
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The same number, lent.
    pub const fn as_micros(&self) -> &i64 {
        &self.0
    }

    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Later by so many seconds (earlier where negative); stops at the ends of the range.
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The civil date in Asia/Shanghai.
    pub const fn day_in_shanghai(self) -> Day {
        let days = (self.seconds() + SHANGHAI_SECONDS as i64).div_euclid(86_400);
        Day::from_number(days as i32)
    }

    /// RFC 3339 in UTC with microseconds.
    pub fn to_rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// For people: the time in Shanghai to the second.
    pub fn for_people(self) -> String {
        match FixedOffset::east_opt(SHANGHAI_SECONDS) {
            Some(shanghai) => self
                .utc()
                .with_timezone(&shanghai)
                .format("%Y-%m-%d %H:%M:%S")
                .to_string(),
            None => self.to_rfc3339(),
        }
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }
}

impl std::str::FromStr for Instant {
    type Err = NotAnInstant;
    fn from_str(text: &str) -> Result<Self, NotAnInstant> {
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| NotAnInstant)?;
        Ok(Self(time.timestamp_micros()))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_midnight_in_shanghai() {
        let before: Instant = "2025-12-31T15:59:59Z".parse().unwrap();
        assert_eq!(before.day_in_shanghai().to_string(), "2025-12-31");
        assert_eq!(
            before.plus_seconds(1).day_in_shanghai().to_string(),
            "2026-01-01"
        );
        assert_eq!(before.for_people(), "2025-12-31 23:59:59");
        assert_eq!(before.to_rfc3339(), "2025-12-31T15:59:59.000000Z");
    }
}
