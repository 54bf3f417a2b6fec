//! Balances worked out anew from the transfers, for the programmes and for each claim.

use super::records::Made;
use super::{Balances, Claim, Movement};
use crate::kernel::money::MoneyError;
use crate::kernel::{Id, Money};
use std::collections::{BTreeMap, HashMap};

/// What the transfers of one claim come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    pub programme: String,
    pub balances: Balances,
    /// What was ever reserved for it.
    pub reserved: Money,
}

/// What all transfers looked at come to.
#[derive(Clone, Debug, Default)]
pub struct Rebuilt {
    pub programmes: BTreeMap<String, Balances>,
    pub claims: HashMap<Id<Claim>, Flow>,
}

impl Rebuilt {
    /// Counts a transfer.
    ///
    /// # Errors
    /// Where a balance is beyond the range of amounts.
    pub fn add(&mut self, made: &Made) -> Result<(), MoneyError> {
        let programme = self.programmes.entry(made.programme.clone()).or_default();
        programme.add(made.debit, made.credit, made.amount)?;
        let Some(claim) = made.claim else {
            return Ok(());
        };
        let flow = self.claims.entry(claim).or_insert_with(|| Flow {
            programme: made.programme.clone(),
            ..Flow::default()
        });
        flow.balances.add(made.debit, made.credit, made.amount)?;
        let reserve = Movement::Reserve;
        if (made.debit, made.credit) == (reserve.debit(), reserve.credit()) {
            flow.reserved = flow.reserved.plus(made.amount)?;
        }
        Ok(())
    }
}
