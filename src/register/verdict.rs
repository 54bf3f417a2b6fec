//! What becomes of a delivered row beside the version known: the rules of deliveries in scorecard.md.

use super::content::{Change, compare};
use super::{Kind, Value};

/// How a row stands to what is known under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is known under the key.
    New,
    Unchanged,
    /// The fact's next version.
    Changed,
    /// A person decides.
    Held,
    /// A person has decided: the known version stays. Only whoever takes the row knows this.
    Rejected,
}

/// Compares a row with the version known, if any. `corrects` is the sender's word that the rows are corrections
/// (statements): then what would be held is the next version, unless the row names another merchant.
pub fn verdict(kind: &Kind, known: Option<&[Value]>, row: &[Value], corrects: bool) -> Verdict {
    let Some(known) = known else {
        return Verdict::New;
    };
    match compare(kind, known, row) {
        Change::Same => Verdict::Unchanged,
        Change::Evolved => Verdict::Changed,
        Change::Differs(_) if kind.snapshot => Verdict::Changed,
        Change::Differs(columns) if corrects && !columns.contains(&kind.merchant()) => {
            Verdict::Changed
        }
        Change::Differs(_) => Verdict::Held,
    }
}
