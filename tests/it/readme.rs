//! The README, in both languages: its walk runs as printed, its tables are what the program says, its links lead
//! somewhere. And what ARCHITECTURE.md names is there.

use crate::support::Cli;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap()
}

/// The fenced blocks of a text: language and content of each.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, content))) => *content += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// A text without its fenced blocks.
fn prose(text: &str) -> String {
    let mut inside = false;
    let outside = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !fence && !inside
    });
    outside.collect::<Vec<_>>().join("\n")
}

/// The shell commands between `<!-- name -->` and `<!-- /name -->`.
fn script(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("<!-- {name} -->")).unwrap();
    let (part, _) = rest.split_once(&format!("<!-- /{name} -->")).unwrap();
    let shell = blocks(part).into_iter();
    let shell = shell.filter(|(language, _)| language == "bash");
    shell.map(|(_, content)| content).collect()
}

fn has(program: &str, argument: &str) -> bool {
    let run = Command::new(program).arg(argument).output();
    run.is_ok_and(|done| done.status.success())
}

#[test]
fn a_bank_s_first_query_runs_as_printed() {
    if !(has("bash", "--version") && has("curl", "--version") && has("openssl", "version")) {
        println!("SKIPPED: the walk of the README needs bash, curl and openssl");
        return;
    }
    for file in READMES {
        let text = text(file);
        let demo = script(&text, "demo");
        let (_, arguments) = demo.rsplit_once("cargo run --release -- ").unwrap();
        let cli = Cli::new();
        let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
        arguments.extend(["--listen", "127.0.0.1:0"]);
        let serving = cli.serve(&arguments);

        // The walk looks for the program in target/release of its folder first.
        let release = cli.folder().join("target/release");
        std::fs::create_dir_all(&release).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_daishan"), release.join("daishan")).unwrap();
        // The later walks go on where the first one ends.
        let all = ["walk", "lines", "subsidy"].map(|name| script(&text, name));
        let all = all.join("echo -- --\n");
        let walk = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &all])
            .current_dir(cli.folder())
            .env("BASE", format!("http://{}", serving.address))
            .env("TMPDIR", cli.folder())
            .output()
            .unwrap();
        let out = String::from_utf8(walk.stdout).unwrap();
        let err = String::from_utf8(walk.stderr).unwrap();
        assert!(walk.status.success(), "{file}\n{out}\n{err}");
        let parts: Vec<&str> = out.split("-- --\n").collect();
        let [query, lines, subsidy] = parts.as_slice() else {
            panic!("{file}\n{out}");
        };
        check_walk(file, query, &text);
        check_lines(lines);
        check_subsidy(file, subsidy);
    }
}

/// Three reports, and the line as it then stands.
fn check_lines(out: &str) {
    let told = out.lines().map(|line| serde_json::from_str(line).unwrap());
    let told: Vec<serde_json::Value> = told.collect();
    let [grant, draw, repayment, line] = told.as_slice() else {
        panic!("{out}");
    };
    for report in [grant, draw, repayment] {
        assert_eq!(report["report"], "new", "{report}");
    }
    assert_eq!(repayment["line"], *line);
    let amounts = ["limit", "drawn", "available"].map(|name| line[name]["amount"].as_str());
    let wanted = ["900000.00", "180000.00", "720000.00"].map(Some);
    assert_eq!((amounts, &line["flags"]), (wanted, &serde_json::json!([])));
}

/// What became of a statement, and of the claims; what is confirmed; a status each step; that the books agree, and
/// what they are.
fn check_subsidy(file: &str, out: &str) {
    let lines: Vec<&str> = out.lines().collect();
    let told: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(told["statements"][0]["outcome"], "new", "{file}\n{out}");
    let lines = &lines[1..];
    assert!(lines[0].contains("12.00 more"), "{file}\n{out}");
    let lines = &lines[1..];
    assert!(lines[0].contains("317 claims over"), "{file}\n{out}");
    let steps = [
        "submit 200",
        "approve 409",
        "approve 200",
        "pay 200",
        "pay 200",
    ];
    assert_eq!(lines[1..6], steps, "{file}\n{out}");
    assert!(lines[7].contains("the books agree"), "{file}\n{out}");
    let paid = lines.iter().find(|line| line.contains("已付")).unwrap();
    assert!(!paid.ends_with(" 0.00"), "{file}\n{out}");
}

