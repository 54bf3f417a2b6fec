//! A bank asks for an answer again: the same bytes, unless a repair or a withdrawal has touched it since.

use crate::answer::records::{Logged, logged};
use crate::answer::{Answer, Envelope, Withheld, bytes, refusal_bytes};
use crate::authorisation::records::authorisations;
use crate::authorisation::{KIND as AUTHORISATIONS, Purpose};
use crate::kernel::{Day, Id};
use crate::merchant::Merchant;
use crate::register::records::facts_of_kind;
use crate::register::{Fact, Kinds};
use crate::store::{Conn, StoreError};

/// What is left of an answer.
#[derive(Clone, Debug)]
pub enum Stored {
    /// The bytes that the bank was sent.
    Whole(String),
    /// Id, time and digest only.
    Withheld(Withheld),
}

/// The answer of that id that this bank was given; none where there is no such answer, or it is another bank's.
/// `today` is the later of the real and the business date: a repair counts from its day on.
pub fn stored_answer(
    conn: &mut Conn,
    kinds: &Kinds,
    bank: &str,
    id: Id<Answer>,
    today: Day,
) -> Result<Option<Stored>, StoreError> {
    let Some(logged) = logged(conn, bank, id)? else {
        return Ok(None);
    };
    let (Some(merchant), Some(body)) = (logged.merchant, logged.body.as_deref()) else {
        return Ok(Some(Stored::Whole(refusal_bytes(id, logged.uscc))));
    };
    if is_withdrawn(conn, kinds, merchant, &logged)?
        || is_repaired(conn, kinds, merchant, &logged, today)?
    {
        let (answered_at, digest) = (logged.asked_at, logged.digest);
        let digest = digest.ok_or_else(|| StoreError::Content(format!("{id} has no digest")))?;
        return Ok(Some(Stored::Withheld(Withheld {
            id,
            answered_at,
            digest,
            withheld: true,
        })));
    }
    let purpose: Purpose = logged
        .purpose
        .parse()
        .map_err(|_| StoreError::Content(format!("{id}: purpose")))?;
    let envelope = Envelope {
        id,
        answered_at: logged.asked_at,
        uscc: logged.uscc,
        purpose,
        requested_by: &logged.requested_by,
        business_ref: &logged.business_ref,
        as_of: logged.as_of,
        valid_until: logged.valid_until,
    };
    Ok(Some(Stored::Whole(bytes(&envelope, body))))
}

/// Whether the authorisation under which it was given has been withdrawn.
fn is_withdrawn(
    conn: &mut Conn,
    kinds: &Kinds,
    merchant: Id<Merchant>,
    logged: &Logged,
) -> Result<bool, StoreError> {
    let signed = authorisations(conn, kinds, &[merchant])?;
    let signed = signed.get(&merchant).map_or(&[][..], Vec::as_slice);
    let under = signed
        .iter()
        .find(|one| Some(&*one.number) == logged.authorisation.as_deref());
    // One that has gone to another merchant lets nobody share this one's answer.
    Ok(under.is_none_or(|one| one.withdrawn_on.is_some()))
}

/// Whether a fact that counted then may no longer be shared: repaired or overturned since.
fn is_repaired(
    conn: &mut Conn,
    kinds: &Kinds,
    merchant: Id<Merchant>,
    logged: &Logged,
    today: Day,
) -> Result<bool, StoreError> {
    for (_, kind) in kinds.iter().filter(|(_, kind)| *kind.id != *AUTHORISATIONS) {
        let columns = || (0..kind.columns.len()).filter(|place| kind.columns[*place].ends_sharing);
        if columns().next().is_none() {
            continue;
        }
        let has_ended = |fact: &Fact, by: Day| {
            let mut days = columns().filter_map(|place| fact.value(place).as_day());
            days.any(|day| day <= by)
        };
        let mut facts = facts_of_kind(conn, kinds, &kind.id, merchant, None)?;
        facts.retain(|fact| has_ended(fact, today));
        if facts.is_empty() {
            continue;
        }
        let then = facts_of_kind(conn, kinds, &kind.id, merchant, Some(logged.asked_at))?;
        let counted = |key: &str| {
            let fact = then.iter().find(|fact| *fact.key == *key);
            fact.is_some_and(|fact| !has_ended(fact, logged.as_of))
        };
        if facts.iter().any(|fact| counted(&fact.key)) {
            return Ok(true);
        }
    }
    Ok(false)
}
