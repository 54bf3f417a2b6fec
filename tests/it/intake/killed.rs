//! An import that breaks off counts for nothing but its rows, and the same import again ends as if it had not.

use super::folder::{BUREAU, County, uscc};
use super::table::Dice;
use super::within::{DAY, take, take_files};
use super::world::{World, count, query};
use crate::support::{Engine, on_both_engines};
use daishan_credit::flows::watch::{Unwatched, Watch};
use serde_json::Value;
use std::cell::Cell;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A source, and the first day that it covers.
const WHOLE: (&str, &str) = (BUREAU, "2015-01-01");

/// Another source, of which nothing is covered yet.
const OTHER: (&str, &str) = ("示例协会", "2015-01-01");

/// Ends the import after so many slices, as a fault would.
struct Breaks(Cell<usize>);

impl Watch for Breaks {
    fn begin(&self, _: &str, _: u64) {}
    fn at(&self, _: u64) {
        let left = self.0.get();
        assert!(left > 0, "the import breaks off here");
        self.0.set(left - 1);
    }
    fn end(&self) {}
}

fn breaks_off(world: &World, path: &Path, source: (&str, &str), slices: usize) {
    let watch = Breaks(Cell::new(slices));
    let run = std::panic::AssertUnwindSafe(|| take(world, path, source, &watch));
    std::panic::catch_unwind(run).expect_err("the import did not break off");
}

fn merchants(engine: Engine, count: usize) -> (World, County) {
    let mut county = County::new(DAY);
    for number in 1..=count {
        county.merchant(number, "2012-03-05", "2021-02-01");
        let code = uscc(number);
        county.row(
            "authorisations",
            format!("授{number},{code},示例商户{number},{BUREAU},收单流水评分,书面,2024-01-02,,"),
        );
    }
    let world = World::empty(engine);
    let folder = county.write(world.cli.folder(), "示例县");
    world.import(&folder, &[]);
    (world, county)
}

/// Twelve months of so many merchants, some rows twice and some broken.
fn statements(county: &mut County, merchants: usize, terminals: usize) {
    let mut dice = Dice::new(7);
    let mut rows = Vec::new();
    for number in 1..=merchants {
        for terminal in 0..terminals {
            for month in 0..12 {
                let month = [
                    "202407", "202408", "202409", "202410", "202411", "202412", "202501", "202502",
                    "202503", "202504", "202505", "202506",
                ][month];
                let code = uscc(number);
                let count = dice.below(40);
                rows.push(format!(
                    "示例收单机构,M{number:04}{terminal:04},{code},示例商户{number},{month},{count},{count}00.00,0.00,1.00,1.00"
                ));
            }
        }
    }
    for place in (50..rows.len()).step_by(97) {
        let row = rows[place].clone();
        match dice.below(3) {
            0 => rows.push(row),
            1 => rows[place] = row.replace(",1.00,", ",-1.00,"),
            _ => rows[place] = row.replace(&uscc(1), &uscc(4_000)),
        }
    }
    dice.shuffle(&mut rows);
    county.rows.insert("statements", rows);
}

