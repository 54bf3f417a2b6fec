//! Programmes as folders declare them, one after the other.

use crate::intake::county::Programme;
use crate::kernel::id::Named;
use crate::kernel::{Day, Id, Instant, Month};

/// A programme as one folder declared it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub id: Id<Self>,
    /// The folder's business date.
    pub in_force_from: Day,
    pub terms: Programme,
    pub recorded_at: Instant,
}

impl Named for Declared {
    const PREFIX: &'static str = "prg";
}

impl Declared {
    /// The months that lie in the programme whole: a statement of a month cannot be divided.
    pub fn months(&self) -> impl Iterator<Item = Month> + use<> {
        let (from, until) = (self.terms.from, self.terms.until);
        let (first, last) = (from.month(), until.month());
        let months = (first.number()..=last.number()).map(Month::from_number);
        months.filter(move |month| from <= month.first_day() && month.last_day() <= until)
    }
}

/// The record that counts on a day, of those of one programme in the order of their days. A later folder's replaces
/// those before from its business date on (interface.md, «county.toml»); the first one holds before its own as well,
/// since a programme may be declared when it has run for months.
pub fn in_force(records: &[Declared], day: Day) -> Option<&Declared> {
    let counts = |record: &&Declared| record.in_force_from <= day;
    records.iter().rev().find(counts).or(records.first())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::county::{Certified, Payment, Rate};
    use crate::kernel::Money;

    fn declared(number: u8, in_force_from: &str) -> Declared {
        Declared {
            id: Id::from_bytes([number; 16]),
            in_force_from: in_force_from.parse().unwrap(),
            terms: Programme {
                id: "p".to_owned(),
                name: String::new(),
                funder: String::new(),
                from: "2025-01-15".parse().unwrap(),
                until: "2025-04-30".parse().unwrap(),
                pool: Money::ZERO,
                rate: Rate::Same(10_000),
                cap_per_merchant_month: None,
                cap_per_merchant_year: None,
                unit_kinds: None,
                tiers: None,
                payment: Payment::Reimburse,
                certified: Certified::EveryDay,
            },
            recorded_at: Instant::from_micros(i64::from(number)),
        }
    }

    #[test]
    fn the_latest_record_counts_from_its_day_on_and_the_first_one_before() {
        let records = [
            declared(1, "2025-03-31"),
            declared(3, "2025-04-30"),
            declared(2, "2025-06-30"),
        ];
        let found = |day: &str| in_force(&records, day.parse().unwrap()).unwrap().id;
        assert_eq!(found("2025-01-31"), records[0].id);
        assert_eq!(found("2025-04-29"), records[0].id);
        assert_eq!(found("2025-04-30"), records[1].id);
        assert_eq!(found("2025-07-31"), records[2].id);
        assert_eq!(in_force(&[], "2025-01-01".parse().unwrap()), None);
    }

    #[test]
    fn a_month_counts_whole_or_not_at_all() {
        let months: Vec<String> = declared(1, "2025-03-31")
            .months()
            .map(|month| month.to_string())
            .collect();
        assert_eq!(months, ["202502", "202503", "202504"]);
    }
}
