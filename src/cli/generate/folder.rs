//! One county folder: a file for each kind, written row by row.

use super::document::document;
use super::merchant::Town;
use super::row::Row;
use crate::cli::Failed;
use crate::kernel::Day;
use crate::register::{Kind, Kinds};
use std::fs::File;
use std::path::Path;

/// A folder in the making.
pub struct Folder {
    after: Option<Day>,
    day: Day,
    files: Vec<(Kind, csv::Writer<File>)>,
}

impl Folder {
    /// `after`: the day of the folder before it, whose rows are not told again.
    pub fn create(
        into: &Path,
        kinds: &Kinds,
        scorecard: &str,
        (after, day): (Option<Day>, Day),
        town: Town,
    ) -> Result<Self, Failed> {
        std::fs::create_dir_all(into)?;
        let text = document(kinds, scorecard, (after, day), town);
        std::fs::write(into.join("county.toml"), text)?;
        let mut files = Vec::new();
        for (_, kind) in kinds.iter() {
            let file = File::create(into.join(file_name(kind)))?;
            let mut writer = csv::WriterBuilder::new()
                .buffer_capacity(1 << 16)
                .from_writer(file);
            let headers = kind.columns.iter().map(|column| &*column.header);
            writer.write_record(headers).map_err(Failed::new)?;
            files.push((kind.clone(), writer));
        }
        Ok(Self { after, day, files })
    }

    /// Writes what this folder tells of the rows. A ledger of lines is told whole each time.
    pub fn add(&mut self, rows: &[Row]) -> Result<(), Failed> {
        for row in rows {
            let file = self
                .files
                .iter_mut()
                .find(|(kind, _)| *kind.id == *row.kind);
            let Some((kind, writer)) = file else { continue };
            let after = self.after.filter(|_| !kind.snapshot);
            if row.is_news(after, self.day) {
                let cells = kind.columns.iter();
                let cells = cells.map(|column| row.cell(&column.id, self.day));
                writer.write_record(cells).map_err(Failed::new)?;
            }
        }
        Ok(())
    }

    pub fn end(self) -> Result<(), Failed> {
        for (_, mut writer) in self.files {
            writer.flush()?;
        }
        Ok(())
    }
}

/// The file of a kind.
pub fn file_name(kind: &Kind) -> String {
    format!("{}.csv", kind.name.zh)
}
