//! One row of a file: its cells as they were, and what they say or why it is refused.

use super::refusal::CellFault;
use crate::kernel::text::normalised;
use crate::register::content::content;
use crate::register::{Kind, Value};
use std::{borrow::Cow, fmt};

/// One row. Nothing of a dropped column is in it, and nothing of a masked one outside the values.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Where the row begins in the file; the header is 1. In a workbook the sheet's row.
    pub line: u64,
    /// The key, also of a refused row whose key can be read.
    pub key: Option<Box<str>>,
    /// The cells under [`super::Sheet::headers`], as the file has them.
    pub cells: Cells,
    /// The entry; or all broken cells in the file's order.
    pub outcome: Result<Entry, Vec<CellFault>>,
}

/// An entry of a register: what a row says, all of whose cells can be read.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// One value a column, in the order of the kind's declaration.
    pub values: Box<[Value]>,
    /// The same as it is stored and compared ([`content`]).
    pub content: Box<str>,
}

impl fmt::Debug for Entry {
    /// Without anything of it, for some is about a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").finish_non_exhaustive()
    }
}

impl Entry {
    pub(super) fn new(kind: &Kind, values: Vec<Value>) -> Self {
        Self {
            content: content(kind, &values).into_boxed_str(),
            values: values.into_boxed_slice(),
        }
    }
}

impl fmt::Debug for Row {
    /// Without any cell, for some are about a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Option<Vec<_>> = self.outcome.as_ref().err().map(|faults| {
            faults
                .iter()
                .map(|fault| (&fault.header, fault.code))
                .collect()
        });
        f.debug_struct("Row")
            .field("line", &self.line)
            .field("refused", &codes)
            .finish_non_exhaustive()
    }
}

/// The texts of a row's cells, in one piece of memory.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cells {
    text: String,
    ends: Vec<u32>,
}

impl Cells {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.text[start as usize..*end as usize])
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
    }
}

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cells({})", self.ends.len())
    }
}

/// One cell of the file before it is read.
pub(super) struct RawCell<'a> {
    pub text: Cow<'a, str>,
    /// Whether the bytes were no text.
    pub broken: bool,
}

impl RawCell<'_> {
    pub const BLANK: Self = Self {
        text: Cow::Borrowed(""),
        broken: false,
    };
}

/// Whether no cell of a row holds anything: such rows trail many a spreadsheet.
pub(super) fn is_empty(cells: &[RawCell]) -> bool {
    cells
        .iter()
        .all(|cell| !cell.broken && normalised(&cell.text).is_empty())
}
