//! What was known at a moment stays what was known then, whatever is recorded later.

use super::folder::{BUREAU, County, uscc};
use super::table::Dice;
use super::within::{DAY, take};
use super::world::World;
use crate::support::{Engine, on_both_engines};
use daishan_credit::embedded::Configuration;
use daishan_credit::flows::list_scores::list_scores;
use daishan_credit::flows::watch::Unwatched;
use daishan_credit::kernel::{Clock, Instant, SystemClock};
use daishan_credit::store::Store;
use std::collections::BTreeMap;

const MERCHANTS: usize = 3;
const ROUNDS: usize = 4;

/// All that is said of every merchant on some days by what was known at a moment.
fn said(store: &Store, known_at: Instant) -> Vec<String> {
    let configuration = Configuration::embedded();
    let kinds = configuration.kinds().unwrap();
    let cards = configuration.cards(&kinds).unwrap();
    let card = cards.get("daishan-2026.1").unwrap();
    let mut said = Vec::new();
    for day in ["2025-01-15", DAY, "2026-02-01"] {
        let day = day.parse().unwrap();
        let listed = store.read(|conn| {
            list_scores(conn, &kinds, card, day, Some(known_at), |history, given| {
                said.push(format!("{day} {history:?} {given:?}"));
                Ok::<_, std::convert::Infallible>(())
            })
        });
        listed.unwrap().unwrap();
    }
    said
}

/// Adds rows, and lets some that are there go on as registers do.
fn go_on(county: &mut County, dice: &mut Dice, round: usize) {
    for number in 0..6 {
        let (merchant, month) = (dice.below(MERCHANTS) + 1, dice.below(12) + 1);
        let key = format!("{round}-{number}");
        match dice.below(4) {
            0 => county.fine(&key, merchant, &format!("2024-{month:02}-05"), "30000.00"),
            1 => county.complaint(&key, merchant, &format!("2024-{month:02}-07"), "受理,,"),
            2 => county.row(
                "inspections",
                format!(
                    "{key},{},示例商户{merchant},2024-{month:02}-09,未发现问题,{BUREAU},",
                    uscc(merchant)
                ),
            ),
            _ => county.row(
                "statements",
                format!(
                    "示例机构,M{key},{},示例商户{merchant},2024{month:02},99,9900.00,0.00,9.00,9.00",
                    uscc(merchant)
                ),
            ),
        }
    }
    for row in county.rows.get_mut("penalties").unwrap() {
        if dice.below(3) == 0 {
            // Repaired.
            *row = row.replace("-05,,,,是", "-05,,2025-01-09,,是");
        }
    }
    for row in county.rows.get_mut("complaints").unwrap() {
        if dice.below(3) == 0 {
            *row = row.replace("受理,,", "受理,调解成功,2025-03-01");
        }
    }
}

fn a_later_version_changes_nothing(engine: Engine, seed: u64) {
    let mut dice = Dice::new(seed);
    let world = World::empty(engine);
    let store = world.database.open();
    store.migrate().unwrap();
    let mut county = County::new(DAY);
    for number in 1..=MERCHANTS {
        county.merchant(number, "2012-03-05", "2021-02-01");
    }
    let roster = county.write_file(world.cli.folder(), "roster");
    take(&world, &roster, (BUREAU, "2015-01-01"), &Unwatched);
    let mut then = BTreeMap::new();
    for round in 0..ROUNDS {
        go_on(&mut county, &mut dice, round);
        for kind in ["penalties", "complaints", "inspections", "statements"] {
            // Not every register comes every time, and some reach back further than before.
            if dice.below(4) > 0 {
                let source = if kind == "statements" {
                    "示例机构"
                } else {
                    BUREAU
                };
                let from = ["2015-01-01", "2023-01-01", "2024-06-01"][dice.below(3)];
                let path = county.write_file(world.cli.folder(), kind);
                take(&world, &path, (source, from), &Unwatched);
            }
            let now = SystemClock.now();
            then.insert(now, said(&store, now));
        }
        for (at, was) in &then {
            assert_eq!(
                said(&store, *at),
                *was,
                "seed {seed}, round {round}, as known at {at}"
            );
        }
    }
    let distinct: std::collections::BTreeSet<_> = then.values().collect();
    assert!(
        distinct.len() > ROUNDS,
        "seed {seed}: hardly anything was recorded"
    );
}

#[test]
fn a_version_recorded_later_never_changes_what_was_known_before() {
    on_both_engines(|engine| {
        (1..=3).for_each(|seed| a_later_version_changes_nothing(engine, seed))
    });
}
