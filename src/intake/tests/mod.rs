//! Whole files, as they come.

mod workbooks;

use super::*;
use crate::register::{Kinds, Value};
use encoding_rs::GB18030;
use proptest::prelude::*;
use std::{borrow::Cow, collections::BTreeMap, path::Path, sync::LazyLock};

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let mut files: Vec<(String, String)> = std::fs::read_dir(config("kinds"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| {
            (
                path.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    Kinds::parse(files.iter().map(|(file, text)| (&**file, &**text))).unwrap()
});

const LISTINGS: &str = "统一社会信用代码,名称,名单类型,列入日期,列入原因,作出决定机关,移出日期\n";
const GOOD: &str = "91330100716105852F,甲,失信被执行人,2024-05-20,乙,丙,\n";

fn config(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("config")
        .join(path)
}

fn open(bytes: impl Into<Vec<u8>>) -> Result<Sheet, FileError> {
    Sheet::of_bytes(Cow::Owned(bytes.into()), &KINDS, None, &Limits::default())
}

fn rows(bytes: impl Into<Vec<u8>>) -> Vec<Row> {
    open(bytes).unwrap().map(Result::unwrap).collect()
}

/// Line, header and code of every broken cell.
fn faults(rows: &[Row]) -> Vec<(u64, String, RefusalCode)> {
    rows.iter()
        .filter_map(|row| Some((row.line, row.outcome.as_ref().err()?)))
        .flat_map(|(line, faults)| {
            faults
                .iter()
                .map(move |f| (line, f.header.to_string(), f.code))
        })
        .collect()
}

fn fault_code(result: Result<Sheet, FileError>) -> &'static str {
    match result {
        Err(error) => error.code,
        Ok(mut sheet) => sheet
            .find_map(Result::err)
            .map_or("none", |error| error.code),
    }
}

fn encoded(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

#[test]
fn one_text_in_every_encoding() {
    let text = format!("{LISTINGS}{GOOD}");
    let plain = rows(text.clone());
    assert!(plain[0].outcome.is_ok());
    for bytes in [
        format!("\u{feff}{text}").into_bytes(),
        encoded(&text),
        encoded(&text.replace('\n', "\r\n")),
        text.trim_end().as_bytes().to_vec(),
    ] {
        assert!(rows(bytes) == plain);
    }
    assert_eq!(
        fault_code(open(b"\xff\xfe7\x4e".to_vec())),
        "unknown_encoding"
    );
    assert_eq!(
        fault_code(open(b"\xd0\xcf\x11\xe0\xa1\xb1".to_vec())),
        "old_workbook"
    );
    assert_eq!(fault_code(open("")), "empty_file");
    assert_eq!(fault_code(open("\n\n")), "empty_file");
}

#[test]
fn a_broken_byte_costs_one_row() {
    for text in [
        format!("{LISTINGS}{GOOD}"),
        format!("\u{feff}{LISTINGS}{GOOD}"),
    ] {
        for broken in [&b"\xb5"[..], b"\xff\xff", b"a\0b", "\u{fffd}".as_bytes()] {
            let mut bytes = text.clone().into_bytes();
            bytes.extend_from_slice(b"91330100716105852F,");
            bytes.extend_from_slice(broken);
            bytes.extend_from_slice(",失信被执行人,2024-05-21,,,\n".as_bytes());
            bytes.extend_from_slice(GOOD.as_bytes());
            let rows = rows(bytes);
            assert_eq!(
                faults(&rows),
                [(3, "名称".to_owned(), RefusalCode::BrokenText)]
            );
            assert_eq!(
                rows[1].key.as_deref(),
                Some("91330100716105852F\u{1f}失信被执行人\u{1f}2024-05-21")
            );
            assert_eq!(rows.len(), 3);
        }
    }
    let mut bytes = encoded(&format!("{LISTINGS}{GOOD}"));
    bytes.extend_from_slice(b"91330100716105852F,\xb5,");
    bytes.extend_from_slice(&encoded("失信被执行人,2024-05-21,,,\n"));
    assert_eq!(
        faults(&rows(bytes)),
        [(3, "名称".to_owned(), RefusalCode::BrokenText)]
    );
}

#[test]
fn a_row_begins_where_its_first_line_does() {
    let text = format!(
        "{LISTINGS}91330100716105852F,\"甲\n\n店\",失信被执行人,2024-05-20,\"一,\"\"二\"\"\",丙,\n\n,,,,,,\n9.13E+17,乙,失信被执行人,2024-02-30,,,20240101\n"
    );
    let rows = rows(text);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 7]);
    assert_eq!(
        rows[0].outcome.as_ref().unwrap().values[4],
        Value::Text("一,\"二\"".into())
    );
    assert_eq!(
        faults(&rows),
        [
            (
                7,
                "统一社会信用代码".to_owned(),
                RefusalCode::SpreadsheetNumber
            ),
            (7, "列入日期".to_owned(), RefusalCode::NoSuchDate),
        ]
    );
}

