//! XLSX, the one place where a float is met: a workbook stores every number as one, and it is turned to text at once.
//!
//! Everything is measured before the reader of workbooks sees it: a small file can unpack to gigabytes, claim
//! billions of strings, or have one cell at the far corner of the sheet.

use super::{
    Limits,
    cell::is_broken,
    fault,
    fault::FileError,
    header::Header,
    layout::Layout,
    number::{number_text, shown},
    row::{RawCell, Row, is_empty},
};
use crate::register::{CellType, Column, Personal};
use calamine::{Cell, DataRef, Reader, SheetType, Xlsx, XlsxError};
use std::{
    borrow::Cow,
    io::{Cursor, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

/// How many bytes are unpacked at a time.
const CHUNK: usize = 64 << 10;
/// The longest word looked for in a part of the workbook, with its value; a chunk is joined with so much of the last.
const OVERLAP: usize = 64;

/// Makes the layout of the rows from the header row.
pub(super) type Recognise<'a> = &'a dyn Fn(Vec<Header>) -> Result<Layout, FileError>;

/// Reads the first sheet that holds anything.
pub(super) fn read(
    bytes: Vec<u8>,
    limits: &Limits,
    recognise: Recognise,
) -> Result<(Layout, Vec<Row>), FileError> {
    measure(&bytes, limits)?;
    // The reader of workbooks panics on some damaged ones; it holds nothing that outlives this call.
    catch_unwind(AssertUnwindSafe(|| read_sheets(bytes, limits, recognise))).unwrap_or_else(|_| {
        Err(fault::damaged_workbook(
            "结构错误",
            "its structure is broken",
        ))
    })
}

/// Unpacks everything once without keeping it, and counts.
fn measure(bytes: &[u8], limits: &Limits) -> Result<(), FileError> {
    let damaged = |_| fault::damaged_workbook("不是完整的zip文件", "not a whole zip file");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > limits.xlsx_entries {
        return Err(fault::too_many_entries(limits.xlsx_entries));
    }
    let mut left = limits.xlsx_unpacked;
    for entry in 0..archive.len() {
        let mut entry = archive.by_index(entry).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.to_ascii_lowercase();
        let is_xml = name.ends_with(".xml") || name.ends_with(".rels");
        let mut seen = vec![0; OVERLAP + CHUNK];
        loop {
            let count = match entry.read(&mut seen[OVERLAP..]) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => return Err(fault::damaged_workbook("解不开", "it does not unpack")),
            };
            left = left
                .checked_sub(count as u64)
                .ok_or_else(|| fault::unpacks_too_large(limits.xlsx_unpacked))?;
            if is_xml {
                check_part(
                    &seen[OVERLAP..OVERLAP + count],
                    &seen[..OVERLAP + count],
                    limits,
                )?;
            }
            seen.copy_within(count..count + OVERLAP, 0);
        }
    }
    Ok(())
}

/// Looks for what would make the reader of workbooks take memory on the file's word alone.
fn check_part(fresh: &[u8], joined: &[u8], limits: &Limits) -> Result<(), FileError> {
    // UTF-16 would hide the words looked for; no spreadsheet writes it.
    if fresh.contains(&0) {
        return Err(fault::damaged_workbook(
            "不是UTF-8文字",
            "its parts are not in UTF-8",
        ));
    }
    let word = b"uniqueCount";
    let most = limits
        .xlsx_rows
        .saturating_add(1)
        .saturating_mul(limits.columns);
    for (at, _) in joined
        .windows(word.len())
        .enumerate()
        .filter(|(_, seen)| seen == word)
    {
        let rest = &joined[at + word.len()..];
        let between =
            |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\'' | b'+');
        let value = &rest[rest.iter().take_while(|byte| between(byte)).count()..];
        let digits = &value[..value
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()];
        if digits.len() == value.len() {
            // Cut off here: the next chunk shows it whole, unless it is drawn out to escape that.
            if joined.len() - at > OVERLAP {
                return Err(fault::damaged_workbook(
                    "结构错误",
                    "its structure is broken",
                ));
            }
            continue;
        }
        let count = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse::<usize>().ok());
        if !digits.is_empty() && count.is_none_or(|count| count > most) {
            return Err(fault::too_many_rows(limits.xlsx_rows));
        }
    }
    Ok(())
}

fn read_sheets(
    bytes: Vec<u8>,
    limits: &Limits,
    recognise: Recognise,
) -> Result<(Layout, Vec<Row>), FileError> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    for name in names {
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
        let mut sheet = SheetRows::new(limits, recognise);
        while let Some(cell) = cells.next_cell().map_err(damaged)? {
            sheet.take(cell)?;
        }
        if let Some(found) = sheet.finish()? {
            return Ok(found);
        }
    }
    Err(fault::empty())
}

