//! Programmes that are not the sample's: each rule by which one may differ.

use super::town::{ACQUIRERS, Town, statement};
use crate::intake::folder::uscc;
use crate::support::{Engine, on_both_engines};

const PLAIN: &str = "rate_basis_points = 10000\npayment = \"reimburse\"\ncertified = \"every_day\"";

fn triple(merchant: usize, acquirer: usize, left: &str) -> (usize, usize, String) {
    (merchant, acquirer, left.to_owned())
}

/// Three merchants certified since 2024, a fourth in the middle of the month.
fn town(engine: Engine) -> Town {
    let mut town = Town::new(engine, "2025-03-31");
    for merchant in 1..=3 {
        town.county.merchant(merchant, "2020-01-01", "2024-01-01");
    }
    town.county.merchant(4, "2020-01-01", "2025-01-15");
    town
}

#[test]
fn a_pool_that_is_short_is_divided_to_the_fen_and_then_is_empty() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        town.programme("short", &format!("pool = \"0.10\"\n{PLAIN}"));
        // In three ways the same: 0.0333.. each.
        for merchant in [3, 1, 2] {
            statement(
                &mut town.county,
                merchant,
                0,
                &format!("n{merchant}"),
                "202501",
                ("9.00", "9.00"),
            );
        }
        statement(&mut town.county, 1, 0, "n1", "202502", ("9.00", "9.00"));
        town.import();
        town.compute();
        let given = [
            triple(1, 0, "0.04"),
            triple(2, 0, "0.03"),
            triple(3, 0, "0.03"),
        ];
        assert_eq!(town.amounts("short"), given);
        assert_eq!(town.balance("short", "pool"), "0.00");
        town.check();
    });
}

#[test]
fn numbers_and_acquirers_are_summed_and_caps_hold_over_all_of_them() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        let caps = "cap_per_merchant_month = \"100.00\"\ncap_per_merchant_year = \"150.00\"";
        town.programme("capped", &format!("pool = \"1000.00\"\n{caps}\n{PLAIN}"));
        let county = &mut town.county;
        statement(county, 1, 1, "a", "202501", ("50.00", "50.00"));
        statement(county, 1, 0, "b", "202501", ("30.00", "30.00"));
        statement(county, 1, 0, "c", "202501", ("40.00", "40.00"));
        statement(county, 1, 0, "b", "202502", ("99.00", "99.00"));
        statement(county, 1, 0, "b", "202503", ("99.00", "99.00"));
        statement(county, 2, 0, "d", "202503", ("99.99", "99.99"));
        // What is charged back to the merchant makes no claim.
        statement(county, 3, 0, "e", "202501", ("0.00", "0.00"));
        // Certified from the middle of January on.
        statement(county, 4, 0, "f", "202501", ("7.00", "7.00"));
        statement(county, 4, 0, "f", "202502", ("7.00", "7.00"));
        town.import();
        town.compute();
        let month = |month: &str| month.to_owned();
        // 示例支付 sorts before 示例第一银行.
        assert_eq!(
            town.claims("capped"),
            [
                (1, 1, month("202501"), 0, "50.00".to_owned()),
                (1, 0, month("202501"), 0, "50.00".to_owned()),
                (1, 0, month("202502"), 0, "50.00".to_owned()),
                (2, 0, month("202503"), 0, "99.99".to_owned()),
                (4, 0, month("202502"), 0, "7.00".to_owned()),
            ]
        );
        town.check();
        // In whatever order the rows come, the claims are the same.
        let mut turned = Town::new(engine, "2025-03-31");
        turned.county = town.county.clone();
        turned
            .county
            .rows
            .values_mut()
            .for_each(|rows| rows.reverse());
        turned.import();
        turned.compute();
        assert_eq!(turned.claims("capped"), town.claims("capped"));
    });
}

#[test]
fn fees_that_are_waived_and_a_rate_in_part_and_the_last_day() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        let rest = "pool = \"1000.00\"\nrate_basis_points = 5000\npayment = \"waive\"\ncertified = \"last_day\"";
        town.programme("waived", rest);
        let county = &mut town.county;
        statement(county, 1, 0, "a", "202501", ("10.01", "3.00"));
        // Less was due than was charged: together with the other number nothing is left.
        statement(county, 2, 0, "b", "202501", ("1.00", "3.00"));
        statement(county, 2, 0, "c", "202501", ("3.00", "1.00"));
        statement(county, 3, 0, "d", "202501", ("1.00", "1.50"));
        statement(county, 4, 0, "e", "202501", ("2.00", "1.00"));
        town.import();
        town.compute();
        // 7.01 x 50% is 3.505: half up.
        assert_eq!(
            town.amounts("waived"),
            [triple(1, 0, "3.51"), triple(4, 0, "0.50")]
        );
        town.check();
    });
}

