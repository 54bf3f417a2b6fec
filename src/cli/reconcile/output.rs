//! The list of lines, on stdout or in a file that appears whole or not at all.

use super::Form;
use crate::cli::scores::Format;
use crate::cli::table::List;
use crate::cli::{Failed, print};
use crate::flows::reconcile::{Reconciled, Reconciliation};
use rust_xlsxwriter::{Workbook, XlsxError};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use tempfile::NamedTempFile;

const COLUMNS: [&str; 7] = [
    "agreement",
    "uscc",
    "outcome",
    "field",
    "here",
    "there",
    "difference",
];

type Row = [Option<String>; COLUMNS.len()];

/// Where the list goes, in which form.
pub struct Output<'a> {
    form: Form,
    file: Option<(&'a Path, NamedTempFile)>,
}

impl<'a> Output<'a> {
    /// # Errors
    /// Where a workbook would go to stdout, or the file is there already or cannot be written.
    pub fn new(form: Form, path: Option<&'a Path>) -> Result<Self, Failed> {
        let Some(path) = path else {
            return match form {
                Form::Xlsx => Err(Failed::usage(
                    "xlsx 须用 --out 给出文件 · xlsx needs a file: give --out",
                )),
                _ => Ok(Self { form, file: None }),
            };
        };
        if path.exists() {
            return Err(Failed::usage(is_there(path)));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = NamedTempFile::new_in(folder).map_err(|error| {
            Failed::new(format!(
                "{} 写不了（{error}）；检查目录是否存在、是否可写 · cannot be written; check that its folder exists and may be written to",
                path.display()
            ))
        })?;
        Ok(Self {
            form,
            file: Some((path, file)),
        })
    }

    /// Writes the list.
    ///
    /// # Errors
    /// Where it cannot be written; then no file appears.
    pub fn write(self, found: &Reconciliation) -> Result<(), Failed> {
        let Some((path, mut file)) = self.file else {
            return match self.form {
                Form::Csv => list(List::new(Format::Csv, &COLUMNS)?, found),
                Form::Json => list(List::new(Format::Json, &COLUMNS)?, found),
                Form::Table | Form::Xlsx => print(&table(found)),
            };
        };
        match self.form {
            Form::Csv | Form::Json => {
                let format = match self.form {
                    Form::Csv => Format::Csv,
                    _ => Format::Json,
                };
                list(
                    List::onto(Box::new(file.reopen()?), format, &COLUMNS)?,
                    found,
                )?;
            }
            Form::Xlsx => workbook(&mut file, found)?,
            Form::Table => file.write_all(table(found).as_bytes())?,
        }
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(Failed::new(is_there(path)))
            }
            Err(error) => Err(error.error.into()),
        }
    }
}

fn is_there(path: &Path) -> String {
    format!(
        "{} 已存在，不会覆盖；换一个文件名 · is there already and is not overwritten; name another file",
        path.display()
    )
}

/// One row for each field that is told of a line, and one for a line of which none is.
fn rows(line: &Reconciled) -> Vec<Row> {
    let head = || {
        [
            Some(line.agreement.clone()),
            line.uscc.map(|uscc| uscc.to_string()),
            Some(line.compared.outcome.as_str().to_owned()),
        ]
    };
    let row = |rest: [Option<String>; 4]| {
        let ([a, b, c], [d, e, f, g]) = (head(), rest);
        [a, b, c, d, e, f, g]
    };
    if line.compared.fields.is_empty() {
        return vec![row([const { None }; 4])];
    }
    let of_field = |field: &crate::credit_line::reconcile::Field| {
        row([
            Some(field.name.to_string()),
            field.here.clone(),
            field.there.clone(),
            field.difference.map(|money| money.to_string()),
        ])
    };
    line.compared.fields.iter().map(of_field).collect()
}

fn list(mut list: List, found: &Reconciliation) -> Result<(), Failed> {
    for row in found.lines.iter().flat_map(rows) {
        list.add(
            row.into_iter()
                .map(|cell| cell.map_or(Value::Null, |text| json!(text))),
        )?;
    }
    list.end()
}

/// For people; cells of a bank's file may hold anything, so what a terminal would obey is not passed on.
fn table(found: &Reconciliation) -> String {
    let mut text = COLUMNS.join("  ") + "\n";
    for row in found.lines.iter().flat_map(rows) {
        let cells = row.map(|cell| match cell {
            Some(cell) => cell.replace(char::is_control, "�"),
            None => "-".to_owned(),
        });
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", cells.join("  "));
    }
    text
}

/// All cells are texts: none is ever run as a formula, and no amount becomes a binary fraction.
fn workbook(file: &mut NamedTempFile, found: &Reconciliation) -> Result<(), Failed> {
    let mut workbook = Workbook::new();
    let sheet = workbook
        .add_worksheet_with_constant_memory()
        .map_err(no_workbook)?;
    let head = COLUMNS.map(|name| Some(name.to_owned()));
    let rows = std::iter::once(head).chain(found.lines.iter().flat_map(rows));
    for (place, row) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            if let Some(text) = cell {
                sheet
                    .write_string(place, column, text)
                    .map_err(no_workbook)?;
            }
        }
    }
    workbook
        .save_to_writer(file.as_file_mut())
        .map_err(no_workbook)
}

fn no_workbook(error: XlsxError) -> Failed {
    Failed::new(format!(
        "工作簿写不了（{error}）；改用 --format csv · the workbook cannot be written ({error}); use --format csv"
    ))
}
