//! A line as a row of the bank's file has it.

use super::Standing;
use crate::credit_line::line::ledger;
use crate::register::{Kind, Value};

/// Reads a row; none where it lacks what every line has, which the kind's declaration lets no row lack.
pub fn standing_there(kind: &Kind, values: &[Value]) -> Option<Standing> {
    let terms = ledger::terms(kind, values)?;
    Some(Standing {
        uscc: ledger::uscc(kind, values)?,
        product: terms.named_product(),
        currency: terms.iso_currency(),
        starts_on: terms.starts_on,
        ends_on: terms.ends_on,
        limit: terms.limit,
        drawn: ledger::money(kind, values, "drawn"),
        may_lack: false,
    })
}