#[test]
fn kinds_of_unit_and_tiers_choose_who_is_eligible() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        let reimburse = "payment = \"reimburse\"\ncertified = \"every_day\"";
        town.programme(
            "shops",
            &format!("pool = \"1000.00\"\nunit_kinds = [\"放心消费餐饮店\"]\n{PLAIN}"),
        );
        town.programme(
            "all-shops",
            &format!(
                "pool = \"1000.00\"\nunit_kinds = [\"放心消费餐饮店\", \"放心消费商店\"]\n{PLAIN}"
            ),
        );
        town.programme(
            "tiered",
            &format!("pool = \"1000.00\"\ntiers = [\"AAA\", \"AA\"]\n{PLAIN}"),
        );
        town.programme(
            "by-tier",
            &format!(
                "pool = \"1000.00\"\nrate_basis_points = {{ AAA = 4000, AA = 3000, A = 2000, B = 1000 }}\n{reimburse}"
            ),
        );
        for merchant in 1..=3 {
            statement(
                &mut town.county,
                merchant,
                0,
                &format!("n{merchant}"),
                "202503",
                ("10.00", "10.00"),
            );
        }
        // A merchant with an open listing has no tier.
        let code = crate::intake::folder::uscc(3);
        town.county.row(
            "listings",
            format!("{code},示例商户3,失信被执行人,2025-02-01,示例,示例法院,"),
        );
        town.county.fine("F1", 2, "2025-03-01", "60000.00");
        town.import();
        let scores = town.world.scores(&["--as-of", "2025-03-31"]);
        let scores = crate::intake::world::cells(&scores);
        let tier = |merchant| scores[&crate::intake::folder::uscc(merchant)]["tier"].clone();
        let (first, second, third) = (tier(1), tier(2), tier(3));
        assert_eq!(third, "");
        assert_ne!(first, second);
        town.compute();
        assert_eq!(town.amounts("shops"), []);
        assert_eq!(town.amounts("all-shops").len(), 3);
        let best = ["AAA", "AA"].contains(&&*first);
        assert_eq!(town.amounts("tiered").len(), usize::from(best));
        let rate = |tier: &str| match tier {
            "AAA" => "4.00",
            "AA" => "3.00",
            "A" => "2.00",
            "B" => "1.00",
            _ => "0.00",
        };
        let both = [triple(1, 0, rate(&first)), triple(2, 0, rate(&second))];
        let both: Vec<_> = both
            .into_iter()
            .filter(|(.., left)| left != "0.00")
            .collect();
        assert!(!both.is_empty());
        assert_eq!(town.amounts("by-tier"), both);
        town.check();
    });
}

#[test]
fn a_later_folder_s_terms_count_from_its_day_on_and_its_pool_at_once() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        town.programme("p", &format!("pool = \"100.00\"\n{PLAIN}"));
        for month in ["202501", "202502", "202503", "202504"] {
            statement(&mut town.county, 1, 0, "a", month, ("10.00", "10.00"));
        }
        town.import();
        let records = || town.world.counts()["programme_record"];
        assert_eq!(records(), 1);
        town.import();
        assert_eq!(records(), 1);
        town.compute();
        assert_eq!(town.amounts("p").len(), 3);

        let mut later = Town {
            county: town.county.clone(),
            world: town.world.copy(),
        };
        later.county.business_date = Some("2025-04-30".to_owned());
        later.county.more = String::new();
        let half = PLAIN.replace("10000", "5000");
        later.programme("p", &format!("pool = \"40.00\"\n{half}"));
        later.import();
        assert_eq!(later.balance("p", "pool"), "10.00");
        later.compute();
        let left: Vec<String> = later.claims("p").into_iter().map(|claim| claim.4).collect();
        assert_eq!(left, ["10.00", "10.00", "10.00", "5.00"]);
        // The first folder again: nothing new, and the later terms stay.
        later.world.import(&town.folder(), &[]);
        assert_eq!(later.world.counts()["programme_record"], 2);
        assert_eq!(later.balance("p", "funding"), "-40.00");
        later.county.more = String::new();
        later.programme("p", &format!("pool = \"30.00\"\n{half}"));
        let folder = later.folder();
        let done = later
            .world
            .run(&["import", folder.to_str().unwrap(), "--by", "示例员"]);
        assert_eq!(done.code(), 0);
        assert!(
            done.err().contains("5.00 yuan could not be taken out"),
            "{}",
            done.err()
        );
        assert_eq!(later.balance("p", "pool"), "0.00");
        // What comes back is granted only as far as the lowered pool reaches, and the rest is taken out.
        later.reject("p", 1);
        assert_eq!(later.balance("p", "pool"), "10.00");
        statement(&mut later.county, 1, 1, "b", "202504", ("40.00", "40.00"));
        later.import();
        assert_eq!(later.balance("p", "pool"), "5.00");
        assert_eq!(later.balance("p", "funding"), "-30.00");
        later.compute();
        assert_eq!(later.balance("p", "pool"), "0.00");
        assert_eq!(later.balance("p", "reserved"), "30.00");
        later.check();
    });
}

