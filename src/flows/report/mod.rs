//! What the programme has come to on a date: reads what figures are counted from, in bounded memory, and adds it up.

mod lines;
mod merchants;

use super::find_bank::all_banks;
use super::list_lines::Around;
use super::watch::Watch;
use crate::county::records::Bank;
use crate::kernel::money::MoneyError;
use crate::kernel::{Day, Month};
use crate::register::Kinds;
use crate::report::dimension::NONE;
use crate::report::{Dimension, Item, Summary};
use crate::scorecard::{BeforeFirstDay, Scorecard};
use crate::store::{Conn, Failure, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// What is reported on.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The date reported on.
    pub as_of: Day,
    /// The earlier date that scores are compared with.
    pub since: Day,
    /// Only what has come about by then, of what is known on the date: a day of the series.
    pub by: Day,
    /// Only this bank's lines, the statements that it delivers, and the programmes that it funds.
    pub bank: Option<Bank>,
    /// Only what is in these groups; blank is no town, no district or no tier.
    pub within: Vec<(Dimension, String)>,
}

/// Why there is no report.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoReport {
    #[error(transparent)]
    BeforeFirstDay(#[from] BeforeFirstDay),
    #[error(
        "{zh}没有 {asked}；有：{known} · there is no {dimension} {asked}; there are: {known}",
        zh = dimension.zh()
    )]
    NoSuchGroup {
        dimension: Dimension,
        asked: String,
        known: String,
    },
    #[error("合计超出金额范围 · a sum is beyond the range of amounts")]
    OutOfRange(#[from] MoneyError),
}

impl From<Failure<BeforeFirstDay>> for Failure<NoReport> {
    fn from(failure: Failure<BeforeFirstDay>) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal.into()),
            Failure::Store(error) => Self::Store(error),
        }
    }
}

/// What a report is read with.
pub struct Reporting<'a> {
    pub kinds: &'a Kinds,
    pub card: &'a Scorecard,
    pub asked: &'a Asked,
    pub watch: &'a dyn Watch,
}

/// Takes each item that is asked for; it may fail.
type Each<'e, E> = dyn FnMut(&Item) -> Result<(), E> + 'e;

impl Reporting<'_> {
    /// Calls `each` with every item that some figure may count: the lists behind the figures.
    ///
    /// # Errors
    /// Where a date lies before the card's first, there is no such group, the store fails, or `each` does.
    pub fn each<E>(
        &self,
        conn: &mut Conn,
        each: &mut Each<'_, E>,
    ) -> Result<Result<(), E>, Failure<NoReport>> {
        let Asked {
            as_of, since, by, ..
        } = *self.asked;
        let first = self.card.in_force_from();
        let earliest = as_of.min(since).min(by);
        if earliest < first {
            let day = earliest;
            let early = BeforeFirstDay { day, first };
            return Err(Failure::Refused(early.into()));
        }
        let banks = self.banks(conn)?;
        let mut groups = self.known_groups();
        let mut sieve = |item: &Item| {
            if self.passes(item, &mut groups) {
                each(item)
            } else {
                Ok(())
            }
        };
        let around = Around::look(conn, self.kinds, self.card, self.asked.by)?;
        let mut done = self.each_merchant(conn, &around, &banks, &mut sieve)?;
        if done.is_ok() {
            done = self.each_line(conn, &around, &banks, &mut sieve)?;
        }
        if done.is_ok() {
            self.check_groups(groups).map_err(Failure::Refused)?;
        }
        Ok(done)
    }

    /// The whole report; with its series only where that is asked for, since each of its days is read for itself.
    ///
    /// # Errors
    /// As [`Self::each`].
    pub fn summarise(
        &self,
        conn: &mut Conn,
        has_series: bool,
    ) -> Result<Summary, Failure<NoReport>> {
        let Asked { as_of, since, .. } = *self.asked;
        let days = if has_series {
            series(since, as_of)
        } else {
            Vec::new()
        };
        let mut summary = Summary::new(days.iter().copied());
        let added = self.each(conn, &mut |item| summary.add(item))?;
        added.map_err(|error| Failure::Refused(NoReport::from(error)))?;
        let banks = self.banks(conn)?;
        self.watch.begin("各日授信 lines by day", days.len() as u64);
        for (done, day) in days.into_iter().enumerate() {
            self.watch.at(done as u64);
            let around = Around::look(conn, self.kinds, self.card, day)?;
            let mut groups = self.known_groups();
            let mut add = |item: &Item| {
                let passes = self.passes(item, &mut groups);
                if passes {
                    summary.add_on(day, item)
                } else {
                    Ok(())
                }
            };
            let added = self.each_line(conn, &around, &banks, &mut add)?;
            added.map_err(|error| Failure::Refused(NoReport::from(error)))?;
        }
        self.watch.end();
        Ok(summary)
    }

    /// The banks whose lines are looked at.
    fn banks(&self, conn: &mut Conn) -> Result<Vec<Bank>, StoreError> {
        let own = self.asked.bank.clone();
        own.map_or_else(|| all_banks(conn), |own| Ok(vec![own]))
    }

    fn passes(&self, item: &Item, known: &mut BTreeMap<Dimension, BTreeSet<String>>) -> bool {
        let mut passes = true;
        for (dimension, wanted) in &self.asked.within {
            let group = dimension.group(item);
            passes &= group.as_ref() == Some(wanted);
            if let Some((groups, group)) = known.get_mut(dimension).zip(group)
                && !groups.contains(&group)
            {
                groups.insert(group);
            }
        }
        passes
    }

    /// The groups that there are before anything has been read: the card's tiers, whether a merchant has them or not.
    fn known_groups(&self) -> BTreeMap<Dimension, BTreeSet<String>> {
        let tiers = || self.card.tiers().iter().map(|rule| rule.tier.to_string());
        let groups = |dimension: Dimension| {
            let beside = dimension.beside_tiers().iter();
            let all = tiers().chain(beside.map(|group| (*group).to_owned()));
            (dimension, all.filter(|_| dimension.is_of_tiers()).collect())
        };
        let asked = self.asked.within.iter();
        asked.map(|(dimension, _)| groups(*dimension)).collect()
    }

    fn check_groups(&self, known: BTreeMap<Dimension, BTreeSet<String>>) -> Result<(), NoReport> {
        for (dimension, asked) in &self.asked.within {
            let groups = known.get(dimension);
            if groups.is_some_and(|groups| groups.contains(asked)) {
                continue;
            }
            let name = |group: &String| {
                if group.is_empty() {
                    NONE.to_owned()
                } else {
                    group.clone()
                }
            };
            let known: Vec<String> = groups.into_iter().flatten().map(name).collect();
            return Err(NoReport::NoSuchGroup {
                dimension: *dimension,
                asked: name(asked),
                known: known.join(", "),
            });
        }
        Ok(())
    }
}

/// The days of the series: the ends of the months between the two dates, and the later date.
fn series(since: Day, as_of: Day) -> Vec<Day> {
    let months = since.month().number()..=as_of.month().number();
    let ends = months.map(|month| Month::from_number(month).last_day());
    let within = ends.filter(|day| (since..as_of).contains(day));
    within.chain([as_of]).collect()
}

/// No pool can have paid so much: the books are broken.
fn content(error: MoneyError) -> StoreError {
    StoreError::Content(format!("claim: {error}"))
}
