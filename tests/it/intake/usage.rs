//! What commands take, refuse and print.

use super::folder::{BUREAU, County, file, uscc};
use super::within::try_out;
use super::world::{World, cells, expected, sample};
use crate::support::{Cli, Engine, on_both_engines};
use daishan_credit::flows::watch::Watch;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::Path;

const COVERS: [&str; 2] = ["--covers", "2015-01-01..2025-06-30"];

fn county() -> County {
    let mut county = County::new("2025-06-30");
    county.merchant(1, "2012-03-05", "2021-02-01");
    county.merchant(2, "2012-03-05", "2021-02-01");
    county
}

fn scored(engine: Engine, county: &County) -> World {
    let world = World::empty(engine);
    let folder = county.write(world.cli.folder(), "示例县");
    world.import(&folder, &[]);
    world
}

#[test]
fn a_trial_reports_the_same_and_writes_nothing() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let before = world.tables();
        let folder = sample("daishan-2026-01");
        let tried = world.import(&folder, &["--dry-run"]);
        assert!(world.tables() == before, "a trial wrote something");
        assert_eq!(tried["kinds"]["complaints"]["new"], 12);
        let taken = world.import(&folder, &[]);
        assert_eq!(tried, taken);
        assert!(world.tables() != before);
    });
}

/// Imports the same file in earnest while it is tried out.
struct Meanwhile<'a>(&'a World, &'a Path, RefCell<Option<Value>>);

impl Watch for Meanwhile<'_> {
    fn begin(&self, _: &str, _: u64) {}
    fn at(&self, _: u64) {
        let source = ["--source", BUREAU, "--covers", "2015-01-01..2025-06-30"];
        let mut report = self.2.borrow_mut();
        report.get_or_insert_with(|| self.0.import(self.1, &source));
    }
    fn end(&self) {}
}

#[test]
fn nobody_waits_for_a_trial() {
    on_both_engines(|engine| {
        let mut county = county();
        let world = scored(engine, &county);
        county.complaint("T1", 1, "2025-02-03", "受理,,");
        let file = county.write_file(world.cli.folder(), "complaints");
        let meanwhile = Meanwhile(&world, &file, RefCell::default());
        let tried = try_out(&world, &file, (BUREAU, "2015-01-01"), &meanwhile);
        assert_eq!(tried["kinds"]["complaints"]["new"], 1);
        assert_eq!(Some(tried), meanwhile.2.into_inner());
        let left = std::fs::read_dir(world.database.folder()).unwrap();
        let left = left.filter(|entry| entry.as_ref().unwrap().path().is_dir());
        assert_eq!(left.count(), 0, "the copy is still there");
    });
}

#[test]
fn a_trial_on_a_missing_file_does_not_make_it() {
    let cli = Cli::new();
    let folder = sample("witness");
    let folder = folder.to_str().unwrap();
    let trial = [
        "import",
        folder,
        "--by",
        "示例员",
        "--dry-run",
        "--database",
        "sqlite:none.db",
    ];
    let done = cli.run(&trial);
    assert_eq!(done.code(), 0, "{}", done.err());
    assert!(done.out().contains("roster"), "{}", done.out());
    assert!(!cli.folder().join("none.db").exists());
}

fn statement(acquirer: &str, terminal: &str, merchant: usize, month: &str, count: u32) -> String {
    let code = uscc(merchant);
    format!(
        "{acquirer},{terminal},{code},示例商户{merchant},{month},{count},{count}0.00,0.00,1.00,1.00"
    )
}

