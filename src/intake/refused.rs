//! Refused rows, written back for the person who sent the file: the import layout with a column 错误 at the end.
//!
//! A cell that a spreadsheet might run as a formula gets a `'` in front. Reading takes that `'` away again where one of
//! those characters follows, so that a corrected file can be imported as it is; 错误 is then a header that no
//! declaration names, and is ignored.

use super::{fault, fault::FileError, refusal::CellFault, row::Cells};
use crate::kernel::text::guarded;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The header of the column that tells what is wrong.
pub const ERROR_HEADER: &str = "错误";

/// Writes FILE.refused.csv. The file appears with its first row.
pub struct RefusedWriter {
    path: PathBuf,
    headers: Vec<Arc<str>>,
    out: Option<BufWriter<File>>,
}

impl RefusedWriter {
    /// For the refused rows of the file of that name, in a folder. An older file of refused rows is taken away, for
    /// it would tell of rows that are refused no more.
    pub fn create(folder: &Path, file_name: &str, headers: &[Arc<str>]) -> Result<Self, FileError> {
        let name = Path::new(file_name)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let path = folder.join(format!("{name}.refused.csv"));
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(fault::not_writable(&error));
            }
            _ => {}
        }
        Ok(Self {
            path,
            headers: headers.to_vec(),
            out: None,
        })
    }

    /// Adds a row with all that is wrong with it.
    pub fn write(&mut self, cells: &Cells, faults: &[CellFault]) -> Result<(), FileError> {
        self.try_write(cells, faults)
            .map_err(|error| fault::not_writable(&error))
    }

    /// Ends the file, and tells where it is; none where no row was refused.
    pub fn finish(mut self) -> Result<Option<PathBuf>, FileError> {
        let Some(out) = self.out.take() else {
            return Ok(None);
        };
        let file = out
            .into_inner()
            .map_err(|error| fault::not_writable(error.error()))?;
        file.sync_all()
            .map_err(|error| fault::not_writable(&error))?;
        Ok(Some(self.path))
    }

    fn try_write(&mut self, cells: &Cells, faults: &[CellFault]) -> io::Result<()> {
        let out = match &mut self.out {
            Some(out) => out,
            none => {
                if let Some(folder) = self.path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                let mut out = BufWriter::new(File::create_new(&self.path)?);
                out.write_all("\u{feff}".as_bytes())?;
                write_row(
                    &mut out,
                    self.headers.iter().map(|header| &**header),
                    ERROR_HEADER,
                )?;
                none.insert(out)
            }
        };
        let errors: Vec<String> = faults.iter().map(ToString::to_string).collect();
        write_row(out, cells.iter(), &errors.join("；"))
    }
}

fn write_row<'a>(
    out: &mut impl Write,
    cells: impl Iterator<Item = &'a str>,
    last: &str,
) -> io::Result<()> {
    for cell in cells {
        write_cell(out, cell)?;
        out.write_all(b",")?;
    }
    write_cell(out, last)?;
    out.write_all(b"\r\n")
}

fn write_cell(out: &mut impl Write, cell: &str) -> io::Result<()> {
    write!(out, "\"{}\"", guarded(cell).replace('"', "\"\""))
}
