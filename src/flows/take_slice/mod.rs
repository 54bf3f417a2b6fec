//! One slice of a delivery: its rows decided beside what is known, and written in one transaction.

mod facts;

use crate::delivery::Counts;
use crate::held::records::{NewHeld, hold, rejected};
use crate::intake::Entry;
use crate::kernel::{Clock, Digest, Id, Instant, Randomness, Uscc};
use crate::merchant::records::{NewMerchant, by_uscc};
use crate::merchant::{self, Merchant};
use crate::register::content::values_from_content;
use crate::register::records::{
    Delivery, Known, VersionRow, keep_answers_out, lock_register, versions_of, write,
};
use crate::register::verdict::{Verdict, verdict};
use crate::register::{Kind, Value};
use crate::score::records::{mark_stale, open_heads};
use crate::store::{Conn, StoreError};
use facts::Facts;
use std::collections::{BTreeSet, HashMap};

/// A readable row: its line, its key and its entry.
#[derive(Clone, Copy)]
pub struct GoodRow<'a> {
    pub line: u64,
    pub key: &'a str,
    pub entry: &'a Entry,
}

/// The rows of a slice, and on whose behalf they are taken.
pub struct Slice<'a> {
    pub kind: &'a Kind,
    pub rows: &'a [GoodRow<'a>],
    /// The deliveries of the file, by source.
    pub deliveries: &'a [(Id<Delivery>, &'a str)],
    pub corrects: bool,
    /// Where an earlier import of the same file broke off: how far each fact had come when this slice begins. What it
    /// wrote then counts as written now.
    pub resumed: Option<&'a Reached>,
    /// Whether it works on a copy: then nobody need wait for it.
    pub is_trial: bool,
    /// Asked once the register is locked: what is recorded then was not known to anybody before.
    pub clock: &'a dyn Clock,
    pub randomness: &'a dyn Randomness,
}

/// The version of each fact after the last row of its key; 0 where it was not known yet.
pub type Reached = HashMap<Box<str>, i32>;

/// What became of the rows of a slice.
#[derive(Debug, Default)]
pub struct Outcome {
    pub counts: Counts,
    /// Of each row what became of it; none where its merchant is not in the roster.
    pub verdicts: Vec<Option<Verdict>>,
    /// Of each row whose its fact is now, and the version in force; none where it was refused.
    pub versions: Vec<Option<(Id<Merchant>, i32)>>,
    /// How far the facts have come, where an earlier import is gone through again.
    pub reached: Reached,
}

/// Takes a slice. Rows are taken in file order, each beside what those before it left.
pub fn take(conn: &mut Conn, slice: &Slice<'_>) -> Result<Outcome, StoreError> {
    if !slice.is_trial {
        lock_register(conn)?;
        keep_answers_out(conn)?;
    }
    let mut writing = Writing::new(conn, slice, slice.clock.now())?;
    for row in slice.rows {
        let verdict = writing.take_row(conn, row)?;
        writing.note(row.key, verdict);
    }
    writing.finish(conn)
}

fn uscc_of(kind: &Kind, values: &[Value]) -> Option<Uscc> {
    match values.get(kind.merchant()) {
        Some(Value::Uscc(uscc)) => Some(*uscc),
        _ => None,
    }
}

/// What a slice is about to write.
struct Writing<'a> {
    slice: &'a Slice<'a>,
    now: Instant,
    merchants: HashMap<Uscc, Id<Merchant>>,
    facts: Facts<'a>,
    new_merchants: Vec<NewMerchant>,
    versions: Vec<VersionRow<'a>>,
    held: Vec<NewHeld<'a>>,
    /// The places of the rows that are held.
    held_places: Vec<usize>,
    outcome: Outcome,
}

