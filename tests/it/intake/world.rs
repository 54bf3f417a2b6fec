//! A database, the program that is run on it, and what lies in it.

use crate::support::command::Done;
use crate::support::{Cli, Engine, TestDatabase};
use daishan_credit::store::{Conn, Store};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

/// A folder of the sample.
pub fn sample(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("config/sample")
        .join(folder)
}

/// What lies beside the sample: what it must give.
pub fn expected(folder: &str, file: &str) -> String {
    std::fs::read_to_string(sample(folder).join(file)).unwrap()
}

/// The cells of a list of scores, by USCC and column.
pub type Scores = BTreeMap<String, BTreeMap<String, String>>;

pub fn cells(csv: &str) -> Scores {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|row| row.unwrap())
        .map(|row| (row["uscc"].clone(), row))
        .collect()
}

/// A list must be the one expected, byte for byte; what differs is told by the cell.
pub fn assert_same_scores(is: &str, should: &str) {
    if is == should {
        return;
    }
    let (rows, wanted) = (cells(is), cells(should));
    for (uscc, row) in &wanted {
        for (column, cell) in row {
            let found = rows.get(uscc).map(|row| row[column].as_str());
            assert_eq!(found, Some(cell.as_str()), "{uscc} {column}");
        }
    }
    assert_eq!(is, should, "the same cells in another form");
}

/// A database and the program, run in a folder of its own.
pub struct World {
    pub cli: Cli,
    pub database: TestDatabase,
}

impl World {
    pub fn empty(engine: Engine) -> Self {
        Self::on(engine.database())
    }

    pub fn on(database: TestDatabase) -> Self {
        let cli = Cli::new();
        Self { cli, database }
    }

    /// The sample county, imported and scored by `demo`, which is done once for all tests that run meanwhile.
    pub fn sample(engine: Engine) -> Self {
        Self::on(prepared(engine).copy())
    }

    /// The same database, copied.
    pub fn copy(&self) -> Self {
        Self::on(self.database.copy())
    }

    /// With a variable set for all commands.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.cli = self.cli.env(name, value);
        self
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        let database = ["--database", &self.database.url];
        self.cli.run(&[arguments, &database].concat())
    }

    /// Runs a command that must succeed; what it printed.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.code(), 0, "{arguments:?}\n{}", done.err());
        done.out().to_owned()
    }

    /// Runs a command that must fail with this code and print nothing; what it told.
    pub fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        let found = (done.code(), done.out());
        assert_eq!(found, (code, ""), "{arguments:?}\n{}", done.err());
        done.err().to_owned()
    }

    /// Imports a folder, or a file with what belongs to it; the report.
    pub fn import(&self, path: &Path, more: &[&str]) -> Value {
        let path = path.to_str().unwrap();
        let arguments = ["import", path, "--by", "示例员", "--json"];
        serde_json::from_str(&self.ok(&[&arguments, more].concat())).unwrap()
    }

    pub fn scores(&self, more: &[&str]) -> String {
        self.ok(&[&["scores", "--format", "csv"], more].concat())
    }

    /// All rows of all tables as text, each table sorted.
    pub fn tables(&self) -> BTreeMap<String, Vec<String>> {
        tables(&self.database.open())
    }

    /// How many rows each table has.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let tables = self.tables().into_iter();
        tables.map(|(name, rows)| (name, rows.len())).collect()
    }
}

fn prepared(engine: Engine) -> Arc<TestDatabase> {
    static SQLITE: Mutex<Weak<TestDatabase>> = Mutex::new(Weak::new());
    static POSTGRES: Mutex<Weak<TestDatabase>> = Mutex::new(Weak::new());
    let place = match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
    };
    let mut place = place.lock().unwrap_or_else(|poison| poison.into_inner());
    if let Some(ready) = place.upgrade() {
        return ready;
    }
    let world = World::empty(engine);
    world.ok(&["demo", "--once"]);
    let ready = Arc::new(world.database);
    *place = Arc::downgrade(&ready);
    ready
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, sqlite: &str, postgres: &str) -> Vec<String> {
    let lines: Vec<Line> = match conn {
        Conn::Sqlite(conn) => sql_query(sqlite).load(conn),
        Conn::Postgres(conn) => sql_query(postgres).load(conn),
    }
    .unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

/// The column `line` of what is asked for in the words of both engines.
pub fn query(store: &Store, sql: &str) -> Vec<String> {
    lines(&mut store.connection().unwrap(), sql, sql)
}

/// How many rows one table has.
pub fn count(store: &Store, table: &str) -> usize {
    let count = format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}");
    query(store, &count)[0].parse().unwrap()
}

fn tables(store: &Store) -> BTreeMap<String, Vec<String>> {
    let mut conn = store.connection().unwrap();
    let names = lines(
        &mut conn,
        "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        "SELECT table_name AS line FROM information_schema.tables WHERE table_schema = 'public'",
    );
    let rows = |conn: &mut Conn, name: &str| {
        let columns = match conn {
            Conn::Sqlite(_) => {
                let quoted = format!(
                    "SELECT 'quote(' || name || ')' AS line FROM pragma_table_info('{name}')"
                );
                lines(conn, &quoted, "").join(" || '|' || ")
            }
            Conn::Postgres(_) => String::new(),
        };
        let mut rows = lines(
            conn,
            &format!("SELECT {columns} AS line FROM {name}"),
            &format!("SELECT it::text AS line FROM {name} it"),
        );
        rows.sort();
        rows
    };
    let mut all = BTreeMap::new();
    for name in names {
        all.insert(name.clone(), rows(&mut conn, &name));
    }
    assert!(all.len() > 10, "{:?}", all.keys());
    all
}
