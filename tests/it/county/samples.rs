//! The three folders that come with the program give what lies beside them, to the cell.

use super::{County, assert_same_lines, sample, sample_text};
use crate::support::on_both_engines;
use serde_json::{Map, Value};

/// Every key that is expected is there with that value; more may be.
fn holds(found: &Value, expected: &Value, path: &str) {
    match expected {
        Value::Object(keys) => {
            for (key, expected) in keys {
                let path = format!("{path}/{key}");
                let found = found.get(key);
                let found = found.unwrap_or_else(|| panic!("{path} is missing"));
                holds(found, expected, &path);
            }
        }
        other => assert_eq!(found, other, "{path}"),
    }
}

fn demo(county: &County, more: &[&str]) -> Value {
    let key = county.cli.folder().join("demo.pem");
    let head = [
        "demo",
        "--once",
        "--json",
        "--client-key",
        key.to_str().unwrap(),
    ];
    serde_json::from_str(&county.done(&[&head, more].concat())).unwrap()
}

fn expected(folder: &str) -> Value {
    let expected: Map<String, Value> =
        serde_json::from_str(&sample_text(&format!("{folder}/expected.json"))).unwrap();
    assert!(expected.len() > 2);
    Value::Object(expected)
}

/// The refused rows of a delivery as a table.
fn refusals(delivery: &Value) -> String {
    let mut text = "file,line,column,code\n".to_owned();
    for row in delivery["refusals"].as_array().unwrap() {
        let cell = |key: &str| row[key].as_str().unwrap().to_owned();
        let cells = [
            cell("file"),
            row["line"].to_string(),
            cell("column"),
            cell("code"),
        ];
        text += &(cells.join(",") + "\n");
    }
    text
}

/// The counts of a delivery as a table, in the order of the kinds of `order`.
fn counts(delivery: &Value, order: &str) -> String {
    let mut text = "kind,new,changed,unchanged,held,refused,absent\n".to_owned();
    let kinds = delivery["kinds"].as_object().unwrap();
    assert_eq!(kinds.len(), order.lines().count() - 1, "{kinds:?}");
    for line in order.lines().skip(1) {
        let kind = line.split(',').next().unwrap();
        let counts = ["new", "changed", "unchanged", "held", "refused", "absent"]
            .map(|count| kinds[kind][count].to_string());
        text += &format!("{kind},{}\n", counts.join(","));
    }
    text
}

#[test]
fn the_demo_counts_what_the_sample_expects() {
    on_both_engines(|engine| {
        let county = County::new(engine);
        let summary = demo(&county, &[]);
        holds(&summary, &expected("daishan"), "");
        let lines = county.done(&["lines", "--format", "csv"]);
        let first_six = |row: &str| row.split(',').take(6).collect::<Vec<_>>().join(",") + "\n";
        let lines: String = lines.lines().map(first_six).collect();
        assert_same_lines(&lines, &sample_text("daishan/expected_lines.csv"), "lines");
        let [delivery] = summary["deliveries"].as_array().unwrap().as_slice() else {
            panic!("{}", summary["deliveries"]);
        };
        assert_eq!(delivery["folder"], "daishan");
        let expected = sample_text("daishan/expected_refusals.csv");
        assert_same_lines(&refusals(delivery), &expected, "refusals");

        let scores = sample_text("daishan/expected_scores.csv");
        assert_same_lines(&county.scores(&[]), &scores, "scores");
        let stale = sample_text("daishan/expected_scores_2026-03-31.csv");
        let found = county.scores(&["--as-of", "2026-03-31"]);
        assert_same_lines(&found, &stale, "as of 2026-03-31");

        let early = county.run(&["scores", "--format", "csv", "--as-of", "2023-12-31"]);
        assert_eq!((early.code(), early.out()), (1, ""), "{}", early.err());
        let first = county.run(&["scores", "--format", "csv", "--as-of", "2024-01-01"]);
        assert_eq!(first.code(), 0, "{}", first.err());

        // A second demo on the same database is refused, and leaves it as it was.
        let again = county.run(&["demo", "--once", "--json"]);
        assert_eq!((again.code(), again.out()), (1, ""));
        assert!(again.err().contains("340"), "{}", again.err());
        assert_eq!((county.count("client"), county.count("merchant")), (1, 340));
    });
}

#[test]
fn the_witness_county_meets_every_rule_as_expected() {
    on_both_engines(|engine| {
        let county = County::new(engine);
        let folder = sample("witness");
        let summary = demo(&county, &["--data", folder.to_str().unwrap()]);
        holds(&summary, &expected("witness"), "");
        assert_eq!(refusals(&summary["deliveries"][0]).lines().count(), 1);
        let scores = sample_text("witness/expected_scores.csv");
        assert_same_lines(&county.scores(&[]), &scores, "scores");
    });
}

#[test]
fn a_month_later_the_registers_have_evolved() {
    on_both_engines(|engine| {
        let county = County::new(engine);
        county.import_folder(&sample("daishan"));
        let before = county.lines(
            "SELECT CAST(MAX(t) AS TEXT) AS line FROM (SELECT MAX(recorded_at) AS t FROM fact_version \
             UNION ALL SELECT MAX(recorded_at) FROM coverage) AS times",
        );
        let before: daishan_credit::kernel::Instant =
            daishan_credit::kernel::Instant::from_micros(before[0].parse().unwrap());
        let first = sample_text("daishan/expected_scores.csv");
        assert_same_lines(&county.scores(&[]), &first, "scores of December");

        let delivery = county.import_folder(&sample("daishan-2026-01"));
        let changes = sample_text("daishan-2026-01/expected_changes.csv");
        assert_same_lines(&counts(&delivery, &changes), &changes, "changes");
        let second = sample_text("daishan-2026-01/expected_scores.csv");
        assert_same_lines(&county.scores(&[]), &second, "scores of January");

        // What was known before the second delivery gives what was given then.
        let known_at = before.to_string();
        let then = ["--as-of", "2025-12-31", "--known-at", &known_at];
        assert_same_lines(&county.scores(&then), &first, "as known in December");
        let now = county.scores(&["--as-of", "2025-12-31"]);
        assert_ne!(now, first, "the second delivery says nothing of December");

        let json = county.done(&["scores", "--format", "json"]);
        let rows: Vec<Map<String, Value>> = serde_json::from_str(&json).unwrap();
        assert_same_lines(
            &as_csv(&rows, second.lines().next().unwrap()),
            &second,
            "json",
        );
    });
}

/// Rows in JSON as the CSV has them; each value has to be of its own type.
fn as_csv(rows: &[Map<String, Value>], header: &str) -> String {
    let mut text = format!("{header}\n");
    let header: Vec<&str> = header.split(',').collect();
    for row in rows {
        assert_eq!(row.len(), header.len());
        let cells = header.iter().map(|key| match (*key, &row[*key]) {
            ("tier" | "tier_cap" | "next_change_on", Value::Null) => String::new(),
            ("red_lines" | "reasons", Value::Array(ids)) => {
                let ids: Vec<&str> = ids.iter().map(|id| id.as_str().unwrap()).collect();
                ids.join(";")
            }
            ("uscc" | "standing" | "tier" | "tier_cap" | "next_change_on", Value::String(text)) => {
                assert!(!text.is_empty(), "{key}");
                text.clone()
            }
            (_, Value::Number(number)) => number.as_i64().unwrap().to_string(),
            (key, other) => panic!("{key}: {other}"),
        });
        text += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    text
}
