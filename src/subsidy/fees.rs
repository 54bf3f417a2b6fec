//! What a merchant's statements come to, by month and acquirer: the base of claims.

use super::STATEMENTS;
use crate::intake::county::Payment;
use crate::kernel::money::MoneyError;
use crate::kernel::{Money, Month};
use crate::register::{Fact, History, Kinds, Value};

/// What one acquirer's statements of one month come to, summed over the merchant's numbers; in fen.
#[derive(Debug)]
struct Sum<'h> {
    month: Month,
    acquirer: &'h str,
    due: i128,
    charged: i128,
}

/// What a merchant's statements come to in all months that they tell of.
#[derive(Debug, Default)]
pub struct Fees<'h> {
    /// In the order of month and acquirer, each once.
    sums: Vec<Sum<'h>>,
}

impl<'h> Fees<'h> {
    /// Adds up all statements of a history. They are taken as they are, net of refunds, and never worked out anew from
    /// rates.
    pub fn of(kinds: &Kinds, history: &'h History) -> Self {
        let Some(index) = kinds.index(STATEMENTS) else {
            return Self::default();
        };
        let kind = kinds.get(index);
        let columns = ["month", "acquirer", "fee_due", "fee_charged"];
        let [month, acquirer, due, charged] = columns.map(|id| kind.column(id));
        let facts = history.of(index).iter();
        let sum = |fact: &'h Fact| {
            let value = |place: Option<usize>| place.map_or(&Value::Blank, |it| fact.value(it));
            let fen = |place| i128::from(value(place).as_number().unwrap_or(0));
            Some(Sum {
                month: value(month).as_month()?,
                acquirer: value(acquirer).as_text(),
                due: fen(due),
                charged: fen(charged),
            })
        };
        let mut sums: Vec<Sum<'h>> = facts.filter_map(sum).collect();
        sums.sort_by_key(|sum| (sum.month, sum.acquirer));
        sums.dedup_by(|next, sum| {
            let same = (next.month, next.acquirer) == (sum.month, sum.acquirer);
            if same {
                sum.due += next.due;
                sum.charged += next.charged;
            }
            same
        });
        Self { sums }
    }

    fn of_month(&self, month: Month) -> &[Sum<'h>] {
        let from = self.sums.partition_point(|sum| sum.month < month);
        let until = self.sums.partition_point(|sum| sum.month <= month);
        &self.sums[from..until]
    }

    /// Whose statements tell of a month, in order.
    pub fn acquirers(&self, month: Month) -> impl Iterator<Item = &'h str> + '_ {
        self.of_month(month).iter().map(|sum| sum.acquirer)
    }

    /// The base of a month at one acquirer, in fen: what was charged, or what was due and not charged; nothing where no
    /// statement tells of it.
    ///
    /// # Errors
    /// Where the base is beyond [`Money::MOST`], or as far below zero: then it is none (ours: a slip of the pen would
    /// else take a whole pool, and its sum could stand in the way of everybody's claims).
    pub fn base(
        &self,
        payment: Payment,
        month: Month,
        acquirer: &str,
    ) -> Result<Money, MoneyError> {
        let mut sums = self.of_month(month).iter();
        let Some(sum) = sums.find(|sum| sum.acquirer == acquirer) else {
            return Ok(Money::ZERO);
        };
        base_of(match payment {
            Payment::Reimburse => sum.charged,
            Payment::Waive => sum.due - sum.charged,
        })
    }
}

fn base_of(fen: i128) -> Result<Money, MoneyError> {
    let most = u128::from(Money::MOST.fen().unsigned_abs());
    match i64::try_from(fen) {
        Ok(small) if fen.unsigned_abs() <= most => Ok(Money::from_fen(small)),
        _ => Err(MoneyError::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_at_most_what_one_amount_may_be() {
        let most = Money::MOST.fen();
        assert_eq!(base_of(most.into()), Ok(Money::MOST));
        assert_eq!(base_of((-most).into()), Ok(Money::from_fen(-most)));
        for fen in [i128::from(most) + 1, -i128::from(most) - 1, i128::MAX] {
            assert_eq!(base_of(fen), Err(MoneyError::OutOfRange), "{fen}");
        }
    }

    #[test]
    fn statements_of_one_month_and_acquirer_are_added_up_and_others_kept_apart() {
        let month = |text| Month::parse(text).unwrap();
        let sum = |month, acquirer, due, charged| Sum {
            month,
            acquirer,
            due,
            charged,
        };
        let (may, june) = (month("202505"), month("202506"));
        let fees = Fees {
            sums: vec![
                sum(may, "a", 5, 3),
                sum(may, "b", 9, 9),
                sum(june, "a", 1, 1),
            ],
        };
        let base = |payment, month, acquirer| fees.base(payment, month, acquirer).unwrap().fen();
        assert_eq!(base(Payment::Reimburse, may, "a"), 3);
        assert_eq!(base(Payment::Waive, may, "a"), 2);
        assert_eq!(base(Payment::Reimburse, may, "c"), 0);
        assert_eq!(base(Payment::Reimburse, month("202504"), "a"), 0);
        assert_eq!(fees.acquirers(may).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(fees.acquirers(june).collect::<Vec<_>>(), ["a"]);
    }
}