/// The client's id; 200 and the answer; the answers; that it is the same again; the log; the digest.
fn check_walk(file: &str, out: &str, text: &str) {
    let lines: Vec<&str> = out.lines().collect();
    let [
        client,
        status,
        answer,
        answers,
        same,
        header,
        log @ ..,
        digest,
    ] = lines.as_slice()
    else {
        panic!("{file}\n{out}");
    };
    assert!(client.starts_with("cli_"), "{client}");
    assert_eq!(*status, "200");
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    // What is shown of the answer is what it says.
    let shown = blocks(text)
        .into_iter()
        .find(|block| block.0 == "json")
        .unwrap();
    let shown: serde_json::Value = serde_json::from_str(&shown.1).unwrap();
    for (key, value) in shown.as_object().unwrap() {
        match key.as_str() {
            "id" | "answered_at" => {
                assert_eq!(value.as_str().map(|text| text.ends_with('…')), Some(true))
            }
            "reasons" => assert_eq!(value[0], answer[key][0]),
            _ => assert_eq!(value, &answer[key], "{key}"),
        }
    }
    let answers: serde_json::Value = serde_json::from_str(answers).unwrap();
    let tiers = answers["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["tier"]);
    assert_eq!(
        tiers.filter(|tier| tier.is_string()).count(),
        2,
        "{answers}"
    );
    assert!(same.ends_with("the same bytes"), "{same}");
    assert!(header.starts_with("id,time,bank"), "{header}");
    assert_eq!(log.len(), 3, "{log:?}");
    let (_, digest) = digest.rsplit_once("= ").unwrap();
    assert!(
        log[0].ends_with(&format!("answered,{digest}")),
        "{}",
        log[0]
    );
}

#[test]
fn both_languages_have_the_same_build() {
    let [english, chinese] = READMES.map(text);
    assert_eq!(blocks(&english), blocks(&chinese));
    let headings = |text: &str| -> Vec<usize> {
        let prose = prose(text);
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        headings
            .map(|line| line.bytes().take_while(|byte| *byte == b'#').count())
            .collect()
    };
    assert_eq!(headings(&english), headings(&chinese));
    let first_cells = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        rows.map(|line| line.split('|').nth(1).unwrap().trim().to_owned())
            .collect()
    };
    assert_eq!(first_cells(&english), first_cells(&chinese));
    for file in ["README.md)", "README.zh-CN.md)"] {
        assert!(english.contains(file) || chinese.contains(file));
    }
}

#[test]
fn what_demo_prints_is_what_is_shown() {
    let cli = Cli::new();
    let done = cli.run(&["demo", "--once", "--database", "sqlite:demo.db"]);
    assert_eq!(done.code(), 0, "{}", done.err());
    for file in READMES {
        let blocks = blocks(&text(file));
        let shown = blocks.iter().find(|(language, _)| language == "text");
        let (_, shown) = shown.unwrap();
        assert!(
            done.out().ends_with(&format!("\n\n{shown}")),
            "{file}\n{}",
            done.out()
        );
    }
}

/// Every setting as `section.key`, and its default as it is written in a table.
fn settings() -> BTreeMap<String, String> {
    fn flatten(prefix: &str, table: &toml::Table, into: &mut BTreeMap<String, String>) {
        for (key, value) in table {
            match value {
                toml::Value::Table(inner) => flatten(&format!("{prefix}{key}."), inner, into),
                toml::Value::String(text) => {
                    drop(into.insert(format!("{prefix}{key}"), text.clone()))
                }
                other => drop(into.insert(format!("{prefix}{key}"), other.to_string())),
            }
        }
    }
    let mut settings = BTreeMap::new();
    flatten(
        "",
        &text("config/default.toml").parse().unwrap(),
        &mut settings,
    );
    settings
}

#[test]
fn the_table_of_settings_is_complete() {
    for (file, empty) in READMES.into_iter().zip(["empty", "空"]) {
        let text = text(file);
        let rows = text.lines().filter(|line| line.contains("| `DAISHAN_"));
        let mut told = BTreeMap::new();
        for row in rows {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let [_, key, variable, default, meaning, _] = cells.as_slice() else {
                panic!("{row}");
            };
            let key = key.trim_matches('`').to_owned();
            let named = format!("`DAISHAN_{}`", key.to_ascii_uppercase().replace('.', "__"));
            assert_eq!(*variable, named);
            assert!(!meaning.is_empty(), "{row}");
            let default = if *default == empty {
                ""
            } else {
                default.trim_matches('`')
            };
            assert!(told.insert(key, default.to_owned()).is_none(), "{row}");
        }
        assert_eq!(told, settings(), "{file}");
    }
}

