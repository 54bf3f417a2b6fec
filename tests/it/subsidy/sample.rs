//! The sample county's claims are those that lie beside it.

use crate::intake::world::{World, expected, query};
use crate::support::on_both_engines;
use serde_json::Value;

/// The first five columns of a list of claims.
fn five_columns(csv: &str) -> String {
    let line = |line: &str| line.split(',').take(5).collect::<Vec<_>>().join(",") + "\n";
    csv.lines().map(line).collect()
}

#[test]
fn the_claims_are_those_expected_and_computing_again_changes_nothing() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let list = world.ok(&["claims", "--format", "csv"]);
        assert_eq!(
            five_columns(&list),
            expected("daishan", "expected_claims.csv")
        );
        let before = world.tables();
        let told = world.ok(&["claims", "compute", "--by", "示例员"]);
        assert!(told.contains("0 new claims over 0.00"), "{told}");
        assert!(told.contains("0 differences"), "{told}");
        assert!(
            before == world.tables(),
            "computing twice has changed something"
        );

        let json: Value = serde_json::from_str(&world.ok(&[
            "claims",
            "--format",
            "json",
            "--programme",
            "acquiring-2025",
            "--month",
            "202512",
            "--status",
            "computed",
        ]))
        .unwrap();
        let december = json.as_array().unwrap();
        assert_eq!(
            december.len(),
            list.lines()
                .filter(|line| line.contains(",202512,"))
                .count()
        );
        assert!(december.len() > 100);
        for claim in december {
            assert_eq!(claim["month"], "202512");
        }
        for filter in [
            ["--status", "paid"],
            ["--month", "202601"],
            ["--programme", "other"],
        ] {
            let none = world.ok(&[&["claims", "--format", "json"][..], &filter].concat());
            assert_eq!(none, "[]\n", "{filter:?}");
        }
    });
}

#[test]
fn the_books_agree_and_the_trial_balance_goes_by_date() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let told = world.ok(&["ledger", "check"]);
        assert!(told.contains("3001 transfers, 3000 claims"), "{told}");
        let balance = |more: &[&str]| -> Value {
            let text = world.ok(&[&["ledger", "balance", "--json"], more].concat());
            serde_json::from_str::<Value>(&text).unwrap()["programmes"].clone()
        };
        let all = balance(&[]);
        for (account, amount) in [
            ("funding", "-500000.00"),
            ("pool", "92100.00"),
            ("reserved", "407900.00"),
            ("payable", "0.00"),
            ("paid", "0.00"),
            ("clawed_back", "0.00"),
        ] {
            assert_eq!(all["acquiring-2025"][account], amount);
        }
        assert_eq!(balance(&["--as-of", "2025-12-31"]), all);
        assert_eq!(balance(&["--as-of", "2025-12-30"]), serde_json::json!({}));
        let table = world.ok(&["ledger", "balance"]);
        assert_eq!(table.matches("500000.00").count(), 3, "{table}");
    });
}

#[test]
fn a_month_that_is_not_over_and_a_programme_that_is_not_there_are_refused() {
    let world = World::sample(crate::support::Engine::Sqlite);
    let by = ["claims", "compute", "--by", "示例员"];
    for (more, why) in [
        (["--month", "202601"], "lies whole in no programme"),
        (["--month", "202513"], "yyyyMM"),
        (["--programme", "other"], "no programme"),
    ] {
        let code = if why == "yyyyMM" { 2 } else { 1 };
        let told = world.fails(code, &[&by[..], &more].concat());
        assert!(told.contains(why), "{told}");
    }
    world.fails(2, &["claims"]);
    world.fails(2, &["claims", "compute"]);
    let dates = query(
        &world.database.open(),
        "SELECT DISTINCT recorded_by AS line FROM claim_basis",
    );
    assert_eq!(dates, ["demo"]);
}