#[test]
fn a_correction_of_statements_is_a_new_version_and_of_other_registers_is_refused() {
    on_both_engines(|engine| {
        let mut county = county();
        county.row("statements", statement("示例机构", "M1", 1, "202505", 100));
        county.row("statements", statement("示例机构", "M2", 2, "202505", 100));
        let world = scored(engine, &county);
        let within = world.cli.folder().to_owned();
        let source = ["--source", "示例机构", "--covers", "2025-05-01..2025-05-31"];
        let path = county.write_file(&within, "statements");
        let first = world.import(&path, &source);
        assert_eq!(first["kinds"]["statements"]["new"], 2);

        let rows = county.rows.get_mut("statements").unwrap();
        rows[0] = statement("示例机构", "M1", 1, "202505", 90);
        // A number that went to another merchant is no mere correction.
        rows[1] = statement("示例机构", "M2", 1, "202505", 100);
        let path = county.write_file(&within, "statements");
        let trial = [&source[..], &["--dry-run"]].concat();
        assert_eq!(
            world.import(&path, &trial)["kinds"]["statements"]["held"],
            2
        );
        let versions = world.counts()["fact_version"];
        let report = world.import(&path, &[&source[..], &["--corrects"]].concat());
        let counts =
            json!({"new": 0, "changed": 1, "unchanged": 0, "held": 1, "refused": 0, "absent": 0});
        assert_eq!(report["kinds"]["statements"], counts);
        assert_eq!(world.counts()["fact_version"], versions + 1);

        let before = world.tables();
        county.complaint("T1", 1, "2025-02-03", "受理,,");
        let complaints = county.write_file(&within, "complaints");
        let by = ["--by", "示例员", "--source", BUREAU, "--corrects"];
        let import = [&["import", complaints.to_str().unwrap()], &by[..], &COVERS].concat();
        let told = world.fails(1, &import);
        assert!(
            told.contains("complaints") && told.contains("全量登记"),
            "{told}"
        );
        assert!(world.tables() == before);
    });
}

#[test]
fn the_kind_may_be_named() {
    let mut county = county();
    county.complaint("T1", 1, "2025-02-03", "受理,,");
    let world = scored(Engine::Sqlite, &county);
    let path = county.write_file(world.cli.folder(), "complaints");
    let path = path.to_str().unwrap();
    let by = [
        "import",
        path,
        "--by",
        "示例员",
        "--json",
        "--source",
        BUREAU,
    ];
    let named = |kind: &'static str| [&by[..], &COVERS, &["--kind", kind]].concat();
    let report: Value = serde_json::from_str(&world.ok(&named("complaints"))).unwrap();
    assert_eq!(report["kinds"]["complaints"]["unchanged"], 1);
    let told = world.fails(1, &named("awards"));
    assert!(told.contains("missing_columns"), "{told}");
    let told = world.fails(2, &named("no_such_kind"));
    assert!(
        told.contains("no_such_kind") && told.contains("complaints"),
        "{told}"
    );
}

#[test]
fn wrong_usage_of_import_exits_2_and_writes_nothing() {
    let county = county();
    let world = scored(Engine::Sqlite, &county);
    let path = county.write_file(world.cli.folder(), "complaints");
    let (path, by) = (path.to_str().unwrap(), ["--by", "示例员"]);
    let source = ["--source", BUREAU];
    let before = world.tables();
    for arguments in [
        vec!["import"],
        vec!["import", path],
        [&["import", path][..], &by].concat(),
        [&["import", path], &by[..], &source].concat(),
        [&["import", path], &by[..], &COVERS].concat(),
        [&["import", path], &source[..], &COVERS].concat(),
        [&["import", path], &by[..], &["--source", " "], &COVERS].concat(),
        [&["import", path, "--by", " "], &source[..], &COVERS].concat(),
        [
            &["import", path],
            &by[..],
            &source,
            &["--covers", "2025-01-02..2025-01-01"],
        ]
        .concat(),
        [
            &["import", path],
            &by[..],
            &source,
            &["--covers", "2025-02-30..2025-03-01"],
        ]
        .concat(),
        [
            &["import", path],
            &by[..],
            &source,
            &["--covers", "2025-01-01"],
        ]
        .concat(),
        [&["import", "示例县"], &by[..], &source, &COVERS].concat(),
        [&["import", "示例县", "--corrects"], &by[..]].concat(),
        [&["import", "示例县", "示例县"], &by[..]].concat(),
        [&["import", "示例县", path], &by[..]].concat(),
    ] {
        world.fails(2, &arguments);
    }
    assert!(world.tables() == before);
}