#[test]
fn an_unpaired_quote_swallows_no_other_row() {
    let torn = "91330100716105852F,\"甲,失信被执行人,2024-05-20,乙,丙,\n";
    let rows = rows(format!("{LISTINGS}{torn}{GOOD}{torn}{GOOD}甲,乙\n{GOOD}"));
    let codes = faults(&rows);
    let broken = |line, header: &str| (line, header.to_owned(), RefusalCode::BrokenText);
    assert_eq!(
        codes,
        [broken(2, "名称"), broken(4, "名称"), broken(6, "名单类型")]
    );
    assert_eq!(rows.len(), 6);
    let many = format!("{LISTINGS}{}", torn.repeat(1100));
    assert_eq!(fault_code(open(many)), "broken_quotes");
}

#[test]
fn kinds_are_told_apart_by_their_headers() {
    let kind = |header: &str| {
        open(format!("{header}\n")).map(|sheet| KINDS.get(sheet.kind()).id.to_string())
    };
    assert_eq!(kind(LISTINGS.trim_end()).unwrap(), "listings");
    assert_eq!(
        kind("行政相对人代码＿1（统一社会信用代码）, 名 称,类型,列入日期,列入原因,作出决定机关（列入）,移出日期,移出原因").unwrap(),
        "abnormal_operations"
    );
    assert_eq!(
        kind("登记编号,来源渠道,社会信用代码,被投诉单位,登记日期,业务类别,投诉问题,受理情况,调解结果,办结日期,争议金额,挽回经济损失（元）").unwrap(),
        "complaints"
    );
    let error = kind("统一社会信用代码,名称,名单类型,列入日期,列入原因,作出决定机关").unwrap_err();
    assert_eq!(error.code, "missing_columns");
    assert!(
        error.cause.zh.contains("移出日期") && error.cause.en.contains("listings"),
        "{error}"
    );
    assert_eq!(kind("甲,乙").unwrap_err().code, "not_recognised");
    assert_eq!(
        kind(&format!("{},社会信用代码", LISTINGS.trim_end()))
            .unwrap_err()
            .code,
        "repeated_headers"
    );
    assert_eq!(kind(&",".repeat(64)).unwrap_err().code, "too_many_columns");
    let forced = |kind| {
        Sheet::of_bytes(LISTINGS.as_bytes(), &KINDS, Some(kind), &Limits::default()).map(|_| ())
    };
    assert_eq!(forced("roster").unwrap_err().code, "missing_columns");
    assert_eq!(forced("rosters").unwrap_err().code, "unknown_kind");
    assert_eq!(forced("listings"), Ok(()));
}

