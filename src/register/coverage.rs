//! How far each register reaches: silence is good conduct only where the register would have spoken.

use super::{History, Kind, KindIndex};
use crate::kernel::Day;
use std::collections::BTreeMap;

/// The days that one delivery covers, both included: what is not in it did not happen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageRow {
    pub kind: KindIndex,
    /// Who delivered; for a kind covered by party (statements), that party.
    pub source: Box<str>,
    pub from: Day,
    pub until: Day,
}

/// Adjoining days covered without a gap, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    pub from: Day,
    pub until: Day,
}

/// What all deliveries known cover: per kind, and per kind and source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    kinds: BTreeMap<KindIndex, Vec<Stretch>>,
    sources: BTreeMap<KindIndex, BTreeMap<Box<str>, Vec<Stretch>>>,
}

impl Coverage {
    pub fn new(rows: impl IntoIterator<Item = CoverageRow>) -> Self {
        let mut coverage = Self::default();
        for row in rows {
            let stretch = Stretch {
                from: row.from,
                until: row.until,
            };
            coverage.kinds.entry(row.kind).or_default().push(stretch);
            coverage
                .sources
                .entry(row.kind)
                .or_default()
                .entry(row.source)
                .or_default()
                .push(stretch);
        }
        coverage.kinds.values_mut().for_each(join);
        coverage
            .sources
            .values_mut()
            .flat_map(BTreeMap::values_mut)
            .for_each(join);
        coverage
    }

    /// The stretches of a kind, whoever delivered them, in order.
    pub fn of(&self, kind: KindIndex) -> &[Stretch] {
        self.kinds.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The stretches of a kind that one source delivered, in order.
    pub fn of_source(&self, kind: KindIndex, source: &str) -> &[Stretch] {
        self.sources
            .get(&kind)
            .and_then(|sources| sources.get(source))
            .map_or(&[], Vec::as_slice)
    }

    /// The last day covered of a kind for one merchant: where coverage is by party, by one of the parties that its facts
    /// name.
    pub fn until_for(&self, index: KindIndex, kind: &Kind, history: &History) -> Option<Day> {
        let Some(party) = kind.party() else {
            return self.until(index);
        };
        let facts = history.of(index).iter();
        let of_parties = facts.flat_map(|fact| self.of_source(index, fact.value(party).as_text()));
        of_parties.map(|stretch| stretch.until).max()
    }

    /// The last day covered of a kind, by whomever.
    pub fn until(&self, kind: KindIndex) -> Option<Day> {
        self.of(kind).last().map(|stretch| stretch.until)
    }
}

/// Sorts, and joins what overlaps or adjoins.
fn join(stretches: &mut Vec<Stretch>) {
    stretches.sort_unstable();
    let mut joined: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for stretch in stretches.drain(..) {
        match joined.last_mut() {
            Some(last) if stretch.from <= last.until.plus_days(1) => {
                last.until = last.until.max(stretch.until)
            }
            _ => joined.push(stretch),
        }
    }
    *stretches = joined;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(source: &str, from: &str, until: &str) -> CoverageRow {
        CoverageRow {
            kind: KindIndex(0),
            source: source.into(),
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
        }
    }

    #[test]
    fn adjoining_days_join_whoever_delivered_them() {
        let coverage = Coverage::new([
            row("b", "2025-02-01", "2025-02-28"),
            row("a", "2025-01-01", "2025-01-31"),
            row("a", "2025-03-02", "2025-03-31"),
        ]);
        assert_eq!(coverage.of(KindIndex(0)).len(), 2);
        assert_eq!(coverage.of_source(KindIndex(0), "a").len(), 2);
        assert_eq!(
            coverage.of(KindIndex(0))[0].until,
            "2025-02-28".parse().unwrap()
        );
    }
}
