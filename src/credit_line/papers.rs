//! What a line is put together from.

use super::{Line, Reports};
use crate::kernel::Day;
use crate::register::{Entry, Kind};

/// The papers of one line.
#[derive(Clone, Debug, Default)]
pub struct Papers {
    /// Its entry in the bank's ledgers; none where no ledger has told of it.
    pub entry: Option<Entry>,
    /// What the bank has reported of it itself.
    pub reports: Reports,
}

impl Papers {
    /// Whether a ledger or a grant has told of the line.
    pub fn are_known(&self) -> bool {
        self.entry.is_some() || self.reports.have_grant()
    }

    /// The line as told up to a day, of the bank of that name; see [`Line::read`].
    pub fn line(&self, kind: &Kind, bank: &str, agreement: &str, as_of: Day) -> Option<Line> {
        Line::read(kind, self, (bank, agreement), as_of)
    }
}
