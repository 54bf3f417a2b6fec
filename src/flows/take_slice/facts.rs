//! The facts of which the rows of a slice tell: as they are known, and as the slice leaves them.

use super::{GoodRow, Slice};
use crate::register::records::{FactRow, Known, known};
use crate::store::{Conn, StoreError};
use std::collections::{HashMap, VecDeque};

/// All of which any row tells, by their keys; of no other is anything asked or said.
#[derive(Default)]
pub(super) struct Facts<'a>(HashMap<&'a str, Fact<'a>>);

#[derive(Default)]
struct Fact<'a> {
    /// Its latest version, if it has any by now.
    known: Option<Known<'a>>,
    /// Whether it was known before the slice.
    was_known: bool,
    /// The versions that an earlier import of the same file wrote, and that lie ahead of where it is now.
    ahead: VecDeque<Known<'a>>,
    /// Who sent the version that this slice writes last, if it writes one.
    sent_by: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Reads what is known of them.
    pub fn read(conn: &mut Conn, slice: &Slice<'a>) -> Result<Self, StoreError> {
        let keys = slice.rows.iter().map(|row| row.key);
        let mut facts: HashMap<&str, Fact<'_>> = keys.map(|key| (key, Fact::default())).collect();
        for (key, known) in known(conn, &slice.kind.id, facts.keys().copied())? {
            if let Some(fact) = facts.get_mut(&*key) {
                (fact.known, fact.was_known) = (Some(known), true);
            }
        }
        Ok(Self(facts))
    }

    pub fn known(&self, key: &str) -> Option<&Known<'a>> {
        self.0.get(key)?.known.as_ref()
    }

    /// How far a fact has come: its version, 0 where there is none yet.
    pub fn version(&self, key: &str) -> i32 {
        self.known(key).map_or(0, |known| known.version)
    }

    /// Puts a fact back to an earlier version, or to none, with those that an earlier import wrote after it.
    pub fn put_back(
        &mut self,
        key: &str,
        known: Option<Known<'a>>,
        ahead: impl IntoIterator<Item = Known<'a>>,
    ) {
        if let Some(fact) = self.0.get_mut(key) {
            (fact.known, fact.ahead) = (known, ahead.into_iter().collect());
        }
    }

    /// Whether a new version would be the one that lies ahead, if any does.
    pub fn leads_on(&self, row: &GoodRow<'_>) -> bool {
        let next = self.0.get(row.key).and_then(|fact| fact.ahead.front());
        next.is_none_or(|next| *next.content == *row.entry.content)
    }

    /// Goes on to the version that lies ahead; false where none does.
    pub fn go_on(&mut self, key: &str) -> bool {
        let fact = self.0.get_mut(key);
        let next = fact.and_then(|fact| Some(fact.known.insert(fact.ahead.pop_front()?)));
        next.is_some()
    }

    /// Takes a fact as it stands now: more has happened to it than the import that broke off did. Its version, where
    /// anything lay ahead.
    pub fn catch_up(&mut self, key: &str) -> Option<i32> {
        let fact = self.0.get_mut(key)?;
        let latest = std::mem::take(&mut fact.ahead).pop_back()?;
        Some(fact.known.insert(latest).version)
    }

    /// Moves a fact on to a version that this slice writes; returns the one before.
    pub fn move_on(&mut self, key: &str, latest: Known<'a>, source: &'a str) -> Option<Known<'a>> {
        let fact = self.0.get_mut(key)?;
        fact.sent_by = Some(source);
        fact.known.replace(latest)
    }

    /// The facts that are written: those that are new, and those that have moved on; each in the order of their keys.
    pub fn written(self, kind: &'a str) -> [Vec<FactRow<'a>>; 2] {
        let mut written = [Vec::new(), Vec::new()];
        for (key, fact) in self.0 {
            let (Some(source), Some(known)) = (fact.sent_by, fact.known) else {
                continue;
            };
            written[usize::from(fact.was_known)].push(FactRow {
                kind,
                key,
                merchant: known.merchant,
                version: known.version,
                source,
            });
        }
        for rows in &mut written {
            rows.sort_unstable_by_key(|row| row.key);
        }
        written
    }
}
