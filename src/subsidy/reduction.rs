//! What a difference takes away from claims, and where the money goes from.

use super::Status;
use super::records::Claimed;
use crate::kernel::Money;
use crate::kernel::money::MoneyError;
use crate::ledger::Movement;

/// A claim that has become smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// The claim as it stands afterwards.
    pub claim: Claimed,
    /// By how much, in fen.
    pub amount: Money,
    pub movement: Movement,
}

impl Reduction {
    /// How it is told among what happened to the claim.
    pub const fn event(&self) -> &'static str {
        match self.movement {
            Movement::ClawBack => "clawed_back",
            _ => "reduced",
        }
    }
}

/// Takes an amount away from the claims of one merchant, acquirer and month, the latest first; no more than they hold.
/// What is reserved or payable goes back to the pool, what is paid is clawed back. A claim of which nothing is left
/// before it is paid is rejected.
///
/// # Errors
/// Where an amount is beyond its range.
pub fn reduce(claims: Vec<Claimed>, less: Money) -> Result<Vec<Reduction>, MoneyError> {
    let (mut left, mut reductions) = (less, Vec::new());
    for mut claim in claims.into_iter().rev() {
        let amount = left.min(claim.remaining);
        if amount <= Money::ZERO {
            continue;
        }
        left = left.minus(amount)?;
        let movement = match claim.status {
            Status::Computed | Status::Confirmed | Status::Submitted | Status::Rejected => {
                Movement::Release
            }
            Status::Approved => Movement::Cancel,
            Status::Paid => Movement::ClawBack,
        };
        claim.remaining = claim.remaining.minus(amount)?;
        claim.version += 1;
        if claim.remaining == Money::ZERO && claim.status != Status::Paid {
            claim.status = Status::Rejected;
        }
        reductions.push(Reduction {
            claim,
            amount,
            movement,
        });
    }
    Ok(reductions)
}