#[test]
fn a_folder_that_is_none_is_refused() {
    let world = scored(Engine::Sqlite, &county());
    std::fs::create_dir(world.cli.folder().join("空")).unwrap();
    let before = world.tables();
    let told = world.fails(1, &["import", "空", "--by", "示例员"]);
    assert!(told.contains("county.toml"), "{told}");
    // What is not there could be a file as well, which would need a source.
    let code = world.run(&["import", "没有", "--by", "示例员"]).code();
    assert_ne!(code, 0);
    assert!(world.tables() == before);
    let demo = Cli::new().run(&[
        "demo",
        "--once",
        "--data",
        "没有",
        "--database",
        "sqlite:d.db",
    ]);
    assert_eq!((demo.code(), demo.out()), (1, ""), "{}", demo.err());
}

#[test]
fn all_faults_of_a_county_s_file_are_told_at_once() {
    on_both_engines(|engine| {
        let world = World::empty(engine);
        let folder = county().write(world.cli.folder(), "示例县");
        std::fs::remove_file(folder.join(file("awards"))).unwrap();
        let toml = std::fs::read_to_string(folder.join("county.toml")).unwrap();
        let toml = toml
            .replace("region =", "colour = \"red\"\nregion =")
            .replace("kind = \"promises\"", "kind = \"wishes\"")
            .replacen(
                "covers = [2015-01-01, 2025-06-30]",
                "covers = [2025-06-30, 2015-01-01]",
                1,
            )
            + "\n[[bank]]\nid = \"third\"\n";
        std::fs::write(folder.join("county.toml"), &toml).unwrap();
        let told = world.fails(1, &["import", "示例县", "--by", "示例员"]);
        let line_of = |text: &str| toml[..toml.find(text).unwrap()].lines().count() + 1;
        for (line, word) in [
            (line_of("colour"), "colour"),
            (line_of("kind = \"wishes\""), "wishes"),
            (line_of("covers = [2025-06-30"), "covers"),
            (0, file("awards")),
            (0, "name"),
        ] {
            let place = if line > 0 {
                format!("county.toml:{}:", line)
            } else {
                String::new()
            };
            let found = told
                .lines()
                .any(|row| row.contains(&place) && row.contains(word));
            assert!(found, "{place} {word} in\n{told}");
        }
        for (table, rows) in world.counts() {
            let is_ours = !table.starts_with("__diesel");
            assert!(!is_ours || rows == 0, "{table} holds {rows} rows");
        }
        // The card must be at hand, too.
        let folder = county().write(world.cli.folder(), "另县");
        let toml = county().toml().replace("daishan-2026.1", "none-1");
        std::fs::write(folder.join("county.toml"), toml).unwrap();
        let told = world.fails(1, &["import", "另县", "--by", "示例员"]);
        assert!(
            told.contains("none-1") && told.contains("daishan-2026.1"),
            "{told}"
        );
    });
}

#[test]
fn those_who_are_due_are_rescored_and_all_when_asked() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        assert!(world.ok(&["rescore"]).starts_with("已评 0 户，0 户"));
        assert!(
            world
                .ok(&["rescore", "--all"])
                .starts_with("已评 340 户，0 户")
        );
        let scores = world.counts()["score"];
        assert_eq!(scores, 340);
    });
}