impl<'a> Writing<'a> {
    fn new(conn: &mut Conn, slice: &'a Slice<'a>, now: Instant) -> Result<Self, StoreError> {
        let kind = slice.kind;
        let mut usccs: Vec<Uscc> = slice
            .rows
            .iter()
            .filter_map(|row| uscc_of(kind, &row.entry.values))
            .collect();
        usccs.sort_unstable();
        usccs.dedup();
        let mut merchants = by_uscc(conn, usccs.iter().copied())?;
        let mut new_merchants = Vec::new();
        for uscc in usccs.into_iter().filter(|_| kind.founds_merchants) {
            merchants.entry(uscc).or_insert_with(|| {
                let id = Id::new(now, slice.randomness);
                new_merchants.push(NewMerchant {
                    id,
                    uscc,
                    recorded_at: now,
                });
                id
            });
        }
        let (versions, held, held_places) = Default::default();
        Ok(Self {
            slice,
            now,
            merchants,
            facts: Facts::read(conn, slice)?,
            new_merchants,
            versions,
            held,
            held_places,
            outcome: Outcome::default(),
        })
    }

    fn take_row(
        &mut self,
        conn: &mut Conn,
        row: &GoodRow<'a>,
    ) -> Result<Option<Verdict>, StoreError> {
        let kind = self.slice.kind;
        let merchant =
            uscc_of(kind, &row.entry.values).and_then(|uscc| self.merchants.get(&uscc).copied());
        let Some(merchant) = merchant else {
            return Ok(None);
        };
        if let Some(reached) = self.slice.resumed {
            self.go_back(conn, row.key, reached)?;
        }
        let mut verdict = self.verdict(row)?;
        if matches!(verdict, Verdict::New | Verdict::Changed) && !self.facts.leads_on(row) {
            self.catch_up(row.key);
            verdict = self.verdict(row)?;
        }
        match verdict {
            Verdict::Unchanged | Verdict::Rejected => {}
            Verdict::New | Verdict::Changed => self.add_version(row, merchant),
            Verdict::Held => self.hold(row, merchant),
        }
        Ok(Some(verdict))
    }

    fn note(&mut self, key: &str, verdict: Option<Verdict>) {
        let known = self.facts.known(key).filter(|_| verdict.is_some());
        let version = known.map(|known| (known.merchant, known.version));
        self.outcome.versions.push(version);
        self.outcome.verdicts.push(verdict);
    }

    fn verdict(&self, row: &GoodRow<'a>) -> Result<Verdict, StoreError> {
        let (kind, entry) = (self.slice.kind, row.entry);
        match self.facts.known(row.key) {
            // Most rows of a register are what they were: the texts are the same then.
            Some(known) if *known.content == *entry.content => Ok(Verdict::Unchanged),
            Some(known) => {
                let values = values_from_content(kind, &known.content)
                    .map_err(|error| StoreError::Content(error.to_string()))?;
                Ok(verdict(
                    kind,
                    Some(&values),
                    &entry.values,
                    self.slice.corrects,
                ))
            }
            None => Ok(Verdict::New),
        }
    }

    /// Puts a fact back to where the import that broke off had it at this row. What it wrote from there on is ahead.
    fn go_back(&mut self, conn: &mut Conn, key: &str, reached: &Reached) -> Result<(), StoreError> {
        let deliveries = self.slice.deliveries;
        let is_own = |known: &Known<'_>| deliveries.iter().any(|(id, _)| *id == known.delivery);
        let latest = self.facts.known(key).filter(|latest| is_own(latest));
        let Some(latest) = latest.filter(|_| !self.outcome.reached.contains_key(key)) else {
            return Ok(());
        };
        let mut versions = versions_of(conn, latest, &self.slice.kind.id, key)?;
        let first = versions.iter().find(|version| is_own(version));
        let before = first.map_or(0, |first| first.version - 1);
        let at = reached.get(key).copied().unwrap_or(before);
        let ahead = versions.split_off(versions.partition_point(|known| known.version <= at));
        let then = versions.pop();
        if then.as_ref().map_or(0, |known| known.version) != at {
            // Another merchant had it then.
            return Ok(());
        }
        self.facts.put_back(key, then, ahead);
        self.outcome.reached.insert(key.into(), at);
        Ok(())
    }

    /// Takes a fact as it stands now: more has happened to it than the import that broke off did.
    fn catch_up(&mut self, key: &str) {
        if let Some(version) = self.facts.catch_up(key) {
            self.outcome.reached.insert(key.into(), version);
        }
    }

