//! Changes of what should not change wait for a person.

use super::folder::{BUREAU, County, file, uscc};
use super::within::run;
use super::world::{World, cells};
use crate::support::{Engine, on_both_engines};
use daishan_credit::flows::slices::Slices;
use daishan_credit::flows::watch::Unwatched;
use daishan_credit::kernel::{Clock, SystemClock};
use diesel::Connection;
use diesel::connection::InstrumentationEvent;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const COVERS: &str = "2015-01-01..2025-06-30";

fn county() -> County {
    let mut county = County::new("2025-06-30");
    county.merchant(1, "2012-03-05", "2021-02-01");
    county.merchant(2, "2013-03-05", "2021-02-01");
    county.fine("示罚1", 1, "2025-01-10", "1000.00");
    county.complaint("T1", 1, "2025-02-03", "受理,调解成功,2025-03-01");
    county.complaint("T2", 2, "2025-02-04", "受理,调解成功,2025-03-01");
    county
}

fn scored(engine: Engine, county: &County) -> World {
    let world = World::empty(engine);
    let folder = county.write(world.cli.folder(), "示例县");
    world.import(&folder, &[]);
    world
}

/// Delivers one register of the county anew; its counts.
fn deliver(world: &World, county: &County, kind: &str) -> Value {
    let path = county.write_file(world.cli.folder(), kind);
    let report = world.import(&path, &["--source", BUREAU, "--covers", COVERS]);
    report["kinds"][kind].clone()
}

fn counted(counts: &Value) -> [u64; 4] {
    ["new", "changed", "unchanged", "held"].map(|key| counts[key].as_u64().unwrap())
}

fn held(world: &World) -> Vec<Value> {
    serde_json::from_str(&world.ok(&["held", "--json"])).unwrap()
}

fn id(held: &Value) -> &str {
    held["id"].as_str().unwrap()
}

fn points(world: &World, merchant: usize, column: &str) -> String {
    cells(&world.scores(&[]))[&uscc(merchant)][column].clone()
}

#[test]
fn a_held_change_is_shown_side_by_side_and_becomes_the_next_version_when_accepted() {
    on_both_engines(|engine| {
        let mut county = county();
        let world = scored(engine, &county);
        assert_eq!(held(&world), Vec::<Value>::new());
        county.rows.insert("penalties", Vec::new());
        county.fine("示罚1", 1, "2025-01-10", "60000.00");
        let scores = world.scores(&[]);
        assert_eq!(
            counted(&deliver(&world, &county, "penalties")),
            [0, 0, 0, 1]
        );
        assert_eq!(
            world.scores(&[]),
            scores,
            "the known version stays in force"
        );

        let rows = held(&world);
        let columns = serde_json::json!([
            {"column": "罚款金额", "known": "1000.00", "delivered": "60000.00"}
        ]);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["columns"], columns);
        assert_eq!(
            (&rows[0]["kind"], &rows[0]["line"]),
            (&"penalties".into(), &2.into())
        );
        assert_eq!(rows[0]["uscc"], uscc(1));
        assert_eq!(rows[0]["file"], file("penalties"));
        assert_eq!(rows[0]["key"], serde_json::json!(["示罚1"]));
        let text = world.ok(&["held"]);
        for word in [id(&rows[0]), "示罚1", "1000.00", "60000.00", &uscc(1)] {
            assert!(text.contains(word), "{word}: {text}");
        }

        let before = SystemClock.now().to_rfc3339();
        let versions = world.counts()["fact_version"];
        world.ok(&["held", "accept", id(&rows[0]), "--by", "示例审核员"]);
        assert_eq!(world.counts()["fact_version"], versions + 1);
        let rescored = world.ok(&["rescore"]);
        assert!(rescored.starts_with("已评 1 户，1 户"), "{rescored}");
        assert_eq!(points(&world, 1, "tier_cap"), "B");
        assert_ne!(world.scores(&[]), scores);
        assert_eq!(world.scores(&["--known-at", &before]), scores);

        for decision in ["accept", "reject"] {
            let told = world.fails(1, &["held", decision, id(&rows[0]), "--by", "示例审核员"]);
            assert!(told.contains("已有决定"), "{told}");
        }
        assert_eq!(held(&world), Vec::<Value>::new());
        assert_eq!(
            counted(&deliver(&world, &county, "penalties")),
            [0, 0, 1, 0]
        );
    });
}

