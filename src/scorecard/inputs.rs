//! The digest of all that a score is a function of.

use super::Scorecard;
use crate::{
    kernel::{Day, Digest},
    register::{Coverage, History, Kind, KindIndex, Personal, Stretch, Value},
};
use std::io::Write;

/// A register that the card looks at.
#[derive(Debug)]
pub(super) struct KindRead {
    kind: KindIndex,
    id: Box<str>,
    /// The ids of the columns; none for personal ones, on which no score rests.
    columns: Box<[Option<Box<str>>]>,
    /// The column of the party whose coverage counts, where it is covered by party.
    party: Option<usize>,
    /// Whether the coverage of the kind as a whole counts.
    whole: bool,
}

impl KindRead {
    pub fn new(index: KindIndex, kind: &Kind, party: Option<usize>, whole: bool) -> Self {
        let columns = kind.columns.iter().map(|column| match column.personal {
            Some(Personal::Dropped | Personal::Masked) => None,
            None => Some(column.id.clone()),
        });
        Self {
            kind: index,
            id: kind.id.clone(),
            columns: columns.collect(),
            party,
            whole,
        }
    }
}

/// Texts one after the other, each with its length before it, so that no two lists read alike. They are hashed at one
/// go: a history has hundreds of texts of a few bytes.
struct Canonical(Vec<u8>);

impl Canonical {
    fn add(&mut self, text: &str) {
        self.0.extend_from_slice(&(text.len() as u64).to_be_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Adds the canonical text of a value.
    fn add_value(&mut self, value: &Value) {
        if let Value::Text(text) = value {
            return self.add(text);
        }
        let begins = self.0.len();
        self.add("");
        // Writing to memory cannot fail.
        let _ = write!(self.0, "{value}");
        let (length, text) = self.0[begins..].split_at_mut(8);
        length.copy_from_slice(&(text.len() as u64).to_be_bytes());
    }

    fn add_day(&mut self, day: Day) {
        self.0.extend_from_slice(&day.number().to_be_bytes());
    }

    fn add_stretches(&mut self, stretches: &[Stretch]) {
        self.0
            .extend_from_slice(&(stretches.len() as u64).to_be_bytes());
        for stretch in stretches {
            self.add_day(stretch.from);
            self.add_day(stretch.until);
        }
    }
}

impl Scorecard {
    /// The digest of what a score is a function of: the card's text, the day, and what the card may look at of the
    /// facts and the coverage. The order in which facts came does not matter, and blank columns leave no trace, so
    /// that a column that is declared later changes nothing.
    pub fn inputs_digest(&self, history: &History, coverage: &Coverage, as_of: Day) -> Digest {
        let mut canonical = Canonical(Vec::with_capacity(4_096));
        canonical.0.extend_from_slice(self.digest.as_bytes());
        canonical.add(history.uscc.as_str());
        canonical.add_day(as_of);
        for read in &self.kinds_read {
            canonical.add(&read.id);
            let facts = history.of(read.kind);
            canonical
                .0
                .extend_from_slice(&(facts.len() as u64).to_be_bytes());
            let mut known = "";
            for fact in facts {
                canonical.add(&fact.key);
                for (place, id) in read.columns.iter().enumerate() {
                    let value = fact.value(place);
                    if let (Some(id), false) = (id, value.is_blank()) {
                        canonical.add(id);
                        canonical.add_value(value);
                    }
                }
                canonical.add("");
                let party = read.party.map_or("", |place| fact.value(place).as_text());
                if party != known {
                    known = party;
                    canonical.add_stretches(coverage.of_source(read.kind, party));
                }
            }
            if read.whole {
                canonical.add_stretches(coverage.of(read.kind));
            }
        }
        Digest::of(&canonical.0)
    }
}
