//! What changes after a claim has been computed, and what does not.

use super::town::{Town, statement};
use crate::support::{Engine, on_both_engines};

const PROGRAMME: &str = "pool = \"1000.00\"\ncap_per_merchant_month = \"100.00\"\nrate_basis_points = 10000\n\
                         payment = \"reimburse\"\ncertified = \"every_day\"";

/// Two merchants with a claim of 10 yuan each in January.
fn town(engine: Engine) -> Town {
    let mut town = Town::new(engine, "2025-03-31");
    town.programme("p", PROGRAMME);
    for merchant in 1..=2 {
        town.county.merchant(merchant, "2020-01-01", "2024-01-01");
        statement(
            &mut town.county,
            merchant,
            0,
            &format!("n{merchant}"),
            "202501",
            ("10.00", "10.00"),
        );
    }
    town.import();
    town.compute();
    town
}

fn left(town: &Town) -> Vec<(usize, i64, String)> {
    let claims = town.claims("p").into_iter();
    claims
        .map(|(merchant, _, _, number, left)| (merchant, number, left))
        .collect()
}

/// Changes the roster's row of merchant 1, and imports the roster again.
fn roster(town: &mut Town, from: &str, to: &str) {
    let rows = town.county.rows.get_mut("roster").unwrap();
    assert!(rows[0].contains(from));
    rows[0] = rows[0].replacen(from, to, 1);
    town.import();
}

fn own(number: i64, amount: &str) -> (usize, i64, String) {
    (1, number, amount.to_owned())
}

fn other() -> (usize, i64, String) {
    (2, 0, "10.00".to_owned())
}

#[test]
fn a_later_suspension_changes_nothing_and_its_end_neither() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        roster(&mut town, "在期", "暂停");
        statement(&mut town.county, 1, 0, "n1", "202502", ("20.00", "20.00"));
        town.import();
        town.compute();
        // February is computed while it is suspended: there is no claim, also when that is over.
        assert_eq!(left(&town), [own(0, "10.00"), other()]);
        roster(&mut town, "暂停", "在期");
        let told = town.compute();
        assert!(
            told.contains("0 new claims") && told.contains("0 differences"),
            "{told}"
        );
        assert_eq!(left(&town), [own(0, "10.00"), other()]);
        town.check();
    });
}

#[test]
fn an_end_inside_the_month_takes_the_claim_away_and_one_after_it_does_not() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        roster(&mut town, "在期,", "撤销,2025-02-01");
        assert!(town.compute().contains("0 differences"));
        roster(&mut town, "撤销,2025-02-01", "撤销,2025-01-31");
        assert!(town.compute().contains("1 differences"));
        assert_eq!(left(&town), [own(0, "0.00"), other()]);
        assert_eq!(town.balance("p", "pool"), "990.00");
        assert!(town.compute().contains("0 differences"));
        // The end was a mistake.
        roster(&mut town, "撤销,2025-01-31", "在期,");
        town.compute();
        assert_eq!(left(&town), [own(0, "0.00"), own(1, "10.00"), other()]);
        town.check();
    });
}

#[test]
fn a_certification_that_is_void_or_dated_otherwise_makes_a_difference() {
    on_both_engines(|engine| {
        for (from, to) in [
            ("2024-01-01,在期", ",待审核"),
            ("2024-01-01,在期", "2025-01-02,在期"),
            ("在期", "培育"),
        ] {
            let mut town = town(engine);
            roster(&mut town, from, to);
            town.compute();
            assert_eq!(left(&town), [own(0, "0.00"), other()], "{to}");
            town.check();
        }
        let mut town = town(engine);
        roster(&mut town, "2024-01-01,在期", "2023-01-01,在期");
        assert!(town.compute().contains("0 differences"));
    });
}

#[test]
fn statements_that_are_late_or_corrected_make_differences_within_the_caps() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        statement(&mut town.county, 1, 0, "n9", "202501", ("70.00", "70.00"));
        statement(&mut town.county, 1, 1, "n8", "202501", ("70.00", "70.00"));
        town.import();
        let told = town.compute();
        assert!(told.contains("1 new claims over 70.00"), "{told}");
        assert!(told.contains("1 differences, 20.00 more"), "{told}");
        // 示例支付 comes first, but what it has claimed is not of this run: the cap of 100 leaves 20 to the other.
        let claims = town.claims("p");
        let amounts: Vec<_> = claims.iter().map(|it| (it.0, it.1, it.3, &*it.4)).collect();
        assert_eq!(
            amounts,
            [
                (1, 1, 0, "70.00"),
                (1, 0, 0, "10.00"),
                (1, 0, 1, "20.00"),
                (2, 0, 0, "10.00")
            ]
        );
        assert_eq!(town.balance("p", "pool"), "890.00");

        // The bank corrects one number: 80.00 become 12.00.
        let mut corrected = town.county.clone();
        corrected.rows.get_mut("statements").unwrap().clear();
        statement(&mut corrected, 1, 0, "n9", "202501", ("2.00", "2.00"));
        let file = corrected.write_file(town.world.cli.folder(), "statements");
        let more = [
            "--source",
            "示例第一银行",
            "--covers",
            "2025-01-01..2025-12-31",
            "--corrects",
        ];
        town.world.import(&file, &more);
        let told = town.compute();
        assert!(
            told.contains("1 differences, 0.00 more and 18.00 less"),
            "{told}"
        );
        let claims = town.claims("p");
        let amounts: Vec<_> = claims.iter().map(|it| (it.0, it.1, it.3, &*it.4)).collect();
        assert_eq!(
            amounts,
            [
                (1, 1, 0, "70.00"),
                (1, 0, 0, "10.00"),
                (1, 0, 1, "2.00"),
                (2, 0, 0, "10.00")
            ]
        );
        town.check();
    });
}

/// The bank corrects the first merchant's number.
fn correct(town: &Town, charged: &str) {
    let mut corrected = town.county.clone();
    corrected.rows.get_mut("statements").unwrap().clear();
    statement(&mut corrected, 1, 0, "n1", "202501", (charged, charged));
    let file = corrected.write_file(town.world.cli.folder(), "statements");
    let (source, covers) = (["--source", "示例第一银行"], "2025-01-01..2025-12-31");
    let more = [&source[..], &["--covers", covers, "--corrects"]].concat();
    town.world.import(&file, &more);
}

#[test]
fn what_people_have_rejected_does_not_come_back() {
    on_both_engines(|engine| {
        let town = town(engine);
        town.reject("p", 1);
        correct(&town, "2.00");
        assert!(town.compute().contains("0 differences"));
        for _ in 0..2 {
            correct(&town, "30.00");
            let told = town.compute();
            assert!(
                told.contains("0 differences") && told.contains("1 would be due more"),
                "{told}"
            );
            assert_eq!(left(&town), [own(0, "0.00"), other()]);
        }
        assert_eq!(town.balance("p", "reserved"), "10.00");
        town.check();
    });
}