#[test]
fn a_rejected_change_is_not_held_anew() {
    on_both_engines(|engine| {
        let mut county = county();
        let world = scored(engine, &county);
        county.rows.insert("penalties", Vec::new());
        county.fine("示罚1", 1, "2025-01-10", "60000.00");
        deliver(&world, &county, "penalties");
        let (rows, scores) = (held(&world), world.scores(&[]));
        world.ok(&["held", "reject", id(&rows[0]), "--by", "示例审核员"]);
        let before = world.counts();
        assert_eq!(
            counted(&deliver(&world, &county, "penalties")),
            [0, 0, 1, 0]
        );
        let after = world.counts();
        for table in ["held_change", "fact_version", "coverage", "score"] {
            assert_eq!(before[table], after[table], "{table}");
        }
        assert_eq!(held(&world), Vec::<Value>::new());
        assert_eq!(world.scores(&[]), scores);
        // Another change of the same fact is another matter.
        county.rows.insert("penalties", Vec::new());
        county.fine("示罚1", 1, "2025-01-10", "70000.00");
        assert_eq!(
            counted(&deliver(&world, &county, "penalties")),
            [0, 0, 0, 1]
        );
    });
}

/// Delivers as [`deliver`] does, as a trial within this process; how often held changes were looked up.
fn look_ups(world: &World, county: &County, kind: &str) -> usize {
    let path = county.write_file(world.cli.folder(), kind);
    let counted = Arc::new(AtomicUsize::new(0));
    let count = counted.clone();
    let watch = move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let sql = query.to_string();
            let looks = sql.contains("held_change") && sql.starts_with("SELECT");
            count.fetch_add(usize::from(looks), Ordering::SeqCst);
        }
    };
    let tried = world.database.open().try_out(|conn| {
        conn.set_instrumentation(watch.clone());
        run(
            &mut Slices::Trial(conn),
            &[&path],
            (BUREAU, "2015-01-01"),
            &Unwatched,
        )
    });
    let counts = &tried.unwrap()["kinds"][kind];
    assert_eq!(
        (&counts["held"], &counts["unchanged"]),
        (&(FINES - 2).into(), &2.into())
    );
    counted.load(Ordering::SeqCst)
}

const FINES: usize = 40;

#[test]
fn what_was_rejected_is_looked_up_once_for_many_rows() {
    on_both_engines(|engine| {
        let mut county = county();
        county.rows.insert("penalties", Vec::new());
        for number in 0..FINES {
            county.fine(&format!("示罚{number}"), 1, "2025-01-10", "1000.00");
        }
        let world = scored(engine, &county);
        county.rows.insert("penalties", Vec::new());
        for number in 0..FINES {
            county.fine(&format!("示罚{number}"), 1, "2025-01-10", "60000.00");
        }
        let counts = deliver(&world, &county, "penalties");
        assert_eq!(counted(&counts), [0, 0, 0, FINES as u64]);
        for row in &held(&world)[..2] {
            world.ok(&["held", "reject", id(row), "--by", "示例审核员"]);
        }
        assert_eq!(look_ups(&world, &county, "penalties"), 1);
    });
}

