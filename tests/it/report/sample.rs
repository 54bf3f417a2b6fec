//! The sample county's report is what lies beside the sample.

use super::world::{list, report};
use crate::intake::world::{World, expected};
use crate::support::on_both_engines;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn named(world: &World) -> Value {
    report(world, &[])
}

#[test]
fn the_totals_are_those_expected() {
    let wanted: Value = serde_json::from_str(&expected("daishan", "expected.json")).unwrap();
    let (lines, subsidy) = (&wanted["credit_lines"], &wanted["subsidy"]);
    on_both_engines(|engine| {
        let told = named(&World::sample(engine));
        for (figure, wanted) in [
            ("merchants_scored", &wanted["scores"]["merchants"]),
            ("rated", &wanted["scores"]["standing"]["rated"]),
            ("merchants_with_lines", &lines["merchants"]),
            ("credit_granted", &lines["limit_total"]),
            ("drawn", &lines["drawn_total"]),
            ("over_cap_when_granted", &lines["over_cap_when_granted"]),
            ("over_cap_now", &lines["over_cap_now"]),
            (
                "merchants_with_acquiring",
                &wanted["statements"]["merchants"],
            ),
            ("merchants_with_subsidy", &subsidy["merchants"]),
            ("claims", &subsidy["claims"]),
            ("subsidy", &subsidy["total"]),
            // Nothing of it has been confirmed, let alone paid.
            ("subsidy_reserved", &subsidy["total"]),
            ("subsidy_paid", &json!("0.00")),
        ] {
            assert!(!wanted.is_null(), "{figure}");
            assert_eq!(&told["figures"][figure], wanted, "{figure}");
        }
        for tier in told["by"]["tier"].as_array().unwrap() {
            if let Some(name) = tier["tier"].as_str() {
                assert_eq!(
                    tier["merchants_scored"], wanted["scores"]["tiers"][name],
                    "{name}"
                );
            }
        }
    });
}

#[test]
fn lines_over_the_cap_are_those_expected_and_say_by_how_much() {
    let wanted = expected("daishan", "expected_lines.csv");
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let told = named(&world);
        for (key, column) in [("when_granted", 4), ("now", 5)] {
            let wanted: BTreeSet<&str> = wanted
                .lines()
                .map(|line| line.split(',').collect::<Vec<_>>())
                .filter(|cells| cells[column] == "yes")
                .map(|cells| cells[0])
                .collect();
            let rows = told["over_cap"][key].as_array().unwrap();
            let found = rows.iter().map(|row| row["agreement"].as_str().unwrap());
            assert_eq!(found.collect::<BTreeSet<_>>(), wanted, "{key}");
        }
        let now = told["over_cap"]["now"].as_array().unwrap();
        let one = now
            .iter()
            .find(|row| row["agreement"] == "DSNS-20250714-0013");
        let one = one.unwrap();
        let keys = ["limit", "cap_now", "excess_now", "tier"].map(|key| one[key].as_str());
        assert_eq!(
            keys,
            ["6620000.00", "6000000.00", "620000.00", "A"].map(Some)
        );
        let flags = one["flags"].as_array().unwrap();
        assert!(flags.contains(&json!("override_pending")), "{one}");
        let listed = list(&world, "over_cap_now", &[]);
        assert_eq!(listed.len(), now.len());
    });
}

#[test]
fn everybody_scored_on_both_dates_moves_once() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let told = report(&world, &["--since", "2025-06-30"]);
        let migration = &told["migration"];
        let moves = migration["moves"].as_array().unwrap();
        let count = |one: &Value| one["merchants"].as_u64().unwrap();
        let sum: u64 = moves.iter().map(count).sum();
        assert_eq!(Some(sum), migration["merchants"].as_u64());
        assert_eq!(told["figures"]["migrated"].as_u64(), Some(sum));
        for (from, to) in [("AA", "AAA"), ("none", "AA"), ("A", "D")] {
            let tier = |name: &str| {
                if name == "none" {
                    Value::Null
                } else {
                    json!(name)
                }
            };
            let wanted = moves
                .iter()
                .find(|one| one["from"] == tier(from) && one["to"] == tier(to))
                .unwrap();
            let (from, to) = (format!("tier_before={from}"), format!("tier={to}"));
            let more = ["--since", "2025-06-30", "--where", &from, "--where", &to];
            let listed = list(&world, "migrated", &more);
            assert_eq!(listed.len() as u64, count(wanted), "{from} {to}");
        }
        // What was scored on the day is what `scores` tells.
        let scores = |day: &str| {
            let csv = world.scores(&["--as-of", day]);
            csv.lines().filter(|line| line.contains(",rated,")).count() as u64
        };
        let figure = |name: &str| told["figures"][name].as_u64().unwrap();
        assert_eq!(figure("rated"), scores("2025-12-31"));
        assert_eq!(figure("rated_before"), scores("2025-06-30"));
        let bands = told["stability"]["bands"].as_array().unwrap();
        let sum = |key: &str| {
            bands
                .iter()
                .map(|it| it[key].as_u64().unwrap())
                .sum::<u64>()
        };
        assert_eq!(
            (sum("before"), sum("now")),
            (figure("rated_before"), figure("rated"))
        );
        // The same day twice: nobody has moved.
        let still = report(&world, &["--since", "2025-12-31"]);
        assert_eq!(still["stability"]["psi"], "0.0000");
        assert_eq!(still["stability"]["verdict"], "stable");
    });
}

