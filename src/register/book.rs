//! A source's own book, as its snapshots have told it: of a kind that is declared as `snapshot`.

use super::Value;
use crate::kernel::{Day, Id};
use crate::merchant::Merchant;

/// One entry of the book: a fact, with all that was ever said of it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Box<str>,
    pub source: Box<str>,
    /// Whose it is now.
    pub merchant: Id<Merchant>,
    /// Its versions in their order, whoever's they were; with one value a column.
    pub versions: Vec<(i32, Box<[Value]>)>,
    /// What the snapshots up to the day asked for said of it, in the order of their days.
    pub said: Vec<Said>,
    /// Whether the last of those snapshots does not hold it any more.
    pub is_absent: bool,
}

/// What one snapshot said of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The last day that the snapshot covers.
    pub on: Day,
    /// The line of its file.
    pub line: i64,
    /// The version; 0 where the row was refused.
    pub version: i32,
}

impl Entry {
    /// The values of a version.
    pub fn version(&self, number: i32) -> Option<&[Value]> {
        let found = self.versions.iter().find(|(version, _)| *version == number);
        found.map(|(_, values)| &**values)
    }

    /// What the snapshots that could be read said, in the order of their days.
    pub fn told(&self) -> impl DoubleEndedIterator<Item = (Day, &[Value])> {
        self.said
            .iter()
            .filter_map(|said| Some((said.on, self.version(said.version)?)))
    }

    /// The values that held on the day asked for: as last told by then, else as they were told first.
    pub fn values(&self) -> Option<&[Value]> {
        let last = self.told().next_back().map(|(_, values)| values);
        last.or_else(|| self.versions.first().map(|(_, values)| &**values))
    }

    /// The versions that had been told by the day asked for; all of them where none had.
    pub fn versions_told(&self) -> impl Iterator<Item = &[Value]> {
        let last = self.said.iter().map(|said| said.version).max();
        let last = last.filter(|last| *last > 0).unwrap_or(i32::MAX);
        self.versions
            .iter()
            .filter(move |(version, _)| *version <= last)
            .map(|(_, values)| &**values)
    }
}
