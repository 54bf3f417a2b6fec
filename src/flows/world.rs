//! What acts that come in crowds need to know of the world.

use super::rescore::Scoring;
use crate::county::{CountyRecord, business_date};
use crate::kernel::{Clock, Day, Randomness, WorkingDays};
use crate::register::Kinds;
use crate::score::Cards;
use crate::scorecard::Scorecard;
use crate::store::StoreError;
use std::sync::Arc;

/// What deciding banks' queries and reports needs to know of the world.
#[derive(Clone)]
pub struct World {
    pub kinds: Arc<Kinds>,
    pub cards: Arc<Cards>,
    pub calendar: Arc<WorkingDays>,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    /// The business date, where a setting fixes it.
    pub business_date: Option<Day>,
    /// The card, where the county names none.
    pub card: String,
}

impl World {
    /// The business date of the county.
    pub fn today(&self, county: Option<&CountyRecord>) -> Day {
        business_date(self.business_date, county).today(&*self.clock)
    }

    /// The card of that name.
    ///
    /// # Errors
    /// Where the configuration does not hold it: then nothing can be decided.
    pub fn card(&self, name: &str) -> Result<&Scorecard, StoreError> {
        let card = self.cards.get(name);
        card.map_err(|error| StoreError::Content(error.to_string()))
    }

    /// What scoring on a date needs to know.
    pub fn scoring<'a>(
        &'a self,
        card: &'a Scorecard,
        card_name: &'a str,
        today: Day,
    ) -> Scoring<'a> {
        Scoring {
            kinds: &self.kinds,
            card,
            card_name,
            today,
            calendar: &self.calendar,
            clock: &*self.clock,
            randomness: &*self.randomness,
        }
    }
}
