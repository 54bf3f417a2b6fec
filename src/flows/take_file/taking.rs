//! The rows of one file, slice by slice.

use super::cover::cover;
use super::{
    Begun, Beside, FileOrder, ImportRefusal, MOST_LISTED, Surroundings, Taken, file_error,
    short_digest,
};
use crate::delivery::records::{end, note};
use crate::delivery::{Progress, RefusedRow};
use crate::flows::slices::{Pace, Slices};
use crate::flows::take_slice::{GoodRow, Reached, Slice, take};
use crate::intake::{Ahead, RefusalCode, RefusedWriter, Row};
use crate::kernel::{Id, Instant};
use crate::merchant::Merchant;
use crate::register::records::{SnapshotRow, count_again, note_snapshot};
use crate::register::{Kind, Value, key_of_source};
use crate::store::{Conn, Failure, StoreError};
use std::collections::{BTreeMap, HashSet};

/// The most rows of one slice, and of the first.
const MOST_ROWS: usize = 4_096;
const FIRST_ROWS: usize = 256;
/// After how many rows of a file the engine counts its rows again: soon, since it may have planned for empty tables, and
/// seldom, since counting takes as long as some thousand rows. Beyond, it counts often enough by itself.
const COUNTED_AFTER: [u64; 3] = [1_024, 8_192, 65_536];

/// A file on its way in.
pub struct Taking<'a, 'k> {
    pub around: Surroundings<'a>,
    pub order: &'a FileOrder<'k>,
    pub beside: &'a Beside<'a>,
    pub kind: &'a Kind,
    pub deliveries: &'a Begun<'k>,
    /// Where an earlier import of the same file broke off: how far each fact has come by now.
    pub resumed: Option<Reached>,
    pub progress: Progress,
    pub writer: Option<RefusedWriter>,
    pub taken: Taken,
}

impl Taking<'_, '_> {
    /// Takes all rows.
    pub fn all(
        &mut self,
        slices: &mut Slices<'_>,
        ahead: &mut Ahead,
    ) -> Result<(), Failure<ImportRefusal>> {
        let mut pace = Pace::new(FIRST_ROWS, MOST_ROWS);
        let mut counts = COUNTED_AFTER.into_iter().peekable();
        loop {
            let mut rows: Vec<Row> = ahead
                .by_ref()
                .take(pace.size())
                .collect::<Result<_, _>>()
                .map_err(|error| file_error(self.order.name, error))?;
            if self.kind.snapshot {
                self.know_by_source(&mut rows);
            }
            let is_last = rows.len() < pace.size();
            let began = self.around.clock.now();
            let unknown = self.slice(slices, &rows, is_last)?;
            pace.learn(self.around.clock, began);
            self.tell(ahead, rows, &unknown)?;
            self.around.watch.at(ahead.progress().0);
            if is_last {
                return Ok(());
            }
            let is_due = counts.next_if(|rows| self.taken.rows >= *rows).is_some();
            if is_due && !slices.is_trial() {
                let rows = self.taken.rows;
                slices.run(|conn| Ok(count_again(conn, rows)?))?;
            }
        }
    }

    /// Two banks may number their agreements alike, and neither may change what the other has said.
    fn know_by_source(&self, rows: &mut [Row]) {
        let source = self.order.sources.first().map_or("", |first| first.source);
        for key in rows.iter_mut().filter_map(|row| row.key.as_mut()) {
            *key = key_of_source(key, source);
        }
    }

