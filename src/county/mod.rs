//! The county that the registers are of, as its folder's `county.toml` has it, and the banks that take part.

pub mod records;

use crate::kernel::{BusinessDate, Day};

/// What the last imported folder said of the county.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountyRecord {
    pub name: String,
    pub region: String,
    pub bureau: String,
    pub scorecard: String,
    pub business_date: Option<Day>,
}

/// The business date: the setting, else the county's, else the calendar in Shanghai.
pub fn business_date(setting: Option<Day>, county: Option<&CountyRecord>) -> BusinessDate {
    BusinessDate::of(setting.or_else(|| county.and_then(|county| county.business_date)))
}

/// The card by which the county's merchants are scored: the county's own, else the setting's.
pub fn card_name<'a>(setting: &'a str, county: Option<&'a CountyRecord>) -> &'a str {
    county.map_or(setting, |county| &county.scorecard)
}
