use super::world::{World, assert_same_scores, expected, sample};
use crate::support::{Cli, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Everything expected is there.
fn assert_holds(is: &Value, should: &Value) {
    for (key, part) in should.as_object().unwrap() {
        match part {
            Value::Object(parts) => {
                for (name, value) in parts {
                    assert_eq!(&is[key][name], value, "{key}.{name}");
                }
            }
            value => assert_eq!(&is[key], value, "{key}"),
        }
    }
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn refusals(report: &Value) -> String {
    let mut text = "file,line,column,code\n".to_owned();
    for row in report["refusals"].as_array().unwrap() {
        let word = |key: &str| row[key].as_str().unwrap();
        let (file, column, code) = (word("file"), word("column"), word("code"));
        text += &format!("{file},{},{column},{code}\n", row["line"]);
    }
    text
}

/// The counts of a report as `expected_changes.csv` has them.
pub fn changes(report: &Value, like: &str) -> String {
    let mut text = String::new();
    for line in like.lines() {
        let kind = line.split(',').next().unwrap();
        if kind == "kind" {
            text += &format!("{line}\n");
            continue;
        }
        let count = |key: &str| report["kinds"][kind][key].to_string();
        let counts = ["new", "changed", "unchanged", "held", "refused", "absent"].map(count);
        text += &format!("{kind},{}\n", counts.join(","));
    }
    text
}

#[test]
fn the_sample_county_gives_what_is_expected_of_it_and_only_once() {
    on_both_engines(|engine| {
        let world = World::empty(engine);
        let demo = ["demo", "--once", "--json", "--client-key", "own.pem"];
        let summary = json_of(&world.ok(&demo));
        assert_holds(&summary, &json_of(&expected("daishan", "expected.json")));
        let deliveries = summary["deliveries"].as_array().unwrap();
        assert_eq!(
            (deliveries.len(), &deliveries[0]["folder"]),
            (1, &json!("daishan"))
        );
        assert_eq!(
            refusals(&deliveries[0]),
            expected("daishan", "expected_refusals.csv")
        );
        let roster =
            json!({"new": 343, "changed": 0, "unchanged": 0, "held": 0, "refused": 3, "absent": 0});
        assert_eq!(deliveries[0]["kinds"]["roster"], roster);
        let ledger =
            json!({"new": 63, "changed": 0, "unchanged": 0, "held": 0, "refused": 0, "absent": 0});
        assert_eq!(deliveries[0]["kinds"]["credit_lines"], ledger);
        assert_same_scores(
            &world.scores(&[]),
            &expected("daishan", "expected_scores.csv"),
        );

        let key = world.cli.folder().join("own.pem");
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let pem = std::fs::read_to_string(key).unwrap();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{pem}");
        let id = std::fs::read_to_string(world.cli.folder().join("own.id")).unwrap();
        let listed = world.ok(&["client", "list"]);
        let client = listed.lines().nth(1).unwrap();
        assert!(
            client.starts_with(&format!("{}\trcb\t", id.trim())),
            "{listed}"
        );

        let before = world.tables();
        let told = world.fails(1, &demo);
        assert!(told.contains("340"), "{told}");
        assert!(world.tables() == before, "a refused demo wrote something");
    });
}

#[test]
fn the_witness_county_gives_what_is_expected_of_it() {
    on_both_engines(|engine| {
        let world = World::empty(engine);
        let folder = sample("witness");
        let data = folder.to_str().unwrap();
        let summary = json_of(&world.ok(&["demo", "--once", "--json", "--data", data]));
        assert_holds(&summary, &json_of(&expected("witness", "expected.json")));
        let scores = expected("witness", "expected_scores.csv");
        assert_same_scores(&world.scores(&[]), &scores);
    });
}

#[test]
fn several_folders_are_taken_one_after_the_other() {
    on_both_engines(|engine| {
        let world = World::empty(engine);
        let folders = [sample("daishan"), sample("daishan-2026-01")];
        let [first, second] = folders.each_ref().map(|path| path.to_str().unwrap());
        let demo = [
            "demo", "--once", "--json", "--data", first, "--data", second,
        ];
        let summary = json_of(&world.ok(&demo));
        let deliveries = summary["deliveries"].as_array().unwrap();
        assert_eq!(deliveries.len(), 2);
        let wanted = expected("daishan-2026-01", "expected_changes.csv");
        assert_eq!(changes(&deliveries[1], &wanted), wanted);
        // What is then known, beside what the last folder that has the kind held.
        assert_eq!(summary["as_of"], "2026-01-31");
        let rows = [("statements", 40), ("penalties", 91), ("roster", 346)];
        for (kind, rows) in rows {
            assert_eq!(summary[kind]["rows"], rows, "{kind}");
        }
        assert_eq!(summary["roster"]["merchants"], 340);
        assert_eq!(summary["statements"]["merchants"], 317);
        assert_eq!(summary["scores"]["merchants"], 340);
        let scores = expected("daishan-2026-01", "expected_scores.csv");
        assert_same_scores(&world.scores(&[]), &scores);
    });
}

#[test]
fn without_a_database_every_demo_makes_a_fresh_one_and_tells_where() {
    let cli = Cli::new();
    let temporary = cli.folder().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let cli = cli.env("TMPDIR", temporary.to_str().unwrap());
    let mut seen = BTreeMap::new();
    for _ in 0..2 {
        let done = cli.run(&["demo", "--once", "--json"]);
        assert_eq!(done.code(), 0, "{}", done.err());
        json_of(done.out());
        let told = done.err().split_once("sqlite:").unwrap().1;
        let path = told.lines().next().unwrap().to_owned();
        let key = Path::new(&path).with_file_name("demo-client.pem");
        assert!(Path::new(&path).exists() && key.exists(), "{path}");
        assert!(path.starts_with(temporary.to_str().unwrap()), "{path}");
        seen.insert(path, ());
    }
    assert_eq!(seen.len(), 2);
    let left = std::fs::read_dir(temporary).unwrap();
    assert_eq!(left.count(), 2, "the sample's own files go with the demo");
    let here: Vec<_> = std::fs::read_dir(cli.folder()).unwrap().flatten().collect();
    assert!(
        here.iter().all(|entry| entry.file_name() == "temporary"),
        "{here:?}"
    );
}

#[test]
fn a_demo_overwrites_no_file_but_its_own() {
    let cli = Cli::new();
    let path = |name: &str| cli.folder().join(name);
    let write = |name: &str, text: &str| std::fs::write(path(name), text).unwrap();
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap_or_default();
    let start_over = || {
        for end in ["", "-wal", "-shm", ".key"] {
            let _ = std::fs::remove_file(path(&format!("d.db{end}")));
        }
    };
    let demo = ["demo", "--once", "--database", "sqlite:d.db"];
    let refused = |more: &[&str], file: &str, code: i32| {
        start_over();
        let done = cli.run(&[&demo[..], more].concat());
        assert_eq!(
            (done.code(), done.out()),
            (code, ""),
            "{more:?} {}",
            done.err()
        );
        let cure = done.err().contains("--client-key") && done.err().contains(file);
        assert!(cure, "{}", done.err());
        let clients = cli.run(&["client", "list", "--database", "sqlite:d.db"]);
        assert!(!clients.out().contains("rcb"), "{}", clients.out());
    };
    // What is asked for and there is somebody's, also where an id lies beside it.
    write("bank.pem", "a bank's own");
    refused(&["--client-key", "bank.pem"], "bank.pem", 1);
    write("bank.id", "cli_01JGXN3Z0Z0000000000000000\n");
    refused(&["--client-key", "bank.pem"], "bank.pem", 1);
    assert_eq!(read("bank.pem"), "a bank's own");
    write("other.id", "an id of theirs");
    refused(&["--client-key", "other.pem"], "other.id", 1);
    assert_eq!(
        (read("other.id").as_str(), path("other.pem").exists()),
        ("an id of theirs", false)
    );
    refused(&["--client-key", "own.id"], ".id", 2);
    // So is a file of the usual name that no demo has left.
    write("demo-client.pem", "somebody's");
    refused(&[], "demo-client.pem", 1);
    assert_eq!(read("demo-client.pem"), "somebody's");
    std::fs::remove_file(path("demo-client.pem")).unwrap();

    let mut ids = BTreeMap::new();
    for _ in 0..2 {
        start_over();
        let done = cli.run(&demo);
        assert_eq!(done.code(), 0, "{}", done.err());
        let mode = path("demo-client.pem")
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        ids.insert(read("demo-client.id"), read("demo-client.pem"));
    }
    assert_eq!(ids.len(), 2, "a demo replaces what the last one left");
}