#[test]
fn without_bad_lines_it_is_said_that_nothing_can_be_told_apart() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let told = &named(&world)["discrimination"];
        let wanted = json!({
            "good": 63, "bad": 0, "not_rated_when_granted": 0, "untold": 0,
            "auc": null, "gini": null, "ks": null, "caution": "none_bad",
        });
        assert_eq!(*told, wanted);
        let text = world.ok(&["report"]);
        assert!(
            text.contains("没有坏账") && text.contains("no bad lines"),
            "{text}"
        );
        assert!(
            text.contains("63  授信商户 · merchants with lines"),
            "{text}"
        );
        assert!(
            text.contains("¥360,000,000.00  授信额度 · credit granted"),
            "{text}"
        );
        let table = world.ok(&["report", "--by", "town"]);
        assert!(
            table.contains("高亭镇") && !table.contains("PSI"),
            "{table}"
        );
    });
}

#[test]
fn dates_banks_and_groups_that_are_not_are_told_with_what_there_is() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let told = world.fails(1, &["report", "--as-of", "2023-12-31"]);
        assert!(told.contains("2024-01-01"), "{told}");
        let told = world.fails(1, &["report", "--since", "2023-12-31"]);
        assert!(told.contains("2024-01-01"), "{told}");
        // A year before would lie before the card's first day.
        let early = report(&world, &["--as-of", "2024-06-30"]);
        assert_eq!(early["since"], "2024-01-01");
        world.fails(
            2,
            &["report", "--as-of", "2025-06-30", "--since", "2025-07-01"],
        );
        let told = world.fails(1, &["report", "--bank", "icbc"]);
        assert!(told.contains("rcb"), "{told}");
        for arguments in [
            &["report"][..],
            &["report", "--behind", "lines", "--format", "csv"],
        ] {
            let more = ["--where", "town=示例镇"];
            let told = world.fails(1, &[arguments, &more].concat());
            assert!(
                told.contains("高亭镇") && told.contains("there is no town"),
                "{told}"
            );
        }
        let told = world.fails(2, &["report", "--where", "village=x"]);
        assert!(told.contains("district"), "{told}");
        world.fails(2, &["report", "--where", "town"]);
        world.fails(2, &["report", "--behind", "lines"]);
        let told = world.fails(2, &["report", "--behind", "profit", "--format", "csv"]);
        assert!(told.contains("credit_granted"), "{told}");
    });
}

/// The names in an object, and of the first of each list in it, one a line.
fn shape(value: &Value, within: &str, lines: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                shape(value, &format!("{within}.{key}"), lines);
            }
        }
        Value::Array(items) if items.first().is_some_and(Value::is_object) => {
            shape(&items[0], &format!("{within}[]"), lines);
        }
        _ => lines.push(within.to_owned()),
    }
}

#[test]
fn the_object_keeps_its_shape() {
    let world = World::sample(crate::support::Engine::Sqlite);
    let mut lines = Vec::new();
    shape(&named(&world), "", &mut lines);
    let figure = |line: &&String| !line.starts_with(".by.") || line.starts_with(".by.month[]");
    let lines: Vec<&str> = lines.iter().filter(figure).map(String::as_str).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_readmes_tell_every_figure() {
    for file in ["README.md", "README.zh-CN.md"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(path).unwrap();
        for figure in daishan_credit::report::Figure::ALL {
            assert!(text.contains(&format!("| `{figure}` |")), "{file} {figure}");
        }
    }
}
