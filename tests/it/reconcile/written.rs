//! The list as a file: whole or not at all, and never run as a formula.

use super::ledgers::ON;
use crate::intake::folder::uscc;
use crate::intake::world::World;
use crate::lines::world::{BANK, HEADER, Row, county, deliver, imported};
use crate::support::on_both_engines;
use calamine::{Data, Reader, open_workbook_auto};
use std::path::PathBuf;

/// A workbook of the layout of a ledger, all cells texts.
fn workbook(world: &World, rows: &[Row]) -> PathBuf {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, text) in (0..).zip(HEADER.split(',')) {
        sheet.write_string(0, column, text).unwrap();
    }
    for (line, row) in (1..).zip(rows) {
        for (column, text) in (0..).zip(row.cells()) {
            sheet.write_string(line, column, text).unwrap();
        }
    }
    let path = world.cli.folder().join("月末.xlsx");
    book.save(&path).unwrap();
    path
}

#[test]
fn a_workbook_goes_in_and_comes_out_and_nothing_in_it_is_a_formula() {
    on_both_engines(|engine| {
        let world = imported(engine, &county());
        let formula = "=HYPERLINK(\"http://x\")";
        deliver(&world, BANK, "2025-05-31", &[Row::new("X-1", 1)]);
        let mut rows = vec![Row::new("X-1", 1), Row::new(formula, 2)];
        rows[0].product = "@SUM(1)";
        rows[0].limit = "90000.00";
        let path = workbook(&world, &rows);
        let path = path.to_str().unwrap();
        let run = |more: &[&str]| {
            let arguments = ["reconcile", path, "--source", BANK, "--on", ON];
            world.run(&[&arguments, more].concat())
        };
        let out = world.cli.folder().join("对账.xlsx");
        let done = run(&["--format", "xlsx", "--out", "对账.xlsx"]);
        assert_eq!((done.code(), done.out()), (1, ""), "{}", done.err());
        let mut book = open_workbook_auto(&out).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let cells: Vec<Vec<String>> = sheet
            .rows()
            .map(|row| {
                let text = |cell: &Data| match cell {
                    Data::String(text) => text.clone(),
                    Data::Empty => String::new(),
                    other => panic!("no text: {other:?}"),
                };
                row.iter().map(text).collect()
            })
            .collect();
        let (one, two) = (uscc(1), uscc(2));
        let wanted = [
            [
                "agreement",
                "uscc",
                "outcome",
                "field",
                "here",
                "there",
                "difference",
            ],
            [formula, &two, "missing_here", "limit", "", "100000.00", ""],
            [formula, &two, "missing_here", "drawn", "", "0.00", ""],
            ["X-1", &one, "different", "product", "示例贷", "@SUM(1)", ""],
            [
                "X-1",
                &one,
                "different",
                "limit",
                "100000.00",
                "90000.00",
                "-10000.00",
            ],
            ["X-1", &one, "different", "drawn", "", "0.00", ""],
        ];
        assert_eq!(cells, wanted);
        let formulas = book.worksheet_formula("Sheet1").unwrap();
        assert!(formulas.cells().all(|(_, _, text)| text.is_empty()));
        // As CSV a formula becomes a text, and an amount stays one.
        let csv = run(&["--format", "csv"]);
        let lines: Vec<&str> = csv.out().lines().collect();
        assert!(
            lines[1].starts_with("\"'=HYPERLINK(\"\"http://x\"\")\","),
            "{lines:?}"
        );
        assert!(lines[3].ends_with("product,示例贷,'@SUM(1),"), "{lines:?}");
        assert!(
            lines[4].ends_with(",100000.00,90000.00,-10000.00"),
            "{lines:?}"
        );
        let json: serde_json::Value =
            serde_json::from_str(run(&["--format", "json"]).out()).unwrap();
        assert_eq!(json[0]["agreement"], formula);
        assert!(run(&[]).out().contains("missing_here"));
    });
}

#[test]
fn a_file_is_overwritten_by_nothing_and_appears_whole() {
    on_both_engines(|engine| {
        let world = imported(engine, &county());
        deliver(&world, BANK, "2025-05-31", &[Row::new("X-1", 1)]);
        let path = workbook(&world, &[Row::new("X-1", 1)]);
        let path = path.to_str().unwrap();
        let csv = world.cli.folder().join("对账.csv");
        let arguments = [
            "reconcile",
            path,
            "--source",
            BANK,
            "--on",
            ON,
            "--format",
            "csv",
            "--out",
            "对账.csv",
        ];
        world.ok(&arguments);
        let written = std::fs::read_to_string(&csv).unwrap();
        assert_eq!(written.lines().count(), 2, "{written}");
        std::fs::write(&csv, "older").unwrap();
        let told = world.fails(2, &arguments);
        assert!(told.contains("对账.csv"), "{told}");
        assert_eq!(std::fs::read_to_string(&csv).unwrap(), "older");
        // A cell that no workbook can hold: nothing of it is left, under any name.
        let names = || std::fs::read_dir(world.cli.folder()).unwrap().count();
        let before = names();
        let mut row = Row::new("X-1", 1);
        row.product = "a".repeat(40_000).leak();
        let path = world.cli.folder().join("长.csv");
        crate::lines::world::write(&path, &[row]);
        let path = path.to_str().unwrap();
        let run = |out: &str| {
            let arguments = ["reconcile", path, "--source", BANK, "--on", ON];
            let more = ["--format", "xlsx", "--out", out];
            world.fails(1, &[&arguments[..], &more].concat())
        };
        let told = run("新.xlsx");
        assert!(
            told.contains("32,767") && told.contains("--format csv"),
            "{told}"
        );
        let told = run("none/对账.xlsx");
        assert!(told.contains("none/对账.xlsx"), "{told}");
        assert_eq!(names(), before + 1);
    });
}
