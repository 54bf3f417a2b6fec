use super::demo::changes;
use super::world::{World, assert_same_scores, cells, expected, sample};
use crate::support::on_both_engines;
use daishan_credit::kernel::{Clock, SystemClock, Uscc};
use serde_json::{Map, Value, json};

/// The object that `--format json` must have for a row of the csv.
fn object(header: &csv::StringRecord, row: &csv::StringRecord) -> Value {
    let cell = |(name, cell): (&str, &str)| {
        let value = match name {
            "red_lines" | "reasons" if cell.is_empty() => json!([]),
            "red_lines" | "reasons" => json!(cell.split(';').collect::<Vec<_>>()),
            "uscc" | "standing" | "tier" | "tier_cap" | "next_change_on" => {
                (!cell.is_empty()).then_some(cell).into()
            }
            _ => json!(cell.parse::<i64>().unwrap()),
        };
        (name.to_owned(), value)
    };
    header
        .iter()
        .zip(row)
        .map(cell)
        .collect::<Map<_, _>>()
        .into()
}

fn assert_same_json(world: &World, arguments: &[&str], csv: &str) {
    let json = world.ok(&[&["scores", "--format", "json"], arguments].concat());
    let found: Vec<Value> = serde_json::from_str(&json).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(found.len(), rows.len());
    for (found, row) in found.iter().zip(&rows) {
        assert_eq!(*found, object(&header, row));
    }
}

#[test]
fn the_scores_of_the_sample_are_those_expected_then_later_and_a_month_on() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let first = expected("daishan", "expected_scores.csv");
        assert_same_scores(&world.scores(&[]), &first);
        assert_same_json(&world, &[], &first);
        let stale = expected("daishan", "expected_scores_2026-03-31.csv");
        assert_same_scores(&world.scores(&["--as-of", "2026-03-31"]), &stale);
        assert_same_json(&world, &["--as-of", "2026-03-31"], &stale);
        let told = world.fails(1, &["scores", "--format", "csv", "--as-of", "2023-12-31"]);
        assert!(told.contains("2024-01-01"), "{told}");
        world.ok(&["scores", "--format", "csv", "--as-of", "2024-01-01"]);

        let before = SystemClock.now().to_rfc3339();
        let report = world.import(&sample("daishan-2026-01"), &[]);
        let wanted = expected("daishan-2026-01", "expected_changes.csv");
        assert_eq!(changes(&report, &wanted), wanted);
        assert_eq!(
            report["kinds"].as_object().unwrap().len(),
            wanted.lines().count() - 1
        );
        let second = expected("daishan-2026-01", "expected_scores.csv");
        assert_same_scores(&world.scores(&[]), &second);
        assert_same_json(&world, &[], &second);

        let then = ["--as-of", "2025-12-31", "--known-at", &before];
        assert_same_scores(&world.scores(&then), &first);
        let now = world.scores(&["--as-of", "2025-12-31"]);
        assert!(now != first, "the second delivery told nothing of the past");
        let never = ["--known-at", "2020-01-01T00:00:00+08:00"];
        assert_eq!(world.scores(&never).lines().count(), 1);
    });
}

#[test]
fn the_business_date_of_the_settings_comes_before_that_of_the_county() {
    on_both_engines(|engine| {
        let world = World::sample(engine).env("DAISHAN_BUSINESS_DATE", "2026-03-31");
        let stale = expected("daishan", "expected_scores_2026-03-31.csv");
        assert_same_scores(&world.scores(&[]), &stale);
    });
}

#[test]
fn merchants_not_yet_open_have_no_row() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let (then, now) = (
            cells(&world.scores(&["--as-of", "2024-01-01"])),
            cells(&world.scores(&[])),
        );
        assert!(then.len() < now.len(), "{} {}", then.len(), now.len());
        let roster = super::table::Table::read(&sample("daishan").join("放心消费单元名册.csv"));
        let (code, opened) = (roster.column("统一社会信用代码"), roster.column("成立日期"));
        for uscc in now.keys() {
            let is_own =
                |row: &&Vec<String>| Uscc::parse(&row[code]).is_ok_and(|own| own.as_str() == uscc);
            let mut units = roster.rows.iter().filter(is_own);
            let open = units.any(|row| row[opened].as_str() <= "2024-01-01");
            assert_eq!(then.contains_key(uscc), open, "{uscc}");
        }
    });
}
