//! A county's registers through the real program: from files to scores, on both engines.

mod samples;

use crate::support::command::Done;
use crate::support::{Cli, Engine, TestDatabase};
use daishan_credit::store::Conn;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder that comes with the program.
fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("config/sample")
        .join(name)
}

/// A file of a sample, as text.
fn sample_text(path: &str) -> String {
    std::fs::read_to_string(sample(path)).unwrap()
}

/// A database of its own, and the program that works on it.
struct County {
    cli: Cli,
    database: TestDatabase,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl County {
    fn new(engine: Engine) -> Self {
        Self {
            cli: Cli::new(),
            database: engine.database(),
        }
    }

    /// Runs a command on the database.
    fn run(&self, arguments: &[&str]) -> Done {
        let database = ["--database", &self.database.url];
        self.cli.run(&[arguments, &database].concat())
    }

    /// Runs a command that must exit 0; returns what it printed.
    fn done(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.code(), 0, "{arguments:?}\n{}", done.err());
        done.out().to_owned()
    }

    /// The report of an import.
    fn import(&self, arguments: &[&str]) -> Value {
        let head = ["import", "--by", "tests", "--json"];
        serde_json::from_str(&self.done(&[&head, arguments].concat())).unwrap()
    }

    fn import_folder(&self, folder: &Path) -> Value {
        self.import(&[folder.to_str().unwrap()])
    }

    fn scores(&self, more: &[&str]) -> String {
        self.done(&[&["scores", "--format", "csv"], more].concat())
    }

    /// The one text column, named `line`, of a query.
    fn lines(&self, sql: &str) -> Vec<String> {
        let store = self.database.open();
        let mut conn = store.connection().unwrap();
        let lines: Vec<Line> = match &mut *conn {
            Conn::Sqlite(conn) => sql_query(sql).load(conn),
            Conn::Postgres(conn) => sql_query(sql).load(conn),
        }
        .unwrap();
        lines.into_iter().map(|line| line.line).collect()
    }

    /// The number of rows of a table.
    fn count(&self, table: &str) -> u64 {
        let sql = format!("SELECT CAST(COUNT(*) AS TEXT) AS line FROM {table}");
        self.lines(&sql)[0].parse().unwrap()
    }
}

/// Two texts of many lines, the first lines in which they differ shown.
#[track_caller]
fn assert_same_lines(found: &str, expected: &str, what: &str) {
    if found == expected {
        return;
    }
    let pairs = found.lines().zip(expected.lines());
    let differing: Vec<String> = pairs
        .filter(|(found, expected)| found != expected)
        .take(3)
        .map(|(found, expected)| format!("found    {found}\nexpected {expected}"))
        .collect();
    let (found, expected) = (found.lines().count(), expected.lines().count());
    panic!(
        "{what}: {found} lines, expected {expected}\n{}",
        differing.join("\n")
    );
}
