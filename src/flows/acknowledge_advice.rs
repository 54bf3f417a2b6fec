//! A bank takes note of advice: once, and not after it was lifted. What stands in the way it is told only where it may know.

use crate::advice::records::{acknowledge, find};
use crate::advice::{Acknowledgement, Advice, Advised, DoesNotFollow};
use crate::kernel::Id;
use crate::kernel::actor::is_same_person;
use crate::store::{Conn, Failure};

use super::tell_advice::{Sight, Teller};

/// Why nothing was noted.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AdviceRefusal {
    #[error("没有这条建议 · there is no such advice")]
    Unknown,
    #[error(transparent)]
    State(#[from] DoesNotFollow),
}

/// Notes that a bank has taken note. The advice as it then stands, and whether that is new: the same person may say it
/// again. What the bank has to ask again for is noted where it follows, and else stays as it is.
///
/// # Errors
/// Where the bank has no such advice that it may see, or may be told that another person has acknowledged it, or that it was
/// lifted.
pub fn acknowledge_advice(
    conn: &mut Conn,
    teller: &mut Teller<'_>,
    bank: &str,
    id: Id<Advice>,
    said: Acknowledgement,
) -> Result<(Advised, bool), Failure<AdviceRefusal>> {
    let found = find(conn, bank, id)?;
    let advised = found.ok_or(Failure::Refused(AdviceRefusal::Unknown))?;
    teller.look(conn, [&advised])?;
    match teller.sight(&advised) {
        Sight::Hidden => Err(Failure::Refused(AdviceRefusal::Unknown)),
        Sight::Told(_) => note(conn, advised, said),
        Sight::AskAgain => match note(conn, advised.clone(), said) {
            Err(Failure::Refused(AdviceRefusal::State(_))) => Ok((advised, false)),
            noted => noted,
        },
    }
}

fn note(
    conn: &mut Conn,
    mut advised: Advised,
    said: Acknowledgement,
) -> Result<(Advised, bool), Failure<AdviceRefusal>> {
    let refused = |error: DoesNotFollow| Failure::Refused(error.into());
    match (advised.state().acknowledge(), &advised.acknowledged) {
        (Ok(_), _) => {
            acknowledge(conn, &advised.bank, advised.id, &said)?;
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