#[test]
fn a_score_is_explained() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let all = cells(&expected("daishan", "expected_scores.csv"));
        let red = all
            .values()
            .find(|row| row["standing"] == "red_line")
            .unwrap();
        let capped = all
            .values()
            .find(|row| !row["tier_cap"].is_empty())
            .unwrap();
        for row in [red, capped] {
            let uscc = row["uscc"].as_str();
            let json = world.ok(&["score", uscc, "--json"]);
            let score: Value = serde_json::from_str(&json).unwrap();
            assert_eq!(score["uscc"], uscc);
            assert_eq!(score["as_of"], "2025-12-31");
            assert_eq!(score["score"].to_string(), row["score"]);
            assert_eq!(score["standing"], row["standing"]);
            assert_eq!(score["tier"].as_str().unwrap_or_default(), row["tier"]);
            assert_eq!(
                score["tier_cap"].as_str().unwrap_or_default(),
                row["tier_cap"]
            );
            assert_eq!(score["completeness"].to_string(), row["completeness"]);
            let characteristics = score["characteristics"].as_array().unwrap();
            assert_eq!(characteristics.len(), 12);
            for one in characteristics {
                let id = one["id"].as_str().unwrap();
                assert_eq!(one["points"].to_string(), row[id], "{uscc} {id}");
            }
            let reasons = score["reasons"].as_array().unwrap().iter();
            let reasons: Vec<&str> = reasons
                .map(|reason| reason["characteristic"].as_str().unwrap())
                .collect();
            assert_eq!(reasons.join(";"), row["reasons"]);

            let text = world.ok(&["score", uscc]);
            for word in [uscc, &row["score"], "2025-12-31", "仅供参考"] {
                assert!(text.contains(word), "{word}: {text}");
            }
            for line in row["red_lines"].split(';') {
                assert!(text.contains(line), "{line}: {text}");
            }
        }
        let later = cells(&expected("daishan", "expected_scores_2026-03-31.csv"));
        let uscc = red["uscc"].as_str();
        let json = world.ok(&["score", uscc, "--json", "--as-of", "2026-03-31"]);
        let score: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(score["score"].to_string(), later[uscc]["score"]);
        let stranger = super::folder::uscc(9);
        world.fails(1, &["score", &stranger]);
        world.fails(2, &["score", "92330921MA000CF3X0"]);
        world.fails(1, &["score", uscc, "--as-of", "2023-12-31"]);
    });
}

#[test]
fn a_broken_card_is_told_by_its_lines() {
    let cli = Cli::new();
    let card = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/config/scorecards/daishan-2026.1.toml"
    );
    let good = cli.run(&["scorecard", "check", card]);
    assert_eq!(good.code(), 0, "{}", good.err());
    assert!(good.out().contains("1000"), "{}", good.out());
    let text = std::fs::read_to_string(card).unwrap();
    let broken = text
        .replacen("of = \"penalties\"", "of = \"parties\"", 1)
        .replacen("date = \"opened_on\"", "date = \"closed_on\"", 1)
        .replacen("partial_score = 70", "partial_score = 90", 1);
    let line_of = |part: &str| broken[..broken.find(part).unwrap()].lines().count() + 1;
    std::fs::write(cli.folder().join("card.toml"), &broken).unwrap();
    let done = cli.run(&["scorecard", "check", "card.toml"]);
    assert_eq!((done.code(), done.out()), (1, ""));
    let told = done.err();
    for (part, word) in [
        ("of = \"parties\"", "parties"),
        ("date = \"closed_on\"", "closed_on"),
        ("max = 80", "90"),
    ] {
        let place = format!("card.toml:{}: ", line_of(part));
        let is_told = |row: &str| row.starts_with(&place) && row.contains(word);
        assert!(told.lines().any(is_told), "{place}{word} in\n{told}");
    }
    assert_eq!(cli.run(&["scorecard", "check", "none.toml"]).code(), 1);
}

#[test]
fn attributes_that_no_merchant_meets_are_told() {
    let world = World::sample(Engine::Sqlite);
    let told = world.ok(&["scorecard", "coverage"]);
    let scores = cells(&expected("daishan", "expected_scores.csv"));
    // What has a number of points of its own is met where somebody has them.
    for (id, points) in [
        ("penalties", "115"),
        ("penalties", "0"),
        ("complaint_rate", "0"),
    ] {
        let is_met = scores.values().any(|row| row[id] == points);
        let line = |line: &str| line.starts_with(id) && line.contains(&format!("（{points}分）"));
        assert_eq!(!told.lines().any(line), is_met, "{id} {points}\n{told}");
    }
}

