//! The rows of the report's tables in the order in which they are told.

use super::{Table, Told};
use crate::kernel::Day;
use crate::report::{Summary, Tally};
use crate::scorecard::Tier;
use std::borrow::Cow;

/// A row's group, blank where there is none, and its figures.
pub(super) struct Row<'s> {
    pub group: String,
    /// The day, of a series.
    pub on: Option<Day>,
    pub tally: Cow<'s, Tally>,
}

/// The rows of a table. One of tiers has all tiers of the card, best first.
pub(super) fn rows<'s>(told: &Told<'_>, summary: &'s Summary, table: Table) -> Vec<Row<'s>> {
    let Some(dimension) = table.dimension() else {
        let row = |(day, tally): &'s (Day, Tally)| Row {
            group: day.to_string(),
            on: Some(*day),
            tally: Cow::Borrowed(tally),
        };
        return summary.series.iter().map(row).collect();
    };
    let groups = summary.groups.get(&dimension);
    let named = |group: &str| groups.and_then(|groups| groups.get(group));
    let row = |group: &str| Row {
        group: group.to_owned(),
        on: None,
        tally: named(group).map_or_else(|| Cow::Owned(Tally::default()), Cow::Borrowed),
    };
    if dimension.is_of_tiers() {
        let tiers = told.card.tiers().iter().map(|rule| rule.tier.to_string());
        let more = dimension.beside_tiers().iter();
        let more = more.map(|group| (*group).to_owned());
        return tiers.chain(more).map(|group| row(&group)).collect();
    }
    // What has no town or district comes last.
    let (blank, named): (Vec<&String>, Vec<&String>) = groups
        .into_iter()
        .flat_map(|groups| groups.keys())
        .partition(|group| group.is_empty());
    named
        .into_iter()
        .chain(blank)
        .map(|group| row(group))
        .collect()
}

/// The card's tiers, best first, and none.
pub(super) fn tiers(told: &Told<'_>) -> Vec<Option<Tier>> {
    let tiers = told.card.tiers().iter().map(|rule| Some(rule.tier));
    tiers.chain([None]).collect()
}
