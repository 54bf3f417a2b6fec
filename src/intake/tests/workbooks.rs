use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn listings_book(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet();
    let sheet = book.add_worksheet();
    for (column, header) in LISTINGS.trim_end().split(',').enumerate() {
        sheet.write(0, column as u16, header).unwrap();
    }
    fill(sheet);
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_is_read_like_a_csv_file() {
    let book = listings_book(|sheet| {
        let date = Format::new().set_num_format("yyyy/m/d");
        for (row, cells) in [
            (1, "91330100716105852F,甲,失信被执行人"),
            (3, "91330100716105852F,甲,失信被执行人"),
            (4, "91330100716105852F,12,失信被执行人"),
        ] {
            for (column, cell) in cells.split(',').enumerate() {
                sheet.write(row, column as u16, cell).unwrap();
            }
        }
        let day = ExcelDateTime::from_ymd(2024, 5, 20).unwrap();
        sheet.write_with_format(1, 3, &day, &date).unwrap();
        sheet.write_number(3, 0, 913_301_007_161_058_520.0).unwrap();
        sheet.write_number(3, 3, 20_240_520).unwrap();
        sheet.write_number(4, 1, 12).unwrap();
        sheet.write_number(4, 3, 45_432).unwrap();
        sheet.write_blank(1_048_575, 16_383, &date).unwrap();
    });
    let rows = rows(book);
    let values = &rows[0].outcome.as_ref().unwrap().values;
    assert_eq!(values[3], Value::Day("2024-05-20".parse().unwrap()));
    assert!(values[6].is_blank());
    assert_eq!(
        faults(&rows),
        [
            (
                4,
                "统一社会信用代码".to_owned(),
                RefusalCode::SpreadsheetNumber
            ),
            (5, "列入日期".to_owned(), RefusalCode::NoSuchDate),
        ]
    );
    assert_eq!(rows[2].cells.iter().nth(1), Some("12"));
}

#[test]
fn a_workbook_beyond_the_limits_is_refused() {
    let code =
        |bytes: Vec<u8>, limits: &Limits| fault_code(Sheet::of_bytes(bytes, &KINDS, None, limits));
    let usual = Limits::default();
    let far = listings_book(|sheet| {
        sheet.write(1_048_575, 16_383, "x").unwrap();
    });
    assert_eq!(code(far, &usual), "too_many_rows");
    let wide = listings_book(|sheet| {
        sheet.write(1, 64, "x").unwrap();
    });
    assert_eq!(code(wide.clone(), &usual), "too_many_columns");
    let few = Limits {
        xlsx_rows: 5,
        ..usual
    };
    let long = listings_book(|sheet| {
        sheet.write(6, 0, "x").unwrap();
    });
    assert_eq!(code(long, &few), "too_many_rows");
    assert_eq!(
        code(
            wide.clone(),
            &Limits {
                xlsx_packed: 100,
                ..usual
            }
        ),
        "file_too_large"
    );
    assert_eq!(
        code(
            wide.clone(),
            &Limits {
                xlsx_entries: 3,
                ..usual
            }
        ),
        "too_many_entries"
    );
    assert_eq!(
        code(
            wide,
            &Limits {
                xlsx_unpacked: 1000,
                ..usual
            }
        ),
        "unpacks_too_large"
    );
    assert_eq!(
        code(zipped("xl/x.xml", &vec![b' '; 65 << 20]), &usual),
        "unpacks_too_large"
    );
    let claim = br#"<sst uniqueCount = "99999999999999">"#;
    assert_eq!(
        code(zipped("xl/sharedStrings.xml", claim), &usual),
        "too_many_rows"
    );
    let drawn_out = format!("uniqueCount={}'9999999999'>", " ".repeat(2 * (64 << 10)));
    assert_eq!(
        code(zipped("xl/sharedStrings.xml", drawn_out.as_bytes()), &usual),
        "damaged_workbook"
    );
    assert_eq!(code(zipped("a.xml", b"<a/>"), &usual), "damaged_workbook");
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default())
        .unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_workbook_makes_no_panic(at in 0usize..6000, byte in any::<u8>(), end in 0usize..6000) {
        let mut book = std::fs::read(config("sample/witness/双随机抽查.xlsx")).unwrap();
        let size = book.len();
        book[at % size] = byte;
        book.truncate(size - end % 50);
        let _ = open(book).map(|sheet| sheet.count());
    }
}