fn damaged(error: XlsxError) -> FileError {
    // The error may quote a cell; only its kind is told.
    match error {
        XlsxError::Password => fault::old_workbook(),
        _ => fault::damaged_workbook("内容读不出来", "its contents cannot be read"),
    }
}

/// The rows of a sheet in the making: a row is read as soon as the next begins.
struct SheetRows<'a> {
    limits: &'a Limits,
    recognise: Recognise<'a>,
    layout: Option<Layout>,
    rows: Vec<Row>,
    /// The row in the making: its number from 0, and its cells.
    at: u32,
    cells: Vec<RawCell<'static>>,
    /// How much text may still come.
    left: u64,
}

impl<'a> SheetRows<'a> {
    fn new(limits: &'a Limits, recognise: Recognise<'a>) -> Self {
        Self {
            limits,
            recognise,
            layout: None,
            rows: Vec::new(),
            at: 0,
            cells: Vec::new(),
            left: limits.xlsx_unpacked,
        }
    }

    fn take(&mut self, cell: Cell<DataRef>) -> Result<(), FileError> {
        let (row, column) = cell.get_position();
        if matches!(cell.get_value(), DataRef::Empty) {
            return Ok(());
        }
        if row as usize > self.limits.xlsx_rows {
            return Err(fault::too_many_rows(self.limits.xlsx_rows));
        }
        let column = column as usize;
        if column >= self.limits.columns {
            return Err(fault::too_many_columns(self.limits.columns));
        }
        if row < self.at {
            return Err(fault::damaged_workbook(
                "行的次序颠倒",
                "its rows are out of order",
            ));
        }
        if row > self.at {
            self.end_row()?;
            self.at = row;
        }
        if self
            .layout
            .as_ref()
            .is_some_and(|layout| column >= layout.width())
        {
            // A cell beside the table has no header, and is kept no more than a column that is not declared.
            return Ok(());
        }
        let declared = self
            .layout
            .as_ref()
            .and_then(|layout| layout.column(column));
        let raw = raw_cell(cell.get_value(), declared);
        let size = raw.text.len();
        if size > self.limits.cell_bytes {
            return Err(fault::cell_too_long(
                u64::from(row) + 1,
                self.limits.cell_bytes,
            ));
        }
        self.left = self
            .left
            .checked_sub(size as u64)
            .ok_or_else(|| fault::unpacks_too_large(self.limits.xlsx_unpacked))?;
        while self.cells.len() <= column {
            self.cells.push(RawCell::BLANK);
        }
        // What is dropped is gone before the row is whole.
        let dropped = declared.is_some_and(|column| column.personal == Some(Personal::Dropped));
        self.cells[column] = if dropped && !raw.broken && !is_broken(&raw.text) {
            RawCell::BLANK
        } else {
            raw
        };
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), FileError> {
        let mut cells = std::mem::take(&mut self.cells);
        if is_empty(&cells) {
            return Ok(());
        }
        match &self.layout {
            None => {
                if cells.iter().any(|cell| cell.broken) {
                    return Err(fault::broken_header());
                }
                let headers = cells.iter().map(|cell| Header::new(&cell.text)).collect();
                self.layout = Some((self.recognise)(headers)?);
            }
            Some(layout) => {
                cells.resize_with(layout.width(), || RawCell::BLANK);
                self.rows.push(layout.row(u64::from(self.at) + 1, &cells));
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Option<(Layout, Vec<Row>)>, FileError> {
        self.end_row()?;
        let rows = self.rows;
        Ok(self.layout.map(|layout| (layout, rows)))
    }
}

fn raw_cell(value: &DataRef, column: Option<&Column>) -> RawCell<'static> {
    let cell = column.map(|column| column.cell);
    let text = match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(bool) => bool.to_string().to_ascii_uppercase(),
        DataRef::Int(number) => number_text(&number.to_string()),
        DataRef::Float(number) => number_text(&shown(*number)),
        DataRef::DateTime(date) if date.is_datetime() => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            match cell {
                // `2025-09` becomes the first of the month in a spreadsheet.
                Some(CellType::Month) if day == 1 => format!("{year:04}-{month:02}"),
                _ => format!("{year:04}-{month:02}-{day:02}"),
            }
        }
        DataRef::DateTime(duration) => number_text(&shown(duration.as_f64())),
        // #N/A and its kin: the value is lost.
        DataRef::Error(_) => {
            return RawCell {
                text: Cow::Borrowed(""),
                broken: true,
            };
        }
    };
    let iso_midnight = text
        .strip_suffix("T00:00:00")
        .filter(|_| matches!(value, DataRef::DateTimeIso(_)));
    RawCell {
        text: Cow::Owned(iso_midnight.map(str::to_owned).unwrap_or(text)),
        broken: false,
    }
}
