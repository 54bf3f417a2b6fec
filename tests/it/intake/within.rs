//! Imports inside this process, so that they can be watched.

use super::world::World;
use daishan_credit::embedded::Configuration;
use daishan_credit::flows::import::import_files;
use daishan_credit::flows::slices::Slices;
use daishan_credit::flows::take_file::{FileOrder, ImportRefusal, SourceCovers, Surroundings};
use daishan_credit::flows::watch::Watch;
use daishan_credit::intake::Limits;
use daishan_credit::kernel::{Actor, SystemClock, SystemRandomness};
use daishan_credit::store::Failure;
use serde_json::Value;
use std::path::Path;

/// The day until which all that is taken here is covered.
pub const DAY: &str = "2025-06-30";

/// Takes one file as the program does; its report.
pub fn take(world: &World, path: &Path, source: (&str, &str), watch: &dyn Watch) -> Value {
    take_files(world, &[path], source, watch)
}

/// Takes files together as the program does; their report. A source comes with the first day that it covers.
pub fn take_files(
    world: &World,
    paths: &[&Path],
    source: (&str, &str),
    watch: &dyn Watch,
) -> Value {
    let store = world.database.open();
    run(&mut Slices::Committing(&store), paths, source, watch).unwrap()
}

/// Tries a file out as the program does; its report.
pub fn try_out(world: &World, path: &Path, source: (&str, &str), watch: &dyn Watch) -> Value {
    let store = world.database.open();
    let tried = store.try_out(|conn| run(&mut Slices::Trial(conn), &[path], source, watch));
    tried.unwrap()
}

pub fn run(
    slices: &mut Slices<'_>,
    paths: &[&Path],
    (source, from): (&str, &str),
    watch: &dyn Watch,
) -> Result<Value, Failure<ImportRefusal>> {
    let (limits, by) = (Limits::default(), Actor::parse("示例员").unwrap());
    let kinds = Configuration::embedded().kinds().unwrap();
    let around = Surroundings {
        kinds: &kinds,
        limits: &limits,
        clock: &SystemClock,
        randomness: &SystemRandomness,
        watch,
        by: &by,
        refused_dir: None,
    };
    let covers = SourceCovers {
        source,
        from: from.parse().unwrap(),
        until: DAY.parse().unwrap(),
    };
    let order = |&path| FileOrder {
        path,
        name: "文件.csv",
        kind: None,
        sources: vec![covers],
        corrects: false,
    };
    let orders: Vec<FileOrder<'_>> = paths.iter().map(order).collect();
    let import = import_files(slices, around, &orders)?;
    Ok(serde_json::to_value(import.report).unwrap())
}
