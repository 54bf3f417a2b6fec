//! The steps of a claim: each once, in order, and none by the person who must be looked at by another.

use super::Status;
use super::records::Claimed;
use crate::kernel::Money;
use crate::kernel::actor::is_same_person;
use crate::ledger::Movement;

/// What is done with a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The bureau confirms that the merchant was certified.
    Confirm,
    /// A first person of the funder.
    Submit,
    /// A second person of the funder.
    Approve,
    /// It has been paid, under the bank's reference.
    Pay { reference: String },
    /// It comes to nothing.
    Reject { reason: String },
}

/// On whose side somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Bureau,
    Funder,
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum StepRefusal {
    #[error("没有这笔申领 · there is no such claim")]
    Unknown,
    #[error("申领的状态是 {0}，不能这样处理 · the claim is {0}, which does not allow that")]
    Status(Status),
    #[error("须由提交人以外的人处理 · this takes another person than the one who submitted it")]
    SamePerson,
    #[error("申领金额现为 {0}，与所述不符 · the claim is over {0} now, not what was said")]
    Amount(Money),
}

/// What a step leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub claim: Claimed,
    /// What of the claim's money moves.
    pub movement: Option<Movement>,
    /// How much the step is about, in fen.
    pub amount: Money,
    /// The bank's reference, or a reason.
    pub reference: Option<String>,
}

impl Step {
    /// Takes the step on a claim.
    ///
    /// # Errors
    /// Where its status does not allow it, or this person may not.
    pub fn take(self, mut claim: Claimed, side: Side, person: &str) -> Result<Taken, StepRefusal> {
        use Side::{Bureau, Funder};
        let (status, movement) = match (&self, claim.status, side) {
            (Self::Confirm, Status::Computed, Bureau) => (Status::Confirmed, None),
            (Self::Submit, Status::Confirmed, Funder) => (Status::Submitted, None),
            (Self::Approve, Status::Submitted, Funder) => {
                (Status::Approved, Some(Movement::Approve))
            }
            (Self::Pay { .. }, Status::Approved, Funder) => (Status::Paid, Some(Movement::Pay)),
            (Self::Reject { .. }, Status::Computed | Status::Confirmed, Bureau)
            | (Self::Reject { .. }, Status::Confirmed | Status::Submitted, Funder) => {
                (Status::Rejected, Some(Movement::Release))
            }
            (_, status, _) => return Err(StepRefusal::Status(status)),
        };
        let submitted = claim.status == Status::Submitted;
        if submitted
            && claim
                .submitted_by
                .as_deref()
                .is_some_and(|by| is_same_person(by, person))
        {
            return Err(StepRefusal::SamePerson);
        }
        let amount = claim.remaining;
        if status == Status::Submitted {
            claim.submitted_by = Some(person.to_owned());
        }
        if status == Status::Rejected {
            claim.remaining = Money::ZERO;
        }
        claim.status = status;
        claim.version += 1;
        let reference = match self {
            Self::Pay { reference } => Some(reference),
            Self::Reject { reason } => Some(reason),
            Self::Confirm | Self::Submit | Self::Approve => None,
        };
        Ok(Taken {
            claim,
            movement,
            amount,
            reference,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Id, Instant, Month};

    fn claim(status: Status) -> Claimed {
        Claimed {
            id: Id::from_bytes([1; 16]),
            programme: "p".to_owned(),
            merchant: Id::from_bytes([2; 16]),
            acquirer: "a".to_owned(),
            month: Month::parse("202501").unwrap(),
            number: 0,
            fee: Money::from_fen(100),
            amount: Money::from_fen(100),
            remaining: Money::from_fen(80),
            status,
            version: 3,
            submitted_by: (status == Status::Submitted).then(|| "R007".to_owned()),
            computed_at: Instant::from_micros(0),
        }
    }

    #[test]
    fn a_claim_goes_one_way_and_takes_each_step_once() {
        let steps = [
            (
                Step::Confirm,
                Side::Bureau,
                vec![Status::Computed],
                Status::Confirmed,
            ),
            (
                Step::Submit,
                Side::Funder,
                vec![Status::Confirmed],
                Status::Submitted,
            ),
            (
                Step::Approve,
                Side::Funder,
                vec![Status::Submitted],
                Status::Approved,
            ),
            (
                Step::Pay {
                    reference: "B1".to_owned(),
                },
                Side::Funder,
                vec![Status::Approved],
                Status::Paid,
            ),
            (
                Step::Reject {
                    reason: "R".to_owned(),
                },
                Side::Bureau,
                vec![Status::Computed, Status::Confirmed],
                Status::Rejected,
            ),
            (
                Step::Reject {
                    reason: "R".to_owned(),
                },
                Side::Funder,
                vec![Status::Confirmed, Status::Submitted],
                Status::Rejected,
            ),
        ];
        for (step, side, from, to) in steps {
            for status in Status::ALL {
                let taken = step.clone().take(claim(status), side, "R008");
                if !from.contains(&status) {
                    assert_eq!(taken, Err(StepRefusal::Status(status)), "{step:?}");
                    continue;
                }
                let taken = taken.unwrap();
                assert_eq!((taken.claim.status, taken.claim.version), (to, 4));
                assert_eq!(taken.amount, Money::from_fen(80));
                // What moves leads from where the money lies to where it should lie.
                let (before, after) = (status.account(), to.account());
                assert_eq!(
                    taken.movement.map(Movement::debit),
                    before.filter(|_| before != after)
                );
                let credit = taken.movement.map(Movement::credit);
                assert!(credit.is_none() || credit == after.or(Some(crate::ledger::Account::Pool)));
            }
        }
        assert_eq!(
            Step::Confirm.take(claim(Status::Computed), Side::Funder, "R008"),
            Err(StepRefusal::Status(Status::Computed))
        );
    }

    #[test]
    fn nobody_approves_what_they_have_submitted() {
        for person in ["R007", " r007 ", "Ｒ００７"] {
            for step in [
                Step::Approve,
                Step::Reject {
                    reason: "R".to_owned(),
                },
            ] {
                let taken = step.take(claim(Status::Submitted), Side::Funder, person);
                assert_eq!(taken, Err(StepRefusal::SamePerson));
            }
        }
        let submitted = Step::Submit
            .take(claim(Status::Confirmed), Side::Funder, "R007")
            .unwrap();
        assert_eq!(submitted.claim.submitted_by.as_deref(), Some("R007"));
    }
}
