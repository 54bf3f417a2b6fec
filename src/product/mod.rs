//! 信贷产品: what banks offer, with the loan prime rates that it is priced by, as dated records.

pub mod offer;
pub mod records;

pub use offer::Offer;

use crate::intake::county::Product;
use crate::kernel::{Day, Money};
use std::collections::BTreeMap;

/// A record, and the day from which it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    pub from: Day,
    pub record: T,
}

/// The record that holds on a day: the last recorded of those that hold by then (interface.md, «county.toml»); on a
/// day before all of them the first, since nothing else was ever said of it. `records` are in the order of recording.
pub fn in_force<T>(records: &[Dated<T>], day: Day) -> Option<&T> {
    dated_in_force(records, day).map(|dated| &dated.record)
}

fn dated_in_force<T>(records: &[Dated<T>], day: Day) -> Option<&Dated<T>> {
    let last = records.iter().rfind(|dated| dated.from <= day);
    last.or(records.first())
}

/// Whether this is what holds on a day and on every later one: to say it again changes nothing.
fn says_already<T: PartialEq>(records: &[Dated<T>], said: &T, from: Day) -> bool {
    let later = records
        .iter()
        .map(|dated| dated.from)
        .filter(|day| *day > from);
    std::iter::once(from)
        .chain(later)
        .all(|day| in_force(records, day) == Some(said))
}

/// All products that were ever recorded, by bank and id.
#[derive(Clone, Debug, Default)]
pub struct Products(BTreeMap<(String, String), Vec<Dated<Product>>>);

impl Products {
    /// Adds a record; the order in which records are added is that of recording.
    pub fn add(&mut self, dated: Dated<Product>) {
        let key = (dated.record.bank.clone(), dated.record.id.clone());
        self.0.entry(key).or_default().push(dated);
    }

    /// The product that a bank calls by this name or id, or has called so, as it is on a day.
    pub fn called(&self, bank: &str, name: &str, day: Day) -> Option<&Product> {
        let own = || self.0.iter().filter(|((of, _), _)| of == bank);
        let now = own()
            .filter_map(|(_, records)| in_force(records, day))
            .find(|product| product.is_called(name));
        now.or_else(|| {
            let mut once =
                own().filter(|(_, records)| records.iter().any(|it| it.record.is_called(name)));
            in_force(once.next()?.1, day)
        })
    }

    /// What a bank offers on a day, in the order of the ids.
    pub fn of_bank<'p>(&'p self, bank: &'p str, day: Day) -> impl Iterator<Item = &'p Product> {
        let own = self.0.iter().filter(move |((of, _), _)| of == bank);
        own.filter_map(move |(_, records)| in_force(records, day))
    }

    /// The same with the day from which each record holds.
    pub fn dated_of_bank<'p>(
        &'p self,
        bank: &'p str,
        day: Day,
    ) -> impl Iterator<Item = &'p Dated<Product>> {
        let own = self.0.iter().filter(move |((of, _), _)| of == bank);
        own.filter_map(move |(_, records)| dated_in_force(records, day))
    }

    /// Whether a bank has ever told of a product of that id.
    pub fn has(&self, bank: &str, id: &str) -> bool {
        self.0.contains_key(&(bank.to_owned(), id.to_owned()))
    }

    /// Whether the product holds as it is from a day on, so that to record it would change nothing.
    pub fn say_already(&self, product: &Product, from: Day) -> bool {
        let key = (product.bank.clone(), product.id.clone());
        self.0
            .get(&key)
            .is_some_and(|records| says_already(records, product, from))
    }
}

impl Product {
    /// The most that is advised for a merchant of this tier; none where the tier is not eligible.
    pub fn cap_of(&self, tier: Option<&str>) -> Option<Money> {
        let tier = tier?;
        let found = self.cap.iter().find(|(name, _)| name == tier);
        found.map(|(_, cap)| *cap)
    }

    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.id == name
    }
}

/// All loan prime rates that were ever recorded, by term and the day of publication.
#[derive(Clone, Debug, Default)]
pub struct LoanPrimeRates(BTreeMap<(String, Day), Vec<Dated<u32>>>);

impl LoanPrimeRates {
    pub fn add(&mut self, term: String, published_on: Day, dated: Dated<u32>) {
        let records = self.0.entry((term, published_on)).or_default();
        records.push(dated);
    }

    /// The rate of a term (`1Y`) on a day, in basis points, and the day of its publication; none before the first.
    pub fn on(&self, term: &str, day: Day) -> Option<(Day, u32)> {
        let mut published = self
            .0
            .iter()
            .filter(|((of, published), _)| of == term && *published <= day);
        let ((_, published_on), records) = published.next_back()?;
        in_force(records, day).map(|rate| (*published_on, *rate))
    }

    fn of(&self, term: &str, published_on: Day, day: Day) -> Option<u32> {
        in_force(self.0.get(&(term.to_owned(), published_on))?, day).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn dated(from: &str, record: u32) -> Dated<u32> {
        Dated {
            from: day(from),
            record,
        }
    }

    #[test]
    fn a_later_record_replaces_the_earlier_one_from_its_day_on() {
        let records = [dated("2025-12-31", 1), dated("2026-03-31", 2)];
        for (on, wanted) in [
            ("2024-05-01", 1),
            ("2026-03-30", 1),
            ("2026-03-31", 2),
            ("2030-01-01", 2),
        ] {
            assert_eq!(in_force(&records, day(on)), Some(&wanted), "{on}");
        }
        // A folder of an earlier day, imported last, says something of the days after it as well.
        let records = [dated("2025-12-31", 1), dated("2025-06-30", 2)];
        assert_eq!(in_force(&records, day("2025-06-29")), Some(&1));
        assert_eq!(in_force(&records, day("2026-01-01")), Some(&2));
        assert_eq!(in_force::<u32>(&[], day("2026-01-01")), None);
    }

    #[test]
    fn what_a_later_record_changes_is_not_said_already() {
        let records = [dated("2025-12-31", 1), dated("2026-03-01", 2)];
        assert!(says_already(&records, &2, day("2026-03-01")));
        assert!(says_already(&records, &2, day("2027-01-01")));
        // It holds on the day, and no longer in March.
        assert!(!says_already(&records, &1, day("2026-01-31")));
        assert!(!says_already(&records, &3, day("2026-01-31")));
        let records = [dated("2026-03-01", 2), dated("2025-12-31", 1)];
        assert!(says_already(&records, &1, day("2026-01-31")));
        assert!(!says_already(&[], &1, day("2026-01-31")));
    }

    #[test]
    fn the_loan_prime_rate_is_that_last_published() {
        let mut rates = LoanPrimeRates::default();
        rates.add("1Y".to_owned(), day("2024-10-21"), dated("2025-12-31", 310));
        rates.add("1Y".to_owned(), day("2025-05-20"), dated("2025-12-31", 300));
        rates.add("5Y".to_owned(), day("2025-06-20"), dated("2025-12-31", 350));
        assert_eq!(rates.on("1Y", day("2024-10-20")), None);
        assert_eq!(
            rates.on("1Y", day("2025-05-19")),
            Some((day("2024-10-21"), 310))
        );
        assert_eq!(
            rates.on("1Y", day("2025-12-31")),
            Some((day("2025-05-20"), 300))
        );
    }
}