    /// Adds the next version of a fact, the first one where it has none.
    fn add_version(&mut self, row: &GoodRow<'a>, merchant: Id<Merchant>) {
        let version = self.facts.version(row.key) + 1;
        let (delivery, source) = self.delivery_of(&row.entry.values);
        if self.slice.resumed.is_some() {
            self.outcome.reached.insert(row.key.into(), version);
        }
        if self.facts.go_on(row.key) {
            return;
        }
        let content = &*row.entry.content;
        let latest = Known {
            merchant,
            version,
            delivery,
            content: content.into(),
        };
        let had_it = self.facts.move_on(row.key, latest, source);
        let had_it = had_it.map(|before| before.merchant);
        let (kind, recorded_at) = (&*self.slice.kind.id, self.now);
        let version = |merchant, content| VersionRow {
            kind,
            key: row.key,
            merchant,
            version,
            recorded_at,
            delivery,
            content,
        };
        // Where the fact goes to another merchant, an empty version of the one that had it says so.
        let gone = had_it.filter(|before| *before != merchant);
        self.versions.extend(gone.map(|before| version(before, "")));
        self.versions.push(version(merchant, content));
    }

    fn hold(&mut self, row: &GoodRow<'a>, merchant: Id<Merchant>) {
        let content = &*row.entry.content;
        let digest = Digest::of(content.as_bytes());
        let version = self.facts.version(row.key);
        self.held_places.push(self.outcome.verdicts.len());
        self.held.push(NewHeld {
            id: Id::new(self.now, self.slice.randomness),
            kind: &self.slice.kind.id,
            key: row.key,
            known_version: version,
            digest,
            merchant,
            delivery: self.delivery_of(&row.entry.values).0,
            line: i64::try_from(row.line).unwrap_or(i64::MAX),
            content,
            held_at: self.now,
        });
    }

    /// Where a person has said already that the known version stays, it stays.
    fn leave_what_was_rejected(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        if self.held.is_empty() {
            return Ok(());
        }
        let keys = self.held.iter().map(|held| held.key);
        let rejected = rejected(conn, &self.slice.kind.id, keys)?;
        let mut places = self.held_places.iter();
        self.held.retain(|held| {
            let place = places.next();
            let stays = rejected.contains(&(held.key.to_string(), held.known_version, held.digest));
            let verdict = place.and_then(|place| self.outcome.verdicts.get_mut(*place));
            if let (true, Some(verdict)) = (stays, verdict) {
                *verdict = Some(Verdict::Rejected);
            }
            !stays
        });
        Ok(())
    }

    /// The delivery of the party that the row names, where the kind is covered by party; else the file's first.
    fn delivery_of(&self, values: &'a [Value]) -> (Id<Delivery>, &'a str) {
        let kind = self.slice.kind;
        let party = kind.party().and_then(|place| values.get(place));
        let party = party.map(Value::as_text);
        let deliveries = self.slice.deliveries;
        let of_party = deliveries.iter().find(|(_, source)| Some(*source) == party);
        let (delivery, source) = of_party
            .or(deliveries.first())
            .copied()
            .unwrap_or((Id::from_bytes([0; 16]), ""));
        (delivery, party.unwrap_or(source))
    }

    /// Heads come first: whoever computes one of these scores meanwhile waits for them, or is told to do it again.
    fn finish(mut self, conn: &mut Conn) -> Result<Outcome, StoreError> {
        merchant::records::add(conn, &self.new_merchants)?;
        open_heads(conn, self.new_merchants.iter().map(|new| new.id))?;
        let touched: BTreeSet<Id<Merchant>> = self
            .versions
            .iter()
            .map(|version| version.merchant)
            .collect();
        mark_stale(conn, &touched.into_iter().collect::<Vec<_>>())?;
        let [new, moved_on] = std::mem::take(&mut self.facts).written(&self.slice.kind.id);
        self.versions
            .sort_unstable_by_key(|it| (it.merchant, it.key, it.version));
        write(conn, &new, &moved_on, &self.versions)?;
        self.leave_what_was_rejected(conn)?;
        hold(conn, &self.held)?;
        self.outcome.counts = Counts::of(&self.outcome.verdicts);
        Ok(self.outcome)
    }
}