#[test]
fn a_pool_that_could_not_be_lowered_yet_is_not_spent_again() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        town.programme("p", &format!("pool = \"10.00\"\n{PLAIN}"));
        statement(&mut town.county, 1, 0, "a", "202501", ("10.00", "10.00"));
        town.import();
        town.compute();
        town.county.more = String::new();
        town.programme("p", &format!("pool = \"4.00\"\n{PLAIN}"));
        statement(&mut town.county, 1, 1, "b", "202502", ("10.00", "10.00"));
        town.import();
        town.reject("p", 1);
        assert_eq!(town.balance("p", "pool"), "10.00");
        town.compute();
        assert_eq!(town.balance("p", "reserved"), "4.00");
        town.check();
    });
}

#[test]
fn a_month_of_impossible_fees_is_left_out_by_itself_until_it_is_corrected() {
    on_both_engines(|engine| {
        let mut town = town(engine);
        town.programme("p", &format!("pool = \"100000001000.00\"\n{PLAIN}"));
        let (county, most) = (&mut town.county, "92233720368547758.07");
        statement(county, 1, 0, "n1", "202501", ("9.00", most));
        statement(county, 1, 1, "n2", "202501", ("9.00", "9.00"));
        statement(county, 1, 0, "n1", "202502", ("9.00", "8.00"));
        // Together beyond what can be stored at all.
        for number in ["n3", "n4"] {
            statement(county, 2, 0, number, "202502", ("9.00", most));
        }
        statement(county, 3, 0, "n5", "202502", ("9.00", "100000000000.00"));
        statement(county, 3, 1, "n6", "202502", ("9.00", "100000000000.01"));
        town.import();
        let compute = ["claims", "compute", "--by", "示例员"];
        let done = town.world.run(&compute);
        assert_eq!(done.code(), 1, "{}\n{}", done.out(), done.err());
        for (merchant, acquirer, month) in [(1, 0, "202501"), (2, 0, "202502"), (3, 1, "202502")] {
            let (uscc, acquirer) = (uscc(merchant), ACQUIRERS[acquirer]);
            let zh = format!("p：{uscc} 在{acquirer} {month} 的手续费超过100000000000.00");
            let en = format!("p: the fees of {uscc} at {acquirer} in {month} are beyond");
            for text in [done.out(), done.err()] {
                assert!(text.contains(&zh) && text.contains(&en), "{text}");
                assert_eq!(text.matches("left out").count(), 3, "{text}");
            }
        }
        let rest = [
            triple(1, 1, "9.00"),
            triple(1, 0, "8.00"),
            triple(3, 0, "100000000000.00"),
        ];
        assert_eq!(sorted(town.amounts("p")), sorted(rest.to_vec()));
        town.check();

        let mut corrected = town.county.clone();
        corrected.rows.get_mut("statements").unwrap().clear();
        statement(&mut corrected, 1, 0, "n1", "202501", ("9.00", "7.00"));
        let file = corrected.write_file(town.world.cli.folder(), "statements");
        let covers = "2025-01-01..2025-01-31";
        let more = ["--source", ACQUIRERS[0], "--covers", covers, "--corrects"];
        town.world.import(&file, &more);
        let told = town.world.run(&compute);
        assert_eq!(told.err().matches("left out").count(), 2, "{}", told.err());
        assert!(town.amounts("p").contains(&triple(1, 0, "7.00")));
        town.check();
    });
}

fn sorted(mut claims: Vec<(usize, usize, String)>) -> Vec<(usize, usize, String)> {
    claims.sort();
    claims
}
