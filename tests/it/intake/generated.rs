//! A made-up county scores alike whatever the way on which its facts came and its scores were kept.
//! `GENERATED_MERCHANTS` makes it larger.

use super::nightly::{Night, present};
use super::world::{World, assert_same_scores};
use crate::support::Engine;
use std::path::{Path, PathBuf};

const UNTIL: &str = "2025-12-31";
const YEAR_LATER: &str = "2026-12-31";

fn merchants() -> u32 {
    let named = std::env::var("GENERATED_MERCHANTS");
    named.map_or(60, |number| number.parse().unwrap())
}

fn generate(world: &World, into: &str, more: &[&str]) -> PathBuf {
    let folder = world.cli.folder().join(into);
    let merchants = merchants().to_string();
    let named = folder.to_str().unwrap();
    let asked = ["generate", "--merchants", &merchants, "--until", UNTIL];
    world.ok(&[&asked, more, &[named]].concat());
    folder
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let named = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let paths = entries(folder);
    let read = paths
        .iter()
        .map(|path| (named(path), std::fs::read(path).unwrap()));
    read.collect()
}

fn take(world: &World, folder: &Path) {
    let report = world.import(folder, &[]);
    for (kind, counts) in report["kinds"].as_object().unwrap() {
        let lost = ["held", "refused"].map(|word| counts[word].as_u64().unwrap());
        assert_eq!(lost, [0, 0], "{kind}: {}", report["refusals"]);
    }
}

/// Each night of the year after, as `serve` does it.
fn nights(world: &World) {
    let (night, store) = (Night::new(), world.database.open());
    let until: daishan_credit::kernel::Day = UNTIL.parse().unwrap();
    for number in 1..=365 {
        let day = until.plus_days(number).to_string();
        night.run(&store, &day, 1).unwrap().unwrap();
    }
}

/// The lists of scores of the day and of a year later, and the scores that are kept then.
fn by_each_way(engine: Engine) -> [String; 3] {
    let once = World::empty(engine);
    let whole = generate(&once, "whole", &[]);
    assert!(bytes(&whole) == bytes(&generate(&once, "again", &[])));
    assert!(bytes(&whole) != bytes(&generate(&once, "other", &["--seed", "2"])));
    take(&once, &whole);
    let scores = once.scores(&[]);
    let monthly = World::empty(engine);
    for month in entries(&generate(&monthly, "months", &["--monthly"])) {
        take(&monthly, &month);
    }
    assert_same_scores(&monthly.scores(&[]), &scores);
    let kept = present(&monthly);
    assert_eq!(kept, present(&once));

    let by_hand = once.copy().env("DAISHAN_BUSINESS_DATE", YEAR_LATER);
    by_hand.ok(&["rescore", "--all"]);
    nights(&once);
    let kept = present(&once);
    assert_eq!(kept, present(&by_hand));
    let later = by_hand.scores(&["--as-of", YEAR_LATER]);
    [scores, later, kept.join("\n")]
}

#[test]
fn one_import_or_twelve_and_every_night_or_all_at_once_come_to_the_same_on_both_engines() {
    let mut told = Engine::all().into_iter().map(by_each_way);
    let first = told.next().unwrap();
    for other in told {
        assert!(first == other, "the engines differ");
    }
}
