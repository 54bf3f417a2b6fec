//! A number is the count of its list, or the sum of its amounts: for every figure and every group.

use super::county::county;
use super::world::{Row, list, number, report, told};
use crate::intake::world::World;
use crate::support::{Engine, on_both_engines};
use daishan_credit::report::Figure;
use daishan_credit::report::figure::{Source, Unit};
use serde_json::Value;
use std::collections::BTreeMap;

const TABLES: [&str; 5] = ["town", "district", "tier", "product", "tier_when_granted"];

#[test]
fn every_number_of_the_sample_is_that_of_its_list() {
    on_both_engines(|engine| {
        // The engines have the same rows to go by; on the slower one a part of the figures is enough.
        let step = if engine == Engine::Sqlite { 1 } else { 5 };
        let figures: Vec<Figure> = Figure::ALL.iter().copied().step_by(step).collect();
        all_agree(&World::sample(engine), &figures);
    });
}

#[test]
fn every_number_of_another_county_is_that_of_its_list() {
    on_both_engines(|engine| {
        let world = county(engine);
        all_agree(&world, Figure::ALL);
        for bank in ["first", "second"] {
            let whole = report(&world, &["--bank", bank]);
            for figure in Figure::ALL {
                let rows = list(&world, figure.as_str(), &["--bank", bank]);
                let wanted = told(&whole["figures"], *figure);
                assert_eq!(Some(number(*figure, &rows)), wanted, "{bank} {figure}");
            }
        }
    });
}

fn all_agree(world: &World, figures: &[Figure]) {
    let whole = report(world, &[]);
    for figure in figures {
        let rows = list(world, figure.as_str(), &[]);
        let found = number(*figure, &rows);
        assert_eq!(told(&whole["figures"], *figure), Some(found), "{figure}");
        let last = whole["by"]["month"].as_array().unwrap().last().unwrap();
        let in_series = (figure.source() != Source::Scores).then_some(found);
        assert_eq!(told(last, *figure), in_series, "{figure} in the series");
        for table in TABLES {
            for group in whole["by"][table].as_array().unwrap() {
                agrees(world, *figure, table, group, &rows);
            }
        }
    }
    let series = whole["by"]["month"].as_array().unwrap();
    for point in series.iter().skip(1).step_by(6) {
        let day = point["on"].as_str().unwrap();
        for figure in [
            Figure::MerchantsWithLines,
            Figure::CreditGranted,
            Figure::Drawn,
        ]
        .into_iter()
        .chain([
            Figure::MerchantsWithAcquiring,
            Figure::Claims,
            Figure::Subsidy,
        ]) {
            let rows = list(world, figure.as_str(), &["--on", day]);
            assert_eq!(
                told(point, figure),
                Some(number(figure, &rows)),
                "{figure} on {day}"
            );
        }
    }
}

/// The list of a group is that part of the list which lies in it, and what is asked for by the group.
fn agrees(world: &World, figure: Figure, table: &str, group: &Value, rows: &[Row]) {
    let Some(wanted) = told(group, figure) else {
        assert!(
            matches!(table, "product" | "tier_when_granted"),
            "{figure} {table}"
        );
        return;
    };
    let name = group[table].as_str();
    let where_ = format!("{table}={}", name.unwrap_or("none"));
    // One row a merchant: the list of a group of lines is no part of the whole list.
    let by_line =
        figure.unit() == Unit::Merchants && matches!(table, "product" | "tier_when_granted");
    if by_line {
        // A tier that the card has and no line is known by its name all the same.
        let rows = list(world, figure.as_str(), &["--where", &where_]);
        assert_eq!(number(figure, &rows), wanted, "{figure} {where_}");
        return;
    }
    let column = match (figure.source(), table) {
        (Source::Claims, "product") => "programme",
        _ => table,
    };
    let cell = |row: &Row| match (table, &*row[column]) {
        ("tier_when_granted", "") if row["tier_when_granted_is"] == "not_reconstructable" => {
            "not_reconstructable".to_owned()
        }
        (_, cell) => cell.to_owned(),
    };
    let own = rows
        .iter()
        .filter(|row| cell(row) == name.unwrap_or_default());
    assert_eq!(number(figure, own), wanted, "{figure} {where_}");
}

#[test]
fn what_is_asked_for_by_a_group_is_its_part_of_the_whole() {
    on_both_engines(|engine| {
        let world = county(engine);
        let whole = report(&world, &[]);
        for table in TABLES {
            for group in whole["by"][table].as_array().unwrap() {
                let name = group[table].as_str().unwrap_or("none");
                let where_ = format!("{table}={name}");
                let part = report(&world, &["--where", &where_]);
                for figure in Figure::ALL {
                    if let Some(wanted) = told(group, *figure) {
                        assert_eq!(
                            told(&part["figures"], *figure),
                            Some(wanted),
                            "{where_} {figure}"
                        );
                    }
                }
            }
        }
    });
}

/// By town, district and tier the groups add up to the total; by product, merchants may come to more.
#[test]
fn groups_add_up_to_the_total() {
    on_both_engines(|engine| {
        for world in [World::sample(engine), county(engine)] {
            let whole = report(&world, &[]);
            let mut sums: BTreeMap<(&str, Figure), i64> = BTreeMap::new();
            for table in TABLES {
                for group in whole["by"][table].as_array().unwrap() {
                    for figure in Figure::ALL {
                        *sums.entry((table, *figure)).or_default() +=
                            told(group, *figure).unwrap_or(0);
                    }
                }
            }
            for ((table, figure), sum) in sums {
                let total = told(&whole["figures"], figure).unwrap();
                match (table, figure.unit(), figure.source()) {
                    ("town" | "district" | "tier", ..) => {
                        assert_eq!(sum, total, "{table} {figure}")
                    }
                    ("product", Unit::Merchants, Source::Lines | Source::Claims) => {
                        assert!(sum >= total, "{table} {figure}");
                    }
                    ("product", _, Source::Lines | Source::Claims)
                    | ("tier_when_granted", Unit::Items | Unit::Money, Source::Lines) => {
                        assert_eq!(sum, total, "{table} {figure}");
                    }
                    _ => {}
                }
            }
        }
    });
}
