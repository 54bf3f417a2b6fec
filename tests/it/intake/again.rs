//! The same delivery again, in whatever form, says nothing new.

use super::table::{Dice, Table, date_parts, full_width, is_decimal};
use super::world::{World, sample};
use crate::support::on_both_engines;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Writes a folder of the sample anew, each register in the form that a function gives it.
fn rewritten(
    within: &Path,
    name: &str,
    form: impl Fn(Table, &mut Dice) -> (Vec<u8>, &'static str),
) -> PathBuf {
    let (from, folder) = (sample(name), within.join(name));
    std::fs::create_dir(&folder).unwrap();
    let mut toml = std::fs::read_to_string(from.join("county.toml")).unwrap();
    let mut dice = Dice::new(20_251_231);
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !file.ends_with(".csv") || file.starts_with("expected") {
            continue;
        }
        let (bytes, end) = form(Table::read(&path), &mut dice);
        let new = file.replace(".csv", end);
        toml = toml.replace(&format!("\"{file}\""), &format!("\"{new}\""));
        std::fs::write(folder.join(new), bytes).unwrap();
    }
    std::fs::write(folder.join("county.toml"), toml).unwrap();
    folder
}

/// Shuffled rows and columns, a byte order mark, lines that end as on Windows.
fn shuffled(mut table: Table, dice: &mut Dice) -> (Vec<u8>, &'static str) {
    dice.shuffle(&mut table.rows);
    table.reorder(dice);
    let text = format!("\u{feff}{}", table.csv("\r\n"));
    (text.into_bytes(), ".csv")
}

/// GB18030, full-width digits, and headers as other counties write them.
fn wide(mut table: Table, _: &mut Dice) -> (Vec<u8>, &'static str) {
    table.each_cell(|_, cell| full_width(cell));
    for header in &mut table.headers {
        *header = match header.as_str() {
            "统一社会信用代码" => "社会信用代码".to_owned(),
            "行政相对人代码_1(统一社会信用代码)" => " 统一社会信用代码 ".to_owned(),
            "被抽样单位统一社会信用代码" => "社会信用代码".to_owned(),
            other => other.replace('(', " （").replace(')', "）"),
        };
    }
    let text = table.csv("\n");
    let (bytes, _, broken) = encoding_rs::GB18030.encode(&text);
    assert!(!broken);
    (bytes.into_owned(), ".csv")
}

/// The other unit of money, compact dates, `/` and 无 for nothing; UTF-8 without a mark.
fn terse(mut table: Table, dice: &mut Dice) -> (Vec<u8>, &'static str) {
    table.other_unit();
    let nothing = ["/", "无", "", "  "][dice.below(4)];
    table.each_cell(|header, cell| {
        if cell.is_empty() {
            nothing.to_owned()
        } else if header.ends_with("日期") || header.ends_with("至") || header.ends_with("期") {
            cell.replace('-', "")
        } else {
            format!(" {cell} ")
        }
    });
    (table.csv("\n").into_bytes(), ".csv")
}

/// A workbook with cells of dates and of numbers.
fn workbook(mut table: Table, dice: &mut Dice) -> (Vec<u8>, &'static str) {
    dice.shuffle(&mut table.rows);
    (table.xlsx(), ".xlsx")
}

type Counts = BTreeMap<String, [u64; 3]>;

/// Unchanged, held, refused; nothing may be new, changed or absent.
fn steady(report: &Value) -> Counts {
    let kinds = report["kinds"].as_object().unwrap();
    let counts = kinds.iter().map(|(kind, counts)| {
        for key in ["new", "changed", "absent"] {
            assert_eq!(counts[key], 0, "{kind} {key}");
        }
        let count = |key: &str| counts[key].as_u64().unwrap();
        let counts = [count("unchanged"), count("held"), count("refused")];
        (kind.clone(), counts)
    });
    counts.collect()
}

/// What was refused, wherever it stands now.
fn codes(report: &Value) -> Vec<String> {
    let mut codes: Vec<String> = report["refusals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let file = row["file"].as_str().unwrap().split('.').next().unwrap();
            format!("{file} {}", row["code"])
        })
        .collect();
    codes.sort();
    codes
}

/// What a delivery that says nothing new leaves as it was.
fn kept(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut tables = world.tables();
    // That somebody delivered is recorded each time.
    tables
        .retain(|name, _| !["delivery", "county_record", "snapshot_row"].contains(&name.as_str()));
    assert!(tables["fact_version"].len() > 1_000 && !tables["coverage"].is_empty());
    tables
}

#[test]
fn the_same_delivery_in_another_form_changes_nothing() {
    type Form = fn(Table, &mut Dice) -> (Vec<u8>, &'static str);
    let forms: [(&str, Form); 4] = [
        ("shuffled", shuffled),
        ("wide", wide),
        ("terse", terse),
        ("workbook", workbook),
    ];
    let within = tempfile::tempdir().unwrap();
    let folders = forms.map(|(form, rewrite)| {
        let within = within.path().join(form);
        std::fs::create_dir(&within).unwrap();
        (form, rewritten(&within, "daishan", rewrite))
    });
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let (before, scores) = (kept(&world), world.scores(&[]));
        let first = world.import(&sample("daishan"), &[]);
        let counts = steady(&first);
        assert_eq!(counts["roster"], [343, 0, 3]);
        assert_eq!(counts["statements"], [3109, 0, 0]);
        for (name, folder) in &folders {
            let report = world.import(folder, &[]);
            assert_eq!(steady(&report), counts, "{name}");
            assert_eq!(codes(&report), codes(&first), "{name}");
            assert!(kept(&world) == before, "{name} wrote something");
        }
        assert!(world.scores(&[]) == scores);
        assert!(world.ok(&["rescore"]).starts_with("已评 0 户"));
    });
}

#[test]
fn what_was_held_stays_held_and_is_not_held_twice() {
    let within = tempfile::tempdir().unwrap();
    let folder = rewritten(within.path(), "daishan-2026-01", shuffled);
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let report = world.import(&sample("daishan-2026-01"), &[]);
        assert_eq!(report["kinds"]["penalties"]["held"], 1);
        let (before, scores) = (kept(&world), world.scores(&[]));
        let mut report = world.import(&folder, &[]);
        // The one inspection that the month no longer has is still told.
        let absent = &mut report["kinds"]["inspections"]["absent"];
        assert_eq!(*absent, 1);
        *absent = json!(0);
        assert_eq!(steady(&report)["penalties"], [89, 1, 1]);
        assert!(kept(&world) == before);
        assert!(world.scores(&[]) == scores);
    });
}

#[test]
fn the_forms_differ_from_what_was_delivered() {
    let table = Table::read(&sample("daishan").join("行政处罚.csv"));
    let mut other = table.clone();
    other.other_unit();
    let fine = table
        .headers
        .iter()
        .position(|header| header.starts_with("罚款"));
    let fine = fine.unwrap();
    assert_ne!(table.headers[fine], other.headers[fine]);
    assert!(other.rows.iter().any(|row| is_decimal(&row[fine])));
    assert!(
        table
            .rows
            .iter()
            .flatten()
            .any(|cell| date_parts(cell).is_some())
    );
    let (bytes, _) = wide(table, &mut Dice::new(1));
    assert!(String::from_utf8(bytes).is_err());
}
