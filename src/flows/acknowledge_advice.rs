//! A bank takes note of advice: once, and not after it was lifted.

use crate::advice::records::{acknowledge, find};
use crate::advice::{Acknowledgement, Advice, Advised, DoesNotFollow};
use crate::kernel::Id;
use crate::kernel::actor::is_same_person;
use crate::store::{Conn, Failure};

/// Why nothing was noted.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AdviceRefusal {
    #[error("没有这条建议 · there is no such advice")]
    Unknown,
    #[error(transparent)]
    State(#[from] DoesNotFollow),
}

/// Notes that a bank has taken note. The advice as it then stands, and whether that is new: the same person may say it
/// again.
///
/// # Errors
/// Where the bank has no such advice, another person has acknowledged it, or it was lifted.
pub fn acknowledge_advice(
    conn: &mut Conn,
    bank: &str,
    id: Id<Advice>,
    said: Acknowledgement,
) -> Result<(Advised, bool), Failure<AdviceRefusal>> {
    let found = find(conn, bank, id)?;
    let mut advised = found.ok_or(Failure::Refused(AdviceRefusal::Unknown))?;
    let refused = |error: DoesNotFollow| Failure::Refused(error.into());
    match (advised.state().acknowledge(), &advised.acknowledged) {
        (Ok(_), _) => {
            acknowledge(conn, bank, id, &said)?;
            advised.acknowledged = Some(said);
            Ok((advised, true))
        }
        (Err(_), Some(known))
            if advised.lifted_at.is_none() && is_same_person(&known.by, &said.by) =>
        {
            Ok((advised, false))
        }
        (Err(error), _) => Err(refused(error)),
    }
}