#[test]
fn a_killed_import_covers_nothing_and_ends_as_an_undisturbed_one_when_run_again() {
    on_both_engines(|engine| {
        let (world, mut county) = merchants(engine, 20);
        statements(&mut county, 20, 20);
        let path = county.write_file(world.cli.folder(), "statements");
        let path = path.to_str().unwrap();
        let source = [
            "--source",
            "示例收单机构",
            "--covers",
            "2024-07-01..2025-06-30",
        ];
        let import = [&["import", path, "--by", "示例员", "--json"], &source[..]].concat();
        let undisturbed = world.copy();
        let whole: Value = serde_json::from_str(&undisturbed.ok(&import)).unwrap();
        let counts = &whole["kinds"]["statements"];
        assert!(counts["new"].as_u64() > Some(4_500) && counts["refused"].as_u64() > Some(5));
        let scores = undisturbed.scores(&[]);

        let (before, first) = (world.counts(), world.scores(&[]));
        assert_ne!(first, scores);
        let arguments = [&import[..], &["--database", &world.database.url]].concat();
        let mut child = world
            .cli
            .command(&arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let store = world.database.open();
        let versions = || count(&store, "fact_version");
        let started = Instant::now();
        while versions() < before["fact_version"] + 500 {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "it does not begin"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        assert_eq!(ended.code(), None, "it ended before it was killed");

        let after = world.counts();
        let taken = after["fact_version"] - before["fact_version"];
        assert!((500..4_500).contains(&taken), "{taken}");
        assert_eq!(after["coverage"], before["coverage"]);
        assert_eq!(world.scores(&[]), first, "half a delivery counted");
        // Killed once more on its way.
        breaks_off(&world, Path::new(path), ("示例收单机构", "2024-07-01"), 2);
        assert_eq!(world.counts()["coverage"], before["coverage"]);

        let again: Value = serde_json::from_str(&world.ok(&import)).unwrap();
        assert_eq!(again["kinds"], whole["kinds"]);
        assert_eq!(again, whole);
        assert_eq!(world.scores(&[]), scores);
        let (found, wanted) = (world.counts(), undisturbed.counts());
        for table in ["fact", "fact_version", "coverage"] {
            assert_eq!(found[table], wanted[table], "{table}");
        }
    });
}

/// New, changed, unchanged, held, refused and repeated rows, each in the part that was taken before the break and in
/// the part after it; and keys that are known but stand only in refused rows, or not at all.
#[test]
fn a_report_after_a_break_is_that_of_an_undisturbed_import() {
    on_both_engines(|engine| {
        let (world, mut county) = merchants(engine, 3);
        for number in 0..700 {
            county.complaint(
                &format!("T{number}"),
                number % 3 + 1,
                "2025-02-03",
                "受理,,",
            );
        }
        let path = county.write_file(world.cli.folder(), "complaints");
        take(&world, &path, WHOLE, &Unwatched);

        let mut rows = std::mem::take(county.rows.get_mut("complaints").unwrap());
        rows.truncate(690);
        for (place, row) in rows.iter_mut().enumerate() {
            match place % 10 {
                0 => *row = row.replace("受理,,", "受理,调解成功,2025-03-01"),
                1 => *row = row.replace("质量问题", "虚假宣传"),
                2 => *row = row.replace("2025-02-03", "2025-02-30"),
                _ => {}
            }
        }
        let mut all = Vec::new();
        for (place, row) in rows.into_iter().enumerate() {
            let mut new = row.clone();
            all.push(row);
            match place % 20 {
                // The same row once more; and a row that evolves within the file.
                5 => all.push(new),
                6 => {
                    let stem = format!("T{place},");
                    new = new.replacen(&stem, &format!("N{stem}"), 1);
                    all.push(new.clone());
                    all.push(new.replace("受理,,", "受理,调解不成,2025-04-01"));
                }
                7 => {
                    all.push(new.replace("受理,,", "受理,先行和解,2025-04-01"));
                    all.push(new.replace("受理,,", "受理,先行和解,2025-04-01"));
                }
                _ => {}
            }
        }
        county.rows.insert("complaints", all);
        let path = county.write_file(world.cli.folder(), "complaints");
        let undisturbed = world.copy();
        let wanted = take(&undisturbed, &path, WHOLE, &Unwatched);
        let counts = &wanted["kinds"]["complaints"];
        for (key, least) in [("new", 30), ("changed", 90), ("held", 60), ("refused", 60)] {
            assert!(counts[key].as_u64() > Some(least), "{counts}");
        }
        assert_eq!(counts["absent"], 10);
        breaks_off(&world, &path, WHOLE, 0);
        breaks_off(&world, &path, WHOLE, 1);
        let again = take(&world, &path, WHOLE, &Unwatched);
        assert_eq!(again["kinds"], wanted["kinds"]);
        assert_eq!(again, wanted);
        assert_eq!(world.scores(&[]), undisturbed.scores(&[]));
        let (found, wanted) = (world.counts(), undisturbed.counts());
        for table in ["fact", "fact_version", "held_change", "coverage"] {
            assert_eq!(found[table], wanted[table], "{table}");
        }
    });
}

/// A register of two files is complete with the second, and with the first taken again after a break.
#[test]
fn a_register_in_several_files_is_covered_with_the_last_of_them() {
    on_both_engines(|engine| {
        let (world, mut county) = merchants(engine, 3);
        for number in 0..700 {
            let (key, merchant) = (format!("T{number}"), number % 3 + 1);
            county.complaint(&key, merchant, "2025-02-03", "受理,,");
        }
        let rows = county.rows["complaints"].clone();
        let folder = world.cli.folder().to_owned();
        let part = |name: &str, rows: &[String], county: &mut County| {
            county.rows.insert("complaints", rows.to_vec());
            let written = county.write_file(&folder, "complaints");
            let path = folder.join(name);
            std::fs::rename(written, &path).unwrap();
            path
        };
        let first = part("一.csv", &rows[..300], &mut county);
        let second = part("二.csv", &rows[300..], &mut county);
        let both = [first.as_path(), second.as_path()];
        let undisturbed = world.copy();
        let wanted = take_files(&undisturbed, &both, OTHER, &Unwatched);
        assert_eq!(wanted["kinds"]["complaints"]["new"], 700);

        let before = world.counts();
        // The first file has two slices; it breaks off in the second file.
        let watch = Breaks(Cell::new(2));
        let run = std::panic::AssertUnwindSafe(|| take_files(&world, &both, OTHER, &watch));
        std::panic::catch_unwind(run).expect_err("the import did not break off");
        let broken = world.counts();
        assert!(broken["fact_version"] >= before["fact_version"] + 300);
        assert_eq!(
            broken["coverage"], before["coverage"],
            "half a register counted"
        );
        let open = || {
            let sql = "SELECT file AS line FROM delivery WHERE finished_at IS NULL";
            query(&world.database.open(), sql).len()
        };
        assert_eq!(open(), 2);

        let again = take_files(&world, &both, OTHER, &Unwatched);
        assert_eq!(again, wanted);
        assert_eq!(open(), 0);
        let (found, wanted) = (world.counts(), undisturbed.counts());
        for table in ["fact", "fact_version", "coverage", "delivery"] {
            assert_eq!(found[table], wanted[table], "{table}");
        }
        assert_eq!(found["coverage"], before["coverage"] + 1);
    });
}