/// All commands, by what `--help` lists, and the text of their help; `help` itself is left out.
fn commands() -> BTreeMap<String, String> {
    let cli = Cli::new();
    let mut found = BTreeMap::new();
    let mut open = vec![Vec::<String>::new()];
    while let Some(path) = open.pop() {
        let arguments = path.iter().map(String::as_str).chain(["--help"]);
        let help = cli.run(&arguments.collect::<Vec<_>>()).out().to_owned();
        let list = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
        let list = list.lines().take_while(|line| !line.is_empty());
        let names = list.filter_map(|line| line.split_whitespace().next());
        for name in names.filter(|name| *name != "help") {
            let mut inner = path.clone();
            inner.push(name.to_owned());
            open.push(inner);
        }
        found.insert(path.join(" "), help);
    }
    found
}

#[test]
fn every_command_is_told_and_exists() {
    let commands = commands();
    assert!(commands.len() > 20);
    // A command that only holds others is not told by itself.
    let holds = |help: &str| {
        let usage = help.lines().find(|line| line.starts_with("Usage:"));
        usage.unwrap().contains("<COMMAND>")
    };
    let told = commands.iter().filter(|(_, help)| !holds(help));
    let told: BTreeSet<&str> = told.map(|(path, _)| path.as_str()).collect();
    for file in READMES {
        let text = text(file);
        let mut rows = BTreeSet::new();
        for line in text.lines().filter(|line| line.starts_with("| `daishan ")) {
            let mut spans = line.split('`').skip(1).step_by(2);
            let path = spans.next().unwrap().strip_prefix("daishan ").unwrap();
            let help = commands.get(path).unwrap_or_else(|| panic!("{path}"));
            for option in spans
                .flat_map(str::split_whitespace)
                .filter(|word| word.starts_with("--"))
            {
                assert!(help.contains(option), "{path} has no {option}");
            }
            rows.insert(path.to_owned());
        }
        let rows: BTreeSet<&str> = rows.iter().map(String::as_str).collect();
        assert_eq!(rows, told, "{file}");
        for (at, _) in text.match_indices("daishan ") {
            let before = text[..at].chars().next_back();
            if !matches!(before, Some('`' | '\n' | '(')) {
                continue;
            }
            let words = text[at..]
                .split(|c: char| !(c.is_ascii_lowercase() || c == ' '))
                .next()
                .unwrap();
            let command = words.split_whitespace().nth(1);
            let known = command.is_none_or(|command| commands.contains_key(command));
            assert!(known, "{file} names daishan {command:?}");
        }
    }
}

/// As the anchor of a heading is made: small letters, no punctuation, hyphens for spaces.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_somewhere() {
    for file in [
        "README.md",
        "README.zh-CN.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
    ] {
        let prose = prose(&text(file));
        for (at, _) in prose.match_indices("](") {
            let target = prose[at + 2..].split(')').next().unwrap();
            if target.contains("://") {
                continue;
            }
            let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() { file } else { path };
            assert!(root().join(path).exists(), "{file} links to {target}");
            if !fragment.is_empty() {
                let there = text(path);
                let mut headings = there.lines().filter(|line| line.starts_with('#'));
                let found = headings.any(|line| anchor(line.trim_start_matches('#')) == fragment);
                assert!(found, "{file} links to {target}");
            }
        }
    }
}

/// What stands in backticks and looks like a path of ours; `path::name` stands for a function, type or test in it.
#[test]
fn what_the_map_names_is_there() {
    let map = prose(&text("ARCHITECTURE.md"));
    let ours = ["src/", "tests/", "config/", "migrations/", ".ci/"];
    let mut named = 0;
    for span in map.split('`').skip(1).step_by(2) {
        if !ours.iter().any(|folder| span.starts_with(folder)) {
            continue;
        }
        named += 1;
        let (path, item) = span.split_once("::").unwrap_or((span, ""));
        let path: PathBuf = root().join(path);
        assert!(path.exists(), "ARCHITECTURE.md names {span}");
        if !item.is_empty() {
            let source = std::fs::read_to_string(&path).unwrap();
            let item = item.rsplit("::").next().unwrap();
            let kinds = ["fn ", "struct ", "enum ", "trait ", "const ", "type "];
            let found = kinds.iter().any(|kind| {
                let word = format!("{kind}{item}");
                source.match_indices(&word).any(|(at, _)| {
                    let next = source[at + word.len()..].chars().next();
                    !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
                })
            });
            assert!(found, "ARCHITECTURE.md names {span}");
        }
    }
    assert!(named > 50, "the map names {named} places");
}

/// The map has a line for every module that lib.rs lists.
#[test]
fn the_map_has_every_room() {
    let (lib, map) = (text("src/lib.rs"), text("ARCHITECTURE.md"));
    let modules = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in modules {
        let told = [format!("`src/{module}/`"), format!("`src/{module}.rs`")];
        assert!(
            told.iter().any(|told| map.contains(told)),
            "the map lacks {module}"
        );
    }
}