#[test]
fn ten_thousands_and_dates_of_two_columns() {
    let header = "行政相对人名称,行政相对人类别,社会信用代码,行政处罚决定书文号,违法行为类型,处罚类别,处罚程序,罚款金额（万元）,没收违法所得、没收非法财物的金额,处罚决定日期,公示截止期,信用修复日期,撤销日期,是否已生效,处罚机关,备注";
    let text = format!(
        "{header}\n甲,,91330100716105852F,一号,,罚款；警告,普通程序,０.5,0.5,20250212,长期,2025-02-11,/,是,,不留\n甲,,91330100716105852F,二号,,;,普通程序,-1,x,,2025-02-11,,,也许,,\n"
    );
    let sheet = open(text.clone()).unwrap();
    assert_eq!(sheet.ignored_headers(), ["备注"]);
    assert_eq!(sheet.headers().len(), 15);
    let rows = rows(text);
    let found: Vec<_> = faults(&rows)
        .into_iter()
        .map(|(line, header, code)| (line, header, code.as_str()))
        .collect();
    let fault = |line, header: &str, code| (line, header.to_owned(), code);
    assert_eq!(
        found,
        [
            fault(2, "信用修复日期", "date_order"),
            fault(3, "处罚类别", "missing_value"),
            fault(3, "罚款金额（万元）", "negative"),
            fault(3, "没收违法所得、没收非法财物的金额", "not_a_number"),
            fault(3, "处罚决定日期", "missing_value"),
            fault(3, "是否已生效", "unknown_word"),
        ]
    );
    assert_eq!(rows[0].key.as_deref(), Some("一号"));
    assert!(!rows[0].cells.iter().any(|cell| cell == "不留"));
}

const COMPLAINTS: &str = "登记编号,来源渠道,统一社会信用代码,被投诉单位,投诉人姓名,投诉人电话,登记日期,业务类别,投诉问题,受理情况,调解结果,办结日期,争议金额(元),挽回经济损失(元)\n";

#[test]
fn nothing_of_a_complainant_outlives_its_cell() {
    // As it should be; a cell too few, a cell too many, a torn quote; a broken byte; each moves the secret elsewhere.
    for row in [
        "1,,x,甲,SECRET,SECRET,2024-09-06,,,受理,,,,\n",
        "1,,91330100716105852F,SECRET,SECRET,2024-09-06,,,受理,,,,\n",
        "1,,91330100716105852F,甲,乙,SECRET,SECRET,2024-09-06,,,受理,,,,\n",
        "1,,91330100716105852F,甲,\"SECRET,SECRET,2024-09-06,,,受理,,,,\n",
        "1,,91330100716105852F,甲,SECRET\u{0},SECRET,2024-09-06,,,受理,,,,\n",
    ] {
        let rows = rows(format!("{COMPLAINTS}{row}"));
        let refused = rows[0].outcome.as_ref().unwrap_err();
        let told = format!("{:?} {refused:?} {:?}", rows[0], rows[0].key);
        assert!(
            !told.contains("SECRET") && !rows[0].cells.iter().any(|cell| cell.contains("SECRET")),
            "{row}"
        );
        assert_eq!(rows[0].key.as_deref(), Some("1"), "{row}");
        let folder = tempfile::tempdir().unwrap();
        let headers = open(COMPLAINTS).unwrap().headers().to_vec();
        let mut writer = RefusedWriter::create(folder.path(), "消费投诉.csv", &headers).unwrap();
        writer.write(&rows[0].cells, refused).unwrap();
        let written = std::fs::read_to_string(writer.finish().unwrap().unwrap()).unwrap();
        assert!(!written.contains("SECRET"), "{written}");
    }
}

#[test]
fn refused_rows_can_be_corrected_and_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "{LISTINGS}91330100716105852X,=HYPERLINK(1),失信被执行人,-2024,\"a\n\"\"b\",＋丙,\n{GOOD}"
    );
    let sheet = open(text).unwrap();
    let headers = sheet.headers().to_vec();
    let mut writer = RefusedWriter::create(folder.path(), "严重失信.csv", &headers).unwrap();
    let rows: Vec<Row> = sheet.map(Result::unwrap).collect();
    for row in &rows {
        if let Err(faults) = &row.outcome {
            writer.write(&row.cells, faults).unwrap();
        }
    }
    let path = writer.finish().unwrap().unwrap();
    assert!(path.ends_with("严重失信.csv.refused.csv"));
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written.starts_with("\u{feff}\"统一社会信用代码\",") && written.contains("\"错误\"\r\n")
    );
    assert!(
        written.contains("\"'=HYPERLINK(1)\"")
            && written.contains("\"'＋丙\"")
            && written.contains("\"'-2024\"")
    );
    let corrected = written
        .replace("5852X", "5852F")
        .replace("'-2024", "2024-01-01");
    let sheet = open(corrected).unwrap();
    assert_eq!(sheet.ignored_headers(), ["错误"]);
    let again: Vec<Row> = sheet.map(Result::unwrap).collect();
    let values = &again[0].outcome.as_ref().unwrap().values;
    assert_eq!(values[1], Value::Text("=HYPERLINK(1)".into()));
    assert_eq!(values[5], Value::Text("+丙".into()));
    assert_eq!(again.len(), 1);
    let none = RefusedWriter::create(folder.path(), "严重失信.csv", &headers).unwrap();
    assert_eq!(none.finish(), Ok(None));
    assert!(!path.exists(), "what is refused no more is told no more");
}

