//! A register's file as a table, and the forms in which the same table may come.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::path::Path;

/// Numbers that repeat themselves from run to run.
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }
}

/// A header row and the rows below it.
#[derive(Clone, Debug)]
pub struct Table {
    pub headers: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads CSV in UTF-8 or GB18030.
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let (text, broken) =
                    encoding_rs::GB18030.decode_without_bom_handling(error.as_bytes());
                assert!(!broken);
                text.into_owned()
            }
        };
        Self::parse(text.trim_start_matches('\u{feff}'))
    }

    pub fn parse(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let row = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect();
        Self {
            headers: row(reader.headers().unwrap()),
            rows: reader.records().map(|read| row(&read.unwrap())).collect(),
        }
    }

    pub fn column(&self, header: &str) -> usize {
        let place = self.headers.iter().position(|found| found == header);
        place.unwrap_or_else(|| panic!("{header} is not in {:?}", self.headers))
    }

    /// Changes every cell, told its header.
    pub fn each_cell(&mut self, change: impl Fn(&str, &str) -> String) {
        for row in &mut self.rows {
            for (header, cell) in self.headers.iter().zip(row) {
                *cell = change(header, cell);
            }
        }
    }

    /// Puts the columns into another order.
    pub fn reorder(&mut self, dice: &mut Dice) {
        let mut order: Vec<usize> = (0..self.headers.len()).collect();
        dice.shuffle(&mut order);
        for row in std::iter::once(&mut self.headers).chain(&mut self.rows) {
            *row = order.iter().map(|place| row[*place].clone()).collect();
        }
    }

    /// Turns columns in yuan into columns in ten thousands of yuan and the other way round.
    pub fn other_unit(&mut self) {
        for place in 0..self.headers.len() {
            let header = self.headers[place].replace('（', "(").replace('）', ")");
            let (header, shift) = if let Some(stem) = header.strip_suffix("(万元)") {
                (format!("{stem}(元)"), 4)
            } else if let Some(stem) = header.strip_suffix("(元)") {
                (format!("{stem}（万元）"), -4)
            } else {
                continue;
            };
            self.headers[place] = header;
            for row in &mut self.rows {
                if is_decimal(&row[place]) {
                    row[place] = shifted(&row[place], shift);
                }
            }
        }
    }

    pub fn csv(&self, line_end: &str) -> String {
        let row = |row: &Vec<String>| {
            let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
            cells.join(",") + line_end
        };
        let rows = self.rows.iter().map(row);
        std::iter::once(row(&self.headers)).chain(rows).collect()
    }

    /// A workbook in which dates are date cells, and amounts and counts are numbers.
    pub fn xlsx(&self) -> Vec<u8> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let date = Format::new().set_num_format("yyyy/m/d");
        for (place, header) in self.headers.iter().enumerate() {
            sheet.write(0, place as u16, header).unwrap();
        }
        for (line, row) in self.rows.iter().enumerate() {
            for (place, cell) in row.iter().enumerate() {
                let (line, column) = (line as u32 + 1, place as u16);
                let header = &self.headers[place];
                let is_number = header.ends_with("元)") || header.ends_with("笔数");
                if let Some((year, month, day)) = date_parts(cell) {
                    let day = ExcelDateTime::from_ymd(year, month, day).unwrap();
                    sheet.write_with_format(line, column, &day, &date).unwrap();
                } else if is_number && is_decimal(cell) {
                    let number: f64 = cell.parse().unwrap();
                    sheet.write_number(line, column, number).unwrap();
                } else if !cell.is_empty() {
                    sheet.write_string(line, column, cell).unwrap();
                }
            }
        }
        book.save_to_buffer().unwrap()
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

pub fn is_decimal(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Moves the decimal point without any arithmetic.
fn shifted(number: &str, places: i32) -> String {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let point = whole.len() as i32 + places;
    let digits = format!("{}{whole}{part}", "0".repeat((-point).max(0) as usize + 1));
    let point = (point + (-point).max(0) + 1) as usize;
    let digits = format!("{digits:0<point$}");
    let (whole, part) = digits.split_at(point);
    let whole = whole.trim_start_matches('0');
    format!("{}.{part}0", if whole.is_empty() { "0" } else { whole })
}

#[test]
fn a_decimal_point_is_moved() {
    assert_eq!(shifted("0.500000", 4), "5000.000");
    assert_eq!(shifted("12.5", 4), "125000.0");
    assert_eq!(shifted("105.59", -4), "0.0105590");
    assert_eq!(shifted("123456.00", -4), "12.3456000");
    assert_eq!(shifted("7", -4), "0.00070");
}

/// The parts of `yyyy-MM-dd` where such a day exists.
pub fn date_parts(text: &str) -> Option<(u16, u8, u8)> {
    text.parse::<chrono::NaiveDate>()
        .ok()
        .filter(|_| text.len() == 10)?;
    let mut parts = text.split('-');
    let year = parts.next()?.parse().ok()?;
    Some((
        year,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    ))
}

/// Digits as Chinese input methods write them.
pub fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0'..='9' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
            _ => c,
        })
        .collect()
}