    /// Takes the rows of a slice that can be read; returns the lines of those whose merchant is unknown.
    fn slice(
        &mut self,
        slices: &mut Slices<'_>,
        rows: &[Row],
        is_last: bool,
    ) -> Result<HashSet<u64>, Failure<ImportRefusal>> {
        let mut rows_taken = Vec::with_capacity(rows.len());
        let mut progress = self.progress;
        for row in rows {
            progress.line = row.line;
            progress.counts.refused += u64::from(row.outcome.is_err());
            let repeated = row
                .key
                .as_deref()
                .is_some_and(|key| !self.taken.seen.insert(short_digest(key)));
            progress.repeated += u64::from(repeated);
            rows_taken.extend(good(row));
        }
        let good = rows_taken;
        let deliveries: Vec<_> = self
            .deliveries
            .iter()
            .map(|(id, covers, _)| (*id, covers.source))
            .collect();
        let slice = Slice {
            kind: self.kind,
            rows: &good,
            deliveries: &deliveries,
            corrects: self.order.corrects,
            resumed: self.resumed.as_ref(),
            is_trial: slices.is_trial(),
            clock: self.around.clock,
            randomness: self.around.randomness,
        };
        let (progress, lines, reached) = slices.run(|conn| {
            let mut progress = progress;
            let outcome = take(conn, &slice)?;
            progress.counts.add(&outcome.counts);
            let unknown = good.iter().zip(&outcome.verdicts);
            let unknown = unknown.filter(|(_, verdict)| verdict.is_none());
            let lines: HashSet<u64> = unknown.map(|(row, _)| row.line).collect();
            if self.kind.snapshot {
                self.note_snapshot(conn, rows, &outcome.versions)?;
            }
            for (id, ..) in self.deliveries {
                note(conn, *id, &progress)?;
            }
            if is_last {
                self.end(conn, self.around.clock.now())?;
            }
            Ok((progress, lines, outcome.reached))
        })?;
        if let Some(resumed) = &mut self.resumed {
            resumed.extend(reached);
        }
        self.progress = progress;
        Ok(lines)
    }

    /// Writes what each row of a snapshot said; of one that was refused, that it was there.
    fn note_snapshot(
        &self,
        conn: &mut Conn,
        rows: &[Row],
        versions: &[Option<(Id<Merchant>, i32)>],
    ) -> Result<(), StoreError> {
        let Some((delivery, covers, _)) = self.deliveries.first() else {
            return Ok(());
        };
        let mut versions = versions.iter().copied();
        let mut said: BTreeMap<&str, SnapshotRow<'_>> = BTreeMap::new();
        for row in rows {
            let version = good(row).and_then(|_| versions.next()).flatten();
            let Some(key) = row.key.as_deref() else {
                continue;
            };
            if version.is_none() && said.contains_key(key) {
                continue;
            }
            let row = SnapshotRow {
                source: covers.source,
                kind: &self.kind.id,
                delivery: *delivery,
                key,
                line: i64::try_from(row.line).unwrap_or(i64::MAX),
                merchant: version.map(|(merchant, _)| merchant),
                version: version.map_or(0, |(_, version)| version),
            };
            said.insert(key, row);
        }
        let rows: Vec<SnapshotRow<'_>> = said.into_values().collect();
        Ok(note_snapshot(conn, &rows)?)
    }

    /// With the last slice, ends the deliveries that go on in no other file: they cover now what they are said to cover.
    fn end(&self, conn: &mut Conn, now: Instant) -> Result<(), StoreError> {
        let own = self.deliveries.iter().map(|(id, covers, _)| (*id, *covers));
        let all = self.beside.waiting.iter().copied().chain(own);
        for (id, covers) in all.filter(|(_, covers)| !self.beside.goes_on.contains(&covers.source))
        {
            end(conn, id, now)?;
            cover(conn, self.around.kinds, &self.kind.id, id, covers, now)?;
        }
        Ok(())
    }

    /// Lists the refused rows, and writes them back.
    fn tell(
        &mut self,
        ahead: &Ahead,
        rows: Vec<Row>,
        unknown: &HashSet<u64>,
    ) -> Result<(), Failure<ImportRefusal>> {
        for row in rows {
            self.taken.rows += 1;
            let faults = match row.outcome {
                Err(faults) => faults,
                Ok(entry) if unknown.contains(&row.line) => {
                    self.taken.unknown_merchant += 1;
                    let merchant = self.kind.merchant();
                    let value = entry.values.get(merchant).unwrap_or(&Value::Blank);
                    ahead
                        .fault_of(merchant, RefusalCode::UnknownMerchant, value)
                        .into_iter()
                        .collect()
                }
                Ok(_) => continue,
            };
            if let (Some(first), true) = (faults.first(), self.taken.refusals.len() < MOST_LISTED) {
                self.taken.refusals.push(RefusedRow {
                    file: self.order.name.to_owned(),
                    line: row.line,
                    column: first.header.to_string(),
                    code: first.code,
                    value: first.value.clone(),
                });
            }
            if let Some(writer) = &mut self.writer {
                writer
                    .write(&row.cells, &faults)
                    .map_err(|error| file_error(self.order.name, error))?;
            }
        }
        Ok(())
    }
}

fn good(row: &Row) -> Option<GoodRow<'_>> {
    Some(GoodRow {
        line: row.line,
        key: row.key.as_deref()?,
        entry: row.outcome.as_ref().ok()?,
    })
}