#[test]
fn a_change_against_an_older_version_cannot_be_accepted() {
    on_both_engines(|engine| {
        let mut county = county();
        let world = scored(engine, &county);
        let known = county.rows["penalties"].clone();
        county.rows.insert("penalties", Vec::new());
        county.fine("示罚1", 1, "2025-01-10", "60000.00");
        deliver(&world, &county, "penalties");
        let rows = held(&world);
        let repaired = known[0].replace("2025-01-10,,,,是", "2025-01-10,,2025-05-05,,是");
        assert_ne!(repaired, known[0]);
        county.rows.insert("penalties", vec![repaired]);
        assert_eq!(
            counted(&deliver(&world, &county, "penalties")),
            [0, 1, 0, 0]
        );
        assert_eq!(
            held(&world),
            Vec::<Value>::new(),
            "it cannot be decided for any more"
        );
        let before = world.tables();
        let told = world.fails(1, &["held", "accept", id(&rows[0]), "--by", "示例审核员"]);
        assert!(told.contains("已有新版本"), "{told}");
        assert!(world.tables() == before);
        world.ok(&["held", "reject", id(&rows[0]), "--by", "示例审核员"]);
        assert_eq!(points(&world, 1, "penalties"), "230");
    });
}

#[test]
fn a_row_that_names_another_merchant_takes_the_fact_there_when_accepted() {
    on_both_engines(|engine| {
        let mut county = county();
        let world = scored(engine, &county);
        let (one, two) = (uscc(1), uscc(2));
        assert_eq!(points(&world, 1, "complaint_rate"), "75");
        let rows = county.rows.get_mut("complaints").unwrap();
        rows[0] = rows[0]
            .replace(&one, &two)
            .replace("示例商户1", "示例商户2");
        assert_eq!(
            counted(&deliver(&world, &county, "complaints")),
            [0, 0, 1, 1]
        );
        let rows = held(&world);
        let words = rows[0]["columns"].to_string();
        assert!(words.contains(&one) && words.contains(&two), "{words}");
        world.ok(&["held", "accept", id(&rows[0]), "--by", "示例审核员"]);
        assert!(world.ok(&["rescore"]).starts_with("已评 2 户，2 户"));
        assert_eq!(points(&world, 1, "complaint_rate"), "100");
        // Two complaints of 2,000 transactions: 10.00 in 10,000.
        assert_eq!(points(&world, 2, "complaint_rate"), "55");
        assert_eq!(
            counted(&deliver(&world, &county, "complaints")),
            [0, 0, 2, 0]
        );
        let rows = county.rows.get_mut("complaints").unwrap();
        rows[0] = rows[0]
            .replace(&two, &one)
            .replace("示例商户2", "示例商户1");
        assert_eq!(
            counted(&deliver(&world, &county, "complaints")),
            [0, 0, 1, 1]
        );
    });
}

#[test]
fn phones_are_masked_where_they_are_shown() {
    on_both_engines(|engine| {
        let mut county = county();
        let world = scored(engine, &county);
        let rows = county.rows.get_mut("roster").unwrap();
        rows[0] = rows[0]
            .replace("2012-03-05", "2014-04-06")
            .replace("13900000001", "13812345678");
        assert_eq!(counted(&deliver(&world, &county, "roster")), [0, 0, 1, 1]);
        let (json, text) = (world.ok(&["held", "--json"]), world.ok(&["held"]));
        for shown in [json, text] {
            for phone in ["13900000001", "13812345678"] {
                assert!(!shown.contains(phone), "{shown}");
            }
            assert!(
                shown.contains("139****0001") && shown.contains("138****5678"),
                "{shown}"
            );
            assert!(
                shown.contains("2012-03-05") && shown.contains("2014-04-06"),
                "{shown}"
            );
        }
    });
}

#[test]
fn what_cannot_be_decided_is_told() {
    on_both_engines(|engine| {
        let world = scored(engine, &county());
        let unknown = "hld_01h455vb4pex5vsknk084sn02q";
        world.fails(1, &["held", "accept", unknown, "--by", "示例审核员"]);
        world.fails(2, &["held", "accept", "no-id", "--by", "示例审核员"]);
        world.fails(2, &["held", "accept", unknown]);
    });
}