#[test]
fn limits_are_kept() {
    let limits = Limits {
        csv_bytes: 2000,
        row_bytes: 500,
        cell_bytes: 100,
        ..Limits::default()
    };
    let code = |text: String| fault_code(Sheet::of_bytes(text.into_bytes(), &KINDS, None, &limits));
    assert_eq!(
        code(format!("{LISTINGS}{}", GOOD.repeat(50))),
        "file_too_large"
    );
    assert_eq!(
        code(format!("{LISTINGS}{}\n", ",甲".repeat(200))),
        "row_too_long"
    );
    assert_eq!(
        code(format!("{LISTINGS}{}\n", "甲".repeat(60))),
        "cell_too_long"
    );
    assert_eq!(code(format!("{LISTINGS}{GOOD}")), "none");
    let missing = Sheet::open(Path::new("no such file"), &KINDS, None, &limits);
    assert_eq!(fault_code(missing), "not_readable");
}

#[test]
fn the_samples_hold_what_they_promise() {
    for folder in ["daishan", "daishan-2026-01", "witness"] {
        let folder = config("sample").join(folder);
        let county = County::open(&folder, &KINDS).unwrap();
        let mut found = BTreeMap::new();
        for feed in county.files() {
            let sheet =
                Sheet::open(&folder.join(feed.file), &KINDS, None, &Limits::default()).unwrap();
            assert_eq!(sheet.kind(), feed.kind, "{}", feed.file);
            assert!(sheet.ignored_headers().is_empty());
            for row in sheet.map(Result::unwrap) {
                if let Err(faults) = row.outcome {
                    found.insert(
                        (feed.file.to_owned(), row.line),
                        (faults[0].header.to_string(), faults[0].code),
                    );
                }
            }
        }
        let found: Vec<String> = found
            .into_iter()
            .map(|((file, line), (header, code))| format!("{file},{line},{header},{code}"))
            .collect();
        let promised =
            std::fs::read_to_string(folder.join("expected_refusals.csv")).unwrap_or_default();
        let promised: Vec<&str> = promised
            .lines()
            .skip(1)
            .filter(|line| !line.ends_with("unknown_merchant"))
            .collect();
        // The second month has no list of its own; its roster has the faults of the first.
        assert!(
            found == promised || (promised.is_empty() && found.len() <= 3),
            "{found:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0usize..200) {
        let _ = open(bytes.clone()).map(|sheet| sheet.count());
        for header in [LISTINGS, COMPLAINTS] {
            let mut text = header.as_bytes().to_vec();
            text.extend_from_slice(&bytes);
            prop_assert!(open(text.clone()).map(|sheet| sheet.count()).is_ok());
            let mut text = encoded(header);
            text.truncate(text.len() - cut.min(20));
            text.extend_from_slice(&bytes);
            let _ = open(text).map(|sheet| sheet.count());
        }
    }

    #[test]
    fn no_quotes_lose_a_whole_row(cells in proptest::collection::vec("[\",甲 \n\r]{0,6}", 0..12)) {
        let text = format!("{LISTINGS}{}\n{GOOD}", cells.join(","));
        let rows = rows(text);
        prop_assert!(rows.last().unwrap().outcome.is_ok());
    }
}
