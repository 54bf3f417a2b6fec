//! A row of a register as it stands on a day: what is still to come is not told yet.

use crate::kernel::Day;

/// One row, from the day on which it is first delivered.
pub struct Row {
    pub kind: &'static str,
    from: Day,
    cells: Vec<(&'static str, Cell)>,
}

enum Cell {
    Fixed(String),
    /// The first until the day, the second from it on.
    Turning(String, Day, String),
}

impl Row {
    pub fn new(kind: &'static str, from: Day) -> Self {
        Self {
            kind,
            from,
            cells: Vec::with_capacity(10),
        }
    }

    /// A column by its id.
    pub fn with(mut self, column: &'static str, text: impl ToString) -> Self {
        self.cells.push((column, Cell::Fixed(text.to_string())));
        self
    }

    /// A column that says something else from a day on; where there is none it never does.
    pub fn turning(
        mut self,
        column: &'static str,
        before: &str,
        turn: Option<(Day, String)>,
    ) -> Self {
        let before = before.to_owned();
        let cell = match turn {
            Some((day, after)) => Cell::Turning(before, day, after),
            None => Cell::Fixed(before),
        };
        self.cells.push((column, cell));
        self
    }

    /// A date that is told from that day on.
    pub fn dated(self, column: &'static str, day: Option<Day>) -> Self {
        self.turning(column, "", day.map(|day| (day, day.to_string())))
    }

    /// Whether a delivery of the day says what one of the day before did not.
    pub fn is_news(&self, after: Option<Day>, day: Day) -> bool {
        let is_within = |on: Day| on <= day && after.is_none_or(|after| on > after);
        let turns = || {
            self.cells.iter().any(|(_, cell)| match cell {
                Cell::Turning(_, on, _) => is_within(*on),
                Cell::Fixed(_) => false,
            })
        };
        self.from <= day && (is_within(self.from) || turns())
    }

    /// What a column says on a day; blank where the row does not name it.
    pub fn cell(&self, column: &str, day: Day) -> &str {
        let found = self.cells.iter().find(|(id, _)| *id == column);
        match found.map(|(_, cell)| cell) {
            None => "",
            Some(Cell::Fixed(text)) => text,
            Some(Cell::Turning(before, turn, after)) => {
                if *turn <= day {
                    after
                } else {
                    before
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_news_when_it_comes_and_when_it_turns() {
        let day = |text: &str| -> Day { text.parse().unwrap() };
        let (may, june, july) = (day("2025-05-31"), day("2025-06-30"), day("2025-07-31"));
        let row = Row::new("penalties", may).dated("repaired_on", Some(july));
        assert!(row.is_news(None, may) && row.is_news(None, june));
        assert!(!row.is_news(Some(may), june));
        assert!(row.is_news(Some(june), july));
        assert_eq!(row.cell("repaired_on", june), "");
        assert_eq!(row.cell("repaired_on", july), "2025-07-31");
        assert!(!row.is_news(None, day("2025-05-30")));
    }
}
