//! What became of the rows of a delivery: the report that whoever delivers is given.

pub mod records;

use crate::intake::RefusalCode;
use crate::register::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows of one kind, by what became of them; `absent` counts known keys that a full export no longer holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub held: u64,
    pub refused: u64,
    pub absent: u64,
}

impl Counts {
    /// The rows of a slice; one without a verdict was refused.
    pub fn of(verdicts: &[Option<Verdict>]) -> Self {
        let mut counts = Self::default();
        for verdict in verdicts {
            let count = match verdict {
                None => &mut counts.refused,
                Some(Verdict::New) => &mut counts.new,
                // What a person has rejected leaves the fact as it was.
                Some(Verdict::Unchanged | Verdict::Rejected) => &mut counts.unchanged,
                Some(Verdict::Changed) => &mut counts.changed,
                Some(Verdict::Held) => &mut counts.held,
            };
            *count += 1;
        }
        counts
    }

    /// Adds the rows of another part of the same kind.
    pub fn add(&mut self, more: &Self) {
        self.new += more.new;
        self.changed += more.changed;
        self.unchanged += more.unchanged;
        self.held += more.held;
        self.refused += more.refused;
        self.absent += more.absent;
    }
}

/// How far a delivery has been taken: written with every slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last line whose row is dealt with.
    pub line: u64,
    pub counts: Counts,
    /// Rows whose key stood in the file before.
    pub repeated: u64,
}

/// One refused row: where it begins, and its first broken column. The value is for the eyes of whoever imports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    pub file: String,
    pub line: u64,
    pub column: String,
    pub code: RefusalCode,
    /// None where the column is about a person, or the text is broken.
    #[serde(skip)]
    pub value: Option<Box<str>>,
}

/// The report of one folder, or of files given one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub folder: String,
    pub kinds: BTreeMap<String, Counts>,
    pub refusals: Vec<RefusedRow>,
    /// What the files of each kind held.
    #[serde(skip)]
    pub read: BTreeMap<String, RowsRead>,
}

/// How many rows the files of a kind held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowsRead {
    pub rows: u64,
    pub repeated: u64,
    /// Refused because their merchant is not in the roster.
    pub unknown_merchant: u64,
}
