//! 工作日: weekdays, but for holidays and the days that make up for them (调休), which the State Council publishes year
//! by year. They are data; after the last year that is known only weekends are days off.

use super::Day;
use std::collections::BTreeMap;

/// Which days are working days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingDays {
    /// Of the days that differ from the week's own order, whether they are worked.
    different: BTreeMap<Day, bool>,
}

/// A line of the calendar that cannot be read.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "第{line}行应为「日期,holiday」或「日期,workday」，每日一行 · line {line} must be a date with holiday or workday, one line a day"
)]
pub struct CalendarFault {
    /// From 1; the first line is the header.
    pub line: usize,
}

impl WorkingDays {
    /// Reads `date,kind` below a header: `holiday` for a weekday off, `workday` for a weekend's day that is worked.
    ///
    /// # Errors
    /// At the first line that is neither, or names a day for the second time.
    pub fn parse(text: &str) -> Result<Self, CalendarFault> {
        let mut different = BTreeMap::new();
        for (place, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let is_header = place == 0 && line.trim() == "date,kind";
            if is_header || line.trim().is_empty() {
                continue;
            }
            let fault = CalendarFault { line: place + 1 };
            let (day, kind) = line.trim().split_once(',').ok_or(fault)?;
            let day = Day::parse(day).map_err(|_| fault)?;
            let worked = match kind {
                "workday" => true,
                "holiday" => false,
                _ => return Err(fault),
            };
            if different.insert(day, worked).is_some() {
                return Err(fault);
            }
        }
        Ok(Self { different })
    }

    pub fn is_worked(&self, day: Day) -> bool {
        // 1970-01-01 was a Thursday.
        let is_weekend = matches!(day.number().rem_euclid(7), 2 | 3);
        self.different.get(&day).copied().unwrap_or(!is_weekend)
    }

    /// The n-th working day after a day.
    pub fn after(&self, day: Day, n: u32) -> Day {
        let (mut day, mut left) = (day, n);
        while left > 0 {
            day = day.plus_days(1);
            left -= u32::from(self.is_worked(day));
        }
        day
    }

    /// The last year of which holidays are known; none where none are.
    pub fn last_year(&self) -> Option<i32> {
        self.different.last_key_value().map(|(day, _)| day.year())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn calendar() -> WorkingDays {
        WorkingDays::parse(include_str!("../../config/working-days.csv")).unwrap()
    }

    /// As the State Council's notices have them.
    #[test]
    fn holidays_are_off_and_days_that_make_up_for_them_are_worked() {
        let calendar = calendar();
        let is = |text: &str| calendar.is_worked(day(text));
        for date in 1..=8 {
            assert!(!is(&format!("2025-10-{date:02}")), "October {date}");
        }
        assert!(is("2025-09-28") && is("2025-10-09") && is("2025-10-11"));
        assert!(!is("2025-10-12") && is("2025-09-30"));
        assert!(is("2024-02-04") && is("2024-02-09") && !is("2024-02-10") && !is("2024-02-16"));
        assert!(is("2024-02-18") && is("2024-02-19"));
        assert!(!is("2026-02-15") && is("2026-02-14") && !is("2026-02-23") && is("2026-02-24"));
        assert!(!is("2025-12-27") && !is("2025-12-28") && is("2025-12-29"));
    }

    /// The counts follow from the notices: 366 or 365 days less weekends and 11 or 13 holidays, shifted days even out.
    #[test]
    fn a_year_has_its_working_days() {
        let calendar = calendar();
        let worked = |year: i32| {
            let first = day(&format!("{year}-01-01"));
            let days = (0..366).map(|n| first.plus_days(n));
            days.filter(|day| day.year() == year && calendar.is_worked(*day))
                .count()
        };
        assert_eq!([2024, 2025, 2026].map(worked), [251, 248, 248]);
    }

    #[test]
    fn ten_working_days_go_over_a_holiday() {
        let calendar = calendar();
        assert_eq!(calendar.after(day("2025-12-08"), 10), day("2025-12-22"));
        // Sunday the 28th is worked, the first to the eighth are off, Saturday the 11th is worked.
        assert_eq!(calendar.after(day("2025-09-25"), 10), day("2025-10-15"));
        assert_eq!(calendar.after(day("2025-10-04"), 1), day("2025-10-09"));
        assert_eq!(calendar.after(day("2025-10-04"), 0), day("2025-10-04"));
    }

    #[test]
    fn after_the_last_year_only_weekends_are_off() {
        let calendar = calendar();
        assert_eq!(calendar.last_year(), Some(2026));
        assert!(calendar.is_worked(day("2027-10-01")));
        assert!(!calendar.is_worked(day("2027-10-02")));
        assert_eq!(WorkingDays::default().last_year(), None);
    }

    #[test]
    fn a_broken_line_is_named() {
        for broken in [
            "2024-01-01",
            "2024-01-01,off",
            "2024-02-30,holiday",
            "2024-01-02,holiday\n2024-01-02,workday",
        ] {
            let fault = WorkingDays::parse(&format!("date,kind\n{broken}\n")).unwrap_err();
            let wanted = 1 + broken.lines().count();
            assert_eq!(fault.line, wanted, "{broken}");
        }
        assert!(WorkingDays::parse("\u{feff}date,kind\r\n2024-01-01,holiday\r\n").is_ok());
    }
}
