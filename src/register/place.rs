//! Where a merchant is: the town and the area (商圈) that the roster gives.

use super::unit::units;
use super::{History, Kinds};
use crate::kernel::Day;

/// A merchant's town and area; each blank where the roster says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// 所在乡镇
    pub town: String,
    /// 所属商圈
    pub area: String,
}

impl Place {
    /// Where a merchant is on a day. One with units in several places is where its certified unit is, the one certified
    /// longest first; without any, where the first of its units is. So every merchant is in one place, and the figures
    /// of the places add up to the county's.
    pub fn of(kinds: &Kinds, history: &History, as_of: Day) -> Self {
        let roster = kinds.roster();
        let kind = kinds.get(roster);
        let units = units(kinds, history);
        let certified = units.iter().map(|unit| unit.certified_since(as_of));
        let facts = history.of(roster).iter().zip(certified);
        let first = facts.min_by_key(|(_, since)| (since.is_none(), *since));
        let Some((fact, _)) = first else {
            return Self::default();
        };
        let text = |id| {
            let place = kind.column(id);
            place.map_or_else(String::new, |place| fact.value(place).as_text().to_owned())
        };
        Self {
            town: text("town"),
            area: text("area"),
        }
    }
}