#[test]
fn the_log_of_queries_has_its_columns_and_is_empty_before_anybody_asks() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let header = "id,time,bank,uscc,purpose,requested_by,business_ref,outcome,digest\n";
        assert_eq!(world.ok(&["queries", "--format", "csv"]), header);
        assert_eq!(
            world.ok(&["queries", "--format", "json", "--bank", "rcb"]),
            "[]\n"
        );
        world.fails(2, &["queries", "--format", "xml"]);
        world.fails(2, &["queries"]);
    });
}

#[test]
fn commands_that_only_read_refuse_a_missing_database() {
    let cli = Cli::new();
    let code = uscc(1);
    for arguments in [
        &["scores", "--format", "csv"][..],
        &["score", &code],
        &["rescore"],
        &["held"],
        &["queries", "--format", "csv"],
        &["scorecard", "coverage"],
    ] {
        let done = cli.run(&[arguments, &["--database", "sqlite:none.db"]].concat());
        assert_eq!((done.code(), done.out()), (1, ""), "{arguments:?}");
    }
    assert!(!cli.folder().join("none.db").exists());
}

#[test]
fn an_import_logs_on_stderr_as_it_is_told_to() {
    let folder = sample("daishan");
    let import = ["import", folder.to_str().unwrap(), "--by", "示例员"];
    let logged = |world: World| {
        let done = world.run(&import);
        assert_eq!(done.code(), 0, "{}", done.err());
        assert!(!done.out().contains("a file was taken"), "{}", done.out());
        let lines = done.err().lines();
        let lines = lines.filter(|line| line.contains("a file was taken"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let world = || World::empty(Engine::Sqlite);
    assert_eq!(
        logged(world()),
        Vec::<String>::new(),
        "nothing new for whoever asks for nothing"
    );
    let lines = logged(world().env("DAISHAN_LOG__FILTER", "info,daishan=debug"));
    assert!(lines.len() > 5, "{lines:?}");
    let world = world().env("DAISHAN_LOG__FILTER", "debug");
    for line in logged(world.env("DAISHAN_LOG__FORMAT", "json")) {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(event["kind"].is_string() && event["new"].is_u64(), "{line}");
    }
}

#[test]
fn an_import_says_when_its_rows_are_durable_and_then_scores() {
    let folder = sample("daishan");
    let import = [
        "import",
        folder.to_str().unwrap(),
        "--by",
        "示例员",
        "--json",
    ];
    let world = World::empty(Engine::Sqlite);
    let done = world.run(&import);
    let report: serde_json::Value = serde_json::from_str(done.out()).unwrap();
    let kinds = report["kinds"].as_object().unwrap().values();
    let taken = ["new", "changed", "unchanged", "held"];
    let rows = kinds.flat_map(|counts| taken.map(|what| counts[what].as_u64().unwrap()));
    let said = format!("{} rows are taken in", rows.sum::<u64>());
    let place = |text: &str| done.err().find(text);
    let (taken, scored) = (place(&said), place("merchants scored"));
    assert!(taken.is_some() && taken < scored, "{}", done.err());
    let trial = world.run(&[&import[..], &["--dry-run"]].concat());
    assert!(!trial.err().contains("taken in"), "{}", trial.err());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let world = World::sample(Engine::Sqlite);
    for list in ["claims", "lines", "scores"] {
        for format in ["csv", "json"] {
            let arguments = [list, "--format", format, "--database", &world.database.url];
            let mut child = world
                .cli
                .command(arguments)
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap();
            drop(child.stdout.take());
            let done = child.wait_with_output().unwrap();
            let told = String::from_utf8(done.stderr).unwrap();
            assert!(done.status.success(), "{list} {format}: {told}");
        }
    }
}
