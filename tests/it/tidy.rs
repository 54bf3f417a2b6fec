//! Reads our own source and holds the lines that ARCHITECTURE.md draws.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

struct File {
    /// Below `src/`, with slashes.
    path: String,
    /// Without comments and without its tests; empty where the file is of tests.
    code: String,
    text: String,
    lines: usize,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files() -> Vec<File> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let below = path.strip_prefix(root()).unwrap().to_str().unwrap();
        let (own, _tests) = text.split_once("#[cfg(test)]\nmod ").unwrap_or((&text, ""));
        let is_test = below.ends_with("tests.rs") || below.contains("tests/");
        let code = own
            .lines()
            .filter(|line| !is_test && !line.trim_start().starts_with("//"));
        File {
            path: below.replace('\\', "/"),
            code: code.collect::<Vec<_>>().join("\n"),
            lines: text.lines().count(),
            text,
        }
    };
    let rust = |path: &PathBuf| path.extension().is_some_and(|end| end == "rs");
    found.into_iter().filter(rust).map(read).collect()
}

/// Whether a word stands in the code, not as a part of another one.
fn says(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

fn is_in(path: &str, folders: &[&str]) -> bool {
    folders
        .iter()
        .any(|folder| path.starts_with(&format!("{folder}/")) || path == format!("{folder}.rs"))
}

#[test]
fn only_the_store_and_records_speak_to_the_database() {
    for file in files() {
        let may = is_in(&file.path, &["store"]) || file.path.contains("/records");
        assert!(
            may || !says(&file.code, "diesel"),
            "{} must not know the database",
            file.path
        );
    }
}

#[test]
fn only_doors_and_pages_speak_http() {
    for file in files() {
        let may = is_in(&file.path, &["http", "pages", "app"]);
        assert!(
            may || !says(&file.code, "actix_web"),
            "{} must not know HTTP",
            file.path
        );
        // Such a route would be missing from the documentation.
        assert!(
            !file.code.contains(".route("),
            "{} adds a route past the documentation",
            file.path
        );
    }
}

#[test]
fn no_floats() {
    for file in files() {
        let may = file.path == "intake/number.rs";
        assert!(
            may || !(says(&file.code, "f64") || says(&file.code, "f32")),
            "{} has a float",
            file.path
        );
    }
}

#[test]
fn nothing_gives_up_by_panicking() {
    for file in files() {
        for word in [".unwrap()", ".expect(", "todo!", "unimplemented!", "dbg!"] {
            assert!(!file.code.contains(word), "{} says {word}", file.path);
        }
    }
}

#[test]
fn files_fit_in_a_head() {
    for file in files() {
        assert!(file.lines <= 400, "{} has {} lines", file.path, file.lines);
    }
    let main = files()
        .into_iter()
        .find(|file| file.path == "main.rs")
        .unwrap();
    assert!(main.lines <= 30);
}

#[test]
fn every_file_is_declared() {
    let all = files();
    for file in &all {
        if ["main.rs", "lib.rs"].contains(&file.path.as_str()) {
            continue;
        }
        let module = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
        let (parents, name) = match module.rsplit_once('/') {
            Some((folder, name)) => (
                vec![format!("{folder}/mod.rs"), format!("{folder}.rs")],
                name,
            ),
            None => (vec!["lib.rs".to_owned()], module),
        };
        let declared = all
            .iter()
            .filter(|other| parents.contains(&other.path))
            .any(|parent| parent.text.contains(&format!("mod {name};")));
        assert!(declared, "{} is declared by no module", file.path);
    }
}

/// lib.rs lists the modules in order of dependence; the list is the law.
#[test]
fn modules_know_only_those_above_them() {
    let all = files();
    let lib = all.iter().find(|file| file.path == "lib.rs").unwrap();
    let order: Vec<&str> = lib
        .code
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert!(order.len() > 5);
    for file in &all {
        let module = file.path.trim_end_matches(".rs").split('/').next().unwrap();
        let Some(place) = order.iter().position(|known| *known == module) else {
            continue;
        };
        let known: BTreeSet<&str> = order[..=place].iter().copied().collect();
        for named in crate_modules(&file.code) {
            let is_module = order.contains(&named.as_str());
            assert!(
                !is_module || known.contains(named.as_str()),
                "{} must not know {named}",
                file.path
            );
        }
    }
}

/// The modules that follow `crate::`, also in braces.
fn crate_modules(code: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut modules = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => modules.push(word(rest)),
            Some(inner) => {
                let mut depth = 0;
                let mut start = 0;
                for (i, c) in inner.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth > 0 => depth -= 1,
                        ',' | '}' if depth == 0 => {
                            modules.push(word(&inner[start..i]));
                            start = i + 1;
                        }
                        _ => {}
                    }
                    if c == '}' && depth == 0 && start > i {
                        break;
                    }
                }
            }
        }
    }
    modules
}
