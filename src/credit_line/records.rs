//! Lines are facts: read from the ledgers' versions and from what each ledger said.

use super::{KIND, Line};
use crate::kernel::Day;
use crate::register::Kinds;
use crate::register::records::book;
use crate::store::{Conn, StoreError};

/// The lines of one bank, by its name, or of all, as told up to a day: in the order of the last ledger, those that it
/// does not hold after the others.
pub fn lines(
    conn: &mut Conn,
    kinds: &Kinds,
    bank: Option<&str>,
    as_of: Day,
) -> Result<Vec<Line>, StoreError> {
    let Some(kind) = kinds.named(KIND) else {
        return Ok(Vec::new());
    };
    let entries = book(conn, kinds, KIND, bank, as_of)?;
    let mut lines: Vec<Line> = entries
        .iter()
        .filter_map(|entry| Line::read(kind, entry, as_of))
        .collect();
    lines.sort_by(|a, b| {
        let place = |line: &Line| line.line.map(|(day, line)| (std::cmp::Reverse(day), line));
        let order = |line: &Line| (place(line).is_none(), place(line));
        (&a.source, order(a), &a.agreement).cmp(&(&b.source, order(b), &b.agreement))
    });
    Ok(lines)
}
