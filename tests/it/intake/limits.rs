//! A file beyond the limits is refused as a whole, before anything is taken.

use super::folder::{BUREAU, County};
use super::world::{World, sample};
use crate::support::Engine;
use std::io::Write;
use std::path::Path;

/// A database with one merchant, in which nothing may change.
struct Limited {
    world: World,
    county: County,
}

impl Limited {
    fn new(setting: &str, value: &str) -> Self {
        let mut county = County::new("2025-06-30");
        county.merchant(1, "2012-03-05", "2021-02-01");
        let world = World::empty(Engine::Sqlite);
        let folder = county.write(world.cli.folder(), "示例县");
        world.import(&folder, &[]);
        let world = world.env(setting, value);
        Self { world, county }
    }

    fn refuses(&self, files: &[&Path], code: &str) {
        let kept = || {
            let mut tables = self.world.tables();
            // That a delivery was begun may be noted: what is wrong may be met only on the way.
            tables.remove("delivery");
            tables
        };
        let before = kept();
        let files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
        let more = [
            "--by",
            "示例员",
            "--source",
            BUREAU,
            "--covers",
            "2015-01-01..2025-06-30",
        ];
        let arguments = [&["import"], &files[..], &more].concat();
        let told = self.world.fails(1, &arguments);
        assert!(told.contains(&format!("[{code}]")), "{told}");
        assert!(kept() == before, "{code}: something was written");
    }

    fn file(&self, name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.world.cli.folder().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn book(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let headers = super::folder::header("listings").split(',');
    for (column, header) in headers.enumerate() {
        sheet.write(0, column as u16, header).unwrap();
    }
    fill(sheet);
    book.save_to_buffer().unwrap()
}

#[test]
fn a_csv_file_that_is_too_large_or_too_long_is_refused() {
    let limited = Limited::new("DAISHAN_IMPORT__CSV_BYTES", "2000");
    let roster = sample("daishan").join("放心消费单元名册.csv");
    limited.refuses(&[&roster], "file_too_large");
    let limited = Limited::new("DAISHAN_IMPORT__ROWS", "300");
    limited.refuses(&[&roster], "too_many_rows");
    let limited = Limited::new("DAISHAN_IMPORT__COLUMNS", "12");
    limited.refuses(&[&roster], "too_many_columns");
    // Nor is a good file beside it taken.
    let mut county = limited.county.clone();
    county.complaint("T1", 1, "2025-02-03", "受理,,");
    let limited = Limited::new("DAISHAN_IMPORT__CSV_BYTES", "2000");
    let good = county.write_file(limited.world.cli.folder(), "complaints");
    limited.refuses(&[&good, &roster], "file_too_large");
}

#[test]
fn a_cell_or_a_row_without_end_is_refused() {
    let limited = Limited::new("DAISHAN_LOG__FORMAT", "text");
    let header = super::folder::header("complaints");
    let long = "长".repeat(30_000);
    let cell = limited.file("cell.csv", format!("{header}\nT1,{long}").as_bytes());
    limited.refuses(&[&cell], "cell_too_long");
    let row = "甲,".repeat(500_000);
    let row = limited.file("row.csv", format!("{header}\n{row}").as_bytes());
    limited.refuses(&[&row], "row_too_long");
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let limited = Limited::new("DAISHAN_IMPORT__XLSX_UNPACKED_BYTES", "2000000");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive
        .start_file("xl/worksheets/sheet1.xml", options)
        .unwrap();
    archive.write_all(&vec![b' '; 3 << 20]).unwrap();
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 50_000, "{}", bomb.len());
    let path = limited.file("bomb.xlsx", &bomb);
    limited.refuses(&[&path], "unpacks_too_large");
    let limited = Limited::new("DAISHAN_IMPORT__XLSX_BYTES", "1000");
    let path = limited.file("book.xlsx", &book(|_| {}));
    limited.refuses(&[&path], "file_too_large");
    let limited = Limited::new("DAISHAN_IMPORT__XLSX_ENTRIES", "3");
    let path = limited.file("book.xlsx", &book(|_| {}));
    limited.refuses(&[&path], "too_many_entries");
}

#[test]
fn a_cell_at_the_far_corner_of_a_workbook_is_refused() {
    let limited = Limited::new("DAISHAN_LOG__FORMAT", "text");
    let far = book(|sheet| {
        sheet.write(1_048_575, 16_383, "x").unwrap();
    });
    let path = limited.file("far.xlsx", &far);
    limited.refuses(&[&path], "too_many_rows");
    let wide = book(|sheet| {
        sheet.write(1, 16_383, "x").unwrap();
    });
    let path = limited.file("wide.xlsx", &wide);
    limited.refuses(&[&path], "too_many_columns");
}

#[test]
fn what_is_no_register_is_refused() {
    let limited = Limited::new("DAISHAN_LOG__FORMAT", "text");
    let header = super::folder::header("complaints");
    let utf16: Vec<u8> = format!("\u{feff}{header}\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let old = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    let missing = header.replace("受理情况,", "");
    let twice = format!("{header},登记日期");
    for (name, bytes, code) in [
        ("empty.csv", &b""[..], "empty_file"),
        ("other.csv", "甲,乙\n1,2\n".as_bytes(), "not_recognised"),
        ("missing.csv", missing.as_bytes(), "missing_columns"),
        ("twice.csv", twice.as_bytes(), "repeated_headers"),
        ("utf16.csv", &utf16, "unknown_encoding"),
        ("old.xls", &old, "old_workbook"),
        ("torn.xlsx", b"PK\x03\x04torn", "damaged_workbook"),
    ] {
        let path = limited.file(name, bytes);
        limited.refuses(&[&path], code);
    }
    limited.refuses(&[Path::new("none.csv")], "not_readable");
}

#[test]
fn a_limit_of_lines_does_not_count_the_bytes_of_a_workbook() {
    let limited = Limited::new("DAISHAN_IMPORT__ROWS", "2");
    let book = book(|sheet| {
        (0..200).for_each(|row| drop(sheet.write(row, 30, f64::from(row).sin())));
    });
    // Packed bytes hold line ends by chance.
    assert!(book.iter().filter(|byte| **byte == b'\n').count() > 2);
    let path = limited.file("book.xlsx", &book);
    let source = ["--source", BUREAU, "--covers", "2015-01-01..2025-06-30"];
    let report = limited.world.import(&path, &source);
    assert!(report["kinds"]["listings"]["refused"].as_u64() > Some(100));
}
